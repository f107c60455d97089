"""Processes share a cache: each computes once; one that is killed spoils nothing."""

import multiprocessing
import os
import signal
import time
from contextlib import contextmanager

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sklearn_scat.feature_cache import _cached_map, _segments, _store, cached_map, info

if "fork" not in multiprocessing.get_all_start_methods():
    pytest.skip("processes are forked, which is quick", allow_module_level=True)
fork = multiprocessing.get_context("fork")

# Python 3.12 warns of forks beside threads, of which these processes need none.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


def features(rows):
    return (rows.sum(axis=1, keepdims=True) + np.arange(50)).astype("f4")


def write_features(rows, out):
    out[...] = features(rows)


def make_rows(n):
    return np.arange(n)[:, None] * [1.0, 100.0]


def run(n, directory, compute=write_features):
    """Check the features of n rows against the cached; return the rows computed."""
    computed, rows, out = [], make_rows(n), np.empty((n, 50), np.float32)

    def counted(rows, out):
        compute(rows, out)
        computed.extend(rows[:, 0].astype(int))

    cached_map(counted, rows, out, key="k", directory=directory)
    assert_array_equal(out, features(rows))
    return computed


@contextmanager
def started(work, *arguments):
    """Do work in another process, with our end of a pipe to it; wait for its end."""
    ours, theirs = fork.Pipe()
    process = fork.Process(target=work, args=(theirs, *arguments))
    process.start()
    theirs.close()
    try:
        yield process, ours
        process.join(60)
    finally:
        process.kill()
        process.join()
        ours.close()


def heard(pipe):
    """Return the next word of the other process."""
    assert pipe.poll(60), "the other process says nothing"
    return pipe.recv()


class DyingFile:
    """A file whose process dies once it has written a share of what it is to write."""

    def __init__(self, file, share):
        self.file, self.share = file, share

    def __getattr__(self, name):
        return getattr(self.file, name)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.file.__exit__(*error)

    def write(self, data):
        data = bytes(data)
        self.file.write(data[: int(len(data) * self.share) - 3])
        self.file.flush()
        os.kill(os.getpid(), signal.SIGKILL)


def die_in_the_second_block(pipe, directory, ending, share):
    n_blocks = 0

    def dying_open(path, mode, **rest):
        file = open(path, mode, **rest)
        dies = n_blocks == 2 and str(path).endswith(ending)
        return DyingFile(file, share) if dies else file

    def compute(rows, out):
        nonlocal n_blocks
        n_blocks += 1
        write_features(rows, out)

    _store.open = _segments.open = dying_open
    run(1500, directory, compute)


@pytest.mark.parametrize(
    ("ending", "share"), [("rows", 0.5), ("rows", 1), ("keys", 0.5)]
)
def test_process_killed_while_it_writes_leaves_nothing_partial(ending, share, tmp_path):
    with started(die_in_the_second_block, tmp_path, ending, share) as (process, _):
        process.join(60)
        assert process.exitcode == -signal.SIGKILL
    entries = info(tmp_path).entries
    assert 1024 <= entries < 1500
    assert run(1600, tmp_path) == list(range(entries, 1600))  # and nothing is damaged
    assert len(list(tmp_path.rglob("*.keys"))) == 1  # taken over from the dead
    assert run(1600, tmp_path) == []


def grow_without_end(pipe, directory):
    for n in range(1, 100_000):
        _cached_map._BLOCK_ROWS = 1 + n % 7
        run(n, directory)
        if n == 50:
            pipe.send("busy")


def test_process_killed_at_any_time_leaves_nothing_partial(tmp_path):
    with started(grow_without_end, tmp_path) as (process, pipe):
        assert heard(pipe) == "busy"
        process.kill()
    entries = info(tmp_path).entries
    assert entries >= 50
    assert run(entries + 10, tmp_path) == list(range(entries, entries + 10))


def compute_when_told(pipe, directory):
    def compute(rows, out):
        pipe.send("computing")
        pipe.recv()
        write_features(rows, out)

    run(100, directory, compute)


def test_claims_of_a_killed_process_end(tmp_path):
    with started(compute_when_told, tmp_path) as (process, pipe):
        assert heard(pipe) == "computing"
        process.kill()
    assert run(100, tmp_path) == list(range(100))


def test_image_that_another_process_computes_is_waited_for(tmp_path):
    with started(compute_when_told, tmp_path) as (process, pipe):
        assert heard(pipe) == "computing"

        # what the other has not begun comes first: only then may the other go on
        def compute(rows, out):
            pipe.send("go")
            write_features(rows, out)

        computed = run(150, tmp_path, compute)
    assert computed == list(range(100, 150))
    assert process.exitcode == 0


def compute_slowly(pipe, directory):
    def compute(rows, out):
        time.sleep(0.01)
        write_features(rows, out)

    _cached_map._BLOCK_ROWS = 50
    pipe.send("ready")
    pipe.recv()
    run(1000, directory, compute)


def test_two_processes_together_compute_every_image_once(tmp_path):
    with (
        started(compute_slowly, tmp_path) as (first, one),
        started(compute_slowly, tmp_path) as (second, two),
    ):
        for pipe in (one, two):
            assert heard(pipe) == "ready"
        for pipe in (one, two):
            pipe.send("go")
    assert first.exitcode == second.exitcode == 0
    assert (info(tmp_path).computed, info(tmp_path).read) == (1000, 1000)
    assert run(1000, tmp_path) == []
