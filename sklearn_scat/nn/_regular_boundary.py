"""The network of the regular boundaries, with a degree of non-linearity."""

import math

from torch import Tensor, nn

from sklearn_scat.nn._layers import BatchNorm2d, convolution, global_average


class PartialReLU(nn.Module):
    r"""Rectify the first k of K channels: :math:`\rho_k(y)_c = \max(y_c, 0), c < k`.

    Parameters
    ----------
    k : int
        Channels that are rectified; the others pass unchanged.

    Notes
    -----
    Shape: (B, K, …) to (B, K, …). No distance grows: :math:`\|\rho_k(y) -
    \rho_k(z)\| \leq \|y - z\|`.
    """

    def __init__(self, k: int) -> None:
        super().__init__()
        self.k = k

    def forward(self, x: Tensor) -> Tensor:
        """Return ρ_k(x)."""
        if self.k == 0:
            return x
        x = x.clone()
        x[:, : self.k].relu_()
        return x

    def extra_repr(self) -> str:
        """Return the parameter, for printing."""
        return f"k={self.k}"


class RegularBoundaryNet(nn.Module):
    r"""Classify small images by thirteen convolutions of one width.

    A 3×3 convolution to K channels, batch normalisation and ReLU; three groups of two
    blocks of two 3×3 convolutions with batch normalisation and :math:`\rho_k`, the
    first of groups 2 and 3 with stride 2; dropout after every block; the average over
    all pixels; a linear layer. Neither biases nor learned normalisation: the network
    is a cascade of one operator, made to be measured layer by layer.

    Parameters
    ----------
    n_classes : int, default=10
        Number of outputs.
    width : int, default=32
        The number K of channels.
    alpha : float, default=1.0
        Degree of non-linearity, in [0, 1]: :math:`k = \lfloor \alpha K \rfloor`
        channels are rectified. At 0 the only non-linearity is the first one.
    dropout : float, default=0.4
        Share of the values that are dropped after each block in training.
    momentum : float, default=0.01
        Weight of a batch in the running statistics. The published value is for long
        trainings: fewer than a thousand steps ask for 0.1.
    in_channels : int, default=3
        Channels of the images.

    Raises
    ------
    ValueError
        If `alpha` is not in [0, 1].

    Notes
    -----
    Shape: input (B, C, H, W), output (B, n_classes), scores before a softmax. For RGB
    images and 10 classes it has :math:`27K + 108K^2 + 10K + 10` weights. Published
    training: SGD with momentum 0.9, batches of 128, weight decay 2e-4, a rate of 0.25
    that halves every 10,000 of 121,101 steps.

    References
    ----------
    .. [1] E. Oyallon, "Building a regular decision boundary with deep networks", CVPR
       2017, sections 2 and 3.

    Examples
    --------
    >>> import torch
    >>> from sklearn_scat.nn import RegularBoundaryNet
    >>> net = RegularBoundaryNet(in_channels=1, alpha=0.5)
    >>> len(net.layers), net(torch.zeros(2, 1, 16, 16)).shape
    (13, torch.Size([2, 10]))
    """

    def __init__(
        self,
        n_classes: int = 10,
        width: int = 32,
        *,
        alpha: float = 1.0,
        dropout: float = 0.4,
        momentum: float = 0.01,
        in_channels: int = 3,
    ) -> None:
        super().__init__()
        if not 0 <= alpha <= 1:
            raise ValueError(f"alpha must be between 0 and 1; got {alpha}.")
        k = math.floor(alpha * width + 1e-9)  # 0.3 · 10 is not below 3
        norm = {"affine": False, "eps": 1e-3, "momentum": momentum}
        layers = [_layer(in_channels, width, nn.ReLU(), norm=norm)]
        for group in range(3):
            for i in range(4):
                stride = 2 if group and i == 0 else 1
                rho = PartialReLU(k)
                layers += [_layer(width, width, rho, norm=norm, stride=stride)]
                if i % 2:
                    layers[-1].append(nn.Dropout(dropout))
        self.layers = nn.Sequential(*layers)
        self.classifier = nn.Linear(width, n_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                _start(module.weight, width)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores of the classes: (B, C, H, W) to (B, n_classes)."""
        x = self.layers(x)
        x = global_average(x)
        return self.classifier(x)


def _layer(in_channels, width, rho, *, norm, stride=1):
    """Return one layer: convolution, normalisation without weights, non-linearity."""
    return nn.Sequential(
        convolution(in_channels, width, stride=stride),
        BatchNorm2d(width, **norm),
        rho,
    )


def _start(weight, width):
    """Draw from a normal distribution of variance 8/9K, cut at two deviations."""
    deviation = math.sqrt(8 / (9 * width))
    nn.init.trunc_normal_(weight, std=deviation, a=-2 * deviation, b=2 * deviation)
