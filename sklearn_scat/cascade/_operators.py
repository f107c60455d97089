"""Linear operators W: U ↦ (A, V), the layers of a scattering network."""

from dataclasses import dataclass, replace
from functools import reduce

import torch


@dataclass(frozen=True)
class Coefficients:
    """Hold the maps that came along the same scales.

    Attributes
    ----------
    values : Tensor of shape (B, L, …, L, m, n)
        One axis of orientations for each scale of the path.
    scales : tuple of int
        The scales j1 < j2 < … of the path.
    resolution : int
        log2 of the step between samples, in pixels.
    """

    values: torch.Tensor
    scales: tuple = ()
    resolution: int = 0


class Wavelet2d:
    r"""Average and differentiate images: W U = (U * φ_J, (U * ψ_{j,θ})_{j,θ}).

    Parameters
    ----------
    grid : Grid
        Where the samples lie.
    psi_hat : Tensor of shape (J, L, M_p, N_p)
        Real Fourier transforms of the wavelets.
    averages : list of (Tensor (h, m), Tensor (w, n))
        Low-pass, subsampling and crop as two matrices, by resolution.
    """

    def __init__(self, grid, psi_hat, averages):
        self.grid = grid
        self.L = psi_hat.shape[1]
        self.averages = averages
        self.bands = {
            (j, r): crop(psi_hat[j], r) / 4 ** (grid.resolution(j) - r)
            for j in range(grid.J)
            for r in {0, *map(grid.resolution, range(j))}
        }

    @classmethod
    def from_bank(cls, grid, bank, *, dtype=torch.float32, device="cpu"):
        """Put the filters of a bank on a device, in a precision."""
        if (bank.J, bank.shape) != (grid.J, grid.padded):
            raise ValueError(
                f"The bank has J={bank.J} on the grid {bank.shape}, and is used with "
                f"J={grid.J} on {grid.padded}: build it with "
                "morlet_bank(grid.J, grid.padded)."
            )

        def tensor(array):
            return torch.tensor(array, dtype=dtype, device=device)

        averages = [(tensor(a), tensor(b)) for a, b in grid.averages(bank)]
        return cls(grid, tensor(bank.psi_hat), averages)

    def embed(self, x):
        """Continue images past their sides: (B, M, N) to Coefficients (B, M_p, N_p)."""
        if x.ndim != 3 or tuple(x.shape[1:]) != self.grid.shape or x.is_complex():
            raise ValueError(
                "The operators take real images (B, M, N) of "
                f"{self.grid.shape[0]}x{self.grid.shape[1]} pixels; got "
                f"{tuple(x.shape)} of {x.dtype}."
            )
        rows, columns = (torch.from_numpy(g).to(x.device) for g in self.grid.gathers())
        padded = x[:, rows.clamp(min=0)][:, :, columns.clamp(min=0)]
        if self.grid.padding == "zero":
            padded = padded * ((rows >= 0)[:, None] & (columns >= 0))
        return Coefficients(padded)

    def __call__(self, U):
        """Return the average A and an iterator over the details V, scale by scale."""
        return self.average(U), self.details(U)

    def average(self, U):
        """S = A U Bᵀ: blur with φ_J, subsample, drop the padding."""
        rows, columns = self.averages[U.resolution]
        values = ((U.values @ columns.mT).mT @ rows.mT).mT  # (B, L, …, h, w)
        return replace(U, values=values, resolution=self.grid.resolution(self.grid.J))

    def details(self, U):
        """Yield V_j = U * ψ_{j,·}, subsampled, for the scales j above those of U."""
        first = U.scales[-1] + 1 if U.scales else 0
        if first >= self.grid.J:
            return
        spectrum = torch.fft.fft2(U.values).unsqueeze(-3)  # (B, L, …, 1, m, n)
        for j in range(first, self.grid.J):
            resolution = self.grid.resolution(j)
            k = 2 ** (resolution - U.resolution)
            V_hat = multiply_fold(spectrum, self.bands[j, U.resolution], k)
            yield Coefficients(torch.fft.ifft2(V_hat), (*U.scales, j), resolution)


def crop(a_hat, resolution):
    """Keep the 1/2^r lowest frequencies of the last two axes, −Nyquist once."""
    if not resolution:
        return a_hat
    for axis in (-2, -1):
        half = a_hat.shape[axis] >> (resolution + 1)
        low = a_hat.narrow(axis, 0, half)
        high = a_hat.narrow(axis, a_hat.shape[axis] - half, half)
        a_hat = torch.cat([low, high], axis)
    return a_hat


def multiply_fold(spectrum, psi_hat, k):
    """Sum the k×k aliases of spectrum · ψ̂: k² times the subsampling by k in space."""
    pairs = zip(aliases(spectrum, k), aliases(psi_hat, k), strict=True)
    return reduce(torch.add, (s * p for s, p in pairs))


def aliases(a_hat, k):
    """Return the k×k blocks of a spectrum that subsampling by k folds together."""
    return [block for rows in a_hat.chunk(k, -2) for block in rows.chunk(k, -1)]


def wavelet_operators(bank, grid, *, max_order=2, dtype=torch.float32, device="cpu"):
    """Return the operators of a translation scattering network, one for each order.

    Parameters
    ----------
    bank : FilterBank
        Filters on the padded grid ``grid.padded``.
    grid : Grid
        Where the samples lie.
    max_order : int, default=2
        Number of wavelets along the longest path.
    dtype : torch.dtype, default=torch.float32
        Precision of the filters, the same as that of the images.
    device : str or torch.device, default="cpu"
        Where the filters lie.

    Returns
    -------
    operators : list of Wavelet2d
        ``max_order + 1`` times the same operator, for :func:`scattering`.

    Examples
    --------
    >>> from sklearn_scat.cascade import Grid
    >>> from sklearn_scat.cascade import wavelet_operators
    >>> from sklearn_scat.filters import morlet_bank
    >>> grid = Grid((32, 32), J=3)
    >>> len(wavelet_operators(morlet_bank(3, grid.padded), grid))
    3
    """
    W = Wavelet2d.from_bank(grid, bank, dtype=dtype, device=device)
    return [W] * (max_order + 1)
