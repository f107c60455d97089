"""Kill processes while they write, and look at what they leave.

    python benchmarks/kill_writers.py --n 60

One store after the other: bundles that `save` writes, the cache of features, the
records of an experiment, an array of coefficients in zarr. A process does nothing but
write; at a random moment it is killed (SIGKILL), and another reads what is there: a
whole bundle, the former or the next one; the right features; every record that was told
of, and the same numbers as without interruption at the end; whole chunks, and the same
bytes at the end. The script ends with status 1 if anything else is found, or if files
are left behind that the next writer does not remove.
"""

import argparse
import collections
import itertools
import multiprocessing
import random
import sys
import tempfile
import time
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import zarr
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

from sklearn_scat import ScatteringTransformer, load, save
from sklearn_scat.commands._image_file import open_images
from sklearn_scat.commands._zarr import write_zarr
from sklearn_scat.experiments import Case, Experiment, ImageSet, run_experiment
from sklearn_scat.feature_cache import cached_map, info, set_limit

_LONGEST = 0.1  # seconds from the first thing written to the kill
_N_RUNS = 1000  # of the experiment
_N_IMAGES = 2000  # whose coefficients are written


class Bundles:
    """Two models that take turns in one file."""

    def __init__(self, folder):
        self.folder, self.path = Path(folder), Path(folder) / "model.scat"
        rng = np.random.default_rng(0)
        self.X, y = rng.normal(size=(600, 4000)), np.arange(600) % 3  # 19 MB
        self.models = [_neighbours(n).fit(self.X, y) for n in (3, 5)]
        self.expected = [model.predict_proba(self.X[:20]) for model in self.models]

    def write(self, tell):
        """Write without end."""
        for model in itertools.cycle(self.models):
            save(self.path, model)
            tell()

    def wait(self):
        """Wait until a file is being written, which takes a small part of the time."""
        end = time.monotonic() + 10
        while len(list(self.folder.iterdir())) == 1 and time.monotonic() < end:
            pass

    def look(self):
        """Return what a killed writer left, in words."""
        found = load(self.path).predict_proba(self.X[:20])
        if not any(np.array_equal(found, one) for one in self.expected):
            return "WRONG MODEL"
        partial = len(list(self.folder.iterdir())) > 1
        save(self.path, self.models[0])
        if [*self.folder.iterdir()] != [self.path]:
            return "LEFT BEHIND"
        return "whole, a part of the next removed" if partial else "whole"


