"""Images of torch, CuPy, JAX … to coefficients in their library, on their device."""

from contextlib import nullcontext
from copy import copy
from functools import partial, reduce

import numpy as np
from array_api_compat import array_namespace, device
from sklearn import get_config

from sklearn_scat._array_likes import (
    array_library,
    flattened,
    in_library,
    on_cpu,
    to_numpy,
)
from sklearn_scat._batches import float_dtype, map_library_batches, too_large
from sklearn_scat.transformers._poolings import POOLINGS
from sklearn_scat.transformers._reductions import averaged_over_paths, rescaled_arrays
from sklearn_scat.transformers._sizes import warn_of_range


def check_library(estimator, X):
    """Refuse arrays of another library than `fit` saw, as scikit-learn asks.

    It is asked of estimators under array API dispatch alone.
    """
    fitted = getattr(estimator, "library_", "numpy")  # a model of before has none
    came = array_library(X)
    if get_config()["array_api_dispatch"] and came != fitted:
        raise ValueError(
            f"What is passed to {type(estimator).__name__}.transform() must use the "
            f"same namespace as what fit saw, under array API dispatch: fit saw arrays "
            f"of {fitted}, and these are of {came}. Fit anew, or move the estimator by "
            "sklearn.utils._array_api.move_estimator_to."
        )


def moved(estimator, converter):
    """Return a copy of a fitted estimator for arrays of another library.

    Nothing else has to move: what it has learned is plain Python and NumPy.
    """
    estimator = copy(estimator)
    if hasattr(estimator, "library_"):
        estimator.library_ = array_library(converter(np.empty(0)))
    return estimator


def has_gradient(x):
    """Tell a torch tensor for which a graph is kept."""
    if not getattr(x, "requires_grad", False):
        return False
    import torch

    return torch.is_grad_enabled()


class InLibrary:
    """Compute the coefficients of arrays of another library by a fitted transformer.

    Where the native kernel applies, it reads the memory of the images and writes that
    of the result; elsewhere the definition computes in their library.

    Parameters
    ----------
    transformer : scattering transformer
        Fitted.
    """

    def __init__(self, transformer):
        self.transformer = transformer

    def transform(self, X):
        """Return the coefficients of images, beside them."""
        own = self.transformer
        images = own._checked(X, reset=False, read=in_library)
        rows = images.groups[0].rows
        if self._lacks_pixels(X, rows) or self._is_for_numpy(X, rows):
            return array_namespace(X).asarray(self._by_numpy(images), device=device(X))
        warn_of_range(own, images)
        S = self._compute(flattened(X) if has_gradient(X) else rows, images.dtype)
        return array_namespace(S).reshape(S, (S.shape[0], *own._result_shape()))

    def _lacks_pixels(self, X, rows):
        """Tell whether pixels are unknown, without which NumPy computes."""
        if not self.transformer._ignores_missing:
            return False
        xp = array_namespace(rows)
        lacking = bool(xp.any(xp.isnan(rows)))
        if lacking and has_gradient(X):
            raise ValueError(
                "Images with unknown pixels (NaN) have no gradient here: pass "
                "X.detach(), or fill them first by sklearn_scat.cascade.fill_unknown."
            )
        return lacking

    def _is_for_numpy(self, X, rows):
        """Tell whether NumPy's memory is what computes, or caches."""
        own = self.transformer
        if isinstance(rows, np.ndarray) or own.cache is not None:
            return True
        return not has_gradient(X) and self._engine(rows) == "native"

    def _by_numpy(self, images):
        """Return the coefficients of images by way of NumPy."""
        own = copy(self.transformer)
        if any(on_cpu(group.rows) for group in images.groups):
            own.device = "cpu"
        groups = [g._replace(rows=to_numpy(g.rows)) for g in images.groups]
        return own._of_numpy(images._replace(groups=groups))

    def _engine(self, rows):
        """Return what computes images where they lie; with gradients, the definition.

        The library is what the definition is computed in.
        """
        if has_gradient(rows):
            return "definition"
        place = "cpu" if on_cpu(rows) else str(device(rows))
        return self.transformer._engine(float_dtype(rows.dtype), place)

    def _compute(self, rows, dtype):
        """Return the maps of rows of pixels: (n, C, P, h, w)."""
        own, xp = self.transformer, array_namespace(rows)
        x = xp.astype(rows, getattr(xp, dtype.name))
        x = xp.reshape(x, (-1, *own._channels_first()))
        forward = rescaled_arrays(self._forward(x))
        with _computing_alone(x):
            parts = map_library_batches(
                forward,
                x,
                batch_size=own.batch_size,
                shapes=(own._channels_first(), own._maps_shape()),
                device="cpu" if on_cpu(x) else str(device(x)),
                progress=own._progress(x.shape[0]),
            )
        return self._stored(xp.concat(parts, axis=0))

    def _forward(self, x):
        """Return the function of a batch: cascade, averages over paths, pooling."""
        own, xp = self.transformer, array_namespace(x)
        cascade, steps = own._forward(x[:0, ...], self._engine(x)), []
        if (reduction := own._reduction()) is not None:
            average = xp.asarray(reduction.average, dtype=x.dtype, device=device(x))
            steps.append(partial(averaged_over_paths, average=average))
        if own.pooling is not None and not own._is_pooled_in_cascade:
            steps.append(POOLINGS[own.pooling].of_arrays)
        return lambda batch: reduce(lambda S, step: step(S), steps, cascade(batch))

    def _stored(self, S):
        """Return coefficients in the dtype in which they are to be stored."""
        if self.transformer.dtype is None:
            return S
        xp, half = array_namespace(S), np.dtype(self.transformer.dtype)
        largest = float(xp.max(xp.abs(S)))
        if largest > float(np.finfo(half).max):
            raise too_large(largest, half)
        return xp.astype(S, getattr(xp, half.name))


def _computing_alone(x):
    """Let torch keep no graph where images have no gradient."""
    if array_library(x) != "torch" or has_gradient(x):
        return nullcontext()
    import torch

    return torch.inference_mode()
