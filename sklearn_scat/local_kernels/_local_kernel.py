"""The local kernel of some training images: its axes, its width and their patches."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from sklearn_scat.local_kernels._kernel import (
    local_kernel,
    patch_outputs,
    position_weights,
)
from sklearn_scat.local_kernels._patches import (
    grid_shape,
    principal_axes,
    smallest_norm,
    spread_patches,
    whitened_patches,
)


class LocalKernel(BaseEstimator):
    r"""Compare patches of whitened maps at near positions.

    Images may come with copies of themselves, such as mirror images: the kernel of two
    images is then the mean over all pairs of their copies, which is the inner product
    of the means of their features.

    Parameters
    ----------
    patch_size, gamma, spread, floor, n_components, boundary
        As of :class:`~sklearn_scat.LocalKernelRidge`, but one side of patches.

    Attributes
    ----------
    smallest_norm_ : float
        Norm below which a patch counts as empty.
    axes_ : ndarray of shape (C·a·b, n_components)
        Whitened principal axes of the training patches.
    exponent_ : float
        :math:`g / \sigma^2`, where :math:`\sigma^2` is the mean squared distance of a
        training patch from their mean.
    weights_ : ndarray of shape (positions, positions)
        w of pairs of positions.
    training_ : list of ndarray of shape (positions, n_samples, n_components)
        Patches of the training images, then of their copies.
    scale_ : float
        Mean of the kernels of training images with themselves, by which all are
        divided.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.local_kernels import LocalKernel
    >>> maps = np.random.default_rng(0).uniform(size=(5, 3, 4, 4))
    >>> kernel = LocalKernel().fit_kernel([maps, maps[..., ::-1]])
    >>> kernel.shape, float(kernel.diagonal().mean().round(12))
    ((5, 5), 1.0)
    """

    def __init__(
        self,
        patch_size: int = 2,
        *,
        gamma: float = 4.0,
        spread: int = 1,
        floor: float = 0.1,
        n_components: int = 256,
        boundary: str = "cut",
    ) -> None:
        self.patch_size = patch_size
        self.gamma = gamma
        self.spread = spread
        self.floor = floor
        self.n_components = n_components
        self.boundary = boundary

    def fit_kernel(self, copies: Any) -> NDArray[Any]:
        """Learn of training images; return their kernel.

        Parameters
        ----------
        copies : list of ndarray of shape (n, C, h, w)
            Maps of the images, then of copies of each in the same order.

        Returns
        -------
        kernel : ndarray of shape (n, n), float64
            Of mean diagonal 1.
        """
        self.fit_patches(np.concatenate(copies))
        self.training_ = [self.patches(maps) for maps in copies]
        kernel = self._mean_over_pairs(self.training_)
        self.scale_ = float(kernel.diagonal().mean())
        return kernel / self.scale_

    def kernel(self, copies: Any) -> Any:
        """Return the kernel of other images with the training images, (n, n_samples).

        Parameters
        ----------
        copies : list of ndarray of shape (n, C, h, w)
            As in `fit_kernel`.
        """
        return self._mean_over_pairs([self.patches(m) for m in copies]) / self.scale_

    def place_outputs(self, copies: Any, coef: Any) -> Any:
        """Return what every place adds to combinations of the training images' kernels.

        Parameters
        ----------
        copies : list of ndarray of shape (n, C, h, w)
            As in `fit_kernel`.
        coef : ndarray of shape (n_samples, K)
            The combinations.

        Returns
        -------
        outputs : list of ndarray of shape (n, K, h, w)
            For every copy. What a patch adds is divided evenly among the samples that
            it covers. The sum over copies and places is ``kernel(copies) @ coef``.
        """
        share = coef / (len(copies) * len(self.training_) * self.scale_)
        return [
            spread_patches(
                self._patch_outputs(self.patches(maps), share),
                self.patch_size,
                self.boundary,
                map_shape=maps.shape[2:],
            )
            for maps in copies
        ]

    def _patch_outputs(self, patches, coef):
        """Return what patches add, over the training images and their copies."""
        settings = {"exponent": self.exponent_, "coef": coef}
        return sum(
            patch_outputs(patches, training, self.weights_, **settings)
            for training in self.training_
        )

    def fit_patches(self, maps: Any) -> Any:
        """Learn the axes and the width of maps (n, C, h, w); return their patches."""
        cut = self.patch_size, self.boundary
        self.smallest_norm_ = smallest_norm(maps, *cut)
        self.axes_ = principal_axes(
            maps,
            *cut,
            smallest=self.smallest_norm_,
            n_components=self.n_components,
            floor=self.floor,
        )
        patches = self.patches(maps)
        self.exponent_ = self.gamma / mean_squared_distance(patches)
        grid = grid_shape(maps.shape[2:], *cut)
        self.weights_ = position_weights(grid, self.spread, self.boundary)
        return patches

    def patches(self, maps: Any) -> Any:
        """Return the whitened patches of maps as (positions, n, n_components)."""
        return whitened_patches(
            maps.astype(self.axes_.dtype, copy=False),
            self.patch_size,
            self.boundary,
            axes=self.axes_,
            smallest=self.smallest_norm_,
        )

    def _mean_over_pairs(self, copies):
        """Return the mean kernel of copies, lists of patches, with training copies."""
        symmetric = copies is self.training_
        total = 0.0
        for i, x in enumerate(copies):
            for z in self.training_[i if symmetric else 0 :]:
                part = local_kernel(x, z, self.weights_, exponent=self.exponent_)
                total = total + (part + part.T if symmetric and x is not z else part)
        return total / (len(copies) * len(self.training_))


def mean_squared_distance(patches):
    """Return the mean squared distance of patches (..., d) from their mean.

    1 where all are equal.
    """
    rows = patches.reshape(-1, patches.shape[-1])
    squares = np.einsum("nd,nd->n", rows, rows).mean(dtype=np.float64)
    spread = squares - np.sum(rows.mean(axis=0, dtype=np.float64) ** 2)
    return float(spread) if spread > np.finfo(rows.dtype).eps else 1.0
