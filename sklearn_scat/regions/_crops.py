"""Crops around objects: a few sizes, and nothing in them but the object."""

import math

import numpy as np

from sklearn_scat.cascade import fill_unknown


def crop_sides(region, image_sides, *, J):
    """Return the height and the width of the crop around an object.

    They depend on the object's box alone, and are those of the image where that is
    smaller, so that an object that is the whole image is computed as the image is.
    """
    return tuple(
        min(round_side(n, 2**J), side)
        for n, side in zip(region.sides, image_sides, strict=True)
    )


def round_side(n, step):
    """Return the next side on the grid: four sizes an octave share their filters.

    A side of k steps is padded to k + 2: these are 5, 6, 7 or 8 times a power of two,
    or less, so that transforms are fast.
    """
    padded = math.ceil(n / step) + 2
    unit = 2 ** max(0, (padded - 1).bit_length() - 3)
    return (math.ceil(padded / unit) * unit - 2) * step


def cut(region, image, labels, *, sides):
    """Return the crop around an object, filled by its own pixels, and its mask.

    Parameters
    ----------
    region : Region
        The object.
    image : array of shape (H, W) or (C, H, W)
        Only the object's box is read.
    labels : ndarray of shape (H, W)
        Of the image.
    sides : tuple of int (h, w)
        At least those of its box, which is put in the middle.

    Returns
    -------
    pixels : ndarray of shape (h, w) or (C, h, w)
    mask : ndarray of bool of shape (h, w)

    Raises
    ------
    ValueError
        If a pixel of the object is NaN or infinite.
    """
    box = np.asarray(image[(..., *region.box)])
    own = labels[region.box] == region.label
    if not np.isfinite(box[..., own]).all():
        raise ValueError(
            f"Object {region.label} of image {region.image} has pixels that are NaN or "
            "infinite: label them 0, and it is computed from the others."
        )
    inside = tuple(
        slice((side - n) // 2, (side - n) // 2 + n)
        for side, n in zip(sides, region.sides, strict=True)
    )
    pixels = np.zeros((*box.shape[:-2], *sides), box.dtype)
    mask = np.zeros(sides, bool)
    pixels[(..., *inside)], mask[inside] = box, own
    return fill_unknown(pixels, mask), mask
