import errno
import warnings

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sklearn_scat import ScatteringTransformer
from sklearn_scat.feature_cache import CacheInfo, cached_map, clear, info, set_limit
from sklearn_scat.feature_cache._store import FeatureStore

N_FEATURES = 50  # of the features below: 200 bytes


def features(rows):
    return (rows.sum(axis=1, keepdims=True) + np.arange(N_FEATURES)).astype("f4")


class Computer:
    """Compute the features above, and count the rows."""

    def __init__(self):
        self.rows = []

    def __call__(self, rows, out):
        self.rows += rows.tolist()
        out[...] = features(rows)


def run(rows, directory, compute=None, key="k"):
    """Return the features of rows, through the cache."""
    out = np.empty((len(rows), N_FEATURES), np.float32)
    cached_map(compute or Computer(), rows, out, key=key, directory=directory)
    return out


def make_rows(n, first=0):
    return np.arange(first, first + n, dtype=np.float32)[:, None] * [1, 100]


def damage_rows(path):
    data = bytearray(path.read_bytes())
    data[70 * 200 + 9] ^= 1
    path.write_bytes(data)


def swap_rows(path):
    data = path.read_bytes()
    path.write_bytes(data[200:400] + data[:200] + data[400:])


def shorten(path):
    path.write_bytes(path.read_bytes()[:-90])


def lengthen(path):
    path.write_bytes(path.read_bytes() + b"rest")


def fill_with_noise(path):
    path.write_bytes(np.random.default_rng(0).bytes(path.stat().st_size))


def delete(path):
    path.unlink()


@pytest.mark.parametrize(
    ("change", "ending", "lost"),
    [
        (damage_rows, "rows", 1),
        (swap_rows, "rows", 2),
        (shorten, "rows", 1),
        (fill_with_noise, "rows", 100),
        (delete, "rows", 100),
        (fill_with_noise, "keys", 100),
        (shorten, "keys", 5),
        (lengthen, "keys", 0),
        (delete, "keys", 100),
    ],
)
def test_damaged_entry_is_computed_again(change, ending, lost, tmp_path):
    rows = make_rows(100)
    run(rows, tmp_path)
    change(next(tmp_path.rglob(f"*.{ending}")))
    again, clean = Computer(), Computer()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert_array_equal(run(rows, tmp_path, again), features(rows))
    assert len(again.rows) == lost
    messages = [f"{lost} images" in str(warning.message) for warning in caught]
    assert messages == ([True] if ending == "rows" else [])
    assert_array_equal(run(rows, tmp_path, clean), features(rows))
    assert clean.rows == []


def test_damage_is_warned_of_where_the_transformer_is_used(tmp_path):
    X = np.random.default_rng(0).uniform(size=(5, 8, 8))
    scattering = ScatteringTransformer(cache=tmp_path).fit(X)
    expected = scattering.transform(X)
    delete(next(tmp_path.rglob("*.rows")))
    with pytest.warns(UserWarning, match="were damaged") as caught:
        assert_array_equal(scattering.transform(X), expected)
    assert [warning.filename for warning in caught] == [__file__]


def test_full_disk_costs_a_warning(tmp_path, monkeypatch):
    def append(self, keys, rows):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FeatureStore, "append", append)
    rows = make_rows(3000)
    with pytest.warns(UserWarning, match="No space left on device") as caught:
        assert_array_equal(run(rows, tmp_path), features(rows))
    assert len(caught) == 1


def test_size_stays_within_the_limit(tmp_path):
    set_limit(tmp_path, 100_000)  # about 450 rows
    for first in range(0, 5000, 250):
        rows = make_rows(300, first)
        assert_array_equal(run(rows, tmp_path, key=f"{first % 3}"), features(rows))
        on_disk = sum(path.stat().st_size for path in tmp_path.rglob("*.[kr]*s"))
        assert on_disk == info(tmp_path).bytes <= info(tmp_path).limit == 100_000
    assert info(tmp_path).entries > 300


def test_what_was_used_longest_ago_makes_room(tmp_path):
    set_limit(tmp_path, 100_000)
    for first in (0, 200):
        run(make_rows(200, first), tmp_path)
    run(make_rows(200), tmp_path)
    run(make_rows(200, 400), tmp_path)
    kept, lost = Computer(), Computer()
    run(make_rows(200), tmp_path, kept)
    run(make_rows(200, 200), tmp_path, lost)
    assert kept.rows == []
    assert len(lost.rows) >= 150


def test_set_larger_than_the_limit_is_still_read_in_part(tmp_path):
    set_limit(tmp_path, 100_000)
    rows = make_rows(1000)
    for _ in range(3):
        compute = Computer()
        assert_array_equal(run(rows, tmp_path, compute), features(rows))
    assert len(compute.rows) < 650


def test_row_larger_than_the_limit_is_not_stored(tmp_path):
    set_limit(tmp_path, 100)
    rows = make_rows(3)
    assert_array_equal(run(rows, tmp_path), features(rows))
    assert info(tmp_path).bytes == 0


def test_single_images_share_files(tmp_path):
    for i in range(200):
        run(make_rows(1, i), tmp_path)
    assert info(tmp_path).entries == 200
    assert len(list(tmp_path.rglob("*.rows"))) == 1


def test_clear_deletes_the_cache_and_nothing_else(tmp_path):
    (tmp_path / "thesis.txt").write_text("kept")
    set_limit(tmp_path, 10**6)
    run(make_rows(10), tmp_path)
    clear(tmp_path)
    assert info(tmp_path) == CacheInfo(0, 0, 0, 0, 10**6)
    assert (tmp_path / "thesis.txt").read_text() == "kept"
    compute = Computer()
    run(make_rows(10), tmp_path, compute)
    assert len(compute.rows) == 10


def test_cache_cleared_during_use_begins_again(tmp_path):
    class Clearing(Computer):
        def __call__(self, rows, out):
            super().__call__(rows, out)
            clear(tmp_path)

    rows = make_rows(3000)
    assert_array_equal(run(rows, tmp_path, Clearing()), features(rows))
    assert_array_equal(run(rows, tmp_path), features(rows))
    assert info(tmp_path).entries == 3000


def test_information_on_no_cache_makes_none(tmp_path):
    assert info(tmp_path / "none") == CacheInfo(0, 0, 0, 0, 2**31)
    clear(tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("limit", [0, -1, 1.5, "1 GB"])
def test_limit_is_a_positive_number_of_bytes(limit, tmp_path):
    with pytest.raises(ValueError, match="limit"):
        set_limit(tmp_path, limit)
