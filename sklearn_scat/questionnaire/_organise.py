"""A matrix organised by itself: trees on rows and columns that make each other."""

from dataclasses import dataclass, replace

import numpy as np

from sklearn_scat.questionnaire._affinity import (
    cityblock,
    cosine_affinity,
    gaussian_affinity,
    tree_affinity,
)
from sklearn_scat.questionnaire._binary import binary_tree
from sklearn_scat.questionnaire._content import content_order
from sklearn_scat.questionnaire._denoise import fill_missing
from sklearn_scat.questionnaire._diffusion import DiffusionMap, diffusion_map
from sklearn_scat.questionnaire._flexible import flexible_tree
from sklearn_scat.questionnaire._leaves import order_leaves
from sklearn_scat.questionnaire._tree import PartitionTree


@dataclass(frozen=True, eq=False)
class Organisation:
    """Trees on the rows and columns of a matrix.

    Parameters
    ----------
    row_tree, column_tree : PartitionTree
        The trees.
    row_map, column_map : DiffusionMap
        The coordinates that the trees come from.
    row_affinity, column_affinity : ndarray of shape (n, n)
        The affinities that these come from.
    n_iter : int
        Rounds done; fewer than asked if the trees did not change any more.
    """

    row_tree: PartitionTree
    column_tree: PartitionTree
    row_map: DiffusionMap
    column_map: DiffusionMap
    row_affinity: np.ndarray
    column_affinity: np.ndarray
    n_iter: int


@dataclass(frozen=True, eq=False)
class _Side:
    """What is known of the rows, or of the columns."""

    tree: PartitionTree
    map: DiffusionMap
    affinity: np.ndarray

    def ordered(self, M):
        """Return the same with leaves in order, for rows of the matrix M."""
        return replace(self, tree=order_leaves(self.tree, cityblock(M)))

    def listed_by(self, points):
        """Return the same for points in the order they came in."""
        back = np.argsort(points)
        psi = self.map.coordinates[back]
        return _Side(
            self.tree.taken_from(points),
            DiffusionMap(psi, self.map.eigenvalues),
            self.affinity[np.ix_(back, back)],
        )


def organise(
    M, *, n_iter=3, tree="flexible", init="cosine", eps=1.0, alpha=0.0, beta=0.0,
    progress=None,
):  # fmt: skip
    """Organise the rows and columns of a matrix by one another.

    Rows get a first tree from their own affinities. It gives distances of columns,
    these a tree on the columns, this one distances of rows, and a new tree on the rows;
    and so on.

    Parameters
    ----------
    M : array-like of shape (n_rows, n_columns)
        The matrix; NaN where an entry is missing.
    n_iter : int, default=3
        Largest number of rounds. It stops earlier if the trees come back.
    tree : {"flexible", "binary"}, default="flexible"
        :func:`flexible_tree` or :func:`binary_tree`.
    init : {"cosine", "gaussian"}, default="cosine"
        First affinities of rows. Cosines that are all 0 or less, and cosines of rows
        that differ by lengths only, say nothing: then the Gaussian takes over.
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
    grow = {"flexible": _grow_flexible, "binary": _grow_binary}[tree]
    row_points, column_points = content_order(M), content_order(M.T)
    M = np.ascontiguousarray(M[np.ix_(row_points, column_points)])
    say = progress or (lambda text: None)
    rows = grow(_first_affinity(M, init), eps)
    say(f"first tree of {len(M)} rows: {rows.tree.n_levels} levels")
    columns, done, settled = None, 0, False
    dual = {"alpha": alpha, "beta": beta, "eps": eps}
    while done < n_iter and not settled:
        done += 1
        before = (rows.tree, columns and columns.tree)
        columns = grow(tree_affinity(M, rows.tree, **dual), eps)
        rows = grow(tree_affinity(M.T, columns.tree, **dual), eps)
        say(
            f"round {done} of {n_iter}: {rows.tree.n_levels} levels of rows, "
            f"{columns.tree.n_levels} of columns"
        )
        settled = before == (rows.tree, columns.tree)
    filled = fill_missing(M, rows.tree, columns.tree)
    rows, columns = rows.ordered(filled), columns.ordered(filled.T)
    rows, columns = rows.listed_by(row_points), columns.listed_by(column_points)
    return Organisation(
        rows.tree, columns.tree, rows.map, columns.map, rows.affinity,
        columns.affinity, done,
    )  # fmt: skip


def _checked(M):
    M = np.asarray(M, dtype=np.float64)
    if M.ndim != 2 or 0 in M.shape:
        raise ValueError(f"expected a matrix with entries; got shape {M.shape}.")
    if np.isinf(M).any():
        raise ValueError("the matrix has infinite entries.")
    return M + 0.0  # −0 becomes 0: equal entries sort alike


def _first_affinity(M, init):
    """Return affinities of rows by themselves."""
    if init == "cosine":
        A = cosine_affinity(M)
        between = A[np.triu_indices(len(A), 1)]
        if np.any((between > 0) & (between < 1 - 1e-12)):
            return A
    return gaussian_affinity(M)


def _grow_flexible(A, eps):
    diffusion = diffusion_map(A)
    return _Side(flexible_tree(diffusion, eps=eps), diffusion, A)


def _grow_binary(A, eps):
    return _Side(binary_tree(A), diffusion_map(A), A)


Organization = Organisation  # the former spelling
