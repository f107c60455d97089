"""Memory stays flat however many images come, on disk or not."""

import subprocess
import sys

import pytest

# A process of its own: memory is what the system counts, file pages left aside.
SCRIPT = """
import sys, tempfile, threading, time
from functools import partial
from pathlib import Path

import numpy as np

from sklearn_scat import ScatteringTransformer

n = 60_000


def anonymous():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if "RssAnon" in line) * 1024


def growth(work):
    peaks, done = [anonymous()], threading.Event()

    def watch():
        while not done.wait(0.002):
            peaks.append(anonymous())

    watcher = threading.Thread(target=watch)
    watcher.start()
    work()
    done.set()
    watcher.join()
    return max(peaks) - peaks[0]


with tempfile.TemporaryDirectory() as folder:
    X = np.memmap(f"{folder}/X", np.uint8, "w+", shape=(n, 28, 28))
    X[-1] = 7
    in_memory = np.array(X).reshape(n, -1)
    for engine, max_order in [("auto", 1), ("torch", 0)]:
        transformer = ScatteringTransformer(
            J=2, L=1, max_order=max_order, engine=engine
        ).fit(X)
        shape = (n, transformer.get_feature_names_out().size)
        S = np.memmap(f"{folder}/{engine}", np.float32, "w+", shape=shape)
        transformer.transform(X[:4], out=S[:4])
        print(growth(partial(transformer.transform, X, out=S)))
        np.testing.assert_allclose(S[-1, :49], 7, rtol=1e-5)
        print(growth(partial(transformer.transform, in_memory, out=S)))
"""

COPY = 60_000 * 28 * 28  # bytes, of uint8; in float32 it would be four times as much


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells anonymous memory")
def test_sixty_thousand_digits_are_never_copied(monkeypatch):
    # Freed blocks go back to the system at once, so that they are not counted.
    monkeypatch.setenv("MALLOC_MMAP_THRESHOLD_", "65536")
    command = [sys.executable, "-W", "error", "-c", SCRIPT]
    process = subprocess.run(command, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    growths = [int(line) for line in process.stdout.split()]
    assert len(growths) == 4  # from disk and from memory, with each engine
    assert max(growths) < COPY / 2
