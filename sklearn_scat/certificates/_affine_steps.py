"""Fitted steps that are affine maps, and what they make of a linear classifier."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.feature_selection import SelectorMixin
from sklearn.linear_model import (
    LogisticRegression,
    LogisticRegressionCV,
    Perceptron,
    RidgeClassifier,
    RidgeClassifierCV,
    SGDClassifier,
)
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, StandardScaler
from sklearn.svm import SVC, LinearSVC

from sklearn_scat.classifiers import SpanCoordinates

_CLASSIFIERS = (
    LinearDiscriminantAnalysis,
    LinearSVC,
    LogisticRegression,
    LogisticRegressionCV,
    Perceptron,
    RidgeClassifier,
    RidgeClassifierCV,
    SGDClassifier,
)
_LINEAR_STEPS = (
    "StandardScaler, MinMaxScaler, MaxAbsScaler, PCA, TruncatedSVD, SpanCoordinates, "
    "selections of features, and a linear classifier with coef_ at the end"
)


def flat_steps(model):
    """Return the fitted steps of a model; searches stand for their best estimator."""
    model = getattr(model, "best_estimator_", model)
    if not isinstance(model, Pipeline):
        return [model]
    steps = [step for _, step in model.steps if step not in (None, "passthrough")]
    return [part for step in steps for part in flat_steps(step)]


def linear_scores(classifier):
    """Return the weights (K, p) and offsets (K,) whose argmax a classifier takes.

    Raises
    ------
    TypeError
        If the classifier is not linear, or decides by votes of pairs.
    """
    vote = type(classifier) is SVC and (
        classifier.kernel != "linear" or len(classifier.classes_) > 2
    )
    if vote or type(classifier) not in (*_CLASSIFIERS, SVC):
        raise TypeError(f"{_text(classifier)} is no linear classifier: {_allowed()}")
    W = np.atleast_2d(np.asarray(classifier.coef_, dtype=np.float64))
    c = np.asarray(classifier.intercept_, dtype=np.float64) * np.ones(len(W))
    if len(classifier.classes_) == 2:
        # the decision is the second score, over none for the first
        W, c = np.vstack([np.zeros_like(W), W]), np.concatenate([[0.0], c])
    if len(W) != len(classifier.classes_):
        raise TypeError(f"{_text(classifier)} has no weights for every class.")
    return W, c


def before(step, W, c):
    """Return the scores W z + c of z = step(x) as scores of x.

    Raises
    ------
    TypeError
        If the step is not one of the affine maps that are known.
    """
    if isinstance(step, SelectorMixin):
        wide = np.zeros((len(W), len(step.get_support())))
        wide[:, step.get_support()] = W
        return wide, c
    undo = _STEPS.get(type(step))
    if undo is None:
        raise TypeError(f"{_text(step)} is not known to be linear: {_allowed()}")
    return undo(step, W, c)


def _standard(step, W, c):
    W = W / step.scale_ if step.scale_ is not None else W
    return W, c - W @ step.mean_ if step.with_mean else c


def _min_max(step, W, c):
    if step.clip:
        raise TypeError("MinMaxScaler(clip=True) is not linear; take clip=False.")
    return W * step.scale_, c + W @ step.min_


def _max_abs(step, W, c):
    if getattr(step, "clip", False):
        raise TypeError("MaxAbsScaler(clip=True) is not linear; take clip=False.")
    return W / step.scale_, c


def _pca(step, W, c):
    if step.whiten:
        scale = np.sqrt(step.explained_variance_)
        W = W / np.maximum(scale, np.finfo(scale.dtype).eps)
    W = W @ step.components_
    return W, c - W @ step.mean_


def _projection(step, W, c):
    return (W if step.components_ is None else W @ step.components_), c


_STEPS = {
    StandardScaler: _standard,
    MinMaxScaler: _min_max,
    MaxAbsScaler: _max_abs,
    PCA: _pca,
    TruncatedSVD: _projection,
    SpanCoordinates: _projection,
}


def _text(step):
    """Name a step for an error."""
    return type(step).__name__ if isinstance(step, BaseEstimator) else repr(step)


def _allowed():
    return f"after the scattering there may stand {_LINEAR_STEPS}."
