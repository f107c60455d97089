"""Distances of all pairs of samples, a block of rows at a time."""

import numpy as np
from scipy.spatial.distance import cdist

_BLOCK_ENTRIES = 2**22  # of a block of distances: 32 MiB
_FEW_FEATURES = 16  # up to here differences are as fast as products
# A squared distance under this share of the squared norms has lost digits to the
# subtraction ‖x‖² + ‖y‖² − 2⟨x, y⟩, and is taken again from the difference.
_CANCELLED = 1e-6


def distance_blocks(F):
    """Yield the distances of all pairs, a block of rows at a time.

    Memory stays at some 100 MB for any number of samples.

    Parameters
    ----------
    F : ndarray of float64 of shape (n, p)
        Points.

    Yields
    ------
    rows : ndarray of int of shape (b,)
        Which samples the block is about.
    distances : ndarray of shape (b, n)
        Their distances to all samples; 0 for a sample and itself. The block may be
        written to.
    """
    n, p = F.shape
    size = max(1, _BLOCK_ENTRIES // n)
    if p > _FEW_FEATURES:
        F = F - F.mean(axis=0)  # smaller norms, fewer digits lost
    squares = np.einsum("ip,ip->i", F, F)
    for start in range(0, n, size):
        rows = np.arange(start, min(n, start + size))
        if p <= _FEW_FEATURES:
            yield rows, cdist(F[rows], F)
        else:
            yield rows, _from_products(F, squares, rows)


def _from_products(F, squares, rows):
    """Distances by way of a matrix product: (b, n)."""
    scale = squares[rows, None] + squares
    distances = F[rows] @ F.T
    distances *= -2
    distances += scale
    scale *= _CANCELLED
    close, other = np.nonzero(distances <= scale)
    if len(close) > 8 * len(F):  # a heap of near copies
        return cdist(F[rows], F)
    np.maximum(distances, 0, out=distances)
    np.sqrt(distances, out=distances)
    for part in range(0, len(close), len(rows)):
        i, j = close[part : part + len(rows)], other[part : part + len(rows)]
        distances[i, j] = np.linalg.norm(F[rows[i]] - F[j], axis=1)
    return distances


def nearest_others(F, k):
    """Return the k nearest other samples of every sample, and their distances.

    Of equal distances the sample that comes first is the nearer.

    Parameters
    ----------
    F : ndarray of float64 of shape (n, p)
        Points.
    k : int
        Number of neighbours, at most n − 1.

    Returns
    -------
    neighbors : ndarray of int of shape (n, k)
        Indices of samples, by increasing distance.
    distances : ndarray of shape (n, k)
        Their distances.
    """
    neighbors = np.empty((len(F), k), dtype=np.intp)
    distances = np.empty((len(F), k))
    for rows, block in distance_blocks(F):
        block[np.arange(len(rows)), rows] = np.inf  # not a neighbour of its own
        found = _smallest(block, k)
        neighbors[rows] = found
        distances[rows] = np.take_along_axis(block, found, axis=1)
    return neighbors, distances


def _smallest(block, k):
    """Columns of the k smallest entries of every row, in order: (b, k)."""
    columns = np.argpartition(block, k - 1, axis=1)[:, :k]
    values = np.take_along_axis(block, columns, axis=1)
    order = np.lexsort((columns, values), axis=1)
    columns = np.take_along_axis(columns, order, axis=1)
    last = values.max(axis=1, keepdims=True)
    for row in np.flatnonzero((block <= last).sum(axis=1) > k):
        columns[row] = np.argsort(block[row], kind="stable")[:k]
    return columns


def nearest_by_label(F, index):
    """Return the distances to the nearest other sample of the same and another label.

    Parameters
    ----------
    F : ndarray of float64 of shape (n, p)
        Points.
    index : ndarray of int of shape (n,)
        Index of each sample's class.

    Returns
    -------
    same, other : ndarray of shape (n,)
        Distances; infinite where there is no such sample.
    """
    same, other = np.empty(len(F)), np.empty(len(F))
    for rows, block in distance_blocks(F):
        block[np.arange(len(rows)), rows] = np.inf
        equal = index[rows, None] == index
        same[rows] = np.where(equal, block, np.inf).min(axis=1)
        other[rows] = np.where(equal, np.inf, block).min(axis=1)
    return same, other
