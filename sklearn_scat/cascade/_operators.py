"""Linear operators W: U ↦ (A, V), the layers of a scattering network."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce
from operator import iadd
from typing import Any, Self

import numpy as np

from sklearn_scat.cascade._arrays import beside, fft2, ifft2, library, namespace
from sklearn_scat.cascade._grid import Grid
from sklearn_scat.cascade._low_pass import average_side
from sklearn_scat.filters import FilterBank

_LAYER_BYTES = 2**22  # of the details of one scale: more at once gains no time


@dataclass(frozen=True)
class Coefficients:
    """Hold the maps that came along the same scales.

    Attributes
    ----------
    values : array of shape (B, L, …, L, m, n)
        One axis of orientations for each scale of the path.
    scales : tuple of int
        The scales j1 < j2 < … of the path.
    resolution : int
        log2 of the step between samples, in pixels.
    """

    values: Any
    scales: tuple = ()
    resolution: int = 0


class Wavelet2d:
    r"""Average and differentiate images: W U = (U * φ_J, (U * ψ_{j,θ})_{j,θ}).

    Parameters
    ----------
    grid : Grid
        Where the samples lie.
    psi_hat : array of shape (J, L, M_p, N_p)
        Real Fourier transforms of the wavelets, in any library of the array API.
    averages : list of (array (h, m), array (w, n))
        Low-pass, subsampling and crop as two matrices, by resolution, as
        :meth:`Grid.averages` gives them.
    """

    def __init__(self, grid: Grid, psi_hat: Any, averages: Any) -> None:
        self.grid = grid
        self.L = psi_hat.shape[1]
        self.averages = averages
        self.bands = {
            (j, r): crop(psi_hat[j, ...], r) / 4 ** (grid.resolution(j) - r)
            for j in range(grid.J)
            for r in {0, *map(grid.resolution, range(j))}
        }

    @classmethod
    def from_bank(cls, grid: Grid, bank: FilterBank, *, like: Any = None) -> Self:
        """Put the filters of a bank in the library, precision and place of an array.

        None is NumPy in float32.
        """
        if (bank.J, bank.shape) != (grid.J, grid.padded):
            raise ValueError(
                f"The bank has J={bank.J} on the grid {bank.shape}, and is used with "
                f"J={grid.J} on {grid.padded}: build it with "
                "morlet_bank(grid.J, grid.padded)."
            )
        like = np.empty(0, np.float32) if like is None else like
        averages = [
            tuple(beside(like, matrix) for matrix in pair)
            for pair in cls._averages(grid, bank)
        ]
        return cls(grid, beside(like, bank.psi_hat), averages)

    @staticmethod
    def _averages(grid, bank):
        """Return the pairs of arrays that `average` applies, by resolution."""
        return grid.averages(bank)

    def orientations_at_once(self, U: Coefficients) -> int:
        """Return of how many maps along axis 1 the details are worth having at once."""
        B, *_, m, n = U.values.shape
        layer = B * details_bytes(self.L, U.values, shape=(m, n))
        return max(1, _LAYER_BYTES // layer)

    def embed(self, x: Any) -> Coefficients:
        """Continue images past their sides: (B, M, N) to Coefficients (B, M_p, N_p)."""
        xp = namespace(x)
        real = xp.isdtype(x.dtype, "real floating")
        if x.ndim != 3 or tuple(x.shape[1:]) != self.grid.shape or not real:
            raise ValueError(
                "The operators take real images (B, M, N) of "
                f"{self.grid.shape[0]}x{self.grid.shape[1]} pixels; got "
                f"{tuple(x.shape)} of {x.dtype}."
            )
        filters = self.averages[0][0]
        if library(x) != library(filters) or x.dtype != filters.dtype:
            raise ValueError(
                f"The operators hold filters of {library(filters)} in {filters.dtype}; "
                f"got images of {library(x)} in {x.dtype}. Build the operators with "
                "like=images."
            )
        gathers = self.grid.gathers()
        for axis, pixels in enumerate(gathers, start=1):
            kept = beside(x, np.maximum(pixels, 0), xp.int64)
            x = xp.take(x, kept, axis=axis)
        if self.grid.padding == "zero":
            inside = np.multiply.outer(*(np.float64(pixels >= 0) for pixels in gathers))
            x = x * beside(x, inside)
        return Coefficients(x)

    def __call__(self, U: Coefficients) -> Any:
        """Return the average A and an iterator over the details V, scale by scale."""
        return self.average(U), self.details(U)

    def average(self, U: Coefficients) -> Coefficients:
        """S = A U Bᵀ: blur with φ_J, subsample, drop the padding."""
        rows, columns = self.averages[U.resolution]
        (h, w), step = self.grid.output, self.grid.step(U.resolution)
        samples = {"step": step, "crop": self.grid.crop}
        values = average_side(U.values, columns, n_out=w, **samples)
        values = average_side(values.mT, rows, n_out=h, **samples).mT  # (B, L, …, h, w)
        return replace(U, values=values, resolution=self.grid.resolution(self.grid.J))

    def details(self, U: Coefficients) -> Iterator[Coefficients]:
        """Yield V_j = U * ψ_{j,·}, subsampled, for the scales j above those of U."""
        first = U.scales[-1] + 1 if U.scales else 0
        if first >= self.grid.J:
            return
        spectrum = fft2(U.values)[..., None, :, :]  # (B, L, …, 1, m, n)
        for j in range(first, self.grid.J):
            resolution = self.grid.resolution(j)
            k = 2 ** (resolution - U.resolution)
            psi_hat = self.bands[j, U.resolution]
            # without a name, which would hold it until the next is wanted
            yield Coefficients(
                ifft2(multiply_fold(spectrum, psi_hat, k)), (*U.scales, j), resolution
            )


class MeanWavelet2d(Wavelet2d):
    r"""Differentiate images, and take the means over space of their averages.

    .. math:: \frac{1}{hw} \sum_{i,k} (A U B^\top)_{ik} = a^\top U b

    is one weighted sum, of weights a and b along the sides: no map is averaged.

    Parameters
    ----------
    grid : Grid
        Where the samples lie.
    psi_hat : array of shape (J, L, M_p, N_p)
        Real Fourier transforms of the wavelets, in any library of the array API.
    averages : list of (array (m,), array (n,))
        The weights, by resolution, as :meth:`Grid.mean_weights` gives them.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.cascade import Grid, MeanWavelet2d, Wavelet2d, scattering
    >>> from sklearn_scat.filters import morlet_bank
    >>> grid = Grid((32, 32), J=2)
    >>> bank = morlet_bank(2, grid.padded)
    >>> x = np.random.default_rng(0).random((5, 32, 32), dtype=np.float32)
    >>> means = scattering(x, [MeanWavelet2d.from_bank(grid, bank)] * 3)
    >>> maps = scattering(x, [Wavelet2d.from_bank(grid, bank)] * 3)
    >>> bool(np.allclose(means, maps.mean((2, 3), keepdims=True), atol=1e-6))
    True
    """

    @staticmethod
    def _averages(grid, bank):
        """Return the weights."""
        return grid.mean_weights(bank)

    def average(self, U: Coefficients) -> Coefficients:
        """Return aᵀ U b as maps of one sample."""
        xp = namespace(U.values)
        *lead, m, n = U.values.shape
        rows, columns = self.averages[U.resolution]
        # One product a map, so that other maps of a batch change none of its bits.
        rows = xp.broadcast_to(rows, (*lead, 1, m))
        columns = xp.broadcast_to(columns[:, None], (*lead, n, 1))
        values = rows @ U.values @ columns  # (B, L, …, 1, 1)
        return replace(U, values=values, resolution=self.grid.resolution(self.grid.J))


def details_bytes(L, x, *, shape):
    """Return the bytes of a map's complex details of one scale, in x's precision."""
    return 2 * L * math.prod(shape) * namespace(x).finfo(x.dtype).bits // 8


def crop(a_hat, resolution):
    """Keep the 1/2^r lowest frequencies of the last two axes, −Nyquist once."""
    if not resolution:
        return a_hat
    xp = namespace(a_hat)
    m, n = (side >> (resolution + 1) for side in a_hat.shape[-2:])
    a_hat = xp.concat([a_hat[..., :m, :], a_hat[..., -m:, :]], axis=-2)
    return xp.concat([a_hat[..., :n], a_hat[..., -n:]], axis=-1)


def multiply_fold(spectrum, psi_hat, k):
    """Sum the k×k aliases of spectrum · ψ̂: k² times the subsampling by k in space."""
    # Of one type: libraries multiply mixed ones at half the speed.
    astype = namespace(psi_hat).astype
    pairs = zip(aliases(spectrum, k), aliases(psi_hat, k), strict=True)
    return reduce(iadd, (s * astype(p, s.dtype) for s, p in pairs))


def aliases(a_hat, k):
    """Return the k×k blocks of a spectrum that subsampling by k folds together."""
    m, n = (side // k for side in a_hat.shape[-2:])
    return [
        a_hat[..., a * m : (a + 1) * m, b * n : (b + 1) * n]
        for a in range(k)
        for b in range(k)
    ]


def wavelet_operators(
    bank: FilterBank, grid: Grid, *, max_order: int = 2, like: Any = None
) -> list[Wavelet2d]:
    """Return the operators of a translation scattering network, one for each order.

    Parameters
    ----------
    bank : FilterBank
        Filters on the padded grid ``grid.padded``.
    grid : Grid
        Where the samples lie.
    max_order : int, default=2
        Number of wavelets along the longest path.
    like : array, default=None
        The filters are put in its library, precision and place, which must be those of
        the images: NumPy, torch, CuPy, JAX or another library of the array API [1]_.
        None is NumPy in float32.

    Returns
    -------
    operators : list of Wavelet2d
        ``max_order + 1`` times the same operator, for :func:`scattering`.

    References
    ----------
    .. [1] Consortium for Python Data API Standards, "Python array API standard",
       2024.12.

    Examples
    --------
    >>> from sklearn_scat.cascade import Grid
    >>> from sklearn_scat.cascade import wavelet_operators
    >>> from sklearn_scat.filters import morlet_bank
    >>> grid = Grid((32, 32), J=3)
    >>> len(wavelet_operators(morlet_bank(3, grid.padded), grid))
    3
    """
    W = Wavelet2d.from_bank(grid, bank, like=like)
    return [W] * (max_order + 1)
