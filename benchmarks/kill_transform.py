"""Kill `sklearn-scat transform --zarr` at random moments until it is done.

    python benchmarks/kill_transform.py --n 20 --workers 2

The command writes the coefficients of random images to an array of zarr, by processes
of dask. It is killed (SIGKILL) `n` times, before or after a random number of chunks,
and begun again each time; then once to its end. The script prints how many chunks were
there after each kill, and ends with status 1 if the bytes are not those of a run that
nobody killed.
"""

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from kill_writers import contents


def command(folder, out, *, workers, chunk):
    """Return the command that writes one output."""
    options = f"--J 3 --quiet --workers {workers} --chunk {chunk} --zarr".split()
    inputs = ["transform", str(folder / "x.npy"), *options, str(folder / out)]
    return [sys.executable, "-m", "sklearn_scat", *inputs]


def n_chunks(out):
    """Return how many chunks an output has."""
    return sum(path.is_file() for path in out.glob("c/*/*"))


def kill_at(run, out, n, *, delay):
    """Run a command, and kill it some seconds after an output has n chunks."""
    process = subprocess.Popen(run, stdout=subprocess.DEVNULL)
    while n_chunks(out) < n and process.poll() is None:
        time.sleep(0.005)
    time.sleep(delay)
    process.kill()
    return process.wait() == -signal.SIGKILL


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=20, help="kills")
    parser.add_argument("--images", type=int, default=8000)
    parser.add_argument("--chunk", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as name:
        folder, how = Path(name), {k: vars(arguments)[k] for k in ("workers", "chunk")}
        images = np.random.default_rng(0).integers(0, 256, (arguments.images, 32, 32))
        np.save(folder / "x.npy", images.astype(np.uint8))
        subprocess.run(command(folder, "whole.zarr", **how), check=True)
        out, total = folder / "out.zarr", n_chunks(folder / "whole.zarr")
        for kill in range(arguments.n):
            there = n_chunks(out)
            most = 2 * (total - there) // (arguments.n - kill + 1)
            run, target = command(folder, out, **how), there + rng.randint(0, most)
            # before the first chunk, so that it is killed while it starts too
            delay = rng.uniform(0, 0.05 if target > there else 4)
            was_killed = kill_at(run, out, target, delay=delay)
            print(f"{kill + 1:3d}: {n_chunks(out):5d} of {total} chunks", flush=True)
            assert was_killed, "it ended before it was killed"
        subprocess.run(command(folder, out, **how), check=True)
        same = contents(out) == contents(folder / "whole.zarr")
        print("the same bytes" if same else "OTHER BYTES")
    sys.exit(not same)


if __name__ == "__main__":
    main()
