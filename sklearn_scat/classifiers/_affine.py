"""Classification by the distance to one affine space per class."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import check_cv
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from sklearn_scat._compat import checked_weights, fit_context
from sklearn_scat._parameters import whole
from sklearn_scat.classifiers._affine_spaces import (
    Spaces,
    distances_by_dimension,
    errors_by_dimension,
    fit_spaces,
    squared_distances,
)
from sklearn_scat.classifiers._gaussian import squarable
from sklearn_scat.classifiers._temperature import (
    MOST_SAMPLES,
    fit_temperature,
    probabilities,
)

__all__ = ["PCAAffineClassifier"]


def _deal(y, n_folds, random_state):
    """Fold number of every sample: each class is shuffled and dealt round.

    Folds differ by at most one sample, and so do a class's shares. The only sample of
    a class gets −1: it is always learned from, for held out nothing would predict it.
    """
    order = random_state.permutation(len(y))
    order = order[np.argsort(y[order], kind="stable")]
    order = order[np.bincount(y)[y[order]] > 1]
    folds = np.full(len(y), -1)
    folds[order] = np.arange(len(order)) % n_folds
    return folds


def _checked_folds(cv, X, y):
    """Return the folds of a splitter or of an iterable, if it gives pairs."""
    if not hasattr(cv, "split"):
        cv = list(cv)
        if not all(isinstance(fold, Sequence) and len(fold) == 2 for fold in cv):
            raise ValueError(
                f"cv={cv!r} is no list of folds: pass a number of folds, a splitter, "
                "or pairs of the indices to learn from and to hold out."
            )
    return check_cv(cv, y, classifier=True).split(X, y)


def _largest_within_one_standard_error(errors):
    """Index of the last column whose mean is within one standard error of the best."""
    if len(errors) == 0:
        return 0
    mean = errors.mean(axis=0)
    best = mean.argmin()
    n_folds = len(errors)
    spread = errors[:, best].std(ddof=1) / np.sqrt(n_folds) if n_folds > 1 else 0.0
    return int(np.flatnonzero(mean <= mean[best] + spread)[-1])


def _chooses_dimension(classifier):
    """Tell whether samples are held out, by which probabilities are scaled."""
    return classifier.n_components == "cv"


class PCAAffineClassifier(ClassifierMixin, BaseEstimator):
    """Assign a sample to the nearest of the affine spaces that hold the classes.

    The space of class k passes through its mean μ_k along its first d principal
    directions v_k1 … v_kd, and x is given the class of the smallest

        e_k(x) = ‖x − μ_k‖² − Σ_{i≤d} ⟨x − μ_k, v_ki⟩²,

    its squared distance to that space. Spaces model what varies inside a class
    without changing it, so that few samples suffice where a discriminative classifier
    needs many, provided that the representation makes this variation linear, as
    scattering does. Features should be normalised first, by a square root or a
    logarithm: the largest coefficients rule the directions otherwise.

    Parameters
    ----------
    n_components : "cv" or int, default="cv"
        The dimension d, the same for all classes; a class of smaller rank keeps its
        rank, and d stays below `n_features`. 0 is the nearest centroid. "cv" takes
        the largest d whose cross-validated error is within one standard error of the
        smallest: folds hold fewer samples than the whole, so that the smallest error
        itself is met at too small a dimension.
    cv : int, splitter or iterable, default=5
        For "cv": the number of shuffled stratified folds, or anything that
        scikit-learn takes for `cv`. An integer is lowered to the size of the largest
        class; a class with fewer members than folds is absent from some, and the only
        sample of a class is never held out.
    max_components : int, default=160
        For "cv": the largest dimension tried (the range of [1]_). All dimensions
        up to it are compared, at the cost of one decomposition per class and fold.
    random_state : int, RandomState instance or None, default=None
        Shuffles the folds.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels.
    n_components_ : int
        The dimension d in use: what was asked or chosen, no larger than the rank of
        the largest class.
    means_ : ndarray of shape (n_classes, n_features)
        The means μ_k.
    components_ : ndarray of shape (n_classes, n_components_, n_features)
        The directions v_ki, orthonormal, by decreasing variance; rows beyond a
        class's rank are zero.
    ranks_ : ndarray of shape (n_classes,)
        The dimension of each class's space, at most `n_components_`.
    cv_errors_ : ndarray of shape (n_folds, n_dimensions)
        Share of misclassified held-out samples for the dimensions 0, 1, 2, …; only
        with ``n_components="cv"``, without rows where every class has one sample.
    temperature_ : float
        What squared distances are divided by in `predict_proba` [3]_; only with
        ``n_components="cv"``.
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, where X had string names.

    See Also
    --------
    sklearn.neighbors.NearestCentroid : The same with d = 0.

    Notes
    -----
    Equal distances go to the class that comes first in `classes_`. Distances that are
    small beside ‖x‖² are computed from the residual itself, not as a difference. The
    model keeps n_classes · (1 + n_components_) · n_features numbers.

    References
    ----------
    .. [1] J. Bruna and S. Mallat, "Invariant Scattering Convolution Networks", IEEE
       Transactions on Pattern Analysis and Machine Intelligence 35(8), 2013,
       section 4.1.
    .. [2] T. Hastie, R. Tibshirani and J. Friedman, "The Elements of Statistical
       Learning", 2nd edition, Springer, 2009, section 7.10 (one standard error).
    .. [3] C. Guo, G. Pleiss, Y. Sun and K. Weinberger, "On calibration of modern neural
       networks", ICML 2017, section 4.2 (the temperature of probabilities).

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn_scat import PCAAffineClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> X, X_test, y, y_test = train_test_split(X, y, random_state=0, stratify=y)
    >>> classifier = PCAAffineClassifier(n_components=16).fit(X, y)
    >>> bool(classifier.score(X_test, y_test) > 0.98)
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        "n_components": [
            StrOptions({"cv"}),
            whole(0),
        ],
        "cv": ["cv_object"],
        "max_components": [whole(0)],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_components: Literal["cv"] | int = "cv",
        *,
        cv: Any = 5,
        max_components: int = 160,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_components = n_components
        self.cv = cv
        self.max_components = max_components
        self.random_state = random_state

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Fit the mean and the principal directions of every class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training samples. float32 stays float32, all else becomes float64.
        y : array-like of shape (n_samples,)
            Class labels, at least two different ones.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples in means, covariances and errors of folds; one of
            weight 0 has no part.

        Returns
        -------
        self : PCAAffineClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            If y holds one class only, or a fold of a given `cv` leaves a class
            without training samples.
        """
        X, y = validate_data(self, X, y, dtype=[np.float64, np.float32])
        check_classification_targets(y)
        X = squarable(X)
        weight = checked_weights(sample_weight, X)
        self.classes_, y = np.unique(y, return_inverse=True)
        n_classes = len(self.classes_)
        if n_classes < 2:
            raise ValueError(
                f"{type(self).__name__} needs samples of at least 2 classes; y holds "
                f"1 class, {self.classes_[0]}."
            )
        # a space of all n_features dimensions is at distance 0 of everything
        counts = np.bincount(y, weights=None if weight is None else weight > 0)
        if not counts.all():
            raise ValueError(
                f"All samples of class {self.classes_[counts.argmin()]} have weight "
                "0: leave them out, or give one a weight."
            )
        largest = min(int(counts.max()) - 1, X.shape[1] - 1)
        if self.n_components == "cv":
            largest = min(largest, self.max_components)
            self.cv_errors_, held_out = self._cross_validate(
                X, y, largest, weight=weight
            )
            largest = _largest_within_one_standard_error(self.cv_errors_)
        else:
            largest = min(largest, self.n_components)
        self.means_, self.components_, self.ranks_ = fit_spaces(
            X, y, n_classes=n_classes, max_dim=largest, weight=weight
        )
        self.n_components_ = self.components_.shape[1]
        if self.n_components == "cv":
            self.temperature_ = self._temperature(held_out, X, y, weight=weight)
        return self

    def _folds(self, X, y):
        """Yield the training and held-out indices of every fold."""
        if not isinstance(self.cv, Integral):
            yield from _checked_folds(self.cv, X, y)
            return
        n_folds = min(self.cv, np.bincount(y).max())
        fold = _deal(y, n_folds, check_random_state(self.random_state))
        for f in range(n_folds):
            if np.any(fold == f):
                yield np.flatnonzero(fold != f), np.flatnonzero(fold == f)

    def _cross_validate(self, X, y, max_dim, *, weight):
        """Error of every dimension 0…max_dim in every fold, and some distances.

        These are of held-out samples to the spaces of every dimension, with labels.
        """
        n_classes = len(self.classes_)
        errors: list[np.ndarray] = []
        held_out = []
        for train, test in self._folds(X, y):
            missing = np.setdiff1d(np.arange(n_classes), y[train])
            if len(missing):
                raise ValueError(
                    f"Fold {len(errors)} of cv={self.cv!r} leaves no training sample "
                    f"of class {self.classes_[missing[0]]!r}; pass stratified folds."
                )
            learned, tested = (
                {"max_dim": max_dim, "weight": None if weight is None else weight[rows]}
                for rows in (train, test)
            )
            spaces = fit_spaces(X[train], y[train], n_classes=n_classes, **learned)
            errors.append(errors_by_dimension(X[test], y[test], spaces, **tested))
            some = test[: MOST_SAMPLES // 5]
            held_out.append((some, distances_by_dimension(X[some], spaces)))
        return np.reshape(errors, (len(errors), max_dim + 1)), held_out

    def _temperature(self, held_out, X, y, *, weight):
        """Return what distances are divided by to give probabilities."""
        if not held_out:  # a sample a class
            scale = np.ptp(self._distances(X), axis=1).mean(dtype=np.float64)
            return float(scale) or 1.0
        dim = self.n_components_
        rows = np.concatenate([some for some, _ in held_out])
        scores = [-d[..., min(dim, d.shape[2] - 1)] for _, d in held_out]
        own = None if weight is None else weight[rows]
        return fit_temperature(np.concatenate(scores), y[rows], own)

    def _distances(self, X):
        """Return the squared distances e_k(x): (n, K)."""
        return squared_distances(X, Spaces(self.means_, self.components_, self.ranks_))

    def decision_function(self, X: ArrayLike) -> NDArray[Any]:
        """Squared distances to the classes' spaces, negated.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        scores : ndarray of shape (n_samples, n_classes) or (n_samples,)
            −e_k(x), in the order of `classes_`; with two classes the difference
            e_0(x) − e_1(x), positive where the second class is nearer. In the
            precision that X had in `fit`.
        """
        scores = self._scores(X)
        return scores[:, 1] - scores[:, 0] if len(self.classes_) == 2 else scores

    @available_if(_chooses_dimension)
    def predict_proba(self, X: ArrayLike) -> NDArray[Any]:
        """Return probabilities of the classes, with ``n_components="cv"``.

        They are proportional to exp(−e_k(x) / τ), with the `temperature_` τ that suits
        samples that folds held out, at most 200 of each.

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
        """Return −e_k(x) of checked samples: (n, K)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float64, np.float32], reset=False)
        return -self._distances(X)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Class of the nearest space.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        y : ndarray of shape (n_samples,)
            Class labels; of equal distances, the class first in `classes_`.
        """
        scores = self.decision_function(X)
        index = scores > 0 if scores.ndim == 1 else scores.argmax(axis=1)
        return self.classes_[index.astype(int)]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True  # its test draws blobs on a plane
        return tags
