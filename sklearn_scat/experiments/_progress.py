"""How far an experiment has come, for people and for log files."""

import sys
import time
from typing import Any

_BAR = "|{bar:30}| {desc} {postfix}"
# A run costs about so many images more than it trains on: it also tests.
_FIXED_COST = 100


class Progress:
    """Tell about runs as they end: a bar of tqdm on a terminal, a line each elsewhere.

    Parameters
    ----------
    runs : list of Run
        What is to be done.
    stream : file, default=None
        Where to write; None is standard error.

    Examples
    --------
    >>> import sys
    >>> from sklearn_scat.experiments import Progress
    >>> from sklearn_scat.experiments import Run
    >>> run = Run("digits", "pca", 50, 0, settings="5f")
    >>> progress = Progress([run], stream=sys.stdout)
    >>> progress(run, "80.3 %")  # doctest: +ELLIPSIS
    [1/1] pca n=50 seed=0: 80.3 % (0:00)
    """

    def __init__(self, runs: Any, stream: Any = None) -> None:
        self.stream = sys.stderr if stream is None else stream
        self.total, self.done = len(runs), 0
        self.work, self.worked = sum(_cost(run) for run in runs), 0
        self.start = time.monotonic()
        self.bar = None
        if self.stream.isatty() and runs:
            from tqdm import tqdm

            self.bar = tqdm(total=self.work, file=self.stream, bar_format=_BAR)
            self._fill()

    def __call__(self, run: Any, outcome: Any) -> None:
        """Tell of a run that ended, and what came out of it in a few words."""
        self.done += 1
        self.worked += _cost(run)
        if self.bar is None:
            self.note(f"[{self.done}/{self.total}] {run}: {outcome} ({self._clock()})")
        else:
            self._fill(f"{self._clock()} {run}")

    def note(self, text: Any) -> None:
        """Write a line of its own, above the bar."""
        if self.bar is None:
            print(text, file=self.stream, flush=True)
        else:
            self.bar.write(text, file=self.stream)

    def end(self) -> None:
        """Leave the bar's line."""
        if self.bar is not None:
            self.bar.close()
            self.bar = None

    def _fill(self, text=""):
        self.bar.set_description_str(f"{self.done}/{self.total}", refresh=False)
        self.bar.set_postfix_str(text, refresh=False)
        self.bar.n = self.worked
        self.bar.refresh()

    def _clock(self):
        """Return the time left, as the share of the work done lets expect it."""
        elapsed = time.monotonic() - self.start
        if self.done == self.total:
            return clock(elapsed)
        return f"{clock(elapsed * (self.work / self.worked - 1))} left"


def clock(seconds: Any) -> str:
    """Return seconds as minutes and seconds, or hours too.

    Examples
    --------
    >>> from sklearn_scat.experiments import clock
    >>> clock(75), clock(4000)
    ('1:15', '1:06:40')
    """
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{seconds:02}"
    return f"{minutes}:{seconds:02}"


def _cost(run):
    return run.n_train + _FIXED_COST
