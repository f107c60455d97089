"""A pooling is one object: a second one costs one class and its line in the table."""

import numpy as np
import pytest
import torch
from sklearn.utils._param_validation import StrOptions

from sklearn_scat import RotoTranslationScattering, ScatteringTransformer
from sklearn_scat.transformers._base import ScatteringBase
from sklearn_scat.transformers._module import ScatteringFeatures
from sklearn_scat.transformers._poolings import POOLINGS

ESTIMATORS = (ScatteringTransformer, RotoTranslationScattering)


class MaxPooling:
    """The largest value of each path."""

    in_cascade = False

    def sides(self, sides):
        return (1, 1)

    def names(self):
        return [""]

    def write(self, maps, out):
        np.max(maps, axis=(-2, -1), keepdims=True, out=out)

    def of_arrays(self, S):
        return S.amax((-2, -1), keepdim=True)

    def gain(self, sides):
        return 1.0


@pytest.fixture
def with_max(monkeypatch):
    monkeypatch.setitem(POOLINGS, "max", MaxPooling())
    options = [None, StrOptions(set(POOLINGS))]
    for Estimator in (ScatteringBase, *ESTIMATORS):
        monkeypatch.setitem(Estimator._parameter_constraints, "pooling", options)


@pytest.mark.parametrize(
    "Estimator", [ScatteringTransformer, RotoTranslationScattering]
)
@pytest.mark.parametrize(("pooling", "function"), [("mean", np.mean), ("max", np.max)])
def test_pooling_is_a_function_of_the_maps(with_max, rng, Estimator, pooling, function):
    x = rng.normal(size=(3, 2, 16, 20))
    maps = Estimator(L=4, output="maps").fit_transform(x)
    model = Estimator(L=4, pooling=pooling).fit(x)

    S = model.transform(x)

    np.testing.assert_allclose(S, function(maps, axis=(-2, -1)), rtol=1e-12)
    assert model.output_shape_ == (2, len(model.paths_), 1, 1)
    assert len(model.get_feature_names_out()) == S.shape[1]
    module = ScatteringFeatures(model)
    np.testing.assert_allclose(module(torch.from_numpy(x)).numpy(), S, rtol=1e-9)


@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_images_of_several_sizes_are_pooled_as_alone(with_max, rng, pooling):
    images = [rng.normal(size=shape) for shape in [(16, 20), (24, 16), (16, 20)]]
    model = ScatteringTransformer(L=4, pooling=pooling).fit(images)

    S = model.transform(images)

    for image, row in zip(images, S, strict=True):
        alone = ScatteringTransformer(L=4, pooling=pooling).fit_transform(image[None])
        np.testing.assert_allclose(row, alone[0], rtol=1e-12)


@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_bound_follows_the_pooling(with_max, rng, pooling):
    x, y = rng.normal(size=(2, 1, 16, 16))
    model = ScatteringTransformer(pooling=pooling, frame="contractive").fit(x)
    moved = np.linalg.norm(model.transform(x) - model.transform(y))
    assert moved <= model.lipschitz_bound_ * np.linalg.norm(x - y)
    plain = ScatteringTransformer(frame="contractive").fit(x).lipschitz_bound_
    assert (model.lipschitz_bound_ < plain) == (pooling == "mean")
