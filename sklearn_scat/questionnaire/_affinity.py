"""How alike the rows of a matrix are: before there are trees, and with them."""

import warnings
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist

from sklearn_scat.questionnaire._answers import answers
from sklearn_scat.questionnaire._means import folder_means, split_missing
from sklearn_scat.questionnaire._tree import PartitionTree

_NEIGHBORS = 5  # whose median distance is the local scale
_ROWS, _FEATURES = 192, 384  # a block of them stays in a processor's cache


def cosine_affinity(M: ArrayLike) -> NDArray[Any]:
    """Cosines of the angles between rows, floored at 0.

    Suits answers of both signs. A pair is compared on the columns where both rows have
    an entry.

    Parameters
    ----------
    M : array-like of shape (n, p)
        The matrix; NaN where an entry is missing.

    Returns
    -------
    A : ndarray of shape (n, n)
        Symmetric, in [0, 1], 1 on the diagonal. Rows of zeros, and rows without common
        columns, have affinity 0.

    References
    ----------
    .. [1] J. I. Ankenman, "Geometry and analysis of dual networks on questionnaires",
       Yale University, 2014, chapter 2.

    Examples
    --------
    >>> from sklearn_scat.questionnaire import cosine_affinity
    >>> cosine_affinity([[1, 1], [2, 2], [-1, 1]]).round(3)
    array([[1., 1., 0.],
           [1., 1., 0.],
           [0., 0., 1.]])
    """
    X, known = split_missing(M)
    products = X @ X.T
    norms = np.sqrt(X**2 @ known.T)  # (i, j): of row i, where row j is known
    norms = norms * norms.T
    A = np.divide(products, norms, out=np.zeros_like(products), where=norms > 0)
    return _symmetric(np.clip(A, 0, 1))


def gaussian_affinity(M: ArrayLike, *, eps: float = 1.0) -> NDArray[Any]:
    r"""Gaussian affinities of rows, at the scale of each one's neighbours.

    :math:`\exp(-d_{ij}^2 / (s_i s_j))`, with :math:`s_i` the median distance of row i
    to its 5 nearest neighbours, times `eps`. A pair is compared on the columns where
    both rows have an entry, and the distance scaled up for the others.

    Parameters
    ----------
    M : array-like of shape (n, p)
        The matrix; NaN where an entry is missing.
    eps : float, default=1.0
        Factor of the scales.

    Returns
    -------
    A : ndarray of shape (n, n)
        Symmetric, in [0, 1], 1 on the diagonal. Rows without common columns have
        affinity 0.

    References
    ----------
    .. [1] L. Zelnik-Manor and P. Perona, "Self-tuning spectral clustering", NIPS 2004.

    Examples
    --------
    >>> from sklearn_scat.questionnaire import gaussian_affinity
    >>> gaussian_affinity([[0.0], [1.0], [2.0]]).round(3).tolist()[0]
    [1.0, 0.513, 0.169]
    """
    X, known = split_missing(M)
    common = known @ known.T
    squares = X**2 @ known.T
    d2 = squares + squares.T - 2 * X @ X.T
    scale = squares.max(initial=0.0)
    d2[d2 < 1e-13 * scale] = 0  # what rounding leaves of equal rows
    with np.errstate(divide="ignore", invalid="ignore"):
        d2 = d2 * (X.shape[1] / common)
    d2[common == 0] = np.inf
    return at_neighbor_scales(d2, eps=eps)


def at_neighbor_scales(d2, *, eps=1.0):
    """Return exp(−d²/(s_i s_j)), s_i eps times the median distance of 5 neighbours."""
    d2 = d2.copy()
    np.fill_diagonal(d2, np.inf)
    nearest = np.sort(d2, axis=1)[:, :_NEIGHBORS]
    scales = eps * _finite_median(np.sqrt(nearest))
    np.fill_diagonal(d2, 0)
    products = np.outer(scales, scales)
    with np.errstate(divide="ignore", invalid="ignore"):
        exponent = np.where(d2 == 0, 0.0, d2 / products)
    return _symmetric(np.exp(-exponent))


