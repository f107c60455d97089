"""What `analyse` measures of saved models, and what it refuses."""

import numpy as np
import pytest
from PIL import Image
from sklearn.linear_model import RidgeClassifier

from sklearn_scat import ScatteringTransformer, load, save
from sklearn_scat.__main__ import main
from sklearn_scat.commands import command_parser
from sklearn_scat.commands._analyse import _read_as_trained


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Photographs of stripes, and a model that `train` made of them."""
    root = tmp_path_factory.mktemp("stripes")
    y, x = np.indices((16, 16))
    rng = np.random.default_rng(0)
    for i in range(16):
        wave = np.sin(0.8 * (y if i % 2 else x) + rng.uniform(0, 6))
        # a class inside a folder more, as `train` takes it
        inside = root / "images" / ("across" if i % 2 else "along") / "first"
        inside.mkdir(parents=True, exist_ok=True)
        grey = (128 + 90 * wave + rng.normal(0, 4, wave.shape)).astype(np.uint8)
        Image.fromarray(grey).save(inside / f"{i}.png")
    words = ["train", root / "images", "--out", root / "model.scat", "--quiet"]
    assert main([*map(str, words), "--recipe", "scat_linear"]) == 0
    return root


@pytest.fixture
def here(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return folder


def test_a_model_of_train_reads_files_and_names_classes_as_it_was_trained(here):
    words = ["analyse", str(here / "images"), "--model", str(here / "model.scat")]
    model = load(here / "model.scat")
    recipe, folder, numbers = _read_as_trained(
        model, command_parser().parse_args(words)
    )
    names = model["classifier"].classes_[numbers]
    files = [here / "images" / file for file in folder.filenames]
    assert model.predict(files).tolist() == names.tolist()
    assert recipe.predict(folder.data).tolist() == numbers.tolist()


def test_a_class_that_the_model_does_not_know_is_named(here, capsys, tmp_path):
    (tmp_path / "others").mkdir()
    for name in ("across", "dots"):
        (tmp_path / "others" / name).symlink_to(here / "images" / "across")
    assert main(["analyse", "others", "--model", str(here / "model.scat")]) == 2
    assert "model.scat was not trained on: dots." in capsys.readouterr().err


@pytest.mark.parametrize(
    "other",
    [
        ScatteringTransformer(J=1).fit(np.zeros((2, 16, 16))),
        RidgeClassifier().fit(np.eye(4), [0, 1, 0, 1]),
    ],
    ids=["no classifier", "of other images"],
)
def test_a_model_of_another_kind_is_told_in_one_line(other, here, capsys):
    save("other.scat", other)
    words = ["analyse", str(here / "images"), "--model", "other.scat", "--quiet"]
    assert main(words) == 2
    told = capsys.readouterr().err
    assert told.startswith("sklearn-scat: error: ")
    assert told.count("\n") == 1
