"""What classifiers under a Gaussian kernel share: its width, and bounded batches."""

import numpy as np

from sklearn_scat.classifiers._weights import weighted_mean

_BATCH_BYTES = 2**26  # of kernel values computed at once


_SQUARES = 1e-15, 1e15  # magnitudes whose squares, and sums of them, float32 holds


def squarable(X):
    """Return samples as float64 where squares of float32 would vanish or overflow."""
    peak = np.abs(X).max()
    smallest, largest = _SQUARES
    if X.dtype == np.float64 or peak == 0 or smallest < peak < largest:
        return X
    return X.astype(np.float64)


def mean_norm_gamma(X, sigma, weight=None):
    r"""Return :math:`\gamma = 1 / 2 s^2` with s = sigma · mean ‖x‖ of centred samples.

    Parameters
    ----------
    X : ndarray of shape (..., n_features)
        Samples, their mean taken off.
    sigma : float
        The width in units of their mean norm.
    weight : ndarray of shape (n,), default=None
        Weights of the samples.

    Returns
    -------
    gamma : float
        1 where all samples are equal.

    References
    ----------
    E. Oyallon and S. Mallat, "Deep roto-translation scattering for object
    classification", CVPR 2015, section 4.
    """
    width = sigma * weighted_mean(np.linalg.norm(X, axis=-1), weight, axis=None)
    return 1 / (2 * float(width) ** 2) if width > 0 else 1.0


def over_batches(function, X, *, n_kernels):
    """Return a function of rows, for some at a time: `n_kernels` values a row."""
    size = max(1, _BATCH_BYTES // (8 * n_kernels))
    starts = range(0, len(X), size)
    return np.concatenate([function(X[start : start + size]) for start in starts])
