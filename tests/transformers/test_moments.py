"""Moments of maps: mean, minimum, maximum and standard deviation of every path."""

import numpy as np
import pytest

from sklearn_scat import RotoTranslationScattering, ScatteringTransformer

KINDS = [ScatteringTransformer, RotoTranslationScattering]


@pytest.fixture
def X():
    return np.random.default_rng(0).normal(size=(4, 2, 16, 24))


@pytest.mark.parametrize("kind", KINDS)
def test_moments_are_those_of_the_maps(kind, X):
    maps = kind(J=2, L=4, output="maps").fit_transform(X)
    pooled = kind(J=2, L=4, pooling="moments", output="maps").fit_transform(X)
    expected = [f(maps, axis=(2, 3)) for f in (np.mean, np.min, np.max, np.std)]
    np.testing.assert_allclose(pooled[..., 0], np.stack(expected, -1), atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_first_moments_are_the_means_of_mean_pooling(kind, X):
    moments = kind(J=2, L=4, pooling="moments").fit_transform(X).reshape(4, -1, 4)
    means = kind(J=2, L=4, pooling="mean").fit_transform(X)
    np.testing.assert_allclose(moments[..., 0], means, rtol=1e-12)
    assert np.all(moments[..., 1] <= moments[..., 0])
    assert np.all(moments[..., 0] <= moments[..., 2])
    assert np.all(moments[..., 3] >= 0)


def test_names_say_the_moment(X):
    model = ScatteringTransformer(J=1, L=2, pooling="moments").fit(X)
    names = model.get_feature_names_out()
    assert len(set(names)) == len(names) == model.transform(X).shape[1]
    assert [name.rsplit("_", 1)[1] for name in names[:4]] == [
        "mean",
        "min",
        "max",
        "std",
    ]
    assert names[0].startswith("c0_")


def test_images_of_several_sizes_have_moments(X):
    images = [X[0], X[1, :, :12, :20]]
    model = ScatteringTransformer(J=2, L=4, pooling="moments").fit(images)
    alone = [
        ScatteringTransformer(J=2, L=4, pooling="moments").fit_transform(x[None])[0]
        for x in images
    ]
    np.testing.assert_allclose(model.transform(images), alone, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("pooling", ["mean", "moments"])
def test_lipschitz_bound_holds_under_pooling(pooling, X):
    model = ScatteringTransformer(J=2, L=4, pooling=pooling, frame="contractive").fit(X)
    spike = np.zeros_like(X)
    spike[..., 8, 8] = 3
    for Y in (X[::-1], X + 0.1, X + spike):
        moved = np.linalg.norm(model.transform(X) - model.transform(Y), axis=1)
        given = np.linalg.norm((X - Y).reshape(4, -1), axis=1)
        assert np.all(moved <= model.lipschitz_bound_ * given)


def test_module_gives_the_same_with_finite_gradients():
    import torch

    from sklearn_scat.transformers._module import ScatteringFeatures

    X = np.random.default_rng(0).normal(size=(2, 8, 8))
    X[1] = 1  # all positions alike: deviations are 0
    model = ScatteringTransformer(J=2, L=2, pooling="moments").fit(X)
    x = torch.tensor(X, requires_grad=True)
    features = ScatteringFeatures(model)(x)
    np.testing.assert_allclose(features.detach(), model.transform(X), atol=1e-7)
    features.sum().backward()
    assert torch.isfinite(x.grad).all()


def test_small_defect_moves_extremes_more_than_means():
    X = np.random.default_rng(0).normal(size=(2, 64, 64))
    X[1] = X[0]
    X[1, 30:34, 30:34] += 5
    S = ScatteringTransformer(J=3, pooling="moments").fit_transform(X).reshape(2, -1, 4)
    order_1 = S[:, 1:25]
    change = np.abs(order_1[1] / order_1[0] - 1).mean(axis=0)
    assert change[2] > 2 * change[0]
