"""Binary files of records of one fixed length."""

import os

import numpy as np

_BLOCK_BYTES = 1 << 24


def read_records(path, n_records, record_bytes):
    """Yield a file's records block by block, its length checked first.

    Parameters
    ----------
    path : path-like
        The file.
    n_records, record_bytes : int
        How many records the format puts in this file, and their length.

    Yields
    ------
    rows : slice
        Which records follow.
    records : ndarray of uint8 of shape (rows.stop - rows.start, record_bytes)
        Their bytes.

    Raises
    ------
    ValueError
        When the file is not exactly `n_records` × `record_bytes` bytes long.
    """
    per_block = max(_BLOCK_BYTES // record_bytes, 1)
    with open(path, "rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        if size != n_records * record_bytes:
            raise _wrong_length(
                path, size, n_records=n_records, record_bytes=record_bytes
            )
        for start in range(0, n_records, per_block):
            rows = slice(start, min(start + per_block, n_records))
            count = (rows.stop - rows.start) * record_bytes
            records = np.fromfile(stream, np.uint8, count)
            if records.size != count:  # cut short since its length was taken
                came = start * record_bytes + records.size
                raise _wrong_length(
                    path, came, n_records=n_records, record_bytes=record_bytes
                )
            yield rows, records.reshape(-1, record_bytes)


def _wrong_length(path, size, *, n_records, record_bytes):
    whole, rest = divmod(size, record_bytes)
    return ValueError(
        f"{path}: expected {n_records} records of {record_bytes} bytes, "
        f"{n_records * record_bytes} bytes; got {size} bytes, {whole} records and "
        f"{rest} bytes."
    )
