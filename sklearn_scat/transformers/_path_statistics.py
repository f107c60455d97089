"""What scattering coefficients are like, path by path, and how paths descend."""

import math
import re

import numpy as np
from array_api_compat import array_namespace, device

from sklearn_scat._array_likes import to_numpy
from sklearn_scat._batches import float_dtype

_SLICE = 2**20  # coefficients worked on at once: temporaries stay small


def row_slices(maps):
    """Yield slices that cover the rows of `maps`, each of about a million numbers."""
    n, *sides = maps.shape
    size = max(1, _SLICE // max(1, math.prod(sides)))
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))


def absolute_means(maps):
    """Return the mean of |S| over rows and positions, always positive.

    Parameters
    ----------
    maps : array of shape (n, C, P, h, w)
        Scattering coefficients, of any library.

    Returns
    -------
    means : ndarray of shape (C, P), float64
        Raised to the rounding error of the largest where smaller: a path that vanishes
        holds nothing but this error. 1 where all coefficients are 0.
    """
    means = _mean(maps, abs)
    rounding = np.finfo(float_dtype(maps.dtype)).eps
    means = np.maximum(means, rounding * means.max())
    return np.where(means > 0, means, 1.0)


def means_and_deviations(maps):
    """Return the mean and the standard deviation over rows and positions.

    Parameters
    ----------
    maps : array of shape (n, C, P, h, w)
        Scattering coefficients, of any library.

    Returns
    -------
    means, deviations : ndarray of shape (C, P), float64
        A deviation within the rounding error of its own mean, or of the largest mean,
        is that of a constant; it becomes 1.
    """
    means = _mean(maps, lambda S: S)
    deviations = np.sqrt(_mean(maps, lambda S: (S - _beside(S, means)) ** 2))
    size = np.abs(means)
    eps = np.finfo(float_dtype(maps.dtype)).eps
    rounding = eps * np.maximum(10 * size, size.max())
    return means, np.where(deviations > rounding, deviations, 1.0)


def _mean(maps, function):
    """Return the mean of a function of the coefficients, summed in float64."""
    total = sum(_sums(function(maps[rows, ...])) for rows in row_slices(maps))
    n, _, _, h, w = maps.shape
    return total / (n * h * w)


def _sums(values):
    """Return the sums over rows and positions, in float64."""
    xp = array_namespace(values)
    return to_numpy(xp.sum(values, axis=(0, 3, 4), dtype=xp.float64))


def _beside(maps, values):
    """Give numbers (C, P) the library and the axes of maps (n, C, P, h, w)."""
    xp = array_namespace(maps)
    beside = xp.asarray(values, dtype=xp.float64, device=device(maps))
    return beside[:, :, None, None]


def families(paths):
    """Return which paths descend from which, order by order from the highest.

    A path descends from those of the order below that agree with it in all that both
    say of the earlier wavelets: fields whose names end in a number up to that order,
    as ``j1`` and ``theta1``. Fields of no number belong to the last wavelet, and −1
    says nothing. In a translation scattering this leaves one parent.

    Parameters
    ----------
    paths : structured ndarray of shape (P,)
        With a field ``order``.

    Returns
    -------
    families : list of (parents, children)
        Arrays of indices into `paths`. Every path of order 2 or more is once among the
        children, and comes before it is a parent.

    Raises
    ------
    ValueError
        If a path of order 2 or more has no parent.

    Examples
    --------
    >>> from sklearn_scat.cascade import path_table
    >>> families(path_table(J=2, L=2))
    [(array([1]), array([5, 6])), (array([2]), array([7, 8]))]
    """
    groups = []
    for order in range(paths["order"].max(), 1, -1):
        children = np.flatnonzero(paths["order"] == order)
        above = np.flatnonzero(paths["order"] == order - 1)
        related = _agree(paths[children], paths[above], order - 1)
        orphans = children[~related.any(axis=1)]
        if len(orphans):
            raise ValueError(
                f"method='renorm' divides a path by one of the order below, and "
                f"{len(orphans)} paths have none, as {paths[orphans[0]]}."
            )
        if len(children):
            sets, group = np.unique(related, axis=0, return_inverse=True)
            group = group.ravel()
            groups += [
                (above[members], children[group == g]) for g, members in enumerate(sets)
            ]
    return sorted(groups, key=lambda group: (-paths["order"][group[0][0]], *group[0]))


def _agree(children, parents, order):
    """Tell which pairs agree in the first `order` wavelets: (children, parents)."""
    related = np.ones((len(children), len(parents)), bool)
    for name in children.dtype.names:
        number = re.search(r"\d+$", name)
        if number and int(number[0]) <= order:
            child, parent = children[name][:, None], parents[name][None]
            related &= (child == parent) | (child < 0) | (parent < 0)
    return related
