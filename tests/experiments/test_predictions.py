"""Test images are predicted as by `predict`, and where it can be in one computation."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklearn_scat import AugmentedClassifier, MeanNormRidge, PCAAffineClassifier
from sklearn_scat.experiments import _predictions
from sklearn_scat.experiments._predictions import (
    largest_probabilities,
    predictions,
    predicts_the_likeliest,
)
from sklearn_scat.recipes import RECIPES

X, Y = load_digits(return_X_y=True)
X, Y = X.astype(np.float32), np.array(list("abcdefghij"))[Y]
TRAIN, TEST = slice(0, 100), slice(900, 1100)


class Spied(MeanNormRidge):
    """A classifier that tells how many images it has looked at."""

    def _scores(self, X):
        self.seen_ = getattr(self, "seen_", 0) + len(X)
        return super()._scores(X)


class Contrary(ClassifierMixin, BaseEstimator):
    """A classifier that predicts the least likely class."""

    def fit(self, X, y):
        self.model_ = LogisticRegression(max_iter=50, tol=0.1).fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict_proba(self, X):
        return self.model_.predict_proba(X)

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmin(axis=1)]


MODELS = {
    "ridge": MeanNormRidge(),
    "affine": PCAAffineClassifier(max_components=6),
    "copies": AugmentedClassifier(MeanNormRidge()),
    "local": RECIPES["scat_local"]((8, 8), 10, 0),
    "search": GridSearchCV(LogisticRegression(max_iter=30, tol=0.1), {"C": [1, 2]}),
    "scaled": make_pipeline(StandardScaler(), MeanNormRidge()),
    "machine": make_pipeline(StandardScaler(), SVC()),
    "contrary": Contrary(),
}


def of_classes(names, part):
    """Return the positions in a part of the images of some classes."""
    return np.arange(len(Y))[part][np.isin(Y[part], list(names))]


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("classes", [2, 10])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_predictions_are_those_of_predict(name, classes, monkeypatch):
    monkeypatch.setattr(_predictions, "_CHUNK", 70)
    few = "abcdefghij"[:classes]
    train, test = (
        np.flatnonzero(np.isin(Y[part], list(few))) for part in (TRAIN, TEST)
    )
    model = MODELS[name].fit(X[TRAIN][train], Y[TRAIN][train])
    rows = X[TEST][test]
    predicted, largest = predictions(model, rows)
    assert_array_equal(predicted, model.predict(rows))
    assert (largest is None) == (name in {"machine", "contrary"})
    assert (largest is None) == (not predicts_the_likeliest(model))
    if largest is None:
        largest = largest_probabilities(model, rows)
    if name == "machine":
        assert largest is None
    else:
        assert_allclose(largest, model.predict_proba(rows).max(axis=1), rtol=1e-5)


def test_images_are_looked_at_once_but_for_the_doubtful():
    model = Spied().fit(X[TRAIN], Y[TRAIN])
    ordered = np.sort(model.predict_proba(X[TEST]), axis=1)
    n_doubtful = np.sum(ordered[:, -1] - ordered[:, -2] <= 1e-3)
    model.seen_ = 0
    predictions(model, X[TEST])
    assert model.seen_ == 200 + n_doubtful
    assert n_doubtful < 20


def test_classes_that_are_as_probable_are_left_to_predict():
    """Of two outputs that a small probability cannot tell apart, the larger counts."""

    class Close(MeanNormRidge):
        def predict_proba(self, X):
            return np.full((len(X), 10), 0.1)

    model = Close().fit(X[TRAIN], Y[TRAIN])
    predicted, largest = predictions(model, X[TEST])
    assert_array_equal(predicted, model.predict(X[TEST]))
    assert len(set(predicted)) == 10
    assert np.all(largest == 0.1)
