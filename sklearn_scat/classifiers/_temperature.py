"""Probabilities from scores, by a number that makes them as sure as they are right."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

MOST_SAMPLES = 1000  # held-out scores that the number is fitted to: more change little

_LARGEST = 1e6  # temperature, in units of the scores' spread


def fit_temperature(scores, labels, weight=None):
    """Return the temperature τ whose softmax(scores / τ) gives the least log loss.

    Parameters
    ----------
    scores : ndarray of shape (n, K)
        Of samples that the classifier was not fitted to.
    labels : ndarray of int of shape (n,)
        Their classes, 0 … K − 1.
    weight : ndarray of shape (n,), default=None
        Weights of the samples.

    Returns
    -------
    temperature : float
        Positive; 1 where all scores are equal.

    References
    ----------
    C. Guo, G. Pleiss, Y. Sun and K. Weinberger, "On calibration of modern neural
    networks", ICML 2017, section 4.2.
    """
    spread = float(np.average(np.ptp(scores, axis=1), weights=weight))
    if not spread > 0:
        return 1.0
    own = np.arange(len(labels)), labels
    scaled = scores.astype(np.float64) / spread

    def log_loss(log_temperature):
        losses = -log_softmax(scaled / np.exp(log_temperature), axis=1)[own]
        return np.average(losses, weights=weight)

    bounds = np.log([1 / _LARGEST, _LARGEST])
    found = minimize_scalar(log_loss, bounds=bounds, method="bounded")
    return spread * float(np.exp(found.x))


def probabilities(scores, temperature):
    """Return softmax(scores / τ): one row of K probabilities for each of scores."""
    return softmax(scores.astype(np.float64) / temperature, axis=1)


def spread_out(n, most=MOST_SAMPLES):
    """Return indices of at most `most` of n samples, evenly spread."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).astype(int))
