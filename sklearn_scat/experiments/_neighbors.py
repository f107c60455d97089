"""The images that a classifier learned from, nearest to others as it sees them."""

import numpy as np
from sklearn.metrics import pairwise_distances

from sklearn_scat.predictors._features import feature_rows

MOST_MISTAKES = 12  # that are shown with their neighbours
_N_NEIGHBORS = 3
_MOST_SEARCHED = 2000  # images among which neighbours are looked for


def spread_positions(n):
    """Return positions of at most 2,000 of n images, evenly among them."""
    return np.unique(np.linspace(0, n - 1, min(n, _MOST_SEARCHED)).astype(int))


def nearest_rows(own, rows, *, left_out=None):
    """Return the positions of the three nearest rows of features, the nearest first.

    Parameters
    ----------
    own : ndarray of shape (m, p)
        Features of the images whose neighbours are wanted.
    rows : ndarray of shape (n, p)
        Features of the others.
    left_out : ndarray of bool of shape (m, n), default=None
        What is no neighbour, such as the image itself.

    Returns
    -------
    positions : ndarray of shape (m, k)
        Of rows; k is 3, or n where these are fewer.
    """
    distances = pairwise_distances(own, rows)
    if left_out is not None:
        distances[left_out] = np.inf
    return np.argsort(distances, axis=1, kind="stable")[:, :_N_NEIGHBORS]


def learned_neighbors(estimator, images, learned):
    """Return the nearest images that a classifier was fitted to.

    Parameters
    ----------
    estimator : classifier
        Fitted.
    images : ndarray
        Those whose neighbours are wanted, in the form that it takes.
    learned : ndarray
        Those that it was fitted to.

    Returns
    -------
    positions : ndarray of shape (m, k)
        Of `learned`, of which no more than 2,000 are looked at. Nearest in the space of
        its features; for what has none, as networks, of pixels. (m, 0) where images of
        several sizes have neither.
    """
    some = spread_positions(len(learned))
    found = [feature_rows(estimator, part) for part in (images, learned[some])]
    if any(rows.dtype.hasobject for rows in found):
        return np.empty((len(images), 0), int)
    return some[nearest_rows(*found)]
