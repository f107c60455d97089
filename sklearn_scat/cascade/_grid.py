"""The grids of a cascade: padding, resolutions, output samples, low-pass matrices."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_scat.cascade._low_pass import block_matrix, low_pass, mean_weights
from sklearn_scat.filters import FilterBank

PADDINGS = ("reflect", "zero", "periodic")


@dataclass(frozen=True)
class Grid:
    """Say where the samples of every layer lie, for one image size.

    Parameters
    ----------
    shape : tuple of int (M, N)
        The image, in pixels.
    J : int
        The averaging window is 2^J pixels; 2^J ≤ min(M, N).
    padding : {"reflect", "zero", "periodic"}, default="reflect"
        What continues the image past its sides. "reflect" mirrors it about its first
        and last pixels, "zero" puts zeros, "periodic" pads nothing and wraps around:
        the sides must then divide by 2^J.
    oversampling : int, default=0
        Maps are sampled 2^oversampling times more densely than the critical step.

    Raises
    ------
    ValueError
        If the window is larger than the image, or periodic sides do not divide.

    Examples
    --------
    >>> from sklearn_scat.cascade import Grid
    >>> grid = Grid((28, 28), J=2)
    >>> grid.padded, grid.output
    ((36, 36), (7, 7))
    """

    shape: tuple
    J: int
    padding: str = "reflect"
    oversampling: int = 0

    def __post_init__(self):
        """Check that the window fits the image."""
        if len(self.shape) != 2 or min(self.shape) < 1:
            raise ValueError(f"shape must be (M, N) in pixels; got {self.shape}.")
        for name in ("J", "oversampling"):
            number = getattr(self, name)
            if number < 0 or number != int(number):
                raise ValueError(
                    f"{name} must be 0 or a positive integer; got {number}."
                )
            object.__setattr__(self, name, int(number))
        object.__setattr__(self, "shape", tuple(int(n) for n in self.shape))
        if self.padding not in PADDINGS:
            raise ValueError(
                f"padding must be one of {PADDINGS}; got {self.padding!r}."
            )
        self._check_window()

    def _check_window(self):
        """Refuse windows larger than the image, and periods they do not divide."""
        largest = min(self.shape).bit_length() - 1
        if self.J > largest:
            raise ValueError(
                f"J={self.J} averages over 2^J pixels, more than the "
                f"shorter side of {self.shape[0]}x{self.shape[1]} images. The largest "
                f"J for this size is {largest}."
            )
        if self.padding == "periodic" and any(n % 2**self.J for n in self.shape):
            raise ValueError(
                f"padding='periodic' needs sides that divide by 2^J = {2**self.J}; "
                f"got {self.shape[0]}x{self.shape[1]}. Crop the images, lower J, or "
                "take padding='reflect'."
            )

    @property
    def padded(self) -> tuple[int, ...]:
        """The padded grid (M_p, N_p), in pixels."""
        if self.padding == "periodic":
            return self.shape
        return tuple((n // 2**self.J + 2) * 2**self.J for n in self.shape)

    @property
    def output(self) -> tuple[int, ...]:
        """The side lengths (h, w) of the averaged maps."""
        return tuple(
            (n // 2**self.J) * 2 ** min(self.oversampling, self.J) for n in self.shape
        )

    @property
    def places(self) -> tuple[np.ndarray, ...]:
        """The pixels at which the averages are taken: rows (h,) and columns (w,)."""
        return tuple(
            self.step(0) * (np.arange(n_out) + self.crop) - (n_padded - n) // 2
            for n, n_padded, n_out in zip(
                self.shape, self.padded, self.output, strict=True
            )
        )

    def resolution(self, j: int) -> int:
        """Return log2 of the step between samples of a map of scale j."""
        return max(j - self.oversampling, 0)

    def gathers(self) -> tuple[NDArray[Any], ...]:
        """Return the pixel that each padded row and column repeats; −1 for zero."""
        return tuple(
            padding_index(n, n_padded, padding=self.padding)
            for n, n_padded in zip(self.shape, self.padded, strict=True)
        )

    @property
    def crop(self) -> int:
        """How many averages before the first of the output lie in the padding."""
        if self.padding == "periodic":
            return 0
        return 2 ** (self.J - self.resolution(self.J))

    def step(self, resolution: int) -> int:
        """Return how many samples of maps at a resolution lie between two averages."""
        return 2 ** (self.resolution(self.J) - resolution)

    def low_passes(self, bank: FilterBank) -> list[tuple[NDArray[Any], NDArray[Any]]]:
        """Return, per resolution, φ along rows and along columns.

        Returns
        -------
        low_passes : list of (ndarray (M_p/2^r,), ndarray (N_p/2^r,))
            For the resolutions r = 0 … max(J − 1 − oversampling, 0).
        """
        return [
            (low_pass(bank.phi_hat_rows, r), low_pass(bank.phi_hat_columns, r))
            for r in range(self.resolution(max(self.J - 1, 0)) + 1)
        ]

    def averages(self, bank: FilterBank) -> list[tuple[NDArray[Any], NDArray[Any]]]:
        """Return, per resolution, the matrices (A, B) with S = A U Bᵀ.

        They blur with φ, subsample and drop the padding in one. For a side of more than
        512 averages it is the matrix of 512 of them, which
        :class:`~sklearn_scat.cascade.Wavelet2d` applies block by block.

        Returns
        -------
        averages : list of (ndarray (h, M_p/2^r), ndarray (w, N_p/2^r))
            For the resolutions r = 0 … max(J − 1 − oversampling, 0).
        """
        return [
            tuple(
                block_matrix(phi, n_out, step=self.step(r), crop=self.crop)
                for phi, n_out in zip(pair, self.output, strict=True)
            )
            for r, pair in enumerate(self.low_passes(bank))
        ]

    def mean_weights(self, bank: FilterBank) -> list[tuple[NDArray[Any], NDArray[Any]]]:
        """Return, per resolution, the weights (a, b) with mean(S) = aᵀ U b.

        The mean over space of S = A U Bᵀ is a weighted sum of U, by the means of the
        rows of A and of B: it takes no low-pass.

        Returns
        -------
        weights : list of (ndarray (M_p/2^r,), ndarray (N_p/2^r,))
            For the resolutions r = 0 … max(J − 1 − oversampling, 0).
        """
        return [
            tuple(
                mean_weights(phi, n_out, step=self.step(r), crop=self.crop)
                for phi, n_out in zip(pair, self.output, strict=True)
            )
            for r, pair in enumerate(self.low_passes(bank))
        ]


def padding_index(n, n_padded, *, padding):
    """Return, for each padded sample, the pixel it repeats, or −1 for zero: (n_p,)."""
    return continued(np.arange(n_padded) - (n_padded - n) // 2, n, padding=padding)


def continued(u: np.ndarray, n: int, *, padding: str) -> np.ndarray:
    """Return which pixels of a side stand at places beyond it.

    Parameters
    ----------
    u : ndarray of int
        Places, 0 being the first pixel.
    n : int
        Pixels of the side.
    padding : {"reflect", "periodic", "zero"}
        How the image goes on.

    Returns
    -------
    pixels : ndarray of int, shaped as u
        From 0 to n - 1; -1 where there is zero.
    """
    if padding == "zero":
        return np.where((u >= 0) & (u < n), u, -1)
    if padding == "periodic":
        return u % n
    period = max(2 * (n - 1), 1)  # one pixel repeats its one value
    u = u % period
    return np.minimum(u, period - u) if n > 1 else np.zeros_like(u)
