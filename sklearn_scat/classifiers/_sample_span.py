"""Few samples of many features, seen through their span or their inner products."""

from typing import Any, Self

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike, NDArray
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.utils.validation import check_is_fitted, validate_data


class SpanCoordinates(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Rotate fewer samples than features into as many coordinates as samples.

    The rows of X (n, p) span at most n dimensions. With Xᵀ = QR, the coordinates X Q
    have the inner products of X, and the weights of a linear model under an L2 penalty
    lie in that span [1]_. A model of the p features and one of the n coordinates
    therefore decide alike, on new samples too, though what a new sample has outside
    the span is dropped. Where n ≥ p nothing is done.

    Nothing is subtracted, so that this holds for a penalised intercept (`LinearSVC`) as
    for a free one; `PCA` centres, which only the free one forgives.

    Attributes
    ----------
    components_ : ndarray of shape (n_components_, n_features_in_) or None
        Orthonormal rows Qᵀ; None where `fit` saw as many samples as features or more.
    n_components_ : int
        Number of coordinates, min(n_samples, n_features).
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, where X had string names.

    References
    ----------
    .. [1] T. Hastie and R. Tibshirani, "Efficient quadratic regularization for
       expression arrays", Biostatistics 5(3), 2004, section 2.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.classifiers import SpanCoordinates
    >>> X = np.random.default_rng(0).normal(size=(20, 5000))
    >>> Z = SpanCoordinates().fit_transform(X)
    >>> Z.shape, bool(np.allclose(Z @ Z.T, X @ X.T))
    ((20, 20), True)
    """

    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Find an orthonormal basis of what the rows of X span.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training samples. float32 stays float32, all else becomes float64.
        y : None
            Ignored.

        Returns
        -------
        self : SpanCoordinates
            The fitted rotation.
        """
        X = validate_data(self, X, dtype=[np.float64, np.float32])
        self.components_ = None
        self.n_components_ = min(X.shape)
        if len(X) < X.shape[1]:
            # unlike an eigendecomposition, exact for rows of deficient rank
            Q, _ = scipy.linalg.qr(X.T, mode="economic", check_finite=False)
            self.components_ = Q.T
        return self

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Return the coordinates of samples.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        X_new : ndarray of shape (n_samples, n_components_)
            X Q, or X itself where `fit` saw as many samples as features or more.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float64, np.float32], reset=False)
        return X if self.components_ is None else X @ self.components_.T.astype(X.dtype)

    @property
    def _n_features_out(self):
        return self.n_components_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


class GramMatrix(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Turn samples into their inner products with the training samples.

    Before a search over classifiers with ``kernel="precomputed"``, so that all its fits
    share one product X Xᵀ: scikit-learn takes a fold's rows and columns out of it.

    Attributes
    ----------
    X_fit_ : ndarray of shape (n_samples, n_features)
        The training samples.
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, where X had string names.

    See Also
    --------
    sklearn.preprocessing.KernelCenterer : Centres such a matrix.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.svm import SVC
    >>> from sklearn_scat.classifiers import GramMatrix
    >>> X, y = load_digits(return_X_y=True)
    >>> search = GridSearchCV(SVC(kernel="precomputed"), {"C": [1e-5, 1e-3, 1e-1]})
    >>> model = make_pipeline(GramMatrix(), search).fit(X[:500], y[:500])
    >>> bool(model.score(X[500:], y[500:]) > 0.9)
    True
    """

    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Keep the training samples.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training samples. float32 stays float32, all else becomes float64.
        y : None
            Ignored.

        Returns
        -------
        self : GramMatrix
            The fitted transformer.
        """
        self.X_fit_ = validate_data(self, X, dtype=[np.float64, np.float32], copy=True)
        return self

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Return the inner products with the training samples.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        K : ndarray of shape (n_samples, n_training_samples)
            X times the transpose of the training samples.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float64, np.float32], reset=False)
        return X @ self.X_fit_.T.astype(X.dtype)

    @property
    def _n_features_out(self):
        return len(self.X_fit_)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
