"""The one door for images: every accepted form becomes groups of rows of pixels.

Images of one size are one group, images of several sizes several.
"""

import math
from numbers import Integral
from typing import NamedTuple

import numpy as np
from sklearn.utils import check_array
from sklearn.utils.validation import validate_data

from sklearn_scat._array_likes import (
    LazyRows,
    as_array,
    finiteness,
    flattened,
    is_lazy,
    one_by_one,
)
from sklearn_scat._batches import float_dtype
from sklearn_scat._compat import warn

_CHANNELS = (1, 3, 4)
_MOST_BANDS = 32  # last axes up to this long may be channels
_SMALLEST = 8  # pixels a side, from which an axis counts as one


class Group(NamedTuple):
    """Images of one shape.

    Attributes
    ----------
    shape : tuple (H, W) or (C, H, W)
        Of one image.
    rows : ndarray, LazyRows or array of another library, of shape (n, features)
        Their pixels, in any dtype.
    places : slice or ndarray of int
        Where they stand among all images.
    """

    shape: tuple
    rows: np.ndarray | LazyRows
    places: slice | np.ndarray


class Images(NamedTuple):
    """Checked images.

    Attributes
    ----------
    groups : list of Group
        At least one.
    is_inferred : bool
        Whether their shape was guessed from the length of rows.
    """

    groups: list
    is_inferred: bool = False

    @property
    def n(self):
        """Number of images."""
        return sum(group.rows.shape[0] for group in self.groups)

    @property
    def dtype(self):
        """The dtype of computation: float64 if any image has it, else float32."""
        any_double = any(float_dtype(g.rows.dtype) == np.float64 for g in self.groups)
        return np.dtype(np.float64 if any_double else np.float32)

    @property
    def shape(self):
        """The shape of one image; the smallest height and width where they differ."""
        shapes = [group.shape for group in self.groups]
        sides = np.min([shape[-2:] for shape in shapes], axis=0)
        return (*shapes[0][:-2], *(int(side) for side in sides))

    @property
    def are_alike(self):
        """Whether they are one array, of one shape."""
        return isinstance(self.groups[0].places, slice)

    def as_given(self):
        """Return one array (n, *shape), or a list in order where they are no array."""
        if self.are_alike:
            ((shape, rows, _),) = self.groups
            return rows.reshape(len(rows), *shape)
        listed = [None] * self.n
        for shape, rows, places in self.groups:
            for place, row in zip(places, rows, strict=True):
                listed[place] = row.reshape(shape)
        return listed


def checked_images(
    estimator, X, *, reset, several=False, read=as_array, allow_nan=False
):
    """Return images as groups of one shape each, after all that can be wrong with them.

    Parameters
    ----------
    estimator : estimator with an ``image_shape`` parameter
        At ``reset=False``, with a fitted ``image_shape_``.
    X : array-like of shape (n, features), (n, H, W) or (n, C, H, W), or list of images
        Numbers: whatever NumPy reads, data frames and tensors.
    reset : bool
        True in `fit`, which learns the width; False afterwards, where it is checked.
    several : bool, default=False
        Whether sizes may differ.
    read : callable, default=as_array
        Makes of `X` the array that is checked: one of NumPy, one that is read part by
        part, or one of another library.
    allow_nan : bool, default=False
        Whether pixels may be NaN, or masked, which makes NaN of them.

    Returns
    -------
    images : Images

    Raises
    ------
    ValueError
        On anything that scikit-learn refuses, and on images of the wrong shape; the
        position of an image that is none is named.
    """
    # of several sizes, fit learned no number of pixels
    saw_several = several and not (reset or hasattr(estimator, "n_features_in_"))
    X = nan_where_masked(X) if allow_nan else X
    X = as_array(X) if saw_several else read(X)
    listed = one_by_one(X)
    if saw_several and listed is None:
        listed = _unstacked(X)
    if listed is not None:
        shapes = {image.shape for image in listed}
        fitted = None if reset else estimator.image_shape_
        if saw_several or (several and not _are_one_array(shapes, fitted)):
            images = _checked(listed, allow_nan=allow_nan)
            _take_several(estimator, images, reset=reset)
            return _groups(images)
        X = _stacked(listed, shapes)
    is_inferred = estimator.image_shape is None and getattr(X, "ndim", 2) == 2
    rows, shape = _checked_rows(estimator, X, reset=reset, allow_nan=allow_nan)
    return Images([Group(shape, rows, slice(None))], is_inferred)


def nan_where_masked(X):
    """Write NaN over the masked values of arrays, or of those of a list."""
    if isinstance(X, list | tuple):
        is_masked = [isinstance(image, np.ma.MaskedArray) for image in X]
        return [*map(nan_where_masked, X)] if any(is_masked) else X
    if not np.ma.is_masked(X):
        return X
    return X.astype(float_dtype(X.dtype)).filled(np.nan)


def check_images(estimator, X, *, reset):
    """Return images of one size as rows of pixels (n, features), and their shape."""
    ((shape, rows, _),) = checked_images(estimator, X, reset=reset).groups
    return rows, shape


def channels_first(image_shape):
    """Return (C, H, W) for (H, W) or (C, H, W)."""
    return (1, *image_shape) if len(image_shape) == 2 else tuple(image_shape)


def group_by_shape(images):
    """Return the indices of the images of each shape, in the order of the first."""
    groups = {}
    for i, image in enumerate(images):
        groups.setdefault(image.shape, []).append(i)
    return groups


def _groups(images):
    """Return the images of a list in groups."""

    def group(shape, places):
        rows = np.stack([images[i].ravel() for i in places])
        return Group(shape, rows, np.array(places))

    return Images([group(*found) for found in group_by_shape(images).items()])


