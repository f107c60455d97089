"""From rows of pixels to maps of coefficients, a batch at a time."""

from functools import cached_property

from sklearn_scat._batches import float_dtype, map_batches, resolve_device
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
        """The function of a batch, f(images, maps): built when it is first needed.

        The cascade, then averages over orientations, then what the cascade did not pool
        over space, all at a scale where squares keep their digits.
        """
        own = self.transformer
        channels, paths, *sides = own._cascade_shape()
        compute = own._compute(self.dtype, self.device)
        reduction = own._reduction()
        if reduction is not None:
            shape = (channels, len(reduction.groups), *sides)
            compute = path_averaging(compute, shape, reduction.average)
        if own.pooling is not None and not own._is_pooled_in_cascade:
            shape = (channels, paths, *sides)
            compute = pooled(compute, shape, POOLINGS[own.pooling])
        return rescaled(compute)

    def fill(self, rows, maps, progress=None):
        """Write the coefficients of rows of pixels into maps (n, C, P, h, w)."""
        own = self.transformer
        map_batches(
            lambda images, out: self.compute(images, out),
            rows,
            out=maps,
            batch_size=own.batch_size,
            shapes=(own._channels_first(), own._maps_shape()),
            device=self.device,
            dtype=self.dtype,
            progress=progress,
        )
