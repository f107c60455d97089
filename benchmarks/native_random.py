"""The native kernel against the definition, on random configurations.

    python benchmarks/native_random.py [--n 20000] [--first 0] [--largest 64]

Each number from `first` on draws one: an image's sides, J, L, order, padding and frame,
translation or one of the roto-translation forms, maps or means. The kernel of every
instruction set of this processor is compared with the definition in float64, on noise.
Errors are over the largest coefficient, with a floor of the size of a mean of so much
noise. One image in ten is larger, so that threads share it. Exits with status 1 where
an error is beyond the tolerance of 1e-6.
"""

import argparse
import sys

import numpy as np

from sklearn_scat.cascade import FORMS, Grid, MeanWavelet2d, Wavelet2d, scattering
from sklearn_scat.engines import WEIGHTS, _native
from sklearn_scat.filters import morlet_bank

TOLERANCE = 1e-6


def draw(number, largest):
    """Return the configuration of a number, by name."""
    rng = np.random.default_rng(number)
    if rng.random() < 0.1:
        largest *= 3
    shape = tuple(int(rng.integers(1, largest + 1)) for _ in "MN")
    J = int(rng.integers(0, min(min(shape).bit_length(), 5)))
    padding = str(rng.choice(["reflect", "zero", "periodic"]))
    if padding == "periodic":
        shape = tuple(max(n >> J, 1) << J for n in shape)
    kind = str(rng.choice(["plain", "plain", "rigid", "separable"]))
    many = [4, 8, 12, 16] if kind == "separable" else [1, 2, 3, 4, 5, 6, 7, 8, 12, 16]
    L = int(rng.choice(many))
    frames = ["none", "contractive"] + ["tight"] * (kind == "plain" and L > 1 and J > 0)
    return {
        "shape": shape,
        "J": J,
        "L": L,
        "kind": kind,
        "padding": padding,
        "frame": str(rng.choice(frames)),
        "max_order": int(rng.choice([0, 1, 2, 2, 2])),
        "mean": bool(rng.random() < 0.3),
        "n_threads": int(rng.integers(1, 4)),
    }


def problem_of(number, drawn):
    """Return bank, grid, operators, angular weights or None, image (1, M, N)."""
    grid = Grid(drawn["shape"], drawn["J"], drawn["padding"])
    L, order, frame = drawn["L"], drawn["max_order"], drawn["frame"]
    bank = morlet_bank(grid.J, grid.padded, L=L, frame=frame)
    W = (MeanWavelet2d if drawn["mean"] else Wavelet2d).from_bank(
        grid, bank, like=np.empty(0)
    )
    operators, rotation = [W] * (order + 1), None
    if drawn["kind"] != "plain":
        form = FORMS[drawn["kind"]]
        circle = form.circle(L, form.scales(L, None), frame=frame)
        operators = form.operators(W, circle, max_order=order)
        rotation = WEIGHTS[drawn["kind"]](circle)
    rng = np.random.default_rng([number])
    x = rng.standard_normal((1, *grid.shape)).astype(np.float32)
    return bank, grid, operators, rotation, x


def error_of(number, drawn):
    """Return the largest error of all instruction sets, over full scale."""
    bank, grid, operators, rotation, x = problem_of(number, drawn)
    expected = scattering(x.astype(float), operators)
    scale = np.abs(expected).max() + np.abs(x).mean() / np.sqrt(x.size)
    errors = []
    for instructions in _native.instruction_sets():
        plan = _native.plan(
            bank,
            grid,
            max_order=drawn["max_order"],
            rotation=rotation,
            mean=drawn["mean"],
            instructions=instructions,
        )
        S = np.full(expected.shape, np.nan, np.float32)
        plan.apply(x, S, n_threads=drawn["n_threads"])
        errors.append(np.abs(S - expected).max() / scale)
    return max(errors) if np.isfinite(errors).all() else np.inf


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--n", type=int, default=20_000, help="configurations")
    parser.add_argument("--first", type=int, default=0, help="the first number")
    parser.add_argument("--largest", type=int, default=64, help="side, in pixels")
    options = parser.parse_args()
    worst = beyond = 0
    for number in range(options.first, options.first + options.n):
        drawn = draw(number, options.largest)
        error = error_of(number, drawn)
        worst = max(worst, error)
        if error > TOLERANCE:
            beyond += 1
            print(f"{error:.1e} at number {number}: {drawn}", flush=True)
        if (number + 1 - options.first) % 1000 == 0:
            print(
                f"{number + 1 - options.first}: largest error {worst:.1e}", flush=True
            )
    print(
        f"{options.n} configurations, {', '.join(_native.instruction_sets())}: largest "
        f"error {worst:.1e} of full scale, {beyond} beyond {TOLERANCE:g}"
    )
    sys.exit(beyond > 0)


if __name__ == "__main__":
    main()
