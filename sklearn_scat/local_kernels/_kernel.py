"""The local kernel between images: patches compared with those at near positions."""

import math
from itertools import product
from typing import Any

import numpy as np

_SIDE = 512  # of blocks of kernels between patches: 1 MB of float32, what caches hold


def window_weights(n, spread, boundary):
    r"""Return the weights w(p − q) of positions p, q along one axis.

    They are the binomial coefficients of :math:`(1 + z)^{2r}`, r being `spread`,
    divided by the largest: the discrete Gaussian of variance r/2. As the
    autocorrelation of the coefficients of :math:`(1 + z)^r` they are positive definite,
    which a Gaussian that is cut off is not.

    Parameters
    ----------
    n : int
        Positions.
    spread : int or None
        0 compares a position with itself alone, None all positions alike.
    boundary : {"cut", "periodic"}
        Whether the first position follows on the last.

    Returns
    -------
    weights : ndarray of shape (n, n)

    Examples
    --------
    >>> from sklearn_scat.local_kernels._kernel import window_weights
    >>> window_weights(4, 1, "cut")[1].tolist()
    [0.5, 1.0, 0.5, 0.0]
    """
    if spread is None:
        return np.ones((n, n))
    p = np.arange(n)
    apart = p[:, None] - p
    weights = np.zeros((n, n))
    turns = (
        range(-(spread // n) - 1, spread // n + 2) if boundary == "periodic" else (0,)
    )
    for turn in turns:
        weights += _binomial_weights(np.abs(apart + turn * n), spread)
    return weights


def _binomial_weights(distance, spread):
    """Return C(2r, r + d) / C(2r, r) of distances d, 0 beyond r."""
    taps = [math.comb(2 * spread, spread + d) for d in range(spread + 1)]
    table = np.array([*taps, 0]) / taps[0]
    return table[np.minimum(distance, spread + 1)]


def position_weights(grid, spread, boundary):
    """Return the weights (positions, positions) of a grid of rows and columns."""
    return np.kron(*(window_weights(n, spread, boundary) for n in grid))


def local_kernel(X, Z, weights, *, exponent):
    r"""Return the kernel between two sets of images.

    .. math:: k(x, z) = \sum_{p, q} w(p - q)\, e^{g (\langle x_p, z_q\rangle - 1)}

    which for patches of unit norm is :math:`e^{-g \|x_p - z_q\|^2 / 2}`.

    Parameters
    ----------
    X : ndarray of shape (positions, n, d)
        Patches of images.
    Z : ndarray of shape (positions, m, d)
        Patches of others. X itself gives the same in half the time.
    weights : ndarray of shape (positions, positions)
        w, symmetric.
    exponent : float
        g.

    Returns
    -------
    kernel : ndarray of shape (n, m), float64
        Computed, and summed over q, in the dtype of the patches; summed over p in
        float64.
    """
    kernel = np.zeros((X.shape[1], Z.shape[1]))
    if X is Z:  # half of the pairs of positions: their transposes come below
        weights = np.triu(weights) - np.diag(np.diag(weights)) / 2
    for rows, columns in product(_blocks(X.shape[1]), _blocks(Z.shape[1])):
        for x, near in zip(X, weights, strict=True):
            kernel[rows, columns] += _one_position(
                x[rows], Z[:, columns], near, exponent=exponent
            )
    return kernel + kernel.T if X is Z else kernel


def _blocks(n):
    """Return slices of n images."""
    return [slice(start, start + _SIDE) for start in range(0, n, _SIDE)]


def _one_position(x, Z, weights, *, exponent):
    """Return the weighted sum over positions q of the kernel of x (n, d) with Z[q]."""
    total: Any = 0
    for q in np.flatnonzero(weights):
        part = patch_kernel(x, Z[q], exponent)
        part *= part.dtype.type(weights[q])
        total += part
    return total


def patch_outputs(X, Z, weights, *, exponent, coef):
    r"""Return what every patch adds to combinations of kernels.

    .. math:: s_p(x) = \sum_k a_k \sum_q w(p - q)\,
              e^{g (\langle x_p, z_{k,q}\rangle - 1)}

    whose sum over p is that of the kernels of `local_kernel`, combined by a.

    Parameters
    ----------
    X : ndarray of shape (positions, n, d)
        Patches of images.
    Z : ndarray of shape (positions, m, d)
        Patches of others.
    weights : ndarray of shape (positions, positions)
        w.
    exponent : float
        g.
    coef : ndarray of shape (m, K)
        a, K combinations.

    Returns
    -------
    outputs : ndarray of shape (positions, n, K), float64
    """
    outputs = np.zeros((*X.shape[:2], coef.shape[1]))
    for p, q in np.argwhere(weights):
        outputs[p] += patch_kernel(X[p], Z[q], exponent) @ (weights[p, q] * coef)
    return outputs


def patch_kernel(x, z, exponent):
    """Return exp(g (⟨x, z⟩ − 1)) of patches (n, d) and (m, d)."""
    part = x @ z.T
    part -= 1
    part *= part.dtype.type(exponent)
    return np.exp(part, out=part)
