"""The wavelet operator in real arithmetic, for graphs without complex numbers."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from sklearn_scat.cascade._arrays import beside, namespace
from sklearn_scat.cascade._operators import Coefficients, Wavelet2d, multiply_fold


class RealWavelet2d(Wavelet2d):
    r"""Average images, and give the moduli of their details, by real matrix products.

    The discrete Fourier transform is a matrix along each axis, whose real and imaginary
    parts act one by one. Its details are :math:`|U * \psi_{j,\theta}|`, which the
    modulus of a cascade leaves as they are.

    Parameters
    ----------
    grid, psi_hat, averages
        As of :class:`Wavelet2d`, whose numbers it gives, to rounding.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.cascade import Grid, Wavelet2d, scattering
    >>> from sklearn_scat.cascade import RealWavelet2d
    >>> from sklearn_scat.filters import morlet_bank
    >>> grid = Grid((12, 16), J=2)
    >>> bank = morlet_bank(2, grid.padded)
    >>> x = np.random.default_rng(0).random((3, 12, 16))
    >>> S, T = (
    ...     scattering(x, [kind.from_bank(grid, bank, like=x)] * 3)
    ...     for kind in (Wavelet2d, RealWavelet2d)
    ... )
    >>> bool(np.allclose(S, T))
    True
    """

    def details(self, U: Coefficients) -> Iterator[Any]:
        """Yield ``|U * ψ_{j,·}|``, subsampled, for the scales j above those of U."""
        first = U.scales[-1] + 1 if U.scales else 0
        if first >= self.grid.J:
            return
        xp = namespace(U.values)
        F = [dft_matrix(n) for n in U.values.shape[-2:]]
        spectrum = [part[..., None, :, :] for part in separable((U.values, None), *F)]
        for j in range(first, self.grid.J):
            resolution = self.grid.resolution(j)
            k = 2 ** (resolution - U.resolution)
            band = self.bands[j, U.resolution]
            V_hat = [multiply_fold(part, band, k) for part in spectrum]
            sides = V_hat[0].shape[-2:]
            real, imaginary = separable(V_hat, *(inverse_dft_matrix(n) for n in sides))
            modulus = xp.sqrt(real**2 + imaginary**2)
            yield Coefficients(modulus, (*U.scales, j), resolution)


def dft_matrix(n):
    r"""Return :math:`F_{ku} = e^{-2 \pi i k u / n}`: (n, n).

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.cascade._real_operators import dft_matrix
    >>> x = np.arange(5.0)
    >>> bool(np.allclose(dft_matrix(5) @ x, np.fft.fft(x)))
    True
    """
    k = np.arange(n)
    return np.exp(-2j * np.pi * (np.multiply.outer(k, k) % n) / n)


def inverse_dft_matrix(n):
    """Return the inverse of :func:`dft_matrix`: (n, n)."""
    return dft_matrix(n).conj() / n


def separable(x, rows, columns):
    """Return the real and the imaginary part of A x Bᵀ.

    Parameters
    ----------
    x : pair of arrays of shape (…, m, n)
        Real and imaginary part; None in place of the latter where x is real.
    rows, columns : ndarray of shape (m', m), (n', n)
        A and B, complex.
    """
    like = x[0]
    B = [beside(like, part) for part in (columns.T.real, columns.T.imag)]
    A = [beside(like, part) for part in (rows.real, rows.imag)]
    x = _complex_product(x, B, lambda a, b: a @ b)
    return _complex_product(x, A, lambda a, b: b @ a)


def _complex_product(x, y, times):
    """Return the parts of (a + ib)(c + id), where b may be None."""
    (a, b), (c, d) = x, y
    if b is None:
        return times(a, c), times(a, d)
    return times(a, c) - times(b, d), times(a, d) + times(b, c)
