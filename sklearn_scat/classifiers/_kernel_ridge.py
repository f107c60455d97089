"""Ridge regression of the classes under a Gaussian kernel."""

from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from sklearn_scat._compat import fit_context
from sklearn_scat._parameters import whole
from sklearn_scat.classifiers._gaussian import (
    mean_norm_gamma,
    over_batches,
    squarable,
)
from sklearn_scat.classifiers._temperature import (
    fit_temperature,
    probabilities,
    spread_out,
)
from sklearn_scat.classifiers._weights import weighted_mean, weighted_samples

_BATCH_BYTES = 2**26  # of kernel values computed at once
_BLOCK_BYTES = 2**29  # of kernels with landmarks, whose products take the time
# OpenBLAS 0.3.30 crashes on matrices a little larger, with more than one thread.
_MOST_KERNELS = 22_000
_JITTER = 1e-10  # keeps the normal equations of close landmarks definite


class MeanNormRidge(ClassifierMixin, BaseEstimator):
    r"""Fit ±1 for every class by ridge regression under a Gaussian kernel.

    The kernel is :math:`\exp(-\|x - x'\|^2 / 2\sigma^2)` with
    :math:`\sigma = \sigma_v \cdot \mathrm{mean}_i \|x_i - \bar x\|`, as of
    :class:`sklearn_scat.MeanNormSVC`. All classes share one factorisation, and
    their outputs are compared directly, where support vector machines vote between
    pairs.

    Parameters
    ----------
    alpha : float, default=0.003
        What is added to the diagonal of the kernel matrix.
    sigma : float, default=2
        :math:`\sigma_v`.
    n_landmarks : int, default=None
        Most training samples that kernels are centred at, drawn at random; the others
        are fitted by those; 22,000 at most. None takes all samples.
    random_state : int, RandomState instance or None, default=None
        Draws the landmarks.
    n_copies : int, default=1
        Parts that a row consists of, such as the features of an image beside those of
        its mirror image. The kernel is then the mean over all pairs of parts: what is
        fitted does not depend on their order, and is what all copies as samples of
        their own would give, at less cost.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels.
    gamma_ : float
        :math:`1 / 2\sigma^2`.
    mean_ : ndarray of shape (n_features / n_copies,)
        Mean of the training samples, over copies too.
    samples_ : ndarray of shape (n_kernels, n_copies, n_features / n_copies)
        Centred training samples that kernels are centred at.
    dual_coef_ : ndarray of shape (n_kernels, n_classes)
        Coefficients of the kernels.
    intercept_ : ndarray of shape (n_classes,)
        Means of the targets.
    temperature_ : float
        What outputs are divided by in `predict_proba`.

    References
    ----------
    R. Rifkin, G. Yeo and T. Poggio, "Regularized least-squares classification",
    Advances in Learning Theory, IOS Press, 2003. For the landmarks: A. Rudi, R.
    Camoriano and L. Rosasco, "Less is more: Nyström computational regularization",
    NeurIPS 2015, equation (6). For the copies: B. Haasdonk and H. Burkhardt, "Invariant
    kernel functions for pattern analysis and machine learning", Machine Learning 68,
    2007. For the probabilities: C. Guo, G. Pleiss, Y. Sun and K. Weinberger, "On
    calibration of modern neural networks", ICML 2017, section 4.2.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_scat import MeanNormRidge
    >>> X, y = load_digits(return_X_y=True)
    >>> MeanNormRidge().fit(X[:1000], y[:1000]).score(X[1000:], y[1000:]) > 0.96
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        "alpha": [Interval(Real, 0, None, closed="neither")],
        "sigma": [Interval(Real, 0, None, closed="neither")],
        "n_landmarks": [None, whole(1)],
        "random_state": ["random_state"],
        "n_copies": [whole(1)],
    }

    def __init__(
        self,
        alpha: float = 0.003,
        *,
        sigma: float = 2.0,
        n_landmarks: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        n_copies: int = 1,
    ) -> None:
        self.alpha = alpha
        self.sigma = sigma
        self.n_landmarks = n_landmarks
        self.random_state = random_state
        self.n_copies = n_copies

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Fit the kernel's width and the coefficients.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training samples.
        y : array-like of shape (n_samples,)
            Class labels, at least two different ones.
        sample_weight : array-like of shape (n_samples,), default=None
            Factors of the samples' squared errors; one of weight 0 has no part.

        Returns
        -------
        self : MeanNormRidge
            The fitted classifier.
        """
        X, y = validate_data(self, X, y, dtype=[np.float64, np.float32])
        check_classification_targets(y)
        X = squarable(X)
        X, y, weight = weighted_samples(X, y, sample_weight)
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"{type(self).__name__} needs samples of at least 2 classes; y holds "
                f"1 class, {self.classes_[0]}."
            )
        if X.shape[1] % self.n_copies:
            raise ValueError(
                f"{X.shape[1]} features are not n_copies={self.n_copies} equal parts."
            )
        X = X.reshape(len(X), self.n_copies, -1)
        self.mean_ = weighted_mean(X, weight, axis=(0, 1)).astype(X.dtype)
        X = X - self.mean_
        self.gamma_ = mean_norm_gamma(X, self.sigma, weight)
        targets = 2.0 * np.eye(len(self.classes_))[labels] - 1
        self.intercept_ = weighted_mean(targets, weight)
        n_kernels = min(self.n_landmarks or len(X), len(X))
        if n_kernels > _MOST_KERNELS:
            raise ValueError(
                f"The matrix of {n_kernels} kernels is larger than libraries of linear "
                f"algebra bear; take n_landmarks of {_MOST_KERNELS} or less."
            )
        solve = self._solve if n_kernels == len(X) else self._solve_by_landmarks
        self.samples_ = self._landmarks(X, n_kernels)
        root = np.ones((1, 1)) if weight is None else np.sqrt(weight)[:, None]
        residuals = targets - self.intercept_
        some = spread_out(len(X))
        self.dual_coef_, left_out = solve(X, residuals, root=root, some=some)
        scores = targets[some] - left_out
        own = None if weight is None else weight[some]
        self.temperature_ = fit_temperature(scores, labels[some], own)
        return self

    def decision_function(self, X: ArrayLike) -> NDArray[Any]:
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
        scores = self._scores(X)
        return scores[:, 1] if len(self.classes_) == 2 else scores

    def predict_proba(self, X: ArrayLike) -> NDArray[Any]:
        """Return probabilities of the classes.

        They are the softmax of the outputs, divided by the `temperature_` that suits
        training samples that are left out, at most 1,000 of them.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        p : ndarray of shape (n_samples, n_classes)
            In the order of `classes_`; rows sum to 1.
        """
        return probabilities(self._scores(X), self.temperature_)

    def _scores(self, X):
        """Return the fitted outputs of every class: (n, K)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float64, np.float32], reset=False)
        X = X.reshape(len(X), self.n_copies, -1)
        scores = over_batches(
            lambda rows: self._kernel(rows - self.mean_) @ self.dual_coef_,
            X,
            n_kernels=len(self.samples_),
        )
        return scores + self.intercept_

    def predict(self, X: ArrayLike) -> NDArray[Any]:
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

    def _landmarks(self, X, n_kernels):
        """Return the samples that kernels are centred at."""
        if n_kernels == len(X):
            return X
        rng = check_random_state(self.random_state)
        return X[np.sort(rng.choice(len(X), n_kernels, replace=False))]

    def _solve(self, X, targets, *, root, some):
        """Return (K + αW⁻¹)⁻¹ y, and what some outputs miss when left out.

        With W^½ as `root` these are W^½ u of u = B⁻¹ W^½ y, where B = W^½ K W^½ + α,
        and the residuals α u_i / w_i^½ over 1 − h_i, with h_i = (1 − α B⁻¹_ii) / w_i
        for what one unit of weight has in its own output.
        """
        kernel = self._kernel(X)
        kernel *= root
        kernel *= root.T
        alpha = self.alpha / self.n_copies
        kernel.flat[:: len(kernel) + 1] += alpha
        factor = _factor(kernel)
        u = scipy.linalg.cho_solve(factor, targets * root)
        unit = np.zeros((len(kernel), len(some)))
        unit[some, np.arange(len(some))] = 1
        free = alpha * _quadratic_forms(factor, unit)[:, None]  # 1 − w h
        own = np.broadcast_to(root, (len(X), 1))[some]
        share = 1 / np.maximum(own**2, 1)  # of the weight, that is left out
        return u * root, alpha * u[some] / own / (1 - share + share * free)

    def _solve_by_landmarks(self, X, targets, *, root, some):
        """Return the same with kernels between samples and landmarks.

        These are c = (KᵀWK + α K_m)⁻¹ KᵀWy and (y_i − k_iᵀc) / (1 − h_i), with
        h_i = k_iᵀ (KᵀWK + α K_m)⁻¹ k_i.
        """
        normal = self._kernel(self.samples_)
        normal *= self.alpha / self.n_copies
        normal.flat[:: len(normal) + 1] += _JITTER * len(X)
        products = np.zeros((len(normal), targets.shape[1]))
        size = max(1, _BLOCK_BYTES // (8 * len(normal)))
        for start in range(0, len(X), size):
            rows = slice(start, start + size)
            kernel = self._kernel(X[rows])
            kernel *= np.broadcast_to(root, (len(X), 1))[rows]
            # the lower triangle alone, as LAPACK sees it: in columns
            scipy.linalg.blas.dsyrk(
                1.0, kernel.T, beta=1.0, c=normal.T, overwrite_c=True
            )
            products += kernel.T @ (targets * root)[rows]
        factor = _factor(normal)
        coef = scipy.linalg.cho_solve(factor, products)
        kernel = self._kernel(X[some])
        unit = np.minimum(np.broadcast_to(root**2, (len(X), 1))[some], 1)
        h = unit * _quadratic_forms(factor, kernel.T)[:, None]
        return coef, (targets[some] - kernel @ coef) / (1 - h)

    def _kernel(self, X):
        """Return the kernels of centred samples with training samples, in float64.

        Products of float32 stay float32: they move the kernel by less than 1e-6, where
        `alpha` is added to it.
        """
        centres = self.samples_.reshape(-1, self.samples_.shape[2])
        X = X.astype(centres.dtype, copy=False)
        squares = np.einsum("ij,ij->i", centres, centres)
        kernel = np.empty((len(X), len(self.samples_)))
        size = max(1, _BATCH_BYTES // (8 * self.n_copies * len(centres)))
        for start in range(0, len(X), size):
            rows = X[start : start + size].reshape(-1, X.shape[2])
            part = (rows @ centres.T).astype(float)
            part *= -2
            part += np.einsum("ij,ij->i", rows, rows)[:, None] + squares
            np.maximum(part, 0, out=part)
            part *= -self.gamma_
            np.exp(part, out=part)
            pairs = part.reshape(-1, self.n_copies, len(kernel.T), self.n_copies)
            kernel[start : start + size] = pairs.mean(axis=(1, 3))
        return kernel


def _factor(matrix):
    """Return the factor of a positive definite matrix given below its diagonal.

    It takes the matrix's own memory.
    """
    return scipy.linalg.cho_factor(matrix.T, lower=False, overwrite_a=True)


def _quadratic_forms(factor, vectors):
    """Return vᵀA⁻¹v of the columns v, for a factor of A."""
    halves = scipy.linalg.solve_triangular(factor[0], vectors, trans="T")
    return np.einsum("ij,ij->j", halves, halves)
