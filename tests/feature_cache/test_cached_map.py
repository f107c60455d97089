import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline

from sklearn_scat import RotoTranslationScattering, ScatteringTransformer
from sklearn_scat.feature_cache import (
    _cached_map,
    _claims,
    _root,
    _segments,
    _store,
    cached_map,
    info,
)

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


def test_what_was_computed_is_read(tmp_path):
    rows = make_rows(3000)
    first, second = Computer(), Computer()
    assert_array_equal(run(rows[:2000], tmp_path, first), features(rows[:2000]))
    assert_array_equal(run(rows[::-1], tmp_path, second), features(rows[::-1]))
    assert len(first.rows) == 2000
    assert sorted(second.rows) == rows[2000:].tolist()
    usage = info(tmp_path)
    assert (usage.computed, usage.read, usage.entries) == (3000, 2000, 3000)
    assert 3000 * 200 < usage.bytes < 3000 * 250


def test_equal_images_of_one_call_are_computed_once(tmp_path):
    rows = make_rows(10)[[3, 1, 3, 3, 7, 1, 0]]
    compute = Computer()
    assert_array_equal(run(rows, tmp_path, compute), features(rows))
    assert compute.rows == make_rows(10)[[3, 1, 7, 0]].tolist()


def test_key_dtype_and_shape_tell_entries_apart(tmp_path):
    rows = make_rows(4)
    run(rows, tmp_path)
    for other, key in (
        (rows, "another"),
        (rows.astype(np.float32), "k"),
        (rows.view(np.uint64), "k"),
        (rows.reshape(2, 4), "k"),
    ):
        compute = Computer()
        run(other, tmp_path, compute, key)
        assert len(compute.rows) == len(other)


def test_another_version_of_the_package_computes_anew(tmp_path, monkeypatch):
    rows = make_rows(4)
    run(rows, tmp_path)
    installed = _cached_map.version("sklearn-scat")
    for version, expected in (("999", 4), ("999", 0), (installed, 0)):
        monkeypatch.setattr(_cached_map, "version", lambda name, v=version: v)
        compute = Computer()
        run(rows, tmp_path, compute)
        assert len(compute.rows) == expected


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8])
@pytest.mark.parametrize(
    "scattering",
    [
        ScatteringTransformer(),
        ScatteringTransformer(J=1, pooling="mean", engine="torch"),
        RotoTranslationScattering(L=4, output="maps"),
    ],
    ids=["plain", "pooled", "rotations"],
)
def test_transformers_give_the_same_numbers_to_the_bit(scattering, dtype, tmp_path):
    X = np.random.default_rng(0).integers(0, 255, (30, 2, 8, 12)).astype(dtype)
    plain = clone(scattering).fit(X)
    cached = clone(scattering).set_params(cache=tmp_path).fit(X)
    expected = plain.transform(X)
    assert_array_equal(cached.transform(X[:20]), expected[:20])
    out = np.lib.format.open_memmap(
        tmp_path / "out.npy", "w+", expected.dtype, expected.shape
    )
    assert cached.transform(X, out=out) is out
    assert_array_equal(out, expected)
    assert_array_equal(cached.transform(X[::-1]), expected[::-1])
    assert (info(tmp_path).computed, info(tmp_path).read) == (30, 50)


def test_parameters_that_change_no_value_share_entries(tmp_path):
    X = np.random.default_rng(0).uniform(size=(5, 8, 8))
    for parameters in (
        {},
        {"batch_size": 2},
        {"device": "cpu"},
        {"output": "maps"},
        {"image_shape": (1, 8, 8)},
        {"J": np.int64(2)},
    ):
        ScatteringTransformer(cache=tmp_path, **parameters).fit(X).transform(X)
        assert info(tmp_path).computed == 5


