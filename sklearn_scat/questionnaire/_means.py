"""Means over the folders of a tree, of what is known."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sklearn_scat.questionnaire._answers import answers
from sklearn_scat.questionnaire._tree import PartitionTree


def split_missing(M):
    """Return M with zeros where it is missing, and 1 where it is known."""
    M = answers(M)
    if M.ndim != 2:
        raise ValueError(f"expected a matrix; got an array of shape {M.shape}.")
    known = ~np.isnan(M)
    return np.where(known, M, 0.0), known.astype(np.float64)


def folder_means(M: ArrayLike, tree: PartitionTree) -> list[NDArray[Any]]:
    """Means of the columns of a matrix over the folders of a tree on its rows.

    Parameters
    ----------
    M : array-like of shape (n, p)
        The matrix; NaN where an entry is missing.
    tree : PartitionTree
        Tree on its n rows.

    Returns
    -------
    means : list of ndarray of shape (n_folders, p)
        One array a level. Missing entries stay out; a folder without any known one
        takes the mean of the folder above it, the root 0. The last array, sorted by
        ``tree.partitions[-1]``, is M with what is missing filled in.

    Raises
    ------
    ValueError
        If M has another number of rows than the tree has points.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.questionnaire import dyadic_tree, folder_means
    >>> [m.ravel().tolist() for m in folder_means([[1.0], [np.nan]], dyadic_tree(2))]
    [[1.0], [1.0, 1.0]]
    """
    X, known = split_missing(M)
    if len(X) != tree.n_points:
        raise ValueError(f"{len(X)} rows, but the tree has {tree.n_points} points.")
    X, known = X[tree.order], known[tree.order]
    means: list[np.ndarray] = []
    for level in range(tree.n_levels):
        starts = tree.starts(level)
        sums = np.add.reduceat(X, starts)
        counts = np.add.reduceat(known, starts)
        walked = tree.partitions[:, tree.order[starts]]
        above = means[-1][walked[level - 1]] if means else np.zeros_like(sums)
        means.append(np.divide(sums, counts, out=above.copy(), where=counts > 0))
    return means
