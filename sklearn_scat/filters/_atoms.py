"""Gaussian and Morlet atoms, in closed form on the grid of a DFT."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

# A Gaussian is evaluated out to 9 standard deviations: exp(-9²/2) = 2.6e-18 is
# below the rounding of float64, so that the periodic sum is complete.
_REACH = 9.0
# The field's definition sums a filter's 5×5 nearest periodic copies in space. Where
# those leave out less than exp(-7²/2) = 2e-11, the closed form is the same.
_SPREAD = 7.0
_BLOCK = 2**15  # values at once: they stay in a processor's second-level cache


def gaussian_hat(n: int, *, sigma: float) -> NDArray[Any]:
    r"""Return the DFT of a sampled, periodised 1-D Gaussian of integral 1.

    .. math:: \hat\varphi(\omega_m) = \sum_k e^{-\sigma^2 (\omega_m + 2\pi k)^2 / 2},
              \qquad \omega_m = 2\pi m / n

    Parameters
    ----------
    n : int
        Length of the grid, in pixels.
    sigma : float
        Standard deviation in space, in pixels.

    Returns
    -------
    phi_hat : ndarray of shape (n,)
        Real and even, in the DFT's order of frequencies. ``phi_hat[0]`` is the sum
        of the samples: 1 up to aliasing.

    Examples
    --------
    >>> from sklearn_scat.filters import gaussian_hat
    >>> gaussian_hat(8, sigma=1.6).round(3)
    array([1.   , 0.454, 0.042, 0.001, 0.   , 0.001, 0.042, 0.454])
    """
    phi_hat = np.zeros(n)
    lattice = _lattice(n, center=0.0, width=1 / sigma)
    for stretch, places in _stretches(lattice, n, at_most=_BLOCK):
        d = _distances(stretch, n, center=0.0)
        phi_hat[places] += np.exp(-0.5 * (sigma * d) ** 2)
    return phi_hat


def morlet_hat(
    shape: Sequence[int], *, sigma: float, theta: float, xi: float, slant: float
) -> NDArray[Any]:
    r"""Return the DFT of an oriented Morlet wavelet.

    With :math:`\hat g_\xi` the periodised Gaussian of centre
    :math:`\xi(\cos\theta, \sin\theta)`,

    .. math:: \hat\psi = \hat g_\xi - \frac{\hat g_\xi(0)}{\hat g_0(0)}\,\hat g_0 ,
       \qquad \hat g_\xi(\omega) = \sum_k e^{-\frac{\sigma^2}{2}
       [(\omega_p - \xi)^2 + \omega_o^2 / s^2]}

    where :math:`\omega_p, \omega_o` are the components of :math:`\omega + 2\pi k`
    along and across :math:`\theta`: the wavelet's mean is exactly zero.

    Parameters
    ----------
    shape : tuple of int (M, N)
        The grid, rows by columns, in pixels.
    sigma : float
        Standard deviation along ``theta``, in pixels; across it is ``sigma / slant``.
    theta : float
        Direction of the oscillation in radians, from the row axis to the column axis.
    xi : float
        Central frequency, in radians per pixel.
    slant : float
        Ratio of the two widths, along over across.

    Returns
    -------
    psi_hat : ndarray of shape (M, N)
        Real, in the DFT's order of frequencies; ``psi_hat[0, 0]`` is 0.

    References
    ----------
    .. [1] J. Bruna and S. Mallat, "Invariant scattering convolution networks",
       IEEE TPAMI 35(8), 2013, section 2.1.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.filters import morlet_hat
    >>> psi_hat = morlet_hat((32, 32), sigma=1.6, theta=0.0, xi=np.pi / 2, slant=0.5)
    >>> [int(i) for i in np.unravel_index(psi_hat.argmax(), psi_hat.shape)]
    [8, 0]
    """
    direction = np.array([np.cos(theta), np.sin(theta)])
    across = np.array([-direction[1], direction[0]])
    precision = sigma**2 * (
        np.outer(direction, direction) + np.outer(across, across) / slant**2
    )
    spread = np.sqrt(np.diag(precision))  # standard deviations in space, by axis
    wide = np.any(2 * np.asarray(shape) < _SPREAD * spread)
    gaussian = _five_period_gaussian if wide else _periodized_gaussian
    wave = gaussian(shape, center=xi * direction, precision=precision)
    envelope = gaussian(shape, center=np.zeros(2), precision=precision)
    envelope *= wave[0, 0] / envelope[0, 0]
    wave -= envelope
    psi_hat = np.real(wave)
    psi_hat[0, 0] = 0.0
    return psi_hat


def _periodized_gaussian(shape, *, center, precision):
    """Σ_k exp(−½ (ω + 2πk − c)ᵀ Q (ω + 2πk − c)) on the grid: (M, N)."""
    widths = np.sqrt(np.diag(np.linalg.inv(precision)))
    rows, columns = (
        _lattice(n, center=c, width=w)
        for n, c, w in zip(shape, center, widths, strict=True)
    )
    d2 = _distances(columns, shape[1], center=center[1])
    total = np.zeros(shape)
    for stretch, places in _stretches(rows, shape[0], at_most=_BLOCK // d2.size):
        d1 = _distances(stretch, shape[0], center=center[0])
        exponent = np.multiply.outer(-precision[0, 1] * d1, d2)
        exponent -= (0.5 * precision[0, 0] * d1**2)[:, None]
        exponent -= 0.5 * precision[1, 1] * d2**2
        values = np.exp(exponent, out=exponent)
        for period, across in _stretches(columns, shape[1], at_most=d2.size):
            begin = period.start - columns.start
            total[places, across] += values[:, begin : begin + len(period)]
    return total


def _five_period_gaussian(shape, *, center, precision):
    """DFT of the same Gaussian in space, over shifts by −2 … 2 periods: (M, N)."""
    inverse = np.linalg.inv(precision)
    total = np.zeros(shape, dtype=complex)
    for shift in product(range(-2, 3), repeat=2):
        u1, u2 = (np.arange(n) + k * n for n, k in zip(shape, shift, strict=True))
        exponent = np.multiply.outer(-inverse[0, 1] * u1, u2).astype(complex)
        exponent += (-0.5 * inverse[0, 0] * u1**2 + 1j * center[0] * u1)[:, None]
        exponent += -0.5 * inverse[1, 1] * u2**2 + 1j * center[1] * u2
        total += np.exp(exponent, out=exponent)
    return np.fft.fft2(total) / (2 * np.pi * np.sqrt(np.linalg.det(precision)))


def _lattice(n, *, center, width):
    """Return the range of the integers m with |2πm/n − c| within reach."""
    step = 2 * np.pi / n
    first = int(np.ceil((center - _REACH * width) / step))
    last = int(np.floor((center + _REACH * width) / step))
    return range(first, max(last, first) + 1)


def _distances(lattice, n, *, center):
    """Return 2πm/n − c for the m of a range."""
    return 2 * np.pi / n * np.arange(lattice.start, lattice.stop) - center


def _stretches(lattice, n, *, at_most):
    """Cut a range at the multiples of n, and where it is long; tell each part mod n."""
    begin = lattice.start
    while begin < lattice.stop:
        place = begin % n
        end = min(lattice.stop, begin + n - place, begin + max(at_most, 1))
        yield range(begin, end), slice(place, place + end - begin)
        begin = end
