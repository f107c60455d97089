"""Coefficients stored in float16 are those of float32, rounded once."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import make_pipeline

from sklearn_scat import (
    NormalizedScattering,
    RotoTranslationScattering,
    ScatteringTransformer,
)
from sklearn_scat.feature_cache import info

each = pytest.mark.parametrize(
    "Scattering", [ScatteringTransformer, RotoTranslationScattering]
)


@pytest.fixture
def X(rng):
    return rng.random((5, 2, 12, 16), dtype=np.float32)


@each
@pytest.mark.parametrize("engine", ["auto", "torch"])
@pytest.mark.parametrize("pooling", [None, "mean"])
def test_results_are_those_of_float32_rounded(X, Scattering, engine, pooling):
    parameters = {"engine": engine, "pooling": pooling, "batch_size": 2}
    S = Scattering(**parameters).fit_transform(X)

    for images in (X, X.astype(np.float64)):
        halved = Scattering(dtype="float16", **parameters).fit_transform(images)

        assert halved.dtype == np.float16
        assert_array_equal(halved, S.astype(np.float16))
    assert np.all(np.abs(halved - S) <= np.maximum(2**-11 * np.abs(S), 3e-8))


def test_images_of_several_sizes_and_memory_maps_are_rounded(X, tmp_path):
    images = [X[0], X[1, :, :8], X[2]]
    S = ScatteringTransformer(pooling="mean").fit_transform(images)
    scattering = ScatteringTransformer(pooling="mean", dtype="float16").fit(images)
    out = np.lib.format.open_memmap(tmp_path / "S.npy", "w+", np.float16, S.shape)

    assert scattering.transform(images, out=out) is out

    assert_array_equal(out, S.astype(np.float16))
    with pytest.raises(ValueError, match="dtype float16; got an array of shape"):
        scattering.transform(images, out=np.empty_like(S))


def test_caches_hold_half_as_much_and_are_told_apart(X, tmp_path):
    plain, halved = (
        ScatteringTransformer(cache=tmp_path / str(dtype), dtype=dtype)
        for dtype in (None, "float16")
    )
    expected = halved.fit_transform(X)
    S = plain.fit_transform(X)

    assert_array_equal(halved.transform(X), expected)
    kept = info(tmp_path / "float16")
    assert (kept.computed, kept.read) == (5, 5)
    assert kept.bytes < 0.6 * info(tmp_path / "None").bytes
    together = plain.set_params(cache=tmp_path / "float16")
    assert_array_equal(together.transform(X), S)
    assert_array_equal(halved.transform(X), expected)


@pytest.mark.parametrize("engine", ["auto", "torch"])
def test_what_float16_cannot_hold_is_refused(X, engine):
    scattering = ScatteringTransformer(dtype="float16", engine=engine)
    with pytest.raises(ValueError, match=r"coefficient of .* is beyond 65504.*by 255"):
        scattering.fit_transform(1e6 * X)


def test_normalisation_computes_in_float32(X):
    S = NormalizedScattering(ScatteringTransformer(), "log").fit_transform(X)
    scattering = ScatteringTransformer(dtype="float16")
    halved = NormalizedScattering(scattering, "log").fit_transform(X)

    assert halved.dtype == np.float32
    np.testing.assert_allclose(halved, S, rtol=2e-3, atol=1e-4)


def test_classifiers_take_rounded_features(X):
    y = np.arange(5) % 2
    decisions = [
        make_pipeline(ScatteringTransformer(dtype=dtype), RidgeClassifier(1e-2))
        .fit(X, y)
        .decision_function(X)
        for dtype in (None, "float16")
    ]
    np.testing.assert_allclose(*decisions, atol=2e-2)
    assert np.abs(decisions[0]).max() > 0.5
