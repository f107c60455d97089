import gzip
import struct
import tracemalloc

import numpy as np
import pytest

from sklearn_scat.datasets import read_idx
from sklearn_scat.datasets._idx import read_idx_bytes

CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def idx_header(code, shape):
    return struct.pack(f">BBBB{len(shape)}I", 0, 0, code, len(shape), *shape)


def idx_bytes(values):
    code = CODES[values.dtype.str[1:]]
    big_endian = values.astype(values.dtype.newbyteorder(">"))
    return idx_header(code, values.shape) + big_endian.tobytes()


@pytest.fixture
def values():
    return np.random.default_rng(0).integers(0, 256, (5, 4, 3), dtype=np.uint8)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("dtype", CODES)
def test_read_idx_returns_what_was_written(tmp_path, dtype, pack):
    values = (np.arange(-12, 12).reshape(2, 3, 4) * 3).astype(dtype)
    path = tmp_path / "x"
    path.write_bytes(pack(idx_bytes(values)))
    read = read_idx(path)
    np.testing.assert_array_equal(read, values, strict=True)
    assert read.dtype.isnative and read.flags.writeable


@pytest.mark.parametrize("dtype", CODES)
def test_read_idx_maps_a_plain_file(tmp_path, dtype):
    values = np.arange(24).reshape(2, 3, 4).astype(dtype)
    path = tmp_path / "x"
    path.write_bytes(idx_bytes(values))
    mapped = read_idx(path, mmap_mode="r")
    assert isinstance(mapped, np.memmap) and not mapped.flags.writeable
    np.testing.assert_array_equal(mapped, values)


def test_read_idx_refuses_to_map_a_gzipped_file(tmp_path, values):
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(idx_bytes(values)))
    with pytest.raises(ValueError, match="cannot be mapped"):
        read_idx(path, mmap_mode="r")


def test_read_idx_refuses_other_mmap_modes(tmp_path):
    with pytest.raises(ValueError, match="mmap_mode='w'"):
        read_idx(tmp_path / "x", mmap_mode="w")


@pytest.mark.parametrize("mmap_mode", [None, "r"])
def test_read_idx_reads_an_empty_array(tmp_path, mmap_mode):
    path = tmp_path / "x"
    path.write_bytes(idx_header(0x08, (0, 28, 28)))
    assert read_idx(path, mmap_mode=mmap_mode).shape == (0, 28, 28)


def test_read_idx_takes_compression_from_content_not_name(tmp_path, values):
    unpacked = tmp_path / "x.gz"
    unpacked.write_bytes(idx_bytes(values))
    np.testing.assert_array_equal(read_idx(unpacked), values)


def test_read_idx_reads_several_gzip_members(tmp_path, values):
    raw = idx_bytes(values)
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(raw[:20]) + gzip.compress(raw[20:]))
    np.testing.assert_array_equal(read_idx(path), values)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not an IDX file.*\\(none\\)"),
        (b"\x00\x00\x08", "not an IDX file.*00 00 08"),
        (b"\x89PNG\r\n", "not an IDX file.*89 50 4e 47"),
        (b"\x00\x00\x07\x01\x00\x00\x00\x01a", "not an IDX file"),
        (b"\x00\x00\x08\x00a", "0 dimensions"),
        (b"\x00\x00\x08\xff", "255 dimensions"),
        (b"\x00\x00\x08\x03\x00\x00\x00\x01", "truncated header.*12 bytes, got 4"),
        (idx_header(0x0E, (2**32 - 1,) * 3), "impossible shape"),
        (idx_header(0x08, (2**32 - 1,) * 3 + (0,)), "impossible shape"),
        (idx_header(0x08, (2, 3)) + b"abcde", r"\(2, 3\), 6 bytes; got (only )?5"),
        (idx_header(0x08, (2, 3)) + b"abcdefg", "6 bytes; (more follow|got 7)"),
    ],
)
@pytest.mark.parametrize("how", ["plain", "gzip", "map"])
def test_read_idx_names_the_file_and_what_is_wrong(tmp_path, content, message, how):
    path = tmp_path / "broken"
    path.write_bytes(gzip.compress(content) if how == "gzip" else content)
    with pytest.raises(ValueError, match=f"broken: .*{message}"):
        read_idx(path, mmap_mode="r" if how == "map" else None)


def test_read_idx_refuses_every_truncation_of_a_gzipped_file(tmp_path, values):
    packed = gzip.compress(idx_bytes(values))
    path = tmp_path / "cut.gz"
    for length in range(len(packed)):
        path.write_bytes(packed[:length])
        with pytest.raises(ValueError, match=r"cut\.gz: "):
            read_idx(path)


def test_read_idx_never_returns_wrong_values_from_damaged_gzip_data(tmp_path, values):
    packed = gzip.compress(idx_bytes(values))
    path = tmp_path / "hurt.gz"
    for position in range(len(packed)):
        hurt = bytearray(packed)
        hurt[position] ^= 0xFF
        path.write_bytes(hurt)
        try:
            read = read_idx(path)
        except ValueError as error:
            assert "hurt.gz: " in str(error)
        else:  # the date and the system in gzip's header mean nothing here
            assert position < 10
            np.testing.assert_array_equal(read, values)


def test_read_idx_checks_the_gzip_checksum(tmp_path, values):
    packed = bytearray(gzip.compress(idx_bytes(values)))
    packed[-8] ^= 1  # the CRC is the last eight bytes' first half
    path = tmp_path / "x.gz"
    path.write_bytes(packed)
    with pytest.raises(ValueError, match="truncated or corrupt: CRC"):
        read_idx(path)


def test_read_idx_refuses_bytes_behind_the_gzip_data(tmp_path, values):
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(idx_bytes(values)) + b"and more")
    with pytest.raises(ValueError, match="truncated or corrupt"):
        read_idx(path)


def peak_bytes_of_failed_read(path):
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="bytes; "):
            read_idx(path)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_read_idx_reads_no_more_of_a_gzip_bomb_than_announced(tmp_path):
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(idx_header(0x08, (10,)) + bytes(100_000_000), 1))
    assert peak_bytes_of_failed_read(path) < 4_000_000


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_read_idx_allocates_nothing_on_the_headers_word(tmp_path, pack):
    path = tmp_path / "boast"
    path.write_bytes(pack(idx_header(0x08, (2**31, 2**30)) + b"ten bytes."))
    assert peak_bytes_of_failed_read(path) < 4_000_000


def test_read_idx_of_a_missing_file_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"):
        read_idx(tmp_path / "absent")


def test_read_idx_bytes_checks_shape_and_type_before_the_values(tmp_path, values):
    path = tmp_path / "x"
    path.write_bytes(idx_header(0x08, (5, 4, 3)))
    with pytest.raises(ValueError, match=r"\(6, 4, 3\).*uint8 of shape \(5, 4, 3\)"):
        read_idx_bytes(path, (6, 4, 3))
    path.write_bytes(idx_header(0x09, (5, 4, 3)))
    with pytest.raises(ValueError, match="announces int8"):
        read_idx_bytes(path, (5, 4, 3))
    path.write_bytes(idx_bytes(values))
    np.testing.assert_array_equal(read_idx_bytes(path, (5, 4, 3)), values)