class Features:
    """Features of images, of which the cache has room for some."""

    def __init__(self, folder):
        self.folder = folder
        set_limit(folder, 2**22)

    def features(self, first, n):
        """Return features of n numbered images, computed or read."""
        rows = np.arange(first, first + n, dtype=float)[:, None]
        out = np.empty((n, 200))
        cached_map(_multiples, rows, out, key="multiples", directory=self.folder)
        return rows, out

    def write(self, tell):
        """Write without end."""
        rng = np.random.default_rng()
        while True:
            self.features(rng.integers(5000), 1 + rng.integers(300))
            tell()

    def look(self):
        """Return what a killed writer left, in words."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            before = info(self.folder).read
            rows, out = self.features(0, 5300)
        if not np.array_equal(out, rows * np.arange(200)):
            return "WRONG FEATURES"
        if caught:
            return "DAMAGED"
        return "right, some read" if info(self.folder).read > before else "right"


class Records:
    """An experiment of many short runs, which goes on where it was killed."""

    def __init__(self, folder):
        self.folder, self.told = Path(folder) / "out", Path(folder) / "told"
        case = Case("toy", "Gaussian blobs", blobs, (6,), _N_RUNS, (_RECIPE,))
        self.experiment = Experiment(case)

    def write(self, tell):
        """Write without end."""
        with open(self.told, "a") as stream:
            run_experiment(
                self.experiment, self.folder, n_jobs=1, stream=_Telling(stream, tell)
            )
        time.sleep(60)  # all is done: wait for the kill

    def look(self):
        """Return what a killed writer left, in words."""
        told = self.told.read_text().count("]") if self.told.exists() else 0
        path = self.folder / "results.jsonl"
        lines = path.read_bytes().split(b"\n") if path.exists() else [b""]
        if len(lines) - 1 < told:
            return "LOST RECORDS"
        return "all that was told of, one torn" if lines[-1] else "all that was told of"

    def end(self):
        """Return what the experiment comes to in the end."""
        whole = self.folder.with_name("whole")
        with open(self.told, "a") as stream:
            now, once = (
                run_experiment(self.experiment, out, n_jobs=1, stream=stream)
                for out in (self.folder, whole)
            )
        files = [{p.name for p in out.iterdir()} for out in (self.folder, whole)]
        left = files[0] - files[1] - {"results.damaged.jsonl"}
        same = _untimed(now.records) == _untimed(once.records)
        return (
            "LEFT BEHIND" if left else "the same numbers" if same else "OTHER NUMBERS"
        )


class Chunks:
    """Coefficients in an array of zarr, which is gone on with where it was killed."""

    def __init__(self, folder):
        self.folder, self.out = Path(folder), Path(folder) / "out.zarr"
        pixels = np.random.default_rng(0).normal(size=(_N_IMAGES, 8, 8))
        np.save(self.folder / "x.npy", pixels)
        self.expected = _coefficients().fit(pixels).transform(pixels.astype("f4"))

    def write_to(self, out, tell=None):
        """Write all of it, or the rest."""
        images = open_images(self.folder / "x.npy")
        write_zarr(images, _coefficients(), out, chunk=3, progress=tell)

    def write(self, tell):
        """Write to the end."""
        self.write_to(self.out, lambda done: tell())
        tell()
        time.sleep(60)  # all is done: wait for the kill

    def look(self):
        """Return what a killed writer left, in words."""
        rows = zarr.open(self.out, mode="r")[:]
        there = np.isfinite(rows)
        close = np.isclose(rows, self.expected, rtol=1e-4, atol=1e-6)
        if (there.any(axis=1) != there.all(axis=1)).any():
            return "TORN CHUNK"
        if not close[there].all():
            return "WRONG COEFFICIENTS"
        return "all" if there.all() else "some chunks, each whole"

    def end(self):
        """Return what it comes to in the end."""
        self.write_to(self.out)
        self.write_to(self.folder / "whole.zarr")
        now, once = map(contents, (self.out, self.folder / "whole.zarr"))
        hidden = [path for path in self.folder.iterdir() if path.name[0] == "."]
        left = now.keys() - once.keys() or hidden
        return "LEFT BEHIND" if left else "the same bytes" if now == once else "OTHER"


class _Telling:
    """A stream that tells when something is written."""

    def __init__(self, stream, tell):
        self.stream, self.tell = stream, tell

    def write(self, text):
        self.stream.write(text)
        self.tell()

    def flush(self):
        self.stream.flush()

    def isatty(self):
        return False


_STORES = {"save": Bundles, "cache": Features, "bench": Records, "zarr": Chunks}
_RECIPE = f"{Path(__file__).stem}:naive_bayes"


def blobs(data_home):
    """Return the images of the experiment."""
    rng = np.random.default_rng(0)
    target = np.arange(30) % 3
    images = rng.normal(size=(3, 4, 4))[target] + rng.normal(size=(30, 4, 4))
    return ImageSet(images, target)


def naive_bayes(image_shape, n_per_class, random_state):
    """Return the classifier of the experiment."""
    return GaussianNB()  # OpenMP, which others use, does not survive a fork


def contents(folder):
    """Return the bytes of all files in a folder, by their names."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def _coefficients():
    return ScatteringTransformer(J=1)


def _neighbours(n):
    return KNeighborsClassifier(n, algorithm="brute")


def _multiples(rows, out):
    out[...] = rows * np.arange(out.shape[1])


def _untimed(records):
    return [replace(r, fit_time=0.0, score_time=0.0, times={}) for r in records]


def kill_once(store, rng):
    """Let a process write, and kill it at a random moment after it has begun."""
    context = multiprocessing.get_context("fork")
    begun = context.Event()
    process = context.Process(target=store.write, args=(begun.set,))
    process.start()
    if not begun.wait(60):
        raise RuntimeError("a process wrote nothing within a minute")
    if hasattr(store, "wait") and rng.random() < 0.5:
        store.wait()
        time.sleep(rng.uniform(0, _LONGEST / 10))
    else:
        time.sleep(rng.uniform(0, _LONGEST))
    process.kill()
    process.join()


def kill_writers(name, n, seed=0):
    """Return how often each outcome was found after `n` kills at one store."""
    rng, counts = random.Random(seed), collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        store = _STORES[name](folder)
        for _ in range(n):
            kill_once(store, rng)
            counts[store.look()] += 1
        if hasattr(store, "end"):
            counts[f"in the end {store.end()}"] += 1
    return counts


def is_wrong(outcome):
    """Tell what must not be found: it is in capital letters."""
    return any(word.isupper() for word in outcome.split())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=60, help="kills of each store")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    found = {name: kill_writers(name, arguments.n, arguments.seed) for name in _STORES}
    for name, counts in found.items():
        for outcome, count in sorted(counts.items()):
            print(f"{name:8s} {outcome:45s} {count:5d}")
    sys.exit(any(is_wrong(outcome) for counts in found.values() for outcome in counts))


if __name__ == "__main__":
    main()
