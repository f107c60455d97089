"""Recipes choose inside what they are given, and each classifies digits."""

import numpy as np
import pytest
from sklearn.base import clone

from sklearn_scat import feature_cache
from sklearn_scat.benchmark import RECIPES, Case, ImageSet, find_case, find_recipe
from sklearn_scat.benchmark._runs import draw, with_storage


@pytest.fixture(scope="module")
def digits():
    return find_case("digits").load(None)


@pytest.mark.parametrize("name", RECIPES)
def test_recipe_beats_chance_with_labels_of_any_kind(name, digits):
    names = np.array([f"digit {k}" for k in range(10)])
    target = names[digits.target]
    drawn, rest = draw(target, 20, seed=0)
    rows = digits.images.reshape(len(target), -1)
    search = RECIPES[name](digits.image_shape, 2, 0).fit(rows[drawn], target[drawn])
    assert search.n_splits_ == 2
    assert search.score(rows[rest[:300]], target[rest[:300]]) > 0.5


@pytest.mark.parametrize("name", RECIPES)
def test_recipe_with_one_image_a_class_searches_nothing(name, digits):
    drawn, rest = draw(digits.target, 10, seed=0)
    rows = digits.images.reshape(len(digits.images), -1)
    estimator = RECIPES[name](digits.image_shape, 1, 0)
    assert not hasattr(estimator, "param_grid")
    estimator.fit(rows[drawn], digits.target[drawn])
    assert estimator.score(rows[rest[:300]], digits.target[rest[:300]]) > 0.3


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize(("n_per_class", "n_folds"), [(2, 2), (5, 5), (50, 5)])
def test_recipe_has_no_more_folds_than_images_of_a_class(name, n_per_class, n_folds):
    search = RECIPES[name]((32, 32), n_per_class, 0)
    assert search.cv.get_n_splits() == n_folds


def test_scattering_recipe_searches_scales_that_fit_the_image():
    assert RECIPES["scattering"]((3, 8, 20), 5, 0).param_grid["scattering__J"] == [2, 3]
    assert RECIPES["scattering"]((3, 20), 5, 0).param_grid["scattering__J"] == [1]
    assert RECIPES["scattering"]((1, 20), 5, 0).param_grid["scattering__J"] == [0]


def test_rotation_changes_no_decision(digits):
    drawn, rest = draw(digits.target, 50, seed=1)
    rows = digits.images.reshape(len(digits.images), -1).astype(float)
    rotated = RECIPES["pixels"](digits.image_shape, 5, 0).estimator
    rotated.set_params(svm__C=1e-3, svm__tol=1e-8, svm__max_iter=100_000)
    plain = clone(rotated).set_params(rotation="passthrough")
    decisions = [
        pipeline.fit(rows[drawn], digits.target[drawn]).decision_function(rows[rest])
        for pipeline in (rotated, plain)
    ]
    np.testing.assert_allclose(*decisions, rtol=0, atol=1e-5 * np.ptp(decisions[0]))


def test_storage_changes_no_score(digits, tmp_path):
    drawn, rest = draw(digits.target, 20, seed=2)
    rows = digits.images.reshape(len(digits.images), -1)
    search = RECIPES["scattering"](digits.image_shape, 2, 0)
    kept = with_storage(
        search, memory=str(tmp_path / "memory"), cache=str(tmp_path / "cache")
    )
    scores, predictions = [], []
    for estimator in (search, kept):
        estimator.fit(rows[drawn], digits.target[drawn])
        scores.append(estimator.cv_results_["mean_test_score"])
        predictions.append(estimator.predict(rows[rest[:200]]))
    assert any((tmp_path / "memory").rglob("*.pkl"))
    usage = feature_cache.info(tmp_path / "cache")
    # each drawn image once for each of three J, each tested image for the best
    assert usage.entries == 20 * 3 + 200
    np.testing.assert_array_equal(*scores)
    np.testing.assert_array_equal(*predictions)


def test_draw_is_balanced_disjoint_and_depends_on_the_seed():
    target = np.array(list("abc")).repeat([5, 9, 7])
    drawn, rest = draw(target, 6, seed=3)
    assert np.unique(target[drawn], return_counts=True)[1].tolist() == [2, 2, 2]
    assert sorted([*drawn, *rest]) == list(range(21))
    assert draw(target, 6, seed=3)[0].tolist() == drawn.tolist()
    assert {tuple(draw(target, 6, seed=s)[0]) for s in range(5)} != {tuple(drawn)}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing", "no recipe is called 'nothing'; there are scattering"),
        ("math:nothing", "has no recipe called 'nothing'"),
        ("no_such_module_here:recipe", "cannot be imported: ModuleNotFoundError"),
        ("math:pi", "is a float, not a function"),
        (":recipe", "no recipe is called"),
    ],
)
def test_find_recipe_says_what_is_missing(name, message):
    with pytest.raises(ValueError, match=message):
        find_recipe(name)


def test_find_case_refuses_what_is_no_case():
    with pytest.raises(ValueError, match="is a float, not a Case"):
        find_case("math:pi")


def test_digits_case_is_the_published_set(digits):
    assert isinstance(digits, ImageSet)
    assert isinstance(find_case("digits"), Case)
    assert digits.images.shape == (1797, 32, 32)
    assert np.bincount(digits.target).min() == 174
