"""Noise and missing answers: what smoothness in a pair of trees removes and fills."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sklearn_scat.questionnaire._answers import answers
from sklearn_scat.questionnaire._haar import (
    haar_supports,
    inverse_tensor_haar,
    tensor_haar,
)
from sklearn_scat.questionnaire._tree import PartitionTree


def denoise(
    M: ArrayLike, tree_pairs: Any, *, sigma: float | None = None
) -> NDArray[Any]:
    r"""Matrix without its noise: shrunk Haar coefficients, averaged over trees.

    Coefficients are soft-thresholded, :math:`C ↦ \mathrm{sign}(C)(|C| - τ)_+`, with one
    τ for each octave of supports: the one of the least unbiased estimate of the error
    [1]_. The mean of the matrix is left alone. Averaging over pairs of trees, whose
    folders end elsewhere, takes away the steps at their ends.

    Parameters
    ----------
    M : array-like of shape (n_rows, n_columns)
        The matrix, complete (:func:`fill_missing`).
    tree_pairs : sequence of (PartitionTree, PartitionTree)
        Trees on rows and columns, one pair or more.
    sigma : float, default=None
        Standard deviation of the noise. None estimates it by the median of the
        coefficients on the smallest supports, for each pair.

    Returns
    -------
    M : ndarray of shape (n_rows, n_columns)
        The estimate.

    Raises
    ------
    ValueError
        If there is no pair, `sigma` is negative, or M has missing entries.

    References
    ----------
    .. [1] D. L. Donoho and I. M. Johnstone, "Adapting to unknown smoothness via wavelet
       shrinkage", *Journal of the American Statistical Association* 90(432), 1995.
    .. [2] R. R. Coifman and D. L. Donoho, "Translation-invariant de-noising", in
       *Wavelets and Statistics*, Springer, 1995.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.questionnaire import denoise, dyadic_tree
    >>> rng = np.random.default_rng(0)
    >>> tree = dyadic_tree(32)
    >>> M = np.outer(np.arange(32) < 16, np.arange(32) < 8)
    >>> noisy = M + 0.5 * rng.standard_normal(M.shape)
    >>> bool(np.abs(denoise(noisy, [(tree, tree)]) - M).mean() < 0.1)
    True
    """
    M = answers(M)
    if len(tree_pairs) == 0:
        raise ValueError("tree_pairs is empty; pass at least one pair of trees.")
    if sigma is not None and not sigma >= 0:
        raise ValueError(f"sigma={sigma}; pass a standard deviation ≥ 0.")
    if np.isnan(M).any():
        raise ValueError("M has missing entries; fill_missing(M, ...) completes it.")
    total = np.zeros_like(M)
    for row_tree, column_tree in tree_pairs:
        C = tensor_haar(M, row_tree, column_tree)
        C = _shrunk(C, _octaves(row_tree, column_tree), sigma)
        total += inverse_tensor_haar(C, row_tree, column_tree)
    return total / len(tree_pairs)


def fill_missing(
    M: ArrayLike, row_tree: PartitionTree, column_tree: PartitionTree
) -> NDArray[Any]:
    """Matrix whose missing entries are the means of the folders around them.

    For each entry the smallest product of a folder of rows and one of columns, at
    matching depths of the two trees, that holds a known entry.

    Parameters
    ----------
    M : array-like of shape (n_rows, n_columns)
        The matrix; NaN where an entry is missing.
    row_tree, column_tree : PartitionTree
        Trees on rows and columns.

    Returns
    -------
    M : ndarray of shape (n_rows, n_columns)
        The same known entries, and no missing one; zeros if none is known.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.questionnaire import dyadic_tree, fill_missing
    >>> M = [[1, 1, 5, 5], [1, np.nan, 5, 5]]
    >>> fill_missing(M, dyadic_tree(2), dyadic_tree(4))
    array([[1., 1., 5., 5.],
           [1., 1., 5., 5.]])
    """
    M = np.array(M, dtype=np.float64)
    known = ~np.isnan(M)
    if known.all():
        return M
    filled = np.zeros_like(M)
    walk = np.ix_(row_tree.order, column_tree.order)
    values, counts = np.where(known, M, 0.0)[walk], known[walk].astype(float)
    n_steps = max(row_tree.n_levels, column_tree.n_levels)
    for step in range(n_steps):  # coarse to fine: the finest with an entry stays
        rows = _level(row_tree, step, n_steps)
        columns = _level(column_tree, step, n_steps)
        sums, n_known = (
            np.add.reduceat(
                np.add.reduceat(x, row_tree.starts(rows), axis=0),
                column_tree.starts(columns),
                axis=1,
            )
            for x in (values, counts)
        )
        cells = np.ix_(row_tree.partitions[rows], column_tree.partitions[columns])
        mean = np.divide(sums, n_known, out=np.zeros_like(sums), where=n_known > 0)
        filled = np.where(n_known[cells] > 0, mean[cells], filled)
    return np.where(known, M, filled)


def _level(tree, step, n_steps):
    """Return the level of a tree at a step from its root to its points."""
    return round(step * (tree.n_levels - 1) / max(1, n_steps - 1))


def _octaves(row_tree, column_tree):
    """Return log2 of the supports, rounded; −1 for the mean of the matrix."""
    rows, columns = haar_supports(row_tree).size, haar_supports(column_tree).size
    octaves = np.round(np.log2(np.outer(rows, columns))).astype(int)
    octaves[0, 0] = -1
    return octaves


def _shrunk(C, octaves, sigma):
    """Soft-threshold the coefficients of each octave at its own threshold."""
    present = np.unique(octaves[octaves >= 0])
    if sigma is None:
        finest = C[octaves == present[0]] if present.size else np.zeros(1)
        sigma = np.median(np.abs(finest)) / 0.6745
    C = C.copy()
    for octave in present:
        chosen = octaves == octave
        c = C[chosen]
        C[chosen] = np.sign(c) * np.maximum(np.abs(c) - _threshold(c, sigma), 0)
    return C


def _threshold(c, sigma):
    """Return the threshold of the least unbiased estimate of the error."""
    if sigma == 0:
        return 0.0
    levels = np.r_[0.0, np.sort(np.abs(c))]
    n = len(c)
    below = np.arange(n + 1)
    kept = np.cumsum(levels**2) + levels**2 * (n - below)  # Σ min(|c|, τ)²
    risk = kept + sigma**2 * (n - 2 * below)
    return float(levels[np.argmin(risk)])
