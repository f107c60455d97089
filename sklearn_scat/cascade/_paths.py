"""The path table: which scales and orientations each scattering coefficient took."""

from itertools import combinations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray


def path_table(J: int, L: int, max_order: int = 2) -> NDArray[Any]:
    """Return the paths of a translation scattering network, in output order.

    Parameters
    ----------
    J, L : int
        Numbers of scales and of orientations.
    max_order : int, default=2
        Largest number of wavelets along a path.

    Returns
    -------
    paths : structured ndarray of shape (P,)
        Integer fields ``order``, ``j1``, ``theta1``, … ``j<max_order>``,
        ``theta<max_order>``; −1 where a path is shorter. In lexicographic order; scales
        increase strictly along a path.

    Examples
    --------
    >>> from sklearn_scat.cascade import path_table
    >>> paths = path_table(J=2, L=8)
    >>> paths.shape, paths.dtype.names
    ((81,), ('order', 'j1', 'theta1', 'j2', 'theta2'))
    >>> paths[17].tolist()
    (2, 0, 0, 1, 0)
    """
    scales = [s for m in range(max_order + 1) for s in combinations(range(J), m)]
    names = ["order"]
    for m in range(1, max_order + 1):
        names += [f"j{m}", f"theta{m}"]
    return _as_table([_block(s, L, max_order) for s in scales], names, by=names)


