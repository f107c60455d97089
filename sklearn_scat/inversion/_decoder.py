"""A network from a vector to an image, coarse to fine."""

import torch
from torch import nn
from torch.nn.functional import interpolate

_SMALLEST = 8  # pixels that the shorter side of the first maps has at most


class Decoder(nn.Module):
    """Make images of vectors: a linear layer to small maps, then upsample and convolve.

    Parameters
    ----------
    n_components : int
        Numbers of one vector.
    image_shape : tuple (C, H, W)
        One image.
    width : int
        Channels at the full size; twice as many at half the size, and so on.

    Notes
    -----
    Shape: input (B, n_components), output (B, C, H, W).
    """

    def __init__(self, n_components, image_shape, width):
        super().__init__()
        channels, *sides = image_shape
        self.sizes = sizes(sides)
        widths = [width * 2**i for i in reversed(range(len(self.sizes)))]
        self.first = (widths[0], *self.sizes[0])
        self.linear = nn.Linear(n_components, torch.Size(self.first).numel())
        self.blocks = nn.ModuleList(
            _block(before, after)
            for before, after in zip([widths[0], *widths], widths, strict=False)
        )
        self.last = nn.Conv2d(width, channels, 3, padding=1)

    def forward(self, z):
        """Return images (B, C, H, W) of vectors (B, n_components)."""
        x = self.linear(z).reshape(-1, *self.first)
        for size, block in zip(self.sizes, self.blocks, strict=True):
            if x.shape[-2:] != size:
                x = interpolate(x, size=size, mode="bilinear", align_corners=False)
            x = block(x)
        return self.last(x)


def sizes(sides):
    """Return the sides of the maps from coarse to fine, halved and rounded up.

    Examples
    --------
    >>> from sklearn_scat.inversion._decoder import sizes
    >>> sizes((28, 28))
    [(7, 7), (14, 14), (28, 28)]
    """
    found = [tuple(sides)]
    while min(found[0]) > _SMALLEST:
        found.insert(0, tuple(-(-n // 2) for n in found[0]))
    return found


def _block(before, after):
    return nn.Sequential(
        nn.Conv2d(before, after, 3, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(),
    )
