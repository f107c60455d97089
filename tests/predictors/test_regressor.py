"""A regressor that chooses its recipe."""

import numpy as np
import pytest

import sklearn_scat
from sklearn_scat import ScatteringRegressor
from sklearn_scat.datasets import load_digits_images, make_textures
from sklearn_scat.recipes import REGRESSIONS


@pytest.fixture(scope="module")
def ink():
    """Return digits, and how much of each is dark, in per cent."""
    X, _ = load_digits_images(return_X_y=True)
    X = X[:200].astype(np.float32)
    return X, 100 * (X > 8).mean(axis=1)


@pytest.fixture(scope="module")
def fitted(ink):
    X, y = ink
    return ScatteringRegressor().fit(X[:120], y[:120])


def test_least_error_is_chosen_and_told(ink, fitted):
    X, y = ink
    table = fitted.cv_results_
    chosen = int(np.argmin(table["loss"]))
    assert table["recipe"][chosen] == fitted.recipe_
    assert fitted.score(X[120:], y[120:]) > 0.8
    error = np.sqrt(np.mean((fitted.predict(X[120:]) - y[120:]) ** 2))
    assert fitted.error_ / 2 < error < 2 * fitted.error_


def test_units_of_the_values_change_nothing_but_units(ink, fitted):
    X, y = ink
    other = ScatteringRegressor().fit(X[:120], 1000 + 5 * y[:120])
    np.testing.assert_allclose(
        other.predict(X[120:]), 1000 + 5 * fitted.predict(X[120:]), rtol=1e-4
    )
    assert other.recipe_ == fitted.recipe_


def test_image_of_weight_two_counts_as_two(ink):
    X, y = ink
    weight = np.where(np.arange(50) < 10, 2, np.arange(50) < 45)
    rows = np.repeat(np.arange(50), weight)
    weighted = ScatteringRegressor().fit(X[:50], y[:50], sample_weight=weight)
    repeated = ScatteringRegressor().fit(X[rows], y[rows])
    np.testing.assert_array_equal(weighted.predict(X[50:]), repeated.predict(X[50:]))


def test_model_is_saved_without_pickle(ink, fitted, tmp_path):
    X, _ = ink
    sklearn_scat.save(tmp_path / "model.scat", fitted)
    loaded = sklearn_scat.load(tmp_path / "model.scat")
    np.testing.assert_array_equal(loaded.predict(X), fitted.predict(X))


def test_wavelength_of_textures_of_several_sizes():
    rng = np.random.default_rng(0)
    values = rng.uniform(4, 16, 40)
    images = [
        make_textures(
            1,
            image_shape=[(64, 64), (56, 72)][i % 2],
            kinds=["gaussian-ring"],
            wavelength=value,
            random_state=i,
        )[0][0]
        for i, value in enumerate(values)
    ]
    model = ScatteringRegressor().fit(images[:30], values[:30])
    names = {"values_linear", "values_rbf", "moments_rbf"}
    assert set(model.cv_results_["recipe"]) == names
    assert names < set(REGRESSIONS)
    assert model.score(images[30:], values[30:]) > 0.9


def test_constant_values_are_predicted():
    X = np.random.default_rng(0).normal(size=(12, 16, 16))
    model = ScatteringRegressor("values_rbf").fit(X, np.full(12, 7.0))
    np.testing.assert_allclose(model.predict(X), 7)


def test_values_that_are_no_numbers_are_refused():
    X = np.random.default_rng(0).normal(size=(4, 16, 16))
    with pytest.raises(ValueError, match="y contains NaN or infinity"):
        ScatteringRegressor().fit(X, [1, 2, np.nan, 3])
