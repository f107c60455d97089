"""The path table: which scales and orientations each scattering coefficient took."""

from itertools import combinations

import numpy as np


def path_table(J, L, max_order=2):
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
        ``theta<max_order>``; −1 where a path is shorter. By order, then
        lexicographic; scales increase strictly along a path.

    Examples
    --------
    >>> from sklearn_scat.cascade import path_table
    >>> paths = path_table(J=2, L=8)
    >>> paths.shape, paths.dtype.names
    ((81,), ('order', 'j1', 'theta1', 'j2', 'theta2'))
    >>> paths[17].tolist()
    (2, 0, 0, 1, 0)
    """
    rows = [
        block_paths(scales, L, max_order)
        for order in range(max_order + 1)
        for scales in combinations(range(J), order)
    ]
    table = np.concatenate(rows)
    table = table[lexicographic(table)]
    names = ["order"]
    for m in range(1, max_order + 1):
        names += [f"j{m}", f"theta{m}"]
    paths = np.empty(len(table), dtype=[(name, np.int64) for name in names])
    for name, column in zip(names, table.T, strict=True):
        paths[name] = column
    return paths


def block_paths(scales, L, max_order):
    """Return the rows of the paths along given scales: (L^m, 1 + 2·max_order)."""
    order = len(scales)
    rows = np.full((L**order, 1 + 2 * max_order), -1)
    rows[:, 0] = order
    rows[:, 1 : 1 + 2 * order : 2] = scales
    rows[:, 2 : 2 + 2 * order : 2] = np.indices((L,) * order).reshape(order, L**order).T
    return rows


def lexicographic(rows):
    """Return the order that sorts rows by their columns, first column first."""
    return np.lexsort(rows.T[::-1])


def path_name(path):
    """Return the name of one path, as in the names of features.

    Examples
    --------
    >>> from sklearn_scat.cascade import path_name, path_table
    >>> [path_name(path) for path in path_table(J=2, L=8)[[0, 3, 80]]]
    ['s0', 's1_j0_t2', 's2_j0_t7_j1_t7']
    """
    fields = (f"{name[0]}{path[name]}" for name in path.dtype.names[1:])
    steps = [field for field in fields if not field.endswith("-1")]
    return "_".join([f"s{path['order']}", *steps])
