"""Images of several sizes at the door: lists of arrays, checked one by one."""

import numpy as np
from sklearn.utils import check_array

from sklearn_scat._batches import float_dtype
from sklearn_scat._check import as_array, check_images, is_object_row


def ragged_images(X, *, image_shape=None, ragged=False):
    """Return X as a list of images, if their sizes differ; None if they are one array.

    Parameters
    ----------
    X : array-like
        As users give it. Lists and arrays of objects are looked through for images:
        arrays or tensors of two or three axes.
    image_shape : tuple, default=None
        The shape of images fitted before; a list of another shape counts as ragged.
    ragged : bool, default=False
        Whether the images fitted before had several sizes: anything is a list then.

    Returns
    -------
    images : list of ndarray, or None
        Of two axes (H, W), or three (C, H, W).

    Raises
    ------
    ValueError
        If an image is none: its position is named.
    """
    listed = one_by_one(X)
    if listed is None and not ragged:
        return None
    if listed is None:
        X = as_array(X)
        if getattr(X, "ndim", 2) not in (3, 4):
            raise ValueError(
                "fit saw images of several sizes, whose rows of pixels would tell no "
                "shape. Pass a list of arrays (H, W) or (C, H, W), or one array of "
                "them."
            )
        return _checked(list(X))
    shapes = {np.shape(image) for image in listed}
    known = {image_shape, (1, *(image_shape or ()))} - {None}
    if not ragged and (len(shapes) == 1 and (not known or shapes <= known)):
        return None
    return _checked(listed)


def check_images_of_sizes(estimator, X, *, reset):
    """Return X as one array of images, or as a list if their sizes differ.

    Parameters
    ----------
    estimator : estimator with an ``image_shape`` parameter
        At ``reset=False``, fitted.
    X : array-like
        As :func:`sklearn_scat._check.check_images` takes it, or images of several
        sizes.
    reset : bool
        True in `fit`, which learns the shape.

    Returns
    -------
    images : ndarray of shape (n, *image_shape), or list of ndarray
    image_shape : tuple
        (H, W) or (C, H, W); the smallest sides where they differ.
    """
    images = ragged_images(X, **({} if reset else fitted_sizes(estimator)))
    if images is None:
        rows, shape = check_images(estimator, X, reset=reset)
        return rows.reshape(len(rows), *shape), shape
    if reset:
        forget_pixels(estimator, images)
    return images, smallest_shape(images)


def fitted_sizes(estimator):
    """Return the fitted shape, and whether there were several: no number of pixels."""
    ragged = not hasattr(estimator, "n_features_in_")
    return {"image_shape": estimator.image_shape_, "ragged": ragged}


def forget_pixels(estimator, images):
    """Drop what an earlier `fit` knew of columns; refuse a stated shape."""
    if estimator.image_shape is not None:
        raise ValueError(
            f"image_shape={tuple(estimator.image_shape)} states one shape, but the "
            f"images have several, as {images[0].shape}. Leave out image_shape."
        )
    for name in ("n_features_in_", "feature_names_in_"):
        vars(estimator).pop(name, None)


def one_by_one(X):
    """Return images that were given one by one as a list of arrays, or None."""
    if is_object_row(X):
        X = list(np.asarray(X))  # a pandas Series too
    if not isinstance(X, list | tuple):
        return None
    if not any(getattr(image, "ndim", 0) > 1 for image in X):
        return None  # rows of pixels, or lists of lists
    return [np.asarray(as_array(image)) for image in X]


def smallest_shape(images):
    """Return the smallest height and width of images, after the channels if any.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat._ragged_images import smallest_shape
    >>> smallest_shape([np.zeros((9, 6)), np.zeros((4, 8))])
    (4, 6)
    """
    sides = np.min([image.shape[-2:] for image in images], axis=0)
    return (*images[0].shape[:-2], *(int(side) for side in sides))


def group_by_shape(images):
    """Return the indices of the images of each shape, in the order of the first."""
    groups = {}
    for i, image in enumerate(images):
        groups.setdefault(image.shape, []).append(i)
    return groups


def ragged_dtype(images):
    """Return the dtype of computation: float64 if any image has it, else float32."""
    any_double = any(float_dtype(image.dtype) == np.float64 for image in images)
    return np.dtype(np.float64 if any_double else np.float32)


def _checked(images):
    """Return images of numbers with as many channels each; else name the wrong one."""
    channels = _n_channels(images[0])
    for i, image in enumerate(images):
        _check_axes(i, image)
        if _n_channels(image) != channels:
            raise ValueError(
                f"Image {i} has shape {image.shape}, and image 0 {images[0].shape}: "
                "all must have as many channels, which come first."
            )
        try:
            check_array(image.reshape(1, -1), dtype="numeric")
        except ValueError as error:
            reason = str(error).replace("Input X", "it")
            raise ValueError(f"Image {i} of {len(images)}: {reason}") from error
    if channels == 1:  # (1, H, W) and (H, W) are the same
        return [image.reshape(image.shape[-2:]) for image in images]
    return images


def _check_axes(i, image):
    if image.ndim not in (2, 3) or 0 in image.shape:
        raise ValueError(
            f"Image {i} has shape {image.shape}; in a list each must be (H, W) or "
            "(C, H, W), with pixels."
        )


def _n_channels(image):
    return image.shape[0] if image.ndim == 3 else 1
