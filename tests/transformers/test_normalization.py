import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline

from sklearn_scat import NormalizedScattering, ScatteringTransformer

METHODS = ["sqrt", "log", "renorm", "standard"]


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).uniform(size=(6, 2, 12, 8))


def maps_of(transformer, X):
    return transformer.transform(X).reshape(len(X), *transformer.output_shape_)


def scattering_maps(X, **parameters):
    scattering = ScatteringTransformer(**parameters).fit(X)
    return maps_of(scattering, X), scattering.paths_


def expected_parent(paths, p):
    """Index of the path that lacks the last wavelet of path p, by its definition."""
    wanted = list(paths[p].tolist())
    order = wanted[0]
    wanted[0] -= 1
    wanted[2 * order - 1 : 2 * order + 1] = [-1, -1]
    return paths.tolist().index(tuple(wanted))


@pytest.mark.parametrize("pooling", [None, "mean"])
def test_square_root_is_of_the_absolute_value(images, pooling):
    X = images - 0.5  # order 0 takes both signs
    S, _ = scattering_maps(X, J=1, pooling=pooling)
    assert (S < 0).any()
    ours = NormalizedScattering(ScatteringTransformer(J=1, pooling=pooling)).fit(X)
    assert_allclose(maps_of(ours, X), np.sqrt(np.abs(S)), rtol=1e-12)


@pytest.mark.parametrize("pooling", [None, "mean"])
def test_logarithm_adds_a_share_of_each_path_s_mean_per_channel(images, pooling):
    images = images * [[[1]], [[100]]] - 0.3
    S, _ = scattering_maps(images, J=2, L=3, pooling=pooling)
    scattering = ScatteringTransformer(J=2, L=3, pooling=pooling)
    ours = NormalizedScattering(scattering, "log", eps=0.01).fit(images)
    eps = 0.01 * np.abs(S).mean(axis=(0, 3, 4))
    assert ours.eps_.shape == S.shape[1:3]
    assert_allclose(ours.eps_, eps, rtol=1e-12)
    expected = np.log(np.abs(S) + eps[:, :, None, None])
    assert_allclose(maps_of(ours, images), expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("max_order", [1, 2, 3])
def test_renormalisation_divides_by_the_parent_at_the_same_position(images, max_order):
    parameters = {"J": 3, "L": 2, "max_order": max_order}
    S, paths = scattering_maps(images, **parameters)
    scattering = ScatteringTransformer(**parameters)
    ours = NormalizedScattering(scattering, "renorm", eps=0.1).fit(images)
    eps = 0.1 * np.abs(S).mean(axis=(0, 3, 4))[:, :, None, None]
    result = maps_of(ours, images)
    for p in range(len(paths)):
        expected = S[:, :, p]
        if paths["order"][p] >= 2:
            q = expected_parent(paths, p)
            expected = expected / (np.abs(S[:, :, q]) + eps[:, q])
        assert_allclose(result[:, :, p], expected, rtol=1e-10)


@pytest.mark.parametrize("pooling", [None, "mean"])
def test_standardised_paths_have_mean_0_and_deviation_1(images, pooling):
    scattering = ScatteringTransformer(J=2, L=4, pooling=pooling)
    ours = NormalizedScattering(scattering, "standard").fit(images)
    result = maps_of(ours, images)
    assert_allclose(result.mean(axis=(0, 3, 4)), 0, atol=1e-10)
    assert_allclose(result.std(axis=(0, 3, 4)), 1, rtol=1e-10)
    S, _ = scattering_maps(images, J=2, L=4, pooling=pooling)
    step = (S[1, 1, 7] - S[0, 1, 7]) / ours.scale_[1, 7]
    assert_allclose(result[1, 1, 7] - result[0, 1, 7], step, rtol=1e-8)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8])
def test_constant_images_give_finite_small_numbers(method, dtype):
    X = np.full((4, 8, 8), 200, dtype)
    result = NormalizedScattering(method=method).fit_transform(X)
    assert np.isfinite(result).all()
    assert np.abs(result).max() < 250
    black = np.zeros((4, 8, 8), dtype)
    result = NormalizedScattering(method=method).fit_transform(black)
    assert np.isfinite(result).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_standardised_constant_is_zero_not_noise(dtype):
    X = np.full((4, 8, 8), 200, dtype)
    result = NormalizedScattering(method="standard").fit_transform(X)
    assert np.abs(result).max() < 1e-3  # noise over its deviation would be about 1


