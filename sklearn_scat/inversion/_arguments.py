"""What inversions take, checked."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils import check_array

from sklearn_scat._array_likes import as_array

_INITS = ("average", "noise")


def check_numbers(*, tv, max_iter, n_restarts, data_range):
    """Refuse weights, numbers of descents and ranges that are none."""
    if not isinstance(tv, Real) or not 0 <= tv < np.inf:
        raise ValueError(f"tv must be a number, 0 or more; got {tv!r}.")
    for name, number in (("max_iter", max_iter), ("n_restarts", n_restarts)):
        if not isinstance(number, Integral) or number < 1:
            raise ValueError(
                f"{name} must be a whole number, 1 or more; got {number!r}."
            )
    if data_range is not None and not data_range > 0:
        raise ValueError(f"data_range must be positive; got {data_range!r}.")


def given_maps(transformer, S):
    """Return coefficients as maps (n, C, P, h, w) of float64."""
    S = check_array(
        as_array(S), dtype=np.float64, ensure_2d=False, allow_nd=True, input_name="S"
    )
    shape = transformer.output_shape_
    stacked = (shape[0] * shape[1], *shape[2:])
    if S.ndim < 2 or S.shape[1:] not in ((np.prod(shape),), stacked):
        raise ValueError(
            f"S must have the shape (n, {np.prod(shape)}) or (n, "
            f"{', '.join(map(str, stacked))}), as of the transformer; got {S.shape}."
        )
    return S.reshape(len(S), *shape)


def given_images(transformer, X, *, name, n_images=None):
    """Return images of the fitted shape, and of a number if given, as float64."""
    X = check_array(
        as_array(X), dtype=np.float64, ensure_2d=False, allow_nd=True, input_name=name
    )
    shape = transformer.image_shape_
    if X.shape[1:] not in (shape, (np.prod(shape),), (1, *shape)):
        raise ValueError(
            f"{name} has images of shape {X.shape[1:]}, but fit saw {shape}."
        )
    if n_images not in (None, len(X)):
        raise ValueError(f"S has {n_images} rows, and {name} {len(X)} images.")
    return X.reshape(len(X), *shape)


def given_starts(transformer, init, n_images):
    """Return a beginning for each image: its name, or the image given."""
    if isinstance(init, str):
        if init not in _INITS:
            raise ValueError(f"init must be one of {_INITS}, or images; got {init!r}.")
        return [init] * n_images
    return list(given_images(transformer, init, name="init", n_images=n_images))


def chosen_paths(order, orders):
    """Return which paths have one of the orders."""
    if orders is None:
        return np.ones(len(order), bool)
    chosen = np.isin(order, list(orders))
    if not chosen.any() or not np.isin(list(orders), order).all():
        raise ValueError(
            f"orders must be some of {np.unique(order).tolist()}; got {orders!r}."
        )
    return chosen
