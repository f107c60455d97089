"""Change bundles at random and count what `load` makes of them.

    python benchmarks/mutate_bundles.py --n 10000

Half of the changed files have a checksum that no longer matches. In the others parts
are changed and sealed again, as one who means harm would: bytes of a part, of an array
or of the text in which skops describes the estimator, the values in that text, or the
numbers and the shapes of arrays. Each must give an estimator or a BundleError, and
nothing else: no other error, no call of what the file names, no more memory than its
size allows, and no crash where the estimator is used. The script ends with status 1 if
one does not, and prints the largest memory.
"""

import argparse
import collections
import functools
import importlib
import io
import json
import multiprocessing
import random
import sys
import tempfile
import time
import traceback
import tracemalloc
import warnings
import zipfile
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from unittest import mock

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

from sklearn_scat import (
    ImageClassifier,
    PCAAffineClassifier,
    ScatteringTransformer,
    inspect,
    load,
    save,
)
from sklearn_scat.persistence import BundleError
from sklearn_scat.persistence._files import ESTIMATOR, read_parts, write_parts
from sklearn_scat.persistence._schema import _FREE_BYTES, _MAX_GROWTH
from sklearn_scat.persistence._types import TRUSTED

_BYTES = 2**30
_ODD_NUMBERS = [0, -1, 2, 10**6, 2**31 - 1, -(2**31), 1e300, np.nan, -np.inf]
_LONGEST = 20  # seconds that an estimator is used for
_WORDS = ("read", "refused", "ANOTHER ERROR", "TOO LARGE", "CALLED", "CRASHED")
X = np.random.default_rng(0).normal(size=(30, 16))
_ODD = [None, True, -1, 0, 1.5, 2**70, "", "x" * 99, [], {}, [[]], "numpy", "ndarray"]


def bundles(folder):
    """Write a few bundles, and return their contents."""
    y = np.arange(30) % 3
    scattering = ScatteringTransformer(J=1)
    net = ImageClassifier(max_epochs=1, module__width=2, random_state=0)
    models = [
        make_pipeline(scattering, LogisticRegression()),
        make_pipeline(ScatteringTransformer(J=1, output="maps"), net),
        GridSearchCV(net, {"module__width": [2, 3]}, cv=2),
        PCAAffineClassifier(n_components=1),
        make_pipeline(StandardScaler(), SVC(random_state=np.random.RandomState(0))),
        CalibratedClassifierCV(KNeighborsClassifier(algorithm="brute"), cv=2),
        OneVsRestClassifier(SGDClassifier(random_state=0)),
    ]
    path, contents = Path(folder) / "model.scat", []
    for model in models:
        save(path, model.fit(X, y))
        contents.append((path.read_bytes(), read_parts(path, max_bytes=_BYTES)))
    return contents


def changed_bytes(data, rng):
    """Return bytes with some of them overwritten, cut out, doubled or cut off."""
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 8])):
        i = rng.randrange(len(data) + 1)
        j = min(len(data), i + rng.choice([1, 1, 4, 100, 5000]))
        kind = rng.randrange(5)
        if kind == 0:
            data[i:j] = rng.randbytes(j - i)
        elif kind == 1:
            del data[i:j]
        elif kind == 2:
            data[i:i] = data[i:j]
        elif kind == 3 and i < len(data):
            data[i] ^= 1 << rng.randrange(8)
        elif len(data) > 1:
            del data[rng.randrange(len(data)) :]
    return bytes(data)


def changed_values(data, rng):
    """Return a description of skops with some of its values changed."""
    schema = json.loads(data)
    for _ in range(rng.choice([1, 1, 3])):
        nodes = list(_nodes(schema))
        node = rng.choice(nodes)
        key = rng.choice(list(node) if isinstance(node, dict) else range(len(node)))
        kind = rng.randrange(4)
        if kind == 0:
            node[key] = rng.choice(_ODD)
        elif kind == 1:
            del node[key]
        elif kind == 2:  # where another node stands: even inside itself, once
            node[key] = _copy(rng.choice(nodes))
        else:
            same = [n[key] for n in nodes if isinstance(n, dict) and key in n]
            node[key] = _copy(rng.choice(same or _ODD))
    return json.dumps(schema).encode()


