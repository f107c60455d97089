"""The filter bank of a translation scattering network."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sklearn_scat.filters._atoms import gaussian_hat, morlet_hat
from sklearn_scat.filters._frames import BUILDERS, frame_name, with_unit_mean


@dataclass(frozen=True)
class FilterBank:
    """Hold the wavelets and the low-pass filter of one grid, in frequency.

    Attributes
    ----------
    psi_hat : ndarray of shape (J, L, M, N)
        Real Fourier transforms of the wavelets, by scale and orientation, in the DFT's
        order of frequencies.
    phi_hat_rows, phi_hat_columns : ndarray of shape (M,) and (N,)
        The two factors of the low-pass filter, which is separable.
    frame : {"none", "contractive", "tight"}, default="none"
        How the wavelets are normalised.

    Examples
    --------
    >>> from sklearn_scat.filters import morlet_bank
    >>> bank = morlet_bank(2, (40, 40))
    >>> bank.J, bank.L, bank.shape, bank.phi_hat.shape
    (2, 8, (40, 40), (40, 40))
    """

    psi_hat: np.ndarray
    phi_hat_rows: np.ndarray
    phi_hat_columns: np.ndarray
    frame: str = "none"

    @property
    def J(self) -> int:
        """Number of scales."""
        return self.psi_hat.shape[0]

    @property
    def L(self) -> int:
        """Number of orientations."""
        return self.psi_hat.shape[1]

    @property
    def shape(self) -> tuple[int, int]:
        """The grid (M, N), in pixels."""
        return self.psi_hat.shape[2:]

    @property
    def phi_hat(self) -> NDArray[Any]:
        """The low-pass filter on the whole grid: (M, N)."""
        return np.multiply.outer(self.phi_hat_rows, self.phi_hat_columns)

    @property
    def nbytes(self) -> int:
        """Memory held by the arrays, in bytes."""
        arrays = (self.psi_hat, self.phi_hat_rows, self.phi_hat_columns)
        return sum(a.nbytes for a in arrays)


def morlet_bank(
    J: int,
    shape: Sequence[int],
    L: int = 8,
    *,
    frame: Literal["none", "contractive", "tight"] = "none",
) -> FilterBank:
    r"""Build the Morlet filter bank of a scattering network.

    Wavelets :math:`\psi_{j,\theta}` with :math:`\sigma_j = 0.8 \cdot 2^j`,
    :math:`\xi_j = (3\pi/4)\,2^{-j}`, slant :math:`4/L` and L angles in steps of
    :math:`\pi/L`; low-pass :math:`\varphi_J` with :math:`\sigma = 0.8 \cdot 2^{J-1}`.

    Parameters
    ----------
    J : int
        Number of scales: the averaging window is about :math:`2^J` pixels.
    shape : tuple of int (M, N)
        The grid, padding included.
    L : int, default=8
        Number of orientations in [0, π).
    frame : {"none", "contractive", "tight"}, default="none"
        "none" is the bank of the published scattering networks; its Littlewood–Paley
        sum passes 1 by a few per cent from J = 3 on. "contractive"
        divides the wavelets by one constant, so that the sum is at most 1. "tight"
        reshapes them, so that the sum is 1 at every frequency.

    Returns
    -------
    bank : FilterBank
        In float64.

    Raises
    ------
    ValueError
        If J is negative, L is not positive or the frame is unknown; if
        ``frame="tight"`` and the wavelets leave some frequency out.

    References
    ----------
    .. [1] J. Bruna and S. Mallat, "Invariant scattering convolution networks",
       IEEE TPAMI 35(8), 2013, sections 2.1 and 2.3.
    .. [2] M. Andreux et al., "Kymatio: scattering transforms in Python", JMLR 21(60),
       2020, for the same parameters.

    Examples
    --------
    >>> from sklearn_scat.filters import morlet_bank
    >>> morlet_bank(3, (48, 56), L=6).psi_hat.shape
    (3, 6, 48, 56)
    """
    _check(J, L)
    frame = frame_name(frame)
    psi_hat = np.empty((J, L, *shape))
    for j in range(J):
        scale = {"sigma": 0.8 * 2**j, "xi": 0.75 * np.pi / 2**j, "slant": 4 / L}
        for t, theta in enumerate(orientations(L)):
            psi_hat[j, t] = morlet_hat(shape, theta=theta, **scale)
    rows, columns = (gaussian_hat(n, sigma=0.8 * 2.0 ** (J - 1)) for n in shape)
    bank = FilterBank(psi_hat, rows, columns)
    return in_frame(bank if J else with_unit_mean(bank), frame)


def in_frame(bank, frame):
    """Return a bank, normalised as a frame asks."""
    return replace(BUILDERS[frame](bank), frame=frame)


def _check(J, L):
    """Refuse numbers of scales and orientations that make no bank."""
    if not 0 <= J <= 30 or J != int(J):
        raise ValueError(f"J must be a whole number of scales, 0 to 30; got {J!r:.40}.")
    if L < 1 or L != int(L):
        raise ValueError(f"L must be a whole number of angles, 1 or more; got {L}.")


def orientations(L):
    """Return the L angles of a bank, in radians and in the order of its axis."""
    return (int(L - L / 2 - 1) - np.arange(L)) * np.pi / L
