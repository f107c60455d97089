"""A fitted scattering transformer as a torch module, differentiable in the image."""

import math

import torch
from torch import nn

from sklearn_scat.cascade import scattering_tiles
from sklearn_scat.engines import NativeLayer
from sklearn_scat.transformers._poolings import POOLINGS
from sklearn_scat.transformers._scattering import ScatteringTransformer


class ScatteringFeatures(nn.Module):
    """Compute the features of a fitted transformer, with gradients, by torch.

    Parameters
    ----------
    transformer : ScatteringTransformer or RotoTranslationScattering
        Fitted on images of one size.
    dtype : torch.dtype, default=torch.float64
        Precision. In float32 on the CPU the native kernel computes coefficients and
        gradients, where it applies and the transformer's `engine` allows it.
    device : str, default="cpu"
        Where the filters lie.

    Notes
    -----
    Shape: input (B, …) with the pixels of an image in any shape, output (B, features).
    """

    def __init__(self, transformer, *, dtype=torch.float64, device="cpu"):
        super().__init__()
        self.shape, self.dtype = transformer._channels_first(), dtype
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
        self._native, self._filters = _native_layer(transformer, like)

    def uses_native(self):
        """Say whether the native kernel computes, and its gradients."""
        image = torch.zeros(self.shape)
        return self._native is not None and self._native.applies(image, self._filters)

    def maps(self, x):
        """Return maps (B, C, P, h, w) of images (B, …)."""
        if x[:1].numel() != math.prod(self.shape):
            raise ValueError(
                f"The scattering was fitted on images of shape {self.shape}; got "
                f"images of shape {tuple(x.shape[1:])}."
            )
        S = self._cascade(x.reshape(-1, *self.shape))
        if self.average is not None:
            S = torch.einsum("op,bcphw->bcohw", self.average, S)
        return S if self.pooling is None else self.pooling.of_arrays(S)

    def _cascade(self, x):
        """Return the maps of every path, before any average over paths."""

        def define(x):
            return scattering_tiles(x, self.operators)

        if self._native is not None and self._native.applies(x, self._filters):
            return self._native(x, self._filters, define)
        return define(x)

    def forward(self, x):
        """Return the features of images, channel-major: (B, C·P·h·w)."""
        return self.maps(x).flatten(1)


def _native_layer(transformer, like):
    """Return the native kernel behind a transformer and its filters, or (None, {})."""
    plain = type(transformer)._operators is ScatteringTransformer._operators
    allowed = transformer.engine in ("auto", "native")
    if not plain or not allowed or transformer._is_pooled_in_cascade:
        return None, {}
    grid = transformer._grid()
    bank = transformer._bank(grid)
    arrays = {"psi_hat": bank.psi_hat}
    for r, (rows, columns) in enumerate(grid.averages(bank)):
        arrays |= {f"rows_{r}": rows, f"columns_{r}": columns}
    filters = {
        name: torch.tensor(array, dtype=like.dtype, device=like.device)
        for name, array in arrays.items()
    }
    return NativeLayer(lambda: bank, grid, int(transformer.max_order)), filters
