"""Pages beside a model: what it is like, and what decided about files."""

import json

import numpy as np
import pytest
from PIL import Image

import sklearn_scat
from sklearn_scat.__main__ import main
from sklearn_scat.attribution import explain
from sklearn_scat.commands import _train as command
from sklearn_scat.feature_cache import info

N = 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("waves")
    y, x = np.indices((16, 16))
    for name, axis in (("across", y), ("along", x)):
        (root / "train" / name).mkdir(parents=True)
        for i in range(N):
            wave = 128 + 90 * np.sin(axis * np.pi / 4 + i)
            picture = Image.fromarray(wave.astype(np.uint8))
            picture.save(root / "train" / name / f"{i}.png")
    (root / "train" / "along" / "cut.png").write_bytes(b"nothing")
    return root


@pytest.fixture(scope="module")
def model(folder):
    path = folder / "model.scat"
    options = ["--recipe", "scat_linear", "--json", "--quiet", "--out", str(path)]
    assert main(["train", str(folder / "train"), *options]) == 0
    return path


def test_a_page_and_its_numbers_stand_beside_the_model(model):
    said = json.loads(model.with_suffix(".json").read_text(encoding="utf-8"))
    assert said["classes"] == ["across", "along"]
    assert said["n_images"] == np.sum(said["confusion"]) == 2 * N
    low, high = said["interval"]
    assert low <= said["accuracy"] <= high + 1e-9
    assert any("cut.png" in note for note in said["notes"])
    page = model.with_suffix(".html").read_text(encoding="utf-8")
    assert page.count("data:image/png") >= 4
    assert "cut.png" in page
    assert not model.with_name("model.scat.cache").exists()


def test_explain_writes_what_explain_gives(model, folder, tmp_path):
    files = [
        folder / "train" / "across" / "0.png",
        folder / "train" / "along" / "1.png",
    ]
    page = tmp_path / "why.html"
    arguments = ["explain", str(model), *map(str, files), "--json", "--out", str(page)]
    assert main(arguments) == 0
    told = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    pipeline = sklearn_scat.load(model)
    why = explain(pipeline["classifier"], pipeline["reader"].transform(files))
    for i, entry in enumerate(told):
        assert entry["label"] == ["across", "along"][i]
        assert entry["decision"] == pytest.approx(why.decisions[i])
        shares = sum(np.sum(part["by_path"]) for part in entry["parts"])
        assert entry["base"] + shares == pytest.approx(entry["decision"])
        assert np.sum(entry["parts"][0]["by_place"]) == pytest.approx(shares)
    assert "across/0.png" in page.read_text(encoding="utf-8")


def test_an_interrupted_training_is_gone_on_with(folder, tmp_path, monkeypatch, capsys):
    out = tmp_path / "model.scat"
    arguments = ["train", str(folder / "train"), "--out", str(out), "--quiet"]
    arguments += ["--recipe", "scat_linear"]

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(command, "write_report", interrupt)
        assert main(arguments) == 130
    assert "the same command goes on" in capsys.readouterr().err
    cache = tmp_path / "model.scat.cache"
    assert info(cache).computed == 2 * N
    seen = []
    write_report = command.write_report

    def look(*arguments, **keywords):
        seen.append(info(cache).computed)
        return write_report(*arguments, **keywords)

    monkeypatch.setattr(command, "write_report", look)
    assert main(arguments) == 0
    assert seen == [2 * N]  # nothing was computed again
    assert not cache.exists()


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (["{folder}/none.png"], "none.png"),
        (["{folder}/train/along/cut.png"], "cut.png"),
    ],
)
def test_errors_take_one_line(files, message, model, folder, capsys):
    files = [file.format(folder=folder) for file in files]
    assert main(["explain", str(model), *files]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert message in error