def tree_distances(
    M: ArrayLike, tree: PartitionTree, *, alpha: float = 0.0, beta: float = 1.0
) -> NDArray[Any]:
    r"""Earth mover's distances between columns, given a tree on the rows.

    .. math:: d(a, b) = \sum_F w_F\, |\bar M_F(a) - \bar M_F(b)|, \qquad
              w_F = (|F|/n)^\beta\, 2^{-\ell(F)\,\alpha},

    over the folders F of all levels ℓ = 0, 1, …, with :math:`\bar M_F(a)` the mean of
    column a over the folder; a folder that stays whole in the next level counts in
    both. Columns are near if their means agree, coarse and fine. Missing entries stay
    out of the means; a folder without any takes the mean of the folder above. Columns
    with missing entries only are as far from all others as any two.

    Parameters
    ----------
    M : array-like of shape (n, p)
        The matrix; NaN where an entry is missing.
    tree : PartitionTree
        Tree on its n rows.
    alpha : float, default=0.0
        Weight of coarse levels against fine ones.
    beta : float, default=1.0
        Weight of large folders against small ones.

    Returns
    -------
    D : ndarray of shape (p, p)
        Distances.

    References
    ----------
    .. [1] R. R. Coifman and W. Leeb, "Earth mover's distance and equivalent metrics for
       spaces with hierarchical partition trees", Yale University, 2013.

    Examples
    --------
    >>> from sklearn_scat.questionnaire import dyadic_tree, tree_distances
    >>> tree_distances([[0, 1, 0], [0, 1, 2]], dyadic_tree(2))
    array([[0., 2., 2.],
           [2., 0., 1.],
           [2., 1., 0.]])
    """
    means = folder_means(M, tree)
    features = []
    for level, m in enumerate(means):
        sizes = np.diff(tree.starts(level), append=tree.n_points)
        weights = (sizes / tree.n_points) ** beta * 2.0 ** (-level * alpha)
        features.append(m * weights[:, None])
    features = np.concatenate(_merge_repeated(features, tree))
    D = cityblock(np.ascontiguousarray(features.T))
    silent = np.isnan(answers(M)).all(axis=0)
    far = D.max(initial=0.0)
    D[np.ix_(silent, ~silent)] = D[np.ix_(~silent, silent)] = far
    return D


def tree_affinity(
    M: ArrayLike,
    tree: PartitionTree,
    *,
    alpha: float = 0.0,
    beta: float = 1.0,
    eps: float = 1.0,
) -> NDArray[Any]:
    r"""Affinities of columns, given a tree on the rows.

    :math:`\exp(-d / (\mathrm{eps} \cdot \mathrm{median}))` of :func:`tree_distances`.

    Parameters
    ----------
    M : array-like of shape (n, p)
        The matrix; NaN where an entry is missing.
    tree : PartitionTree
        Tree on its n rows.
    alpha, beta : float, default=0.0 and 1.0
        Weights of the distance.
    eps : float, default=1.0
        Factor of the scale.

    Returns
    -------
    A : ndarray of shape (p, p)
        Symmetric, in [0, 1], 1 on the diagonal.

    Examples
    --------
    >>> from sklearn_scat.questionnaire import dyadic_tree, tree_affinity
    >>> tree_affinity([[0, 1, 0], [0, 1, 2]], dyadic_tree(2)).round(3)
    array([[1.   , 0.368, 0.368],
           [0.368, 1.   , 0.607],
           [0.368, 0.607, 1.   ]])
    """
    D = tree_distances(M, tree, alpha=alpha, beta=beta)
    between = D[np.triu_indices(len(D), 1)]
    scale = np.median(between) if between.size else 0.0
    if scale == 0:  # half of the columns or more are equal
        scale = between[between > 0].mean() if np.any(between > 0) else 1.0
    return np.exp(-D / (eps * scale))


def cityblock(X):
    """Return the ℓ1 distances of rows, block by block.

    Row by row each would be read from memory once for every other one.
    """
    n, p = X.shape
    D = np.zeros((n, n))
    for i, j in combinations_with_replacement(range(0, n, _ROWS), 2):
        block = D[i : i + _ROWS, j : j + _ROWS]
        for k in range(0, p, _FEATURES):
            features = slice(k, k + _FEATURES)
            block += cdist(
                X[i : i + _ROWS, features], X[j : j + _ROWS, features], "cityblock"
            )
        D[j : j + _ROWS, i : i + _ROWS] = block.T
    return D


def _symmetric(A):
    A = (A + A.T) / 2
    np.fill_diagonal(A, 1.0)
    return A


def _finite_median(nearest):
    """Return the median of the finite entries of every row; 0 without any."""
    with warnings.catch_warnings():  # rows without a finite entry
        warnings.simplefilter("ignore", RuntimeWarning)
        median = np.nanmedian(np.where(np.isinf(nearest), np.nan, nearest), axis=1)
    return np.nan_to_num(median)


def _merge_repeated(features, tree):
    """Add the features of folders that stay whole over levels: fewer to compare."""
    merged = [features[0]]
    for level in range(1, tree.n_levels):
        starts = tree.starts(level)
        stops = np.append(starts[1:], tree.n_points)
        above_starts = tree.starts(level - 1)
        above_stops = np.append(above_starts[1:], tree.n_points)
        above = tree.partitions[level - 1, tree.order[starts]]
        whole = (above_starts[above] == starts) & (above_stops[above] == stops)
        current = features[level]
        current[whole] += merged[-1][above[whole]]
        kept = np.ones(len(merged[-1]), bool)
        kept[above[whole]] = False
        merged[-1] = merged[-1] * kept[:, None]
        merged.append(current)
    return [m[np.any(m != 0, axis=1)] for m in merged]
