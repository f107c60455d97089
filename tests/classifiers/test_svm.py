import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.svm import SVC

from sklearn_scat import MeanNormSVC
from sklearn_scat.classifiers import _gaussian, _svm


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:600], X[600:900], y[:600], y[600:900]


def plain_svc(X, y, *, sigma=1.0, **parameters):
    """The machine by its definition, on centred samples."""
    centred = X - X.mean(axis=0)
    width = sigma * np.mean([np.sqrt(x @ x) for x in centred])
    return SVC(gamma=1 / (2 * width**2), **parameters).fit(centred, y)


@pytest.mark.parametrize("gram_bytes", [0, 2**30])
@pytest.mark.parametrize("sigma", [0.5, 1, 2])
def test_decisions_are_those_of_the_plain_machine(
    gram_bytes, sigma, digits, monkeypatch
):
    monkeypatch.setattr(_svm, "_GRAM_BYTES", gram_bytes)
    X, X_test, y, _ = digits
    ours = MeanNormSVC(C=3, sigma=sigma).fit(X, y)
    theirs = plain_svc(X, y, sigma=sigma, C=3)
    assert ours.svc_.kernel == ("precomputed" if gram_bytes else "rbf")
    assert_allclose(ours.gamma_, theirs.gamma)
    assert_allclose(
        ours.decision_function(X_test),
        theirs.decision_function(X_test - X.mean(axis=0)),
        rtol=1e-8,
        atol=1e-8,
    )
    assert_array_equal(ours.predict(X_test), theirs.predict(X_test - X.mean(axis=0)))
    assert_array_equal(ours.support_vectors_, (X - X.mean(axis=0))[theirs.support_])


def test_decisions_do_not_depend_on_units_and_origin(digits):
    X, X_test, y, _ = digits
    plain = MeanNormSVC().fit(X, y)
    moved = MeanNormSVC().fit(1000 * X + 7, y)
    assert_allclose(moved.gamma_, plain.gamma_ / 1e6)
    assert_allclose(
        moved.decision_function(1000 * X_test + 7),
        plain.decision_function(X_test),
        rtol=1e-6,
    )


def test_given_gamma_is_used(digits):
    X, X_test, y, _ = digits
    ours = MeanNormSVC(C=2, gamma=1e-3, sigma=9, class_weight="balanced").fit(X, y)
    theirs = SVC(C=2, gamma=1e-3, class_weight="balanced").fit(X, y)
    assert_allclose(ours.decision_function(X_test), theirs.decision_function(X_test))


def test_single_precision_agrees_with_double(digits):
    X, X_test, y, _ = digits
    X, X_test = X / 16, X_test / 16
    double = MeanNormSVC().fit(X, y)
    single = MeanNormSVC().fit(X.astype(np.float32), y)
    assert single.support_vectors_.dtype == np.float32
    scores = single.decision_function(X_test.astype(np.float32))
    assert_allclose(scores, double.decision_function(X_test), atol=1e-3)


def test_prediction_in_batches_is_the_same(digits, monkeypatch):
    X, X_test, y, _ = digits
    names = np.array(list("abcdefghij"))
    fitted = MeanNormSVC().fit(X, names[y])
    expected, labels = fitted.decision_function(X_test), fitted.predict(X_test)
    monkeypatch.setattr(_gaussian, "_BATCH_BYTES", 8 * len(X) * 7)
    assert_allclose(fitted.decision_function(X_test), expected)
    assert_array_equal(fitted.predict(X_test), labels)
    assert set(labels) <= set(names)


def test_width_is_learned_from_the_training_fold_alone(digits):
    X, X_test, y, y_test = digits
    fitted = MeanNormSVC().fit(X, y)
    before = pickle.dumps(fitted)
    fitted.predict(100 * X_test)
    assert pickle.dumps(fitted) == before
    fold = [(np.arange(600), np.arange(600, 900))]
    whole = np.concatenate([X, 100 * X_test]), np.concatenate([y, y_test])
    search = GridSearchCV(MeanNormSVC(), {"C": [10.0]}, cv=fold, refit=False)
    search.fit(*whole)
    score = fitted.score(100 * X_test, y_test)
    assert search.cv_results_["mean_test_score"] == [score]


def test_accuracy_on_digits(digits):
    X, X_test, y, y_test = digits
    assert MeanNormSVC().fit(X, y).score(X_test, y_test) > 0.94


def test_equal_samples_have_a_width():
    fitted = MeanNormSVC().fit(np.ones((4, 3)), [0, 1, 0, 1])
    assert fitted.gamma_ == 1
    assert np.isfinite(fitted.decision_function(np.ones((1, 3)))).all()


@pytest.mark.parametrize(
    "parameters",
    [{"C": 0}, {"gamma": "scale"}, {"gamma": -1.0}, {"sigma": 0}, {"tol": 0}],
)
def test_illegal_parameter_is_named(parameters, digits):
    X, _, y, _ = digits
    with pytest.raises(ValueError, match=next(iter(parameters))):
        MeanNormSVC(**parameters).fit(X, y)
