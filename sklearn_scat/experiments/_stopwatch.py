"""Time that is spent in one method, however deep inside a search it is called."""

import functools
import time


class Stopwatch:
    """Add up the seconds that classes spend in `transform`, within a block.

    The method is replaced while the block lasts, so that it is timed in clones too;
    in this process alone, and for one thread.

    Parameters
    ----------
    *classes : type
        Whose `transform` is timed.

    Attributes
    ----------
    seconds : float
        Time until now.

    Examples
    --------
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn_scat.experiments._stopwatch import Stopwatch
    >>> with Stopwatch(StandardScaler) as watch:
    ...     rows = StandardScaler().fit_transform([[0.0], [1.0]])
    >>> watch.seconds > 0
    True
    """

    def __init__(self, *classes):
        self.classes = classes
        self.seconds = 0.0

    def __enter__(self):
        self._own = [vars(kind).get("transform") for kind in self.classes]
        for kind in self.classes:
            kind.transform = self._timed(kind.transform)
        return self

    def __exit__(self, *exception):
        for kind, own in zip(self.classes, self._own, strict=True):
            if own is None:
                del kind.transform
            else:
                kind.transform = own

    def _timed(self, method):
        @functools.wraps(method)
        def timed(*args, **kwargs):
            start = time.perf_counter()
            try:
                return method(*args, **kwargs)
            finally:
                self.seconds += time.perf_counter() - start

        return timed
