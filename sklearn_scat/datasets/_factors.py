"""Images on balanced grids of factors, for an analysis of their variability."""

from numbers import Integral
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from sklearn.utils.validation import check_scalar

from sklearn_scat.datasets._arguments import check_choice
from sklearn_scat.datasets._digits import load_digits_images

_SHIFTS = (-4, -2, 0, 2, 4)  # pixels along either axis: the margin of the digits
_SCALES = (0.6, 1.2)


def make_factor_digits(
    factor: Literal["rotation", "translation", "scale"] = "rotation",
    *,
    n_levels: int | None = None,
    n_per_class: int = 2,
) -> tuple[NDArray[Any], dict[str, NDArray[Any]]]:
    """Digits under all values of a rotation, a translation or a scale.

    The digits are the first ones of each class of scikit-learn's, enlarged to 32×32
    pixels by :func:`load_digits_images`; each is shown under every value.

    Parameters
    ----------
    factor : {"rotation", "translation", "scale"}, default="rotation"
        "rotation" about the centre, by `n_levels` angles that divide the circle evenly
        (bilinear; quarter turns are exact). "translation" by −4, −2, 0, 2 and 4 pixels
        along either axis, within the margin. "scale" about the centre, by `n_levels`
        factors evenly from 0.6 to 1.2 (bilinear).
    n_levels : int, default=None
        Number of values; None takes 16 angles or 7 scales. The shifts are 25.
    n_per_class : int, default=2
        Number of digits of each class.

    Returns
    -------
    images : ndarray of float32 of shape (10·n_per_class·n_levels, 32, 32)
        The images, 0 to 16; all values of the first digit come first.
    factors : dict of str to ndarray
        "digit", the number of each image's digit; and the factor by its name:
        degrees (counter-clockwise), the number 0 … 24 of the shift (along the rows
        slowest), or the scale. Made for :func:`sklearn_scat.analysis.variability`.

    Raises
    ------
    ValueError
        When `factor` is unknown, a number is out of range, or `n_levels` is given for
        translations.

    References
    ----------
    .. [1] M. Aubry and B. Russell, "Understanding deep features with computer-generated
       imagery", ICCV 2015 (factors of rendered objects).

    Examples
    --------
    >>> from sklearn_scat.datasets import make_factor_digits
    >>> images, factors = make_factor_digits("rotation", n_levels=4)
    >>> images.shape, factors["rotation"][:5].tolist()
    ((80, 32, 32), [0.0, 90.0, 180.0, 270.0, 0.0])
    """
    check_choice(factor, "factor", tuple(_MOVES))
    check_scalar(n_per_class, "n_per_class", Integral, min_val=1, max_val=174)
    if n_levels is not None:
        check_scalar(n_levels, "n_levels", Integral, min_val=1)
    digits = load_digits_images()
    first = [np.flatnonzero(digits.target == c)[:n_per_class] for c in range(10)]
    chosen = digits.images[np.concatenate(first)]
    levels, moved = _MOVES[factor](chosen, n_levels)  # (n_levels, n_digits, 32, 32)
    images = np.moveaxis(moved, 0, 1).reshape(-1, *digits.image_shape)
    n_digits = len(chosen)
    return np.ascontiguousarray(images, dtype=np.float32), {
        "digit": np.repeat(np.arange(n_digits), len(levels)),
        factor: np.tile(levels, n_digits),
    }


def _rotations(images, n_levels):
    angles = np.arange(n_levels or 16) * (360 / (n_levels or 16))
    return angles, np.stack([_turned(images, angle) for angle in angles])


def _turned(images, angle):
    quarters, rest = divmod(angle, 90)
    images = np.rot90(images, int(quarters), axes=(1, 2))
    if rest == 0:
        return images
    return ndimage.rotate(images, rest, axes=(-2, -1), reshape=False, order=1)


