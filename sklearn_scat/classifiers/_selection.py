"""Supervised selection of features by orthogonal least squares."""

from itertools import chain
from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils._param_validation import Interval
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from sklearn_scat._compat import check_feature_names_in, fit_context, warn
from sklearn_scat._parameters import whole
from sklearn_scat.classifiers._orthogonal_search import (
    OrthogonalSelection,
    orthogonal_least_squares,
)
from sklearn_scat.classifiers._ragged import gathered, laid_out

_RAGGED = ("support_", "residuals_", "triangles_")

__all__ = ["OrthogonalLeastSquares", "OrthogonalSelection", "orthogonal_least_squares"]


class OrthogonalLeastSquares(TransformerMixin, BaseEstimator):
    """Select for every class the features that explain its indicator best.

    The target of a class is 1 on its samples and 0 elsewhere, centred. Greedy
    orthogonal least squares picks features for all classes at once; a round ends when
    every class has its share, and the next one chooses among the features that no
    class has taken. Within a round classes may share features.

    Parameters
    ----------
    n_features_per_class : int, default=20
        Number of features selected for a class in a round. Published settings for
        scattering features [1]_: 200 in 2 rounds for CIFAR-10 (4,000 features), 20 in
        2 rounds for CIFAR-100, 30 in 5 rounds for Caltech-101.
    n_rounds : int, default=2
        Number of rounds.
    whiten : bool, default=True
        True gives each round's features of each class as an orthonormal system: with
        the centred training columns X = QR, x becomes (x − mean) R⁻¹, and the training
        samples become Q. False gives the selected features as they are, each once, in
        the order of the input.
    tol : float, default=1e-8
        A class's round ends early where no feature lowers the squared residual by
        more than this share of the target's squared norm.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels.
    support_ : list of list of ndarray
        ``support_[round][class]``: the selected features in the order of selection.
        Two classes have opposite targets, hence share one array per round.
    triangles_ : list of list of ndarray
        ``triangles_[round][class]``: the triangle R, its diagonal positive.
    residuals_ : list of list of ndarray
        ``residuals_[round][class]``: the share of the target's squared norm left before
        the first and after every selection.
    mean_ : ndarray of shape (n_features_in_,)
        Means of the training features.
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, where X had string names.

    See Also
    --------
    orthogonal_least_squares : The function beneath.

    Notes
    -----
    The choice depends on no feature's scale or mean. Constant features, and features
    that lie in the span of those selected before, are passed over. An orthonormal
    column has entries of the order 1/√n_samples: standardise them, or scale the
    kernel, before a classifier that minds. Memory beyond X: n_samples ·
    n_features_per_class · n_classes numbers.

    References
    ----------
    .. [1] E. Oyallon and S. Mallat, "Deep Roto-Translation Scattering for Object
       Classification", CVPR 2015.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_scat import OrthogonalLeastSquares
    >>> X, y = load_digits(return_X_y=True)
    >>> selector = OrthogonalLeastSquares(n_features_per_class=3, n_rounds=1)
    >>> selector.fit_transform(X, y).shape
    (1797, 30)
    """

    _parameter_constraints: ClassVar[dict] = {
        "n_features_per_class": [whole(1)],
        "n_rounds": [whole(1)],
        "whiten": ["boolean"],
        "tol": [Interval(Real, 0, 1, closed="left")],
    }

    def __init__(
        self,
        n_features_per_class: int = 20,
        n_rounds: int = 2,
        *,
        whiten: bool = True,
        tol: float = 1e-8,
    ) -> None:
        self.n_features_per_class = n_features_per_class
        self.n_rounds = n_rounds
        self.whiten = whiten
        self.tol = tol

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Select the features, and orthonormalise them.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training samples. float32 stays float32, all else becomes float64.
        y : array-like of shape (n_samples,)
            Class labels, at least two different ones.

        Returns
        -------
        self : OrthogonalLeastSquares
            The fitted selector.

        Raises
        ------
        ValueError
            If y holds one class only, or no feature varies with it.
        """
        X, y = validate_data(self, X, y, dtype=[np.float64, np.float32])
        check_classification_targets(y)
        self.classes_, y = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"{type(self).__name__} needs samples of at least 2 classes; y holds "
                f"1 class, {self.classes_[0]}."
            )
        if len(X) <= min(self.n_features_per_class, X.shape[1]):
            warn(
                f"{len(X)} samples allow at most {len(X) - 1} features per class, not "
                f"n_features_per_class={self.n_features_per_class}.",
            )
        self.mean_ = X.mean(axis=0, dtype=np.float64)
        self._select(X, np.eye(len(self.classes_))[y])
        if not any(map(len, chain(*self.support_))):
            raise ValueError(
                f"None of the {X.shape[1]} features varies with the classes."
            )
        self.triangles_ = [
            [self._triangle(X, block) for block in blocks] for blocks in self.support_
        ]
        return self

    def _select(self, X, targets):
        targets = targets[:, :1] if len(self.classes_) == 2 else targets
        candidates = np.ones(X.shape[1], bool)
        self.support_, self.residuals_ = [], []
        for _ in range(self.n_rounds):
            selection = orthogonal_least_squares(
                X,
                targets,
                self.n_features_per_class,
                candidates=candidates,
                fit_intercept=True,
                tol=self.tol,
            )
            self.support_.append(list(selection.support))
            self.residuals_.append(list(selection.residuals))
            candidates[np.concatenate(selection.support)] = False

    def _triangle(self, X, block):
        columns = X[:, block] - self.mean_[block]
        triangle = scipy.linalg.qr(columns, mode="r")[0][: len(block)]
        return triangle * np.where(np.diag(triangle) < 0, -1.0, 1.0)[:, None]

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Return the selected features, orthonormalised if `whiten`.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        X_new : ndarray of shape (n_samples, n_selected)
            With `whiten` the blocks of the first round, class by class, then those of
            the next; otherwise the columns of X that `get_support` marks.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float64, np.float32], reset=False)
        if not self.whiten:
            return X[:, self.get_support(indices=True)]
        result = np.empty((len(X), self._n_features_out), X.dtype)
        start = 0
        for block, triangle in zip(
            chain(*self.support_), chain(*self.triangles_), strict=True
        ):
            centred = X[:, block] - self.mean_[block]
            stop = start + len(block)
            result[:, start:stop] = scipy.linalg.solve_triangular(
                triangle, centred.T, trans="T"
            ).T
            start = stop
        return result

    def get_support(self, indices: bool = False) -> NDArray[Any]:
        """Mask, or integer index, of the features that any class selected.

        Parameters
        ----------
        indices : bool, default=False
            Whether to return increasing indices instead of a mask.

        Returns
        -------
        support : ndarray
            Of shape (n_features_in_,) and bool, or of shape (n_selected,) and int.
        """
        check_is_fitted(self)
        mask = np.zeros(self.n_features_in_, bool)
        mask[np.concatenate(list(chain(*self.support_)))] = True
        return np.flatnonzero(mask) if indices else mask

    @property
    def _n_features_out(self):
        if self.whiten:
            return sum(map(len, chain(*self.support_)))
        return int(self.get_support().sum())

    def get_feature_names_out(
        self, input_features: ArrayLike | None = None
    ) -> NDArray[Any]:
        """Names of the output columns.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the input features, where `fit` saw none.

        Returns
        -------
        names : ndarray of str objects
            With `whiten`, ``ols{round}_c{class index}_{feature}``, for the column that
            is what this feature adds to those before it in its block; otherwise the
            names of the selected features.
        """
        check_is_fitted(self)
        names = check_feature_names_in(self, input_features)
        if not self.whiten:
            return names[self.get_support()]
        return np.array(
            [
                f"ols{r}_c{k}_{names[i]}"
                for r, blocks in enumerate(self.support_)
                for k, block in enumerate(blocks)
                for i in block
            ],
            dtype=object,
        )

    def __getstate__(self):
        """Return the attributes, those of many short arrays laid end to end."""
        state = dict(super().__getstate__())
        ragged = {k: laid_out(state[k]) for k in _RAGGED if k in state}
        return state | ragged

    def __setstate__(self, state):
        """Set attributes, also such as former versions stored them, array by array."""
        ragged = {k: state[k] for k in _RAGGED if isinstance(state.get(k), dict)}
        super().__setstate__(state | {k: gathered(v) for k, v in ragged.items()})

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
