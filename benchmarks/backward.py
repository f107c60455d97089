"""Forward and backward through the scattering of images: this library and Kymatio.

    python benchmarks/backward.py [--threads 1 2] [--rounds 7]

The gradient is that of the sum of squares of all coefficients, with respect to the
images: by the native kernel, by this library's torch operations, and by Kymatio. All
run in the same process, in turns, and the medians are compared; errors of the gradients
are to that of torch's operations in float64, in the Euclidean norm, relative.
"""

import argparse
import statistics
import time
import warnings

import torch
from kymatio import Scattering2D

from sklearn_scat.engines import _native
from sklearn_scat.nn import Scattering2d

# side, channels, J, images
CASES = [
    (28, 1, 2, 64),
    (32, 3, 2, 32),
    (96, 3, 2, 8),
    (96, 3, 3, 8),
    (224, 3, 3, 1),
    (200, 1, 4, 2),
]
COLUMNS = ["native", "torch", "Kymatio"]


def gradient(module, x):
    """Return the gradient of the energy of the coefficients, and its seconds."""
    x = x.clone().requires_grad_()
    start = time.perf_counter()
    module(x).square().sum().backward()
    return x.grad, time.perf_counter() - start


def modules_of(side, J):
    """Return who computes, in the order of the columns."""
    shape = side, side
    return (
        Scattering2d(J, shape),
        Scattering2d(J, shape, engine="torch"),
        Scattering2D(J, shape, frontend="torch"),
    )


def error(module, x):
    """Return the relative error of a gradient in the first image."""
    side, J = x.shape[-1], module.grid.J
    found, _ = gradient(module, x[:1])
    exact, _ = gradient(Scattering2d(J, (side, side)).double(), x[:1].double())
    return ((found - exact).norm() / exact.norm()).item()


def row(case, threads, rounds):
    """Return the cells of one case."""
    side, channels, J, n = case
    x = torch.rand(n, channels, side, side)
    modules = modules_of(side, J)
    for module in modules:
        gradient(module, x)
    times = [[gradient(m, x)[1] for m in modules] for _ in range(rounds)]
    medians = [statistics.median(column) for column in zip(*times, strict=True)]
    return [
        f"{n}×{channels}×{side}², J={J}",
        str(threads),
        *(f"{1e3 * seconds:.1f}" for seconds in medians),
        *(f"{medians[-1] / seconds:.1f}" for seconds in medians[:-1]),
        f"{error(modules[0], x):.1e}",
        f"{error(modules[1], x):.1e}",
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, nargs="+", default=[1])
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print(f"torch {torch.__version__}, {_native.describe()}\n")
    header = ["images", "threads", *(f"{name}, ms" for name in COLUMNS)]
    header += ["Kymatio / native", "Kymatio / torch", "error, native", "error, torch"]
    print("|".join(["", *header, ""]))
    print("|".join(["", *["---"] * len(header), ""]))
    for threads in options.threads:
        torch.set_num_threads(threads)
        for case in CASES:
            print("|".join(["", *row(case, threads, options.rounds), ""]), flush=True)


if __name__ == "__main__":
    main()
