"""How far an experiment has come, for people and for log files."""

import shutil
import sys
import time

_WIDTH = 30
# A run costs about so many images more than it trains on: it also tests.
_FIXED_COST = 100


class Progress:
    """Tell about runs as they end: a bar on a terminal, a line each elsewhere.

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

    def __init__(self, runs, stream=None):
        self.stream = sys.stderr if stream is None else stream
        self.total = len(runs)
        self.done = 0
        self.work = sum(_cost(run) for run in runs)
        self.worked = 0
        self.start = time.monotonic()
        self.is_terminal = self.stream.isatty() and bool(runs)
        if self.is_terminal:
            self._show(f"{self._bar()} 0/{self.total}")

    def __call__(self, run, outcome):
        """Tell of a run that ended, and what came out of it in a few words."""
        self.done += 1
        self.worked += _cost(run)
        if not self.is_terminal:
            self._line(f"[{self.done}/{self.total}] {run}: {outcome} ({self._clock()})")
            return
        self._show(f"{self._bar()} {self.done}/{self.total} {self._clock()} {run}")
        if self.done == self.total:
            self.end()

    def note(self, text):
        """Write a line of its own, above the bar."""
        if self.is_terminal:
            self.stream.write("\r\x1b[K")
        self._line(text)
        if self.is_terminal:
            self._show(self.shown)

    def end(self):
        """Leave the bar's line."""
        if self.is_terminal:
            self._line("")
            self.is_terminal = False

    def _line(self, text):
        self.stream.write(text + "\n")
        self.stream.flush()

    def _show(self, text):
        """Write over the bar's line."""
        self.shown = text
        columns = shutil.get_terminal_size().columns
        self.stream.write(f"\r\x1b[K{text[: columns - 1]}")
        self.stream.flush()

    def _bar(self):
        filled = round(_WIDTH * self.worked / max(self.work, 1))
        return f"[{'#' * filled}{'.' * (_WIDTH - filled)}]"

    def _clock(self):
        """Return the time left, as the share of the work done lets expect it."""
        elapsed = time.monotonic() - self.start
        if self.done == self.total:
            return clock(elapsed)
        return f"{clock(elapsed * (self.work / self.worked - 1))} left"


def clock(seconds):
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
