"""The scattering transform: operators alternated with a modulus."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import zip_longest
from typing import Any

from sklearn_scat.cascade._arrays import (
    flattened,
    is_exported,
    is_on_cpu,
    magnitude,
    namespace,
    place,
)
from sklearn_scat.cascade._operators import Wavelet2d, details_bytes


def scattering(x: Any, operators: Sequence[Wavelet2d]) -> Any:
    r"""Return the scattering coefficients of images.

    .. math:: S_m x = |\cdots||x * \psi_{\lambda_1}| * \psi_{\lambda_2}| \cdots
              * \psi_{\lambda_m}| * \varphi_J

    Parameters
    ----------
    x : array of shape (B, M, N)
        Real images, of the library, dtype and device of the operators: NumPy, torch,
        CuPy, JAX or another library of the array API.
    operators : sequence of Wavelet2d
        One for each order 0, 1, …, each taking U to an average and details.

    Returns
    -------
    S : array of shape (B, P, h, w)
        In the order of :func:`path_table`. Differentiable in ``x`` and in the filters
        where the library is.

    References
    ----------
    .. [1] S. Mallat, "Group invariant scattering", CPAM 65(10), 2012, equation (28).
    .. [2] J. Bruna and S. Mallat, "Invariant scattering convolution networks",
       IEEE TPAMI 35(8), 2013, section 2.2.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.cascade import Grid
    >>> from sklearn_scat.cascade import scattering
    >>> from sklearn_scat.cascade import wavelet_operators
    >>> from sklearn_scat.filters import morlet_bank
    >>> grid = Grid((32, 32), J=2)
    >>> operators = wavelet_operators(morlet_bank(2, grid.padded), grid)
    >>> scattering(np.ones((5, 32, 32), np.float32), operators).shape
    (5, 81, 8, 8)
    """
    xp = namespace(x)
    U = operators[0].embed(x)
    return xp.concat(_averages(U, operators), axis=1)


def modulus(V: Any) -> Any:
    """Return the modulus of details, whose gradient at zero is 0.

    Parameters
    ----------
    V : Coefficients
        Complex details.

    Returns
    -------
    U : Coefficients
        The same with ``abs(V.values)``.
    """
    return replace(V, values=magnitude(V.values))


def _averages(U, operators):
    """Return the averages of U and of all that follows from it, order by order.

    Each is (B, …, paths, h, w), with the axes … that the average of U has kept, so that
    later orientations are counted through before earlier ones.
    """
    W, *deeper = operators
    xp = namespace(U.values)
    A, details = W(U)
    kept = A.values.ndim - 2
    S = [xp.expand_dims(A.values, axis=kept)]
    if deeper:
        # lazily: no name holds the maps of a scale while those of the next are computed
        branches = list(map(partial(_branch, operators=deeper), map(modulus, details)))
        for level in zip_longest(*branches):
            maps = [flattened(s, kept, -2) for s in level if s is not None]
            S.append(xp.concat(maps, axis=-3))
    return S


def _branch(U, operators):
    """Return the averages of one scale, a few of its orientations at a time.

    Large maps would need hundreds of megabytes at once; only an operator that mixes
    orientations has to see them all.
    """
    n = U.values.shape[1]
    if is_exported(U.values) or (size := operators[0].orientations_at_once(U)) >= n:
        return _averages(U, operators)
    parts = [
        _averages(replace(U, values=U.values[:, i : min(i + size, n), ...]), operators)
        for i in range(0, n, size)
    ]
    xp = namespace(U.values)
    return [xp.concat(level, axis=1) for level in zip(*parts, strict=True)]


def scattering_tiles(x: Any, operators: Any) -> Any:
    """Return the coefficients of images, as many of them at a time as suit a cache.

    Parameters
    ----------
    x : array of shape (..., M, N)
        Images, of any library of the array API.
    operators : list
        As :func:`scattering` takes them.

    Returns
    -------
    S : array of shape (..., P, h, w)
        What :func:`scattering` gives for all of them at once.
    """
    xp = namespace(x)
    images = xp.reshape(x, (-1, *x.shape[-2:]))
    n = images.shape[0]
    if is_exported(x):  # tiles would make the graph one of this number of images
        S = scattering(images, operators)
        return xp.reshape(S, (*x.shape[:-2], *S.shape[1:]))
    if not n:  # no FFT takes none; the shape is that of one image
        nothing = xp.zeros(x.shape[-2:], dtype=x.dtype, device=place(x))
        one = scattering_tiles(nothing, operators)
        return xp.broadcast_to(one, (*x.shape[:-2], *one.shape))
    size = tile_size(operators[0], images)
    tiles = (images[i : min(i + size, n), ...] for i in range(0, n, size))
    S = xp.concat([scattering(tile, operators) for tile in tiles], axis=0)
    return xp.reshape(S, (*x.shape[:-2], *S.shape[1:]))


def tile_size(W, x):
    """Return how many images make one layer of the size of a tile."""
    if not is_on_cpu(x):
        return max(x.shape[0], 1)
    return max(1, _TILE_BYTES // details_bytes(W.L, x, shape=W.grid.padded))


# Bytes of one layer's complex maps over a tile of images: what stays in a core's L2.
_TILE_BYTES = 2**20
