"""Tables hold what the estimator gives, under the names of paths and files."""

import csv
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from sklearn_scat import ScatteringTransformer
from sklearn_scat.__main__ import main
from sklearn_scat.commands import _conversion

BYTES = np.random.default_rng(0).integers(0, 256, (7, 12, 10), np.uint8)
NAMES = ["b,1.png", "a.png", 'c"d.png', "é.png", "1.png", "0.png", "00.png"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(_conversion, "_CHUNK_BYTES", 100)
    np.save("x.npy", BYTES / 255)
    (tmp_path / "in").mkdir()
    for name, image in zip(NAMES, BYTES, strict=True):
        Image.fromarray(image).save(tmp_path / "in" / name)
    return tmp_path


def read(name):
    if name.endswith(".csv"):
        return pd.read_csv(name)
    return pd.read_parquet(name)


@pytest.mark.parametrize("out", ["out.csv", "out.parquet"])
@pytest.mark.parametrize("how", ["{out}", "--out {out}"])
def test_table_of_a_folder_has_its_files_first(here, out, how, capsys):
    options = f"--J 1 --pooling mean {how.format(out=out)}".split()
    assert main(["transform", "in", *options]) == 0
    assert f"{out}: float32 7×9" in capsys.readouterr().out
    table = read(out)
    model = ScatteringTransformer(J=1, pooling="mean").fit(BYTES)
    assert table.columns.tolist() == ["file", *model.get_feature_names_out()]
    images = [BYTES[NAMES.index(file)] for file in table["file"]]
    assert sorted(table["file"]) == sorted(NAMES)
    found = table.drop(columns="file").to_numpy(np.float32)
    np.testing.assert_array_equal(found, model.transform(np.stack(images)))
    assert {p.name for p in here.iterdir()} == {"x.npy", "in", out}


def test_table_of_an_array_has_positions_first_and_numbers_come_back(here):
    assert main("transform x.npy out.csv --J 1 --quiet".split()) == 0
    with open("out.csv", newline="") as stream:
        head, *rows = csv.reader(stream)
    model = ScatteringTransformer(J=1).fit(BYTES / 255)
    assert head == ["image", *model.get_feature_names_out()]
    assert [row[0] for row in rows] == [str(i) for i in range(7)]
    expected = model.transform(BYTES / 255).astype(np.float32)
    np.testing.assert_array_equal(np.float32([row[1:] for row in rows]), expected)


def test_parquet_without_pyarrow_says_what_to_install(here, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert main("transform x.npy out.parquet --J 1".split()) == 2
    error = capsys.readouterr().err
    assert "A parquet file needs pyarrow" in error
    assert "python -m pip install pyarrow" in error
    assert not (here / "out.parquet").exists()
