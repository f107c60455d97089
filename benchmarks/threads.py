"""One image on one thread and on two: how much faster the second makes it.

    python benchmarks/threads.py [--cases 128xJ3 512xJ5] [--threads 2] [--rounds 25]

The native kernel alone, in one process and in turns, so that a busy machine slows both
alike; times are those of the clock, in ms. Ratios are of medians, and of the best.
"""

import argparse
import re
import time

import numpy as np

from sklearn_scat.cascade import Grid
from sklearn_scat.engines import _native
from sklearn_scat.filters import cached_bank


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--cases", nargs="+", default=["128xJ3", "512xJ5"], help="sidexJscales")
    add("--threads", type=int, default=2)
    add("--rounds", type=int, default=25)
    arguments = parser.parse_args()
    for case in arguments.cases:
        side, J = map(int, re.fullmatch(r"(\d+)xJ(\d+)", case).groups())
        one, several = times(side, J, n_threads=arguments.threads, n=arguments.rounds)
        medians = np.median([one, several], axis=1)
        best = np.min([one, several], axis=1)
        print(
            f"{case}: {1e3 * medians[0]:.1f} ms, {1e3 * medians[1]:.1f} ms on "
            f"{arguments.threads} threads; {medians[0] / medians[1]:.2f} times as "
            f"fast, {best[0] / best[1]:.2f} at best"
        )


def times(side, J, *, n_threads, n):
    """Return the seconds of n rounds on one thread, and on several: two lists."""
    grid = Grid((side, side), J)
    plan = _native.plan(cached_bank(J, grid.padded), grid, max_order=2)
    x = np.random.default_rng(0).random((1, side, side), dtype=np.float32)
    n_paths = 1 + 8 * J + 32 * J * (J - 1)
    S = np.empty((1, n_paths, *grid.output), np.float32)
    taken = {1: [], n_threads: []}
    for _ in range(n):
        for threads, seconds in taken.items():
            start = time.perf_counter()
            plan.apply(x, S, n_threads=threads)
            seconds.append(time.perf_counter() - start)
    return taken[1], taken[n_threads]


if __name__ == "__main__":
    main()
