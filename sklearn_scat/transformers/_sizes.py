"""Images in groups of one size: each has filters of its own, all have one result."""

from copy import copy

import numpy as np

from sklearn_scat._array_likes import LazyRows, to_numpy
from sklearn_scat._compat import PixelRangeWarning, warn

# 8-bit values against 12-bit ones differ by 16, against [0, 1] by 255. Brighter images
# of the same kind, and dark ones one by one, stay below these.
_LARGER, _SMALLER = 8, 12
_SAMPLE = 256  # images whose values are looked at
_TINY = 4  # pixels: below, J gives way to the size of an inferred image


def fill_groups(estimator, images, out):
    """Write the coefficients of groups of images into an array (n, ...).

    Every group is worked through as if `fit` had seen it alone.
    """
    for shape, rows, places in images.groups:
        part = copy(estimator)
        part.image_shape_ = shape
        if images.are_alike:
            part._fill(rows, out)
            continue
        own = np.empty((len(rows), *out.shape[1:]), out.dtype)
        part._fill(rows, own)
        for place, row in zip(places.tolist(), own, strict=True):
            out[place] = row


def largest_scale(image_shape, J, *, inferred):
    """Return J, or the largest possible one where a tiny shape was inferred."""
    J = int(J)  # NumPy's integers, as in a grid of parameters, overflow in 2**J
    shorter = min(image_shape[-2:])
    largest = shorter.bit_length() - 1
    if J <= largest or not inferred or shorter >= _TINY:
        return J
    warn(
        f"J={J} needs images of 2^{J} pixels a side or more. The rows were taken for "
        f"{image_shape[0]}x{image_shape[1]} images, so J is lowered to {largest}; "
        "pass image_shape=(H, W) if they have another shape."
    )
    return largest


def check_scale(estimator, images):
    """Refuse sizes that the windows of 2^J pixels do not fit, by an image's position.

    Of images of one size the grid says so.
    """
    if images.are_alike:
        return
    J = estimator.J_
    smallest = min(images.shape[-2:])
    period = 2**J if estimator.padding == "periodic" else 1
    for shape, _, places in images.groups:
        height, width = shape[-2:]
        if 2**J > min(height, width):
            raise ValueError(
                f"J={J} averages over 2^J pixels, more than the shorter side "
                f"of image {places[0]}, of {height}x{width} pixels. The largest J for "
                f"these {images.n} images is {smallest.bit_length() - 1}."
            )
        if height % period or width % period:
            raise ValueError(
                f"padding='periodic' needs sides that divide by 2^J = {period}; image "
                f"{places[0]} has {height}x{width} pixels. Take padding='reflect'."
            )


def range_of(images):
    """Return the smallest and the largest known value of a sample of the images.

    They are NaN where none is known.
    """
    samples = [_sample(group.rows) for group in images.groups]
    lowest = np.fmin.reduce([np.fmin.reduce(s, axis=None) for s in samples])
    highest = np.fmax.reduce([np.fmax.reduce(s, axis=None) for s in samples])
    return float(lowest), float(highest)


def _sample(rows):
    """Return some rows, from all over an array."""
    if isinstance(rows, LazyRows):
        return rows.sample(_SAMPLE)
    return to_numpy(rows[:: max(1, rows.shape[0] // _SAMPLE), ...])


def warn_of_range(estimator, images):
    """Warn of values of quite another range than those that `fit` saw."""
    fitted = getattr(estimator, "pixel_range_", None)  # a model of before has none
    if fitted is None or not images.n:
        return
    seen = range_of(images)
    largest, usual = (max(abs(low), abs(high)) for low, high in (seen, fitted))
    if np.isnan(largest) or np.isnan(usual):
        return
    if usual and largest and not usual / _SMALLER <= largest <= usual * _LARGER:
        warn(
            f"The values of these images go from {seen[0]:g} to {seen[1]:g}; those "
            f"that fit saw, from {fitted[0]:g} to {fitted[1]:g}. Values are taken as "
            "they are: bring both to one scale, as by dividing bytes by 255.",
            PixelRangeWarning,
        )
