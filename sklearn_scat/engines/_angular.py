"""Averages of the first layer along angles, beside what the native kernel computes."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_scat.cascade import rigid_filters
from sklearn_scat.cascade._rotation import periodic
from sklearn_scat.filters import CircleBank


def with_angular_paths(
    of_others: Callable[..., Any],
    of_first: Callable[..., Any],
    circle: CircleBank,
    *,
    is_angular: NDArray[Any],
) -> Callable[..., Any]:
    r"""Return a function f(images, maps) of all paths on rigid motions.

    Parameters
    ----------
    of_others : callable
        f(images, maps) of the paths without j2 left out.
    of_first : callable
        The same of translation scattering up to order 1: its averages
        :math:`|x * \psi_{j,\theta}| * \varphi_J` are what angular wavelets filter.
    circle : CircleBank
        Angular filters on 2L angles.
    is_angular : ndarray of bool of shape (P,)
        Which paths are averages in space and wavelets along angles.

    Returns
    -------
    compute : callable
        ``compute(images, maps)`` fills maps (…, P, h, w) from images (…, M, N).
    """
    _, *bands = rigid_filters(circle)
    L = circle.n // 2
    filters = np.array([periodic(h) for h in bands]) / np.sqrt(2)  # of the first layer
    n_scales = is_angular.sum() // len(filters)

    def compute(images, maps):
        *lead, _, h, w = maps.shape
        others = np.empty((*lead, np.sum(~is_angular), h, w), maps.dtype)
        of_others(images, others)
        first = np.empty((*lead, 1 + n_scales * L, h, w), maps.dtype)
        of_first(images, first)
        averages = first[..., 1:, :, :].reshape(*lead, n_scales, L, h * w)
        moduli = angular_moduli(averages, filters.astype(np.complex64))
        maps[..., ~is_angular, :, :] = others
        maps[..., is_angular, :, :] = moduli.reshape(*lead, -1, h, w)

    return compute


def angular_moduli(averages, filters):
    """Return the mean over angles of |h_k A|, of A (…, J, L, n): (…, J, K, n)."""
    return np.abs(filters @ averages[..., None, :, :]).mean(axis=-2)
