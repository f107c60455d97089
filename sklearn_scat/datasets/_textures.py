"""Synthetic textures: white noise through a kernel."""

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_scalar

from sklearn_scat.datasets._arguments import check_side_lengths


def make_textures(
    n_samples: int = 160,
    *,
    image_shape: tuple[int, int] = (64, 64),
    kinds: Sequence[str] | None = None,
    wavelength: float = 8.0,
    rotate: bool = False,
    random_state: int | np.random.RandomState | None = None,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Synthetic stationary textures, in pairs that share one power spectrum.

    Each texture is white noise filtered by a kernel, with periodic borders. The
    noise is Gaussian or that of random points (Poisson), the kernel one of four, all
    eight products being classes: "gaussian-blob", "gaussian-bar",
    "gaussian-ripple", "gaussian-ring", "points-blob", "points-bar",
    "points-ripple", "points-ring". A blob is an isotropic bump, a bar an elongated
    one, a ripple a bump that oscillates in one direction, a ring one that
    oscillates in all. Two classes of one kernel have the same second moments, and
    so the same power spectrum, but differ in higher moments: the case for which
    scattering needs its second order ([1]_, the figure of two textures with one
    Fourier spectrum).

    Parameters
    ----------
    n_samples : int, default=160
        Number of images, spread evenly over the classes (the first classes get one
        more where this does not divide).
    image_shape : (int, int), default=(64, 64)
        Height and width.
    kinds : sequence of str, default=None
        Which classes, by the names above; None takes all eight.
    wavelength : float, default=8.0
        Scale in pixels: the period of ripples and rings, four times the standard
        deviation of blobs.
    rotate : bool, default=False
        Turn each image's kernel by an angle of its own, uniform in the half circle;
        drawn in the Fourier domain, with no interpolation. Otherwise bars and
        ripples vary along the horizontal axis.
    random_state : int, RandomState instance or None, default=None
        Seed of the noise, the angles and the order of the samples.

    Returns
    -------
    images : ndarray of float32 of shape (n_samples, H, W)
        The textures: each of mean 0, each class of variance 1 in expectation.
    y : ndarray of int of shape (n_samples,)
        Position of each image's class in `kinds`.

    Raises
    ------
    ValueError
        When a kind is unknown or repeated, or a number is out of range.

    References
    ----------
    .. [1] J. Bruna, S. Mallat, "Invariant scattering convolution networks", IEEE
       TPAMI 35(8), 2013, "Texture discrimination".

    Examples
    --------
    >>> from sklearn_scat.datasets import make_textures
    >>> kinds = ["gaussian-ring", "points-ring"]
    >>> images, y = make_textures(6, kinds=kinds, random_state=0)
    >>> images.shape, sorted(y.tolist())
    ((6, 64, 64), [0, 0, 0, 1, 1, 1])
    """
    check_scalar(n_samples, "n_samples", Integral, min_val=1)
    height, width = check_side_lengths(image_shape, "image_shape")
    # under 4 pixels a ripple would pass Nyquist's frequency
    check_scalar(wavelength, "wavelength", Real, min_val=4, max_val=min(height, width))
    pairs = _check_kinds(kinds)
    rng = check_random_state(random_state)
    y = rng.permutation(np.arange(n_samples) % len(pairs))
    angles = rng.uniform(0, np.pi, n_samples) if rotate else np.zeros(n_samples)
    images = np.empty((n_samples, height, width), np.float32)
    for i, angle in enumerate(angles):
        noise, kernel = pairs[y[i]]
        u, v = _frequencies(height, width, angle)
        white = noise(rng, (height, width), wavelength)
        kernel_hat = _unit_variance(kernel(u, v, wavelength))
        images[i] = np.fft.ifft2(np.fft.fft2(white) * kernel_hat).real
    return images, y


def _gaussian(rng, shape, wavelength):
    return rng.standard_normal(shape)


def _points(rng, shape, wavelength):
    """Draw counts of a Poisson process, one point to an area of 2·wavelength²."""
    rate = 0.5 / wavelength**2
    return (rng.poisson(rate, shape) - rate) / np.sqrt(rate)


def _blob(u, v, wavelength):
    return np.exp(-(wavelength**2) * (u**2 + v**2) / 32)


def _bar(u, v, wavelength):
    """Draw a blob out to four times its length along v."""
    return _blob(u, 4 * v, wavelength)


def _ripple(u, v, wavelength):
    xi = 2 * np.pi / wavelength
    return _blob(2 * (u - xi), 2 * v, wavelength) + _blob(
        2 * (u + xi), 2 * v, wavelength
    )


def _ring(u, v, wavelength):
    return _blob(2 * (np.hypot(u, v) - 2 * np.pi / wavelength), 0, wavelength)


_NOISES = {"gaussian": _gaussian, "points": _points}
_KERNELS = {"blob": _blob, "bar": _bar, "ripple": _ripple, "ring": _ring}
_KINDS = {
    f"{noise}-{kernel}": (_NOISES[noise], _KERNELS[kernel])
    for noise in _NOISES
    for kernel in _KERNELS
}


def _check_kinds(kinds):
    """Pairs (noise, kernel) of the named kinds."""
    names = list(_KINDS) if kinds is None else kinds
    if isinstance(names, str) or len(names) == 0:
        raise ValueError(f"kinds={kinds!r} is not a list of at least one name.")
    for name in names:
        if name not in _KINDS:
            raise ValueError(f"kind {name!r} is not one of {', '.join(_KINDS)}.")
    if len(set(names)) < len(names):
        raise ValueError(f"kinds={kinds!r} names a kind twice.")
    return [_KINDS[name] for name in names]


def _frequencies(height, width, angle):
    """Coordinates (u, v), in radians a pixel, of axes turned by `angle`."""
    y = 2 * np.pi * np.fft.fftfreq(height)[:, None]
    x = 2 * np.pi * np.fft.fftfreq(width)
    return np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x


def _unit_variance(kernel_hat):
    """Drop the kernel's mean; scale it so that white noise keeps its variance."""
    kernel_hat = kernel_hat.copy()
    kernel_hat[0, 0] = 0
    return kernel_hat / np.sqrt(np.mean(kernel_hat**2))
