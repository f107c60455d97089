"""Time of roto-translation scattering beside that of the plain transform.

    python benchmarks/rotation.py [--threads 1] [--seconds 10]

Both forms by the native kernel and by torch, and the plain transform by the kernel,
compute the same images in turns, from numpy into numpy; medians are compared, so that a
busy machine slows everybody alike.
"""

import argparse
import statistics
import time

import numpy as np
import torch

from sklearn_scat import RotoTranslationScattering, ScatteringTransformer
from sklearn_scat.engines import _native

# (side, channels, J, images per batch)
CASES = [(32, 3, 2, 32), (200, 1, 5, 2)]


def estimators(J, shape):
    """Return who computes, by name; the first sets the measure."""
    options = {"J": J, "image_shape": shape, "output": "maps", "device": "cpu"}
    found = {"plain, native": ScatteringTransformer(engine="native", **options)}
    for engine in ("native", "torch"):
        for form in ("rigid", "separable"):
            found[f"{form}, {engine}"] = RotoTranslationScattering(
                form=form, engine=engine, **options
            )
    return found


def measure(fitted, X, seconds):
    """Return seconds per image of everybody, one for each turn."""
    outs = {name: estimator.transform(X) for name, estimator in fitted.items()}
    times = {name: [] for name in fitted}
    end, turns = time.perf_counter() + seconds, 0
    while time.perf_counter() < end or turns < 5:
        turns += 1
        for name, estimator in fitted.items():
            start = time.perf_counter()
            estimator.transform(X, out=outs[name])
            times[name].append((time.perf_counter() - start) / len(X))
    return times


def main():
    """Print a table for each case."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10, help="for each case")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print(f"{_native.describe()}, threads: {arguments.threads}")
    for side, channels, J, n_images in CASES:
        shape = (channels, side, side)
        X = np.random.default_rng(0).random((n_images, *shape), dtype=np.float32)
        fitted = {name: e.fit(X) for name, e in estimators(J, shape).items()}
        times = measure(fitted, X, arguments.seconds)
        medians = {name: statistics.median(t) for name, t in times.items()}
        plain, *_ = medians.values()
        print(f"{side}x{side}x{channels}, J={J}, batches of {n_images}")
        for name, median in medians.items():
            ratio, turns = median / plain, len(times[name])
            print(f"  {name:18} {1e3 * median:8.2f} ms {ratio:7.2f}x  {turns} turns")


if __name__ == "__main__":
    main()
