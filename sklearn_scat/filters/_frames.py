"""What a bank covers (Littlewood–Paley), and the frames that follow from it."""

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

FRAMES = ("none", "contractive", "tight")


def littlewood_paley(bank: Any) -> NDArray[Any]:
    r"""Return the energy that one layer of a bank keeps at each frequency.

    .. math:: A(\omega) = \hat\varphi(\omega)^2 + \tfrac12 \sum_{j,\theta}
              \left( \hat\psi_{j,\theta}(\omega)^2 + \hat\psi_{j,\theta}(-\omega)^2
              \right)

    For a real image, :math:`\|x * \varphi\|^2 + \sum \|x * \psi_{j,\theta}\|^2` is the
    mean of :math:`|\hat x|^2 A`: the layer contracts where ``A <= 1`` and keeps the
    energy where ``A = 1``.

    Parameters
    ----------
    bank : FilterBank
        The filters, on a grid of (M, N) pixels.

    Returns
    -------
    A : ndarray of shape (M, N)
        In the DFT's order of frequencies.

    References
    ----------
    .. [1] S. Mallat, "Group invariant scattering", CPAM 65(10), 2012, proposition 2.1.

    Examples
    --------
    >>> from sklearn_scat.filters import littlewood_paley, morlet_bank
    >>> float(littlewood_paley(morlet_bank(3, (48, 48))).max().round(3))
    1.018
    >>> float(littlewood_paley(morlet_bank(3, (48, 48), frame="tight")).min().round(3))
    1.0
    """
    return bank.phi_hat**2 + detail_energy(bank)


def detail_energy(bank):
    """½ Σ (ψ̂(ω)² + ψ̂(−ω)²), the part of the wavelets alone: (M, N)."""
    energy = np.einsum("jtmn,jtmn->mn", bank.psi_hat, bank.psi_hat)
    return (energy + reflect(energy)) / 2


def reflect(a):
    """Return a(−ω) for a on a DFT grid of any number of axes."""
    axes = tuple(range(a.ndim))
    return np.roll(np.flip(a, axes), 1, axes)


def as_it_is(bank):
    """Leave the bank as its family makes it."""
    return bank


def as_contractive(bank):
    """Divide ψ by √c, c = max E/(1 − φ̂²) over ω ≠ 0: then A ≤ 1."""
    bank = with_unit_mean(bank)
    room = 1 - bank.phi_hat**2
    room[0, 0] = np.inf  # ψ̂(0) = 0: the mean belongs to φ
    c = (detail_energy(bank) / room).max(initial=0.0)
    return dataclasses.replace(bank, psi_hat=bank.psi_hat / np.sqrt(c or 1.0))


def as_tight(bank):
    """Multiply ψ̂ by √((1 − φ̂²)/E): then A = 1 and a layer keeps the energy."""
    bank = with_unit_mean(bank)
    energy = detail_energy(bank)
    energy[0, 0] = 1.0  # ψ̂(0) = 0: the mean belongs to φ
    room = np.clip(1 - bank.phi_hat**2, 0, None)
    if bank.J and (bank.L == 1 or energy.min() < 1e-12 * energy.max()):
        raise ValueError(
            f"frame='tight' needs wavelets that cover every frequency; L={bank.L} "
            "leaves some out. Take L of 3 or more, or frame='contractive'."
        )
    gain = np.sqrt(np.divide(room, energy, where=energy > 0, out=np.zeros_like(room)))
    return dataclasses.replace(bank, psi_hat=bank.psi_hat * gain)


def with_unit_mean(bank):
    """Divide φ by its sum, which aliasing takes above 1."""
    return dataclasses.replace(
        bank,
        phi_hat_rows=bank.phi_hat_rows / bank.phi_hat_rows[0],
        phi_hat_columns=bank.phi_hat_columns / bank.phi_hat_columns[0],
    )


BUILDERS = {"none": as_it_is, "contractive": as_contractive, "tight": as_tight}


def frame_name(frame: Any) -> str:
    """Return the name of a frame; "morlet" is a former one of "none".

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    frame = "none" if frame == "morlet" else frame
    if frame not in FRAMES:
        raise ValueError(f"frame must be one of {FRAMES}; got {frame!r}.")
    return frame
