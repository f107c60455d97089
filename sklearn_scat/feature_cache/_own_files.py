"""Files and folders that a cache takes for its own: never links, pipes or devices.

Whoever may write into the folder of a cache may put there what leads elsewhere or has
no end. Nothing of that kind is followed, waited for, shortened or read.
"""

import errno
import os
import stat
from contextlib import suppress

# neither follow links nor wait for who writes into a pipe; Windows knows neither
_CAREFUL = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def own_file(path, flags):
    """Open a file of the cache's own; ``open(..., opener=own_file)``.

    Parameters
    ----------
    path : path-like
        The file.
    flags : int
        As `open` gives them to its opener.

    Returns
    -------
    descriptor : int

    Raises
    ------
    OSError
        If it is a link, no regular file, or has another name elsewhere.
    """
    descriptor = os.open(path, flags | _CAREFUL, 0o666)
    if not _is_own(os.fstat(descriptor)):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "No regular file of the cache's own", str(path))
    return descriptor


def file_status(path):
    """Return the status of a file of the cache's own; None where there is none."""
    with suppress(FileNotFoundError):
        status = os.lstat(path)
        return status if _is_own(status) else None
    return None


def _is_own(status):
    return stat.S_ISREG(status.st_mode) and status.st_nlink <= 1


def check_folder(path):
    """Refuse what stands where a folder belongs; nothing may stand there.

    Raises
    ------
    NotADirectoryError
        If a file does, or a link.
    """
    with suppress(FileNotFoundError):
        if not stat.S_ISDIR(os.lstat(path).st_mode):
            message = "No folder of the cache's own"
            raise NotADirectoryError(errno.ENOTDIR, message, str(path))


def make_folder(path):
    """Make a folder in the folder of the cache, and that one, if need be."""
    for folder in (path.parent, path):
        check_folder(folder)
        folder.mkdir(parents=True, exist_ok=True)
