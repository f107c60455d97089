"""Throughput and memory of sets larger than memory: one process, two, and dask's.

    python benchmarks/large_sets.py throughput --mnist DIRECTORY
    python benchmarks/large_sets.py memory --images 200000
    python benchmarks/large_sets.py cost

`throughput` transforms digits of MNIST from an array of zarr to another one, by one
process, by two (joblib, each its half) and by two workers of dask (the command
`transform --zarr --workers 2`), and prints the images a second of a processor, the
processor's time with all children, and the largest resident memory of a process.

`memory` transforms small random images from zarr to zarr by one process, and prints its
resident memory after each tenth of them.

`cost` prints the time of an image by its size and by J.

Times are those of the processors, which other programs do not change much; the clock's
are told beside them. Set OMP_NUM_THREADS=1 for one thread a process.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import zarr
from joblib import Parallel, delayed
from joblib.externals.loky import get_reusable_executor

from sklearn_scat import ScatteringTransformer
from sklearn_scat.datasets import load_mnist

_CHUNK = 1000  # images


def stored(folder, images):
    """Write images to an array of zarr, and return it."""
    array = zarr.create_array(
        folder / "x.zarr",
        shape=images.shape,
        chunks=(_CHUNK, *images.shape[1:]),
        dtype=images.dtype,
    )
    array[:] = images
    return array


def empty(folder, name, *, n, n_features):
    """Return an array of zarr for coefficients."""
    return zarr.create_array(
        folder / name, shape=(n, n_features), chunks=(_CHUNK, n_features), dtype="f4"
    )


def transform_part(folder, name, start, *, stop, J):
    """Transform some images from zarr to zarr: whole chunks, by one process."""
    images = zarr.open_array(folder / "x.zarr", mode="r")
    out = zarr.open_array(folder / name, mode="r+")
    model = ScatteringTransformer(J=J).fit(images[:1])
    for first in range(start, stop, _CHUNK):
        last = min(first + _CHUNK, stop)
        out[first:last] = model.transform(images[first:last])


def one_process(folder, n, J):
    images = zarr.open_array(folder / "x.zarr", mode="r")
    model = ScatteringTransformer(J=J).fit(images)
    n_features = model.get_feature_names_out().size
    model.transform(images, out=empty(folder, "one.zarr", n=n, n_features=n_features))


def two_processes(folder, n, J):
    model = ScatteringTransformer(J=J).fit(np.zeros((1, 28, 28), np.uint8))
    empty(folder, "two.zarr", n=n, n_features=model.get_feature_names_out().size)
    half = n // (2 * _CHUNK) * _CHUNK
    Parallel(n_jobs=2)(
        delayed(transform_part)(folder, "two.zarr", start, stop=stop, J=J)
        for start, stop in ((0, half), (half, n))
    )
    get_reusable_executor().shutdown(wait=True)  # so that their time is told


def two_workers(folder, n, J):
    options = f"--J {J} --quiet --workers 2 --chunk {_CHUNK} --zarr".split()
    paths = str(folder / "x.zarr"), str(folder / "workers.zarr")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "sklearn_scat",
            "transform",
            paths[0],
            *options,
            paths[1],
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )


WAYS = {"one process": one_process, "two": two_processes, "dask": two_workers}


def throughput(arguments):
    """Print a line for each way, each in a process of its own."""
    images = load_mnist(data_home=arguments.mnist).images[: arguments.images]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stored(folder, images)
        for way in WAYS:
            start = time.perf_counter()
            measured = subprocess.run(
                [sys.executable, __file__, "way", way, name, str(len(images))],
                check=True,
                capture_output=True,
                text=True,
            )
            seconds, most = map(float, measured.stdout.split())
            print(
                f"{way:12s} {len(images) / seconds:8.0f} images a processor's second, "
                f"{seconds:6.1f} s of processors, "
                f"{time.perf_counter() - start:6.1f} s by the clock, "
                f"{most / 1024:5.0f} MB the largest process",
                flush=True,
            )


def way(arguments):
    """Do it one way; print processor's seconds and the largest resident kB."""
    WAYS[arguments.name](Path(arguments.folder), arguments.images, 2)
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(one) for one in who]
    print(
        sum(u.ru_utime + u.ru_stime for u in used),
        max(u.ru_maxrss for u in used),
    )


def resident():
    """Return the resident memory of this process, in MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def memory(arguments):
    """Print resident memory while images go from zarr to zarr."""
    n, shape = arguments.images, (16, 16)
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        images = zarr.create_array(
            folder / "x.zarr", shape=(n, *shape), chunks=(_CHUNK, *shape), dtype="u1"
        )
        for start in range(0, n, _CHUNK):
            part = images[start : start + _CHUNK]
            images[start : start + _CHUNK] = rng.integers(0, 256, part.shape)
        model = ScatteringTransformer(J=2, L=4).fit(images)
        n_features = model.get_feature_names_out().size
        out = empty(folder, "s.zarr", n=n, n_features=n_features)
        watched, seen = _Watched(out, n // 10), []
        model.transform(images, out=watched)
        seen = watched.seen
        print(" ".join(f"{size:.0f}" for size in seen), "MB")
        print(f"from the first tenth to the last: {max(seen) - min(seen):.1f} MB")
        print(f"processor: {time.process_time():.0f} s")


def cost(arguments):
    """Print milliseconds an image, and nanoseconds a pixel and a logarithm."""
    rng = np.random.default_rng(0)
    for J in (2, 3, 4):
        for side in (32, 64, 128, 256, 512):
            X = rng.random((max(2, 2**18 // side**2), side, side), np.float32)
            model = ScatteringTransformer(J=J).fit(X)
            model.transform(X[:1])
            start = time.process_time()
            model.transform(X)
            seconds = (time.process_time() - start) / len(X)
            print(
                f"J={J} {side:4d} px: {1e3 * seconds:8.3f} ms an image, "
                f"{1e9 * seconds / side**2:6.0f} ns a pixel, "
                f"{1e9 * seconds / side**2 / np.log2(side**2):5.1f} over its logarithm"
            )


class _Watched:
    """An array that notes the resident memory as it is written."""

    def __init__(self, array, every):
        self.array, self.every, self.seen = array, every, []
        self.shape, self.dtype, self.chunks = array.shape, array.dtype, array.chunks

    def __setitem__(self, rows, values):
        self.array[rows] = values
        if rows.stop // self.every > rows.start // self.every:
            self.seen.append(resident())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parts = parser.add_subparsers(required=True)
    part = parts.add_parser("throughput")
    part.add_argument("--mnist", required=True, help="directory of its files")
    part.add_argument("--images", type=int, default=20_000)
    part.set_defaults(run=throughput)
    part = parts.add_parser("memory")
    part.add_argument("--images", type=int, default=200_000)
    part.set_defaults(run=memory)
    part = parts.add_parser("cost")
    part.set_defaults(run=cost)
    part = parts.add_parser("way")
    part.add_argument("name", choices=WAYS)
    part.add_argument("folder")
    part.add_argument("images", type=int)
    part.set_defaults(run=way)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
