"""Residual networks: blocks, groups of blocks, the network."""

from collections.abc import Sequence
from typing import Any, Literal

from torch import Tensor, nn

from sklearn_scat.nn._layers import BatchNorm2d, convolution, global_average


class BasicBlock(nn.Module):
    """Two 3×3 convolutions beside a shortcut: (B, C, H, W) to (B, width, H/s, W/s)."""

    expansion = 1

    def __init__(self, in_channels, width, *, stride=1):
        super().__init__()
        self.conv1 = convolution(in_channels, width, stride=stride)
        self.bn1 = BatchNorm2d(width)
        self.conv2 = convolution(width, width)
        self.bn2 = BatchNorm2d(width)
        self.shortcut = shortcut(in_channels, width, stride)

    def forward(self, x):
        """Return ReLU(shortcut + residual)."""
        y = self.bn1(self.conv1(x)).relu()
        y = self.bn2(self.conv2(y))
        return (self.shortcut(x) + y).relu()


class Bottleneck(nn.Module):
    """A 3×3 convolution between two of 1×1: (B, C, H, W) to (B, 4·width, H/s, W/s)."""

    expansion = 4

    def __init__(self, in_channels, width, *, stride=1):
        super().__init__()
        self.conv1 = convolution(in_channels, width, 1)
        self.bn1 = BatchNorm2d(width)
        self.conv2 = convolution(width, width, stride=stride)
        self.bn2 = BatchNorm2d(width)
        self.conv3 = convolution(width, 4 * width, 1)
        self.bn3 = BatchNorm2d(4 * width)
        self.shortcut = shortcut(in_channels, 4 * width, stride)

    def forward(self, x):
        """Return ReLU(shortcut + residual)."""
        y = self.bn1(self.conv1(x)).relu()
        y = self.bn2(self.conv2(y)).relu()
        y = self.bn3(self.conv3(y))
        return (self.shortcut(x) + y).relu()


def shortcut(in_channels, out_channels, stride):
    """Return the identity where sizes agree, else a normalised 1×1 convolution."""
    if in_channels == out_channels and stride == 1:
        return nn.Identity()
    return nn.Sequential(
        convolution(in_channels, out_channels, 1, stride=stride),
        BatchNorm2d(out_channels),
    )


class ResNet(nn.Module):
    """Classify images, or maps of scattering, by groups of residual blocks.

    A stem, groups of blocks, the average over all pixels, a linear layer. Of the
    defaults comes the ResNet-18 of ImageNet.

    Parameters
    ----------
    widths : sequence of int, default=(64, 128, 256, 512)
        Channels of the blocks, group by group; a bottleneck's output has four times as
        many.
    depths : sequence of int, default=(2, 2, 2, 2)
        Blocks of each group.
    strides : sequence of int, default=(1, 2, 2, 2)
        Stride of the first block of each group.
    block : {"basic", "bottleneck"}, default="basic"
        Two convolutions of 3×3, or 1×1, 3×3 and 1×1.
    stem : {"image", "maps"}, default="image"
        "image" is a 7×7 convolution with stride 2 and a maximum over 3×3 with stride
        2; "maps" is one 3×3 convolution, for small images and for maps of scattering.
    stem_width : int, default=None
        Channels of the stem; None is ``widths[0]``.
    stem_bias : bool, default=False
        Whether the convolution of the stem has a bias.
    n_classes : int, default=1000
        Number of outputs.
    in_channels : int, default=None
        None takes them from the first batch.

    Raises
    ------
    ValueError
        If the groups differ in number, or `block` or `stem` is unknown.

    Notes
    -----
    Shape: input (B, C, H, W), output (B, n_classes), scores before a softmax.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image
       recognition", CVPR 2016, table 1 and figure 5.

    Examples
    --------
    >>> import torch
    >>> from sklearn_scat.nn import ResNet
    >>> net = ResNet((16, 32), (1, 1), strides=(1, 2), stem="maps", n_classes=10)
    >>> net(torch.zeros(2, 75, 28, 28)).shape
    torch.Size([2, 10])
    """

    def __init__(
        self,
        widths: Sequence[int] = (64, 128, 256, 512),
        depths: Sequence[int] = (2, 2, 2, 2),
        *,
        strides: Sequence[int] = (1, 2, 2, 2),
        block: Literal["basic", "bottleneck"] = "basic",
        stem: Literal["image", "maps"] = "image",
        stem_width: int | None = None,
        stem_bias: bool = False,
        n_classes: int = 1000,
        in_channels: int | None = None,
    ) -> None:
        super().__init__()
        _check_groups(widths, depths, strides)
        _check_choice("block", block, BLOCKS)
        _check_choice("stem", stem, STEMS)
        channels = stem_width or widths[0]
        self.stem = STEMS[stem](in_channels, channels, bias=stem_bias)
        groups = []
        for width, depth, stride in zip(widths, depths, strides, strict=True):
            group = []
            for i in range(depth):
                group += [BLOCKS[block](channels, width, stride=1 if i else stride)]
                channels = width * BLOCKS[block].expansion
            groups += [nn.Sequential(*group)]
        self.groups = nn.Sequential(*groups)
        self.classifier = nn.Linear(channels, n_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores of the classes: (B, C, H, W) to (B, n_classes)."""
        x = self.stem(x)
        x = self.groups(x)
        x = global_average(x)
        return self.classifier(x)


def image_stem(in_channels, width, *, bias):
    """Return the first layers for images: (B, C, H, W) to (B, width, H/4, W/4)."""
    return nn.Sequential(
        convolution(in_channels, width, 7, stride=2, bias=bias),
        BatchNorm2d(width),
        nn.ReLU(),
        nn.MaxPool2d(3, stride=2, padding=1),
    )


def maps_stem(in_channels, width, *, bias):
    """Return the first layers for maps: (B, C, H, W) to (B, width, H, W)."""
    return nn.Sequential(
        convolution(in_channels, width, bias=bias), BatchNorm2d(width), nn.ReLU()
    )


BLOCKS: dict[str, Any] = {"basic": BasicBlock, "bottleneck": Bottleneck}
STEMS = {"image": image_stem, "maps": maps_stem}


def _check_groups(widths, depths, strides):
    """Refuse groups that do not all have a width, a depth and a stride."""
    if not len(widths) == len(depths) == len(strides) > 0:
        raise ValueError(
            "widths, depths and strides must have one number for each group of blocks; "
            f"got {len(widths)}, {len(depths)} and {len(strides)} of them."
        )


def _check_choice(name, value, choices):
    """Refuse what is none of the choices."""
    if value not in choices:
        raise ValueError(f"{name} must be one of {sorted(choices)}; got {value!r}.")


def resnet18(n_classes: int = 1000, *, in_channels: int | None = None) -> ResNet:
    """Return the ResNet-18 of ImageNet: 11,689,512 weights at 1,000 classes.

    Parameters
    ----------
    n_classes : int, default=1000
        Number of outputs.
    in_channels : int, default=None
        None takes them from the first batch.

    Returns
    -------
    net : ResNet

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image
       recognition", CVPR 2016, table 1.

    Examples
    --------
    >>> from sklearn_scat.nn import resnet18
    >>> sum(p.numel() for p in resnet18(in_channels=3).parameters())
    11689512
    """
    return ResNet(n_classes=n_classes, in_channels=in_channels)
