"""Sets of images part by part: blocks of files, chunks of dask, batches of loaders."""

import math
from collections.abc import Iterator
from copy import deepcopy
from functools import partial
from typing import Any

import numpy as np

from sklearn_scat._array_likes import as_array, is_graph, is_image, n_rows, read_blocks

__all__ = ["transform_batches"]


def transform_batches(transformer: Any, batches: Any) -> Iterator[Any]:
    """Transform the batches of a loader or a generator, one when it is asked for.

    Parameters
    ----------
    transformer : object with ``transform``
        Fitted: a transformer of this package, or a pipeline of several.
    batches : iterable
        Of batches of images, as `transform` takes them. Or of tuples or lists that
        begin with such a batch, as data loaders of torch give images and labels: the
        rest is passed on as it is.

    Yields
    ------
    S : ndarray of shape (b, n_features_out), or tuple
        What `transform` gives for a batch; for a tuple, a tuple that begins with it.

    Raises
    ------
    ValueError
        What `transform` raises, when the batch comes.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat import ScatteringTransformer, transform_batches
    >>> scattering = ScatteringTransformer(J=2).fit(np.zeros((1, 28, 28)))
    >>> batches = (np.full((b, 28, 28), b, np.float32) for b in (64, 64, 32))
    >>> [S.shape for S in transform_batches(scattering, batches)]
    [(64, 3969), (64, 3969), (32, 3969)]
    """
    for batch in batches:
        if _has_company(batch):
            images, *rest = batch
            yield (transformer.transform(images), *rest)
        else:
            yield transformer.transform(batch)


def _has_company(batch):
    """Tell images with labels, or what else comes with them, from images one by one."""
    if not isinstance(batch, tuple | list) or not batch or not is_image(batch[0]):
        return False
    return batch[0].ndim == 4 or not all(is_image(part) for part in batch)


def result_array(out, shape, dtype):
    """Return the array to fill: a new one, or `out` if it fits.

    Raises
    ------
    ValueError
        If `out` is no array of this shape and dtype that can be written.
    """
    if out is None:
        return np.empty(shape, dtype)
    found = _shape_and_dtype(out)
    if found != (shape, dtype):
        came = (
            f"a {type(out).__name__}"
            if found is None
            else f"an array of shape {found[0]} and dtype {found[1]}"
        )
        raise ValueError(
            f"out must be an array of shape {shape} and dtype {dtype}; got {came}."
        )
    flags = getattr(out, "flags", None)
    if isinstance(out, np.ndarray) and not (flags.c_contiguous and flags.writeable):
        raise ValueError("out must be writeable and C-contiguous.")
    return out


def _shape_and_dtype(out):
    """Return those of an array that slices can be written into, or None."""
    is_array = isinstance(getattr(out, "dtype", None), np.dtype)
    if not is_array or is_graph(out) or not hasattr(out, "__setitem__"):
        return None
    return tuple(out.shape), out.dtype


def fill_blocks(compute, rows, out, *, shape, progress=None):
    """Fill `out` from rows, through memory where either is not there.

    Parameters
    ----------
    compute : callable
        ``compute(rows, maps, progress=)`` fills an array (b, *shape).
    rows : ndarray or LazyRows of shape (n, features)
        Images.
    out : array-like of shape (n, ...)
        Each row holds maps of `shape`, in their order.
    shape : tuple
        Of the maps of one image.
    progress : callable, optional
        Called with the number of rows done.
    """
    if isinstance(rows, np.ndarray) and isinstance(out, np.ndarray):
        compute(rows, out.reshape(len(out), *shape), progress=progress)
        return
    pixel_bytes = rows.dtype.itemsize * rows.shape[1]
    row_bytes = pixel_bytes + out.dtype.itemsize * math.prod(shape)
    for block, pixels in read_blocks(rows, out, row_bytes=row_bytes):
        in_place = isinstance(out, np.ndarray)
        part_shape = (len(pixels), *out.shape[1:])
        part = out[block] if in_place else np.empty(part_shape, out.dtype)
        told = progress and partial(_tell, progress, block.start)
        compute(pixels, part.reshape(len(pixels), *shape), progress=told)
        if not in_place:
            out[block] = part


def _tell(progress, before, done):
    progress(before + done)


class LazyMaps:
    """Maps of images that are read part by part: computed when they are wanted.

    Parameters
    ----------
    X : array-like of shape (n, ...)
        Images.
    maps_of : callable
        Returns the maps (b, C, P, h, w) of an array of images.
    """

    def __init__(self, X, maps_of):
        self.X, self.maps_of = X, maps_of
        first = self[:1]
        self.dtype, self.shape = first.dtype, (n_rows(X), *first.shape[1:])

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, key):
        """Return the maps of rows; ``rows, ...`` is how all libraries write a slice."""
        rows = key[0] if isinstance(key, tuple) else key
        return self.maps_of(as_array(self.X[rows]))


def map_chunks(transformer, X, *, sides, dtype):
    """Return the results of an array of dask as another one, which nobody has computed.

    Parameters
    ----------
    transformer : estimator
        Fitted. What becomes of it later does not change the result.
    X : dask.array.Array of shape (n, ...)
        Images; one chunk of the result is computed from one of theirs.
    sides : tuple of int
        Shape of the result of one image.
    dtype : numpy.dtype
        Of the result.
    """
    own = deepcopy(transformer).set_output(transform="default")
    X = X.rechunk(dict.fromkeys(range(1, X.ndim), -1))
    return X.map_blocks(
        partial(_transform_chunk, transformer=own, sides=sides, dtype=dtype),
        dtype=dtype,
        chunks=(X.chunks[0], *((side,) for side in sides)),
        drop_axis=list(range(1, X.ndim)),
        new_axis=list(range(1, len(sides) + 1)),
        meta=np.empty((0,) * (len(sides) + 1), dtype),
    )


def _transform_chunk(images, *, transformer, sides, dtype):
    """Return the result of one chunk, which may hold no image."""
    if len(images) == 0:
        return np.empty((0, *sides), dtype)
    return transformer.transform(images)
