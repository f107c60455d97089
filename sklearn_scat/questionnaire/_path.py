"""A short path through points, by local changes of an order."""

import numpy as np

_LONGEST = 3  # points that move together
_GAIN = 1e-12  # of the length: less is rounding


def short_path(distances, starts):
    """Return an order of points along which the distances add up to little.

    Each start is changed as long as a change shortens it: turn a stretch of the path
    around, or move up to three neighbours elsewhere, either way round [1]_. Of what
    the starts come to, the shortest is taken.

    Parameters
    ----------
    distances : ndarray of shape (n, n)
        Symmetric, 0 or more.
    starts : sequence of ndarray of shape (n,)
        Orders to begin with.

    Returns
    -------
    order : ndarray of int of shape (n,)
        Its first point is not above its last.

    References
    ----------
    .. [1] S. Lin and B. W. Kernighan, "An effective heuristic algorithm for the
       traveling-salesman problem", Operations Research 21(2), 1973.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.questionnaire._path import short_path
    >>> x = np.array([3.0, 0.0, 2.0, 1.0])
    >>> short_path(abs(x[:, None] - x), [np.arange(4)])
    array([0, 2, 3, 1])
    """
    n = len(distances)
    # a point that is near to all closes the path to a tour
    D = np.pad(np.asarray(distances, dtype=np.float64), (0, 1))
    tours = [_shortened(D, np.append(start, n)) for start in starts]
    tour = min(tours, key=lambda tour: _length(D, tour))
    order = np.roll(tour, -int(np.flatnonzero(tour == n)[0]))[1:]
    return order if order[0] <= order[-1] else order[::-1]


def _length(D, tour):
    """Return the length of a tour."""
    return D[tour, np.roll(tour, -1)].sum()


def _shortened(D, tour):
    """Return a tour that no change shortens."""
    least = _GAIN * D.max()
    while True:
        gain, shorter = max((_turned(D, tour), _moved(D, tour)), key=lambda c: c[0])
        if gain <= least:
            return tour
        tour = shorter


def _turned(D, tour):
    """Return how much shorter a tour gets when a stretch is turned around, and it."""
    after = np.roll(tour, -1)
    steps = D[tour, after]
    gains = steps[:, None] + steps - D[np.ix_(tour, tour)] - D[np.ix_(after, after)]
    gains = np.triu(gains, 1)
    i, j = np.unravel_index(gains.argmax(), gains.shape)
    turned = np.concatenate([tour[: i + 1], tour[i + 1 : j + 1][::-1], tour[j + 1 :]])
    return gains[i, j], turned


def _moved(D, tour):
    """Return how much shorter a tour gets when neighbours move elsewhere, and it."""
    best = 0.0, tour
    for size in range(1, min(_LONGEST, len(tour) - 2) + 1):
        for i in range(len(tour)):
            rolled = np.roll(tour, -i)
            change = _placed(D, rolled[:size], rolled[size:])
            best = max(best, change, key=lambda change: change[0])
    return best


def _placed(D, part, rest):
    """Return the gain of the best place of a part in the rest, and that tour.

    The part lies between the last and the first of the rest.
    """
    after = np.roll(rest, -1)
    past = D[rest, after]
    gain = D[rest[-1], part[0]] + D[part[-1], rest[0]] - past[-1]
    straight = D[rest, part[0]] + D[part[-1], after] - past
    turned = D[rest, part[-1]] + D[part[0], after] - past
    k = np.minimum(straight, turned).argmin()
    part = part if straight[k] <= turned[k] else part[::-1]
    tour = np.concatenate([rest[: k + 1], part, rest[k + 1 :]])
    return gain - min(straight[k], turned[k]), tour
