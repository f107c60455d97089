"""Discs of paths: scale along the radius, orientation around."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Ring(NamedTuple):
    """Sectors between two radii, the direction of theta = 0 first."""

    inner: float
    outer: float
    values: np.ndarray


def is_disc(paths: NDArray[Any] | None) -> bool:
    """Tell whether paths have scales and orientations, as discs show them.

    Parameters
    ----------
    paths : structured ndarray of shape (P,), or None
        A table of paths.
    """
    if paths is None:
        return False
    names = paths.dtype.names or ()
    if not {"order", "j1", "theta1"} <= set(names) or "k2" in names:
        return False
    order1 = paths["order"] == 1
    return bool(order1.any() and paths["theta1"][order1].min() >= 0)


def check_paths(paths):
    """Refuse paths that have no scales and orientations.

    Raises
    ------
    ValueError
        If they are averaged over orientations, or none is of order 1.
    """
    if not is_disc(paths):
        raise ValueError(
            "paths must hold scales and orientations of order 1: discs are for "
            "translation scattering without orientation_pooling, J of 1 or more."
        )


def disc_rings(values: NDArray[Any], paths: NDArray[Any], order: int) -> list[Ring]:
    """Return the rings of a disc: one a scale, of order 2 one a pair of scales.

    Parameters
    ----------
    values : ndarray of shape (P,)
        One number a path.
    paths : structured ndarray of shape (P,)
        ``order``, ``j1``, ``theta1``, ``j2``, ``theta2``.
    order : {1, 2}
        Which paths.

    Returns
    -------
    rings : list of Ring
    """
    J = int(paths["j1"].max()) + 1
    rings = []
    for j1 in range(J):
        first = (paths["order"] == order) & (paths["j1"] == j1)
        outer, inner = 2.0**-j1, 2.0 ** -(j1 + 1)
        if order == 1:
            rings.append(Ring(inner, outer, values[first]))
            continue
        borders = np.linspace(outer, inner, J - j1)
        for k, j2 in enumerate(range(j1 + 1, J)):
            own = values[first & (paths["j2"] == j2)]
            rings.append(Ring(borders[k + 1], borders[k], own))
    return rings


def draw_disc(ax, rings, *, L, colors):
    """Draw rings of equal sectors on polar axes.

    Parameters
    ----------
    ax : matplotlib PolarAxes
        Where to draw.
    rings : list of Ring
        What to draw.
    L : int
        Number of orientations.
    colors : matplotlib ScalarMappable
        The color of a value.
    """
    begin = np.pi / L * (int(L - L / 2 - 1) + 0.5) - np.pi / 2
    for inner, outer, values in rings:
        both = np.tile(values, 2)  # a real image has the same opposite
        step = 2 * np.pi / len(both)
        angles = begin - step * (np.arange(len(both)) + 0.5)
        face = colors.to_rgba(both)
        ax.bar(angles, outer - inner, step, inner, color=face, linewidth=0)
    ax.grid(False)
    ax.set_xticks([0, np.pi / 2, np.pi, 3 * np.pi / 2])
    ax.set_yticks([])
    ax.set_ylim(0, 1)


def polar_axes(ax):
    """Return the polar axes given, or those of a new figure.

    Raises
    ------
    ValueError
        If they are not polar.
    """
    if ax is None:
        from matplotlib import pyplot

        look = {"projection": "polar"}
        size = {"figsize": (4.6, 3.8), "layout": "constrained"}
        ax = pyplot.subplots(subplot_kw=look, **size)[1]
    if ax.name != "polar":
        raise ValueError("ax must be polar: pass subplot_kw={'projection': 'polar'}.")
    return ax
