"""IDX files: a typed array behind a big-endian header."""

import gzip
import math
import os
import sys
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sklearn_scat.datasets._arguments import check_choice

_DTYPES = {
    0x08: np.dtype("u1"),
    0x09: np.dtype("i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
_GZIP_MAGIC = b"\x1f\x8b"
_MAX_DIMS = 32  # numpy < 2 allows no more
_CHUNK = 1 << 20


def read_idx(
    path: str | os.PathLike[str], *, mmap_mode: Literal["r"] | None = None
) -> NDArray[Any]:
    """Array stored in an IDX file, plain or gzipped.

    An IDX file is two zero bytes, a byte for the type, a byte for the number of
    dimensions, each dimension as a big-endian 32-bit integer, and the values in
    C order [1]_. Compression is recognised by content, not by name.

    Parameters
    ----------
    path : path-like
        The file.
    mmap_mode : {None, "r"}, default=None
        "r" maps a plain file read-only instead of reading it.

    Returns
    -------
    ndarray
        Array of the shape and type that the header announces, in native byte
        order (a mapped file keeps the file's order).

    Raises
    ------
    ValueError
        When the file is no IDX file, is corrupt, or holds fewer or more values
        than its header says. Never more is read than the header announces, nor
        more memory taken than was read.

    References
    ----------
    .. [1] Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of
       handwritten digits", section "File formats",
       http://yann.lecun.com/exdb/mnist/

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_scat.datasets import read_idx
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "tiny-idx2-ubyte"
    ...     header = bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3])
    ...     _ = path.write_bytes(header + bytes(range(6)))
    ...     print(read_idx(path))
    [[0 1 2]
     [3 4 5]]
    """
    if mmap_mode is not None:
        check_choice(mmap_mode, "mmap_mode", ("r",))
        return _map_idx(Path(path))
    with _opened(path) as stream:
        dtype, shape = _read_header(stream, path)
        return _read_body(stream, path, dtype=dtype, shape=shape)


def read_idx_bytes(path, shape):
    """Array of uint8 of exactly `shape`; the header is checked before the rest."""
    with _opened(path) as stream:
        dtype, found = _read_header(stream, path)
        if dtype != np.uint8 or found != tuple(shape):
            raise ValueError(
                f"{path}: expected uint8 values of shape {tuple(shape)}, the header "
                f"announces {dtype.name} of shape {found}."
            )
        return _read_body(stream, path, dtype=dtype, shape=found)


@contextmanager
def _opened(path):
    """Open the file as plain bytes; name it when its gzip layer is damaged."""
    with open(path, "rb") as raw:
        is_gzip = raw.read(2) == _GZIP_MAGIC
        raw.seek(0)
        try:
            yield gzip.GzipFile(fileobj=raw) if is_gzip else raw
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise ValueError(
                f"{path}: gzip data are truncated or corrupt: {error}"
            ) from error


def _read_header(stream, path):
    """Type and shape, from 4 + 4·ndim bytes."""
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _DTYPES:
        types = ", ".join(f"{code:02x}" for code in _DTYPES)
        raise ValueError(
            f"{path}: not an IDX file: it begins with the bytes "
            f"{magic.hex(' ') or '(none)'}, expected 00 00, one of the types {types}, "
            f"and the number of dimensions."
        )
    ndim = magic[3]
    if not 1 <= ndim <= _MAX_DIMS:
        raise ValueError(
            f"{path}: the header announces {ndim} dimensions, expected 1 to "
            f"{_MAX_DIMS}."
        )
    raw = stream.read(4 * ndim)
    if len(raw) < 4 * ndim:
        raise ValueError(
            f"{path}: truncated header: {ndim} dimensions take {4 * ndim} bytes, "
            f"got {len(raw)}."
        )
    dtype = _DTYPES[magic[2]]
    shape = tuple(int(side) for side in np.frombuffer(raw, ">u4"))
    # Sides beside a zero count too: numpy refuses such shapes though they are empty.
    if math.prod(max(side, 1) for side in shape) * dtype.itemsize > sys.maxsize:
        raise ValueError(f"{path}: the header announces an impossible shape {shape}.")
    return dtype, shape


def _read_body(stream, path, *, dtype, shape):
    """Values of `shape`; memory grows with what arrives, not with what is claimed."""
    expected = math.prod(shape) * dtype.itemsize
    body = bytearray()
    while len(body) < expected:
        chunk = stream.read(min(_CHUNK, expected - len(body)))
        if not chunk:
            raise _wrong_length(path, f"got only {len(body)}", dtype=dtype, shape=shape)
        body += chunk
    if stream.read(1):  # reaching the end also checks the gzip checksum
        raise _wrong_length(path, "more follow", dtype=dtype, shape=shape)
    values = np.frombuffer(body, dtype).reshape(shape)
    return values.astype(dtype.newbyteorder("="), copy=False)


def _map_idx(path):
    with path.open("rb") as stream:
        if stream.read(2) == _GZIP_MAGIC:
            raise ValueError(
                f"{path}: a gzipped file cannot be mapped; unpack it, or read it "
                f"with mmap_mode=None."
            )
        stream.seek(0)
        dtype, shape = _read_header(stream, path)
        offset = stream.tell()
        size = os.fstat(stream.fileno()).st_size - offset
        if size != math.prod(shape) * dtype.itemsize:
            raise _wrong_length(path, f"got {size}", dtype=dtype, shape=shape)
        if size == 0:  # nothing to map
            return np.empty(shape, dtype)
        return np.memmap(stream, dtype, mode="r", offset=offset, shape=shape)


def _wrong_length(path, what_came, *, dtype, shape):
    expected = math.prod(shape) * dtype.itemsize
    return ValueError(
        f"{path}: the header announces {dtype.name} of shape {shape}, {expected} "
        f"bytes; {what_came}."
    )
