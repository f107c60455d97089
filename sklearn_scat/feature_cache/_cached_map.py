"""Compute the features of every image once: the rest is read from disk."""

import hashlib
import struct
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from sklearn_scat._compat import warn
from sklearn_scat.feature_cache._store import KEY, SEGMENTS, FeatureStore, fcntl

LIMIT = 2**31
_BLOCK_BYTES = 2**25  # of features, worked on at once
_BLOCK_ROWS = 1024
_COUNTS = struct.Struct("<QQ")


def cached_map(compute, rows, out, *, key, directory, progress=None):
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
    Several processes may share a directory: an image that one of them is computing is
    waited for by the others, after all that they can do meanwhile. A process that
    dies gives up what it had begun. Where the disk is full or broken, a warning is
    given and the rest is computed.
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
    store.use(task.keys)
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
        self.broken = False

    def run(self, progress=None):
        """Fill all rows; last those that other processes have begun."""
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
        """Fill rows of some indices; return those left to other processes."""
        missing = self._read(block)
        if len(missing) == 0:
            return missing
        with claim(self.store.folder, self.keys[missing], wait=wait) as mine:
            others = missing[~mine]
            # between the look-up and the claim another process may have been faster
            missing = self._read(missing[mine]) if fcntl else missing
            if len(missing):
                self._compute(missing)
        return others

    def _read(self, indices):
        """Read what is stored; return the indices of the rest."""
        if self.broken:
            return indices
        with self._tolerating_disk_errors():
            found = self.store.read(
                self.keys[indices], [self.bytes[i] for i in indices]
            )
            self.read += int(found.sum())
            return indices[~found]
        return indices

    def _compute(self, indices):
        """Compute rows, those of equal images once, and store them."""
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
        if not self.broken:
            with self._tolerating_disk_errors():
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
    def _tolerating_disk_errors(self):
        """Go on without the disk if it fails."""
        try:
            yield
        except OSError as error:
            self.broken = True
            warn(
                f"The feature cache in {self.store.folder} cannot be used ({error}). "
                "The remaining images are transformed without it.",
                UserWarning,
            )


@contextmanager
def claim(folder, keys, *, wait):
    """Claim images against being computed by other processes meanwhile.

    Parameters
    ----------
    folder : Path
        Where the processes meet.
    keys : ndarray of shape (n,) and dtype KEY
        Of the images.
    wait : bool
        Wait for claims of others to end. One who waits claims nothing himself.

    Yields
    ------
    mine : ndarray of shape (n,), bool
        What was claimed: everything, if `wait`. The system ends claims with the
        process. Claims save work and no more: where a file system has no locks, all
        claims succeed.
    """
    mine = np.ones(len(keys), bool)
    if fcntl is None:
        yield mine
        return
    with open(folder / "claims", "ab") as file:
        for i, place in enumerate(keys["high"] >> np.uint64(2)):
            try:
                mode = fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB
                fcntl.lockf(file, mode, 1, int(place))
            except (BlockingIOError, PermissionError):
                mine[i] = False
            except OSError:
                break
            if wait:
                fcntl.lockf(file, fcntl.LOCK_UN, 1, int(place))
        yield mine


def cache_root(directory):
    """Return the folder of the cache in a directory; its name tells the format."""
    return Path(directory).expanduser() / "sklearn-scat-features-1"


def read_limit(root):
    """Return the bytes that a cache may take."""
    with suppress(FileNotFoundError, ValueError):
        return int((root / "limit").read_text())
    return LIMIT


def read_counts(root):
    """Return how many images were read and how many computed."""
    with suppress(FileNotFoundError, struct.error):
        return _COUNTS.unpack((root / "counts").read_bytes())
    return 0, 0


def add_counts(root, read, computed):
    """Add to the counts of images read and computed."""
    with suppress(OSError), open(root / "counts", "ab"):
        pass  # it is there now
    with suppress(OSError), open(root / "counts", "r+b", buffering=0) as file:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX)
        before = read_counts(root)
        file.write(_COUNTS.pack(before[0] + read, before[1] + computed))


def _version():
    """Return the version of this package: a new one computes anew."""
    try:
        return version("sklearn-scat")
    except PackageNotFoundError:  # run from a source tree
        return "unknown"
