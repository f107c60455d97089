"""Compare `ScatteringClassifier`, which chooses a recipe, with each recipe by itself.

    python benchmarks/choose_recipe.py --out FILE
    python benchmarks/choose_recipe.py --out FILE --case mnist --size 300 --data DIR \
        --n-test 2000

All learn from the same draws, those of `sklearn-scat bench` with the seeds 0, 1, …, and
each searches its own parameters inside the draw. Every run is a line of FILE; what is
there already is not done again, so that the same command goes on where it stopped, and
prints the table of what there is. Times are of the processor, not of the clock; with
`--cache` the first run that needs an image's coefficients pays for them.
"""

import argparse
import json
import os
import time
import warnings
from pathlib import Path

import numpy as np

from sklearn_scat import ScatteringClassifier
from sklearn_scat.experiments import find_case
from sklearn_scat.experiments._fitted import chosen_parameters
from sklearn_scat.model_selection import BalancedSubsetSplit
from sklearn_scat.predictors._candidates import Task
from sklearn_scat.predictors._comparison import keep_features
from sklearn_scat.recipes import RECIPES, at_size

CHOOSER = "ScatteringClassifier"
_CHUNK = 500  # test images whose features are held at once
_OF_SIZES = ("textures", "scat_moments")  # recipes that take images of any sizes
_SIDES = (96, 96)  # that images are stretched to before the others, as by the chooser


def main():
    arguments = parse()
    if not arguments.only_print:
        data = find_case(arguments.case).load(arguments.data)
        names = [CHOOSER, *(arguments.recipes or suitable(data, arguments.size))]
        done = {key(line) for line in lines(arguments.out)}
        for seed in range(arguments.draws):
            for name in names:
                if (arguments.case, arguments.size, seed, name) not in done:
                    record = run(name, data, seed, arguments)
                    with open(arguments.out, "a", encoding="utf-8") as file:
                        file.write(json.dumps(record) + "\n")
    print_table(lines(arguments.out))


def parse():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--out", type=Path, required=True, help="file of the records")
    add("--case", default="digits", help="as of sklearn-scat bench")
    add("--size", type=int, default=100, help="training images of a draw")
    add("--draws", type=int, default=5)
    add("--data", help="folder of the case's files")
    add("--n-test", type=int, help="first test images (default: all)")
    add("--recipes", nargs="+", help="default: what suits the images, and with copies")
    add("--cache", help="folder that keeps coefficients")
    add("--only-print", action="store_true", help="the table of what is there")
    return parser.parse_args()


def suitable(data, size):
    """Return the recipes that suit, and their variants with copies."""
    task = Task(data.image_shape, not data.is_ragged, size, data.n_classes)
    names = task.recipes()
    return names + [f"{name}_aug" for name in names if f"{name}_aug" in RECIPES]


def run(name, data, seed, arguments):
    """Return the record of one classifier on one draw."""
    split = BalancedSubsetSplit(arguments.size, 1, seed)
    drawn, rest = next(split.split(np.zeros((len(data.target), 1)), data.target))
    model = unfitted(name, data, arguments.size, seed=seed, cache=arguments.cache)
    measured = measure(model, data, drawn, tests=tests(data, rest, arguments.n_test))
    return {
        "case": arguments.case,
        "size": arguments.size,
        "seed": seed,
        "name": name,
        **measured,
        "chosen": getattr(model, "recipe_", name),
        "why": getattr(model, "reason_", str(chosen_parameters(model))),
    }


def tests(data, rest, n_test):
    """Return images and classes to test on: the case's own, or those at `rest`."""
    images, truth = data.test_images, data.test_target
    if images is None:
        images, truth = data.images[rest], data.target[rest]
    return images[:n_test], truth[:n_test]


def measure(model, data, drawn, *, tests):
    """Fit a model to drawn images; return its accuracy in %, and seconds."""
    images, truth = tests
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of searches that end at their borders
        start = time.process_time()
        model.fit(given(data.images[drawn]), data.target[drawn])
        fitted = time.process_time()
        starts = range(0, len(images), _CHUNK)
        chunks = [model.predict(given(images[i : i + _CHUNK])) for i in starts]
    return {
        "accuracy": 100 * float(np.mean(np.concatenate(chunks) == truth)),
        "n_test": len(truth),
        "fit_seconds": round(fitted - start, 2),
        "test_seconds": round(time.process_time() - fitted, 2),
    }


def unfitted(name, data, size, *, seed, cache):
    """Return a recipe's estimator, or the one that chooses."""
    if name == CHOOSER:
        shape = None if data.is_ragged else data.image_shape
        return ScatteringClassifier(image_shape=shape, random_state=seed, cache=cache)
    recipe = RECIPES[name]
    if data.is_ragged and not name.startswith(_OF_SIZES):
        recipe = at_size(recipe, _SIDES)
    estimator = recipe(data.image_shape, size // data.n_classes, seed)
    return keep_features(estimator, cache)


def given(images):
    """Return images as one array, or as a list where they differ in size."""
    return list(images) if images.dtype.hasobject else images.reshape(len(images), -1)


def lines(path):
    """Return the records of a file that may not be there yet."""
    if not os.path.exists(path):
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def key(record):
    """Return what tells a run from others."""
    return tuple(record[name] for name in ("case", "size", "seed", "name"))


def print_table(records):
    """Print mean and deviation of each classifier, set by set, and what choosing costs.

    That is the mean over the sets of how far the chooser is above the recipe that is
    the best on the test images of the same draws, which nobody can know.
    """
    above = []
    for case, size in dict.fromkeys((r["case"], r["size"]) for r in records):
        own = [r for r in records if (r["case"], r["size"]) == (case, size)]
        print(f"{case}, {size} images, {own[0]['n_test']} test images")
        for name in dict.fromkeys(r["name"] for r in own):
            print_row(name, [r for r in own if r["name"] == name])
        above.append(difference_to_best(own))
        print(f"  {CHOOSER} less the best of them: {above[-1]:+.2f}")
    print(f"mean of these differences: {np.nanmean(above):+.2f}")


def difference_to_best(records):
    """Return the chooser's mean less the largest of a recipe, on draws of all."""
    found = {}
    for record in records:
        found.setdefault(record["name"], {})[record["seed"]] = record["accuracy"]
    common = set.intersection(*map(set, found.values()))
    if not common:
        return np.nan
    means = {name: np.mean([own[s] for s in common]) for name, own in found.items()}
    chosen = means.pop(CHOOSER, np.nan)
    return chosen - max(means.values(), default=np.nan)


def deviation(values):
    """Return the sample standard deviation, 0 of one value."""
    return np.std(values, ddof=1) if len(values) > 1 else 0.0


def print_row(name, runs):
    """Print the row of one classifier: accuracy in %, and seconds of a draw."""
    accuracy = [r["accuracy"] for r in runs]
    fit, test = (np.mean([r[f"{k}_seconds"] for r in runs]) for k in ("fit", "test"))
    text = f"  {name:22} {np.mean(accuracy):5.2f} ± {deviation(accuracy):4.2f}"
    text += f"  {len(runs)} draws, fit {fit:.1f} s, test {test:.1f} s"
    if name == CHOOSER:
        text += f"; chose {', '.join(r['chosen'] for r in runs)}"
    print(text)


if __name__ == "__main__":
    main()
