"""Operators that also filter along the orientations of the first layer."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_scat.cascade._arrays import beside, flattened, namespace
from sklearn_scat.cascade._operators import Coefficients, Wavelet2d
from sklearn_scat.filters import CircleBank
from sklearn_scat.filters._circle import circle_energy


class Lift:
    """Take images to functions of position and angle on the whole circle.

    The L orientations of a real image stand for 2L angles, as its wavelets at θ and
    θ + π have the same modulus: dividing by √2 keeps the norm.

    Parameters
    ----------
    W : Wavelet2d
        The spatial filters.
    """

    def __init__(self, W: Wavelet2d) -> None:
        self.W = W
        self.grid, self.L = W.grid, W.L
        self.embed = W.embed

    def __call__(self, U: Coefficients) -> Any:
        """Return the average of U, and its details over √2, scale by scale."""
        A, details = self.W(U)
        return A, (replace(V, values=V.values / 2**0.5) for V in details)


class RotoTranslation:
    r"""Filter functions of position and angle by wavelets on rigid motions.

    .. math:: (Y \circledast \Psi_{j,\theta_2,k})(u, \theta) = \sum_{\theta'}
       [Y(\cdot, \theta') * \psi_{j,\theta_2+\theta'}](u)\; h_k(\theta - \theta')

    with :math:`h_k` the angular low-pass or a periodic wavelet; averages are over all
    angles.

    Parameters
    ----------
    W : Wavelet2d
        The spatial filters.
    filters : list of complex array
        Convolutions along 2L angles, of :func:`rigid_filters`.
    """

    def __init__(self, W: Wavelet2d, filters: Any) -> None:
        self.W = W
        self.filters = filters

    def __call__(self, U: Coefficients) -> Any:
        """Return the average A and an iterator over the details V."""
        return self.average(U), self.details(U)

    def orientations_at_once(self, U: Coefficients) -> int:
        """Return the number of all: they are mixed."""
        return U.values.shape[1]

    def average(self, U: Coefficients) -> Any:
        """Average over the angles and over windows of 2^J pixels."""
        return self.W.average(over_angles(U))

    def details(self, U: Coefficients) -> Iterator[Any]:
        """Yield V_{j,k}: (B, θ2, θ, m, n) for the scales j above that of U."""
        for V in self.W.details(U):
            Z = relative_angles(V.values)
            xp = namespace(Z)
            Z = xp.concat([Z, xp.conj(Z)], axis=2)  # (B, θ2, 2L, m, n)
            for h in self.filters:
                yield replace(V, values=along_angles(h, Z))


class CompleteRotoTranslation(RotoTranslation):
    r"""Filter so, and averages of the first layer along angles too.

    .. math:: (Y \circledast \Psi_{\varphi,k})(u, \theta) = \sum_{\theta'}
       [Y(\cdot, \theta') * \varphi_J](u)\; \psi_k(\theta - \theta')

    is what the low-pass over all angles loses of the first layer. It comes before the
    details, sampled every :math:`2^J` pixels, as the scale J; its modulus is averaged
    over the angles, and no more over space.

    Parameters
    ----------
    W : Wavelet2d
        The spatial filters.
    filters : list of complex array
        Convolutions along 2L angles, of :func:`rigid_filters`.
    """

    def average(self, U: Coefficients) -> Any:
        """Average over the angles, and over windows where that was not done."""
        if U.scales[-1:] != (self.W.grid.J,):
            return super().average(U)
        return over_angles(U)

    def details(self, U: Coefficients) -> Iterator[Any]:
        """Yield those of averages, one for each angular wavelet, then the others."""
        A = self.W.average(U)
        xp, scales = namespace(A.values), (*U.scales, self.W.grid.J)
        _, *bands = self.filters
        for h in bands:
            Z = xp.astype(A.values[:, None, ...], h.dtype)  # (B, 1, L, h, w)
            yield replace(A, values=along_angles(periodic(h), Z), scales=scales)
        yield from super().details(U)


class SeparableRotation:
    r"""Filter along position and first-layer angle, one after the other.

    .. math:: Z_{j,\theta_2}(u, \theta_1) = [U(\cdot, \theta_1) * \psi_{j,\theta_2}](u),
       \qquad V = Z *_{\theta_1} h_k \ \text{and}\ \overline Z *_{\theta_1} h_k

    sampled every :math:`2^k` angles; nothing is averaged over angles.

    Parameters
    ----------
    W : Wavelet2d
        The spatial filters.
    filters : list of complex array
        Convolutions along L angles, of :func:`separable_filters`.
    """

    def __init__(self, W: Wavelet2d, filters: Any) -> None:
        self.W = W
        self.filters = filters

    def __call__(self, U: Coefficients) -> Any:
        """Return the average A and an iterator over the details V."""
        return self.W.average(U), self.details(U)

    def orientations_at_once(self, U: Coefficients) -> int:
        """Return the number of all: they are mixed."""
        return U.values.shape[1]

    def details(self, U: Coefficients) -> Iterator[Any]:
        """Yield V_{j,k}: (B, θ2, (conjugate, θ1), m, n) for the scales above U's."""
        for V in self.W.details(U):
            Z = swapped(V.values)  # (B, θ2, θ1, m, n)
            for h in self.filters:
                yield replace(V, values=along_angles(h, Z))


def along_angles(h, Z):
    """Apply a matrix to the angles of maps (B, θ2, θ', m, n)."""
    values = h @ flattened(Z, 3, 5)
    return namespace(Z).reshape(values, (*values.shape[:3], *Z.shape[3:]))


def periodic(h):
    """Return a convolution along 2L angles as that of signals of period L: (L, L)."""
    L = h.shape[0] // 2
    return h[:L, :L] + h[:L, L:]


def swapped(V):
    """Exchange both orientations of maps (B, θ1, θ2, m, n)."""
    return namespace(V).permute_dims(V, (0, 2, 1, 3, 4))


def relative_angles(V):
    """Return Z[θ2, θ'] = V[θ', θ2 + θ'], where adding L conjugates: (B, L, L, m, n)."""
    xp, L = namespace(V), V.shape[1]
    theta2, angle = np.arange(L)[:, None], np.arange(L)
    total = theta2 + angle
    places = beside(V, (angle * L + total % L).ravel(), xp.int64)
    Z = xp.reshape(xp.take(flattened(V, 1, 3), places, axis=1), V.shape)
    wrapped = beside(V, total >= L, xp.bool)[:, :, None, None]
    return xp.where(wrapped, xp.conj(Z), Z)


def circulants(circle):
    """Return the circular convolutions by φ, ψ_0, … as complex arrays (n, n)."""
    shift = np.subtract.outer(np.arange(circle.n), np.arange(circle.n)) % circle.n
    return [np.fft.ifft(h)[shift] for h in (circle.phi_hat, *circle.psi_hat)]


def rigid_filters(circle: CircleBank) -> list[NDArray[Any]]:
    """Return the angular filters of rigid motions, as matrices.

    Parameters
    ----------
    circle : CircleBank
        Angular filters on 2L angles.

    Returns
    -------
    filters : list of ndarray of complex (L or 2L, 2L)
        Circular convolutions by φ, ψ_0 … ψ_{K−1}. The first has L rows: the moduli of
        what it makes repeat after L angles, as φ is real.
    """
    low, *bands = circulants(circle)
    return [low[: circle.n // 2], *bands]


def separable_filters(circle: CircleBank) -> list[NDArray[Any]]:
    """Return the angular filters of the separable form, as matrices.

    Parameters
    ----------
    circle : CircleBank
        Angular filters on L angles; L divides by 2^K.

    Returns
    -------
    filters : list of ndarray of complex (P, L)
        Circular convolutions by φ, every 2^K angles, and by ψ_k, every 2^k: first those
        of the signal, then those of its conjugate, in modulus.
    """
    low, *bands = circulants(circle)
    sampled = (h[:: 2**k] for k, h in enumerate(bands))
    # |Z̄ * h| = |Z * h̄|; for the real φ the two are one.
    return [low[:: 2**circle.K], *(np.concatenate([h, h.conj()]) for h in sampled)]


def rigid_gains(circle, *, max_order=2):
    r"""Return how far layers on rigid motions stretch along angles, order by order.

    The first layer is divided by √2, and averages over L angles divide norms by √L;
    filters along angles, of a signal whose other half is conjugate, stretch energies by
    at most :math:`\max_m \hat\varphi^2 + \sum_k (\hat\psi_k(m)^2 +
    \hat\psi_k(-m)^2)/2`.

    Parameters
    ----------
    circle : CircleBank
        Angular filters on 2L angles.
    max_order : {0, 1, 2}, default=2
        Number of gains.

    Returns
    -------
    gains : tuple of float
        For :func:`lipschitz_bound`.
    """
    energy = circle.phi_hat**2 + circle_energy(circle.psi_hat)
    return (circle.n**-0.5, float(energy.max() ** 0.5))[:max_order]


def complete_gains(circle, *, max_order=2):
    """Return those of `rigid_gains`, with the filters along angles of averages.

    Averages repeat after L angles, so that only even angular frequencies count.
    """
    energy = circle_energy(circle.psi_hat)[::2].max(initial=0.0)
    first, *later = rigid_gains(circle, max_order=max_order) or (1.0,)
    return (first * max(1.0, float(energy)) ** 0.5, *later)[:max_order]


def separable_gains(circle, *, max_order=2):
    """Return how far layers of the separable form stretch along angles.

    Parameters
    ----------
    circle : CircleBank
        Angular filters on L angles; L divides by 2^K.
    max_order : {0, 1, 2}, default=2
        Number of gains.

    Returns
    -------
    gains : tuple of float
        1, and the norm of all angular filters together, sampled as they are.
    """
    filters = np.concatenate(separable_filters(circle))  # (P, L)
    return (1.0, float(np.linalg.norm(filters, 2)))[:max_order]


def over_angles(U):
    """Return the means of maps (..., θ, m, n) over their angles: (..., m, n)."""
    return replace(U, values=namespace(U.values).mean(U.values, axis=-3))
