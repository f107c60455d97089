"""Recipes of images of one size, before which images of any size are brought to it."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_scat.augmentation._resampling import resampling_matrix
from sklearn_scat.recipes._textures import stated_shape


def resized_to(
    X: ArrayLike, size: Sequence[int], image_shape: Sequence[int] | None = None
) -> NDArray[Any]:
    """Return images of one size as rows of pixels, without aliasing.

    Parameters
    ----------
    X : list of ndarray (H, W) or (C, H, W), or array-like of shape (n, features)
        Images of any sizes, or rows of pixels.
    size : tuple (H, W)
        The sides that they are stretched to.
    image_shape : tuple (H, W) or (C, H, W), default=None
        Shape of one image, for rows of pixels.

    Returns
    -------
    rows : ndarray of shape (n, C·H·W)
        float64 for float64 images, else float32.
    """
    images: Any = X if image_shape is None else np.reshape(X, (-1, *image_shape))
    return np.stack([_stretched(np.asarray(image), size).ravel() for image in images])


def _stretched(image, size):
    """Return one image (..., H, W) at other sides, by its cosine series."""
    dtype = np.float64 if image.dtype == np.float64 else np.float32
    A, B = (
        _matrix(side, new).astype(dtype)
        for side, new in zip(image.shape[-2:], size, strict=True)
    )
    return A @ image.astype(dtype, copy=False) @ B.T


@functools.lru_cache(maxsize=8)
def _matrix(side, new):
    return resampling_matrix(side, new)


def at_size(recipe: Callable[..., Any], size: Sequence[int]) -> Callable[..., Any]:
    """Return a recipe that brings all images to one size first.

    Parameters
    ----------
    recipe : callable
        ``recipe(image_shape, n_per_class, random_state)``, of images of one size.
    size : tuple (H, W)
        Their sides.

    Returns
    -------
    resizing : callable
        The same for images of any sizes: `image_shape` may be
        :class:`~sklearn_scat.recipes.SmallestSides`.

    Examples
    --------
    >>> from sklearn_scat.recipes import SmallestSides, at_size, scat_linear
    >>> recipe = at_size(scat_linear, (64, 48))
    >>> [name for name, _ in recipe(SmallestSides((113, 160)), 5, 0).steps]
    ['resize', 'classifier']
    """

    def resizing(image_shape, n_per_class, random_state):
        settings = {"size": tuple(size), "image_shape": stated_shape(image_shape)}
        resize = FunctionTransformer(resized_to, kw_args=settings)
        shape = (*image_shape[:-2], *size)
        classifier = recipe(shape, n_per_class, random_state)
        return Pipeline([("resize", resize), ("classifier", classifier)])

    return resizing
