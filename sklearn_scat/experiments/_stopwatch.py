"""Time that is spent in transformers, however deep inside a search they are called."""

import time
from functools import cache
from inspect import getattr_static, isfunction

from sklearn_scat._parameters import is_estimator, parameters, parts


class Stopwatch:
    """Add up the seconds that transformers spend in `transform`.

    Every transformer of an estimator, which should be a copy of one's own, becomes one
    of a class that is its own but for this: its clones have the same class, its
    pickles are of the class that it had. Within one process; what a transformer calls
    in its turn is counted once.

    Attributes
    ----------
    seconds : float
        Time until now.

    Examples
    --------
    >>> from sklearn.base import clone
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn_scat.experiments._stopwatch import Stopwatch
    >>> watch = Stopwatch()
    >>> scaler = watch.time(StandardScaler())
    >>> rows = clone(scaler).fit_transform([[0.0], [1.0]])
    >>> watch.seconds > 0
    True
    """

    def __init__(self):
        self.seconds = 0.0
        self._is_running = False
        self._timed_class = cache(self._make_timed_class)

    def time(self, estimator):
        """Time the transformers of an estimator and of its parts; return it."""
        held = [p.value for p in parameters(estimator)]
        for part in (estimator, *held, *parts(estimator)):
            # pipelines and searches have one by a descriptor, and only at times
            method = getattr_static(type(part), "transform", None)
            if is_estimator(part) and isfunction(method):
                part.__class__ = self._timed_class(type(part))
        return estimator

    def _make_timed_class(self, own):
        """Return a class that is a transformer's own, but timed."""
        if hasattr(own, "_untimed"):
            return own

        def transform(instance, *args, **kwargs):
            return self._measured(own.transform, instance, *args, **kwargs)

        timed = type(own.__name__, (own,), {"__module__": own.__module__})
        timed.transform = transform  # not in its body, which scikit-learn wraps again
        timed._untimed = own
        timed.__reduce_ex__ = _reduce_untimed
        return timed

    def _measured(self, method, *args, **kwargs):
        if self._is_running:
            return method(*args, **kwargs)
        start, self._is_running = time.perf_counter(), True
        try:
            return method(*args, **kwargs)
        finally:
            self._is_running = False
            self.seconds += time.perf_counter() - start


def _reduce_untimed(instance, protocol):
    """Pickle and copy a transformer as one of the class that it had."""
    return _restored, (type(instance)._untimed, vars(instance))


def _restored(own, attributes):
    """Return a transformer of a class, with its attributes."""
    instance = own.__new__(own)
    vars(instance).update(attributes)
    return instance
