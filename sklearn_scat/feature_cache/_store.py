"""Rows of features on disk, found by the hash of what they were computed from.

Rows of one length lie in segments, each a pair of files that only grow: ``NAME.rows``
holds the rows one after the other, and ``NAME.keys`` an entry for each, with its key
and a checksum. Rows are written before their entries, and an entry that does not fit
its row is not believed, so that a process killed at any moment leaves nothing that is
read. One process at a time appends to a segment; all may read it, and delete it.
"""

import os
import time
import uuid
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np

from sklearn_scat._compat import warn
from sklearn_scat.feature_cache._own_files import make_folder, own_file
from sklearn_scat.feature_cache._segments import (
    all_segments,
    delete,
    fcntl,
    lock,
    open_locked,
    segment_files,
    touch,
)

KEY = np.dtype([("high", "<u8"), ("low", "<u8")])
ENTRY = np.dtype([*KEY.descr, ("check", "<u4")])
_PLACE = np.dtype([*ENTRY.descr, ("segment", "<u4"), ("row", "<u4")])

_TRIES = 8  # to lock a new segment
SEGMENTS = 16  # that fill the limit: what is evicted at once is about a 16th of it


class FeatureStore:
    """Find, read and append rows of one length.

    Parameters
    ----------
    folder : Path
        Of the segments, made when something is kept. The limit holds for all its
        siblings together.
    row_bytes : int
        Length of a row.
    limit : int
        Bytes on disk. What was used longest ago makes room; what was used since this
        object was made does not, and rows that find no room are not kept.
    """

    def __init__(self, folder, *, row_bytes, limit):
        self.folder = Path(folder)
        self.row_bytes = row_bytes
        self.limit = limit
        self._start = time.time_ns()
        self._seen = None
        self._names = []
        self._places = np.empty(0, _PLACE)

    def use(self, keys):
        """Mark the segments that hold any of the keys as used now."""
        places = self._find(keys)[1]
        for segment in np.unique(places["segment"]):
            touch(self._path(self._names[segment], "keys"))

    def read(self, keys, rows):
        """Fill rows from the store; return which were found.

        Parameters
        ----------
        keys : ndarray of shape (n,) and dtype KEY
        rows : sequence of n writeable buffers of `row_bytes` bytes

        Returns
        -------
        found : ndarray of shape (n,), bool
            The other rows are left in an undefined state.
        """
        found, places = self._find(keys)
        wanted = np.flatnonzero(found)
        order = np.lexsort((places["row"], places["segment"]))
        bounds = np.flatnonzero(np.diff(places["segment"][order])) + 1
        for part in np.split(order, bounds) if len(order) else []:
            name = self._names[places["segment"][part[0]]]
            targets = [rows[i] for i in wanted[part]]
            good = self._read_segment(name, places[part], targets)
            found[wanted[part]] = good
            if not good.all():
                self._bury(name, places["row"][part[~good]])
        return found

    def append(self, keys, rows):
        """Keep rows, if there is room for them.

        Parameters
        ----------
        keys : ndarray of shape (n,) and dtype KEY
        rows : ndarray of shape (n, row_bytes), uint8 and C-contiguous
        """
        if not self._make_room(len(keys) * (self.row_bytes + ENTRY.itemsize)):
            return
        entries = np.empty(len(keys), ENTRY)
        entries[["high", "low"]] = keys
        pairs = zip(keys, rows, strict=True)
        entries["check"] = [_check(key.tobytes(), row) for key, row in pairs]
        with self._own_segment() as keys_file:
            name = Path(keys_file.name).stem
            count = os.fstat(keys_file.fileno()).st_size // ENTRY.itemsize
            rows_path = self._path(name, "rows")
            with open(rows_path, "ab", opener=own_file) as rows_file:
                rows_file.truncate(count * self.row_bytes)
                rows_file.write(rows.data)
            keys_file.truncate(count * ENTRY.itemsize)
            keys_file.seek(0, os.SEEK_END)
            keys_file.write(entries.tobytes())
            keys_file.flush()
            touch(keys_file.name)

    def _path(self, name, kind):
        return self.folder / f"{name}.{kind}"

    def _find(self, keys):
        """Return which keys are stored, and the places of those."""
        self._refresh()
        if len(self._places) == 0:
            return np.zeros(len(keys), bool), self._places[:0]
        at = np.searchsorted(self._places["high"], keys["high"])
        places = self._places[np.minimum(at, len(self._places) - 1)]
        found = (places["high"] == keys["high"]) & (places["low"] == keys["low"])
        return found, places[found]

    def _refresh(self):
        """Read the entries of all segments, if any has changed."""
        sizes = {path.stem: size for path, size, _ in segment_files(self.folder)}
        if sizes == self._seen:
            return
        tables = [self._read_entries(number, name) for number, name in enumerate(sizes)]
        places = np.concatenate([np.empty(0, _PLACE), *tables])
        self._places = places[np.argsort(places["high"], kind="stable")]
        self._seen, self._names = sizes, list(sizes)

    def _read_entries(self, number, name):
        """Return the places of one segment's rows; an unfinished entry is left out."""
        data = b""
        with suppress(OSError):  # deleted since the folder was listed, or another's
            with open(self._path(name, "keys"), "rb", opener=own_file) as file:
                data = file.read()
        count = len(data) // ENTRY.itemsize
        places = np.empty(count, _PLACE)
        entries = np.frombuffer(data, ENTRY, count)
        for field in ENTRY.names:
            places[field] = entries[field]
        places["segment"], places["row"] = number, np.arange(count)
        return places

    def _read_segment(self, name, places, rows):
        """Fill rows from one segment; return which are whole."""
        good = np.zeros(len(places), bool)
        try:
            file = open(self._path(name, "rows"), "rb", buffering=0, opener=own_file)
        except FileNotFoundError:
            return good
        with file:
            for i, (place, row) in enumerate(zip(places, rows, strict=True)):
                file.seek(int(place["row"]) * self.row_bytes)
                whole = file.readinto(row) == self.row_bytes
                key = place.tobytes()[: KEY.itemsize]
                good[i] = whole and _check(key, row) == place["check"]
        return good

    def _bury(self, name, rows):
        """Take entries that do not fit their rows out of a segment."""
        self._seen = None
        path = self._path(name, "keys")
        try:
            with open(path, "r+b", buffering=0, opener=own_file) as file:
                for row in rows:
                    file.seek(int(row) * ENTRY.itemsize)
                    file.write(bytes(KEY.itemsize))
        except FileNotFoundError:  # evicted meanwhile by another process: no damage
            return
        except OSError:  # to be read only: they are found damaged again
            pass
        warn(
            f"{len(rows)} images in the feature cache {self.folder} were damaged. They "
            "are transformed again.",
            UserWarning,
        )

    def _make_room(self, need):
        """Delete what was used longest ago; tell whether `need` bytes fit then."""
        segments = sorted(all_segments(self.folder.parent), key=lambda s: s[2])
        total = need + sum(size for _, size, _ in segments)
        for path, size, used in segments:
            if total <= self.limit or used >= self._start:
                break
            if delete(path):
                total -= size
        return total <= self.limit

    def _own_segment(self):
        """Open the keys of a segment that no other process appends to."""
        for path, size, _ in segment_files(self.folder) if fcntl else ():
            if size * SEGMENTS < self.limit and (file := open_locked(path)):
                return file
        make_folder(self.folder)  # in case it was cleared
        for _ in range(_TRIES):
            file = self._new_keys()
            if lock(file):
                return file
            file.close()  # another thread saw it and was faster
        # Without locks in the file system nobody appends to another's segment.
        return self._new_keys()

    def _new_keys(self):
        """Open the keys of a new segment."""
        return open(self._path(uuid.uuid4().hex, "keys"), "x+b", opener=own_file)


def _check(key, row):
    """Return the checksum of a row under its key."""
    return zlib.crc32(row, zlib.crc32(key))
