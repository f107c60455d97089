"""A Gaussian of patches, and maps of positions brought to pixels."""

from typing import NamedTuple

import numpy as np


class Gaussian(NamedTuple):
    r"""What good patches are like: means, and one covariance, of a size of each place.

    Attributes
    ----------
    mean : ndarray of shape (h, w, n_features), or (1, 1, n_features)
        :math:`\mu(u)`.
    whitening : ndarray of shape (n_features, n_features)
        W with :math:`W W^\top = \Sigma^{-1}`.
    scale : ndarray of shape (h, w), or (1, 1)
        s(u): deviations at u have the covariance :math:`s(u)^2 \Sigma`.
    """

    mean: np.ndarray
    whitening: np.ndarray
    scale: np.ndarray

    def distances(self, patches):
        r"""Return :math:`\|W^\top (z - \mu(u))\| / s(u)` for patches z.

        Parameters
        ----------
        patches : ndarray of shape (n, h, w, n_features)
            Features at each position.

        Returns
        -------
        distances : ndarray of shape (n, h, w)
            Of Mahalanobis: in standard deviations.
        """
        deviations = (patches - self.mean).reshape(-1, patches.shape[-1])
        norms = np.linalg.norm(deviations @ self.whitening, axis=1)
        return norms.reshape(patches.shape[:3]) / self.scale


def tied_gaussian(patches, *, aligned=True, shrinkage="auto"):
    r"""Fit a Gaussian to patches, whose covariance is one for all positions.

    It is known from n·h·w patches, and shrunk towards a multiple of the identity, as
    these may be fewer than features. How much varies differs from place to place, at
    borders above all, where padding repeats pixels; one number a place says that.

    Parameters
    ----------
    patches : ndarray of shape (n, h, w, n_features)
        Features of n images at each position.
    aligned : bool, default=True
        Whether each position has a mean and a scale of its own.
    shrinkage : "auto" or float in [0, 1], default="auto"
        Share of the identity; "auto" as in [1]_.

    Returns
    -------
    gaussian : Gaussian
        Directions that do not vary are given the unit in which the features come, if
        none does, else the rounding error of the largest variance.

    References
    ----------
    .. [1] O. Ledoit and M. Wolf, "A well-conditioned estimator for large-dimensional
       covariance matrices", Journal of Multivariate Analysis 88(2), 2004.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.predictors._patches import tied_gaussian
    >>> rng = np.random.default_rng(0)
    >>> patches = rng.normal(size=(100, 4, 4, 2)) * [1, 10]
    >>> squares = tied_gaussian(patches, shrinkage=0.0).distances(patches) ** 2
    >>> bool(1.9 < squares.mean() < 2.1)
    True
    """
    axes = 0 if aligned else (0, 1, 2)
    mean = patches.mean(axis=axes, keepdims=True, dtype=np.float64)[0]
    deviations = patches - mean
    whitening = whitening_of(deviations.reshape(-1, patches.shape[-1]), shrinkage)
    plain = Gaussian(mean, whitening, np.ones((1, 1)))
    if not aligned:
        return plain
    squares = np.mean(plain.distances(patches) ** 2, axis=0)
    scale = np.sqrt(squares / (squares.mean() or 1))
    return plain._replace(scale=np.where(scale > 0, scale, 1.0))


def whitening_of(deviations, shrinkage):
    """Return the root of the inverse of a shrunk covariance: (features, features)."""
    if len(deviations) < 2 or not deviations.any():
        return np.eye(deviations.shape[-1])
    variances, directions = np.linalg.eigh(shrunk(deviations, shrinkage))
    floor = len(variances) * np.finfo(np.float64).eps * variances.max()
    return directions / np.sqrt(np.maximum(variances, floor))


def shrunk(deviations, shrinkage):
    """Return the covariance of deviations from means, shrunk: (n_features, n_features).

    Towards the identity times the mean variance, by a share, or as Ledoit and Wolf.
    """
    from sklearn.covariance import ledoit_wolf, shrunk_covariance

    if shrinkage == "auto":
        return ledoit_wolf(deviations, assume_centered=True)[0]
    covariance = deviations.T @ deviations / len(deviations)
    return shrunk_covariance(covariance, shrinkage=shrinkage)


def centres(grid):
    """Return the pixel on which each average of a grid is centred, row and column.

    Parameters
    ----------
    grid : Grid
        Of a scattering transform.

    Returns
    -------
    rows, columns : ndarray of int of shape (h,), (w,)

    Examples
    --------
    >>> from sklearn_scat.cascade import Grid
    >>> from sklearn_scat.predictors._patches import centres
    >>> [place.tolist() for place in centres(Grid((32, 24), J=3))]
    [[0, 8, 16, 24], [0, 8, 16]]
    """
    step = 2 ** grid.resolution(grid.J)
    sides = zip(grid.shape, grid.padded, grid.output, strict=True)
    return tuple(
        step * (np.arange(n_out) + grid.crop) - (n_padded - n) // 2
        for n, n_padded, n_out in sides
    )


def at_pixels(maps, places, shape):
    """Interpolate maps linearly between the pixels that their samples stand for.

    Parameters
    ----------
    maps : ndarray of shape (n, h, w)
        Values at the positions of averages.
    places : tuple of ndarray of shape (h,), (w,)
        Pixels of the rows and of the columns, ascending.
    shape : tuple (H, W)
        Of the image.

    Returns
    -------
    values : ndarray of shape (n, H, W)
        Constant beyond the first and the last sample.
    """
    rows, columns = (_interpolation(p, n) for p, n in zip(places, shape, strict=True))
    return rows @ maps @ columns.T


def _interpolation(places, n):
    """Return the matrix of linear interpolation to the pixels 0 … n − 1: (n, h)."""
    unit = np.eye(len(places))
    return np.stack([np.interp(np.arange(n), places, one) for one in unit], axis=1)
