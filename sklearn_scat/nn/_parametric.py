"""Scattering whose wavelets are learned."""

import math
from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import Tensor, nn

from sklearn_scat.cascade import Grid, Wavelet2d, path_table, scattering_tiles
from sklearn_scat.filters import FilterBank, cached_morlet_bank, littlewood_paley
from sklearn_scat.nn._coefficients import coefficients, low_passes
from sklearn_scat.nn._morlet import morlet_hat


class ScatteringParametric2d(nn.Module):
    r"""Represent images by scattering coefficients of learned Morlet wavelets.

    The direction θ, frequency ξ, deviation σ and slant of the wavelets are the weights
    of the layer; the low-pass is fixed. All orders take the same wavelets, which are
    built anew at each call.

    Parameters
    ----------
    J : int
        Number of scales: averages are over windows of about :math:`2^J` pixels.
    shape : tuple of int (H, W)
        The images, in pixels.
    L : int, default=8
        Number of orientations.
    max_order : int, default=2
        Largest number of wavelets along a path.
    equivariant : bool, default=False
        False learns four numbers for each of the J·L wavelets. True learns them for
        each of the J scales, whose wavelets are at :math:`\theta_j - l\pi/L`, so that
        the layer stays covariant to rotations.
    init : {"tight", "random"}, default="tight"
        "tight" starts from the wavelets of :class:`Scattering2d`; "random" draws θ
        from [0, 2π), ξ from [½, 1], the slant from [½, 3/2] and :math:`e^\sigma` from
        [e, e⁵], uniformly.
    padding : {"reflect", "zero", "periodic"}, default="reflect"
        What continues an image past its sides.
    oversampling : int, default=0
        log2 of the density of samples over the critical one.

    Attributes
    ----------
    theta, log_xi, log_sigma, log_slant : Parameter of shape (J, L) or (J,)
        The weights. Logarithms keep frequencies and widths positive.
    grid : Grid
        Where the samples lie.
    paths : structured ndarray of shape (P,)
        See :func:`sklearn_scat.cascade.path_table`.

    Raises
    ------
    ValueError
        If :math:`2^J` is more than the shorter side, J is 0 or `init` is unknown, or
        images of another shape come.

    Notes
    -----
    Shape: input (B, C, H, W), output (B, C·P, h, w), channel-major.

    Published training takes SGD with a one-cycle schedule and a rate of 0.1 for these
    weights, apart from the rate of the head. Learned wavelets may amplify:
    :meth:`littlewood_paley` says by how much.

    References
    ----------
    .. [1] S. Gauthier et al., "Parametric scattering networks", CVPR 2022, section 3.

    Examples
    --------
    >>> import torch
    >>> from sklearn_scat.nn import ScatteringParametric2d
    >>> layer = ScatteringParametric2d(2, (32, 32))
    >>> layer(torch.zeros(4, 3, 32, 32)).shape, layer.theta.shape
    (torch.Size([4, 243, 8, 8]), torch.Size([2, 8]))
    """

    theta: Tensor
    log_xi: Tensor
    log_sigma: Tensor
    log_slant: Tensor

    def __init__(
        self,
        J: int,
        shape: Sequence[int],
        *,
        L: int = 8,
        max_order: int = 2,
        equivariant: bool = False,
        init: Literal["tight", "random"] = "tight",
        padding: Literal["reflect", "zero", "periodic"] = "reflect",
        oversampling: int = 0,
    ) -> None:
        super().__init__()
        if init not in STARTS or J == 0:
            raise ValueError(
                "A learned scattering has J of 1 or more, and starts from one of "
                f"{sorted(STARTS)}; got J={J}, init={init!r}."
            )
        self.grid = Grid(tuple(shape), J, padding, oversampling)
        self.max_order = max_order
        self.equivariant = equivariant
        self.paths = path_table(J, L, max_order)
        self.L = L
        start = STARTS[init](self.grid.J, 1 if equivariant else L, steps=L)
        for name, values in start.items():
            values = values.to(torch.get_default_dtype())
            self.register_parameter(
                name, nn.Parameter(values[:, 0] if equivariant else values)
            )
        averages = self.grid.averages(self._fixed_bank())
        for r, (rows, columns) in enumerate(averages):
            self._keep(f"rows_{r}", rows)
            self._keep(f"columns_{r}", columns)

    def _fixed_bank(self):
        """Return the bank of which the low-pass is taken."""
        return cached_morlet_bank(self.grid.J, self.grid.padded, L=self.L)

    def _keep(self, name, array):
        """Hold an array that is not learned."""
        buffer = torch.tensor(array, dtype=torch.get_default_dtype())
        self.register_buffer(name, buffer, persistent=False)

    def morlet_parameters(self) -> dict[str, Any]:
        """Return the parameters of every wavelet.

        Returns
        -------
        parameters : dict
            ``theta`` in radians, ``xi`` in radians per pixel, ``sigma`` in pixels,
            ``slant``: each a Tensor of shape (J, L).
        """
        theta = self.theta
        if self.equivariant:
            steps = torch.arange(self.L, device=theta.device) * (math.pi / self.L)
            theta = theta[:, None] - steps
        positive = {"xi": self.log_xi, "sigma": self.log_sigma, "slant": self.log_slant}
        return {"theta": theta} | {
            name: log.reshape(self.grid.J, -1).exp().expand(-1, self.L)
            for name, log in positive.items()
        }

    def psi_hat(self) -> Any:
        """Return the real Fourier transforms of the wavelets: (J, L, M_p, N_p)."""
        parameters = self.morlet_parameters()
        scales = [
            morlet_hat(self.grid.padded, **{n: p[j] for n, p in parameters.items()})
            for j in range(self.grid.J)
        ]
        return torch.stack(scales)

    def operators(self) -> Any:
        """Return the operators of the network, on the module's device."""
        averages = low_passes(dict(self.named_buffers()), self.grid)
        W = Wavelet2d(self.grid, self.psi_hat(), averages)
        return [W] * (self.max_order + 1)

    def bank(self) -> FilterBank:
        """Return the filters as they are now.

        Returns
        -------
        bank : FilterBank
            In float64, on the padded grid.
        """
        fixed = self._fixed_bank()
        psi_hat = self.psi_hat().detach().cpu().double().numpy()
        return FilterBank(psi_hat, fixed.phi_hat_rows, fixed.phi_hat_columns)

    def littlewood_paley(self) -> float:
        """Return the largest Littlewood–Paley sum of the filters as they are now.

        Returns
        -------
        largest : float
            A layer multiplies no distance by more than its square root: above 1 it may
            amplify.
        """
        return float(littlewood_paley(self.bank()).max())

    def forward(self, x: Tensor) -> Tensor:
        """Return the coefficients of images: (B, C, H, W) to (B, C·P, h, w)."""
        return coefficients(self, x, dtype=self.theta.dtype, maps=self._maps)

    def _maps(self, x):
        """Return the coefficients (B, C, P, h, w)."""
        return scattering_tiles(x, self.operators())

    def extra_repr(self) -> str:
        """Return the parameters, for printing."""
        return (
            f"J={self.grid.J}, shape={self.grid.shape}, L={self.L}, "
            f"max_order={self.max_order}, equivariant={self.equivariant}"
        )


def tight_start(J, n_angles, *, steps):
    """Return the parameters of the fixed bank: each (J, n_angles)."""
    j = torch.arange(J, dtype=torch.float64)[:, None].expand(-1, n_angles)
    turned = math.floor(steps - steps / 2 - 1) - torch.arange(n_angles)
    return {
        "theta": (turned * (math.pi / steps)).double().expand(J, -1).clone(),
        "log_xi": (0.75 * math.pi / 2**j).log(),
        "log_sigma": (0.8 * 2**j).log(),
        "log_slant": torch.full((J, n_angles), math.log(4 / steps)),
    }


def random_start(J, n_angles, *, steps):
    """Return parameters drawn at random: each (J, n_angles)."""
    theta, xi, sigma, slant = torch.rand(4, J, n_angles, dtype=torch.float64)
    return {
        "theta": 2 * math.pi * theta,
        "log_xi": (0.5 + xi / 2).log(),
        "log_sigma": (math.e + (math.e**5 - math.e) * sigma).log().log(),
        "log_slant": (0.5 + slant).log(),
    }


STARTS = {"tight": tight_start, "random": random_start}
