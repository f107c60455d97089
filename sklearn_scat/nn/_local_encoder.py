"""The shared local encoder, and what its first layer does to orientations."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from sklearn_scat.nn._layers import BatchNorm1d, BatchNorm2d, convolution, linear


class SharedLocalEncoder(nn.Module):
    """Classify maps of scattering by one perceptron that every position passes.

    Three 1×1 convolutions F1, F2, F3 with batch normalisation and ReLU encode the
    coefficients of every window alone; then come the average over space and three
    linear layers F4, F5, F6. No layer before the average sees more of the image than
    the window of scattering.

    Parameters
    ----------
    n_classes : int, default=1000
        Number of outputs.
    width : int, default=1024
        Channels of F1, F2 and F3, as published.
    hidden : tuple of int, default=(2048, 2048)
        Outputs of F4 and F5.
    pool : int, default=1
        The encoded maps are averaged to pool × pool pixels; 1 is the average over all.
    in_channels : int, default=None
        Channels of the maps; None takes them from the first batch.

    Notes
    -----
    Shape: input (B, C, h, w), output (B, n_classes), scores before a softmax.

    References
    ----------
    .. [1] E. Oyallon, E. Belilovsky and S. Zagoruyko, "Scaling the scattering
       transform: deep hybrid networks", ICCV 2017, section 3.

    Examples
    --------
    >>> import torch
    >>> from sklearn_scat.nn import SharedLocalEncoder
    >>> net = SharedLocalEncoder(10, width=32, hidden=(64, 64))
    >>> maps = torch.zeros(2, 1251, 14, 14)
    >>> net(maps).shape, net.encode(maps).shape
    (torch.Size([2, 10]), torch.Size([2, 32, 14, 14]))
    """

    def __init__(
        self,
        n_classes: int = 1000,
        *,
        width: int = 1024,
        hidden: Sequence[int] = (2048, 2048),
        pool: int = 1,
        in_channels: int | None = None,
    ) -> None:
        super().__init__()
        self.F1 = _encoding(in_channels, width)
        self.F2 = _encoding(width, width)
        self.F3 = _encoding(width, width)
        self.pool = nn.AdaptiveAvgPool2d(pool)
        self.F4 = _hidden(width * pool**2, hidden[0])
        self.F5 = _hidden(hidden[0], hidden[1])
        self.F6 = nn.Linear(hidden[1], n_classes)

    def encode(self, x: Tensor) -> Tensor:
        """Encode every position by itself: (B, C, h, w) to (B, width, h, w)."""
        return self.F3(self.F2(self.F1(x)))

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores of the classes: (B, C, h, w) to (B, n_classes)."""
        x = self.encode(x)
        x = self.pool(x).flatten(1)
        return self.F6(self.F5(self.F4(x)))


def _encoding(in_channels, out_channels):
    """Return one layer of the encoder."""
    return nn.Sequential(
        convolution(in_channels, out_channels, 1), BatchNorm2d(out_channels), nn.ReLU()
    )


def _hidden(in_features, out_features):
    """Return one layer after the average."""
    return nn.Sequential(
        linear(in_features, out_features), BatchNorm1d(out_features), nn.ReLU()
    )


def angular_spectrum(
    weight: ArrayLike, paths: NDArray[Any], *, order: int = 1
) -> NDArray[Any]:
    r"""Return the energy of a first layer at each angular frequency.

    A rotation of the image by π/L moves the coefficient of the path (j1, θ1) to that of
    (j1, θ1 + π/L). With W the weights along this cycle of L paths,

    .. math:: E(\omega) = \sum \left| \sum_{l=0}^{L-1} W(l)\, e^{-2 i \pi \omega l / L}
              \right|^2 \Big/ L \sum \sum_l W(l)^2,

    where the outer sums go over outputs, channels and scales. Energy at frequency 0
    belongs to weights that do not depend on the orientation: of a layer that has
    learned the invariance to rotations. Weights drawn at random have a flat spectrum,
    1/L everywhere.

    Parameters
    ----------
    weight : array-like of shape (n_outputs, C·P, …)
        Weights on channel-major maps of scattering, such as those of ``F1[0]``;
        further axes, of a kernel's pixels, may follow.
    paths : structured ndarray of shape (P,)
        Of :func:`sklearn_scat.cascade.path_table`.
    order : int, default=1
        Which paths: those of this order. Beyond 1 the later angles turn with the first.

    Returns
    -------
    E : ndarray of shape (L,)
        Of sum 1, by the DFT's order of frequencies.

    Raises
    ------
    ValueError
        If the weights are not on these paths, or there are none of this order.

    References
    ----------
    .. [1] E. Oyallon, E. Belilovsky and S. Zagoruyko, "Scaling the scattering
       transform: deep hybrid networks", ICCV 2017, section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.cascade import path_table
    >>> from sklearn_scat.nn import angular_spectrum
    >>> invariant = np.ones((5, 3 * 81))
    >>> angular_spectrum(invariant, path_table(J=2, L=8))[:3].tolist()
    [1.0, 0.0, 0.0]
    """
    weight = np.asarray(getattr(weight, "detach", lambda: weight)(), dtype=float)
    paths = np.asarray(paths)
    n_outputs, n_channels = weight.shape[:2]
    if n_channels % len(paths):
        raise ValueError(
            f"The input channels of a layer over {len(paths)} paths are a multiple of "
            f"{len(paths)}; these weights have {n_channels}."
        )
    cycles = _cycles(paths, order)
    by_path = weight.reshape(n_outputs, -1, len(paths), *weight.shape[2:])
    along = np.moveaxis(by_path, 2, -1)[..., cycles]  # (n_outputs, C, …, cycles, L)
    energy = np.abs(np.fft.fft(along)) ** 2
    total = energy.reshape(-1, energy.shape[-1]).sum(0)
    return total / max(total.sum(), np.finfo(float).tiny)


def _cycles(paths, order):
    """Return the indices of the paths that rotations turn into each other: (n, L)."""
    if order < 1 or order not in paths["order"]:
        largest = paths["order"].max()
        raise ValueError(
            f"order must be between 1 and {largest}, the orders with orientations in "
            f"this table; got {order}."
        )
    L = paths["theta1"].max() + 1
    chosen = np.flatnonzero(paths["order"] == order)
    of_order = paths[chosen]
    scales = [of_order[f"j{m}"] for m in range(1, order + 1)]
    angles = [of_order[f"theta{m}"] for m in range(1, order + 1)]
    relative = [(angle - angles[0]) % L for angle in angles[1:]]
    by = np.lexsort([angles[0], *relative, *scales])
    return chosen[by].reshape(-1, L)
