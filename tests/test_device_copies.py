"""Copies overlap with computation, and nothing is read before it has been written."""

from contextlib import contextmanager

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal

from sklearn_scat import _batches
from sklearn_scat._batches import _copy_while_computing


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    """Cut batches of a few bytes into eight pieces too."""
    monkeypatch.setattr(_batches, "_PIECE_BYTES", 1)


class Stream:
    """A queue of work that runs only when somebody waits for it."""

    def __init__(self):
        self.work = []

    def run(self, until):
        for index in range(until):
            job, self.work[index] = self.work[index], None
            if job is not None:
                job()

    def wait_stream(self, other):
        until = len(other.work)
        self.work.append(lambda: other.run(until))

    def record_event(self):
        until = len(self.work)
        return Event(lambda: self.run(until))


class Event:
    def __init__(self, run):
        self.synchronize = run


class Cuda:
    """Streams of a device that is as late as it may be."""

    def __init__(self):
        self.current = self.computing = Stream()

    Stream = Stream

    def current_stream(self):
        return self.current

    @contextmanager
    def stream(self, stream):
        before, self.current = self.current, stream
        yield
        self.current = before


class Later:
    """Numbers that a stream has yet to write."""

    def __init__(self, cuda, compute, shape, dtype):
        self.cuda, self.shape, self.dtype = cuda, shape, dtype
        self.value, self.readers = None, set()
        self.home = cuda.current
        cuda.current.work.append(lambda: setattr(self, "value", compute()))

    def read(self):
        assert self.value is not None, "read before it was written"
        return self.value

    def record_stream(self, stream):
        self.readers.add(stream)

    def then(self, function, shape):
        assert self.cuda.current in {self.home, *self.readers}
        return Later(self.cuda, lambda: function(self.read()), shape, self.dtype)


class Images:
    """Images in the memory of the host."""

    def __init__(self, cuda, values):
        self.cuda, self.values = cuda, values

    def __len__(self):
        return len(self.values)

    def __getitem__(self, rows):
        return Images(self.cuda, self.values[rows])

    def pin_memory(self):
        return self

    def to(self, device, non_blocking):
        assert device == "cuda"
        assert non_blocking
        values = self.values
        return Later(self.cuda, values.copy, values.shape, values.dtype)


class Pinned:
    """Host memory that a stream writes into."""

    def __init__(self, cuda, shape):
        self.cuda, self.values, self.arrived = cuda, np.full(shape, np.nan), False

    def copy_(self, result, non_blocking):
        assert non_blocking

        def write():
            self.values[...] = result.read()
            self.arrived = True

        self.cuda.current.work.append(write)

    def numpy(self):
        assert self.arrived, "taken out before it arrived"
        return self.values


@pytest.mark.parametrize("n", [1, 2, 7, 8, 9, 50])
def test_overlapped_copies_compute_every_piece_in_order(n, monkeypatch):
    cuda, results = Cuda(), []

    def double(x):
        results.append(x.then(lambda values: 2 * values, x.shape))
        return results[-1]

    monkeypatch.setattr(torch, "cuda", cuda)
    monkeypatch.setattr(
        torch, "empty", lambda shape, dtype, pin_memory: Pinned(cuda, shape)
    )
    images = np.arange(6.0 * n).reshape(n, 2, 3)
    out = np.full(images.shape, np.nan)
    _copy_while_computing(double, Images(cuda, images), out=out)
    assert_array_equal(out, 2 * images)
    assert len(results) <= 8
    # whoever copies a result out is known to the allocator of the computing stream
    assert all(result.readers for result in results)


def test_results_are_taken_out_while_later_pieces_compute(monkeypatch):
    cuda, taken = Cuda(), []

    def forward(x):
        taken.append(int(np.isfinite(out).sum()))
        return x.then(np.copy, x.shape)

    monkeypatch.setattr(torch, "cuda", cuda)
    monkeypatch.setattr(
        torch, "empty", lambda shape, dtype, pin_memory: Pinned(cuda, shape)
    )
    out = np.full((8, 1), np.nan)
    _copy_while_computing(forward, Images(cuda, np.ones((8, 1))), out=out)
    assert taken == [0, 0, 0, 1, 2, 3, 4, 5]  # two on their way back, and no more


def test_pieces_are_an_eighth_or_large_enough_to_be_worth_a_copy(monkeypatch):
    monkeypatch.setattr(_batches, "_PIECE_BYTES", 100)
    sizes = [_batches._piece_size(n, 10) for n in (4, 16, 80, 800)]
    assert sizes == [4, 10, 10, 100]
