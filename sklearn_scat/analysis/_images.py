"""Images and what represents them: what the measurements of stability take."""

from collections.abc import Mapping

import numpy as np
from sklearn.utils import check_array

from sklearn_scat._array_likes import as_array

ONE_LAYER = "features"


def check_stack(X, *, min_samples=1):
    """Return images (n, H, W) or (n, C, H, W) as float64, or say what is wrong."""
    X = check_array(
        as_array(X),
        dtype=np.float64,
        allow_nd=True,
        ensure_2d=False,
        ensure_min_samples=min_samples,
        input_name="X",
    )
    if X.ndim not in (3, 4):
        raise ValueError(
            f"X must be images of shape (n, H, W) or (n, C, H, W); got {X.shape}. "
            "Reshape rows of pixels first: the sides cannot be told from their length."
        )
    return X


def named_representations(represent):
    """Return functions of images under names.

    Parameters
    ----------
    represent : callable, fitted transformer, or mapping of names to such
        A transformer is used through its `transform`.

    Returns
    -------
    functions : dict of str to callable
        Each from images to an ndarray of float64 of shape (n, p).
    """
    given = represent if isinstance(represent, Mapping) else {ONE_LAYER: represent}
    if not given:
        raise ValueError("represent is an empty mapping: pass one layer at least.")
    return {str(name): _as_rows(str(name), f) for name, f in given.items()}


def _as_rows(name, f):
    """Return the function of a representation, its results checked and flattened."""
    compute = getattr(f, "transform", f)
    if not callable(compute):
        raise TypeError(
            f"represent[{name!r}] must be a function of images or a fitted "
            f"transformer; got {type(f).__name__}."
        )

    def rows(images):
        values = compute(images)
        if hasattr(values, "detach"):
            values = values.detach().cpu().numpy()
        values = np.asarray(values)
        if values.ndim == 0 or len(values) != len(images):
            raise ValueError(
                f"represent[{name!r}] gave an array of shape {values.shape} for "
                f"{len(images)} images: one row for each is needed."
            )
        values = values.reshape(len(images), -1)
        return check_array(values, dtype=np.float64, input_name=f"represent[{name!r}]")

    return rows
