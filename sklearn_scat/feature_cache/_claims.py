"""Claims on images that are being computed, for which others wait."""

import os
import struct
from contextlib import contextmanager, suppress

import numpy as np

from sklearn_scat.feature_cache._own_files import own_file
from sklearn_scat.feature_cache._segments import fcntl

_FLOCK = "hhqqi"  # kind, whence, start, length, process: `struct flock` of Linux


@contextmanager
def claim(folder, keys, *, wait):
    """Claim images against being computed by other threads and processes meanwhile.

    Parameters
    ----------
    folder : Path
        Where they meet.
    keys : ndarray of shape (n,) and dtype KEY
        Of the images.
    wait : bool
        Wait for claims of others to end. One who waits claims nothing himself.

    Yields
    ------
    mine : ndarray of shape (n,), bool
        What was claimed: everything, if `wait`. The system ends claims with the
        process. Claims save work and no more: where a file system has no locks, or
        cannot be written, all claims succeed.
    """
    mine = np.ones(len(keys), bool)
    file = _meeting_place(folder)
    if file is None:
        yield mine
        return
    with file:
        for i, place in enumerate(keys["high"] >> np.uint64(2)):
            try:
                _lock(file, int(place), wait=wait)
            except (BlockingIOError, PermissionError):
                mine[i] = False
            except OSError:
                break
            if wait:
                _unlock(file)
        try:
            yield mine
        finally:
            _unlock(file)  # a forked child may have the file open still


def _meeting_place(folder):
    """Return the open file whose bytes are locked, or None where there is none."""
    if fcntl is not None:  # Windows has no locks on parts of files
        with suppress(OSError):
            return open(folder / "claims", "ab", opener=own_file)
    return None


def _lock(file, place, *, wait):
    """Lock one byte: against threads too, where the system's locks are of open files.

    Elsewhere they are of processes.
    """
    if not hasattr(fcntl, "F_OFD_SETLK"):
        fcntl.lockf(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB), 1, place)
        return
    lock = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, place, 1, 0)
    fcntl.fcntl(file, fcntl.F_OFD_SETLKW if wait else fcntl.F_OFD_SETLK, lock)


def _unlock(file):
    """Unlock all bytes of a file."""
    with suppress(OSError):
        if not hasattr(fcntl, "F_OFD_SETLK"):
            fcntl.lockf(file, fcntl.LOCK_UN)
            return
        lock = struct.pack(_FLOCK, fcntl.F_UNLCK, os.SEEK_SET, 0, 0, 0)
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, lock)
