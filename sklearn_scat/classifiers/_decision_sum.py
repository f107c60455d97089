"""Two classifiers that decide together."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone


class DecisionSum(ClassifierMixin, BaseEstimator):
    """Add up the decisions of two classifiers, each in units of its own mean size.

    Parameters
    ----------
    first, second : classifier
        With `decision_function`, one number a class, as the negated distances of
        :class:`~sklearn_scat.PCAAffineClassifier`. They may see different
        features.

    Attributes
    ----------
    estimators_ : list of classifier
        The fitted classifiers.
    scales_ : list of float
        Mean absolute decision on the training samples.
    classes_ : ndarray of shape (n_classes,)
        Class labels.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_scat import PCAAffineClassifier
    >>> from sklearn_scat.classifiers import DecisionSum
    >>> X, y = load_digits(return_X_y=True)
    >>> pair = DecisionSum(PCAAffineClassifier(5), PCAAffineClassifier(15))
    >>> pair.fit(X[:900], y[:900]).score(X[900:], y[900:]) > 0.9
    True
    """

    def __init__(self, first: Any, second: Any) -> None:
        self.first = first
        self.second = second

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit both classifiers, and measure their decisions on the training samples."""
        self.estimators_ = [clone(e).fit(X, y) for e in (self.first, self.second)]
        means = [np.abs(e.decision_function(X)).mean() for e in self.estimators_]
        self.scales_ = [float(mean) if mean > 0 else 1.0 for mean in means]
        self.classes_ = self.estimators_[0].classes_
        return self

    def decision_function(self, X: ArrayLike) -> NDArray[Any]:
        """Return the sum of the scaled decisions."""
        pairs = zip(self.estimators_, self.scales_, strict=True)
        return sum(e.decision_function(X) / scale for e, scale in pairs)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the class of the largest sum."""
        scores = self.decision_function(X)
        index = scores > 0 if scores.ndim == 1 else scores.argmax(axis=1)
        return self.classes_[index.astype(int)]
