"""From a folder of files to predictions, by two commands."""

import csv
import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout

import numpy as np
import pytest
from PIL import Image

import sklearn_scat
from sklearn_scat.__main__ import main
from sklearn_scat.experiments import wilson_interval

N = 8  # of each kind in each class


def stripes(kind, i, size=(40, 36)):
    """Return an image in [0, 1]: stripes across or along, at a place of its own."""
    y, x = np.indices(size)
    rng = np.random.default_rng(i)
    wave = np.sin(2 * np.pi * (y if kind == "across" else x) / 8 + rng.uniform(0, 6))
    return np.clip(0.5 + 0.4 * wave + rng.normal(0, 0.05, size), 0, 1)


def write_kinds(folder, kind, start):
    """Write 16-bit TIFF, JPEG with EXIF, RGBA PNG and palette GIF, of two sizes."""
    folder.mkdir(parents=True)
    for i in range(start, start + N):
        grey = stripes(kind, i)
        deep = Image.fromarray((grey * 65535).astype(np.uint16))
        deep.save(folder / f"{i}.tif")
        other = (stripes(kind, 100 + i, (36, 40)) * 255).astype(np.uint8)
        picture = Image.fromarray(other).convert("RGB")
        turned = picture.transpose(Image.Transpose.ROTATE_90)
        exif = Image.Exif()
        exif[0x0112] = 6  # shown after a quarter turn to the right
        turned.save(folder / f"{i}.jpg", exif=exif, quality=95)
        picture.convert("RGBA").save(folder / f"{i}.png")
        Image.fromarray(other).convert("P").save(folder / f"{i}.gif")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("stripes")
    for kind in ("across", "along"):
        write_kinds(root / "train" / kind / "first" / "batch", kind, 0)
        write_kinds(root / "new" / kind, kind, 50)
    cut = (root / "train" / "along" / "first" / "batch" / "1.png").read_bytes()
    (root / "train" / "along" / "cut.png").write_bytes(cut[: len(cut) // 2])
    (root / "train" / "along" / "notes.txt").write_text("nothing")
    return root


@pytest.fixture(scope="module")
def trained(folder):
    """Train; return the model's path and what was said on both streams."""
    model = folder / "model.scat"
    words = ["train", str(folder / "train"), "--out", str(model), "--quiet"]
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        status = main([*words, "--recipe", "scat_linear,scat_affine"])
    assert status == 0, err.getvalue()
    return model, out.getvalue(), err.getvalue()


def run(*arguments):
    command = [sys.executable, "-m", "sklearn_scat", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_train_says_what_it_did_with_each_kind(trained):
    _, out, err = trained
    assert f"images: {8 * N} (across {4 * N}, along {4 * N}), 36×40, 40×36" in out
    assert "chosen: " in out
    assert "accuracy in folds" in out
    assert "cut.png" in err
    assert "notes.txt" in err
    assert "Traceback" not in err


def test_predictions_in_another_process_are_those_of_the_model(folder, trained):
    model, *_ = trained
    out = folder / "predictions.csv"
    done = run("predict", model, folder / "new", "--out", out)
    assert done.returncode == 0, done.stderr
    rows = rows_of(out)
    assert len(rows) == 8 * N
    right = [row["label"] == row["file"].split("/")[-2] for row in rows]
    assert np.mean(right) > 0.9
    loaded = sklearn_scat.load(model)
    p = loaded.predict_proba([row["file"] for row in rows]).max(axis=1)
    np.testing.assert_allclose(
        [float(row["probability"]) for row in rows], p, atol=6e-5
    )


def test_deep_and_shallow_files_have_one_scale(folder, trained):
    model, *_ = trained
    assert sklearn_scat.load(model)["classifier"].pixel_range_[1] <= 1
    assert main(["predict", str(model), str(folder / "new" / "along" / "50.tif")]) == 0


def test_odd_images_are_warned_about(folder, trained, tmp_path):
    model, *_ = trained
    small = tmp_path / "small.png"
    Image.fromarray((stripes("along", 3)[:24, :20] * 255).astype(np.uint8)).save(small)
    dark = tmp_path / "dark.png"
    Image.fromarray((stripes("along", 3) * 9).astype(np.uint8)).save(dark)
    noise = np.random.default_rng(0).uniform(0, 255, (40, 36)).astype(np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    usual = tmp_path / "usual.png"
    Image.fromarray((stripes("along", 3) * 255).astype(np.uint8)).save(usual)
    cut = tmp_path / "cut.png"
    cut.write_bytes(usual.read_bytes()[:200])
    out = tmp_path / "out.csv"
    assert main(["predict", str(model), str(tmp_path), "--out", str(out)]) == 0
    told = {row["file"].split("/")[-1]: row for row in rows_of(out)}
    assert "size 24×20" in told["small.png"]["warning"]
    assert "values from" in told["dark.png"]["warning"]
    assert "times as far" in told["noise.png"]["warning"]
    assert told["usual.png"]["warning"] == ""
    assert told["usual.png"]["label"] == "along"
    assert told["cut.png"]["label"] == ""
    assert "cut.png" in told["cut.png"]["warning"]


def test_labels_come_from_a_table_too(folder, tmp_path):
    files = sorted((folder / "new").rglob("*.gif"))
    table = tmp_path / "labels.csv"
    lines = [f"{f.relative_to(folder)},{f.parent.name}" for f in files]
    table.write_text("\n".join(["path,label", *lines]))
    out = tmp_path / "model.scat"
    options = [
        "--csv",
        str(table),
        "--out",
        str(out),
        "--quiet",
        "--recipe",
        "scat_linear",
    ]
    assert main(["train", str(folder), *options]) == 0
    model = sklearn_scat.load(out)
    assert model["reader"].mode == "L"
    assert model["reader"].size == (36, 40)  # others are brought to the common size
    assert model["classifier"].classes_.tolist() == ["across", "along"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "{none}", "--out", "m"], "none"),
        (["train", "{empty}", "--out", "m"], "sub-folder"),
        (["train", "{empty}", "--out", "{empty}"], "is a folder"),
        (["predict", "{none}", "a.png"], "none"),
        (["predict", "{scattering}", "{empty}"], "does not say how files are read"),
        (["train", "{empty}", "--csv", "{table}", "--out", "m"], "no column path"),
    ],
)
def test_errors_take_one_line(arguments, message, tmp_path, capsys):
    empty = tmp_path / "empty"
    empty.mkdir()
    (tmp_path / "table.csv").write_text("file,label\na.png,b\n")
    sklearn_scat.save(tmp_path / "s.scat", sklearn_scat.ScatteringTransformer())
    places = {
        "none": tmp_path / "none",
        "empty": empty,
        "scattering": tmp_path / "s.scat",
        "table": tmp_path / "table.csv",
    }
    assert main([argument.format(**places) for argument in arguments]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert message in error


@pytest.mark.parametrize(("share", "n"), [(0.5, 10), (0.9, 50), (1.0, 20), (0.0, 7)])
def test_interval_holds_the_share_whose_score_test_just_passes(share, n):
    low, high = wilson_interval(share, n)
    assert -1e-12 <= low <= share + 1e-12 <= high + 2e-12 <= 1 + 3e-12
    for p in {low, high} - {0.0, 1.0}:
        if 1e-9 < p < 1 - 1e-9:
            z = abs(share - p) / np.sqrt(p * (1 - p) / n)
            assert z == pytest.approx(1.96)


@pytest.mark.parametrize(
    "command", ["predict absent.scat x.png --out p.csv", "train absent --out m.scat"]
)
def test_absent_file_is_named_before_its_fault(command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(command.split()) == 2
    said = capsys.readouterr().err
    assert (
        said
        == f"sklearn-scat: error: {command.split()[1]}: no such file or directory.\n"
    )


def test_good_images_alone_make_a_model_that_finds_bad_ones(tmp_path, capsys):
    for i in range(24):
        side = (40, 36) if i else (44, 40)
        write_grey(tmp_path / "good" / f"batch{i % 2}" / f"{i}.png", i, side)
        write_grey(tmp_path / "new" / f"{i}.png", 100 + i)
    for i in range(5):
        write_grey(tmp_path / "bad" / f"{i}.png", 200 + i, hole=True)
    model, out = tmp_path / "good.scat", tmp_path / "predictions.csv"
    train = ["train", f"{tmp_path}/good", "--one-class", "--out", f"{model}", "--quiet"]
    assert main(train) == 0
    said = capsys.readouterr()
    assert "good images: 24, 40×36 pixels, windows of 8 pixels" in said.out
    assert "brought to 40×36, which 23 of 24 have" in said.err
    new = [f"{tmp_path}/new", f"{tmp_path}/bad"]
    assert main(["predict", f"{model}", *new, "--out", f"{out}"]) == 0
    rows = rows_of(out)
    assert list(rows[0]) == ["file", "label", "score", "warning"]
    labels = np.array([row["label"] for row in rows])
    assert np.mean(labels[:24] == "good") > 0.85
    assert set(labels[24:]) == {"bad"}
    for row in rows:
        assert (float(row["score"]) < 0) == (row["label"] == "bad")


def write_grey(path, i, size=(40, 36), *, hole=False):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = stripes("along", i, size)
    if hole:
        image[16:24, 10:20] = image.mean()
    Image.fromarray((image * 255).astype(np.uint8)).save(path)
