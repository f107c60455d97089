"""The scattering transform as a torch module."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

import torch
from torch import Tensor

from sklearn_scat.cascade import (
    Grid,
    RealWavelet2d,
    Wavelet2d,
    path_table,
    scattering_tiles,
)
from sklearn_scat.engines import NativeLayer
from sklearn_scat.filters import cached_bank
from sklearn_scat.nn._coefficients import coefficients, low_passes
from sklearn_scat.nn._recomputed import recomputed


class Scattering2d(torch.nn.Module):
    r"""Represent images by their scattering coefficients: a layer without weights.

    The same numbers as :class:`sklearn_scat.ScatteringTransformer`, differentiable in
    the images. The filters are non-persistent buffers: they follow ``.to()`` and stay
    out of ``state_dict``. Under autocast the transform keeps the precision of its
    filters, as an FFT has no half precision on most devices.

    Parameters
    ----------
    J : int
        Number of scales: averages are over windows of about :math:`2^J` pixels.
    shape : tuple of int (H, W)
        The images, in pixels.
    L : int, default=8
        Number of orientations in [0, π).
    max_order : int, default=2
        Largest number of wavelets along a path.
    padding : {"reflect", "zero", "periodic"}, default="reflect"
        What continues an image past its sides.
    wavelet : {"morlet"} or callable, default="morlet"
        The family of wavelets, see :func:`sklearn_scat.filters.cached_bank`.
    frame : {"none", "contractive", "tight"}, default="none"
        How the wavelets are normalised.
    oversampling : int, default=0
        log2 of the density of samples over the critical one.
    engine : {"auto", "torch"}, default="auto"
        "torch" computes by torch's operations; "auto" takes the native kernel, both
        forward and backward, where it applies: float32 on the CPU, up to order 2, no
        oversampling, and filters that nobody has changed or trains.
    recompute : bool, default=False
        For gradients by torch's operations, as on a GPU: keep the images alone, and
        compute their maps again for the gradient, a few images at once. Gradients then
        take bounded memory, and a third more time. The native kernel always does so.
    separate_paths : bool, default=False
        Give paths an axis of their own: images (…, H, W) with any axes before, or none,
        become (…, P, h, w), as in Kymatio. Otherwise images are (B, C, H, W), and paths
        join the channels.

    Attributes
    ----------
    grid : Grid
        Where the samples lie.
    paths : structured ndarray of shape (P,)
        See :func:`sklearn_scat.cascade.path_table`.
    n_paths : int
        P, their number.

    Raises
    ------
    ValueError
        If :math:`2^J` is more than the shorter side, or images of another shape come,
        or `engine` is another one.

    Notes
    -----
    Shape: input (B, C, H, W), output (B, C·P, h, w), channel-major; under
    `separate_paths` input (…, H, W), output (…, P, h, w).

    The native kernel serves ordinary tensors and their gradients. Gradients of
    gradients, ``torch.func``, ``torch.compile`` and forward differentiation go by
    torch's operations, as float64 and other devices do; the numbers agree to rounding.

    ``torch.export`` and ``torch.onnx.export(..., dynamo=True)`` write it down for any
    number of images, where their axis is said to be dynamic; the latter without a
    Fourier transform or complex numbers, which runtimes lack.

    The kernel, and torch's operations under ``torch.inference_mode``, compute moduli
    from squares: give float32 images of magnitudes between 1e-12 and 1e18.

    References
    ----------
    .. [1] E. Oyallon et al., "Scattering networks for hybrid representation learning",
       IEEE TPAMI 41(9), 2018.

    Examples
    --------
    >>> import torch
    >>> from sklearn_scat.nn import Scattering2d
    >>> Scattering2d(2, (32, 32))(torch.zeros(4, 3, 32, 32)).shape
    torch.Size([4, 243, 8, 8])
    >>> Scattering2d(2, (32, 32), separate_paths=True)(torch.zeros(32, 32)).shape
    torch.Size([81, 8, 8])
    """

    def __init__(
        self,
        J: int,
        shape: Sequence[int],
        *,
        L: int = 8,
        max_order: int = 2,
        padding: Literal["reflect", "zero", "periodic"] = "reflect",
        wavelet: Literal["morlet"] | Callable[..., Any] = "morlet",
        frame: Literal["none", "contractive", "tight"] = "none",
        oversampling: int = 0,
        engine: Literal["auto", "torch"] = "auto",
        recompute: bool = False,
        separate_paths: bool = False,
    ) -> None:
        super().__init__()
        if engine not in ("auto", "torch"):
            raise ValueError(f"engine must be 'auto' or 'torch'; got {engine!r}.")
        self.engine = engine
        self.recompute = recompute
        self.separate_paths = separate_paths
        self.grid = Grid(tuple(shape), J, padding, oversampling)
        self.max_order = max_order
        self.paths = path_table(J, L, max_order)
        find_bank = partial(
            cached_bank, J, self.grid.padded, L=L, wavelet=wavelet, frame=frame
        )
        self._native = NativeLayer(find_bank, self.grid, max_order)
        bank = find_bank()
        filters = {"psi_hat": bank.psi_hat}
        for r, (rows, columns) in enumerate(self.grid.averages(bank)):
            filters |= {f"rows_{r}": rows, f"columns_{r}": columns}
        dtype = torch.get_default_dtype()
        for name, array in filters.items():
            buffer = torch.tensor(array, dtype=dtype)
            self.register_buffer(name, buffer, persistent=False)

    def operators(self) -> Any:
        """Return the operators of the network, on the module's device."""
        return self._operators(dict(self.named_buffers()))

    def _operators(self, buffers):
        """Return the operators that filters by name make."""
        # ONNX has no complex numbers
        kind = RealWavelet2d if torch.onnx.is_in_onnx_export() else Wavelet2d
        W = kind(self.grid, buffers["psi_hat"], low_passes(buffers, self.grid))
        return [W] * (self.max_order + 1)

    @property
    def n_paths(self) -> int:
        """Number of coefficients of one channel at each position."""
        return len(self.paths)

    def out_channels(self, in_channels: int = 1) -> int:
        """Return the channels C·P that images of `in_channels` channels come out with.

        Parameters
        ----------
        in_channels : int, default=1
            C; 1 for grey images, 3 for colours.

        Returns
        -------
        out_channels : int
            What a layer that follows takes as its own `in_channels`.
        """
        return in_channels * self.n_paths

    def forward(self, x: Tensor) -> Tensor:
        """Return the coefficients of images: (B, C, H, W) to (B, C·P, h, w).

        Or (…, H, W) to (…, P, h, w) where paths are separate.
        """
        if not self.separate_paths:
            return coefficients(self, x, dtype=self.psi_hat.dtype, maps=self._maps)
        if x.ndim < 2:
            raise ValueError(
                f"x has shape {tuple(x.shape)}; pass images (…, H, W), of two axes or "
                "more."
            )
        images = x.reshape(-1, 1, *x.shape[-2:])
        S = coefficients(self, images, dtype=self.psi_hat.dtype, maps=self._maps)
        return S.reshape(*x.shape[:-2], *S.shape[1:])

    def _maps(self, x):
        """Return the coefficients (B, C, P, h, w), by the engine that applies."""
        filters = dict(self.named_buffers())

        def define(x):
            return scattering_tiles(x, self._operators(filters))

        if torch.compiler.is_compiling():
            return define(x)
        if self.engine == "auto" and self._native.applies(x, filters):
            return self._native(x, filters, define)
        if self.recompute and torch.is_grad_enabled():
            return recomputed(define, x, image_bytes=self._graph_bytes(x))
        return define(x)

    def _graph_bytes(self, x):
        """Return about how much torch holds of one image (C, H, W) for its gradient."""
        J, L, *_ = self.psi_hat.shape
        maps = x.shape[1] * J * L * (1 + L / 2)  # complex, of order 2 subsampled
        return int(maps * 2 * self.psi_hat[0, 0].nbytes)

    def extra_repr(self) -> str:
        """Return the parameters, for printing."""
        return f"J={self.grid.J}, shape={self.grid.shape}, max_order={self.max_order}"