def changed_array(data, rng):
    """Return an array's file with other numbers, or of another shape."""
    array = np.load(io.BytesIO(data), allow_pickle=False)
    kind = rng.randrange(4)
    if array.ndim == 0 or kind < 2:
        array = array.copy()
        for _ in range(rng.choice([1, 3])):
            place = tuple(rng.randrange(side) for side in array.shape if side)
            with suppress(ValueError, OverflowError, IndexError, TypeError):
                array[place] = rng.choice(_ODD_NUMBERS)
    elif kind == 2:
        cut = rng.choice([1, len(array) // 2, len(array)])
        array = array[cut:] if rng.random() < 0.5 else np.concatenate([array, array])
    else:
        array = rng.choice([array.T, array.ravel(), array[None]])
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def _copy(value):
    """Return a copy of a JSON value, which it may then be put into."""
    return json.loads(json.dumps(value))


def _nodes(value):
    """Yield the containers of a JSON value that are not empty."""
    if isinstance(value, dict | list) and value:
        yield value
        for part in value.values() if isinstance(value, dict) else value:
            yield from _nodes(part)


def changed_member(data, rng):
    """Return the archive of an estimator with one part changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = rng.choice([*members, *["schema.json"] * len(members)])
    change = changed_bytes
    if name == "schema.json" and rng.random() < 0.8:
        change = changed_values
    elif name.endswith(".npy") and rng.random() < 0.8:
        change = changed_array
    members[name] = change(members[name], rng)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def write_changed(path, content, parts, *, rng):
    """Write a changed bundle, and return what was changed in it."""
    if rng.random() < 0.5:
        path.write_bytes(changed_bytes(content, rng))
        return "bytes of the file"
    parts = dict(parts)
    if rng.random() < 0.6:
        parts[ESTIMATOR] = changed_member(parts[ESTIMATOR], rng)
        kind = "a part of the estimator, sealed again"
    else:
        name = rng.choice(list(parts))
        parts[name] = changed_bytes(parts[name], rng)
        kind = f"{name}, sealed again"
    write_parts(path, parts)
    return kind


def outcome(path, X):
    """Return what `inspect` and `load` make of a file, in one word.

    Words in capital letters are what must not be: an undeclared error, a call of what
    the file names, more memory than its size allows, or a crash of the process in
    which the estimator is used.
    """
    results = []
    for read in (inspect, load):
        with _watched() as watch:
            try:
                model = read(path, max_bytes=_BYTES)
                results.append("read")
            except BundleError:
                results.append("refused")
            except Exception:
                traceback.print_exc()
                results.append("ANOTHER ERROR")
        watch.note(path.stat().st_size)
        results += ["CALLED"] * (watch.calls > 0) + ["TOO LARGE"] * watch.is_too_large
    if results == ["read", "read"] and _crashes(model, X):
        results.append("CRASHED")
    return max(results, key=_WORDS.index)


class _Watch:
    """Calls and memory of a block."""

    calls = 0
    largest_share = 0.0  # of the memory that the size of a file allows, over all files
    largest = 0

    def note(self, size):
        """Compare the memory with what a file of some size may take."""
        share = self.peak / allowed_bytes(size)
        self.is_too_large = share > 1
        _Watch.largest_share = max(_Watch.largest_share, share)
        _Watch.largest = max(_Watch.largest, self.peak)


def allowed_bytes(size):
    """Return the memory that loading a file may take: its own, and its arrays'."""
    return 3 * size + _FREE_BYTES + _MAX_GROWTH * size


@contextmanager
def _watched():
    """Count the calls of trusted names in a block, and measure its memory."""
    watch = _Watch()

    def counting(function):
        @functools.wraps(function)
        def counted(*args, **kwargs):
            watch.calls += 1
            return function(*args, **kwargs)

        return counted

    with ExitStack() as stack:
        for place, name in _called_by_networks():
            wrapped = counting(getattr(place, name))
            stack.enter_context(mock.patch.object(place, name, wrapped))
        tracemalloc.start()
        try:
            yield watch
        finally:
            watch.peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()


@functools.cache
def _called_by_networks():
    """Return where the calls of what makes networks, and of metrics, can be seen."""
    places = []
    for full in TRUSTED:
        module, _, name = full.rpartition(".")
        if module == "sklearn_scat.nn" or module.startswith("sklearn.metrics."):
            holder = importlib.import_module(module)
            thing = getattr(holder, name)
            is_class = isinstance(thing, type)
            places.append((thing, "__init__") if is_class else (holder, name))
    return places


def _crashes(model, X):
    """Tell whether a process that uses an estimator ends by a signal."""
    process = multiprocessing.get_context("fork").Process(target=_use, args=(model, X))
    process.start()
    process.join(_LONGEST)
    if process.is_alive():
        process.kill()
        process.join()
        return False  # a network may be made as large as one likes, by who uses it
    return process.exitcode != 0


def _use(model, X):
    for method in ("predict", "decision_function"):
        with suppress(Exception), threadpool_limits(1):  # threads do not survive a fork
            getattr(model, method)(X)


def mutate(n, seed=0):
    """Return how many of `n` changed bundles had which outcome, by what was changed."""
    rng, counts = random.Random(seed), collections.Counter()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        contents = bundles(folder)
        path = Path(folder) / "changed.scat"
        for _ in range(n):
            kind = write_changed(path, *rng.choice(contents), rng=rng)
            counts[kind, outcome(path, X)] += 1
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=10_000, help="changed bundles")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    start = time.perf_counter()
    counts = mutate(arguments.n, arguments.seed)
    for (kind, result), count in sorted(counts.items()):
        print(f"{kind:45s} {result:15s} {count:6d}")
    print(
        f"{time.perf_counter() - start:.0f} s; largest memory of a reading "
        f"{_Watch.largest / 2**20:.1f} MiB, {100 * _Watch.largest_share:.1f} % of what "
        "the size of the file allows"
    )
    sys.exit(any(result.isupper() for _, result in counts))


if __name__ == "__main__":
    main()