@pytest.mark.parametrize(
    "parameters",
    [
        {"J": 1},
        {"L": 4},
        {"max_order": 1},
        {"pooling": "mean"},
        {"padding": "zero"},
        {"frame": "tight"},
        {"oversampling": 1},
        {"image_shape": (4, 16)},
    ],
)
def test_parameters_that_change_values_do_not(parameters, tmp_path):
    X = np.random.default_rng(0).uniform(size=(5, 64))
    ScatteringTransformer(cache=tmp_path).fit(X).transform(X)
    cached = ScatteringTransformer(cache=tmp_path, **parameters).fit(X)
    plain = ScatteringTransformer(**parameters).fit(X)
    assert_array_equal(cached.transform(X), plain.transform(X))
    assert info(tmp_path).computed == 10


def test_search_transforms_every_image_once_for_each_candidate(tmp_path):
    X, y = load_digits(return_X_y=True)
    X, y = X[:100], y[:100]
    assert len(np.unique(X, axis=0)) == 100
    model = make_pipeline(ScatteringTransformer(cache=tmp_path), NearestCentroid())
    grid = {
        "scatteringtransformer__J": [1, 2],
        "nearestcentroid__shrink_threshold": [None, 0.5],
    }
    search = GridSearchCV(model, grid, cv=4).fit(X, y)
    assert info(tmp_path).computed == 2 * 100
    model.set_params(scatteringtransformer__cache=None)
    plain = GridSearchCV(model, grid, cv=4).fit(X, y)
    for name in ("mean_test_score", "std_test_score"):
        assert_array_equal(search.cv_results_[name], plain.cv_results_[name])


def test_threads_share_a_cache(tmp_path):
    rows = make_rows(2000)

    def work(seed):
        order = np.random.default_rng(seed).permutation(2000)
        for part in np.split(order, 8):
            assert_array_equal(run(rows[part], tmp_path), features(rows[part]))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    compute = Computer()
    run(rows, tmp_path, compute)
    assert compute.rows == []


def test_threads_compute_every_image_once(tmp_path):
    """However many begin at the same time, with the same images in another order."""
    rows, computed = make_rows(300), []
    start = threading.Barrier(16)

    def compute(rows, out):
        time.sleep(0.05)
        computed.extend(map(tuple, rows))
        out[...] = features(rows)

    def work(seed):
        order = np.random.default_rng(seed % 3).permutation(300)
        start.wait()
        assert_array_equal(run(rows[order], tmp_path, compute), features(rows[order]))

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, range(16)))
    assert sorted(computed) == sorted(map(tuple, rows))


def test_system_without_file_locks_has_a_cache_too(tmp_path, monkeypatch):
    for module in (_cached_map, _claims, _root, _segments, _store):
        monkeypatch.setattr(module, "fcntl", None)
    rows = make_rows(2500)
    assert_array_equal(run(rows[:2000], tmp_path), features(rows[:2000]))
    assert_array_equal(run(rows, tmp_path), features(rows))
    assert (info(tmp_path).computed, info(tmp_path).read) == (2500, 2000)


def test_memory_stays_flat(tmp_path):
    rows = np.arange(10_000, dtype=np.float32)[:, None]
    out = np.lib.format.open_memmap(
        tmp_path / "out.npy", "w+", np.float32, (10_000, 2000)
    )
    for _ in range(2):
        tracemalloc.start()
        try:
            cached_map(
                lambda rows, out: np.copyto(out, rows),
                rows,
                out,
                key="k",
                directory=tmp_path,
            )
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 20e6  # the features of all rows are 80 MB
    assert_array_equal(out[:, 7], rows[:, 0])


def test_progress_counts_all_rows(tmp_path):
    rows, done = make_rows(2500), []
    for _ in range(2):
        out = np.empty((2500, N_FEATURES), np.float32)
        done.clear()
        cached_map(
            Computer(), rows, out, key="k", directory=tmp_path, progress=done.append
        )
        assert done == sorted(done)
        assert len(done) > 1
        assert done[-1] == 2500
