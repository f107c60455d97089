"""Compute the features of every image once: the rest is read from disk."""

import hashlib
import os
from collections.abc import Callable
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_scat._compat import warn
from sklearn_scat.feature_cache._claims import claim, fcntl
from sklearn_scat.feature_cache._own_files import make_folder
from sklearn_scat.feature_cache._root import add_counts, cache_root, read_limit
from sklearn_scat.feature_cache._store import KEY, SEGMENTS, FeatureStore

_BLOCK_BYTES = 2**25  # of features, worked on at once
_BLOCK_ROWS = 1024


def cached_map(
    compute: Callable[..., Any],
    rows: NDArray[Any],
    out: NDArray[Any],
    *,
    key: str,
    directory: str | os.PathLike[str],
    progress: Callable[..., Any] | None = None,
) -> None:
    """Fill `out` from `rows`, reading what was computed before.

    Parameters
    ----------
    compute : callable
        ``compute(rows, out)`` fills a C-contiguous array; each row of the result must
        depend on its own row alone. Called for rows that are not stored, each once.
    rows : ndarray of shape (n, features)
        Images.
    out : ndarray of shape (n, ...), C-contiguous
        Their features. Stored bit by bit.
    key : str
        All that changes the values apart from `rows`; the version of the package, and
        the dtypes and shapes of a row and its result, are added.
    directory : path-like
        Where to store; made if need be.
    progress : callable, optional
        Called with the number of rows done.

    Notes
    -----
    Several threads and processes may share a directory: an image that one of them is
    computing is waited for by the others, after all that they can do meanwhile. A
    process that dies gives up what it had begun. Where the directory cannot be read or
    written, a warning is given, and what is not found there is computed.
    """
    if out[:1].size == 0:
        return
    root = cache_root(directory)
    layout = (rows.dtype.str, rows.shape[1:], out.dtype.str, out.shape[1:])
    digest = hashlib.blake2b(repr((key, _version(), *layout)).encode(), digest_size=16)
    store = FeatureStore(
        root / digest.hexdigest(), row_bytes=out[0].nbytes, limit=read_limit(root)
    )
    task = _Task(compute, rows, out=out, store=store, keys=row_keys(rows, digest))
    try:
        task.run(progress)
    finally:
        add_counts(root, task.read, task.computed)


def row_keys(rows, digest):
    """Return the hash of every row, begun by `digest`: (n,) of dtype KEY."""
    hashes = []
    for row in rows:
        own = digest.copy()
        own.update(row if row.flags.c_contiguous else row.tobytes())
        hashes.append(own.digest())
    return np.frombuffer(b"".join(hashes), KEY)


class _Task:
    """The state of one `cached_map`."""

    def __init__(self, compute, rows, *, out, store, keys):
        self.compute, self.rows, self.store, self.keys = compute, rows, store, keys
        self.out = out
        self.bytes = out.reshape(len(out), -1).view(np.uint8)
        self.read = self.computed = 0
        self.is_readable = self.is_writable = True

    def run(self, progress=None):
        """Fill all rows; last those that others have begun."""
        with self._tolerating_errors("read"):
            self.store.use(self.keys)
        size = min(_BLOCK_BYTES, self.store.limit // SEGMENTS) // self.bytes.shape[1]
        size = max(1, min(size, _BLOCK_ROWS))
        indices = np.arange(len(self.rows))
        left = []
        for start in range(0, len(indices), size):
            left.append(self._fill(indices[start : start + size], wait=False))
            if progress:
                progress(self.read + self.computed)
        for block in left:
            if len(block):
                self._fill(block, wait=True)
        if progress and any(map(len, left)):
            progress(len(indices))

    def _fill(self, block, *, wait):
        """Fill rows of some indices; return those left to others."""
        missing = self._read(block)
        if len(missing) == 0 or not self._has_folder():
            self._compute(missing)
            return missing[:0]
        with claim(self.store.folder, self.keys[missing], wait=wait) as mine:
            others = missing[~mine]
            # between the look-up and the claim another may have been faster
            self._compute(self._read(missing[mine]) if fcntl else missing)
        return others

    def _has_folder(self):
        """Make the folder for what is computed; tell whether it can be kept."""
        with self._tolerating_errors("written"):
            if self.is_writable:
                make_folder(self.store.folder)
        return self.is_writable

    def _read(self, indices):
        """Read what is stored; return the indices of the rest."""
        if not self.is_readable:
            return indices
        with self._tolerating_errors("read"):
            found = self.store.read(
                self.keys[indices], [self.bytes[i] for i in indices]
            )
            self.read += int(found.sum())
            return indices[~found]
        return indices

    def _compute(self, indices):
        """Compute rows, those of equal images once, and store them."""
        if len(indices) == 0:
            return
        first = {}
        for i in indices:
            first.setdefault(self.keys[i].tobytes(), i)
        unique = np.array(list(first.values()))
        result = self._result_of(unique)
        if len(unique) < len(indices):
            for i in indices:
                self.out[i] = self.out[first[self.keys[i].tobytes()]]
        self.computed += len(unique)
        self.read += len(indices) - len(unique)
        if self.is_writable:
            with self._tolerating_errors("written"):
                stored = result.reshape(len(unique), -1).view(np.uint8)
                self.store.append(self.keys[unique], stored)

    def _result_of(self, unique):
        """Compute rows into their places, at once where these follow each other."""
        start, stop = unique[0], unique[-1] + 1
        if stop - start == len(unique):
            result = self.out[start:stop]
            self.compute(self.rows[start:stop], result)
            return result
        result = np.empty((len(unique), *self.out.shape[1:]), self.out.dtype)
        self.compute(self.rows[unique], result)
        self.out[unique] = result
        return result

    @contextmanager
    def _tolerating_errors(self, use):
        """Go on where the disk cannot be "read" or "written": without, from then on."""
        try:
            yield
        except OSError as error:
            self.is_writable = False
            self.is_readable &= use == "written"
            warn(
                f"The feature cache in {self.store.folder} cannot be {use} ({error}). "
                "Images that are not found there are transformed, and not kept.",
            )


def _version():
    """Return the version of this package: a new one computes anew."""
    try:
        return version("sklearn-scat")
    except PackageNotFoundError:  # run from a source tree
        return "unknown"
