"""What is done to a batch of maps around the cascade: scaling and averages."""

import numpy as np

# Squares of float32 are exact in this range of magnitudes; beyond, they vanish or
# overflow for images that are themselves ordinary numbers.
_SMALL, _LARGE = 2.0**-40, 2.0**60


def rescaled(compute):
    """Return `compute`, used where |V|² keeps its digits: S(2^e x) = 2^e S(x).

    Scaling by a power of two changes no digit, so that only images of extreme units
    are touched.
    """

    def scaled(images, maps):
        rows = images.reshape(len(images), -1)
        peak = np.maximum(rows.max(axis=1), -rows.min(axis=1))
        extreme = (peak > 0) & ((peak < _SMALL) | (peak > _LARGE))
        if images.dtype != np.float32 or not extreme.any():
            return compute(images, maps)
        exponent = np.where(extreme, np.frexp(peak)[1], 0)
        compute(np.ldexp(images, -_along(exponent, images)), maps)
        np.ldexp(maps, _along(exponent, maps), out=maps)

    return scaled


def _along(a, like):
    """Give one number per image the axes of an array of images."""
    return a.reshape(-1, *[1] * (like.ndim - 1))


def path_averaging(compute, shape, groups):
    """Return the function of a batch that averages maps over groups of paths.

    Parameters
    ----------
    compute : callable
        Writes maps of shape (b, *shape).
    shape : tuple (C, P, h, w)
        Maps of one image.
    groups : ndarray of int of shape (P,)
        The output path to which each path belongs.
    """
    members = np.bincount(groups)
    average = (groups == np.arange(len(members))[:, None]) / members[:, None]

    def averaged(images, out):
        maps = np.empty((len(images), *shape), out.dtype)
        compute(images, maps)
        flat = maps.reshape(*maps.shape[:3], -1)
        out[...] = (average.astype(out.dtype) @ flat).reshape(out.shape)

    return averaged


def mean_pooling(compute, shape):
    """Return the function of a batch that averages maps (b, *shape) over space."""

    def pooled(images, out):
        maps = np.empty((len(images), *shape), out.dtype)
        compute(images, maps)
        np.mean(maps, axis=(-2, -1), keepdims=True, out=out)

    return pooled
