import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_digits
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from sklearn_scat import AugmentedClassifier, PCAAffineClassifier, ScatteringTransformer
from sklearn_scat.feature_cache import info


def same(images, rng):
    return [images]


def test_copy_of_a_test_image_is_never_learned_from():
    X, y = load_digits(return_X_y=True)
    rng = np.random.default_rng(0)
    X, y = X[:300], rng.permutation(np.repeat([0, 1], 150))  # labels say nothing
    inner = KNeighborsClassifier(1)
    # one's own copy would be the nearest neighbour
    outside = cross_val_score(AugmentedClassifier(inner, same), X, y, cv=5)
    assert 0.35 < outside.mean() < 0.65
    search = GridSearchCV(inner, {"weights": ["uniform"]}, cv=5)
    inside = AugmentedClassifier(search, same, random_state=0).fit(X, y)
    assert 0.35 < inside.estimator_.best_score_ < 0.65
    leaking = GridSearchCV(inner, {"weights": ["uniform"]}, cv=5)
    leaking.fit(np.tile(X, (2, 1)), np.tile(y, 2))
    assert leaking.best_score_ > 0.8  # the comparison has power


def test_search_inside_equals_search_around_without_test_copies():
    X, y = load_digits(return_X_y=True)
    X, y = X[:200], y[:200]
    grid = {"C": [1e-3, 1e-1, 10]}
    cv = [(np.arange(n, 200), np.arange(n)) for n in (50, 60)]
    inside = AugmentedClassifier(GridSearchCV(SVC(), grid, cv=cv), "shift").fit(X, y)
    around = AugmentedClassifier(SVC(), "shift", test_copies=False)
    around = GridSearchCV(
        around, {f"estimator__{k}": v for k, v in grid.items()}, cv=cv
    )
    around.fit(X, y)
    assert_allclose(
        inside.estimator_.cv_results_["mean_test_score"],
        around.cv_results_["mean_test_score"],
    )
    assert inside.estimator.cv is cv  # the one that was given is untouched


def test_groups_of_a_search_inside_stay_together():
    X, y = load_digits(return_X_y=True)
    X, y = X[:60], np.repeat([0, 1], 30)
    groups = np.arange(60) % 6
    seen = []

    class Spy(GroupKFold):
        def split(self, X, y=None, groups=None):
            seen.append(np.array(groups))
            return super().split(X, y, groups)

    search = GridSearchCV(NearestCentroid(), {"shrink_threshold": [None]}, cv=Spy(3))
    model = AugmentedClassifier(search, "shift", test_copies=False)
    model.fit(X, y, groups=groups)
    assert_array_equal(seen[0], groups)


def test_nested_cross_validation_keeps_copies_together():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(90, 6, 6)), rng.permutation(np.repeat([0, 1, 2], 30))
    model = make_pipeline(ScatteringTransformer(J=1), PCAAffineClassifier(cv=3))
    grid = {"scatteringtransformer__L": [2, 4]}
    search = GridSearchCV(model, grid, cv=3)
    fitted = AugmentedClassifier(search, same, random_state=0).fit(X, y)
    affine = fitted.estimator_.best_estimator_[-1]
    # with a leak, spaces through the copies would be at distance 0
    assert affine.cv_errors_.shape[0] == 3
    assert affine.cv_errors_.min() > 0.4
    assert fitted.estimator_.best_score_ < 0.6


def test_rare_classes_pass_a_cross_validation_inside():
    X = np.random.default_rng(0).normal(size=(7, 5, 5))
    y = np.array([0, 0, 0, 0, 1, 1, 2])
    model = AugmentedClassifier(PCAAffineClassifier(), "flip").fit(X.reshape(7, -1), y)
    assert model.estimator_.cv_errors_.shape[0] == 4  # as the largest class has
    one_each = AugmentedClassifier(PCAAffineClassifier(), "flip")
    one_each.fit(X[3:].reshape(4, -1), [0, 1, 2, 3])
    assert one_each.estimator_.cv_errors_.shape[0] == 0


def test_step_that_chooses_rows_before_a_search_is_an_error():
    class Rest(ClassifierMixin, BaseEstimator):
        def __init__(self, search=None):
            self.search = search

        def fit(self, X, y):
            return self.search.fit(X[1:], y[1:])

        def predict(self, X):
            return self.search.predict(X)

    search = GridSearchCV(NearestCentroid(), {"shrink_threshold": [None]})
    X, y = load_digits(return_X_y=True)
    with pytest.raises(ValueError, match=r"59 rows .* not 2 copies"):
        AugmentedClassifier(Rest(search), test_copies=False).fit(X[:30], y[:30])


def test_images_and_copies_are_transformed_once_by_a_cache(tmp_path):
    X, y = load_digits(return_X_y=True)
    X, y = X[:60], y[:60]
    scattering = ScatteringTransformer(J=1, L=2, cache=tmp_path)
    model = make_pipeline(scattering, RidgeClassifier())
    model = AugmentedClassifier(model, "affine", n_copies=2, random_state=0)
    grid = {"estimator__ridgeclassifier__alpha": [0.1, 10]}
    search = GridSearchCV(model, grid, cv=4).fit(X, y)
    assert info(tmp_path).computed == 3 * 60
    assert search.best_score_ > 0.5


def test_copies_help_where_images_are_few():
    X, y = load_digits(return_X_y=True)
    plain = SVC(C=10).fit(X[:50], y[:50])
    moved = AugmentedClassifier(SVC(C=10), "shift").fit(X[:50], y[:50])
    assert moved.score(X[1000:], y[1000:]) > plain.score(X[1000:], y[1000:]) + 0.01
