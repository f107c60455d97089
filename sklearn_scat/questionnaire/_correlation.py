"""How alike rows are that go up and down together, whatever their units and signs."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sklearn_scat.questionnaire._means import split_missing
from sklearn_scat.questionnaire._tree import PartitionTree

# Spread relative to the entries that rounding leaves of a constant; squared distance
# that it leaves of equal rows.
_ROUNDING = 1e-12


def correlations(M: ArrayLike) -> NDArray[Any]:
    r"""Correlations of rows, each pair's over the columns where both have an entry.

    Parameters
    ----------
    M : array-like of shape (n, p)
        The matrix; NaN where an entry is missing.

    Returns
    -------
    R : ndarray of shape (n, n)
        Symmetric, in [−1, 1], 1 on the diagonal. Rows that do not vary over the columns
        in common have correlation 0; with one another 1.

    Examples
    --------
    >>> from sklearn_scat.questionnaire import correlations
    >>> correlations([[1, 2, 3], [9, 7, 5], [0, 1, 0]])
    array([[ 1., -1.,  0.],
           [-1.,  1.,  0.],
           [ 0.,  0.,  1.]])
    """
    X, known = split_missing(M)
    size = np.abs(X).max(axis=1, initial=0.0)[:, None]
    counts = known.sum(axis=1, keepdims=True)
    X = np.where(known > 0, X - X.sum(axis=1, keepdims=True) / np.maximum(counts, 1), 0)
    common = np.maximum(known @ known.T, 1)
    sums = X @ known.T  # (i, j): of row i, where row j is known
    squares = np.maximum(X**2 @ known.T - sums**2 / common, 0)
    varies = squares > common * (_ROUNDING * size) ** 2
    varies &= varies.T
    products = X @ X.T - sums * sums.T / common
    norms = np.sqrt(squares * squares.T)
    R = np.divide(products, norms, out=np.zeros_like(products), where=varies)
    constant = ~varies.diagonal()
    R[np.ix_(constant, constant)] = 1
    np.fill_diagonal(R, 1)
    return np.clip((R + R.T) / 2, -1, 1)


def correlation_distances(R: ArrayLike, *, absolute: bool = False) -> NDArray[Any]:
    r"""Distances :math:`\sqrt{2(1 - ρ)}` of standardised rows, in units of their norms.

    Parameters
    ----------
    R : array-like of shape (n, n)
        Correlations ρ.
    absolute : bool, default=False
        Take \|ρ\| for ρ: the smaller of the distances to a row and to its negative.

    Returns
    -------
    D : ndarray of shape (n, n)
        Distances, 0 to 2.

    Examples
    --------
    >>> from sklearn_scat.questionnaire import correlation_distances
    >>> correlation_distances([[1, -1], [-1, 1]], absolute=True)
    array([[0., 0.],
           [0., 0.]])
    """
    R = np.abs(R) if absolute else np.asarray(R)
    squares = 2 * (1 - R)
    return np.sqrt(np.where(squares > _ROUNDING, squares, 0))


def correlation_affinity(
    M: ArrayLike, *, absolute: bool = False, eps: float = 1.0
) -> NDArray[Any]:
    r"""Gaussian affinities of the correlations of rows.

    :math:`\exp(-d^2 / (\mathrm{eps} \cdot \mathrm{median}\, d)^2)` with
    :math:`d^2 = 2(1 - ρ)`. Units and offsets of rows do not matter; with `absolute`
    neither do their signs.

    Parameters
    ----------
    M : array-like of shape (n, p)
        The matrix; NaN where an entry is missing.
    absolute : bool, default=False
        Take \|ρ\| for ρ: rows that oppose each other are alike, as are a question and
        its reverse.
    eps : float, default=1.0
        Factor of the scale.

    Returns
    -------
    A : ndarray of shape (n, n)
        Symmetric, in [0, 1], 1 on the diagonal.

    Examples
    --------
    >>> from sklearn_scat.questionnaire import correlation_affinity
    >>> correlation_affinity([[1, 2, 3], [9, 7, 5]], absolute=True)
    array([[1., 1.],
           [1., 1.]])
    """
    D = correlation_distances(correlations(M), absolute=absolute)
    return gaussian_of_distances(D, eps=eps)


def gaussian_of_distances(D, *, eps=1.0):
    """Return exp(−d²/s²), with s the median distance, times eps."""
    between = D[np.triu_indices(len(D), 1)]
    scale = np.median(between) if between.size else 0.0
    if scale == 0:  # half of the pairs or more are equal
        scale = between[between > 0].mean() if np.any(between > 0) else 1.0
    return np.exp(-((D / (eps * scale)) ** 2))


def aligned_signs(R: ArrayLike, tree: PartitionTree) -> NDArray[Any]:
    """Signs that make the rows in a folder agree: −1 for those to be reversed.

    From the finest folders up, a child is reversed as a whole where the sum of its
    correlations with those before it, from the largest on, is negative.

    Parameters
    ----------
    R : array-like of shape (n, n)
        Correlations.
    tree : PartitionTree
        Tree on the n rows.

    Returns
    -------
    signs : ndarray of shape (n,)
        1 or −1; 1 for half of the rows or more.

    Examples
    --------
    >>> from sklearn_scat.questionnaire import aligned_signs, dyadic_tree
    >>> aligned_signs([[1, 0.5, -0.5], [0.5, 1, -0.2], [-0.5, -0.2, 1]], dyadic_tree(3))
    array([ 1.,  1., -1.])
    """
    R = np.asarray(R, dtype=np.float64)
    signs = np.ones(len(R))
    for level in range(tree.n_levels - 2, -1, -1):
        for folder in tree.folders(level):
            _align_children(signs, R, _children(tree, level, folder))
    return -signs if signs.sum() < 0 else signs


def _children(tree, level, folder):
    """Return the points of a folder's children, the largest child first."""
    inside = tree.partitions[level + 1, folder]
    parts = [folder[inside == child] for child in np.unique(inside)]
    return sorted(parts, key=len, reverse=True)


def _align_children(signs, R, children):
    taken = children[0]
    for child in children[1:]:
        if signs[taken] @ R[np.ix_(taken, child)] @ signs[child] < 0:
            signs[child] *= -1
        taken = np.concatenate([taken, child])
