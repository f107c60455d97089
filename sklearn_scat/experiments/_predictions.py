"""Predictions for test images, and probabilities, from one computation where it can be.

Where a classifier predicts the class of its largest probability by its definition, one
call gives both. Rounding may order classes otherwise that are nearly as probable, so
that images with a doubtful class are predicted by `predict` again.
"""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection._search import BaseSearchCV
from sklearn.pipeline import Pipeline

from sklearn_scat import ImageClassifier, ScatteringClassifier
from sklearn_scat.augmentation import AugmentedClassifier
from sklearn_scat.classifiers import (
    LocalKernelRidge,
    MeanNormRidge,
    PCAAffineClassifier,
)

_CHUNK = 1000  # images whose features are held at once
_CERTAIN = 1e-3  # of probability more than the next class has: far above rounding
_OF_THE_LARGEST = (
    ImageClassifier,
    LocalKernelRidge,
    LogisticRegression,
    MeanNormRidge,
    PCAAffineClassifier,
    ScatteringClassifier,
)


def predictions(estimator, rows):
    """Return the classes of rows and, where that takes no more, their probabilities.

    Parameters
    ----------
    estimator : classifier
        Fitted.
    rows : ndarray of shape (n, ...)
        Images, in the form that it takes.

    Returns
    -------
    predicted : ndarray of shape (n,)
        As by `predict`.
    largest : ndarray of shape (n,), or None
        The largest probability of each; None where `predict` was called for all.
    """
    if not predicts_the_likeliest(estimator):
        return _in_chunks(estimator.predict, rows), None
    probabilities = _in_chunks(estimator.predict_proba, rows)
    predicted = estimator.classes_[probabilities.argmax(axis=1)]
    second, largest = np.sort(probabilities, axis=1)[:, -2:].T
    doubtful = np.flatnonzero(~(largest - second > _CERTAIN))
    if len(doubtful):
        predicted[doubtful] = _in_chunks(estimator.predict, rows[doubtful])
    return predicted, largest


def largest_probabilities(estimator, rows):
    """Return the largest probability of each row (n,); None where there are none."""
    if not hasattr(estimator, "predict_proba"):
        return None
    return _in_chunks(estimator.predict_proba, rows).max(axis=1)


def predicts_the_likeliest(estimator):
    """Tell whether a fitted classifier predicts the class of the largest probability.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.svm import SVC
    >>> from sklearn_scat import MeanNormRidge
    >>> from sklearn_scat.experiments._predictions import predicts_the_likeliest
    >>> X, y = load_digits(return_X_y=True)
    >>> models = [model.fit(X[:99], y[:99]) for model in (MeanNormRidge(), SVC())]
    >>> [predicts_the_likeliest(model) for model in models]
    [True, False]
    """
    if not hasattr(estimator, "predict_proba"):
        return False
    if isinstance(estimator, Pipeline):
        return predicts_the_likeliest(estimator[-1])
    if isinstance(estimator, BaseSearchCV):
        return predicts_the_likeliest(estimator.best_estimator_)
    if isinstance(estimator, AugmentedClassifier):
        return predicts_the_likeliest(estimator.estimator_)
    return isinstance(estimator, _OF_THE_LARGEST)


def _in_chunks(method, rows):
    """Return what a method gives for rows, some at a time."""
    starts = range(0, len(rows), _CHUNK)
    return np.concatenate([method(rows[start : start + _CHUNK]) for start in starts])
