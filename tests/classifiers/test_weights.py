"""Weights of samples, and probabilities, of the classifiers that have them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_scat import MeanNormRidge, MeanNormSVC, PCAAffineClassifier
from sklearn_scat.classifiers._temperature import fit_temperature

EXACT = [
    MeanNormRidge(),
    MeanNormRidge(n_copies=2),
    MeanNormRidge(n_landmarks=10_000),
    MeanNormSVC(tol=1e-9),
    PCAAffineClassifier(5),
    PCAAffineClassifier(0),
]
PROBABLE = [
    MeanNormRidge(),
    MeanNormRidge(n_landmarks=100, random_state=0),
    PCAAffineClassifier(random_state=0),
]


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:600] / 16, y[:600], X[600:] / 16, y[600:]


@pytest.mark.parametrize("classifier", EXACT, ids=repr)
def test_weight_counts_samples(classifier, digits):
    X, y, X_test, _ = digits
    weight = np.random.default_rng(0).integers(0, 4, len(y))
    weighted = clone(classifier).fit(X, y, sample_weight=weight)
    repeated = clone(classifier).fit(np.repeat(X, weight, axis=0), np.repeat(y, weight))
    assert_allclose(
        weighted.decision_function(X_test),
        repeated.decision_function(X_test),
        atol=1e-7,
    )
    unweighted = clone(classifier).fit(X, y).decision_function(X_test)
    assert np.abs(weighted.decision_function(X_test) - unweighted).max() > 1e-3


@pytest.mark.parametrize("classifier", [*EXACT, *PROBABLE[1:]], ids=repr)
def test_equal_weights_change_nothing(classifier, digits):
    X, y, X_test, _ = digits
    plain = clone(classifier).fit(X, y)
    weighted = clone(classifier).fit(X, y, sample_weight=np.ones(len(y)))
    assert_allclose(
        weighted.decision_function(X_test), plain.decision_function(X_test), atol=1e-8
    )
    if hasattr(plain, "predict_proba"):
        assert_allclose(weighted.temperature_, plain.temperature_, rtol=1e-4)


@pytest.mark.parametrize("landmarks", [None, 40])
@pytest.mark.parametrize("weighted", [False, True])
def test_closed_form_equals_leaving_one_out(landmarks, weighted, digits):
    X, y, _, _ = digits
    X, y = X[:60], y[:60]
    ridge = MeanNormRidge(alpha=0.1, n_landmarks=landmarks, random_state=0).fit(X, y)
    rows = (X - ridge.mean_)[:, None]
    targets = np.random.default_rng(0).normal(size=(60, 3))
    weight = np.random.default_rng(1).integers(1, 4, 60) if weighted else np.ones(60)
    solve = ridge._solve_by_landmarks if landmarks else ridge._solve
    if not landmarks:
        ridge.samples_ = rows
    root, some = np.sqrt(weight)[:, None], np.array([0, 17, 59])
    _, left_out = solve(rows, targets, root=root, some=some)
    for i, residual in zip(some, left_out, strict=True):
        fewer = weight.astype(float)
        fewer[i] -= 1  # one unit of weight
        kept = fewer > 0
        if not landmarks:
            ridge.samples_ = rows[kept]
        coef, _ = solve(
            *(rows[kept], targets[kept]),
            root=np.sqrt(fewer[kept])[:, None],
            some=np.array([0]),
        )
        prediction = ridge._kernel(rows[i : i + 1]) @ coef
        assert_allclose(residual, targets[i] - prediction[0], rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("classifier", PROBABLE, ids=repr)
def test_probabilities_are_as_sure_as_they_are_right(classifier, digits):
    X, y, X_test, y_test = digits
    rng = np.random.default_rng(0)
    wrong = rng.random(len(y)) < 0.2
    noisy = np.where(wrong, rng.integers(0, 10, len(y)), y)
    seen = rng.random(len(y_test)) < 0.2
    noisy_test = np.where(seen, rng.integers(0, 10, len(y_test)), y_test)
    fitted = clone(classifier).fit(X, noisy)
    p = fitted.predict_proba(X_test)
    assert_allclose(p.sum(axis=1), 1)
    assert_array_equal(fitted.classes_[p.argmax(axis=1)], fitted.predict(X_test))
    loss = log_loss(noisy_test, p)
    for factor in (0.7, 1.5):  # neither surer nor less sure is clearly better
        other = clone(fitted).fit(X, noisy)
        other.temperature_ *= factor
        assert log_loss(noisy_test, other.predict_proba(X_test)) > loss - 0.03


def test_temperature_makes_scores_of_known_odds_their_logits():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(20_000, 3))
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (p.cumsum(axis=1) < rng.random((len(p), 1))).sum(axis=1)
    for unit in (7, 1e-3, 1e9):
        assert_allclose(fit_temperature(unit * logits, labels), unit, rtol=0.05)
    assert fit_temperature(np.ones((4, 2)), np.array([0, 1, 0, 1])) == 1
    weight = np.where(labels == logits.argmax(axis=1), 1.0, 0.0)
    assert fit_temperature(7 * logits, labels, weight) < 1


def test_affine_classifier_gives_probabilities_where_folds_choose():
    assert hasattr(PCAAffineClassifier(), "predict_proba")
    assert not hasattr(PCAAffineClassifier(4), "predict_proba")
    X = np.eye(4)
    one_each = PCAAffineClassifier().fit(X, np.arange(4))
    p = one_each.predict_proba(X)
    assert_array_equal(p.argmax(axis=1), np.arange(4))


def test_class_without_weight_is_named(digits):
    X, y, _, _ = digits
    with pytest.raises(ValueError, match="class 3 have weight 0"):
        PCAAffineClassifier(2).fit(X, y, sample_weight=(y != 3).astype(float))


@pytest.mark.parametrize("cv", [(0, 64), [(1, 2, 3)], [5]])
def test_cv_that_is_no_folds_is_named(cv, digits):
    X, y, _, _ = digits
    with pytest.raises(ValueError, match="no list of folds"):
        PCAAffineClassifier(cv=cv).fit(X, y)


@pytest.mark.parametrize("classifier", [*EXACT[:1], *EXACT[3:5]], ids=repr)
def test_weights_are_routed_through_a_pipeline(classifier, digits):
    X, y, _, _ = digits
    weight = np.random.default_rng(0).random(len(y))
    with config_context(enable_metadata_routing=True):
        step = clone(classifier).set_fit_request(sample_weight=True)
        step.set_score_request(sample_weight=True)
        model = make_pipeline(
            StandardScaler().set_fit_request(sample_weight=False), step
        )
        found = cross_validate(
            model, X, y, params={"sample_weight": weight}, cv=2, return_estimator=True
        )
        plain = cross_validate(model, X, y, cv=2, return_estimator=True)
    pairs = zip(found["estimator"], plain["estimator"], strict=True)
    for weighted, unweighted in pairs:
        scores = [m.decision_function(X[:5]) for m in (weighted, unweighted)]
        assert np.abs(scores[0] - scores[1]).max() > 1e-6
