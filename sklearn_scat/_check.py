"""Images at the door: every accepted form of input becomes rows of pixels."""

import math
import warnings
from numbers import Integral

import numpy as np
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
