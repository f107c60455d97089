"""Sizes of models in files: bundles of `save`, and ONNX where a model can be written.

    python benchmarks/model_sizes.py [--data-home DIR] [--cases digits:100 mnist:300 …]

Each recipe is fitted by a `ScatteringClassifier` to one balanced draw of a case's
images, as `sklearn-scat train` fits it; the bundle holds that classifier. A case that
is a name and a number of images needs its files in DIR.
"""

import argparse
import tempfile
import time
from pathlib import Path

from sklearn_scat import ScatteringClassifier, save
from sklearn_scat.deployment import export_onnx
from sklearn_scat.experiments import find_case
from sklearn_scat.experiments._runs import draw

CASES = ["digits:100", "mnist:300", "cifar10:500", "kth-tips:200"]
RECIPES = ["scat_linear", "scat_affine", "scat_rbf", "scat_ols_rbf", "scat_local"]
TEXTURE_RECIPES = ["textures_affine", "scat_moments", "scat_rbf"]


def megabytes(path):
    """Return the size of a file."""
    return f"{path.stat().st_size / 1e6:.2f} MB"


def onnx_size(model, path):
    """Return the size of a model's ONNX file, or — where there is no rule for it."""
    try:
        export_onnx(model, path)
    except ValueError:
        return "—"
    return megabytes(path)


def row(recipe, images, labels, folder):
    """Return a recipe's name, sizes and processor time of fitting, as texts."""
    start = time.process_time()
    model = ScatteringClassifier(recipe, random_state=0).fit(images, labels)
    seconds = time.process_time() - start
    save(folder / "model.scat", model)
    onnx = onnx_size(model, folder / "model.onnx")
    return recipe, megabytes(folder / "model.scat"), onnx, f"{seconds:.0f} s"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data-home")
    parser.add_argument("--cases", nargs="+", default=CASES, metavar="NAME:N")
    parser.add_argument("--recipes", nargs="+", help="default: those that suit")
    options = parser.parse_args()
    print(f"{'':24}{'recipe':16}{'bundle':>10}{'ONNX':>12}{'fitting':>10}")
    for named in options.cases:
        name, _, n = named.rpartition(":")
        data = find_case(name).load(options.data_home)
        drawn, _ = draw(data.target, int(n), 0)
        images, labels = data.images[drawn], data.target[drawn]
        usual = TEXTURE_RECIPES if name == "kth-tips" else RECIPES
        for recipe in options.recipes or usual:
            with tempfile.TemporaryDirectory() as folder:
                cells = row(recipe, images, labels, Path(folder))
            print("{:24}{:16}{:>10}{:>12}{:>10}".format(named, *cells), flush=True)


if __name__ == "__main__":
    main()
