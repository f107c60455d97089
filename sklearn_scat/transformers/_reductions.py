"""What is done to a batch of maps around the cascade: scaling and averages."""

from dataclasses import dataclass

import numpy as np
from array_api_compat import array_namespace

from sklearn_scat._batches import float_dtype

# Where squares keep their digits: beyond these magnitudes they vanish or overflow for
# images that are themselves ordinary numbers.
_RANGES = {np.float32: (2.0**-40, 2.0**60), np.float64: (2.0**-400, 2.0**400)}


@dataclass(frozen=True)
class Reduction:
    """Averages over groups of paths.

    Attributes
    ----------
    paths : structured ndarray of shape (P_out,)
        What is left.
    groups : ndarray of int of shape (P,)
        The output path to which each path belongs.
    """

    paths: np.ndarray
    groups: np.ndarray

    @property
    def average(self):
        """The averages as a matrix (P_out, P)."""
        members = np.bincount(self.groups)
        own = self.groups == np.arange(len(members))[:, None]
        return own / members[:, None]


def rescaled(compute):
    """Return `compute`, used where |V|² keeps its digits: S(2^e x) = 2^e S(x).

    Scaling by a power of two changes no digit, so that only images of extreme units
    are touched. What is done to maps must commute with it, as averages do.
    """

    def scaled(images, maps):
        rows = images.reshape(len(images), -1)
        peak = np.maximum(rows.max(axis=1), -rows.min(axis=1))
        smallest, largest = _RANGES[images.dtype.type]
        extreme = (peak > 0) & ((peak < smallest) | (peak > largest))
        if not extreme.any():
            return compute(images, maps)
        exponent = np.where(extreme, np.frexp(peak)[1], 0)
        compute(np.ldexp(images, -_along(exponent, images)), maps)
        np.ldexp(maps, _along(exponent, maps), out=maps)

    return scaled


def rescaled_arrays(forward):
    """Return `forward`, f(x) of arrays of any library, rescaled likewise."""

    def scaled(x):
        xp = array_namespace(x)
        peak = xp.max(xp.abs(xp.reshape(x, (x.shape[0], -1))), axis=1)
        smallest, largest = _RANGES[float_dtype(x.dtype).type]
        extreme = (peak > 0) & ((peak < smallest) | (peak > largest))
        if not bool(xp.any(extreme)):
            return forward(x)
        exponent = xp.floor(xp.log2(xp.where(extreme, peak, xp.ones_like(peak))))
        S = forward(_times_power_of_two(x, -exponent))
        return _times_power_of_two(S, exponent)

    return scaled


def _times_power_of_two(x, exponent):
    """Return 2^e x, one exponent per image, in two steps that are numbers each."""
    xp = array_namespace(x)
    half = xp.floor(exponent / 2)
    for e in (half, exponent - half):
        x = x * xp.reshape(xp.full_like(e, 2.0) ** e, (-1, *[1] * (x.ndim - 1)))
    return x


def _along(a, like):
    """Give one number per image the axes of an array of images."""
    return a.reshape(-1, *[1] * (like.ndim - 1))


def path_averaging(compute, shape, average):
    """Return the function of a batch that averages maps over groups of paths.

    Parameters
    ----------
    compute : callable
        Writes maps of shape (b, *shape).
    shape : tuple (C, P, h, w)
        Maps of one image.
    average : ndarray of shape (P_out, P)
        Of a `Reduction`.
    """

    def averaged(images, out):
        maps = np.empty((len(images), *shape), out.dtype)
        compute(images, maps)
        flat = maps.reshape(*maps.shape[:3], -1)
        out[...] = (average.astype(out.dtype) @ flat).reshape(out.shape)

    return averaged


def averaged_over_paths(S, average):
    """Return averages (P_out, P) of maps (b, C, P, h, w) of any library."""
    xp = array_namespace(S)
    *lead, h, w = S.shape
    flat = average @ xp.reshape(S, (*lead, h * w))
    return xp.reshape(flat, (*flat.shape[:-1], h, w))


def pooled(compute, shape, pooling):
    """Return the function of a batch that pools maps (b, *shape) over space."""

    def pool(images, out):
        maps = np.empty((len(images), *shape), out.dtype)
        compute(images, maps)
        pooling.write(maps, out)

    return pool
