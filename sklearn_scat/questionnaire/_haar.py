"""Haar-like bases of partition trees, and their tensor products."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sklearn_scat.questionnaire._splits import split_folders
from sklearn_scat.questionnaire._tree import PartitionTree


@dataclass(frozen=True, eq=False)
class HaarSupports:
    """Where the functions of a tree's Haar-like basis live.

    Parameters
    ----------
    size : ndarray of int of shape (n,)
        Number of points where function k is not zero.
    level : ndarray of int of shape (n,)
        Level of the folder that function k splits; −1 for the constant.
    folder : ndarray of int of shape (n,)
        Number of that folder in its level; −1 for the constant.
    """

    size: np.ndarray
    level: np.ndarray
    folder: np.ndarray


def haar(x: ArrayLike, tree: PartitionTree, *, axis: int = 0) -> NDArray[Any]:
    r"""Coefficients of arrays in the Haar-like basis of a tree.

    The basis has the constant :math:`1/\sqrt n` and, for each folder whose children by
    decreasing size are :math:`c_1, …, c_k` and each :math:`i < k`, with
    :math:`a = |c_i|` and :math:`b = |c_{i+1} ∪ … ∪ c_k|`, the function

    .. math:: h = \sqrt{\frac{b}{a(a+b)}}\,1_{c_i}
              - \sqrt{\frac{a}{b(a+b)}}\,1_{c_{i+1} ∪ … ∪ c_k}.

    It is orthonormal. Coefficients come from sums over folders, bottom up: a transform
    costs about n operations and forms no matrix.

    Parameters
    ----------
    x : array-like
        Values at the points of the tree along `axis`.
    tree : PartitionTree
        Tree on the n points.
    axis : int, default=0
        The axis of the points.

    Returns
    -------
    coefficients : ndarray of the shape of x
        The constant first, then folders from coarse to fine. float32 stays float32.

    Raises
    ------
    ValueError
        If x has another length along `axis` than the tree has points.

    References
    ----------
    .. [1] M. Gavish, B. Nadler and R. R. Coifman, "Multiscale wavelets on trees, graphs
       and high dimensional data", ICML 2010, section 3.

    Examples
    --------
    >>> from sklearn_scat.questionnaire import dyadic_tree, haar
    >>> haar([3.0, 1.0, 2.0, 2.0], dyadic_tree(4)).round(3).tolist()
    [4.0, 0.0, 1.414, 0.0]
    """
    x = _points_first(x, tree, axis)
    splits = split_folders(tree)
    n = tree.n_points
    sums = np.empty((2 * n - 1, *x.shape[1:]), x.dtype)
    sums[n - 1 :] = x
    alpha, beta = (_column(w, x) for w in splits.weights())
    out = np.empty_like(x)
    for layer in reversed(splits.layers()):
        first, rest = sums[splits.first[layer]], sums[splits.rest[layer]]
        sums[layer] = first + rest
        functions = slice(layer.start + 1, layer.stop + 1)
        out[functions] = alpha[layer] * first - beta[layer] * rest
    out[0] = sums[0] / np.sqrt(n)
    return np.moveaxis(out, 0, axis)


def inverse_haar(
    coefficients: ArrayLike, tree: PartitionTree, *, axis: int = 0
) -> NDArray[Any]:
    """Values from coefficients in the Haar-like basis of a tree.

    Parameters
    ----------
    coefficients : array-like
        What :func:`haar` returns.
    tree : PartitionTree
        Tree on the n points.
    axis : int, default=0
        The axis of the coefficients.

    Returns
    -------
    x : ndarray of the shape of `coefficients`
        Values at the points.

    Raises
    ------
    ValueError
        If there are not n coefficients along `axis`.

    Examples
    --------
    >>> from sklearn_scat.questionnaire import dyadic_tree, inverse_haar
    >>> inverse_haar([4.0, 0.0, 2**0.5, 0.0], dyadic_tree(4)).round(3).tolist()
    [3.0, 1.0, 2.0, 2.0]
    """
    coefficients = _points_first(coefficients, tree, axis)
    splits = split_folders(tree)
    n = tree.n_points
    values = np.empty((2 * n - 1, *coefficients.shape[1:]), coefficients.dtype)
    values[0] = coefficients[0] / np.sqrt(n)
    alpha, beta = (_column(w, coefficients) for w in splits.weights())
    for layer in splits.layers():
        detail = coefficients[layer.start + 1 : layer.stop + 1]
        values[splits.first[layer]] = values[layer] + alpha[layer] * detail
        values[splits.rest[layer]] = values[layer] - beta[layer] * detail
    return np.moveaxis(values[n - 1 :], 0, axis)


def tensor_haar(
    M: ArrayLike, row_tree: PartitionTree, column_tree: PartitionTree
) -> NDArray[Any]:
    r"""Coefficients of a matrix in the tensor product of two Haar-like bases.

    :math:`C = H_r^\top M H_c`: one coefficient for each pair of a folder of rows and a
    folder of columns (and one more for each further child).

    Parameters
    ----------
    M : array-like of shape (n_rows, n_columns)
        The matrix, complete.
    row_tree, column_tree : PartitionTree
        Trees on its rows and columns.

    Returns
    -------
    C : ndarray of shape (n_rows, n_columns)
        Coefficients; the Euclidean norm is that of M.

    See Also
    --------
    inverse_tensor_haar : The way back.

    References
    ----------
    .. [1] R. R. Coifman and M. Gavish, "Harmonic analysis of digital data bases", in
       *Wavelets and Multiscale Analysis*, Birkhäuser, 2011, section 4.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.questionnaire import dyadic_tree, tensor_haar
    >>> M = np.outer([1, 1, -1, -1], [1, 1, 1, 1])
    >>> np.argwhere(tensor_haar(M, dyadic_tree(4), dyadic_tree(4)).round(9)).tolist()
    [[1, 0]]
    """
    return haar(haar(M, row_tree, axis=0), column_tree, axis=1)


def inverse_tensor_haar(
    C: ArrayLike, row_tree: PartitionTree, column_tree: PartitionTree
) -> NDArray[Any]:
    """Matrix from its coefficients in a tensor product of Haar-like bases.

    Parameters
    ----------
    C : array-like of shape (n_rows, n_columns)
        What :func:`tensor_haar` returns.
    row_tree, column_tree : PartitionTree
        Trees on rows and columns.

    Returns
    -------
    M : ndarray of shape (n_rows, n_columns)
        The matrix.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.questionnaire import dyadic_tree, inverse_tensor_haar
    >>> inverse_tensor_haar(np.eye(1, 2), dyadic_tree(1), dyadic_tree(2)).round(3)
    array([[0.707, 0.707]])
    """
    return inverse_haar(inverse_haar(C, row_tree, axis=0), column_tree, axis=1)


def haar_supports(tree: PartitionTree) -> HaarSupports:
    """Supports of the functions of a tree's Haar-like basis.

    Parameters
    ----------
    tree : PartitionTree
        Tree on n points.

    Returns
    -------
    supports : HaarSupports
        Sizes, levels and folders, in the order of the coefficients.

    Examples
    --------
    >>> from sklearn_scat.questionnaire import dyadic_tree, haar_supports
    >>> haar_supports(dyadic_tree(4)).size.tolist()
    [4, 4, 2, 2]
    """
    splits = split_folders(tree)
    return HaarSupports(
        np.r_[tree.n_points, splits.n_first + splits.n_rest].astype(int),
        np.r_[-1, splits.level],
        np.r_[-1, splits.folder],
    )


def _points_first(x, tree, axis):
    x = np.asarray(x)
    x = x.astype(np.result_type(x.dtype, np.float32), copy=False)
    if x.shape[axis] != tree.n_points:
        raise ValueError(
            f"an array of shape {x.shape} has {x.shape[axis]} values along axis "
            f"{axis}, but the tree has {tree.n_points} points."
        )
    return np.moveaxis(x, axis, 0)


def _column(weights, x):
    """Return weights in x's precision, one for each entry of the first axis."""
    return weights.reshape(-1, *[1] * (x.ndim - 1)).astype(x.dtype)
