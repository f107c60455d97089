"""A filter bank in space and frequency, and the sum of what it covers."""

from typing import Any, Self

import numpy as np

from sklearn_scat.displays._mosaic import draw_mosaic
from sklearn_scat.displays._style import COLORS, curve_look, new_axes, tidy

_TICKS = {"ticks": [-np.pi, 0, np.pi], "labels": ["−π", "0", "π"]}


class FilterBankDisplay:
    """Wavelets and low-pass of a bank, with their Littlewood–Paley sum.

    Parameters
    ----------
    bank : FilterBank
        What :func:`sklearn_scat.filters.morlet_bank` returns: anything with
        ``psi_hat``, ``phi_hat`` and ``frame``.

    See Also
    --------
    sklearn_scat.filters.littlewood_paley : The sum as numbers.

    Examples
    --------
    >>> from sklearn_scat.displays import FilterBankDisplay
    >>> from sklearn_scat.filters import morlet_bank
    >>> display = FilterBankDisplay(morlet_bank(3, (64, 64), frame="contractive"))
    >>> float(display.littlewood_paley.max().round(6))
    1.0
    """

    def __init__(self, bank: Any) -> None:
        self.bank = bank
        energy = np.square(bank.psi_hat).sum(axis=(0, 1))
        opposite = np.roll(np.flip(energy), (1, 1), (0, 1))
        self.littlewood_paley = bank.phi_hat**2 + (energy + opposite) / 2

    def plot(self, ax: Any = None, *, level: float = 0.7) -> Self:
        """Draw a contour of each filter over the plane of frequencies.

        The grey below is the Littlewood–Paley sum. An image is real: the half of the
        plane that the wavelets leave out carries no information of its own.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure.
        level : float, default=0.7
            Of each filter's largest value, where its contour stands.

        Returns
        -------
        display : FilterBankDisplay
            The display, with the axes as ``ax_`` and the figure as ``figure_``.
        """
        from matplotlib import patheffects

        ax = new_axes(ax, (5.4, 4.4))
        rows, columns = (_frequencies(n) for n in self.littlewood_paley.shape)
        sum_ = np.fft.fftshift(self.littlewood_paley)
        look = {"cmap": "gray", "vmin": 0, "vmax": max(1.0, sum_.max())}
        picture = ax.pcolormesh(columns, rows, sum_, shading="nearest", **look)
        ax.figure.colorbar(picture, ax=ax, label="Littlewood–Paley sum A(ω)")
        halo = [patheffects.withStroke(linewidth=3, foreground="white")]
        groups = [("low-pass", "black", [self.bank.phi_hat])]
        groups += [
            (f"j={j}", COLORS[j % len(COLORS)], psi_hat)
            for j, psi_hat in enumerate(self.bank.psi_hat)
        ]
        for name, color, filters in groups:
            ax.plot([], [], color=color, label=name, path_effects=halo)
            for values in map(np.fft.fftshift, filters):
                at = [level * values.max()]
                lines = ax.contour(columns, rows, values, at, colors=[color])
                lines.set_path_effects(halo)
        ax.set_xticks(**_TICKS)
        ax.set_yticks(**_TICKS)
        ax.set_aspect("equal")
        ax.invert_yaxis()
        ax.set_xlabel("ω₂ (radians per pixel, along a row)")
        ax.set_ylabel("ω₁ (radians per pixel, along a column)")
        ax.legend(loc="upper right", fontsize=8)
        return self._drawn(ax)

    def plot_wavelets(self, ax: Any = None, *, size: int = 32) -> Self:
        """Draw the real part of each wavelet in space, scales by rows.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure.
        size : int, default=32
            The side of the windows, in pixels.

        Returns
        -------
        display : FilterBankDisplay
            The display, with the axes as ``ax_`` and the figure as ``figure_``.
        """
        J, L = self.bank.psi_hat.shape[:2]
        ax = new_axes(ax, (0.8 + 0.9 * L, 0.7 + 0.9 * J))
        psi = np.fft.fftshift(np.fft.ifft2(self.bank.psi_hat).real, axes=(-2, -1))
        middle = [n // 2 for n in psi.shape[-2:]]
        rows, columns = (slice(max(m - size // 2, 0), m + size // 2) for m in middle)
        psi = psi[..., rows, columns]
        psi = psi / np.abs(psi).max(axis=(1, 2, 3), keepdims=True)  # scale by scale
        draw_mosaic(
            ax,
            psi,
            rows=[f"j={j}" for j in range(J)],
            columns=range(L),
            cmap="RdBu_r",
            vmin=-1,
            vmax=1,
        )
        ax.set_xlabel("orientation theta")
        ax.set_ylabel(f"scale ({size}×{size} pixels each)")
        return self._drawn(ax)

    def plot_littlewood_paley(self, ax: Any = None, *, curve: int = 0) -> Self:
        """Draw the Littlewood–Paley sum along the diagonal of the frequencies.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure. Banks may share axes.
        curve : int, default=0
            Which color and dashes to take.

        Returns
        -------
        display : FilterBankDisplay
            The display, with the axes as ``ax_`` and the figure as ``figure_``.
        """
        ax = new_axes(ax)
        n = min(self.littlewood_paley.shape) // 2
        steps = [side // 2 / n for side in self.littlewood_paley.shape]
        at = [np.round(step * np.arange(n)).astype(int) for step in steps]
        look = curve_look(curve) | {"marker": None, "label": self.bank.frame}
        ax.plot(np.arange(n) / n, self.littlewood_paley[tuple(at)], **look)
        ax.axhline(1, color="0.6", linewidth=1, zorder=0)
        ax.set_xlabel("frequency along the diagonal, from 0 to the corner (π, π)")
        ax.set_ylabel("Littlewood–Paley sum A(ω)")
        ax.set_ylim(bottom=0)
        tidy(ax)
        ax.legend(title="frame", frameon=False)
        return self._drawn(ax)

    def _drawn(self, ax):
        """Keep the axes and the figure."""
        self.ax_, self.figure_ = ax, ax.figure
        return self


def _frequencies(n):
    """Return the frequencies of a DFT of n samples, −π first."""
    return np.fft.fftshift(2 * np.pi * np.fft.fftfreq(n))
