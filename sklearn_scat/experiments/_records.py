"""The record file: one line a run, appended so that a killed run loses nothing."""

import json
import os
import reprlib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from sklearn_scat._whole_files import write_text
from sklearn_scat.experiments._record_fields import check_field


@dataclass(frozen=True)
class Record:
    """What one run gave.

    Parameters
    ----------
    case, recipe : str
        Names of the case and of the recipe.
    n_train, seed : int
        Training images in total; seed of the draw.
    accuracy : float
        Part of the test images that were classified rightly.
    n_test : int
        Test images.
    params : dict
        Parameters that the search chose; empty without a search.
    fit_time, score_time : float
        Seconds of the whole search with its last fit, and of the test images.
    settings : str
        Fingerprint of the images, the unfitted estimator and the version.
    environment : str
        Key of the machine and the versions in ``environments.json``.
    warnings : tuple of str
        Distinct warnings of the run.
    times : dict of str to float
        Seconds by stage, training and test images together: "transform", in the
        representation; "fit" and "predict", the rest of `fit_time` and `score_time`.
    confusion : dict
        "classes", as text, and "counts" of test images by true class (rows) and
        predicted class (columns).
    weights : dict
        "paths" and "sizes" of a linear classifier's weights; empty for others.
    predictions : dict
        Of the test images "predicted", positions in the classes of the confusion;
        "truth", likewise; "index", positions among the images of the case, or []
        where it has test images of its own, in order; "probability" of the predicted
        classes, or [] where the classifier gives none; "neighbors", of the surest
        mistakes the position among the test images, and those, among the images of the
        case, of the nearest that were learned from.

    Examples
    --------
    >>> from sklearn_scat.experiments import Record
    >>> record = Record("digits", "pca", 50, 0, 0.8, 1747, {}, 1.5, 0.1, "5f", "a0")
    >>> Record.from_line(record.to_line()) == record
    True
    """

    case: str
    recipe: str
    n_train: int
    seed: int
    accuracy: float
    n_test: int
    params: dict
    fit_time: float
    score_time: float
    settings: str
    environment: str
    warnings: tuple = ()
    times: dict = field(default_factory=dict)
    confusion: dict = field(default_factory=dict)
    weights: dict = field(default_factory=dict)
    predictions: dict = field(default_factory=dict)

    @property
    def key(self) -> Any:
        """The key of the run that this is the record of."""
        return self.case, self.recipe, self.n_train, self.seed, self.settings

    def to_line(self) -> str:
        """Return the record as one line of JSON, without the line's end.

        Raises
        ------
        ValueError
            If it holds numbers that are infinite or NaN.
        """
        return json.dumps(asdict(self), allow_nan=False)

    @classmethod
    def from_line(cls, line: Any) -> Self:
        """Return the record of a line; fields that it does not know are passed over.

        Raises
        ------
        ValueError
            If the line is no record.
        """
        found = json.loads(line)
        if not isinstance(found, dict):
            raise ValueError(f"a {type(found).__name__} where an object was expected")
        if "recipe" not in found and "method" in found:  # its name in former lines
            found["recipe"] = found.pop("method")
        found = {"warnings": [], "times": {}, "confusion": {}, "weights": {}, **found}
        found = {"predictions": {}, **found}
        values = {part.name: _checked(found, part) for part in fields(cls)}
        json.dumps(values, ensure_ascii=False).encode()  # raises where no file holds it
        return cls(**{**values, "warnings": tuple(values["warnings"])})


def _checked(found, part):
    """Return one field of a line, or say what is wrong with it."""
    if part.name not in found:
        raise ValueError(f"{part.name!r} is missing")
    value = found[part.name]
    accepted: Any = {float: (float, int), tuple: list}.get(part.type, part.type)
    if isinstance(value, bool) or not isinstance(value, accepted):
        shown = reprlib.repr(value)
        raise ValueError(f"{part.name}={shown} is no {part.type.__name__}")
    check_field(part.name, value)
    return value


class RecordFolder:
    """The folder of an experiment, held by one process at a time.

    Use it as a context: it makes the folder, locks it, and reads what is there.
    Damaged lines are moved to ``results.damaged.jsonl``; their runs are to be done
    again.

    Parameters
    ----------
    folder : path-like
        Where the files are.

    Attributes
    ----------
    records : dict
        Records by their keys; of two with one key the later counts.
    damaged : list of str
        What was wrong, line by line.

    Raises
    ------
    ValueError
        If another process holds the folder, or it is no folder.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn_scat.experiments import Record, RecordFolder
    >>> record = Record("digits", "pca", 50, 0, 0.8, 1747, {}, 1.5, 0.1, "5f", "a0")
    >>> with tempfile.TemporaryDirectory() as root:
    ...     with RecordFolder(root) as folder:
    ...         folder.append(record)
    ...     with RecordFolder(root) as folder:
    ...         folder.records[record.key].accuracy
    0.8
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self.path = self.folder / "results.jsonl"
        self.records: dict[Any, Any] = {}
        self.damaged: list[Any] = []

    def __enter__(self):
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise ValueError(f"{self.folder} is a file, not a folder.") from error
        self._lock = _locked(self.folder / ".lock")
        try:
            self._read()
            self._stream = open(self.path, "a", encoding="utf-8", newline="\n")
        except BaseException:
            self._lock.close()
            raise
        return self

    def __exit__(self, *exception):
        self._stream.close()
        self._lock.close()

    def append(self, record: Any) -> None:
        """Add a record; it is on the disk when this returns."""
        self._stream.write(record.to_line() + "\n")
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self.records[record.key] = record

    def _read(self):
        """Read the record file, and take what is damaged out of it."""
        if not self.path.exists():
            return
        text = self.path.read_bytes().decode("utf-8", errors="backslashreplace")
        good, bad = [], []
        for number, line in enumerate(text.split("\n"), start=1):
            if not line.strip():
                continue
            try:
                record = Record.from_line(line)
            except (ValueError, RecursionError) as error:
                bad.append(line)
                self.damaged.append(f"{self.path}, line {number}: {error}")
            else:
                good.append(line)
                self.records[record.key] = record
        if bad:
            with open(
                self.folder / "results.damaged.jsonl", "a", encoding="utf-8"
            ) as stream:
                stream.writelines(line + "\n" for line in bad)
        if bad or (good and not text.endswith("\n")):
            write_text(self.path, "".join(line + "\n" for line in good))


def _locked(path):
    """Return an open file that no other process can lock until it is closed."""
    stream = open(path, "a+", encoding="utf-8")
    try:
        import fcntl
    except ImportError:  # Windows has no flock
        return stream
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        stream.seek(0)
        holder = stream.read().strip() or "unknown"
        stream.close()
        raise ValueError(
            f"{path.parent} is in use by another run (process {holder}). Wait for it, "
            f"or give another --out."
        ) from error
    stream.truncate(0)
    stream.write(str(os.getpid()))
    stream.flush()
    return stream
