"""Batches bound memory, survive a full device, and change no number."""

import itertools
import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from sklearn_scat import ScatteringTransformer
from sklearn_scat._batches import float_dtype, map_batches, resolve_device
from sklearn_scat._progress import Progress

SHAPES = ((1, 2, 3), (1, 1, 2, 3))


class Doubling:
    """Double images, on a device that holds `room` of them, and note the batches."""

    def __init__(self, room=10**6):
        self.room = room
        self.sizes = []

    def __call__(self, images, out):
        self.sizes.append(len(images))
        assert images.shape[1:] == SHAPES[0]
        assert out.shape[1:] == SHAPES[1]
        assert images.dtype == out.dtype
        assert images.flags.c_contiguous
        assert images.flags.writeable
        if len(images) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        out[:, 0] = 2 * images


def doubled(rows, compute, *, batch_size, dtype=np.float32, progress=None):
    out = np.full((len(rows), *SHAPES[1]), np.nan, dtype)
    map_batches(
        compute,
        rows,
        out=out,
        batch_size=batch_size,
        shapes=SHAPES,
        device="cpu",
        progress=progress,
    )
    return out.reshape(len(rows), 6)


def counted(n, dtype=np.float32):
    return np.arange(6 * n, dtype=dtype).reshape(n, 6)


@settings(deadline=None, derandomize=True)
@given(n=st.integers(0, 40), batch_size=st.integers(1, 50), room=st.integers(1, 50))
def test_every_row_is_computed_whatever_the_batches(n, batch_size, room):
    compute = Doubling(room)
    rows = counted(n)
    assert_array_equal(doubled(rows, compute, batch_size=batch_size), 2 * rows)
    assert max(compute.sizes, default=0) <= batch_size
    done = [size for size in compute.sizes if size <= room]
    assert sum(done) == n


def test_full_device_halves_the_batch_and_goes_on():
    compute = Doubling(room=5)
    rows = counted(21)
    assert_array_equal(doubled(rows, compute, batch_size=16), 2 * rows)
    assert compute.sizes == [16, 8, 4, 4, 4, 4, 4, 1]


def test_device_too_small_for_one_image_is_a_memory_error_with_sizes():
    compute = Doubling(room=0)
    message = re.escape(
        "cpu has too little free memory for one image of shape (1, 2, 3), whose result "
        "has shape (1, 1, 2, 3)"
    )
    with pytest.raises(MemoryError, match=message) as raised:
        doubled(counted(21), compute, batch_size=16)
    assert compute.sizes == [16, 8, 4, 2, 1]
    assert isinstance(raised.value.__cause__, torch.OutOfMemoryError)


@pytest.mark.parametrize("error", [RuntimeError("lost"), KeyError("lost")])
def test_other_errors_pass_unchanged(error):
    def fail(images, out):
        raise error

    with pytest.raises(type(error), match="lost") as raised:
        doubled(counted(4), fail, batch_size=2)
    assert raised.value is error


@pytest.mark.parametrize(
    "dtype", [np.uint8, np.int64, np.float16, np.float64, ">f4", bool]
)
@pytest.mark.parametrize("arrange", [np.asarray, np.asfortranarray, lambda a: a[::-1]])
def test_batches_are_cast_and_laid_out(dtype, arrange):
    rows = arrange(counted(7, dtype=np.uint8).astype(dtype))
    rows.flags.writeable = False
    came = doubled(rows, Doubling(), batch_size=3)
    assert_array_equal(came, 2 * rows.astype(np.float32))


def test_byte_orders_that_are_spelled_out_are_not_passed_on(monkeypatch):
    spelled = np.dtype(np.float32).newbyteorder("<")
    rows = counted(3).astype(spelled)
    assert memoryview(rows).format == "<f"
    formats = []

    def note(images, out):
        formats.extend(memoryview(array).format for array in (images, out))

    doubled(rows, note, batch_size=2, dtype=spelled)
    assert set(formats) == {"f"}


