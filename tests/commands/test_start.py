"""What a command loads before it does its work: nothing that it does not need."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.pipeline import Pipeline

from sklearn_scat import ImageReader, ScatteringClassifier, save
from sklearn_scat.__main__ import main

RECIPES = ("scat_rbf", "scat_local")
NEEDLESS = set(
    "skops torch skorch matplotlib dask h5py zarr jinja2 sklearn.cluster "
    "sklearn.datasets sklearn.ensemble sklearn.gaussian_process sklearn.neighbors "
    "sklearn_scat.analysis sklearn_scat.experiments".split()
)
RUN = """
import json, sys
from sklearn_scat.__main__ import main
needless, commands = json.loads(sys.argv[1])
for words in commands:
    assert main(words) == 0, words
    print(*{*needless} & {*sys.modules}, file=sys.stderr)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with an image of 8×8 pixels, and a model of each recipe."""
    folder = tmp_path_factory.mktemp("start")
    images, labels = load_digits(return_X_y=True)
    images = images[:40].reshape(-1, 8, 8) / 16
    reader = ImageReader(depth="float").fit(list(images[:1]))
    for recipe in RECIPES:
        classifier = ScatteringClassifier(recipe).fit(images, labels[:40])
        model = Pipeline([("reader", reader), ("classifier", classifier)])
        save(folder / f"{recipe}.scat", model)
    np.save(folder / "images.npy", images)
    Image.fromarray((images[0] * 255).astype(np.uint8)).save(folder / "0.png")
    return folder


@pytest.fixture(scope="module")
def loaded(folder):
    """What is needless and there after each command, one after the other."""
    commands = [["predict", f"{recipe}.scat", "0.png"] for recipe in RECIPES]
    commands += ["transform images.npy maps.npy --J 1 --quiet".split(), ["info"]]
    done = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps([sorted(NEEDLESS), commands])],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert not done.returncode, done.stderr
    *loaded, by_info = (set(line.split()) for line in done.stderr.splitlines())
    assert len(loaded) == len(RECIPES) + 1
    return loaded, by_info


def test_predict_and_transform_load_nothing_that_they_do_not_need(loaded):
    assert not set().union(*loaded[0])


def test_info_loads_no_analysis(loaded):
    assert "sklearn_scat.experiments" in loaded[1]
    needed = {"sklearn.datasets", "sklearn.neighbors", "sklearn_scat.experiments"}
    assert not loaded[1] - needed


def test_label_0_is_a_prediction(folder, capsys):
    assert main(["predict", str(folder / "scat_rbf.scat"), str(folder / "0.png")]) == 0
    printed = capsys.readouterr()
    assert "0.png,0," in printed.out
    assert not printed.err
