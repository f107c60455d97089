"""Linear classifiers that waste no time where features outnumber samples."""

from numbers import Integral

import numpy as np
import scipy.linalg
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC, LinearSVC
from sklearn.utils.validation import check_is_fitted, validate_data

__all__ = ["ExactRotation", "GramMatrix", "linear_head"]


class ExactRotation(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
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
    >>> from sklearn_scat.linear import ExactRotation
    >>> X = np.random.default_rng(0).normal(size=(20, 5000))
    >>> Z = ExactRotation().fit_transform(X)
    >>> Z.shape, bool(np.allclose(Z @ Z.T, X @ X.T))
    ((20, 20), True)
    """

    def fit(self, X, y=None):
        """Find an orthonormal basis of what the rows of X span.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training samples. float32 stays float32, all else becomes float64.
        y : None
            Ignored.

        Returns
        -------
        self : ExactRotation
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

    def transform(self, X):
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
    >>> from sklearn_scat.linear import GramMatrix
    >>> X, y = load_digits(return_X_y=True)
    >>> search = GridSearchCV(SVC(kernel="precomputed"), {"C": [1e-5, 1e-3, 1e-1]})
    >>> model = make_pipeline(GramMatrix(), search).fit(X[:500], y[:500])
    >>> bool(model.score(X[500:], y[500:]) > 0.9)
    True
    """

    def fit(self, X, y=None):
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

    def transform(self, X):
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


_LOSSES = ("auto", "squared_hinge", "hinge", "log_loss")
_FEW = 500  # samples up to which LinearSVC is both the best and fast enough
_GRAM = 10_000  # samples whose Gram matrix fits: 0.8 GB
_SATURATED = 100  # C·n_features beyond which LinearSVC no longer changes, but is slow


def linear_head(
    n_samples, n_features, *, loss="auto", C=None, cv=5, random_state=0, n_jobs=None
):
    """Linear classifier with a search over C, fast for the sizes at hand.

    To stand after the scattering and a `StandardScaler`, which its values of C assume.
    All parts are scikit-learn's own. Where features outnumber samples they see the
    samples through `ExactRotation` or `GramMatrix`, which leave every decision as it is
    and cost a small part of the time.

    Parameters
    ----------
    n_samples : int
        Number of training samples.
    n_features : int
        Number of features.
    loss : {"auto", "squared_hinge", "hinge", "log_loss"}, default="auto"
        - "squared_hinge": `LinearSVC` on its dual, one class against the rest;
        - "hinge": `SVC` on a Gram matrix, one class against another;
        - "log_loss": multinomial `LogisticRegression` with L-BFGS;
        - "auto": the first up to 500 samples, the second up to 10,000 if features
          outnumber samples, the third otherwise: the most accurate of those that take
          seconds on scattering features of digits.
    C : float or array-like of float, default=None
        One value, not searched, or the values to choose from. By default powers of 10:
        1e-5 … 1e-1, for "squared_hinge" only those up to 100 / n_features, beyond which
        standardised samples are separated and the solver stalls, and 1e-4 … 1 for
        "log_loss".
    cv : int or splitter, default=5
        Folds of the search: a number of shuffled stratified folds, no larger than the
        number of samples of a class, or a scikit-learn splitter.
    random_state : int, RandomState instance or None, default=0
        For the folds and for `LinearSVC`.
    n_jobs : int, default=None
        Number of parallel jobs of the search.

    Returns
    -------
    head : Pipeline
        Unfitted. Its last step is a `GridSearchCV` over C, or the classifier itself if
        C is a number.

    Raises
    ------
    ValueError
        If a size, `loss`, C or `cv` is out of range.

    Notes
    -----
    The rotation is learned from all that the head is fitted on, the folds of its own
    search included; as it changes no decision, nothing leaks through it.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn_scat.linear import linear_head
    >>> X, y = load_digits(return_X_y=True)
    >>> model = make_pipeline(StandardScaler(), linear_head(300, 64))
    >>> bool(model.fit(X[:300], y[:300]).score(X[300:], y[300:]) > 0.85)
    True
    """
    for name, value in (("n_samples", n_samples), ("n_features", n_features)):
        if value != int(value) or value < 1:
            raise ValueError(f"{name}={value!r}; pass an integer ≥ 1.")
    if loss not in _LOSSES:
        raise ValueError(f"loss={loss!r}; pass one of {_LOSSES}.")
    if loss == "auto":
        loss = _choose_loss(n_samples, n_features)
    values = _default_grid(loss, n_features) if C is None else np.asarray(C, float)
    if values.size == 0 or not np.all((values > 0) & np.isfinite(values)):
        raise ValueError(f"C={C!r}; pass positive numbers.")
    before, classifier = _parts(loss, random_state)
    if values.ndim == 0:
        return make_pipeline(before, classifier.set_params(C=float(values)))
    if isinstance(cv, Integral):
        if cv < 2:
            raise ValueError(f"cv={cv}; pass 2 or more, or one value of C.")
        cv = StratifiedKFold(cv, shuffle=True, random_state=random_state)
    grid = {"C": values.tolist()}
    search = GridSearchCV(classifier, grid, cv=cv, n_jobs=n_jobs)
    return make_pipeline(before, search)


def _choose_loss(n_samples, n_features):
    if n_samples <= _FEW:
        return "squared_hinge"
    return "hinge" if n_samples < min(n_features, _GRAM + 1) else "log_loss"


def _default_grid(loss, n_features):
    if loss == "log_loss":
        return np.logspace(-4, 0, 5)
    values = np.logspace(-5, -1, 5)
    if loss == "hinge":
        return values
    return values[: max(2, np.sum(values * n_features <= _SATURATED))]


def _parts(loss, random_state):
    """Return what comes before the classifier, and the classifier."""
    if loss == "hinge":
        return GramMatrix(), SVC(kernel="precomputed")
    if loss == "squared_hinge":
        return ExactRotation(), LinearSVC(dual=True, random_state=random_state)
    return ExactRotation(), LogisticRegression(max_iter=1000)
