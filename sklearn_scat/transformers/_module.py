"""A fitted scattering transformer as a torch module, differentiable in the image."""

import math

import torch
from torch import nn

from sklearn_scat.cascade import scattering_tiles
from sklearn_scat.transformers._poolings import POOLINGS


class ScatteringFeatures(nn.Module):
    """Compute the features of a fitted transformer, with gradients, by torch.

    Parameters
    ----------
    transformer : ScatteringTransformer or RotoTranslationScattering
        Fitted on images of one size.
    dtype : torch.dtype, default=torch.float64
        Precision.
    device : str, default="cpu"
        Where the filters lie.

    Notes
    -----
    Shape: input (B, …) with the pixels of an image in any shape, output (B, features).
    """

    def __init__(self, transformer, *, dtype=torch.float64, device="cpu"):
        super().__init__()
        self.shape = transformer._channels_first()
        self.features_shape = transformer.output_shape_
        self.pooling = POOLINGS.get(transformer.pooling)
        if transformer._is_pooled_in_cascade:
            self.pooling = None
        like = torch.empty(0, dtype=dtype, device=device)
        self.operators = transformer._layers(like)
        reduction = transformer._reduction()
        self.average = None
        if reduction is not None:
            self.average = torch.tensor(reduction.average, dtype=dtype, device=device)

    def maps(self, x):
        """Return maps (B, C, P, h, w) of images (B, …)."""
        if x[:1].numel() != math.prod(self.shape):
            raise ValueError(
                f"The scattering was fitted on images of shape {self.shape}; got "
                f"images of shape {tuple(x.shape[1:])}."
            )
        S = scattering_tiles(x.reshape(-1, *self.shape), self.operators)
        if self.average is not None:
            S = torch.einsum("op,bcphw->bcohw", self.average, S)
        return S if self.pooling is None else self.pooling.of_arrays(S)

    def forward(self, x):
        """Return the features of images, channel-major: (B, C·P·h·w)."""
        return self.maps(x).flatten(1)
