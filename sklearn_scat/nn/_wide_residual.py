"""Wide residual networks."""

from collections.abc import Sequence

from sklearn_scat.nn._residual import ResNet


class WideResNet(ResNet):
    r"""Classify small images, or maps of scattering, by wide residual blocks.

    A 3×3 convolution, groups of n basic blocks, the average over all pixels, a linear
    layer. Normalisation and ReLU follow each convolution.

    Parameters
    ----------
    depth : int, default=16
        With G groups, n = (depth − 4) / 2G blocks each: a network of three groups is
        named by :math:`6n + 4`, one of two groups over scattering by :math:`4n + 4`.
    width : int, default=8
        Factor k of all `widths`.
    n_classes : int, default=10
        Number of outputs.
    widths : sequence of int, default=(16, 32, 64)
        Channels of the groups for k = 1.
    strides : sequence of int, default=(1, 2, 2)
        Stride of the first block of each group.
    stem_width : int, default=16
        Channels of the first convolution.
    in_channels : int, default=None
        None takes them from the first batch.

    Raises
    ------
    ValueError
        If no number of blocks has this depth.

    Notes
    -----
    Shape: input (B, C, H, W), output (B, n_classes), scores before a softmax. The
    WRN-16-8 of the defaults has 10,963,162 weights for RGB images.

    References
    ----------
    .. [1] S. Zagoruyko and N. Komodakis, "Wide residual networks", BMVC 2016, table 1.
    .. [2] E. Oyallon, E. Belilovsky and S. Zagoruyko, "Scaling the scattering
       transform: deep hybrid networks", ICCV 2017, section 4.

    Examples
    --------
    >>> import torch
    >>> from sklearn_scat.nn import WideResNet
    >>> WideResNet(depth=10, width=1)(torch.zeros(2, 3, 32, 32)).shape
    torch.Size([2, 10])
    """

    def __init__(
        self,
        depth: int = 16,
        width: int = 8,
        n_classes: int = 10,
        *,
        widths: Sequence[int] = (16, 32, 64),
        strides: Sequence[int] = (1, 2, 2),
        stem_width: int = 16,
        in_channels: int | None = None,
    ) -> None:
        n_blocks, rest = divmod(depth - 4, 2 * len(widths))
        if n_blocks < 1 or rest:
            step = 2 * len(widths)
            raise ValueError(
                f"The depth of a network of {len(widths)} groups is {step}n + 4, such "
                f"as {step + 4} and {2 * step + 4}; got depth={depth}."
            )
        super().__init__(
            [width * w for w in widths],
            [n_blocks] * len(widths),
            strides=strides,
            stem="maps",
            stem_width=stem_width,
            n_classes=n_classes,
            in_channels=in_channels,
        )
