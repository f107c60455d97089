import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sklearn_scat.feature_cache import cached_map, info

# Computes something light in this process and, by the same code, in others.
PRELUDE = """
import os, signal, sys, time
import numpy as np
from sklearn_scat.feature_cache import _cached_map as cache
from sklearn_scat.feature_cache import _segments as segments
from sklearn_scat.feature_cache import _store as store

def features(rows):
    return (rows.sum(axis=1, keepdims=True) + np.arange(50)).astype("f4")

def make_rows(n):
    return np.arange(n)[:, None] * [1.0, 100.0]

def say(word):
    print(word, flush=True)

def run(n, compute):
    out = np.empty((n, 50), np.float32)
    rows = make_rows(n)
    cache.cached_map(compute, rows, out, key="k", directory=sys.argv[1])
    assert (out == features(rows)).all()
"""


def features(rows):
    return (rows.sum(axis=1, keepdims=True) + np.arange(50)).astype("f4")


def make_rows(n):
    return np.arange(n)[:, None] * [1.0, 100.0]


def run(n, directory, before=lambda: None):
    """Check the features of n rows against the cached; return the rows computed."""
    computed, rows, out = [], make_rows(n), np.empty((n, 50), np.float32)

    def compute(rows, out):
        before()
        computed.extend(rows[:, 0].astype(int))
        out[...] = features(rows)

    cached_map(compute, rows, out, key="k", directory=directory)
    assert_array_equal(out, features(rows))
    return computed


def start(code, *arguments):
    """Run code after the prelude in another process."""
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + textwrap.dedent(code), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def go(process):
    """Let a process pass its next reading of standard input."""
    process.stdin.write("go\n")
    process.stdin.flush()


KILLED = """
# write a part of what is to be written, then die
class Dying:
    def __init__(self, file, die):
        self.file, self.die = file, die
    def __getattr__(self, name):
        return getattr(self.file, name)
    def __enter__(self):
        return self
    def __exit__(self, *error):
        self.file.__exit__(*error)
    def write(self, data):
        data = bytes(data)
        if self.die:
            self.file.write(data[: int(len(data) * float(sys.argv[3])) - 3])
            self.file.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        self.file.write(data)

def dying_open(path, mode, **rest):
    die = str(path).endswith(sys.argv[2]) and dying_open.armed
    return Dying(open(path, mode, **rest), die)

def compute(rows, out):
    dying_open.armed = len(rows) < 1024  # the second block
    out[...] = features(rows)

dying_open.armed = False
store.open = segments.open = dying_open
run(1500, compute)
"""


@pytest.mark.parametrize(
    ("ending", "share"), [("rows", 0.5), ("rows", 1), ("keys", 0.5)]
)
def test_process_killed_while_it_writes_leaves_nothing_partial(ending, share, tmp_path):
    with start(KILLED, tmp_path, ending, share) as process:
        assert process.wait(60) == -signal.SIGKILL
    entries = info(tmp_path).entries
    assert 1024 <= entries < 1500
    assert run(1600, tmp_path) == list(range(entries, 1600))  # and nothing is damaged
    assert len(list(tmp_path.rglob("*.keys"))) == 1  # taken over from the dead
    assert run(1600, tmp_path) == []


def test_process_killed_at_any_time_leaves_nothing_partial(tmp_path):
    code = """
        say("ready")
        for n in range(1, 100_000):
            cache._BLOCK_ROWS = 1 + n % 7
            run(n, lambda rows, out: np.copyto(out, features(rows)))
            if n == 50:
                say("busy")
    """
    with start(code, tmp_path) as process:
        assert process.stdout.readline() == "ready\n"
        assert process.stdout.readline() == "busy\n"
        process.kill()
    entries = info(tmp_path).entries
    assert entries >= 50
    assert run(entries + 10, tmp_path) == list(range(entries, entries + 10))


def test_claims_of_a_killed_process_end(tmp_path):
    code = """
        def compute(rows, out):
            say("computing")
            time.sleep(60)
        run(100, compute)
    """
    with start(code, tmp_path) as process:
        assert process.stdout.readline() == "computing\n"
        process.kill()
    assert run(100, tmp_path) == list(range(100))


def test_image_that_another_process_computes_is_waited_for(tmp_path):
    code = """
        def compute(rows, out):
            say("computing")
            sys.stdin.readline()
            out[...] = features(rows)
        run(100, compute)
    """
    with start(code, tmp_path) as process:
        assert process.stdout.readline() == "computing\n"
        # what the other has not begun comes first: only then may the other go on
        computed = run(150, tmp_path, before=lambda: go(process))
    assert computed == list(range(100, 150))
    assert process.returncode == 0


def test_two_processes_together_compute_every_image_once(tmp_path):
    code = """
        def compute(rows, out):
            time.sleep(0.01)
            out[...] = features(rows)
        cache._BLOCK_ROWS = 50
        say("ready")
        sys.stdin.readline()
        run(1000, compute)
    """
    with start(code, tmp_path) as first, start(code, tmp_path) as second:
        for process in (first, second):
            assert process.stdout.readline() == "ready\n"
        for process in (first, second):
            go(process)
    assert first.returncode == second.returncode == 0
    assert (info(tmp_path).computed, info(tmp_path).read) == (1000, 1000)
    assert run(1000, tmp_path) == []
