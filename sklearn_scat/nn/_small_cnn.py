"""A small convolutional network, for images and for maps of scattering."""

from torch import Tensor, nn

from sklearn_scat.nn._layers import BatchNorm2d, convolution, linear, plain_batch_norm


class SmallCNN(nn.Module):
    """Classify small images, or maps of scattering, by three convolutions.

    Batch normalisation without weights, then three 3×3 convolutions with batch
    normalisation and ReLU, the last two with stride 2, then a linear layer on all their
    pixels. Every convolution is padded, so that any image will do, one of 1×1 pixel
    too.

    Parameters
    ----------
    n_classes : int, default=10
        Number of outputs.
    width : int, default=64
        Channels of the first convolution; the others have twice as many.
    dropout : float, default=0.0
        Share of the linear layer's inputs that are dropped in training.
    in_channels : int, default=None
        None takes them from the first batch, as the number of pixels always is.

    Notes
    -----
    Shape: input (B, C, H, W), output (B, n_classes), scores before a softmax.

    Examples
    --------
    >>> import torch
    >>> from sklearn_scat.nn import SmallCNN
    >>> SmallCNN()(torch.zeros(4, 3, 32, 32)).shape
    torch.Size([4, 10])
    """

    def __init__(
        self,
        n_classes: int = 10,
        *,
        width: int = 64,
        dropout: float = 0.0,
        in_channels: int | None = None,
    ) -> None:
        super().__init__()
        self.bn0 = plain_batch_norm(in_channels)
        self.conv1 = convolution(in_channels, width)
        self.bn1 = BatchNorm2d(width)
        self.conv2 = convolution(width, 2 * width, stride=2)
        self.bn2 = BatchNorm2d(2 * width)
        self.conv3 = convolution(2 * width, 2 * width, stride=2)
        self.bn3 = BatchNorm2d(2 * width)
        self.dropout = nn.Dropout(dropout)
        self.classifier = linear(None, n_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores of the classes: (B, C, H, W) to (B, n_classes)."""
        x = self.bn0(x)
        x = self.bn1(self.conv1(x)).relu()
        x = self.bn2(self.conv2(x)).relu()
        x = self.bn3(self.conv3(x)).relu()
        return self.classifier(self.dropout(x.flatten(1)))
