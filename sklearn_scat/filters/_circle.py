"""Periodic Morlet wavelets on the circle of orientations."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sklearn_scat.filters._frames import frame_name, reflect


@dataclass(frozen=True)
class CircleBank:
    """Hold the angular filters of a roto-translation network, in frequency.

    Attributes
    ----------
    psi_hat : ndarray of shape (K, n)
        Real Fourier transforms of the wavelets, by angular scale, in the DFT's order.
    phi_hat : ndarray of shape (n,)
        Fourier transform of the low-pass filter.
    frame : {"none", "contractive", "tight"}, default="none"
        How the wavelets are normalised.
    """

    psi_hat: np.ndarray
    phi_hat: np.ndarray
    frame: str = "none"

    @property
    def K(self) -> int:
        """Number of angular scales."""
        return self.psi_hat.shape[0]

    @property
    def n(self) -> int:
        """Number of angles on the circle."""
        return self.psi_hat.shape[1]


def circle_bank(
    K: int,
    n: int,
    *,
    frame: Literal["none", "contractive", "tight"] = "none",
    conjugate: bool = False,
) -> CircleBank:
    r"""Build the Morlet wavelets of a circle of n angles.

    With :math:`\omega_m = 2\pi m/n`, :math:`\sigma_k = (2/\sqrt 3)\,2^k`,
    :math:`\xi_k = (3\pi/4)\,2^{-k}` and
    :math:`p(\omega; \xi, \sigma) = \sum_q e^{-\sigma^2 (\omega - 2\pi q - \xi)^2/2}`,

    .. math:: \hat\psi_k = p(\cdot; \xi_k, \sigma_k)
       - \frac{p(0; \xi_k, \sigma_k)}{p(0; 0, \sigma_k)}\, p(\cdot; 0, \sigma_k),
       \qquad \hat\varphi = p(\cdot; 0, \sigma_\varphi),\quad
       \sigma_\varphi = (1/\sqrt 3)\,2^{K-1}

    Parameters
    ----------
    K : int
        Number of angular scales.
    n : int
        Number of angles.
    frame : {"none", "contractive", "tight"}, default="none"
        "none" scales the wavelets to :math:`\max_m \sum_k \hat\psi_k^2 = 2`;
        "contractive" and "tight" bring the Littlewood–Paley sum to at most 1, and to 1.
    conjugate : bool, default=False
        Whether the wavelets also filter the conjugate signal, which doubles the energy
        that "contractive" and "tight" count.

    Returns
    -------
    bank : CircleBank

    Raises
    ------
    ValueError
        If ``frame="tight"`` and some frequency is in no wavelet.

    References
    ----------
    .. [1] L. Sifre and S. Mallat, "Rotation, scaling and deformation invariant
       scattering for texture discrimination", CVPR 2013, section 3.

    Examples
    --------
    >>> from sklearn_scat.filters import circle_bank
    >>> bank = circle_bank(3, 16)
    >>> bank.psi_hat.shape, bank.phi_hat[:4].round(3).tolist()
    ((3, 16), [1.0, 0.663, 0.193, 0.025])
    """
    psi_hat = np.array([_morlet(n, 2**k) for k in range(K)]).reshape(K, n)
    sigma = 2.0 ** (K - 1) / np.sqrt(3)
    phi_hat = _bump(n, xi=0.0, sigma=sigma)
    peak = np.sum(psi_hat**2, axis=0).max()
    psi_hat = psi_hat * np.sqrt(2 / peak) if peak else psi_hat
    frame = frame_name(frame)
    if frame == "none":
        return CircleBank(psi_hat, phi_hat, frame)
    phi_hat = phi_hat / phi_hat[0]
    energy = circle_energy(psi_hat, conjugate=conjugate)
    return CircleBank(psi_hat * _gain(phi_hat, energy, frame), phi_hat, frame)


def circle_energy(psi_hat, *, conjugate=False):
    """½ Σ (ψ̂_k(m)² + ψ̂_k(−m)²), or twice that with the conjugate signal: (n,)."""
    energy = np.sum(psi_hat**2, axis=0)
    return (energy + reflect(energy)) / (1 if conjugate else 2)


def _gain(phi_hat, energy, frame):
    """Return what the wavelets are multiplied by."""
    room = np.clip(1 - phi_hat**2, 0, None)[1:]
    energy = energy[1:]
    if frame == "contractive":
        c = (energy / room).max(initial=0.0)
        return 1 / np.sqrt(c) if c else 1.0
    if energy.size and energy.min() <= 1e-12 * energy.max():
        raise ValueError(
            f"frame='tight' needs angular wavelets at every frequency; {len(phi_hat)} "
            "angles leave some out. Take a larger K or frame='contractive'."
        )
    return np.concatenate([[0.0], np.sqrt(room / energy)])


def _morlet(n, scale):
    """Return one wavelet of mean zero: (n,)."""
    sigma = 2 / np.sqrt(3) * scale
    wave = _bump(n, xi=0.75 * np.pi / scale, sigma=sigma)
    envelope = _bump(n, xi=0.0, sigma=sigma)
    psi_hat = wave - wave[0] / envelope[0] * envelope
    psi_hat[0] = 0.0
    return psi_hat


def _bump(n, *, xi, sigma):
    """Σ_q exp(−σ²(ω_m − 2πq − ξ)²/2) for q = −1 … 2: (n,)."""
    omega = 2 * np.pi * np.arange(n) / n
    period = 2 * np.pi * np.arange(-1, 3)[:, None]
    return np.exp(-((omega - period - xi) ** 2) * sigma**2 / 2).sum(axis=0)