def _translations(images, n_levels):
    if n_levels is not None:
        raise ValueError(
            f"n_levels={n_levels!r} goes with a rotation or a scale; the translations "
            f"are {len(_SHIFTS) ** 2}. Leave n_levels=None."
        )
    shifts = [(a, b) for a in _SHIFTS for b in _SHIFTS]
    moved = [np.roll(images, shift, axis=(1, 2)) for shift in shifts]
    return np.arange(len(shifts)), np.stack(moved)


def _scalings(images, n_levels):
    scales = np.linspace(*_SCALES, n_levels or 7)
    return scales, np.stack([_scaled(images, scale) for scale in scales])


def _scaled(images, scale):
    centre = (images.shape[1] - 1) / 2
    matrix = [1, 1 / scale, 1 / scale]
    offset = [0, *2 * [centre * (1 - 1 / scale)]]
    return ndimage.affine_transform(images, matrix, offset, order=1)


_MOVES = {"rotation": _rotations, "translation": _translations, "scale": _scalings}


def make_factor_rectangles(
    size: int = 150, *, n_shapes: int = 13, n_shifts: int = 10
) -> tuple[NDArray[Any], dict[str, NDArray[Any]]]:
    r"""Black rectangles on white, of all aspects at all places.

    The half sides are :math:`s\,2^{\pm a}` pixels with s = 20 · `size`/150 and a from
    −1 to 1, so that the area stays and the aspect goes from 1:4 to 4:1; the centres
    move in steps of 6 · `size`/150 from the centre's −30 to 24. The default is the
    set of [1]_ with 13 aspects and 10×10 places.

    Parameters
    ----------
    size : int, default=150
        Side of the images, at least 15.
    n_shapes : int, default=13
        Number of aspects.
    n_shifts : int, default=10
        Number of places along either axis, at most 10.

    Returns
    -------
    images : ndarray of float32 of shape (n_shapes·n_shifts², size, size)
        0 inside and 1 outside of the rectangles; a pixel on the border has the share
        of it that is outside.
    factors : dict of str to ndarray
        "shape": the number a of each image; "translation": the number of its place.

    Raises
    ------
    ValueError
        When a number is out of range.

    References
    ----------
    .. [1] M. Aubry and B. Russell, "Understanding deep features with computer-generated
       imagery", ICCV 2015 (synthetic rectangles).

    Examples
    --------
    >>> from sklearn_scat.datasets import make_factor_rectangles
    >>> images, factors = make_factor_rectangles(30, n_shapes=3, n_shifts=2)
    >>> images.shape, factors["shape"].tolist()[::4]
    ((12, 30, 30), [-1.0, 0.0, 1.0])
    """
    check_scalar(size, "size", Integral, min_val=15)
    check_scalar(n_shapes, "n_shapes", Integral, min_val=1)
    check_scalar(n_shifts, "n_shifts", Integral, min_val=1, max_val=10)
    unit = size / 150
    aspects = np.linspace(-1, 1, n_shapes) if n_shapes > 1 else np.zeros(1)
    centres = size / 2 + unit * (-30 + 6 * np.arange(n_shifts))
    half = 20 * unit * 2.0**aspects
    tall = np.stack(
        [_covered(size, centres, h) for h in half]
    )  # (shapes, shifts, size)
    wide = np.stack([_covered(size, centres, h) for h in half[::-1]])
    inside = np.einsum("siy,sjx->sijyx", tall, wide)
    return (1 - inside).reshape(-1, size, size).astype(np.float32), {
        "shape": np.repeat(aspects, n_shifts**2),
        "translation": np.tile(np.arange(n_shifts**2), n_shapes),
    }


def _covered(size, centres, half):
    """Share of each pixel that intervals about the centres cover: (shifts, size)."""
    left = np.arange(size)
    low, high = centres[:, None] - half, centres[:, None] + half
    return np.clip(np.minimum(left + 1, high) - np.maximum(left, low), 0, 1)
