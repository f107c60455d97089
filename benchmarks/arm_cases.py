"""Random configurations in one file, for a kernel that runs without Python.

    python benchmarks/arm_cases.py FILE [--n 25] [--largest 40]

Each is what a plan is built from, an image, its coefficients by the definition and,
where there is a gradient, one of the coefficients and that of the image by this
processor's kernel. `arm_cases.cpp` reads them, in the order in which they are written.
"""

import argparse

import numpy as np
from native_random import draw, problem_of

from sklearn_scat.cascade import scattering
from sklearn_scat.engines import _native


def write_case(file, number, *, largest):
    """Append the configuration of a number."""

    def write(dtype, *arrays):
        for array in arrays:
            file.write(np.ascontiguousarray(array, dtype).tobytes())

    drawn = draw(number, largest)
    bank, grid, operators, rotation, x = problem_of(number, drawn)
    options = {
        "max_order": drawn["max_order"],
        "rotation": rotation,
        "mean": drawn["mean"],
    }
    told = _native.plan_arguments(bank, grid, **options, instructions="")
    S = scattering(x.astype(float), operators).astype(np.float32)
    relative, filters = told["rotation"] or (False, [])
    write(np.int64, told["psi_hat"].shape, grid.shape, told["outputs"])
    write(np.int64, [drawn["max_order"], drawn["mean"], S.shape[1]])
    write(np.int64, [rotation is not None, relative, len(filters)])
    write(
        np.float64, told["psi_hat"], *(p for pair in told["low_passes"] for p in pair)
    )
    write(np.int32, told["rows"], told["columns"])
    for weights in filters:
        write(np.int64, len(weights))
        write(np.float64, weights)
    write(np.float32, x, S)
    if rotation is None and not drawn["mean"]:
        gradient = np.random.default_rng([number, 1]).standard_normal(S.shape)
        gradient, of_x = gradient.astype(np.float32), np.empty_like(x)
        plan = _native.plan(bank, grid, **options)
        plan.apply_backward(x, gradient, of_x, n_threads=1)
        write(np.float32, gradient, of_x)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file")
    parser.add_argument("--n", type=int, default=25, help="configurations")
    parser.add_argument("--largest", type=int, default=40, help="side, in pixels")
    options = parser.parse_args()
    with open(options.file, "wb") as file:
        file.write(np.int64(options.n).tobytes())
        for number in range(options.n):
            write_case(file, number, largest=options.largest)


if __name__ == "__main__":
    main()
