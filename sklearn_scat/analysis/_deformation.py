"""Smooth random deformations of images."""

from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import map_coordinates
from sklearn.utils import check_random_state

from sklearn_scat.analysis._images import check_stack


def random_diffeomorphism(
    X: ArrayLike,
    displacement: float = 1.0,
    *,
    cut: int = 3,
    random_state: int | np.random.RandomState | None = None,
) -> NDArray[Any]:
    r"""Images deformed by smooth random fields, each by its own.

    A pixel takes its value from :math:`u + \tau(u)` by bilinear interpolation, where
    along each axis, in coordinates from 0 to 1,

    .. math:: \tau(u) = \sum_{i, j \ge 1,\ i^2 + j^2 \le (c + 1/2)^2}
              C_{ij} \sin(i \pi u_1) \sin(j \pi u_2), \qquad
              C_{ij} \sim \mathcal{N}\bigl(0, T / (i^2 + j^2)\bigr),

    the fields of largest entropy for the temperature T [1]_. They vanish at the border.

    Parameters
    ----------
    X : array-like of shape (n, H, W) or (n, C, H, W)
        Images; the channels of one share a field.
    displacement : float, default=1.0
        Typical displacement at the centre, in pixels:
        :math:`\delta = \tfrac{N}{2} \sqrt{\pi T \ln c}` for N×N images. At most
        :math:`N / (\pi c)`, beyond which fields fold the image over; below half a
        pixel, interpolation blurs more than the field moves.
    cut : int, default=3
        The largest frequency c, in half periods along a side; 2 or more.
    random_state : int, RandomState instance or None, default=None
        Draws the fields.

    Returns
    -------
    deformed : ndarray of float64, of the shape of X
        Past the border, the value of the nearest pixel.

    Raises
    ------
    ValueError
        If X are no images, or `displacement` or `cut` is out of range.

    References
    ----------
    .. [1] L. Petrini, A. Favero, M. Geiger and M. Wyart, "Relative stability toward
       diffeomorphisms indicates performance in deep nets", NeurIPS 2021, section 2.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.analysis import random_diffeomorphism
    >>> images = np.eye(32)[None] * np.ones((5, 1, 1))
    >>> random_diffeomorphism(images, displacement=2.0, random_state=0).shape
    (5, 32, 32)
    """
    X = check_stack(X)
    _check_field(X.shape, displacement, cut)
    rng = check_random_state(random_state)
    shape = X.shape[-2:]
    grid = np.indices(shape, dtype=float)
    stacks = X.reshape(len(X), -1, *shape)  # (n, C, H, W)
    deformed = np.empty_like(stacks)
    for images, result in zip(stacks, deformed, strict=True):
        places = grid + displacement * unit_field(shape, cut, rng)
        for image, out in zip(images, result, strict=True):
            map_coordinates(image, places, order=1, mode="nearest", output=out)
    return deformed.reshape(X.shape)


def unit_field(shape, cut, rng):
    """Return a random field of typical displacement 1 at the centre: (2, H, W)."""
    i = np.arange(1, cut + 1)
    square = i[:, None] ** 2 + i**2
    deviation = np.where(square <= (cut + 0.5) ** 2, 1 / np.sqrt(square), 0)
    C = rng.standard_normal((2, cut, cut)) * deviation
    rows, columns = (np.sin(np.pi * np.outer(i, np.linspace(0, 1, n))) for n in shape)
    return 2 / np.sqrt(np.pi * np.log(cut)) * (rows.T @ C @ columns)


def _check_field(shape, displacement, cut):
    """Refuse fields that are none, or that fold."""
    if cut != int(cut) or cut < 2:
        raise ValueError(f"cut must be a whole number, 2 or more; got {cut!r}.")
    largest = min(shape[-2:]) / (np.pi * cut)
    if not isinstance(displacement, Real) or not 0 <= displacement <= largest:
        raise ValueError(
            f"displacement must be a number of pixels from 0 to N / (π·cut) = "
            f"{largest:.3g} for {shape[-2]}x{shape[-1]} images and cut={cut}, beyond "
            f"which fields fold; got {displacement!r}."
        )
