"""The directories in which transformers keep the features of images.

A transformer with ``cache=DIRECTORY`` transforms every image once: folds and candidates
of a search, repeated fits and other processes read what one of them computed. Features
are found by a hash of the image's bytes and dtype, of the parameters that change them
and of the version of this package. What does not change them beyond float32 rounding
has no part: `batch_size` and `device`, and what ``engine="auto"`` picks. Numbers come
back bit by bit as they were computed.

A cache takes up to 2 GiB of disk, see `set_limit`; what was used longest ago makes
room. Several threads and processes may use it at once, and one that is killed leaves
nothing that another would read. Damaged files are deleted and their images transformed
again, with a warning. A cache that cannot be written is read; one that cannot be read
either costs a warning. Links, pipes and whatever else is no file of the cache's own
are left alone. Files hold numbers only, no pickles.
"""

import os
from dataclasses import dataclass
from numbers import Integral
from shutil import rmtree

from sklearn_scat.feature_cache._own_files import make_folder
from sklearn_scat.feature_cache._root import (
    cache_root,
    read_counts,
    read_limit,
    stored_limit,
    write_limit,
)
from sklearn_scat.feature_cache._segments import all_segments
from sklearn_scat.feature_cache._store import ENTRY

__all__ = ["CacheInfo", "clear", "info", "set_limit"]


@dataclass(frozen=True)
class CacheInfo:
    """What a cache holds, and how much it was used since it was cleared.

    Attributes
    ----------
    computed : int
        Images that were transformed.
    read : int
        Images whose features were there already.
    entries : int
        Images that are stored, counted once for each set of parameters.
    bytes : int
        Size on disk.
    limit : int
        Largest size on disk, in bytes.
    """

    computed: int
    read: int
    entries: int
    bytes: int
    limit: int


def info(directory: str | os.PathLike[str]) -> CacheInfo:
    """Return what the cache in a directory holds, and how much it was used.

    Parameters
    ----------
    directory : path-like
        As given to a transformer's `cache`. Need not exist.

    Returns
    -------
    info : CacheInfo
        ``computed``, ``read``, ``entries``, ``bytes``, ``limit``.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_scat import ScatteringTransformer
    >>> from sklearn_scat.feature_cache import _directory as feature_cache
    >>> X, _ = load_digits(return_X_y=True)
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     scattering = ScatteringTransformer(J=1, cache=directory).fit(X)
    ...     S = scattering.transform(X[:100])
    ...     S = scattering.transform(X[50:150])
    ...     usage = feature_cache.info(directory)
    >>> usage.computed, usage.read
    (150, 50)
    """
    root = cache_root(directory)
    read, computed = read_counts(root)
    segments = all_segments(root)
    entries = sum(path.stat().st_size // ENTRY.itemsize for path, _, _ in segments)
    size = sum(size for _, size, _ in segments)
    return CacheInfo(computed, read, entries, size, read_limit(root))


def clear(directory: str | os.PathLike[str]) -> None:
    """Delete the cache in a directory, and nothing else there.

    Processes that use it meanwhile go on, and begin it again.

    Parameters
    ----------
    directory : path-like
        As given to a transformer's `cache`. Need not exist.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn_scat.feature_cache import _directory as feature_cache
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     feature_cache.clear(directory)
    """
    root = cache_root(directory)
    limit = stored_limit(root)
    rmtree(root, ignore_errors=True)
    if limit is not None:
        set_limit(directory, limit)


def set_limit(directory: str | os.PathLike[str], limit: int) -> None:
    """Set how many bytes the cache in a directory may take; 2 GiB is the default.

    A search is fast where the features of all its images fit, for every set of
    parameters: 10,000 digits of 28×28 pixels at J=2 take 159 MB, 1,000 colour images
    of 224×224 pixels at J=3 take 2 GB. What no longer fits is deleted when something
    is next stored.

    Parameters
    ----------
    directory : path-like
        As given to a transformer's `cache`; made if need be.
    limit : int
        Bytes.

    Raises
    ------
    ValueError
        If `limit` is not a positive integer.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn_scat.feature_cache import _directory as feature_cache
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     feature_cache.set_limit(directory, 10**10)
    ...     feature_cache.info(directory).limit
    10000000000
    """
    if not isinstance(limit, Integral) or limit <= 0:
        raise ValueError(f"limit must be a positive number of bytes; got {limit!r}.")
    root = cache_root(directory)
    make_folder(root)
    write_limit(root, limit)
