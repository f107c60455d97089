"""Roto-translation scattering as a torch module."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import torch
from torch import Tensor

from sklearn_scat.cascade import FORMS, Grid, Wavelet2d, scattering_tiles
from sklearn_scat.filters import cached_bank
from sklearn_scat.nn._coefficients import coefficients, low_passes


class RotoTranslationScattering2d(torch.nn.Module):
    r"""Represent images by scattering coefficients that also know about rotation.

    The same numbers as :class:`sklearn_scat.RotoTranslationScattering`, differentiable
    in the images: a layer without weights. The filters, in space and along angles, are
    non-persistent buffers: they follow ``.to()`` and stay out of ``state_dict``. Under
    autocast the transform keeps the precision of its filters, as an FFT has no half
    precision on most devices.

    Parameters
    ----------
    J : int
        Number of scales: averages are over windows of about :math:`2^J` pixels.
    shape : tuple of int (H, W)
        The images, in pixels.
    L : int, default=8
        Number of orientations in [0, π).
    K : int, default=None
        Number of angular scales. None takes what
        :func:`sklearn_scat.cascade.angular_scales` gives.
    form : {"rigid", "complete", "separable"}, default="rigid"
        "rigid" convolves on the group of rigid motions, and averages over the first
        angle; "complete" also filters averages of the first layer along it.
        "separable" keeps absolute angles; it needs an L that divides by 4.
    max_order : {0, 1, 2}, default=2
        Largest number of wavelets along a path.
    padding : {"reflect", "zero", "periodic"}, default="reflect"
        What continues an image past its sides.
    wavelet : {"morlet"} or callable, default="morlet"
        The family of wavelets in space, see :func:`sklearn_scat.filters.cached_bank`.
    frame : {"none", "contractive", "tight"}, default="none"
        How the wavelets are normalised, in space and along angles.
    oversampling : int, default=0
        log2 of the density of samples over the critical one.

    Attributes
    ----------
    grid : Grid
        Where the samples lie.
    K : int
        The number of angular scales in use.
    paths : structured ndarray of shape (P,)
        See :func:`sklearn_scat.cascade.rigid_path_table`,
        :func:`sklearn_scat.cascade.complete_path_table` and
        :func:`sklearn_scat.cascade.separable_path_table`.

    Raises
    ------
    ValueError
        If :math:`2^J` is more than the shorter side, a parameter is not one of those
        named above, or images of another shape come.

    Notes
    -----
    Shape: input (B, C, H, W), output (B, C·P, h, w), channel-major.

    Under ``torch.inference_mode`` moduli are computed from squares: give float32 images
    of magnitudes between 1e-12 and 1e18.

    References
    ----------
    .. [1] L. Sifre and S. Mallat, "Rotation, scaling and deformation invariant
       scattering for texture discrimination", CVPR 2013.
    .. [2] E. Oyallon and S. Mallat, "Deep roto-translation scattering for object
       classification", CVPR 2015.

    Examples
    --------
    >>> import torch
    >>> from sklearn_scat.nn import RotoTranslationScattering2d
    >>> layer = RotoTranslationScattering2d(2, (32, 32))
    >>> layer(torch.zeros(4, 3, 32, 32)).shape
    torch.Size([4, 105, 8, 8])
    """

    def __init__(
        self,
        J: int,
        shape: Sequence[int],
        *,
        L: int = 8,
        K: int | None = None,
        form: Literal["rigid", "separable"] = "rigid",
        max_order: int = 2,
        padding: Literal["reflect", "zero", "periodic"] = "reflect",
        wavelet: Literal["morlet"] | Callable[..., Any] = "morlet",
        frame: Literal["none", "contractive", "tight"] = "none",
        oversampling: int = 0,
    ) -> None:
        super().__init__()
        if form not in FORMS:
            raise ValueError(f"form must be one of {sorted(FORMS)}; got {form!r}.")
        if max_order not in (0, 1, 2):
            raise ValueError(f"max_order must be 0, 1 or 2; got {max_order!r}.")
        self.grid = Grid(tuple(shape), J, padding, oversampling)
        self.form, self.max_order = form, max_order
        self.K = FORMS[form].scales(int(L), K)
        self.paths = FORMS[form].path_table(J, L, self.K, max_order=max_order)
        self._keep_spatial(
            cached_bank(J, self.grid.padded, L=L, wavelet=wavelet, frame=frame)
        )
        circle = FORMS[form].circle(L, self.K, frame=frame)
        for k, h in enumerate(FORMS[form].filters(circle)):
            # In two real parts: casting a module casts complex numbers to real ones.
            self._keep(f"angular_{k}", h.view(float).reshape(*h.shape, 2))

    def _keep_spatial(self, bank):
        """Hold the filters of images."""
        self._keep("psi_hat", bank.psi_hat)
        for r, (rows, columns) in enumerate(self.grid.averages(bank)):
            self._keep(f"rows_{r}", rows)
            self._keep(f"columns_{r}", columns)

    def _keep(self, name, array):
        """Hold an array."""
        buffer = torch.tensor(array, dtype=torch.get_default_dtype())
        self.register_buffer(name, buffer, persistent=False)

    def operators(self) -> Any:
        """Return the operators of the network, on the module's device."""
        buffers = dict(self.named_buffers())
        filters = [
            torch.view_as_complex(buffers[f"angular_{k}"]) for k in range(self.K + 1)
        ]
        W = Wavelet2d(self.grid, self.psi_hat, low_passes(buffers, self.grid))
        return FORMS[self.form].layers(W, filters, max_order=self.max_order)

    def forward(self, x: Tensor) -> Tensor:
        """Return the coefficients of images: (B, C, H, W) to (B, C·P, h, w)."""
        return coefficients(self, x, dtype=self.psi_hat.dtype, maps=self._maps)

    def _maps(self, x):
        """Return the coefficients (B, C, P, h, w)."""
        return scattering_tiles(x, self.operators())

    def extra_repr(self) -> str:
        """Return the parameters, for printing."""
        return (
            f"J={self.grid.J}, shape={self.grid.shape}, K={self.K}, "
            f"form={self.form!r}, max_order={self.max_order}"
        )
