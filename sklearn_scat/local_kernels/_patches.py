"""Patches of maps, of unit norm, in coordinates of comparable sizes."""

from itertools import product

import numpy as np
import scipy.linalg

_BLOCK_BYTES = 2**27  # of patches cut out at once
_SMALLEST = 1e-3  # of the mean norm: patches below, as of black corners, hold rounding


def cut_patches(maps, size, boundary):
    """Return every patch of maps, all channels in a row.

    Parameters
    ----------
    maps : ndarray of shape (n, C, h, w)
        Maps.
    size : int
        Side of a patch; no more than a side of the maps is taken of it.
    boundary : {"cut", "periodic"}
        "cut" takes the patches that lie inside, "periodic" one at every position,
        which goes on at the opposite side.

    Returns
    -------
    patches : ndarray of shape (n, positions, C·a·b)
        Row by row of the grid of positions, whose sides `grid_shape` gives.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.local_kernels._patches import cut_patches
    >>> cut_patches(np.zeros((5, 3, 8, 8)), 2, "cut").shape
    (5, 49, 12)
    """
    a, b = (min(size, side) for side in maps.shape[2:])
    if boundary == "periodic":
        maps = np.pad(maps, ((0, 0), (0, 0), (0, a - 1), (0, b - 1)), mode="wrap")
    windows = np.lib.stride_tricks.sliding_window_view(maps, (a, b), axis=(2, 3))
    n, _, rows, columns = windows.shape[:4]
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(n, rows * columns, -1)


def grid_shape(map_shape, size, boundary):
    """Return the rows and columns of the grid of patches of maps (h, w)."""
    if boundary == "periodic":
        return tuple(map_shape)
    return tuple(side - min(size, side) + 1 for side in map_shape)


def spread_patches(outputs, size, boundary, *, map_shape):
    """Return what patches bear, divided evenly among the samples that they cover.

    Parameters
    ----------
    outputs : ndarray of shape (positions, n, K)
        What each patch bears.
    size, boundary
        As of `cut_patches`.
    map_shape : tuple (h, w)
        Of the maps.

    Returns
    -------
    maps : ndarray of shape (n, K, h, w)
        With the same sums.
    """
    a, b = (min(size, side) for side in map_shape)
    rows, columns = grid_shape(map_shape, size, boundary)
    each = np.moveaxis(
        outputs.reshape(rows, columns, *outputs.shape[1:]), (0, 1), (2, 3)
    )
    maps = np.zeros((*each.shape[:2], *map_shape))
    for i in range(a):
        for j in range(b):
            down = (np.arange(rows) + i) % map_shape[0]
            across = (np.arange(columns) + j) % map_shape[1]
            maps[:, :, down[:, None], across] += each / (a * b)
    return maps


def unit_norm(patches, smallest):
    """Divide patches by their norm, or by `smallest` where that is larger."""
    norms = np.linalg.norm(patches, axis=-1, keepdims=True)
    return patches / np.maximum(norms, patches.dtype.type(smallest))


def smallest_norm(maps, size, boundary):
    """Return the norm below which a patch counts as empty: 1e-3 of the mean norm."""
    norms = [np.linalg.norm(p, axis=-1) for p in _blocks(maps, size, boundary)]
    mean = float(np.mean(np.concatenate(norms), dtype=np.float64))
    return _SMALLEST * mean if mean > 0 else 1.0


def principal_axes(maps, size, boundary, *, smallest, n_components, floor):
    r"""Return the axes on which patches of unit norm are projected, whitened.

    The eigenvectors :math:`v_i` of the mean of :math:`x x^\top` over all patches x (not
    centred), with the largest eigenvalues :math:`\lambda_i`, each divided by
    :math:`(\lambda_i + \varepsilon \bar\lambda)^{1/2}`, where :math:`\bar\lambda` is
    the mean of the eigenvalues that are kept.

    Parameters
    ----------
    maps : ndarray of shape (n, C, h, w)
        Maps of the training images.
    size, boundary
        As of `cut_patches`.
    smallest : float
        As of `unit_norm`.
    n_components : int
        Axes, no more than the numbers of a patch.
    floor : float
        :math:`\varepsilon`.

    Returns
    -------
    axes : ndarray of shape (C·a·b, n_components)
        In the dtype of the maps.
    """
    moment, n = 0.0, 0
    for patches in _blocks(maps, size, boundary):
        rows = unit_norm(patches, smallest).reshape(-1, patches.shape[-1])
        moment, n = moment + (rows.T @ rows).astype(np.float64), n + len(rows)
    moment = moment / n
    last = len(moment) - 1
    first = max(0, len(moment) - n_components)
    values, vectors = scipy.linalg.eigh(moment, subset_by_index=(first, last))
    values = np.maximum(values, 0)
    lengths = np.sqrt(values + floor * values.mean())
    lengths[lengths == 0] = 1.0
    return np.asarray(vectors / lengths, maps.dtype)


def whitened_patches(maps, size, boundary, *, axes, smallest):
    r"""Return patches of unit norm on whitened axes, of unit norm again.

    Patches are never cut out: what a sample of the maps adds to the patches that cover
    it, :math:`x_p A = \sum_s m_{p + s} A_s`, is computed from the maps. The norm
    before the axes makes no difference after them.

    Parameters
    ----------
    maps : ndarray of shape (n, C, h, w)
        Maps.
    size, boundary
        As of `cut_patches`.
    axes : ndarray of shape (C·a·b, n_components)
        A, as of `principal_axes`.
    smallest : float
        As of `unit_norm`: a unit that no patch is far below, so that squares of what
        is projected do not vanish.

    Returns
    -------
    patches : ndarray of shape (positions, n, n_components)
        Positions first, as `local_kernel` takes them.
    """
    a, b = (min(size, side) for side in maps.shape[2:])
    rows, columns = grid_shape(maps.shape[2:], size, boundary)
    parts = axes.reshape(maps.shape[1], a, b, -1) / maps.dtype.type(smallest)
    samples = np.ascontiguousarray(maps.transpose(2, 3, 0, 1))
    if boundary == "periodic":
        samples = np.pad(samples, ((0, a - 1), (0, b - 1), (0, 0), (0, 0)), mode="wrap")
    patches = sum(
        samples[i : i + rows, j : j + columns] @ parts[:, i, j]
        for i, j in product(range(a), range(b))
    )
    patches = patches.reshape(rows * columns, *patches.shape[2:])
    return unit_norm(patches, np.finfo(maps.dtype).tiny)


def _blocks(maps, size, boundary):
    """Yield the patches of some images at a time."""
    n_values = maps[:1].nbytes * min(size, maps.shape[2]) * min(size, maps.shape[3])
    step = max(1, _BLOCK_BYTES // n_values)
    for start in range(0, len(maps), step):
        yield cut_patches(maps[start : start + step], size, boundary)
