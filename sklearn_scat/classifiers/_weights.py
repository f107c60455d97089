"""Weights of samples: one of weight k counts as k samples, one of weight 0 as none."""

import numpy as np

from sklearn_scat._compat import checked_weights


def weighted_samples(X, y, sample_weight):
    """Return the samples of positive weight, their labels, and their weights or None.

    Parameters
    ----------
    X : ndarray of shape (n, features)
    y : ndarray of shape (n,)
    sample_weight : array-like of shape (n,), or None
    """
    weight = checked_weights(sample_weight, X)
    if weight is None:
        return X, y, None
    kept = weight > 0
    return X[kept], y[kept], weight[kept]


def weighted_mean(values, weight, *, axis=0):
    """Return the mean over axes, the first of which runs over samples, in float64."""
    if weight is not None:
        share = weight * (len(weight) / weight.sum())
        values = values * share.reshape(-1, *[1] * (values.ndim - 1))
    return values.mean(axis=axis, dtype=np.float64)