def test_single_rows_of_a_reversed_array_can_become_tensors():
    rows = counted(5)[::-1]

    def of_torch(images, out):
        torch.from_numpy(out)[:, 0] = 2 * torch.from_numpy(images)

    assert_array_equal(doubled(rows, of_torch, batch_size=1), 2 * rows)


def test_progress_is_told_of_every_batch():
    told = []
    doubled(counted(7), Doubling(room=2), batch_size=3, progress=told.append)
    assert told == list(range(1, 8))


def test_progress_is_reported_once_a_second_and_at_the_end(monkeypatch, capsys):
    seconds = itertools.count(100, 0.25)
    monkeypatch.setattr("time.perf_counter", lambda: next(seconds))
    progress = Progress("Name", 12_000)
    for done in range(1000, 12_001, 1000):
        progress(done)
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "[Name] 4,000/12,000 images, 1.0 s",
        "[Name] 8,000/12,000 images, 2.0 s",
        "[Name] 12,000/12,000 images, 3.0 s",
    ]


def test_automatic_batches_hold_eight_megabytes():
    def largest_batch(n, dtype):
        compute = Doubling()
        doubled(counted(n), compute, batch_size="auto", dtype=dtype)
        return max(compute.sizes)

    n = 200_000
    assert largest_batch(n, np.float32) == 2**23 // (4 * 12)
    assert largest_batch(n, np.float64) == 2**23 // (8 * 12)
    assert largest_batch(100, np.float32) == 100


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        ("f8", "f8"),
        (">f8", "f8"),
        ("f4", "f4"),
        ("f2", "f4"),
        ("u1", "f4"),
        ("?", "f4"),
    ],
)
def test_float64_stays_and_all_else_becomes_float32(dtype, expected):
    assert float_dtype(np.dtype(dtype)) == np.dtype(expected)


@pytest.mark.parametrize(("present", "device"), [(True, "cuda"), (False, "cpu")])
def test_automatic_device_is_cuda_where_it_is(monkeypatch, present, device):
    monkeypatch.setattr("torch.cuda.is_available", lambda: present)
    assert resolve_device("auto") == device


def test_transformer_survives_a_full_device(monkeypatch):
    """The estimator's own work runs out of memory beyond three images."""
    from sklearn_scat import cascade

    X = np.random.default_rng(0).normal(size=(10, 8, 8))
    expected = ScatteringTransformer(engine="torch").fit_transform(X)
    scattering_tiles, room = cascade.scattering_tiles, 3

    def cramped(x, operators):
        if len(x) > room:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return scattering_tiles(x, operators)

    monkeypatch.setattr(cascade, "scattering_tiles", cramped)
    scattering = ScatteringTransformer(engine="torch").fit(X)
    np.testing.assert_allclose(scattering.transform(X), expected, rtol=1e-10)
    room = 0
    with pytest.raises(MemoryError, match=r"shape \(1, 8, 8\).*\(1, 81, 2, 2\)"):
        scattering.transform(X)


@pytest.mark.parametrize(
    "text",
    [
        "cuFFT error: CUFFT_ALLOC_FAILED",
        "CUDA error: out of memory",
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
    ],
)
def test_memory_that_libraries_of_cuda_lack_halves_the_batch(text):
    came = []

    def compute(images, out):
        came.append(len(images))
        if len(images) > 2:
            raise RuntimeError(text)
        out[...] = images

    x = np.arange(8, dtype=np.float32)[:, None]
    result = np.empty_like(x)
    shapes = ((1,), (1,))
    map_batches(compute, x, out=result, batch_size=8, shapes=shapes, device="cpu")
    assert came == [8, 4, 2, 2, 2, 2]
    np.testing.assert_array_equal(result, x)


def test_other_errors_of_a_device_are_raised():
    def compute(images, out):
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    x = np.ones((4, 1), np.float32)
    with pytest.raises(RuntimeError, match="illegal memory access"):
        map_batches(
            compute, x, out=x.copy(), batch_size=4, shapes=((1,), (1,)), device="cpu"
        )
