"""The network that opened the field: the baseline of ImageNet."""

from torch import Tensor, nn

from sklearn_scat.nn._layers import linear

_SMALLEST = 63  # pixels that leave one after the last pooling


class AlexNet(nn.Module):
    """Classify large images by five convolutions and three linear layers.

    Parameters
    ----------
    n_classes : int, default=1000
        Number of outputs.
    grouped : bool, default=False
        Whether it is the network of 2012, with three convolutions in two groups and
        local response normalisation (60,965,224 weights), or the one of 2014 without
        (61,100,840).
    dropout : float, default=0.5
        Share of the inputs of the first two linear layers that are dropped in training.
    in_channels : int, default=None
        None takes them from the first batch.

    Notes
    -----
    Shape: input (B, C, H, W) of 63×63 pixels at least, output (B, n_classes), scores
    before a softmax. The last maps are averaged to 6×6, which at 224×224 changes
    nothing.

    References
    ----------
    .. [1] A. Krizhevsky, I. Sutskever and G. Hinton, "ImageNet classification with deep
       convolutional neural networks", NeurIPS 2012, section 3.5.
    .. [2] A. Krizhevsky, "One weird trick for parallelizing convolutional neural
       networks", arXiv:1404.5997, 2014, footnote 1.

    Examples
    --------
    >>> from sklearn_scat.nn import AlexNet
    >>> sum(p.numel() for p in AlexNet(in_channels=3).parameters())
    61100840
    """

    def __init__(
        self,
        n_classes: int = 1000,
        *,
        grouped: bool = False,
        dropout: float = 0.5,
        in_channels: int | None = None,
    ) -> None:
        super().__init__()
        widths = (96, 256, 384, 384, 256) if grouped else (64, 192, 384, 256, 256)
        self.features = _features(in_channels, widths, grouped=grouped)
        self.classifier = nn.Sequential(
            nn.Dropout(dropout),
            linear(256 * 6 * 6, 4096),
            nn.ReLU(),
            nn.Dropout(dropout),
            linear(4096, 4096),
            nn.ReLU(),
            linear(4096, n_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores of the classes: (B, C, H, W) to (B, n_classes)."""
        if min(x.shape[-2:]) < _SMALLEST:
            raise ValueError(
                f"AlexNet takes images of {_SMALLEST}x{_SMALLEST} pixels or more; got "
                f"{x.shape[-2]}x{x.shape[-1]}. Enlarge them, or take SmallCNN or "
                "WideResNet."
            )
        return self.classifier(self.features(x).flatten(1))


def _features(in_channels, widths, *, grouped):
    """Return the convolutions: (B, C, H, W) to (B, 256, 6, 6)."""
    a, b, c, d, e = widths
    groups = 2 if grouped else 1

    def normalization():
        # The article does not divide alpha by the number of channels; torch does.
        return nn.LocalResponseNorm(5, alpha=5e-4, k=2.0) if grouped else nn.Identity()

    return nn.Sequential(
        _convolution(in_channels, a, 11, stride=4, padding=2),
        nn.ReLU(),
        normalization(),
        nn.MaxPool2d(3, stride=2),
        nn.Conv2d(a, b, 5, padding=2, groups=groups),
        nn.ReLU(),
        normalization(),
        nn.MaxPool2d(3, stride=2),
        nn.Conv2d(b, c, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(c, d, 3, padding=1, groups=groups),
        nn.ReLU(),
        nn.Conv2d(d, e, 3, padding=1, groups=groups),
        nn.ReLU(),
        nn.MaxPool2d(3, stride=2),
        nn.AdaptiveAvgPool2d(6),
    )


def _convolution(in_channels, out_channels, kernel_size, **options):
    """Return a convolution; `in_channels` is None where the first batch says it."""
    if in_channels is None:
        return nn.LazyConv2d(out_channels, kernel_size, **options)
    return nn.Conv2d(in_channels, out_channels, kernel_size, **options)
