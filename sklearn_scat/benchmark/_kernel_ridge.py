"""Ridge regression of the classes under a Gaussian kernel."""

from numbers import Real
from typing import ClassVar

import numpy as np
import scipy.linalg
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils._param_validation import Interval
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from sklearn_scat._compat import fit_context

_BATCH_BYTES = 2**26  # of kernel values computed at once


class MeanNormRidge(ClassifierMixin, BaseEstimator):
    r"""Fit ±1 for every class by ridge regression under a Gaussian kernel.

    The kernel is :math:`\exp(-\|x - x'\|^2 / 2\sigma^2)` with
    :math:`\sigma = \sigma_v \cdot \mathrm{mean}_i \|x_i - \bar x\|`, as of
    :class:`sklearn_scat.svm.MeanNormSVC`. All classes share one factorisation, and
    their outputs are compared directly, where support vector machines vote between
    pairs.

    Parameters
    ----------
    alpha : float, default=0.003
        What is added to the diagonal of the kernel matrix.
    sigma : float, default=2
        :math:`\sigma_v`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels.
    gamma_ : float
        :math:`1 / 2\sigma^2`.
    mean_ : ndarray of shape (n_features,)
        Mean of the training samples.
    samples_ : ndarray of shape (n_samples, n_features)
        Centred training samples.
    dual_coef_ : ndarray of shape (n_samples, n_classes)
        Coefficients of the kernels with training samples.
    intercept_ : ndarray of shape (n_classes,)
        Means of the targets.

    References
    ----------
    R. Rifkin, G. Yeo and T. Poggio, "Regularized least-squares classification",
    Advances in Learning Theory, IOS Press, 2003.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_scat.benchmark._kernel_ridge import MeanNormRidge
    >>> X, y = load_digits(return_X_y=True)
    >>> MeanNormRidge().fit(X[:1000], y[:1000]).score(X[1000:], y[1000:]) > 0.96
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        "alpha": [Interval(Real, 0, None, closed="neither")],
        "sigma": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(self, alpha=0.003, *, sigma=2.0):
        self.alpha = alpha
        self.sigma = sigma

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Fit the kernel's width and the coefficients.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training samples.
        y : array-like of shape (n_samples,)
            Class labels, at least two different ones.

        Returns
        -------
        self : MeanNormRidge
            The fitted classifier.
        """
        X, y = validate_data(self, X, y, dtype=[np.float64, np.float32])
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"{type(self).__name__} needs samples of at least 2 classes; y holds "
                f"1 class, {self.classes_[0]}."
            )
        self.mean_ = X.mean(axis=0, dtype=np.float64).astype(X.dtype)
        self.samples_ = X - self.mean_
        width = self.sigma * np.linalg.norm(self.samples_, axis=1).mean(dtype=float)
        self.gamma_ = float(1 / (2 * width**2)) if width > 0 else 1.0
        targets = 2.0 * np.eye(len(self.classes_))[labels] - 1
        self.intercept_ = targets.mean(axis=0)
        kernel = self._kernel(self.samples_)
        kernel.flat[:: len(kernel) + 1] += self.alpha
        factor = scipy.linalg.cho_factor(kernel, lower=True, overwrite_a=True)
        self.dual_coef_ = scipy.linalg.cho_solve(factor, targets - self.intercept_)
        return self

    def decision_function(self, X):
        """Return the fitted outputs.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        scores : ndarray of shape (n_samples, n_classes) or (n_samples,)
            About 1 for the class and −1 for others; with two classes, that of the
            second.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float64, np.float32], reset=False)
        size = max(1, _BATCH_BYTES // (8 * len(self.samples_)))
        scores = np.concatenate(
            [
                self._kernel(X[start : start + size] - self.mean_) @ self.dual_coef_
                for start in range(0, len(X), size)
            ]
        )
        scores += self.intercept_
        return scores[:, 1] if len(self.classes_) == 2 else scores

    def predict(self, X):
        """Return the class of the largest output of every sample.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        y : ndarray of shape (n_samples,)
            Class labels.
        """
        scores = self.decision_function(X)
        index = scores > 0 if scores.ndim == 1 else scores.argmax(axis=1)
        return self.classes_[index.astype(int)]

    def _kernel(self, X):
        """Return the kernels of centred samples with training samples, in float64.

        Products of float32 stay float32: they move the kernel by less than 1e-6, where
        `alpha` is added to it.
        """
        X = X.astype(self.samples_.dtype, copy=False)
        squares = np.einsum("ij,ij->i", self.samples_, self.samples_)
        kernel = np.empty((len(X), len(self.samples_)))
        size = max(1, _BATCH_BYTES // (8 * len(self.samples_)))
        for start in range(0, len(X), size):
            rows = X[start : start + size]
            part = kernel[start : start + size]
            part[:] = rows @ self.samples_.T
            part *= -2
            part += np.einsum("ij,ij->i", rows, rows)[:, None] + squares
            np.maximum(part, 0, out=part)
            part *= -self.gamma_
            np.exp(part, out=part)
        return kernel