def isotropic_paths(paths: NDArray[Any], L: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the paths up to a common rotation, and to which of them each belongs.

    Parameters
    ----------
    paths : structured ndarray of shape (P,)
        Of :func:`path_table`.
    L : int
        Number of orientations.

    Returns
    -------
    pooled : structured ndarray of shape (P',)
        ``theta1`` is −1, later angles are relative to it, modulo L.
    groups : ndarray of int of shape (P,)
        Index into ``pooled`` of every path.

    Examples
    --------
    >>> from sklearn_scat.cascade import isotropic_paths, path_table
    >>> pooled, groups = isotropic_paths(path_table(J=3, L=8), 8)
    >>> pooled.shape, groups.shape
    ((28,), (217,))
    """
    relative = paths.copy()
    thetas = [name for name in paths.dtype.names or () if name.startswith("theta")]
    for name in thetas:
        angle = (paths[name] - paths["theta1"]) % L
        relative[name] = np.where(paths[name] < 0, -1, angle)
    for name in thetas[:1]:
        relative[name] = -1
    return np.unique(relative, return_inverse=True)


def rigid_path_table(J: int, L: int, K: int, *, max_order: int = 2) -> NDArray[Any]:
    """Return the paths of roto-translation scattering on rigid motions.

    Parameters
    ----------
    J, L, K : int
        Numbers of scales, orientations and angular scales.
    max_order : {0, 1, 2}, default=2
        Largest number of wavelets along a path.

    Returns
    -------
    paths : structured ndarray of shape (P,)
        Fields ``order``, ``j1``, ``theta1`` (always −1: averaged), ``j2``, ``theta2``
        (relative to the first angle) and ``k``, the angular scale; −1 where absent, and
        for the angular low-pass. P = 1 + J + L (1 + K) J (J − 1) / 2 at order 2.

    Examples
    --------
    >>> from sklearn_scat.cascade import rigid_path_table
    >>> rigid_path_table(J=3, L=8, K=3).shape
    (100,)
    """
    return _as_rigid_table(_rigid_rows(J, L, K, max_order=max_order))


def complete_path_table(J: int, L: int, K: int, *, max_order: int = 2) -> NDArray[Any]:
    """Return the paths on rigid motions, with those of averages along angles.

    Parameters
    ----------
    J, L, K : int
        Numbers of scales, orientations and angular scales.
    max_order : {0, 1, 2}, default=2
        Largest number of wavelets along a path.

    Returns
    -------
    paths : structured ndarray of shape (P,)
        Those of :func:`rigid_path_table` and J·K more of order 2, whose ``j2`` and
        ``theta2`` are −1: averages in space and wavelets along angles.

    Examples
    --------
    >>> from sklearn_scat.cascade import complete_path_table
    >>> paths = complete_path_table(J=3, L=8, K=3)
    >>> paths.shape, paths[4].tolist()
    ((109,), (2, 0, -1, -1, -1, 0))
    """
    angular = [(2, j1, -1, -1, -1, k) for j1 in range(J) for k in range(K)]
    rows = _rigid_rows(J, L, K, max_order=max_order)
    if max_order == 2:
        rows.append(np.array(angular, dtype=int).reshape(-1, 6))
    return _as_rigid_table(rows)


def separable_path_table(J: int, L: int, K: int, *, max_order: int = 2) -> NDArray[Any]:
    """Return the paths of separable roto-translation scattering.

    Parameters
    ----------
    J, L, K : int
        Numbers of scales, orientations and angular scales.
    max_order : {0, 1, 2}, default=2
        Largest number of wavelets along a path.

    Returns
    -------
    paths : structured ndarray of shape (P,)
        Fields ``order``, ``j1``, ``theta1`` (sampled every 2^k angles, and every 2^K
        after the low-pass), ``j2``, ``theta2`` (absolute), ``k`` and ``conjugate`` (1
        where the conjugate was filtered); −1 where absent. 208 paths for each pair of
        scales at L=8.

    Examples
    --------
    >>> from sklearn_scat.cascade import separable_path_table
    >>> separable_path_table(J=2, L=8, K=2).shape
    (225,)
    """
    rows = [
        _separable_block(scales, L, k, K=K)
        for m in range(max_order + 1)
        for scales in combinations(range(J), m)
        for k in range(-1, K if m == 2 else 0)
    ]
    names = ["order", "j1", "theta1", "j2", "theta2", "k", "conjugate"]
    by = ["order", "j1", "theta2", "j2", "k", "conjugate", "theta1"]
    return _as_table(rows, names, by=by)


def rigid_scales(L, K=None):
    """Return K, or ⌊log₂ 2L⌋ − 1, as many as 2L angles have."""
    return (2 * L).bit_length() - 2 if K is None else int(K)


def separable_scales(L, K=None):
    """Return K, or ⌊log₂ L⌋ − 1, or less where 2^K does not divide L."""
    if L % 4:
        raise ValueError(
            f"form='separable' needs an L that divides by 4; got L={L}. Take "
            "form='rigid', which works for any L."
        )
    divisors = (L & -L).bit_length() - 1  # 2^divisors divides L
    if K is None:
        return min(L.bit_length() - 2, divisors)
    if K > divisors:
        raise ValueError(
            f"form='separable' samples every 2^K = {2 ** int(K)} angles, and that "
            f"does not divide L={L}. The largest K for this L is {divisors}."
        )
    return int(K)


def path_name(path: Any) -> str:
    """Return the name of one path, as in the names of features.

    Parameters
    ----------
    path : structured scalar
        A row of a path table.

    Returns
    -------
    name : str

    Examples
    --------
    >>> from sklearn_scat.cascade import path_name, path_table
    >>> [path_name(path) for path in path_table(J=2, L=8)[[0, 3, 80]]]
    ['s0', 's1_j0_t2', 's2_j0_t7_j1_t7']
    """
    steps = [f"{n[0]}{path[n]}" for n in path.dtype.names[1:] if path[n] >= 0]
    return "_".join([f"s{path['order']}", *steps])


def _as_table(rows, names, *, by):
    """Give the columns of rows of paths their names, and sort by some of them."""
    paths = np.concatenate(rows).astype(np.int32)
    paths = paths.view([(name, np.int32) for name in names])[:, 0]
    return paths[np.lexsort([paths[name] for name in reversed(by)])]


def _block(scales, L, max_order):
    """Return the rows of the paths along given scales: (L^m, 1 + 2·max_order)."""
    order = len(scales)
    rows = np.full((L**order, 1 + 2 * max_order), -1)
    rows[:, 0] = order
    rows[:, 1 : 1 + 2 * order : 2] = scales
    rows[:, 2 : 2 + 2 * order : 2] = np.indices((L,) * order).reshape(order, L**order).T
    return rows


def _rigid_rows(J, L, K, *, max_order):
    """Return the blocks of the paths on rigid motions."""
    return [
        _rigid_block(scales, L, k)
        for m in range(max_order + 1)
        for scales in combinations(range(J), m)
        for k in range(-1, K if m == 2 else 0)
    ]


def _as_rigid_table(rows):
    """Return the table of paths on rigid motions."""
    names = ["order", "j1", "theta1", "j2", "theta2", "k"]
    return _as_table(rows, names, by=["order", "j1", "j2", "k", "theta2"])


def _rigid_block(scales, L, k):
    """Return the rows of the paths along given scales, θ1 averaged: (1 or L, 6)."""
    rows = np.full((L if len(scales) == 2 else 1, 6), -1)
    rows[:, 0] = len(scales)
    rows[:, 1 : 1 + 2 * len(scales) : 2] = scales
    if len(scales) == 2:
        rows[:, 4], rows[:, 5] = np.arange(L), k
    return rows


def _separable_block(scales, L, k, *, K):
    """Return the rows of the paths along given scales: (P, 7)."""
    step = 2 ** (K if k < 0 else k)
    conjugates = range(1 if k < 0 else 2)
    angles = {
        0: [(-1, -1, -1)],
        1: [(t1, -1, -1) for t1 in range(L)],
        2: list(product(range(0, L, step), range(L), conjugates)),
    }[len(scales)]
    rows = np.full((len(angles), 7), -1)
    rows[:, 0] = len(scales)
    rows[:, 1 : 1 + 2 * len(scales) : 2] = scales
    rows[:, [2, 4, 6]] = angles
    rows[:, 5] = k
    return rows
