"""Images of several sizes: every size has its own filters, all have one result."""

from copy import copy

import numpy as np

from sklearn_scat._images import (
    fitted_sizes,
    forget_pixels,
    group_by_shape,
    ragged_images,
    smallest_shape,
)


def images_of_sizes(estimator, X, *, reset):
    """Return images as a list where their sizes differ, else None.

    Parameters
    ----------
    estimator : scattering transformer
        At ``reset=False``, fitted.
    X : array-like
        As the user gave it.
    reset : bool
        True in `fit`.

    Raises
    ------
    ValueError
        If maps are not averaged, a shape is stated, or J suits not all of the images.
    """
    before = {} if reset else fitted_sizes(estimator)
    if estimator.pooling is None and not before.get("ragged"):
        return None  # `check_images` refuses several sizes
    images = ragged_images(X, **before)
    if images is None:
        return None
    if reset:
        forget_pixels(estimator, images)
    else:
        _check_channels(images[0], estimator)
    _check_scale(images, estimator)
    return images


def fill_by_shape(estimator, images, maps):
    """Write the coefficients of images of several shapes into maps (n, C, P, 1, 1).

    Every shape is worked through as if `fit` had seen it alone.
    """
    for shape, indices in group_by_shape(images).items():
        part = copy(estimator)
        part.image_shape_ = shape
        own = np.empty((len(indices), *maps.shape[1:]), maps.dtype)
        rows = np.stack([images[i].ravel() for i in indices])
        part._fill(rows, own)
        maps[indices] = own


def _check_channels(image, estimator):
    """Compare the number of channels with that of the fitted images."""
    channels = image.shape[0] if image.ndim == 3 else 1
    expected = estimator.output_shape_[0]
    if channels != expected:
        raise ValueError(
            f"X has images of {channels} channels, as {image.shape}, and fit saw "
            f"{expected}."
        )


def _check_scale(images, estimator):
    """Refuse images that the windows of 2^J pixels do not fit, by their position."""
    J = int(estimator.J)
    smallest = min(smallest_shape(images)[-2:])
    if 2**J > smallest:
        i = next(i for i, image in enumerate(images) if 2**J > min(image.shape[-2:]))
        height, width = images[i].shape[-2:]
        raise ValueError(
            f"J={J} averages over 2^J = {2**J} pixels, more than the shorter side of "
            f"image {i}, of {height}x{width} pixels. The largest J for these "
            f"{len(images)} images is {smallest.bit_length() - 1}."
        )
    period = 2**J if estimator.padding == "periodic" else 1
    for i, image in enumerate(images):
        if any(side % period for side in image.shape[-2:]):
            raise ValueError(
                f"padding='periodic' needs sides that divide by 2^J = {period}; image "
                f"{i} has {image.shape[-2]}x{image.shape[-1]} pixels. Take "
                "padding='reflect'."
            )
