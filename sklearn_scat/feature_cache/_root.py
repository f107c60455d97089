"""The folder of a cache, with its limit and how much it was used."""

import struct
from contextlib import suppress
from pathlib import Path

from sklearn_scat.feature_cache._own_files import check_folder, own_file
from sklearn_scat.feature_cache._segments import fcntl

LIMIT = 2**31
_LIMIT_BYTES = 32  # of its text
_COUNTS = struct.Struct("<QQ")


def cache_root(directory):
    """Return the folder of the cache in a directory; its name tells the format."""
    return Path(directory).expanduser() / "sklearn-scat-features-1"


def read_limit(root):
    """Return the bytes that a cache may take."""
    return stored_limit(root) or LIMIT


def stored_limit(root):
    """Return the limit that was set, or None."""
    with suppress(OSError, ValueError), _opened(root, "limit", "rb") as file:
        return int(file.read(_LIMIT_BYTES))
    return None


def write_limit(root, limit):
    """Set the bytes that a cache may take; a reader finds either limit."""
    text = f"{limit}\n".rjust(_LIMIT_BYTES).encode()
    with _opened(root, "limit", "ab"):
        pass  # it is there now
    with _opened(root, "limit", "r+b") as file:
        file.write(text)
        file.truncate()


def read_counts(root):
    """Return how many images were read and how many computed."""
    with suppress(OSError, struct.error), _opened(root, "counts", "rb") as file:
        return _COUNTS.unpack(file.read(_COUNTS.size))
    return 0, 0


def add_counts(root, read, computed):
    """Add to the counts of images read and computed."""
    with suppress(OSError), _opened(root, "counts", "ab"):
        pass  # it is there now
    with suppress(OSError), _opened(root, "counts", "r+b") as file:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX)
        before = read_counts(root)
        file.write(_COUNTS.pack(before[0] + read, before[1] + computed))


def _opened(root, name, mode):
    """Open a file of the cache's folder, which is no link."""
    check_folder(root)
    return open(root / name, mode, buffering=0, opener=own_file)
