"""What is read part by part is known by what it does, and read in whole chunks."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_scat import _array_likes
from sklearn_scat._array_likes import LazyRows, is_lazy, read_blocks


class Stored:
    """Rows of a file, in chunks; notes which are read."""

    def __init__(self, rows, chunk=None):
        self.rows, self.read = rows, []
        self.shape, self.dtype = rows.shape, rows.dtype
        self.chunks = chunk and (chunk, *rows.shape[1:])

    def __getitem__(self, rows):
        self.read.append((rows.start, rows.stop))
        return self.rows[rows]


def counted(n, shape=(2, 3), dtype=np.int16):
    rows = np.arange(n).reshape(n, *[1] * len(shape))
    return np.broadcast_to(rows, (n, *shape)).astype(dtype)


@pytest.mark.parametrize("dtype", [bool, "u1", "i8", "f2", "f4", "f8"])
@pytest.mark.parametrize("shape", [(6,), (2, 3), (1, 2, 3)])
def test_rows_of_numbers_that_are_read_by_slices_are_lazy(shape, dtype):
    assert is_lazy(Stored(counted(5, shape, dtype)))


NOT_LAZY = {
    "one axis": Stored(np.zeros(3)),
    "five axes": Stored(np.zeros((2, 2, 2, 2, 2))),
    "no rows": Stored(np.zeros((0, 3))),
    "no pixels": Stored(np.zeros((3, 0))),
    "complex": Stored(np.zeros((3, 3), complex)),
    "objects": Stored(np.zeros((3, 3), object)),
    "strings": Stored(np.full((3, 3), "1")),
    "an array in memory": np.zeros((3, 3)),
    "a table": pd.DataFrame(np.zeros((3, 3))),
    "a list": [[0.0, 1.0]],
}


@pytest.mark.parametrize("kind", NOT_LAZY)
def test_all_else_is_not(kind):
    assert not is_lazy(NOT_LAZY[kind])


@settings(deadline=None, derandomize=True)
@given(n=st.integers(1, 60), most=st.integers(1, 80))
def test_a_sample_comes_in_few_runs_from_all_over(n, most):
    stored = Stored(counted(n))
    sample = LazyRows(stored).sample(most)[:, 0].tolist()
    assert len(stored.read) <= 8
    assert min(n, most) <= len(sample) < min(n, most) + 8
    assert sample[0] == 0 or len(stored.read) == 1
    if len(stored.read) > 1:
        assert sample[-1] == n - 1
        gaps = np.diff([start for start, _ in stored.read])
        assert gaps.max() <= gaps.min() + 1
    if most >= n:
        assert set(sample) == set(range(n))


def test_a_sample_of_large_images_is_bounded_in_bytes(monkeypatch):
    monkeypatch.setattr(_array_likes, "_SAMPLE_BYTES", 5 * 2 * 6)
    assert len(LazyRows(Stored(counted(100))).sample(50)) == 5
    monkeypatch.setattr(_array_likes, "_SAMPLE_BYTES", 1)
    assert len(LazyRows(Stored(counted(100))).sample(50)) == 1


@settings(deadline=None, derandomize=True)
@given(
    n=st.integers(1, 60),
    read=st.none() | st.integers(1, 70),
    written=st.none() | st.integers(1, 70),
    fitting=st.integers(1, 70),
)
def test_blocks_cover_all_rows_and_read_none_twice(n, read, written, fitting):
    stored, out = Stored(counted(n), read), Stored(counted(n), written)
    blocks, row_bytes = [], 100
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_array_likes, "_BLOCK_BYTES", fitting * row_bytes)
        for block, rows in read_blocks(LazyRows(stored), out, row_bytes=row_bytes):
            blocks.append((block.start, block.stop))
            assert rows[:, 0].tolist() == list(range(n))[block]
    starts, stops = zip(*blocks, strict=True)
    assert (0, *stops[:-1]) == starts
    assert stops[-1] == n
    read_starts, read_stops = zip(*stored.read, strict=True)
    assert (0, *read_stops[:-1]) == read_starts
    assert not any(stop % (read or 1) for stop in read_stops[:-1])
    largest = max(fitting, read or 1, written or 1)
    assert max(np.subtract(stops, starts)) <= largest
    if read is None or read == written:
        assert not any(stop % (written or 1) for stop in stops[:-1])
