"""What maps are brought down to over space: one class a pooling."""

import math

import numpy as np


class MeanPooling:
    """One mean a path."""

    def sides(self, sides):
        """Return the sides of what (h, w) maps become."""
        return (1, 1)

    def write(self, maps, out):
        """Write the means of maps (b, C, P, h, w) into (b, C, P, 1, 1)."""
        np.mean(maps, axis=(-2, -1), keepdims=True, out=out)

    def of_tensors(self, S):
        """Return the means of a tensor of maps, with gradients."""
        return S.mean((-2, -1), keepdim=True)

    def gain(self, sides):
        """Bound how far results move, over how far (h, w) maps move.

        The mean of h·w numbers is at most their norm over √(h·w).
        """
        return 1 / math.sqrt(math.prod(sides))


# The parameter `pooling`: None keeps the maps.
POOLINGS = {"mean": MeanPooling()}
