"""Compare the coefficients with those of Kymatio, number by number.

Kymatio writes 3.1415 for π in the normaliser of its filters, so that each of them is
larger by g = π / 3.1415 and a coefficient of order m by g^(m + 1). After that factor
both must agree to single precision: rtol = 1e-5, atol = 1e-6 of the largest
coefficient. Both compute in float32; "native" is the kernel, where it was built.

    python benchmarks/parity_kymatio.py          # needs the `bench` extra

Exits with status 1 where a coefficient is beyond the tolerance.
"""

import argparse
import sys
import warnings
from itertools import product

import numpy as np
import torch

from sklearn_scat import ScatteringTransformer

RTOL, ATOL = 1e-5, 1e-6

SHAPES = [
    # (M, N), J: 2^J = M included
    ((28, 28), 2),
    *(((32, 32), J) for J in (1, 2, 3, 4, 5)),
    ((33, 40), 3),
    ((20, 48), 2),
    ((31, 31), 3),
    ((64, 64), 3),
    ((8, 8), 3),
]
ORIENTATIONS = (3, 6, 8, 16)
ORDERS = (1, 2)


def kymatio_coefficients(x, J, L, max_order):
    """Return Kymatio's coefficients: (n, P, h, w)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own deprecations
        from kymatio import Scattering2D

        network = Scattering2D(
            J, shape=x.shape[-2:], L=L, max_order=max_order, frontend="torch"
        )
        return network(torch.from_numpy(x)).numpy()


def compare(x, J, L, max_order, engine):
    """Return (shape, error over full scale, error over the tolerance)."""
    transformer = ScatteringTransformer(
        J=J, L=L, max_order=max_order, image_shape=x.shape[1:], output="maps",
        engine=engine,
    )  # fmt: skip
    S = transformer.fit_transform(x)
    g = (np.pi / 3.1415) ** (transformer.paths_["order"] + 1.0)
    ours = S * g[:, None, None]
    theirs = kymatio_coefficients(x, J, L, max_order)
    if ours.shape != theirs.shape:
        return ours.shape, np.inf, np.inf
    error, scale = np.abs(ours - theirs), np.abs(theirs).max()
    excess = error / (RTOL * np.abs(theirs) + ATOL * scale)
    return ours.shape, error.max() / scale, excess.max()


def engines():
    """Return the engines that this installation has."""
    from sklearn_scat.engines import _native

    return ["torch", "native"] if _native.available() else ["torch"]


def main():
    """Print a row per network and return the number of those that disagree."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=2, help="images a network sees")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)

    print("image    J  L order engine  coefficients        error   of tolerance")
    failures = worst = 0
    for (shape, J), L, max_order in product(SHAPES, ORIENTATIONS, ORDERS):
        x = rng.random((arguments.images, *shape), dtype=np.float32)
        for engine in engines():
            size, error, excess = compare(x, J, L, max_order, engine)
            agrees = excess <= 1
            failures += not agrees
            worst = max(worst, excess)
            print(
                f"{shape[0]:>3}x{shape[1]:<3} {J:>2} {L:>2} {max_order:>5} "
                f"{engine:<7} {size!s:<18} {error:8.1e} {excess:8.3f}"
                f"{'' if agrees else '   BEYOND'}"
            )
    total = len(SHAPES) * len(ORIENTATIONS) * len(ORDERS) * len(engines())
    print(
        f"{total - failures} of {total} agree to rtol {RTOL:g} + atol {ATOL:g} of "
        f"the maximum; the worst takes {worst:.2f} of the tolerance."
    )
    return failures


if __name__ == "__main__":
    sys.exit(bool(main()))
