"""Measures of organisation, on scattering's angles, where the truth is known."""

import numpy as np
import pytest

from sklearn_scat import ScatteringTransformer
from sklearn_scat.analysis import mode_shares, smoothness, transport
from sklearn_scat.datasets import make_textures

L = 8


def angle_maps(images):
    """First order of scattering: (n, J, L, h, w), periodic borders."""
    scattering = ScatteringTransformer(
        J=2, L=L, max_order=1, padding="periodic", output="maps", oversampling=2
    )
    maps = scattering.fit_transform(images.astype(np.float64))[:, 1:]
    return maps.reshape(len(images), 2, L, *maps.shape[-2:])


@pytest.fixture(scope="module")
def textures():
    images, y = make_textures(
        16, image_shape=(32, 32), kinds=["gaussian-ripple", "points-ripple"],
        rotate=True, random_state=0,
    )  # fmt: skip
    return images, y


@pytest.fixture(scope="module")
def layer(textures):
    return angle_maps(textures[0])


def test_scattering_is_smooth_along_its_angles(layer):
    variation = smoothness(layer, axis=2, circular=True)
    assert variation.ratio < 0.8
    assert variation.random.shape == (50,)


def test_shuffled_angles_have_smoothness_one_in_the_mean(layer):
    rng = np.random.default_rng(0)
    ratios = [
        smoothness(layer[:, :, rng.permutation(L)], axis=2, circular=True).ratio
        for _ in range(40)
    ]
    assert np.mean(ratios) == pytest.approx(1, abs=0.04)


def test_translation_by_half_the_angles_is_rotation_by_90_degrees(textures, layer):
    # the borders are periodic about pixel 0, which a quarter turn must keep in place
    turned = np.roll(np.rot90(textures[0], axes=(1, 2)), 1, axis=1)
    wanted = np.roll(np.rot90(layer, axes=(3, 4)), 1, axis=3)
    found = angle_maps(turned)
    moved = np.roll(wanted, L // 2, axis=2)
    np.testing.assert_allclose(found, moved, atol=1e-6 * np.abs(moved).max())
    assert np.abs(found - wanted).max() > 0.1 * np.abs(wanted).max()


def test_transport_finds_the_rotated_image(textures, layer):
    turned = angle_maps(np.rot90(textures[0], axes=(1, 2))).mean(axis=(3, 4))
    result = transport(layer.mean(axis=(3, 4)), axis=2, shift=L // 2, candidates=turned)
    assert result.nearest.tolist() == list(range(16))
    assert result.distance.max() < 1e-6


def test_transport_of_a_full_orbit_is_additive():
    x = np.stack([np.roll([4.0, 2, 1, 0, 0, 0], t) for t in range(6)])
    result = transport(x, axis=1, shift=1, labels=np.zeros(6))
    assert result.nearest.tolist() == [1, 2, 3, 4, 5, 0]
    assert result.additivity == pytest.approx(1)
    assert result.kept == 1


def test_transport_without_a_circle_brings_in_zeros():
    x = np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 2.0], [2.0, 3.0, 0.0]])
    assert transport(x, axis=1, circular=False).nearest[0] == 1
    back = transport(x, axis=-1, shift=-1, circular=False)
    assert back.nearest[0] == 2
    assert back.distance[0] == 0


def test_mode_shares_of_translations_lie_in_slow_modes(textures, layer):
    pooled = layer.mean(axis=(3, 4))
    modes = mode_shares(pooled, textures[1], axis=2)
    shuffled = np.random.default_rng(0).permutation(L)
    chance = mode_shares(pooled[:, :, shuffled], textures[1], axis=2)
    assert modes.cumulative[-1] == pytest.approx(1)
    assert modes.cumulative[1] > 0.6
    assert modes.cumulative[1] > chance.cumulative[1]


def test_mode_shares_take_out_the_means_of_classes():
    x = np.repeat([[1.0, 2.0, 5.0], [4.0, 0.0, 0.0]], 3, axis=0)
    y = np.repeat([0, 1], 3)
    assert not mode_shares(x, y, axis=1).share.any()
    assert mode_shares(x, axis=1).share.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: smoothness(np.ones((3, 1)), axis=1), "2 entries or more"),
        (lambda: smoothness(np.ones((3, 4)), axis=2), "axis=2 of an array"),
        (lambda: transport(np.ones((3, 4)), axis=0), "that of the samples"),
        (lambda: transport(np.ones((1, 4)), axis=1), "two or more"),
        (lambda: transport(np.eye(3), axis=1, candidates=np.eye(4)), "expected the"),
        (lambda: transport(np.eye(3), axis=1, labels=[1]), "labels are of the samples"),
        (lambda: mode_shares(np.eye(3), [0], axis=1), "for 3 samples"),
    ],
)
def test_measures_refuse(call, message):
    with pytest.raises(ValueError, match=message):
        call()
