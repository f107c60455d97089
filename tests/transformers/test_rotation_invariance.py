"""Roto-translation scattering ignores rotation by any angle, and tells images apart."""

import numpy as np
import pytest
from scipy.ndimage import rotate
from sklearn.datasets import load_sample_image

from sklearn_scat import RotoTranslationScattering, ScatteringTransformer

SIDE, MARGIN = 128, 32
ANGLES = [5, 10, 15, 22.5, 30, 45, 60, 75, 90]


@pytest.fixture(scope="module")
def photographs():
    """Grey photographs in [0, 1]."""
    names = ("china.jpg", "flower.jpg")
    return {name: load_sample_image(name).mean(-1) / 255 for name in names}


def windowed_crop(photograph, corner, degrees):
    """Turn a photograph about the middle of a crop, and fade it out to a circle."""
    top, left = (c - MARGIN for c in corner)
    side = SIDE + 2 * MARGIN  # what turns into the corners is beyond the circle
    square = photograph[top : top + side, left : left + side]
    turned = rotate(square - square.mean(), degrees, reshape=False, order=3)
    u = np.arange(SIDE) - (SIDE - 1) / 2
    radius = np.minimum(np.hypot(u[:, None], u) / (SIDE / 2), 1)
    crop = turned[MARGIN:-MARGIN, MARGIN:-MARGIN] * np.cos(np.pi / 2 * radius) ** 2
    return crop.astype(np.float32)


def relative_change(S, reference):
    return np.linalg.norm(S - reference, axis=-1) / np.linalg.norm(reference)


@pytest.mark.parametrize("corner", [(100, 150), (150, 300), (200, 200)])
def test_any_angle_changes_rigid_features_little(photographs, corner):
    photograph = photographs["china.jpg"]
    X = np.stack([windowed_crop(photograph, corner, a) for a in [0, *ANGLES]])
    other = windowed_crop(photographs["flower.jpg"], (200, 300), 0)
    parameters = {"J": 3, "L": 8, "pooling": "mean", "padding": "periodic"}
    rigid = RotoTranslationScattering(K=3, **parameters).fit(X)
    plain = ScatteringTransformer(**parameters).fit(X)
    S, S_plain = rigid.transform(X), plain.transform(X)

    change = relative_change(S[1:], S[0])

    assert change.max() <= 0.05
    assert np.all(relative_change(S_plain[1:], S_plain[0]) >= 3 * change)
    assert relative_change(rigid.transform(other[None]), S[0])[0] >= 0.2


def test_separable_features_follow_the_rotation(photographs):
    """The form that keeps absolute angles moves as translation scattering does."""
    photograph = photographs["china.jpg"]
    X = np.stack([windowed_crop(photograph, (200, 200), a) for a in (0, 45)])
    parameters = {"J": 3, "pooling": "mean", "padding": "periodic"}
    separable = RotoTranslationScattering(form="separable", **parameters).fit(X)

    S = separable.transform(X)

    assert relative_change(S[1], S[0]) >= 0.2
