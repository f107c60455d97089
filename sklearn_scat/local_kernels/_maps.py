"""The maps of images, whatever makes them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from sklearn_scat._batches import float_dtype
from sklearn_scat._images import channels_first

_IMAGES = 500  # whose maps are made at once


def fit_scattering(scattering: Any, images: Any) -> Any:
    """Return a fitted copy of a transformer, or None of None."""
    return None if scattering is None else clone(scattering).fit(images)


def maps_of(scattering: Any, images: NDArray[Any]) -> NDArray[Any]:
    """Return the maps of images.

    Parameters
    ----------
    scattering : transformer or None
        Fitted. What it gives is (n, C, h, w), or rows with an ``output_shape_``
        (C, P, h, w). None takes the images for maps.
    images : ndarray of shape (n, H, W) or (n, C, H, W)
        Images, or maps.

    Returns
    -------
    maps : ndarray of shape (n, C, h, w)
        All channels and paths in a row.

    Raises
    ------
    ValueError
        If the transformer gives no maps.
    """
    if scattering is None:
        maps = images.reshape(len(images), *channels_first(images.shape[1:]))
        return maps.astype(float_dtype(maps.dtype), copy=False)
    return np.concatenate([_transformed(scattering, part) for part in parts(images)])


def parts(images):
    """Return images in parts whose maps are made at once."""
    return [images[rows] for rows in slices(images)]


def slices(images):
    """Return the rows of images whose maps are made at once."""
    return [slice(i, i + _IMAGES) for i in range(0, len(images), _IMAGES)]


def _transformed(scattering, images):
    """Return what a fitted transformer gives, as maps."""
    maps = np.asarray(scattering.transform(images))
    shape = getattr(scattering, "output_shape_", None)
    if shape is not None:
        C, P, h, w = shape
        return maps.reshape(len(maps), C * P, h, w)
    if maps.ndim != 4:
        raise ValueError(
            f"scattering gives an array of shape {maps.shape}, and has no "
            "output_shape_ that would tell its maps; pass a transformer whose "
            "output is (n, C, h, w), such as ScatteringTransformer(output='maps')."
        )
    return maps
