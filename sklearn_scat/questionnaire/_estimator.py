"""Matrices whose rows and columns organise each other."""

from numbers import Real
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from sklearn_scat._compat import fit_context, warn
from sklearn_scat._parameters import whole
from sklearn_scat.questionnaire._answers import with_gaps
from sklearn_scat.questionnaire._binary import random_tree_pairs
from sklearn_scat.questionnaire._denoise import denoise, fill_missing
from sklearn_scat.questionnaire._haar import haar, inverse_haar, tensor_haar
from sklearn_scat.questionnaire._means import folder_means
from sklearn_scat.questionnaire._organise import organise
from sklearn_scat.questionnaire._reversal import Reversal, fill_upright
from sklearn_scat.questionnaire._scores import haar_entropy
from sklearn_scat.questionnaire._sides import AFFINITIES

__all__ = ["Questionnaire"]

_FLOATS = [np.float64, np.float32]


class Questionnaire(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    r"""Organise the rows and columns of a matrix, each by the other.

    A matrix of questions × people, or of any two kinds of things, comes in an order
    that says nothing. Questions are alike if groups of alike people answer them alike,
    and people are alike if they answer groups of alike questions alike: a tree on the
    columns gives distances of rows, these a tree on the rows, which gives distances of
    columns, and so on [1]_. Read in the order of the trees, the matrix is smooth where
    it can be, and few of its coefficients in the tensor product of the trees' Haar-like
    bases are large.

    As a transformer it takes rows to coefficients in the basis of the columns' tree.

    Parameters
    ----------
    n_iter : int, default=3
        Largest number of rounds; it ends earlier if the trees come back.
    tree : {"flexible", "binary", "average"}, default="flexible"
        Joined bottom up at the times of a diffusion, with folders as large as the data
        say; cut in two top down; or by average linkage, which gives the smoothest
        orders (``benchmarks/orders.py``).
    init : {"cosine", "gaussian"}, default="cosine"
        First affinities of rows: cosines, floored at 0, for answers of both signs; or
        a Gaussian of distances at the scale of each row's neighbours.
    row_affinity : {"tree", "correlation", "absolute_correlation"}, default="tree"
        What rows are compared by: the tree on the columns; their correlations over the
        answers in common (:func:`~sklearn_scat.questionnaire.correlation_affinity`),
        which do not depend on units; or these without signs, where some questions are
        put in reverse, which are then turned round before they are averaged with
        others.
    column_affinity : {"tree", "correlation", "absolute_correlation"}, default="tree"
        What columns are compared by. People × questions take "absolute_correlation".
    standardize : {"rows", "columns"}, default=None
        Bring rows, or columns, to mean 0 and variance 1 before they are compared. Do
        so where their units differ: what has large numbers decides otherwise. The
        trees alone see it; coefficients are those of X.
    eps : float, default=1.0
        Scale of the affinities, in medians of the distances, and inverse scale of the
        joins.
    alpha : float, default=0.0
        The folders F of level ℓ weigh :math:`(|F|/n)^\beta 2^{-\ell\alpha}` in the
        distances: positive values give more to coarse levels.
    beta : float, default=0.0
        Larger values give more to large folders. That each counts alike gives the
        smoothest orders (``benchmarks/orders.py``).
    missing : {"error", "ignore"}, default="error"
        What NaN are: refused, or missing answers. Affinities and means are then over
        the answers that there are, and `transform` takes the mean of the smallest
        folder of columns around a missing one. Rows and columns without any answer are
        put into folders of their own, with a UserWarning.
    verbose : bool, default=False
        Print a line after each tree.

    Attributes
    ----------
    row_tree_, column_tree_ : PartitionTree
        The trees.
    row_order_, column_order_ : ndarray of int
        Their leaves from first to last: ``X[row_order_][:, column_order_]`` is the
        matrix, organised. Of all orders that keep every folder together, the one with
        the smallest total variation.
    row_embedding_ : ndarray of shape (n_samples, n_vectors)
        Diffusion coordinates of the rows.
    column_embedding_ : ndarray of shape (n_features, n_vectors)
        Diffusion coordinates of the columns.
    row_signs_, column_signs_ : ndarray of shape (n_samples,) and (n_features,)
        −1 for rows or columns that oppose those around them, under
        "absolute_correlation": questions put in reverse. 1 for all others.
    column_means_ : ndarray of shape (n_features,)
        Mean answers: reversed columns are turned round them where missing answers are
        filled in from the columns around.
    coef_ : ndarray of shape (n_samples, n_features)
        Coefficients of X in the tensor product of the bases; missing answers are the
        means of the folders around them.
    entropy_ : float
        Their ℓ1 entropy, :math:`\sum|C| / \|C\|_2`.
    n_iter_ : int
        Number of rounds done.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, where X had string names.

    See Also
    --------
    sklearn_scat.questionnaire.organise : The same as a function.

    Notes
    -----
    The result does not depend on the order of rows and columns, unless two different
    ones hold the same numbers. Time grows as n²p + p²n: 3,000 × 3,000 take about a
    minute and 1 GB.

    References
    ----------
    .. [1] R. R. Coifman and M. Gavish, "Harmonic analysis of digital data bases", in
       *Wavelets and Multiscale Analysis*, Birkhäuser, 2011, section 5.

    Examples
    --------
    >>> from sklearn_scat.datasets import make_questionnaire
    >>> from sklearn_scat import Questionnaire
    >>> answers = make_questionnaire(random_state=0)
    >>> questionnaire = Questionnaire().fit(answers.data)
    >>> questionnaire.entropy_ < 8  # 74 for trees at random
    True
    >>> questionnaire.transform(answers.data[:2]).shape
    (2, 96)
    """

    _parameter_constraints: ClassVar[dict] = {
        "n_iter": [whole(1)],
        "tree": [StrOptions({"flexible", "binary", "average"})],
        "init": [StrOptions({"cosine", "gaussian"})],
        "row_affinity": [StrOptions(AFFINITIES)],
        "column_affinity": [StrOptions(AFFINITIES)],
        "standardize": [StrOptions({"rows", "columns"}), None],
        "eps": [Interval(Real, 0, None, closed="neither")],
        "alpha": [Interval(Real, None, None, closed="neither")],
        "beta": [Interval(Real, None, None, closed="neither")],
        "missing": [StrOptions({"error", "ignore"})],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        n_iter: int = 3,
        *,
        tree: Literal["flexible", "binary", "average"] = "flexible",
        init: Literal["cosine", "gaussian"] = "cosine",
        row_affinity: Literal["tree", "correlation", "absolute_correlation"] = "tree",
        column_affinity: Literal[
            "tree", "correlation", "absolute_correlation"
        ] = "tree",
        standardize: Literal["rows", "columns"] | None = None,
        eps: float = 1.0,
        alpha: float = 0.0,
        beta: float = 0.0,
        missing: Literal["error", "ignore"] = "error",
        verbose: bool = False,
    ) -> None:
        self.n_iter = n_iter
        self.tree = tree
        self.init = init
        self.row_affinity = row_affinity
        self.column_affinity = column_affinity
        self.standardize = standardize
        self.eps = eps
        self.alpha = alpha
        self.beta = beta
        self.missing = missing
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Organise a matrix.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The matrix.
        y : None
            Not used.

        Returns
        -------
        self : Questionnaire
            The fitted questionnaire.
        """
        X = self._validate(X, reset=True).astype(np.float64, copy=False)
        self._warn_of_silence(X)
        found = organise(
            X,
            n_iter=self.n_iter,
            tree=self.tree,
            init=self.init,
            row_affinity=self.row_affinity,
            column_affinity=self.column_affinity,
            standardize=self.standardize,
            eps=self.eps,
            alpha=self.alpha,
            beta=self.beta,
            progress=self._say if self.verbose else None,
        )
        self.row_tree_, self.column_tree_ = found.row_tree, found.column_tree
        self.row_order_ = found.row_tree.order
        self.column_order_ = found.column_tree.order
        self.row_embedding_ = found.row_map.coordinates
        self.column_embedding_ = found.column_map.coordinates
        self.row_signs_, self.column_signs_ = found.row_signs, found.column_signs
        self.column_means_ = Reversal.of_rows(X.T, found.column_signs).means
        self.n_iter_ = found.n_iter
        trees = found.row_tree, found.column_tree
        self.coef_ = tensor_haar(self._fill(X), *trees)
        self.entropy_ = haar_entropy(self.coef_)
        return self

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Coefficients of rows in the Haar-like basis of the columns' tree.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of answers, those of `fit` or others.

        Returns
        -------
        C : ndarray of shape (n_samples, n_features)
            Coefficients: the constant first, then folders from coarse to fine. Each row
            keeps its norm. float32 stays float32, all else becomes float64.
        """
        check_is_fitted(self)
        X = self._validate(X, reset=False)
        if self.missing == "ignore" and np.isnan(X).any():
            turn = Reversal(self.column_signs_, self.column_means_)
            filled = folder_means(turn(X.T), self.column_tree_)[-1]
            X = turn(filled[self.column_tree_.partitions[-1]]).T.astype(X.dtype)
        return haar(X, self.column_tree_, axis=1)

    def inverse_transform(self, X: ArrayLike) -> NDArray[Any]:
        """Rows from their coefficients in the Haar-like basis of the columns' tree.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            What `transform` returns.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)
            Rows of answers.
        """
        check_is_fitted(self)
        X = np.asarray(X, dtype=np.result_type(np.asarray(X).dtype, np.float32))
        if X.ndim != 2 or X.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X of shape {X.shape}; expected (n_samples, {self.n_features_in_})."
            )
        return inverse_haar(X, self.column_tree_, axis=1)

    def denoise(
        self,
        X: ArrayLike,
        *,
        n_trees: int = 8,
        sigma: float | None = None,
        random_state: int | np.random.Generator | None = 0,
    ) -> NDArray[Any]:
        """Estimate of the matrix without noise, its missing answers filled in.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The matrix given to `fit`.
        n_trees : int, default=8
            Number of pairs of trees, cut at random places, to average over.
        sigma : float, default=None
            Standard deviation of the noise; None estimates it.
        random_state : int, numpy.random.Generator or None, default=0
            Seed of the cuts.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)
            The estimate.

        Raises
        ------
        ValueError
            If X is not as many rows as `fit` had.
        """
        check_is_fitted(self)
        X = self._validate(X, reset=False)
        trees = self.row_tree_, self.column_tree_
        if len(X) != self.row_tree_.n_points:
            raise ValueError(
                f"X has {len(X)} rows, but fit saw {self.row_tree_.n_points}: only the "
                f"matrix of fit can be denoised."
            )
        pairs = random_tree_pairs(X, trees, n_pairs=n_trees, random_state=random_state)
        return denoise(self._fill(X), pairs, sigma=sigma)

    def _fill(self, X):
        """Return the matrix of `fit` with the answers that are missing."""
        return fill_upright(
            X,
            (self.row_signs_, self.column_signs_),
            lambda upright: fill_missing(upright, self.row_tree_, self.column_tree_),
        )

    def _validate(self, X, *, reset):
        finite = True if self.missing == "error" else "allow-nan"
        return validate_data(
            self, with_gaps(X), dtype=_FLOATS, ensure_all_finite=finite, reset=reset
        )

    def _warn_of_silence(self, X):
        """Warn of rows and columns without any answer."""
        for name, axis in (("rows", 1), ("columns", 0)):
            n_silent = int(np.isnan(X).all(axis=axis).sum())
            if n_silent:
                warn(
                    f"{n_silent} {name} hold no answer; their place says nothing.",
                    UserWarning,
                )

    def _say(self, text):
        print(f"[{type(self).__name__}] {text}", flush=True)

    @property
    def _n_features_out(self):
        return self.n_features_in_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self.missing == "ignore"
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
