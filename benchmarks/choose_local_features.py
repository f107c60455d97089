"""Choose the constants of the recipe `scat_local_features_aug` on training images.

    python benchmarks/choose_local_features.py --data DIR
    python benchmarks/choose_local_features.py --data DIR --windows 3,1.0 --gammas 4 8

Every candidate learns from the same draw of the training images of CIFAR-10, with seed
1000, and is measured on other training images. No test image is read, and the draw is
none that `sklearn-scat bench` reports. The features of a candidate are computed once
and compared under every kernel of the head. Prints the accuracy of each, in %, and the
seconds of the processor that its features took.

A window is "step,width": positions between the points, and the standard deviation.
"""

import argparse
import time
from itertools import product

import numpy as np
from sklearn.pipeline import Pipeline

from sklearn_scat.datasets import load_cifar10
from sklearn_scat.model_selection import BalancedSubsetSplit
from sklearn_scat.recipes import scat_local_features_aug

SEED = 1000


def main():
    arguments = parse()
    train = load_cifar10("train", data_home=arguments.data)
    drawn, scored = draw(train.target, arguments)
    for candidate in product(
        arguments.landmarks, arguments.patch_sizes, arguments.gammas, arguments.windows
    ):
        settings = named(candidate)
        model = scat_local_features_aug(train.images.shape[1:], len(drawn) // 10, 0)
        model["features"].set_params(**settings)
        start = time.process_time()
        X = model["features"].fit_transform(train.images[drawn])
        X_scored = model["features"].transform(train.images[scored])
        took = time.process_time() - start
        for alpha, sigma in product(arguments.alphas, arguments.sigmas):
            head = model["ridge"].set_params(alpha=alpha, sigma=sigma)
            rest = Pipeline([*model.steps[1:-1], ("ridge", head)])
            # the steps of the recipe change what they are given
            rest.fit(X.copy(), train.target[drawn])
            accuracy = 100 * rest.score(X_scored.copy(), train.target[scored])
            print(f"{settings} α={alpha} σ={sigma}: {accuracy:.2f} ({took:.0f} s)")


def parse():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--data", required=True, help="folder of the binary files")
    add("--size", type=int, default=5000, help="images of the draw (default: 5000)")
    add("--scored", type=int, default=2000, help="other training images")
    add("--landmarks", nargs="+", type=int, default=[1000])
    add("--patch-sizes", nargs="+", type=int, default=[2, 3])
    add("--gammas", nargs="+", type=float, default=[4.0, 8.0])
    add("--windows", nargs="+", default=["4,1.2", "3,1.0", "2,0.8"])
    add("--alphas", nargs="+", type=float, default=[0.01])
    add("--sigmas", nargs="+", type=float, default=[1.0])
    return parser.parse_args()


def named(candidate):
    """Return the parameters of the features by their names."""
    n_landmarks, patch_size, gamma, window = candidate
    step, width = window.split(",")
    return {
        "n_landmarks": n_landmarks,
        "patch_size": patch_size,
        "gamma": gamma,
        "step": int(step),
        "pooling_width": float(width),
    }


def draw(target, arguments):
    """Return the rows to learn from, and others to measure on."""
    split = BalancedSubsetSplit(arguments.size, 1, SEED)
    drawn, rest = next(split.split(target[:, None], target))
    rng = np.random.default_rng(SEED)
    return drawn, rng.choice(rest, arguments.scored, replace=False)


if __name__ == "__main__":
    main()