def _are_one_array(shapes, fitted):
    """Tell whether images of these shapes make one array, of the fitted shape."""
    if len(shapes) > 1:
        return False
    return fitted is None or {
        channels_first(s) for s in shapes if len(s) in (2, 3)
    } <= {channels_first(fitted)}


def _unstacked(X):
    """Return images as a list, for an estimator that saw several sizes."""
    if getattr(X, "ndim", 2) not in (3, 4):
        raise ValueError(
            "fit saw images of several sizes, whose rows of pixels would tell no "
            "shape. Pass a list of arrays (H, W) or (C, H, W), or one array of them."
        )
    return list(X)


def _stacked(listed, shapes):
    """Return images of one shape as one array."""
    if len(shapes) > 1:
        raise ValueError(
            "The images differ in shape: "
            + ", ".join(map(str, sorted(shapes)[:4]))
            + ". Bring them to one shape first, or take pooling='mean', with which "
            "scattering takes images of any size."
        )
    return np.stack(listed)


def _take_several(estimator, images, *, reset):
    """Drop what an earlier `fit` knew of columns; compare channels with the fitted."""
    if not reset:
        channels = channels_first(images[0].shape)[0]
        if channels != (expected := channels_first(estimator.image_shape_)[0]):
            raise ValueError(
                f"X has images of {channels} channels, as {images[0].shape}, and fit "
                f"saw {expected}."
            )
        return
    if estimator.image_shape is not None:
        raise ValueError(
            f"image_shape={tuple(estimator.image_shape)} states one shape, but the "
            f"images have several, as {images[0].shape}. Leave out image_shape."
        )
    for name in ("n_features_in_", "feature_names_in_"):
        vars(estimator).pop(name, None)


def _checked(images, *, allow_nan):
    """Return images of numbers with as many channels each; else name the wrong one."""
    for i, image in enumerate(images):
        if image.ndim not in (2, 3) or 0 in image.shape:
            raise ValueError(
                f"Image {i} has shape {image.shape}; in a list each must be (H, W) or "
                "(C, H, W), with pixels."
            )
        if channels_first(image.shape)[0] != channels_first(images[0].shape)[0]:
            raise ValueError(
                f"Image {i} has shape {image.shape}, and image 0 {images[0].shape}: "
                "all must have as many channels, which come first."
            )
        if looks_channels_last((1, *image.shape)):
            raise ValueError(
                f"Image {i} of shape {image.shape} looks like one with the channels "
                "last, and they come first: pass x.transpose(2, 0, 1)."
            )
        try:
            check_array(image.reshape(1, -1), **finiteness(allow_nan))
        except ValueError as error:
            reason = str(error).replace("Input X", "it")
            raise ValueError(f"Image {i} of {len(images)}: {reason}") from error
    if channels_first(images[0].shape)[0] == 1:  # (1, H, W) and (H, W) are the same
        return [image.reshape(image.shape[-2:]) for image in images]
    return images


def _checked_rows(estimator, X, *, reset, allow_nan):
    """Return images of one shape as rows of pixels, and that shape."""
    stated = _stated_shape(estimator.image_shape) if reset else estimator.image_shape_
    given = X.shape[1:] if getattr(X, "ndim", 2) in (3, 4) else None
    if given is not None:
        _check_given(X.shape, stated, source="image_shape=" if reset else "fit saw ")
        if 0 in given:
            raise ValueError(f"X of shape {X.shape} has images without pixels.")
    if is_lazy(X):
        rows = LazyRows(X, allow_nan=allow_nan)
        rows = validate_data(estimator, rows, reset=reset, skip_check_array=True)
    else:
        X = X if given is None else flattened(X)
        rows = validate_data(estimator, X, reset=reset, **finiteness(allow_nan))
    return rows, _resolve_shape(stated, given, rows.shape[1]) if reset else stated


def _check_given(shape, expected, *, source):
    """Compare the shape of a stack of images with the one that is expected."""
    if expected is not None:
        if channels_first(shape[1:]) != channels_first(expected):
            is_last = len(shape) == 4 and looks_channels_last(shape)
            raise ValueError(
                f"X has images of shape {shape[1:]}, but {source}{expected}."
                + (transposed(shape) if is_last else "")
            )
    elif looks_channels_last(shape):
        raise ValueError(
            f"X of shape {shape} looks like images with the channels last."
            + transposed(shape)
            + f" If {shape[-3]} really is the number of "
            + ("channels" if len(shape) == 4 else "images")
            + f", pass image_shape={tuple(shape[1:])}."
        )


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
    warn(
        f"{n_features} features a row are no square image; they are taken for a "
        f"1x{n_features} image. Pass image_shape=(H, W) or (C, H, W)."
    )
    return 1, n_features


def looks_channels_last(shape):
    """Tell (n, H, W, bands), and one image (H, W, bands), from channels that are first.

    Maps of coefficients, as (n, 81, 3, 3), have equal sides or more paths than pixels.
    """
    H, W, bands = shape[-3:]
    if len(shape) == 3:  # as many images of so few pixels a side would be odd
        return bands in _CHANNELS[1:] and min(H, W) >= _SMALLEST
    usual = bands in _CHANNELS and H not in _CHANNELS and W != bands
    similar = min(H, W) >= _SMALLEST and max(H, W) <= 2 * min(H, W)
    return usual or (similar and bands < min(H, W) and bands <= _MOST_BANDS)


def transposed(shape):
    """Return the advice for images with the channels last."""
    axes = "transpose(0, 3, 1, 2)" if len(shape) == 4 else "transpose(2, 0, 1)[None]"
    return f" Channels come first: pass X.{axes}, of shape (n, C, H, W)."
