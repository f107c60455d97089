"""The file of a bundle: named parts in an uncompressed archive, under one checksum."""

import hashlib
import io
import math
import os
import stat
import zipfile

import numpy as np

from sklearn_scat._whole_files import whole_file

MANIFEST, ESTIMATOR = "manifest.json", "estimator.skops"
_PARTS = {MANIFEST, ESTIMATOR}
_SEAL = 64  # hexadecimal digits of SHA-256, the archive's comment at its very end
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same parts give the same bytes
_BLOCK = 2**20
_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
_MAX_PARTS = 100_000  # arrays of an estimator


class BundleError(ValueError):
    """A bundle that cannot be written, or that is refused."""


def write_parts(path, parts):
    """Write the parts of a bundle, the whole file or nothing.

    Parameters
    ----------
    path : path-like
        The file, which is replaced if it is there.
    parts : dict of str to bytes
        By name.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data)
        archive.comment = bytes(_SEAL)
    content = memoryview(buffer.getbuffer())[:-_SEAL]
    with whole_file(path) as partial, open(partial, "xb") as file:
        file.write(content)
        file.write(hashlib.sha256(content).hexdigest().encode())


def read_parts(path, *, max_bytes):
    """Return the parts of a bundle after all that can be said against the file.

    Parameters
    ----------
    path : path-like
        The file.
    max_bytes : int
        Largest size that is read.

    Returns
    -------
    parts : dict of str to bytes
        By name.

    Raises
    ------
    BundleError
        If the file is too large, not a bundle, cut off or changed.
    OSError
        If it cannot be opened.
    """
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise BundleError(f"{path} is no regular file.")
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        if size > max_bytes:
            raise BundleError(
                f"{path} has {size:,} bytes, more than max_bytes={max_bytes:,}. Pass a "
                "larger max_bytes if you trust where it comes from."
            )
        _check_seal(file, size, path)
        try:
            with zipfile.ZipFile(file) as archive:
                _check_members(archive, size)
                parts = {name: archive.read(name) for name in archive.namelist()}
        except Exception as error:  # damaged archives raise in a dozen ways
            raise BundleError(f"{path} is no bundle: {error}.") from error
    if parts.keys() != _PARTS:
        raise BundleError(
            f"{path} is no bundle: it should hold {sorted(_PARTS)}, and holds "
            f"{sorted(parts)}."
        )
    check_arrays(parts[ESTIMATOR], path, max_bytes=max_bytes)
    return parts


def check_arrays(data, path, *, max_bytes):
    """Refuse an archive of arrays that would take more memory than its size says.

    Parameters
    ----------
    data : bytes
        The archive that skops writes.
    path : path-like
        For messages.
    max_bytes : int
        Largest size of what it holds.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_members(archive, len(data))
            for info in archive.infolist():
                _check_array(archive, info, max_bytes)
    except BundleError:
        raise
    except Exception as error:  # headers of arrays can be wrong in a dozen ways
        raise BundleError(f"{path}: the estimator is damaged: {error}.") from error


def _check_seal(file, size, path):
    """Compare the checksum at the end of a file with that of all before it."""
    file.seek(0)
    digest, left = hashlib.sha256(), max(0, size - _SEAL)
    while left:
        block = file.read(min(_BLOCK, left))
        digest.update(block)
        left -= len(block)
    if file.read() != digest.hexdigest().encode():
        raise BundleError(
            f"{path} is no bundle, or it was cut off or changed after it was saved: "
            "its checksum does not match."
        )


def _check_members(archive, size):
    """Refuse what is compressed, encrypted, doubled or larger than the archive."""
    members = archive.infolist()
    names = [info.filename for info in members]
    stored = all(
        info.compress_type == zipfile.ZIP_STORED
        and info.file_size == info.compress_size
        and not info.flag_bits & 1
        for info in members
    )
    total = sum(info.file_size for info in members)
    too_many = len(names) > _MAX_PARTS or len(set(names)) < len(names)
    if not stored or too_many or total > size:
        raise BundleError(
            f"The archive's {len(names)} parts are compressed, doubled, or claim "
            f"{total:,} bytes in a file of {size:,}."
        )


def _check_array(archive, info, max_bytes):
    """Check a part of the archive if it is an array."""
    if info.filename.endswith(".npy"):
        _check_npy(archive, info)
    elif info.filename.endswith(".npz"):
        _check_npz(archive.read(info), max_bytes)


def array_bytes(archive, name):
    """Return the bytes that an array of an archive takes, and its dtype and shape.

    Those of a sparse matrix, in an archive of its own, are those of its arrays, without
    dtype and shape; those of plain bytes are their number.
    """
    if name.endswith(".npz"):
        with zipfile.ZipFile(io.BytesIO(archive.read(name))) as matrix:
            return (sum(info.file_size for info in matrix.infolist()),)
    if not name.endswith(".npy"):
        return (archive.getinfo(name).file_size,)
    dtype, shape, _ = _header(archive, name)
    return _claimed(dtype, shape), str(dtype), shape


def _header(archive, name):
    """Return the dtype and the shape of an array, and where its data begins."""
    with archive.open(name) as stream:
        version = np.lib.format.read_magic(stream)
        shape, _, dtype = _HEADERS[version](stream)
        return dtype, shape, stream.tell()


def _claimed(dtype, shape):
    """Return the bytes of an array; Python's integers do not overflow."""
    return math.prod(map(int, shape), start=dtype.itemsize)


def _check_npy(archive, info):
    """Compare the size that an array's header claims with that of its part."""
    dtype, shape, header = _header(archive, info)
    claimed = _claimed(dtype, shape)
    if min(shape, default=0) < 0 or header + claimed != info.file_size:
        raise BundleError(
            f"The array {info.filename} claims {claimed:,} bytes in a part of "
            f"{info.file_size:,}."
        )


def _check_npz(data, max_bytes):
    """Refuse a sparse matrix, the one compressed part, that unpacks to too much."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        total = sum(info.file_size for info in members)
        if total > max_bytes:
            raise BundleError(
                f"A sparse matrix claims {total:,} bytes, more than {max_bytes:,}."
            )
        for info in members:
            _check_npy(archive, info)
