"""Files that are whole or not there: written under another name, then renamed."""

import hashlib
import os
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


@contextmanager
def whole_file(path):
    """Give the name to write under; the file appears as `path` when all went well.

    Parameters
    ----------
    path : path-like
        Where the file is to be. One that is there is replaced in one step.

    Yields
    ------
    partial : pathlib.Path
        In the same folder. Removed if the block raises.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_scat._whole_files import whole_file
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with whole_file(Path(folder) / "a.txt") as partial:
    ...         _ = partial.write_text("all of it")
    ...     [file.name for file in Path(folder).iterdir()]
    ['a.txt']
    """
    path = Path(os.path.realpath(path))  # a link stays, and what it names is replaced
    partial = _partial(path, os.getpid())
    try:
        yield partial
        if path.exists():
            partial.chmod(path.stat().st_mode & 0o7777)
        _sync(partial)
        os.replace(partial, path)
        _sync(path.parent)
    finally:
        partial.unlink(missing_ok=True)
        _clear_left_by_killed(path)


@contextmanager
def sole_writer(path):
    """Keep other processes from writing the same file or folder meanwhile.

    Parameters
    ----------
    path : path-like
        Of what is written over a longer time, and gone on with by another process if
        this one is killed: its claim ends with it. (Windows knows no such claims; there
        nothing is kept from writing.)

    Raises
    ------
    FileExistsError
        If another process is writing it.
    """
    path = Path(os.path.realpath(path))
    claim = _hidden(path, "lock")
    file = _claimed(claim)
    if file is None:
        raise FileExistsError(
            f"{path} is being written by another process: wait for it, or give another "
            "name."
        )
    with file:
        try:
            yield
        finally:
            claim.unlink(missing_ok=True)


def _claimed(claim):
    """Return the open file of a claim, or None if it is another's."""
    while True:
        file = open(claim, "ab")
        if fcntl is None:
            return file
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        if os.fstat(file.fileno()).st_nlink:
            return file
        file.close()  # its owner was done, and removed it, between the two steps


def write_text(path, text):
    """Write a text file as UTF-8, whole or not at all."""
    with whole_file(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")


def _partial(path, process):
    """Return the name under which a process writes."""
    return _hidden(path, f"{process}.partial")


def _hidden(path, ending):
    """Return a hidden name beside a path, short for a name of any length."""
    digest = hashlib.blake2b(os.fsencode(path.name), digest_size=8).hexdigest()
    return path.with_name(f".{digest}.{ending}")


def _sync(path):
    """Wait until a file, or a folder's list of files, is on the disk."""
    if os.name == "nt" and path.is_dir():
        return  # Windows opens no folders
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _clear_left_by_killed(path):
    """Remove what processes left that were killed while they wrote this file."""
    for left in path.parent.glob(_partial(path, "*").name):
        process = left.name.split(".")[2]
        if process.isdecimal() and not _is_alive(int(process)):
            left.unlink(missing_ok=True)


def _is_alive(process):
    """Tell whether a process runs; where that cannot be asked, say that it does."""
    if os.name == "nt":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
