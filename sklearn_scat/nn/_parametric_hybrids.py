"""Published networks over learned scattering, by name."""

from collections.abc import Sequence
from typing import Literal

from torch import nn

from sklearn_scat.nn._hybrid import Hybrid
from sklearn_scat.nn._layers import linear
from sklearn_scat.nn._parametric import ScatteringParametric2d
from sklearn_scat.nn._wide_residual import WideResNet


def parametric_linear(
    n_classes: int = 10,
    shape: Sequence[int] = (32, 32),
    *,
    J: int = 2,
    L: int = 8,
    init: Literal["tight", "random"] = "tight",
    equivariant: bool = False,
    frozen: bool = False,
    in_channels: int | None = None,
) -> Hybrid:
    """Return learned scattering, batch normalisation and a linear layer.

    Parameters
    ----------
    n_classes : int, default=10
        Number of outputs.
    shape : tuple of int (H, W), default=(32, 32)
        The images, in pixels.
    J, L : int, default=2 and 8
        Scales and orientations of scattering, as published for CIFAR-10.
    init, equivariant
        As in :class:`ScatteringParametric2d`.
    frozen : bool, default=False
        Whether the wavelets stay as they start: the published control.
    in_channels : int, default=None
        Channels of the images; None takes them from the first batch.

    Returns
    -------
    net : Hybrid

    References
    ----------
    .. [1] S. Gauthier et al., "Parametric scattering networks", CVPR 2022, section 4.

    Examples
    --------
    >>> import torch
    >>> from sklearn_scat.nn import parametric_linear
    >>> parametric_linear(shape=(28, 28))(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """
    scattering = ScatteringParametric2d(
        J, shape, L=L, init=init, equivariant=equivariant
    )
    h, w = scattering.grid.output
    features = (
        None if in_channels is None else in_channels * len(scattering.paths) * h * w
    )
    head = nn.Sequential(nn.Flatten(), linear(features, n_classes))
    return Hybrid(scattering, head, frozen=frozen, in_channels=in_channels)


def parametric_wrn(
    depth: int = 20,
    width: int = 8,
    *,
    n_classes: int = 10,
    shape: Sequence[int] = (32, 32),
    J: int = 2,
    L: int = 8,
    init: Literal["tight", "random"] = "tight",
    equivariant: bool = False,
    frozen: bool = False,
    in_channels: int | None = None,
) -> Hybrid:
    """Return a wide residual network over learned scattering.

    Parameters
    ----------
    depth : int, default=20
        4n + 4 for n blocks in each of two groups, as in :func:`scat_wrn`.
    width : int, default=8
        The factor k.
    n_classes : int, default=10
        Number of outputs.
    shape : tuple of int (H, W), default=(32, 32)
        The images, in pixels.
    J, L : int, default=2 and 8
        Scales and orientations of scattering, as published for CIFAR-10.
    init, equivariant
        As in :class:`ScatteringParametric2d`.
    frozen : bool, default=False
        Whether the wavelets stay as they start: the published control.
    in_channels : int, default=None
        Channels of the images; None takes them from the first batch.

    Returns
    -------
    net : Hybrid

    References
    ----------
    .. [1] S. Gauthier et al., "Parametric scattering networks", CVPR 2022, section 4.

    Examples
    --------
    >>> import torch
    >>> from sklearn_scat.nn import parametric_wrn
    >>> parametric_wrn(depth=8, width=1)(torch.zeros(2, 3, 32, 32)).shape
    torch.Size([2, 10])
    """
    scattering = ScatteringParametric2d(
        J, shape, L=L, init=init, equivariant=equivariant
    )
    head = WideResNet(
        depth,
        width,
        n_classes,
        widths=(32, 64),
        strides=(1, 1),
        stem_width=16 * width,
        in_channels=(
            None if in_channels is None else in_channels * len(scattering.paths)
        ),
    )
    return Hybrid(scattering, head, frozen=frozen, in_channels=in_channels)
