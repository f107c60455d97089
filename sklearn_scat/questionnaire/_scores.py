"""How well a pair of trees suits a matrix."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sklearn_scat.questionnaire._haar import haar_supports
from sklearn_scat.questionnaire._tree import PartitionTree


def haar_entropy(C: ArrayLike) -> float:
    r"""ℓ1 entropy of Haar coefficients, :math:`e_1 = \sum|C| / \|C\|_2`.

    Small if few coefficients hold the matrix: between 1, for one, and the square root
    of their number. Trees of one matrix compare by it.

    Parameters
    ----------
    C : array-like of shape (n_rows, n_columns)
        Coefficients of a matrix (:func:`tensor_haar`).

    Returns
    -------
    entropy : float
        0 for a matrix of zeros.

    References
    ----------
    .. [1] R. R. Coifman and M. Gavish, "Harmonic analysis of digital data bases", in
       *Wavelets and Multiscale Analysis*, Birkhäuser, 2011, section 5.

    Examples
    --------
    >>> from sklearn_scat.questionnaire import haar_entropy
    >>> haar_entropy([[3.0, 0.0], [0.0, -4.0]])
    1.4
    """
    size = np.abs(np.asarray(C, dtype=np.float64))
    largest = size.max(initial=0)
    if not largest > 0:
        return 0.0
    size /= largest  # whose squares neither vanish nor overflow
    return float(size.sum() / np.linalg.norm(size))


@dataclass(frozen=True, eq=False)
class SupportDecay:
    r"""Sizes of Haar coefficients against their supports.

    Parameters
    ----------
    support : ndarray of shape (n_rows, n_columns)
        |R| = |I||J| / (n_rows · n_columns), the share of the matrix that a
        coefficient's function lives on.
    magnitude : ndarray of shape (n_rows, n_columns)
        |C_R|, with the mean square of the matrix for norm.
    constant : float
        The smallest c with :math:`|C_R| \le c\,|R|^{\alpha + 1/2}` for all R but the
        mean of the matrix.
    alpha : float
        The exponent asked.
    exponent : float
        The α at which the largest coefficients that vary along rows and columns fall,
        by least squares on logarithms; NaN where fewer than 2 octaves of supports have
        any.
    """

    support: np.ndarray
    magnitude: np.ndarray
    constant: float
    alpha: float
    exponent: float


def mixed_holder(
    C: ArrayLike,
    row_tree: PartitionTree,
    column_tree: PartitionTree,
    *,
    alpha: float = 0.5,
) -> SupportDecay:
    r"""Mixed Hölder smoothness of a matrix in the geometry of two trees.

    A matrix is mixed Hölder of order α, that is, its mixed differences over a folder of
    rows and one of columns are bounded by :math:`(|I||J|)^\alpha`, if and only if
    :math:`|C_R| \le c\,|R|^{\alpha + 1/2}` [1]_. Then the coefficients on supports
    :math:`|R| > ε`, about :math:`(1/ε) \log(1/ε)` of them, give it up to an error of
    order :math:`ε^α`, with a logarithm.

    Parameters
    ----------
    C : array-like of shape (n_rows, n_columns)
        Coefficients of the matrix (:func:`tensor_haar`).
    row_tree, column_tree : PartitionTree
        Trees on rows and columns.
    alpha : float, default=0.5
        The order for which the constant is computed.

    Returns
    -------
    decay : SupportDecay
        The constant, a fitted exponent, and what they come from.

    References
    ----------
    .. [1] M. Gavish and R. R. Coifman, "Sampling, denoising and compression of matrices
       by coherent matrix organization", *Applied and Computational Harmonic Analysis*
       33(3), 2012, section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.questionnaire import dyadic_tree, mixed_holder, tensor_haar
    >>> x = np.linspace(0, 1, 32)
    >>> tree = dyadic_tree(32)
    >>> C = tensor_haar(np.outer(x, x), tree, tree)
    >>> round(mixed_holder(C, tree, tree).exponent, 2)
    1.0
    """
    C = np.asarray(C, dtype=np.float64)
    rows, columns = haar_supports(row_tree).size, haar_supports(column_tree).size
    support = np.outer(rows, columns) / C.size
    magnitude = np.abs(C) / np.sqrt(C.size)
    chosen = np.ones(C.shape, bool)
    chosen[0, 0] = False
    ratios = (magnitude / support ** (alpha + 0.5))[chosen]
    constant = float(ratios.max(initial=0.0))
    exponent = _slope(support[1:, 1:], magnitude[1:, 1:]) - 0.5
    return SupportDecay(support, magnitude, constant, alpha, exponent)


def _slope(support, magnitude):
    """Return how the largest magnitude of each octave of supports falls."""
    octaves = np.round(np.log2(support)).astype(int)
    largest = {o: magnitude[octaves == o].max() for o in np.unique(octaves)}
    scale = max(largest.values(), default=0.0)
    points = [(o, np.log2(m)) for o, m in largest.items() if m > 1e-12 * scale]
    if len(points) < 2:
        return float("nan")
    return float(np.polyfit(*np.transpose(points), 1)[0])


def compression_curve(C: ArrayLike) -> NDArray[Any]:
    """Error of a matrix against the number of coefficients that are kept.

    Parameters
    ----------
    C : array-like of shape (n_rows, n_columns)
        Coefficients of the matrix (:func:`tensor_haar`).

    Returns
    -------
    error : ndarray of shape (C.size + 1,)
        ``error[k]`` is the relative Euclidean error with the k largest: 1 for none
        (0 for a matrix of zeros), 0 for all.

    Examples
    --------
    >>> from sklearn_scat.questionnaire import compression_curve
    >>> compression_curve([[3.0, 0.0], [0.0, -4.0]]).tolist()
    [1.0, 0.6, 0.0, 0.0, 0.0]
    """
    energy = np.sort(np.square(C, dtype=np.float64), axis=None)  # smallest first
    tail = np.r_[0.0, np.cumsum(energy)][::-1]
    return np.sqrt(tail / tail[0]) if tail[0] > 0 else tail
