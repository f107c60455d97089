"""Forward and backward through the scattering of images: this library and Kymatio.

    python benchmarks/backward.py [--threads 1 2] [--rounds 7]

The gradient is that of the sum of squares of all coefficients, with respect to the
images. Both run in the same process, in turns, and the medians are compared.
"""

import argparse
import statistics
import time
import warnings

import torch
from kymatio import Scattering2D

from sklearn_scat.nn import Scattering2d

CASES = [(32, 3, 2, 32), (96, 3, 2, 8), (224, 3, 3, 1)]  # side, channels, J, images


def seconds(module, x):
    """Return what one forward and one backward pass take."""
    x = x.clone().requires_grad_()
    start = time.perf_counter()
    module(x).square().sum().backward()
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, nargs="+", default=[1])
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print("|images|threads|ours, ms|Kymatio, ms|ratio|\n|---|---|---|---|---|")
    for threads in options.threads:
        torch.set_num_threads(threads)
        for side, channels, J, n in CASES:
            x = torch.rand(n, channels, side, side)
            modules = (
                Scattering2d(J, (side, side)),
                Scattering2D(J, (side, side), frontend="torch"),
            )
            for module in modules:
                seconds(module, x)
            times = [[seconds(m, x) for m in modules] for _ in range(options.rounds)]
            ours, peer = (
                statistics.median(column) for column in zip(*times, strict=True)
            )
            print(
                f"|{n}×{channels}×{side}², J={J}|{threads}|{1e3 * ours:.0f}|"
                f"{1e3 * peer:.0f}|{peer / ours:.1f}|",
                flush=True,
            )


if __name__ == "__main__":
    main()
