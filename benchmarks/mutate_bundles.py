"""Change bundles at random and count what `load` makes of them.

    python benchmarks/mutate_bundles.py --n 10000

Half of the changed files have a checksum that no longer matches. In the others parts
are changed and sealed again, as one who means harm would: bytes of a part, of an array
or of the text in which skops describes the estimator, or the values in that text. Each
must give an estimator or a BundleError, and nothing else; the script ends with status 1
if one does not.
"""

import argparse
import collections
import io
import json
import random
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

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

_BYTES = 2**30
_ODD = [None, True, -1, 0, 1.5, 2**70, "", "x" * 99, [], {}, [[]], "numpy", "ndarray"]


def bundles(folder):
    """Write a few bundles, and return their contents."""
    X, y = np.random.default_rng(0).normal(size=(30, 16)), np.arange(30) % 3
    scattering = ScatteringTransformer(J=1)
    net = ImageClassifier(max_epochs=1, module__width=2, random_state=0)
    models = [
        make_pipeline(scattering, LogisticRegression()),
        make_pipeline(ScatteringTransformer(J=1, output="maps"), net),
        GridSearchCV(net, {"module__width": [2, 3]}, cv=2),
        PCAAffineClassifier(n_components=1),
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


def outcome(path):
    """Return what `inspect` and `load` make of a file."""
    results = []
    for read in (inspect, load):
        try:
            read(path, max_bytes=_BYTES)
            results.append("read")
        except BundleError:
            results.append("refused")
        except Exception:
            traceback.print_exc()
            results.append("ANOTHER ERROR")
    return max(results, key=["read", "refused", "ANOTHER ERROR"].index)


def mutate(n, seed=0):
    """Return how many of `n` changed bundles had which outcome, by what was changed."""
    rng, counts = random.Random(seed), collections.Counter()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        contents = bundles(folder)
        path = Path(folder) / "changed.scat"
        for _ in range(n):
            kind = write_changed(path, *rng.choice(contents), rng=rng)
            counts[kind, outcome(path)] += 1
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
    print(f"{time.perf_counter() - start:.0f} s")
    sys.exit(any(result == "ANOTHER ERROR" for _, result in counts))


if __name__ == "__main__":
    main()
