"""How the learning rate goes, as a factor of its largest value."""

import math

_WARM_UP = 0.2  # of the steps
_FIRST, _LAST = 1 / 25, 1e-3
_DROPS = (0.3, 0.6, 0.8)  # 60, 120 and 160 of 200 epochs
_DROP = 0.2


def one_cycle(t):
    """Rise from 1/25 to 1 in a fifth of the steps, then fall, along cosines.

    Parameters
    ----------
    t : float
        Part of the steps that is done, in [0, 1].

    Returns
    -------
    factor : float

    References
    ----------
    L. N. Smith and N. Topin, "Super-convergence: very fast training of neural networks
    using large learning rates", 2018.

    Examples
    --------
    >>> from sklearn_scat.neural._learning_rates import one_cycle
    >>> [round(one_cycle(t), 3) for t in (0, 0.2, 0.6, 1)]
    [0.04, 1.0, 0.501, 0.001]
    """
    if t < _WARM_UP:
        return _between(_FIRST, 1, t / _WARM_UP)
    return _between(1, _LAST, (t - _WARM_UP) / (1 - _WARM_UP))


def cosine(t):
    """Fall from 1 to 0 along a cosine."""
    return _between(1, 0, t)


def steps(t):
    """Fall to a fifth at 30, 60 and 80 % of the steps.

    References
    ----------
    S. Zagoruyko and N. Komodakis, "Wide residual networks", BMVC 2016, section 3.

    Examples
    --------
    >>> from sklearn_scat.neural._learning_rates import steps
    >>> [round(steps(t), 3) for t in (0, 0.3, 0.7, 1)]
    [1.0, 0.2, 0.04, 0.008]
    """
    return _DROP ** sum(t >= drop for drop in _DROPS)


SCHEDULES = {"one_cycle": one_cycle, "cosine": cosine, "steps": steps}


def _between(start, end, t):
    return end + (start - end) * (1 + math.cos(math.pi * t)) / 2
