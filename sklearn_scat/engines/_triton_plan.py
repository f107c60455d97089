"""What the Triton engine keeps on a device: filters, matrices, an index."""

import math
from dataclasses import dataclass

import torch

from sklearn_scat.cascade import Wavelet2d
from sklearn_scat.cascade._low_pass import averaging_matrix

# Bytes of the maps of a tile of images where the device does not tell its L2's.
_TILE_BYTES = 2**25

# Of a low-pass matrix, which the kernels take whole.
_MATRIX_BYTES = 2**30


def side_obstacle(grid):
    """Return why the sides of a grid are too long for the kernels, or None."""
    matrix = max(
        4 * math.prod(side) for side in zip(grid.output, grid.padded, strict=True)
    )
    if matrix <= _MATRIX_BYTES:
        return None
    return (
        f"it keeps the low-pass along a side in one matrix, of up to "
        f"{_MATRIX_BYTES >> 20} MiB, and that for images of "
        f"{grid.shape[0]}x{grid.shape[1]} takes {matrix >> 20} MiB"
    )


def _whole_averages(grid, bank):
    """Return the low-pass of every resolution as two whole matrices."""
    for r, pair in enumerate(grid.low_passes(bank)):
        yield tuple(
            torch.from_numpy(
                averaging_matrix(phi, n_out, step=grid.step(r), crop=grid.crop)
            )
            for phi, n_out in zip(pair, grid.output, strict=True)
        )


def _mean_weights(grid, bank):
    """Return the weights of means over space as two matrices of one row each."""
    for pair in grid.mean_weights(bank):
        yield tuple(torch.from_numpy(weights[None]) for weights in pair)


@dataclass(frozen=True)
class TritonPlan:
    """Filters, matrices and index of one image size, on a device.

    Attributes
    ----------
    grid : Grid
        Where the samples lie.
    L, max_order : int
        Number of orientations, and largest number of wavelets along a path.
    bands : dict of {(j, r): Tensor (L, m, n)}
        Filters of scale j at resolution r, divided by the size of the inverse FFT.
    averages : list of (Tensor (h, m), Tensor (n, w))
        Low-pass matrices A and Bᵀ, by resolution; of one row and one column, the
        weights of means over space, where those are computed instead.
    pixels : Tensor of int64 (M_p·N_p,)
        The pixel of the image that each padded one repeats.
    inside : Tensor (M_p·N_p,) or None
        0 where zeros continue the image, and 1 elsewhere; None where all is 1.
    """

    grid: object
    L: int
    max_order: int
    bands: dict
    averages: list
    pixels: torch.Tensor
    inside: torch.Tensor | None

    @classmethod
    def from_bank(cls, grid, bank, *, max_order, device, mean=False):
        """Put the filters of a bank on a device, in float32, for maps or for means."""
        W = Wavelet2d.from_bank(grid, bank, like=torch.empty(0, dtype=torch.float64))

        def on_device(tensor):
            return tensor.to(device, torch.float32).contiguous()

        bands = {}
        for (j, r), psi_hat in W.bands.items():
            folded = psi_hat[0].numel() / 4 ** (grid.resolution(j) - r)
            bands[j, r] = on_device(psi_hat / folded)
        matrices = _mean_weights if mean else _whole_averages
        averages = [(on_device(a), on_device(b.mT)) for a, b in matrices(grid, bank)]
        rows, columns = (torch.from_numpy(g) for g in grid.gathers())
        pixels = rows.clamp(min=0)[:, None] * grid.shape[1] + columns.clamp(min=0)
        inside = None
        if grid.padding == "zero":
            inside = on_device(((rows >= 0)[:, None] & (columns >= 0)).flatten())
        return cls(
            grid, W.L, max_order, bands, averages, pixels.flatten().to(device), inside
        )

    @property
    def output(self):
        """Shape of what is computed of a map: (h, w), or (1, 1) for means."""
        rows, columns = self.averages[-1]
        return rows.shape[0], columns.shape[1]

    @property
    def n_paths(self):
        """Number of coefficients at each position: P."""
        J, L = self.grid.J, self.L
        return 1 + L * J * (self.max_order > 0) + self.n_pairs * (self.max_order > 1)

    @property
    def n_pairs(self):
        """Number of paths of order 2."""
        return self.L**2 * self.grid.J * (self.grid.J - 1) // 2

    def tile_size(self, device):
        """Return how many images are computed at once.

        As many as have maps that stay in the L2 of a device, and no fewer than give
        each of its multiprocessors a map.
        """
        cache, least = _TILE_BYTES, 1
        if device.type == "cuda":
            properties = torch.cuda.get_device_properties(device)
            cache = properties.L2_cache_size or cache
            least = -(-properties.multi_processor_count // self.L)
        # A complex first layer, and a second, subsampled one before and after its FFT.
        layer = 8 * self.L * self.pixels.numel() * (1 + self.L / 2)
        return max(least, int(cache / layer))
