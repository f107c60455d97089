"""The pairs of files in which rows of features lie: found, locked and deleted."""

import os
import time
from contextlib import suppress
from pathlib import Path

from sklearn_scat.feature_cache._own_files import check_folder, file_status, own_file

try:
    import fcntl
except ImportError:  # without file locks every block gets a segment of its own
    fcntl = None  # type: ignore[assignment]


def segment_files(folder):
    """Return the segments of a folder: path of the keys, bytes, time of last use."""
    for place in (folder.parent, folder):
        check_folder(place)
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        keys = sorted(Path(e.path) for e in entries if e.name.endswith(".keys"))
        return [found for path in keys if (found := _segment(path))]
    return []


def all_segments(root):
    """Return the segments of all folders in `root`."""
    check_folder(root)
    with suppress(FileNotFoundError), os.scandir(root) as entries:
        folders = [Path(e.path) for e in entries if e.is_dir(follow_symlinks=False)]
        return [segment for folder in folders for segment in segment_files(folder)]
    return []


def _segment(path):
    """Return (path, bytes, time of last use), or None where it is none of our own."""
    keys, rows = file_status(path), file_status(path.with_suffix(".rows"))
    if keys is None or (rows is None and os.path.lexists(path.with_suffix(".rows"))):
        return None
    return path, keys.st_size + (rows.st_size if rows else 0), keys.st_mtime_ns


def touch(file):
    """Set the time of last use to now, finer than the file system would."""
    now = time.time_ns()
    with suppress(OSError):  # deleted, or to be read only
        os.utime(file, ns=(now, now))


def open_locked(path):
    """Open the keys of a segment, if they can be written and locked; else None."""
    with suppress(OSError):
        file = open(path, "r+b", opener=own_file)
        if lock(file):
            return file
        file.close()
    return None


def lock(file):
    """Lock a file against appending, without waiting; tell whether that worked."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return os.fstat(file.fileno()).st_nlink > 0  # else it was deleted meanwhile


def delete(path):
    """Delete a segment, if that is allowed; tell whether its entries are gone.

    They go first, so that no process looks for the rows.
    """
    for file in (path, path.with_suffix(".rows")):
        with suppress(OSError):  # another process was first, or has it open (Windows)
            file.unlink()
    return not os.path.lexists(path)
