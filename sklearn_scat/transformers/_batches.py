"""From rows of pixels to maps of coefficients, a batch at a time."""

from functools import cached_property, partial

import numpy as np

from sklearn_scat._batches import (
    empty_tensor,
    float_dtype,
    map_batches,
    on_arrays,
    on_device,
    resolve_device,
)
from sklearn_scat.transformers._poolings import POOLINGS
from sklearn_scat.transformers._reductions import path_averaging, pooled, rescaled


class Batches:
    """Compute the coefficients of images by a fitted transformer's engine.

    Parameters
    ----------
    transformer : scattering transformer
        Fitted.
    dtype : numpy.dtype
        Of the maps. Those of float64 are computed in it, all others in float32.
    """

    def __init__(self, transformer, dtype):
        self.transformer, self.dtype = transformer, float_dtype(dtype)
        self.device = resolve_device(transformer.device)

    @cached_property
    def compute(self):
        """The function of a batch, f(images, maps): built when it is first needed."""
        return self._reduced(self.transformer._compute(self.dtype, self.device))

    @cached_property
    def wavelets(self):
        """The plain operator W where the definition computes, and how to call it."""
        if self.device == "cpu":
            return self.transformer._wavelets(np.empty(0, self.dtype)), on_arrays
        like = empty_tensor(self.dtype, self.device)
        return self.transformer._wavelets(like), partial(on_device, device=self.device)

    def _reduced(self, compute):
        """Return the function of a batch that follows the cascade by what is asked.

        Averages over orientations, then what the cascade did not pool over space, all
        at a scale where squares keep their digits.
        """
        own = self.transformer
        channels, paths, *sides = own._cascade_shape()
        reduction = own._reduction()
        if reduction is not None:
            shape = (channels, len(reduction.groups), *sides)
            compute = path_averaging(compute, shape, reduction.average)
        if own.pooling is not None and not own._is_pooled_in_cascade:
            shape = (channels, paths, *sides)
            compute = pooled(compute, shape, POOLINGS[own.pooling])
        return rescaled(compute)

    def compute_all(self, images, maps):
        """Write the maps of a batch of images."""
        self.compute(images, maps)

    def compute_known(self, images, maps):
        """Write the maps of a batch of images in which NaN is an unknown pixel."""
        known = ~np.isnan(images)
        complete = known.all(axis=(1, 2, 3))
        if complete.all():
            return self.compute(images, maps)
        if complete.any():
            own = np.empty((complete.sum(), *maps.shape[1:]), maps.dtype)
            self.compute(images[complete], own)
            maps[complete] = own
        for i in np.flatnonzero(~complete).tolist():
            compute = self._reduced(self._cascade_of_known(known[i]))
            compute(_filled(images[i], known[i])[None], maps[i : i + 1])

    def _cascade_of_known(self, known):
        """Return the function of one image, of whose pixels (C, M, N) some are known.

        Raises
        ------
        ValueError
            If nothing is known of a channel.
        """
        from sklearn_scat.cascade import KnownWavelet2d, scattering

        if not known.any(axis=(1, 2)).all():
            raise ValueError(
                "An image, or a channel of one, has no known pixel: all are NaN or "
                "masked. Leave it out."
            )
        W, callable_by = self.wavelets
        operators = self.transformer._operators(KnownWavelet2d(W, known))
        return callable_by(lambda x: scattering(x[0], operators)[None])

    def fill(self, rows, maps, progress=None):
        """Write the coefficients of rows of pixels into maps (n, C, P, h, w)."""
        own = self.transformer
        map_batches(
            self.compute_known if own._ignores_missing else self.compute_all,
            rows,
            out=maps,
            batch_size=own.batch_size,
            shapes=(own._channels_first(), own._maps_shape()),
            device=self.device,
            dtype=self.dtype,
            progress=progress,
        )


def _filled(image, known):
    """Return an image (C, M, N) with its unknown pixels filled."""
    from sklearn_scat.cascade import fill_unknown

    channels = zip(image, known, strict=True)
    return np.stack([fill_unknown(*channel) for channel in channels])
