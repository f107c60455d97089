"""Classify images with 1, 2, 5, 10 and 20 images a class, recipe by recipe.

    python benchmarks/few_shot.py mnist --data DIR --out FILE
    python benchmarks/few_shot.py kth-tips --data DIR --out FILE --per-class 5 \
        --seeds 10 20 --recipes textures_affine

Every recipe learns from the same draws, those of `sklearn-scat bench` with the seeds
of a range, and with ``--first`` from the first images of each class in the order of
their file. Whatever a recipe chooses, it chooses inside the draw. Every run is a line
of FILE; what is there already is not done again, so that the same command goes on where
it stopped, and prints the table of what there is.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from choose_recipe import lines, measure, tests, unfitted

from sklearn_scat.experiments import find_case
from sklearn_scat.model_selection import BalancedSubsetSplit

FIRST = "first"


def main():
    arguments = parse()
    data = find_case(arguments.case).load(arguments.data)
    done = {key(line) for line in lines(arguments.out)}
    draws = [FIRST] * arguments.first + list(range(*arguments.seeds))
    for draw in draws:
        for per_class in arguments.per_class:
            for name in arguments.recipes:
                wanted = {
                    "case": arguments.case,
                    "per_class": per_class,
                    "draw": draw,
                    "name": name,
                }
                if key(wanted) not in done:
                    found = run(wanted, data, arguments)
                    with open(arguments.out, "a", encoding="utf-8") as file:
                        file.write(json.dumps({**wanted, **found}) + "\n")
    print_tables(lines(arguments.out))


def parse():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("case", help="as of sklearn-scat bench")
    add("--out", type=Path, required=True, help="file of the records")
    add("--data", help="folder of the case's files")
    add("--per-class", type=int, nargs="+", default=[1, 2, 5, 10, 20])
    add("--seeds", type=int, nargs=2, default=[0, 10], help="the first, and the end")
    add("--first", action="store_true", help="the first images of each class too")
    add("--n-test", type=int, help="first test images (default: all)")
    add(
        "--recipes",
        nargs="+",
        default=["scat_linear", "scat_affine", "scat_rbf", "scat_rbf_aug"],
    )
    add("--cache", help="folder that keeps coefficients")
    return parser.parse_args()


def run(wanted, data, arguments):
    """Return what one recipe gave on one draw."""
    size = wanted["per_class"] * data.n_classes
    drawn, rest = drawn_images(data.target, size, wanted["draw"])
    seed = 0 if wanted["draw"] == FIRST else wanted["draw"]
    model = unfitted(wanted["name"], data, size, seed=seed, cache=arguments.cache)
    tested = tests(data, rest, arguments.n_test)
    return measure(model, data, drawn, tests=tested)


def drawn_images(target, size, draw):
    """Return the positions that are learned from, and the others.

    Parameters
    ----------
    target : ndarray of shape (n,)
        Classes.
    size : int
        Images to learn from, as many of each class.
    draw : int or "first"
        Seed of a draw, or what takes the first of each class.
    """
    if draw != FIRST:
        split = BalancedSubsetSplit(size, 1, draw)
        return next(split.split(np.zeros((len(target), 1)), target))
    classes = np.unique(target)
    each = size // len(classes)
    first = np.sort([np.flatnonzero(target == k)[:each] for k in classes], axis=None)
    return first, np.setdiff1d(np.arange(len(target)), first)


def key(record):
    """Return what tells a run from others."""
    return tuple(record[name] for name in ("case", "per_class", "draw", "name"))


def print_tables(records):
    """Print mean and deviation of each recipe over the draws, and that of the first."""
    for case in dict.fromkeys(r["case"] for r in records):
        own = [r for r in records if r["case"] == case]
        sizes = sorted({r["per_class"] for r in own})
        n_tests = sorted({r["n_test"] for r in own})
        print(f"{case}, images a class; {n_tests} test images")
        for kind, is_kind in (
            ("draws", lambda r: r["draw"] != FIRST),
            (FIRST, lambda r: r["draw"] == FIRST),
        ):
            kept = [r for r in own if is_kind(r)]
            if kept:
                print(f"{kind:22}" + "".join(f"{size:>20}" for size in sizes))
            for name in dict.fromkeys(r["name"] for r in kept):
                mine = [r for r in kept if r["name"] == name]
                cells = [cell([r for r in mine if r["per_class"] == s]) for s in sizes]
                print(f"  {name:20}" + "".join(f"{text:>20}" for text in cells))


def cell(runs):
    """Return mean ± standard deviation of accuracies, and how many there are."""
    if not runs:
        return "–"
    found = [r["accuracy"] for r in runs]
    spread = f" ± {np.std(found, ddof=1):.2f} ({len(found)})" if len(found) > 1 else ""
    return f"{np.mean(found):.2f}{spread}"


if __name__ == "__main__":
    main()
