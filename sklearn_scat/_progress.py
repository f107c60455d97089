"""How far long work has come: a bar of tqdm on a terminal, plain lines elsewhere."""

import sys
import time


class Progress:
    """Tell of work as it goes on, at most once a second and at its end.

    Parameters
    ----------
    name : str
        What is being done.
    total : int
        How much there is to do.
    unit : str, default="images"
        In what it is counted.
    stream : file, default=None
        Where to write; None is standard error.

    Examples
    --------
    >>> import sys
    >>> from sklearn_scat._progress import Progress
    >>> progress = Progress("transform", 20, stream=sys.stdout)
    >>> progress(10)
    >>> progress(20)  # doctest: +ELLIPSIS
    [transform] 20/20 images, ... s
    """

    def __init__(self, name, total, *, unit="images", stream=None):
        self.name, self.total, self.unit = name, total, unit
        self.stream = sys.stderr if stream is None else stream
        self.start = self.last = time.perf_counter()
        self.bar = None
        if self.stream.isatty():
            from tqdm import tqdm

            self.bar = tqdm(total=total, desc=name, unit=f" {unit}", file=self.stream)

    def __call__(self, done, note=""):
        """Tell how much is done, and a word about it."""
        if self.bar is not None:
            self._fill(done, note)
            return
        now = time.perf_counter()
        if now - self.last < 1 and done < self.total:
            return
        self.last = now
        parts = [f"{done:,}/{self.total:,} {self.unit}", f"{now - self.start:.1f} s"]
        text = ", ".join([*parts, note] if note else parts)
        print(f"[{self.name}] {text}", file=self.stream, flush=True)

    def _fill(self, done, note):
        self.bar.set_postfix_str(note, refresh=False)
        self.bar.update(done - self.bar.n)
        if done >= self.total:
            self.bar.close()
