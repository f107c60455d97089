r"""Choose the constants of the recipe `scat_local_aug` on training images of CIFAR-10.

    python benchmarks/choose_local.py --data DIR
    python benchmarks/choose_local.py --data DIR --size 500 --patch-sizes 2 --spreads 1
    python benchmarks/choose_local.py --data DIR --draws 6 --patch-sizes 2 --gammas 4 \
        --spreads 1 --components 64 128 256

Every candidate learns from draws with the seeds 1000, 1001, ... of the training images,
mirrored too, and is measured on other training images, the same for every candidate.
No test image is read, and the draws are none that `sklearn-scat bench` reports. Prints
the accuracy of each, in %, with the standard deviation over the draws.
"""

import argparse
import time
from itertools import product

import numpy as np

from sklearn_scat.datasets import load_cifar10
from sklearn_scat.experiments import clock
from sklearn_scat.model_selection import BalancedSubsetSplit
from sklearn_scat.recipes import scat_local_aug

FIRST_SEED = 1000


def main():
    arguments = parse()
    train = load_cifar10("train", data_home=arguments.data)
    draws = [draw(train.target, arguments, seed) for seed in range(arguments.draws)]
    grid = product(
        map(sides, arguments.patch_sizes),
        arguments.gammas,
        arguments.spreads,
        arguments.floors,
        arguments.components,
    )
    for candidate in grid:
        names = ("patch_size", "gamma", "spread", "floor", "n_components")
        settings = dict(zip(names, candidate, strict=True))
        start = time.perf_counter()
        scores = [accuracy(train, *rows, settings) for rows in draws]
        took = clock(time.perf_counter() - start)
        mean, deviation = np.mean(scores), np.std(scores)
        print(f"{settings}: {mean:.1f} ± {deviation:.1f} ({took})", flush=True)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--data", required=True, help="folder of the binary files")
    add("--size", type=int, default=100, help="images of a draw (default: 100)")
    add("--draws", type=int, default=3)
    add("--scored", type=int, default=1000, help="other training images")
    add("--patch-sizes", nargs="+", default=["2", "3", "2,3"])
    add("--gammas", nargs="+", type=float, default=[2.0, 4.0, 8.0])
    add("--spreads", nargs="+", type=int, default=[1, 2])
    add("--floors", nargs="+", type=float, default=[0.1])
    add("--components", nargs="+", type=int, default=[128])
    return parser.parse_args()


def sides(text):
    """Return the sides of patches of "2" or "2,3"."""
    return tuple(int(side) for side in text.split(","))


def draw(target, arguments, seed):
    """Return the positions to learn from, and others to measure on."""
    split = BalancedSubsetSplit(arguments.size, 1, FIRST_SEED + seed)
    drawn, rest = next(split.split(target[:, None], target))
    rng = np.random.default_rng(FIRST_SEED + seed)
    return drawn, rng.choice(rest, arguments.scored, replace=False)


def accuracy(train, drawn, scored, settings):
    """Return the accuracy in % of one candidate after one draw."""
    n_per_class = len(drawn) // 10
    model = scat_local_aug(train.images.shape[1:], n_per_class, 0)
    model.set_params(**settings)
    model.fit(train.data[drawn], train.target[drawn])
    return 100 * model.score(train.data[scored], train.target[scored])


if __name__ == "__main__":
    main()
