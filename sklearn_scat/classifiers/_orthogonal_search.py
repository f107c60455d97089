"""Greedy orthogonal least squares, for many targets at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_array, gen_batches

_COLLINEAR = 1e-10  # share of a column's norm² below which the basis explains it
# Running values carry the rounding of their first size: once below this share of the
# value last computed exactly, they are computed anew.
_STALE = {np.dtype(np.float64): 1e-6, np.dtype(np.float32): 1e-2}
_CHUNK = 2**22  # numbers in a working array


@dataclass(frozen=True)
class OrthogonalSelection:
    """Columns that orthogonal least squares selected for each of several targets.

    Attributes
    ----------
    support : tuple of ndarray of int
        For each target, the selected columns in the order of selection.
    residuals : tuple of ndarray of float
        For each target, the share of ‖y‖² that is left before the first and after
        every selection: one number more than columns, from 1 downwards.
    """

    support: tuple
    residuals: tuple


class _Search:
    """Greedy searches for K targets that share the matrix X (n, p).

    Every target has its own orthonormal basis Q of selected columns and keeps, for all
    columns at once, c_i = ⟨x_i, r⟩ and ‖(I − QQᵀ)x_i‖², with r = y − QQᵀy.
    """

    def __init__(self, X, Y, *, n_steps, candidates, fit_intercept):
        self.X = X
        n, p = X.shape
        self.offset = X.mean(axis=0, dtype=np.float64) if fit_intercept else np.zeros(p)
        self.residual = (Y - Y.mean(axis=0) if fit_intercept else Y).T.copy()  # (K, n)
        self.size = np.zeros(p)  # ‖x_i‖²
        for rows in gen_batches(n, max(1, _CHUNK // p)):
            self.size += np.sum((X[rows] - self.offset) ** 2, axis=0)
        before = self.size + n * self.offset**2  # the norm² that centring left
        rounding = 10 * np.finfo(X.dtype).eps + n * np.finfo(np.float64).eps
        varies = self.size > rounding**2 * before
        n_targets = len(self.residual)
        self.alive = np.tile(candidates & varies, (n_targets, 1))  # (K, p)
        self.left = np.tile(self.size, (n_targets, 1))
        self.exact = self.left.copy()  # what `left` was when last computed exactly
        self.products = self._against_columns(self.residual)
        self.basis = np.zeros((n_targets, n_steps, n), X.dtype)
        self.step = 0

    def _against_columns(self, vectors):
        """Inner products of K vectors with the p columns, in one matrix product."""
        products = (vectors.astype(self.X.dtype, copy=False) @ self.X).astype(float)
        return products - np.outer(vectors.sum(axis=1), self.offset)

    def _off_basis(self, k, columns):
        """Columns of X, centred, and their parts orthogonal to the basis: (m, n)."""
        centred = self.X[:, columns].T - self.offset[columns, None]
        orthogonal = centred.copy()
        basis = self.basis[k, : self.step]
        for _ in range(2):  # twice is enough for orthogonality to rounding
            orthogonal -= orthogonal.astype(basis.dtype) @ basis.T @ basis
        return centred, orthogonal

    def pick(self, k, least):
        """Column that lowers ‖r_k‖² most; None where none does by over `least`."""
        gain = np.full(len(self.size), -1.0)
        np.divide(self.products[k] ** 2, self.left[k], out=gain, where=self.alive[k])
        i = gain.argmax()
        return i if gain[i] > least else None

    def append(self, targets, columns):
        """Add one column to the basis of each of some targets."""
        for k, i in zip(targets, columns, strict=True):
            _, (direction,) = self._off_basis(k, [i])
            self.basis[k, self.step] = direction / np.linalg.norm(direction)
        directions = self.basis[targets, self.step].astype(float)
        share = np.einsum("kn,kn->k", directions, self.residual[targets])
        along = self._against_columns(directions)
        self.residual[targets] -= share[:, None] * directions
        self.products[targets] -= share[:, None] * along
        self.left[targets] -= along**2
        self.alive[targets, columns] = False
        self.step += 1
        for k in targets:
            self._refresh(k)

    def _refresh(self, k):
        """Compute anew what has become small, and drop what the basis explains."""
        stale = self.alive[k] & (self.left[k] < _STALE[self.X.dtype] * self.exact[k])
        stale, chunk = np.flatnonzero(stale), max(1, _CHUNK // len(self.X))
        for start in range(0, len(stale), chunk):
            columns = stale[start : start + chunk]
            centred, orthogonal = self._off_basis(k, columns)
            left = np.einsum("in,in->i", orthogonal, orthogonal)
            self.left[k, columns] = self.exact[k, columns] = left
            self.products[k, columns] = centred @ self.residual[k]
            self.alive[k, columns] = left > _COLLINEAR * self.size[columns]


def orthogonal_least_squares(
    X: ArrayLike,
    Y: ArrayLike,
    n_features: int,
    *,
    candidates: ArrayLike | None = None,
    fit_intercept: bool = False,
    tol: float = 1e-8,
) -> OrthogonalSelection:
    """Select, target by target, the columns that explain it best one after another.

    Each step takes the column whose part orthogonal to the columns selected before
    has the largest correlation with the residual r,

        i* = argmax_i ⟨x_i, r⟩² / ‖(I − QQᵀ) x_i‖²,

    which is the one whose addition lowers the least-squares residual most. (Orthogonal
    matching pursuit divides by ‖x_i‖² instead.) A step costs one product of X with as
    many vectors as there are targets; no deflated copy of X is made.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_columns)
        Columns to choose from. float32 is not copied to double precision.
    Y : array-like of shape (n_samples,) or (n_samples, n_targets)
        Targets.
    n_features : int
        Number of columns to select for each target. Fewer come out where the rank of
        X or `tol` stops the search.
    candidates : array-like of bool of shape (n_columns,), default=None
        Columns that may be selected, all by default.
    fit_intercept : bool, default=False
        Whether to start from a constant column, that is to centre X and Y.
    tol : float, default=1e-8
        A target's search stops where no column lowers ‖r‖² by more than `tol` ‖y‖².

    Returns
    -------
    selection : OrthogonalSelection
        `support` and `residuals`, one array of each per target.

    References
    ----------
    S. Chen, C. F. N. Cowan and P. M. Grant, "Orthogonal least squares learning
    algorithm for radial basis function networks", IEEE Transactions on Neural Networks
    2(2), 1991. T. Blumensath and M. E. Davies, "On the difference between orthogonal
    matching pursuit and orthogonal least squares", technical report, University of
    Edinburgh, 2007.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.classifiers import orthogonal_least_squares
    >>> X = np.random.default_rng(0).normal(size=(50, 8))
    >>> selection = orthogonal_least_squares(X, 3 * X[:, 5] - X[:, 2], 4)
    >>> selection.support[0]
    array([5, 2])
    """
    X = check_array(X, dtype=[np.float64, np.float32])
    Y = check_array(Y, ensure_2d=False, dtype=np.float64).reshape(len(X), -1)
    n_steps = min(n_features, *X.shape)
    candidates = np.ones(X.shape[1], bool) if candidates is None else candidates
    search = _Search(
        X,
        Y,
        n_steps=n_steps,
        candidates=np.asarray(candidates, bool),
        fit_intercept=fit_intercept,
    )
    energy = np.sum(search.residual**2, axis=1)
    support: list[list[int]] = [[] for _ in energy]
    residuals = [[e] for e in energy]
    active = list(range(len(energy)))
    for _ in range(n_steps):
        picks = {k: search.pick(k, tol * energy[k]) for k in active}
        active = [k for k in active if picks[k] is not None]
        if not active:
            break
        search.append(active, [picks[k] for k in active])
        for k in active:
            support[k].append(picks[k])
            residuals[k].append(search.residual[k] @ search.residual[k])
    return OrthogonalSelection(
        tuple(np.array(s, int) for s in support),
        tuple(np.array(r) / (e or 1) for r, e in zip(residuals, energy, strict=True)),
    )
