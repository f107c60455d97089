"""A matrix organised by itself: trees on rows and columns that make each other."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from sklearn_scat.questionnaire._answers import answers
from sklearn_scat.questionnaire._content import content_order
from sklearn_scat.questionnaire._denoise import fill_missing
from sklearn_scat.questionnaire._diffusion import DiffusionMap
from sklearn_scat.questionnaire._reversal import fill_upright
from sklearn_scat.questionnaire._sides import Comparison
from sklearn_scat.questionnaire._tree import PartitionTree


@dataclass(frozen=True, eq=False)
class Organisation:
    r"""Trees on the rows and columns of a matrix.

    Parameters
    ----------
    row_tree, column_tree : PartitionTree
        The trees.
    row_map, column_map : DiffusionMap
        The coordinates that the trees come from.
    row_affinity, column_affinity : ndarray of shape (n, n)
        The affinities that these come from.
    row_signs, column_signs : ndarray of shape (n,)
        −1 for rows or columns that oppose those around them, where \|ρ\| is their
        affinity; 1 for all else.
    n_iter : int
        Rounds done; fewer than asked if the trees did not change any more.
    """

    row_tree: PartitionTree
    column_tree: PartitionTree
    row_map: DiffusionMap
    column_map: DiffusionMap
    row_affinity: np.ndarray
    column_affinity: np.ndarray
    row_signs: np.ndarray
    column_signs: np.ndarray
    n_iter: int


def organise(
    M: ArrayLike,
    *,
    n_iter: int = 3,
    tree: Literal["flexible", "binary", "average"] = "flexible",
    init: Literal["cosine", "gaussian"] = "cosine",
    row_affinity: Literal["tree", "correlation", "absolute_correlation"] = "tree",
    column_affinity: Literal["tree", "correlation", "absolute_correlation"] = "tree",
    standardize: Literal["rows", "columns"] | None = None,
    eps: float = 1.0,
    alpha: float = 0.0,
    beta: float = 0.0,
    progress: Callable[..., Any] | None = None,
) -> Organisation:
    r"""Organise the rows and columns of a matrix by one another.

    Rows get a first tree from their own affinities. It gives distances of columns,
    these a tree on the columns, this one distances of rows, and a new tree on the rows;
    and so on.

    Parameters
    ----------
    M : array-like of shape (n_rows, n_columns)
        The matrix; NaN where an entry is missing.
    n_iter : int, default=3
        Largest number of rounds. It stops earlier if the trees come back.
    tree : {"flexible", "binary", "average"}, default="flexible"
        :func:`flexible_tree`, :func:`binary_tree` or :func:`average_tree`; the last
        gives the smoothest orders (``benchmarks/orders.py``).
    init : {"cosine", "gaussian"}, default="cosine"
        First affinities of rows. Cosines that are all 0 or less, and cosines of rows
        that differ by lengths only, say nothing: then the Gaussian takes over.
    row_affinity : {"tree", "correlation", "absolute_correlation"}, default="tree"
        What rows are compared by: the tree on the columns
        (:func:`tree_affinity`); their correlations over the answers in common
        (:func:`correlation_affinity`), which do not depend on units; or these without
        signs, where some questions are put in reverse, which are then turned round
        before they are averaged with others.
    column_affinity : {"tree", "correlation", "absolute_correlation"}, default="tree"
        What columns are compared by. People × questions take "absolute_correlation".
    standardize : {"rows", "columns"}, default=None
        Bring rows, or columns, to mean 0 and variance 1 before all else: where their
        units differ. The trees alone see it.
    eps, alpha, beta : float, default=1.0, 0.0 and 0.0
        Scale of the affinities and of the joins; weights of the folders
        (:func:`tree_distances`): with 0 and 0 each counts alike, which gives the
        smoothest orders (``benchmarks/orders.py``).
    progress : callable, default=None
        Called with a line of text after every tree.

    Returns
    -------
    organisation : Organisation
        The trees, and what they come from. Their leaves are in the order in which
        neighbours are nearest in ℓ1 (:func:`order_leaves`).

    Raises
    ------
    ValueError
        If M is no matrix, is empty, or has infinite entries, or `n_iter` is under 1.

    Notes
    -----
    Rows and columns are first brought to an order that depends on their entries alone,
    so that the trees do not depend on how they came, provided that no two different
    rows or columns hold the same numbers.

    References
    ----------
    .. [1] R. R. Coifman and M. Gavish, "Harmonic analysis of digital data bases", in
       *Wavelets and Multiscale Analysis*, Birkhäuser, 2011, section 5.

    Examples
    --------
    >>> from sklearn_scat.datasets import make_questionnaire
    >>> from sklearn_scat.questionnaire import haar_entropy, organise, tensor_haar
    >>> M = make_questionnaire(random_state=0).data
    >>> organisation = organise(M)
    >>> C = tensor_haar(M, organisation.row_tree, organisation.column_tree)
    >>> haar_entropy(C) < 8  # 74 for trees at random, of at most 111
    True
    """
    M = _checked(M)
    if n_iter < 1:
        raise ValueError(f"n_iter={n_iter}; pass 1 or more.")
    row_points, column_points = content_order(M), content_order(M.T)
    M = np.ascontiguousarray(M[np.ix_(row_points, column_points)])
    M = _standardised(M, standardize)
    settings = tree, eps, alpha, beta
    comparisons = (
        Comparison(row_affinity, *settings),
        Comparison(column_affinity, *settings),
    )
    rounds = _Rounds(n_iter, init, progress or (lambda text: None))
    rows, columns, done = rounds.run(M, *comparisons)
    rows, columns = _ordered(M, (rows, columns), comparisons)
    rows, columns = rows.listed_by(row_points), columns.listed_by(column_points)
    return Organisation(
        rows.tree,
        columns.tree,
        rows.map,
        columns.map,
        rows.affinity,
        columns.affinity,
        rows.signs,
        columns.signs,
        done,
    )


@dataclass(frozen=True)
class _Rounds:
    """Rounds in which the trees make each other."""

    n_iter: int
    init: str
    say: Callable[[str], None]

    def run(self, M, by_row, by_column):
        """Return both sides, and how many rounds it took."""
        rows, columns = by_row.first(M, self.init), None
        self.say(f"first tree of {len(M)} rows: {rows.tree.n_levels} levels")
        done, settled = 0, False
        while done < self.n_iter and not settled:
            done += 1
            before = (rows.tree, columns and columns.tree)
            columns = by_column.next(M.T, columns, rows)
            rows = by_row.next(M, rows, columns)
            self.say(
                f"round {done} of {self.n_iter}: {rows.tree.n_levels} levels of rows, "
                f"{columns.tree.n_levels} of columns"
            )
            settled = before == (rows.tree, columns.tree)
        return rows, columns, done


def _ordered(M, sides, comparisons):
    """Return rows and columns with their leaves in order."""
    rows, columns = sides
    filled = fill_upright(
        M,
        (rows.signs, columns.signs),
        lambda upright: fill_missing(upright, rows.tree, columns.tree),
    )
    by_row, by_column = comparisons
    return by_row.ordered(rows, M, filled), by_column.ordered(columns, M.T, filled.T)


def _checked(M):
    M = answers(M)
    if M.ndim != 2 or 0 in M.shape:
        raise ValueError(f"expected a matrix with entries; got shape {M.shape}.")
    if np.isinf(M).any():
        raise ValueError("the matrix has infinite entries.")
    return M + 0.0  # −0 becomes 0: equal entries sort alike


def _standardised(M, axis):
    """Bring the rows or columns of M to mean 0 and variance 1, of what is known."""
    if axis is None:
        return M
    if axis == "columns":
        return _standardised(M.T, "rows").T
    known = ~np.isnan(M)
    counts = np.maximum(known.sum(axis=1, keepdims=True), 1)
    centred = M - np.where(known, M, 0).sum(axis=1, keepdims=True) / counts
    variance = np.where(known, centred**2, 0).sum(axis=1, keepdims=True) / counts
    size = np.abs(np.where(known, M, 0)).max(axis=1, keepdims=True)
    varies = variance > (1e-12 * size) ** 2  # above what rounding leaves
    return np.where(varies, centred / np.sqrt(np.where(varies, variance, 1)), 0 * M)


Organization = Organisation  # the former spelling
