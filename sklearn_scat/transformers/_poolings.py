"""What maps are brought down to over space: one class a pooling.

A pooling says what sides are left, does it to arrays of any library, with gradients
where the library has them, writes those of maps of NumPy, and bounds how far its
results move. One that is `in_cascade` needs no maps of most transformers.
"""

import math

import numpy as np
from array_api_compat import array_namespace


class MeanPooling:
    """One mean a path: the cascade's operators take it themselves, without maps."""

    in_cascade = True

    def sides(self, sides):
        """Return the sides of what (h, w) maps become."""
        return (1, 1)

    def names(self):
        """Return what names of columns say of the values of a path."""
        return [""]

    def write(self, maps, out):
        """Write the means of maps (b, C, P, h, w) into (b, C, P, 1, 1)."""
        np.mean(maps, axis=(-2, -1), out=out[..., 0, 0])

    def of_arrays(self, S):
        """Return the means of maps."""
        return array_namespace(S).mean(S, axis=(-2, -1), keepdims=True)

    def gain(self, sides):
        """Bound how far results move, over how far (h, w) maps move.

        The mean of h·w numbers is at most their norm over √(h·w).
        """
        return 1 / math.sqrt(math.prod(sides))


class MomentsPooling:
    """Mean, minimum, maximum and standard deviation of each path's map.

    Deviations divide by the number of positions. A defect that is small in the image
    changes the extremes of a map where it hardly moves the mean.
    """

    in_cascade = False

    def sides(self, sides):
        """Return the sides of what (h, w) maps become."""
        return (4, 1)

    def names(self):
        """Return what names of columns say of the values of a path."""
        return ["_mean", "_min", "_max", "_std"]

    def write(self, maps, out):
        """Write the moments of maps (b, C, P, h, w) into (b, C, P, 4, 1)."""
        for i, moment in enumerate((np.mean, np.min, np.max, np.std)):
            moment(maps, axis=(-2, -1), out=out[..., i, 0])

    def of_arrays(self, S):
        """Return the moments of maps."""
        xp = array_namespace(S)
        flat = xp.reshape(S, (*S.shape[:-2], -1))
        mean = xp.mean(flat, axis=-1)
        # a norm has the gradient 0 where all positions are equal, a deviation none
        norm = xp.linalg.vector_norm(flat - mean[..., None], axis=-1)
        deviation = norm / math.sqrt(flat.shape[-1])
        moments = (mean, xp.min(flat, axis=-1), xp.max(flat, axis=-1), deviation)
        return xp.stack(moments, axis=-1)[..., None]

    def gain(self, sides):
        """Bound how far results move, over how far (h, w) maps move.

        For maps that differ by d: each extreme moves by at most ‖d‖, and mean² +
        deviation² of d are ‖d‖² / (h·w).
        """
        return math.sqrt(2 + 1 / math.prod(sides))


# The parameter `pooling`: None keeps the maps.
POOLINGS: dict[str, MeanPooling | MomentsPooling] = {
    "mean": MeanPooling(),
    "moments": MomentsPooling(),
}
