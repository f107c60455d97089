"""What is done to maps around the cascade: averages over paths, extreme units."""

import numpy as np
import pytest

from sklearn_scat import RotoTranslationScattering, ScatteringTransformer

VARIANTS = [
    {},
    {"engine": "torch"},
    {"pooling": "mean"},
    {"orientation_pooling": True},
    {"kind": RotoTranslationScattering, "pooling": "mean"},
]


@pytest.fixture
def images():
    return np.random.default_rng(0).normal(size=(3, 2, 32, 32)).astype(np.float32)


@pytest.mark.filterwarnings("ignore::sklearn_scat.PixelRangeWarning")
@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize(
    ("dtype", "exponents"),
    [
        (np.float32, [-120, -70, -62, -50, 59, 62, 66, 70, 100, 116]),
        (np.float64, [-900, -520, -420, 420, 515, 900, 1000]),
    ],
)
def test_scattering_is_homogeneous_in_extreme_units(images, dtype, exponents, variant):
    images = images.astype(dtype)
    variant = dict(variant)
    scattering = variant.pop("kind", ScatteringTransformer)(J=3, **variant).fit(images)
    S = scattering.transform(images)
    for exponent in exponents:
        scaled = scattering.transform(np.ldexp(images, exponent))
        assert scaled.dtype == dtype
        # bits beyond the smallest normal number of float32 are lost
        np.testing.assert_allclose(
            np.ldexp(scaled, -exponent), S, rtol=1e-6, atol=1e-7, err_msg=exponent
        )


def test_extreme_images_leave_the_others_alone(images):
    scattering = ScatteringTransformer(J=3).fit(images)
    mixed = np.concatenate([np.ldexp(images[:1], -100), images[1:], 0 * images[:1]])
    S = scattering.transform(mixed)
    np.testing.assert_array_equal(S[1:3], scattering.transform(images[1:]))
    assert not S[3].any()


def test_orientation_pooling_averages_common_rotations(images):
    full = ScatteringTransformer(J=3, L=6).fit(images)
    pooled = ScatteringTransformer(J=3, L=6, orientation_pooling=True).fit(images)
    S = full.transform(images).reshape(3, *full.output_shape_)
    T = pooled.transform(images).reshape(3, *pooled.output_shape_)
    assert len(pooled.paths_) == 1 + 3 + 6 * 3
    for i, path in enumerate(pooled.paths_):
        p = full.paths_
        same = (p["order"] == path["order"]) & (p["j1"] == path["j1"])
        same &= p["j2"] == path["j2"]
        if path["order"] == 2:
            same &= (p["theta2"] - p["theta1"]) % 6 == path["theta2"]
        np.testing.assert_allclose(T[:, :, i], S[:, :, same].mean(axis=2), atol=1e-6)


def test_orientation_pooling_ignores_quarter_turns():
    x = np.random.default_rng(1).normal(size=(1, 32, 32))
    turned = np.roll(np.rot90(x, axes=(1, 2)), 1, axis=1)
    keywords = {"J": 2, "padding": "periodic", "pooling": "mean", "oversampling": 2}
    pooled = ScatteringTransformer(orientation_pooling=True, **keywords).fit(x)
    S = pooled.transform(x)
    assert np.abs(pooled.transform(turned) - S).max() <= 1e-10 * np.abs(S).max()
    plain = ScatteringTransformer(**keywords).fit(x)
    S = plain.transform(x)
    assert np.abs(plain.transform(turned) - S).max() >= 1e-3 * np.abs(S).max()


def test_poolings_combine(images):
    keywords = {"J": 2, "orientation_pooling": True}
    maps = ScatteringTransformer(output="maps", **keywords).fit_transform(images)
    means = ScatteringTransformer(pooling="mean", **keywords).fit_transform(images)
    np.testing.assert_allclose(means, maps.mean(axis=(-2, -1)), atol=1e-6)
    names = ScatteringTransformer(pooling="mean", **keywords).fit(images)
    assert len(set(names.get_feature_names_out())) == means.shape[1]
