"""The multiscale hierarchical network, whose channels are axes."""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sklearn_scat.nn._layers import BatchNorm2d, Conv2d

_KERNEL_U = 3
_KERNEL_OLD = 7
_KERNEL_NEW = 11


class HierarchicalCNN(nn.Module):
    r"""Classify images by convolutions along space and along attributes.

    Layer j is a function :math:`x_j(u, v_{j-1}, v_j)` of the position and of two
    attributes: what are unordered channels elsewhere is here an axis, along which the
    next layer convolves too,

    .. math:: x_{j+1}(u, v_j, v_{j+1}) = \mathrm{mean}_{v_{j-1}}\,
              \rho(x_j \star w_{v_{j+1}})(u, v_{j-1}, v_j),

    so that neighbours along an attribute come to be alike, and a translation along it
    has a meaning. The last attribute is the class. Eleven layers of convolutions with
    batch normalisation and ELU, without biases, and one linear layer.

    Parameters
    ----------
    n_classes : int, default=10
        Number of outputs.
    in_channels : int, default=3
        Channels of the images.
    width : int, default=16
        Values of each attribute, as published; the layers keep every other one of the
        older attribute.
    separable : bool, default=True
        Whether a 4-D convolution is one along u, 3×3 and shared by all attributes, and
        then one along the attributes, 7×11, as in the published program (360,522
        weights by default); False takes whole kernels of 3×3×7×11 (102,330).
    pad : {"zero", "circular"}, default="zero"
        What continues the attributes past their ends; images are continued by zeros.

    Notes
    -----
    Shape: input (B, C, H, W), output (B, n_classes), scores before a softmax. Strides
    give ⌈n/2⌉ samples of n; any size of images and any width will do. The outputs of
    ``layers`` are (B, v_old, v_new, h, w), that of the first (B, v, H, W).

    References
    ----------
    .. [1] J.-H. Jacobsen, E. Oyallon, S. Mallat and A. W. M. Smeulders, "Multiscale
       hierarchical convolutional networks", arXiv:1703.04140, 2017, sections 2 and 3.

    Examples
    --------
    >>> import torch
    >>> from sklearn_scat.nn import HierarchicalCNN
    >>> net = HierarchicalCNN()
    >>> sum(p.numel() for p in net.parameters())
    360522
    >>> net.layers(torch.zeros(1, 3, 32, 32)).shape
    torch.Size([1, 8, 16, 8, 8])
    """

    def __init__(
        self,
        n_classes: int = 10,
        in_channels: int = 3,
        width: int = 16,
        *,
        separable: bool = True,
        pad: Literal["zero", "circular"] = "zero",
    ) -> None:
        super().__init__()
        if pad not in ("zero", "circular"):
            raise ValueError(f"pad must be 'zero' or 'circular'; got {pad!r}.")

        def block(stride):
            return [hierarchical(stride), hierarchical(1)]

        def hierarchical(stride):
            make = SeparableConv4d if separable else WholeConv4d
            return make(width, stride=stride, pad=pad)

        self.layers = nn.Sequential(
            FirstConv2d(in_channels, width),
            SecondConv3d(width, pad=pad),
            hierarchical(1),
            *block(2),
            *block(1),
            *block(2),
            *block(1),
        )
        self.classifier = nn.Linear(width, n_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores of the classes: (B, C, H, W) to (B, n_classes)."""
        x = self.layers(x)  # (B, v_old, v_new, h, w)
        return self.classifier(x.mean((1, 3, 4)))


class FirstConv2d(nn.Module):
    """Make the first attribute of the channels: (B, C, H, W) to (B, v, H, W)."""

    def __init__(self, in_channels, width):
        super().__init__()
        self.conv = Conv2d(in_channels, width, _KERNEL_U, padding=1, bias=False)
        self.bn = BatchNorm2d(width)

    def forward(self, x):
        """Return ELU(BN(x * w))."""
        return F.elu(self.bn(self.conv(x)))


class SecondConv3d(nn.Module):
    """Convolve along u and v: (B, v, H, W) to (B, ⌈v/s⌉, v_new, H, W)."""

    def __init__(self, width, *, pad, stride_v=2):
        super().__init__()
        self.pad = pad
        self.stride_v = stride_v
        # The taps along v are the input channels of a convolution along u: torch's 3-D
        # convolutions of one channel read memory that was never written.
        self.conv = Conv2d(_KERNEL_NEW, width, _KERNEL_U, padding=1, bias=False)
        self.bn = BatchNorm2d(width)

    def forward(self, x):
        """Return ELU(BN(x * w))."""
        x = extend(x, 1, _KERNEL_NEW, pad=self.pad)
        taps = x.unfold(1, _KERNEL_NEW, self.stride_v).movedim(-1, 2)
        attributes = taps.shape[:2]  # (B, v_old)
        x = F.elu(self.bn(self.conv(taps.flatten(0, 1))))
        return x.unflatten(0, attributes)


class SeparableConv4d(nn.Module):
    """Convolve along u, then along the attributes; average over the older one.

    (B, v_old, v_new, H, W) to (B, ⌈v_new/s⌉, new, ⌈H/stride⌉, ⌈W/stride⌉).
    """

    def __init__(self, width, *, stride, pad, stride_v=2):
        super().__init__()
        self.pad = pad
        self.conv_u = Conv2d(
            1, 2 * width, _KERNEL_U, stride=stride, padding=1, bias=False
        )
        self.bn_u = BatchNorm2d(2 * width)
        self.conv_v = Conv2d(
            2 * width,
            width,
            (_KERNEL_OLD, _KERNEL_NEW),
            stride=stride_v,
            padding=(_KERNEL_OLD // 2, _KERNEL_NEW // 2) if pad == "zero" else 0,
            bias=False,
        )
        self.bn_v = BatchNorm2d(width)

    def forward(self, x):
        """Return the mean over v_old of ELU(BN(ELU(BN(x * w_u)) * w_v))."""
        attributes = x.shape[:3]
        x = x.flatten(0, 2).unsqueeze(1)
        x = F.elu(self.bn_u(self.conv_u(x)))  # (B·v_old·v_new, 2K, h, w)
        x = x.unflatten(0, attributes).permute(0, 4, 5, 3, 1, 2)
        positions = x.shape[:3]
        x = x.flatten(0, 2)
        if self.pad == "circular":
            x = extend(x, 2, _KERNEL_OLD, pad=self.pad)
            x = extend(x, 3, _KERNEL_NEW, pad=self.pad)
        x = F.elu(self.bn_v(self.conv_v(x)))  # (B·h·w, new, v_old, v_new)
        x = x.mean(2).unflatten(0, positions)
        return x.permute(0, 4, 3, 1, 2)


class WholeConv4d(nn.Module):
    """Convolve along u and the attributes at once; average over the older one.

    (B, v_old, v_new, H, W) to (B, ⌈v_new/s⌉, new, ⌈H/stride⌉, ⌈W/stride⌉).
    """

    def __init__(self, width, *, stride, pad, stride_v=2):
        super().__init__()
        self.pad = pad
        self.stride_v = stride_v
        # The taps along the attributes are the input channels of one along u.
        taps = _KERNEL_OLD * _KERNEL_NEW
        self.conv = Conv2d(taps, width, _KERNEL_U, stride=stride, padding=1, bias=False)
        self.bn = BatchNorm2d(width)

    def forward(self, x):
        """Return the mean over v_old of ELU(BN(x * w))."""
        x = extend(x, 1, _KERNEL_OLD, pad=self.pad)
        x = extend(x, 2, _KERNEL_NEW, pad=self.pad)
        x = x.unfold(1, _KERNEL_OLD, self.stride_v).unfold(
            2, _KERNEL_NEW, self.stride_v
        )
        x = x.permute(0, 1, 2, 5, 6, 3, 4)  # (B, v_old, v_new, 7, 11, H, W)
        attributes = x.shape[:3]
        x = F.elu(self.bn(self.conv(x.flatten(3, 4).flatten(0, 2))))
        return x.unflatten(0, attributes).mean(1)


def extend(x, axis, kernel_size, *, pad):
    """Continue an axis past both ends for a kernel, by zeros or by its period."""
    n, reach = x.shape[axis], kernel_size // 2
    if pad == "zero":
        return F.pad(x, (0, 0) * (x.ndim - 1 - axis) + (reach, reach))
    index = torch.arange(-reach, n + reach, device=x.device)
    return x.index_select(axis, index % n)
