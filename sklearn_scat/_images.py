"""Images at the door: every accepted form of input becomes rows of pixels."""

import math
import warnings
from numbers import Integral

import numpy as np
from sklearn.utils import check_array
from sklearn.utils.validation import validate_data

_CHANNELS = (1, 3, 4)
_TINY = 4  # pixels: below, J gives way to the size of an inferred image
_TRANSPOSE = (
    " Channels come first: pass X.transpose(0, 3, 1, 2), of shape (n, C, H, W)."
)


def check_images(estimator, X, *, reset):
    """Return X as rows of pixels (n, features), and the shape of one image.

    Parameters
    ----------
    estimator : estimator with an ``image_shape`` parameter
        At ``reset=False``, with a fitted ``image_shape_``.
    X : array-like of shape (n, features), (n, H, W) or (n, C, H, W)
        Numbers; numpy arrays, lists, data frames and tensors.
    reset : bool
        True in `fit`, which learns the width; False afterwards, where it is checked.

    Returns
    -------
    rows : ndarray of shape (n, features)
        A view of X where that is possible.
    image_shape : tuple
        (H, W) or (C, H, W).

    Raises
    ------
    ValueError
        On anything that scikit-learn refuses, and on images of the wrong shape.
    """
    X = as_array(X)
    stated = _stated_shape(estimator.image_shape) if reset else estimator.image_shape_
    given = X.shape[1:] if getattr(X, "ndim", 2) in (3, 4) else None
    if given is not None:
        _check_given(X.shape, stated, source="image_shape=" if reset else "fit saw ")
        _check_not_empty(X.shape)
        X = X.reshape(len(X), math.prod(given))
    rows = validate_data(estimator, X, dtype="numeric", reset=reset)
    if not reset:
        return rows, stated
    return rows, _resolve_shape(stated, given, rows.shape[1])


def largest_scale(image_shape, J, *, inferred):
    """Return J, or the largest possible one where a tiny shape was inferred."""
    J = int(J)  # NumPy's integers, as in a grid of parameters, overflow in 2**J
    shorter = min(image_shape[-2:])
    largest = shorter.bit_length() - 1
    if J <= largest or not inferred or shorter >= _TINY:
        return J
    warnings.warn(
        f"J={J} needs images of {2**J}x{2**J} pixels or more. The rows were taken for "
        f"{image_shape[0]}x{image_shape[1]} images, so J is lowered to {largest}; "
        "pass image_shape=(H, W) if they have another shape.",
        UserWarning,
        stacklevel=4,
    )
    return largest


def as_array(X):
    """Turn tensors and nested lists into arrays; leave the rest to scikit-learn."""
    if hasattr(X, "detach"):  # a torch tensor, known without importing torch
        X = X.detach().cpu().resolve_conj().resolve_neg()
        return (
            X.float() if X.dtype.itemsize < 4 and X.is_floating_point() else X
        ).numpy()
    if is_object_row(X):
        images = list(np.asarray(X))  # perhaps images of one shape, one by one
        X = images if all(np.ndim(image) > 1 for image in images) else X
    if isinstance(X, list | tuple):
        shapes = {np.shape(x) for x in X if isinstance(x, np.ndarray)}
        if len(shapes) > 1:
            raise ValueError(
                "The images differ in shape: "
                + ", ".join(map(str, sorted(shapes)[:4]))
                + ". Bring them to one shape first, or take pooling='mean', with "
                "which scattering takes images of any size."
            )
        return np.asarray(X)
    return X


def is_object_row(X):
    """Tell an array of objects, or a series, that may hold images one by one."""
    return getattr(X, "ndim", 2) == 1 and getattr(X, "dtype", None) == np.dtype("O")


def _check_given(shape, expected, *, source):
    """Compare the shape of a stack of images with the one that is expected."""
    if expected is not None:
        if _with_channel(shape[1:]) != _with_channel(expected):
            channels_last = len(shape) == 4 and shape[-1] in _CHANNELS
            raise ValueError(
                f"X has images of shape {shape[1:]}, but {source}{expected}."
                + (_TRANSPOSE if channels_last else "")
            )
    elif _looks_channels_last(shape):
        raise ValueError(
            f"X of shape {shape} looks like images with the channels last."
            + _TRANSPOSE
            + f" If {shape[1]} really is the number of channels, pass "
            f"image_shape={tuple(shape[1:])}."
        )


def _looks_channels_last(shape):
    """Tell (n, H, W, 3) from the (n, 81, 3, 3) of small maps of coefficients."""
    last = len(shape) == 4 and shape[-1] in _CHANNELS and shape[1] not in _CHANNELS
    return last and shape[2] != shape[3]


def _check_not_empty(shape):
    """Refuse images without pixels, which cannot be flattened."""
    if 0 in shape[1:]:
        raise ValueError(f"X of shape {shape} has images without pixels.")


def _stated_shape(image_shape):
    """Return the parameter `image_shape` as a tuple of int, or None."""
    if image_shape is None:
        return None
    shape = tuple(image_shape)
    if len(shape) not in (2, 3) or not all(
        isinstance(n, Integral) and n > 0 for n in shape
    ):
        raise ValueError(
            "image_shape must be (H, W) or (C, H, W) with positive integers; "
            f"got {image_shape!r}."
        )
    return tuple(int(n) for n in shape)


def _resolve_shape(stated, given, n_features):
    """Return the shape of one image: stated, that of the array, or inferred."""
    if stated is None:
        return tuple(given) if given else _infer_shape(n_features)
    if math.prod(stated) != n_features:
        raise ValueError(
            f"image_shape={stated} has {math.prod(stated)} values, but X has "
            f"{n_features} features a row."
        )
    return stated


def _infer_shape(n_features):
    """Return the square that rows were flattened from, else a one-row image."""
    side = math.isqrt(n_features)
    if side**2 == n_features:
        return side, side
    side = math.isqrt(n_features // 3)
    if 3 * side**2 == n_features and side >= 8:
        raise ValueError(
            f"{n_features} features a row looks like {side}x{side} RGB; pass "
            f"image_shape=(3, {side}, {side})."
        )
    warnings.warn(
        f"{n_features} features a row are no square image; they are taken for a "
        f"1x{n_features} image. Pass image_shape=(H, W) or (C, H, W).",
        UserWarning,
        stacklevel=5,
    )
    return 1, n_features


def _with_channel(image_shape):
    """Return (C, H, W) for (H, W) or (C, H, W)."""
    return (1, *image_shape) if len(image_shape) == 2 else tuple(image_shape)


def float_dtype(dtype):
    """Return the dtype of computation: float64 stays, all else becomes float32."""
    float64 = np.dtype(dtype).newbyteorder("=") == np.float64
    return np.dtype(np.float64 if float64 else np.float32)


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
    >>> from sklearn_scat._images import smallest_shape
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