@pytest.mark.parametrize("method", ["log", "renorm", "standard"])
def test_scaling_of_all_images_changes_units_alone(method, images):
    plain = NormalizedScattering(method=method).fit(images)
    bright = NormalizedScattering(method=method).fit(255 * images)
    factor, shift = np.ones(81), 0
    if method == "log":
        shift = np.log(255)
    if method == "renorm":
        factor = np.where(plain.paths_["order"] < 2, 255, 1)
    expected = maps_of(plain, images) * factor[:, None, None] + shift
    assert_allclose(maps_of(bright, 255 * images), expected, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_learned_from_test_images(method, images):
    ours = NormalizedScattering(method=method).fit(images[:4])
    before = pickle.dumps(ours)
    result = ours.transform(images[4:])
    assert_allclose(ours.transform(images[:3:-1])[::-1], result, rtol=1e-9, atol=1e-12)
    for i in (0, 1):
        alone = ours.transform(images[4 + i : 5 + i])
        assert_allclose(alone[0], result[i], rtol=1e-9, atol=1e-12)
    assert pickle.dumps(ours) == before


@pytest.mark.parametrize("method", METHODS)
def test_fit_transform_equals_fit_then_transform(method, images):
    ours = NormalizedScattering(method=method)
    assert_array_equal(ours.fit_transform(images), ours.fit(images).transform(images))


@pytest.mark.parametrize("method", METHODS)
def test_refit_forgets(method, images):
    used = NormalizedScattering(ScatteringTransformer(J=1), "log").fit(images)
    used.set_params(method="standard").fit(images[:, :, :8, :8])
    used.set_params(method=method, scattering__J=2).fit(images)
    fresh = NormalizedScattering(method=method).fit(images)
    assert sorted(vars(used)) == sorted(vars(fresh))
    assert_array_equal(used.transform(images), fresh.transform(images))
    for name in ("eps_", "mean_", "scale_"):
        assert (getattr(used, name) is None) == (getattr(fresh, name) is None)


@pytest.mark.parametrize("method", METHODS)
def test_single_precision_is_kept_and_agrees_with_double(method, images):
    ours = NormalizedScattering(method=method).fit(images)
    single = NormalizedScattering(method=method).fit(images.astype(np.float32))
    result = single.transform(images.astype(np.float32))
    assert result.dtype == np.float32
    assert_allclose(result, ours.transform(images), rtol=1e-3, atol=2e-3)


@pytest.mark.parametrize("output", ["features", "maps"])
@pytest.mark.parametrize("method", METHODS)
def test_inverse_gives_back_the_coefficients(method, output, images):
    scattering = ScatteringTransformer(J=2, L=2, max_order=3, output=output)
    normalized = NormalizedScattering(scattering, method=method).fit(images)
    S = normalized.scattering_.transform(images)

    back = normalized.inverse_transform(normalized.transform(images))

    expected = np.abs(S) if method in ("sqrt", "log") else S
    assert_allclose(back, expected, atol=1e-5 * np.abs(S).max())
    with pytest.raises(ValueError, match="coefficients a row, as of transform"):
        normalized.inverse_transform(np.ones((2, 7)))


@pytest.mark.parametrize("method", METHODS)
def test_maps_are_the_features_in_their_shape(method, images):
    features = NormalizedScattering(method=method).fit_transform(images)
    maps = NormalizedScattering(ScatteringTransformer(output="maps"), method)
    assert_array_equal(maps.fit_transform(images), features.reshape(6, 2 * 81, 3, 2))
    with pytest.raises(ValueError, match="no pandas table holds"):
        maps.set_output(transform="pandas").transform(images)


def test_tables_carry_the_names_of_the_scattering(images):
    ours = NormalizedScattering(ScatteringTransformer().set_output(transform="pandas"))
    assert isinstance(ours.fit_transform(images), np.ndarray)
    table = ours.set_output(transform="pandas").transform(images)
    names = ScatteringTransformer().fit(images).get_feature_names_out()
    assert_array_equal(table.columns, names)
    assert_array_equal(ours.get_feature_names_out(), names)


def test_given_scattering_is_cloned(images):
    scattering = ScatteringTransformer(J=1)
    ours = NormalizedScattering(scattering).fit(images)
    assert not hasattr(scattering, "J_")
    assert ours.scattering_ is not scattering
    assert ours.get_params()["scattering__J"] == 1


def test_search_over_scales_equals_fresh_pipelines():
    X, y = load_digits(return_X_y=True)
    X, y = X[:60], y[:60]

    def pipeline(J, method):
        return make_pipeline(
            NormalizedScattering(ScatteringTransformer(J, L=2), method),
            NearestCentroid(),
        )

    grid = {
        "normalizedscattering__scattering__J": [1, 2],
        "normalizedscattering__method": ["sqrt", "standard"],
    }
    search = GridSearchCV(pipeline(0, "sqrt"), grid, cv=2).fit(X, y)
    for parameters, score in zip(
        search.cv_results_["params"],
        search.cv_results_["mean_test_score"],
        strict=True,
    ):
        fresh = pipeline(*reversed([parameters[key] for key in sorted(grid)]))
        assert_allclose(cross_val_score(fresh, X, y, cv=2).mean(), score)


class OrientationAveraged(TransformerMixin, BaseEstimator):
    """A scattering of other paths, with fields of their own."""

    def fit(self, X, y=None):
        self.n_features_in_ = np.shape(X)[1]
        fields = ["order", "j1", "theta1", "j2", "theta2", "k"]
        rows = [
            (0, -1, -1, -1, -1, -1),
            (1, 0, 0, -1, -1, -1),
            (1, 0, 1, -1, -1, -1),
            (1, 1, 0, -1, -1, -1),
            (2, 0, -1, 1, 0, 0),  # averaged over the first angle
            (2, 0, 1, 1, 0, 1),
        ]
        self.paths_ = np.array(rows, [(field, int) for field in fields])
        self.output_shape_ = (1, 6, 1, 1)
        return self

    def transform(self, X):
        return np.array(X, float)

    def get_feature_names_out(self, input_features=None):
        return np.array([f"s{p}" for p in range(6)], object)


def test_other_path_tables_find_their_parents():
    X = np.array([[9.0, 1, 3, 7, 10, 12]])
    ours = NormalizedScattering(OrientationAveraged(), "renorm", eps=1e-12)
    assert_allclose(ours.fit_transform(X), [[9, 1, 3, 7, 10 / 2, 12 / 3]])


@pytest.mark.parametrize(
    "parameters", [{"method": "exp"}, {"eps": 0}, {"eps": -1.0}, {"scattering": 3}]
)
def test_illegal_parameter_is_named(parameters, images):
    with pytest.raises(ValueError, match=next(iter(parameters))):
        NormalizedScattering(**parameters).fit(images)
