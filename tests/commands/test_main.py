"""The command line: what it writes, what it says, and how it ends."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from sklearn_scat import ScatteringTransformer
from sklearn_scat.__main__ import main

TOY = """
import time
import numpy as np
from sklearn.linear_model import RidgeClassifier
from sklearn_scat.experiments import Case, ImageSet

def load(data_home):
    rng = np.random.default_rng(0)
    target = np.array(list("ab")).repeat(20)
    images = rng.normal(size=(40, 6, 6)) + (target == "a")[:, None, None]
    return ImageSet(images, target)

class SlowClassifier(RidgeClassifier):
    def fit(self, X, y):
        time.sleep(0.3)
        return super().fit(X, y)

class BrokenClassifier(RidgeClassifier):
    def fit(self, X, y):
        raise RuntimeError("no way")

def slow(image_shape, n_per_class, random_state):
    return SlowClassifier()

def quick(image_shape, n_per_class, random_state):
    return RidgeClassifier()

def broken(image_shape, n_per_class, random_state):
    return BrokenClassifier()

CASE = Case("toy", "Two blobs", load, (4, 8), 4, ("toy_case:quick",))
"""
KEYS = {(n_train, seed) for n_train in (4, 8) for seed in range(4)}
BYTES = np.random.default_rng(0).integers(0, 256, size=(5, 8, 8), dtype=np.uint8)
COMPUTING = {"scipy", "sklearn", "skops", "torch", "skorch", "matplotlib", "pandas"}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A current directory with the toy case in it."""
    (tmp_path / "toy_case.py").write_text(TOY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    sys.modules.pop("toy_case", None)


def start(*arguments):
    """Start the command line in a session of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "sklearn_scat", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for_lines(process, path, n_lines):
    """Wait until a growing file has so many whole lines."""
    for _ in range(3000):
        if path.exists() and path.read_bytes().count(b"\n") >= n_lines:
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    raise AssertionError(f"{path} did not come to {n_lines} lines")


def wait_for_end_of_session(session):
    """Wait until no process of a session is left."""
    for _ in range(1500):
        try:
            os.killpg(session, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    raise AssertionError("a process outlived the one that started it")


def read_lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_bench_goes_on_after_a_kill_of_it_and_its_workers(here):
    command = ["bench", "toy_case:CASE", "--methods", "toy_case:slow", "--out", "out"]
    process = start(*command, "--jobs", "2")
    wait_for_lines(process, here / "out" / "results.jsonl", 2)
    process.kill()
    process.communicate()
    wait_for_end_of_session(process.pid)
    kept = (here / "out" / "results.jsonl").read_bytes()
    assert kept.count(b"\n") < len(KEYS)

    (here / "out" / "results.jsonl").write_bytes(kept[:-20])
    assert main([*command, "--jobs", "1"]) == 0
    lines = read_lines(here / "out" / "results.jsonl")
    first = kept[: kept.rindex(b"\n", 0, -1) + 1]
    assert (here / "out" / "results.jsonl").read_bytes().startswith(first)
    assert len(lines) == len(KEYS)
    assert {(line["n_train"], line["seed"]) for line in lines} == KEYS
    assert not (here / "out" / ".scratch").exists()


@pytest.mark.parametrize("n_jobs", ["1", "2"])
def test_bench_interrupted_says_how_to_go_on(here, n_jobs):
    command = ["bench", "toy_case:CASE", "--methods", "toy_case:slow", "--out", "out"]
    process = start(*command, "--jobs", n_jobs)
    wait_for_lines(process, here / "out" / "results.jsonl", 1)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    last = told.splitlines()[-1]
    assert last.startswith("sklearn-scat: interrupted: ")
    assert "the same command goes on from there" in last
    assert "Traceback" not in told
    wait_for_end_of_session(process.pid)


def test_bench_prints_a_table_and_tells_of_every_run(here, capsys):
    assert main(["bench", "toy_case:CASE", "--jobs", "1"]) == 0
    printed = capsys.readouterr()
    assert "n_train  toy_case:quick" in printed.out
    assert "over 4 seeds" in printed.out
    assert len(printed.err.splitlines()) == 1 + len(KEYS)
    names = {path.name for path in (here / "bench-toy").iterdir()}
    assert names >= {"results.jsonl", "results.csv", "report.html"}
    fields = {"recipe", "n_train", "seed", "accuracy", "params", "fit_time"}
    assert all(
        fields <= set(line) for line in read_lines(here / "bench-toy/results.jsonl")
    )


def test_bench_ends_with_1_after_a_failed_run(here, capsys):
    command = ["bench", "toy_case:CASE", "--jobs", "1", "--seeds", "1"]
    assert main([*command, "--recipes", "toy_case:quick,toy_case:broken"]) == 1
    printed = capsys.readouterr()
    assert "failed: RuntimeError: no way" in printed.err
    assert "Traceback" not in printed.err


def test_bench_lists_cases_and_recipes(capsys):
    assert main(["bench", "--list"]) == 0
    assert "digits" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bench"], "bench needs a case: digits"),
        (["bench", "nothing"], "no case is called 'nothing'"),
        (["bench", "toy_case:NOTHING"], "has no case called 'NOTHING'"),
        (["bench", "toy_case:load"], "is a function, not a Case"),
        (["bench", "toy_case:CASE", "--sizes", "5"], "the nearest is 4"),
        (["bench", "toy_case:CASE", "--methods", "magic"], "no recipe is called"),
        (["bench", "toy_case:CASE", "--out", "toy_case.py"], "is a file, not a folder"),
        (["transform", "missing.npy", "out.npy"], "missing.npy"),
        (["transform", "toy_case.py", "out.npy"], "not an IDX file"),
        (["transform", ".", "out.npy"], "no image in it"),
        (["transform", "x.npy", "out"], "OUT must end in .npy"),
        (["transform", "x.npy", "no/out.npy"], "no/"),
        (["transform", "x.npy", "out.npy", "--J", "9"], "largest J for this size is 3"),
        (["transform", "x.npy", "out.npy", "--device", "warp"], "warp"),
        (["transform", "x.npy", "out.npy", "--shape", "8,9"], "8, 9"),
        (["transform", "large.npy", "out.npy", "--J", "1"], "image 0 has a coeff"),
        (["transform", "nan.npy", "out.npy", "--J", "1"], "image 4 holds NaN"),
        (["info", "--shape", "4,4", "--J", "3"], "largest J for this size is 2"),
    ],
)
def test_wrong_input_is_told_in_one_line(here, capsys, arguments, message):
    np.save("x.npy", BYTES)
    np.save("large.npy", 1e200 * (1.0 + BYTES))
    np.save("nan.npy", np.where(np.arange(5) == 4, np.nan, 0)[:, None, None] + BYTES)
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert message in told
    assert told.startswith("sklearn-scat: error: ")
    assert told.count("\n") == 1
    assert not (here / "out.npy").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "COMMAND"),
        (["fly"], "invalid choice: 'fly'"),
        (["bench", "digits", "--sizes", "20,x"], "'x' is not a whole number from 1"),
        (["bench", "digits", "--sizes", ""], "is not a whole number"),
        (["bench", "digits", "--seeds", "0"], "'0' is not a whole number from 1"),
        (["bench", "digits", "--jobs", "-1"], "'-1' is not a whole number from 1"),
        (["bench", "digits", "--methods", "a,,b"], "empty name"),
        (["transform", "x.npy"], "required: OUT"),
        (["transform", "x", "y", "--padding", "none"], "invalid choice: 'none'"),
        (["transform", "x", "y", "--size", "8"], "'8' is not H,W"),
        (["transform", "x", "y", "--depth", "12"], "'12' is not 8, 16 or float"),
        (["info", "--shape", "8"], "'8' is not H,W or C,H,W"),
        (["info", "--J", "-1"], "'-1' is not a whole number from 0 on"),
    ],
)
def test_wrong_arguments_are_told_in_one_line(capsys, arguments, message):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    told = capsys.readouterr().err
    assert message in told
    assert "--help" in told
    assert told.count("\n") == 1


def test_debug_shows_the_error_itself(here):
    with pytest.raises(FileNotFoundError):
        main(["transform", "missing.npy", "out.npy", "--debug"])


@pytest.mark.parametrize("name", ["x.npy", "x-idx3-ubyte", "x-idx3-ubyte.gz", "folder"])
def test_transform_writes_what_the_estimator_gives(here, capsys, name):
    header = bytes([0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 8, 0, 0, 0, 8])
    np.save("x.npy", BYTES)
    (here / "x-idx3-ubyte").write_bytes(header + BYTES.tobytes())
    (here / "x-idx3-ubyte.gz").write_bytes(gzip.compress(header + BYTES.tobytes()))
    write_images(here / "folder")
    options = ["--J", "1", "--L", "4", "--max-order", "1", "--padding", "zero"]
    assert main(["transform", name, "out.npy", *options, "--pooling", "mean"]) == 0
    expected = ScatteringTransformer(
        J=1, L=4, max_order=1, padding="zero", pooling="mean"
    ).fit(BYTES)
    np.testing.assert_array_equal(np.load("out.npy"), expected.transform(BYTES))
    names = (here / "out.names.txt").read_text().splitlines()
    assert names == expected.get_feature_names_out().tolist()
    printed = capsys.readouterr()
    assert printed.out == "out.npy: float32 5×5\n"
    assert printed.err.startswith("[transform] 5/5 images, ")
    assert (here / "out.files.txt").exists() == (name == "folder")


def test_transform_says_what_it_passed_over(here, capsys):
    write_images(here / "folder")
    (here / "folder" / "notes.txt").write_text("no image")
    options = ["--J", "1", "--depth", "float", "--quiet"]
    assert main(["transform", "folder", "out.npy", *options]) == 0
    assert "passed over 1 files of folder" in capsys.readouterr().err
    expected = ScatteringTransformer(J=1).fit_transform(BYTES / np.float32(255))
    np.testing.assert_allclose(np.load("out.npy"), expected, rtol=1e-5, atol=1e-6)


def write_images(folder):
    from PIL import Image

    folder.mkdir()
    for i, image in enumerate(BYTES):
        Image.fromarray(image).save(folder / f"{i}.png")


def test_transform_takes_rows_with_a_shape_and_other_names(here, capsys):
    np.save("rows.npy", BYTES.reshape(5, 64).astype(np.float64))
    options = ["--J", "1", "--shape", "4,16", "--names", "n.txt", "--quiet"]
    assert (
        main(["transform", "rows.npy", "out.npy", *options, "--batch-size", "2"]) == 0
    )
    images = BYTES.reshape(5, 4, 16).astype(np.float64)
    expected = ScatteringTransformer(J=1).fit_transform(images)
    np.testing.assert_array_equal(np.load("out.npy"), expected.astype(np.float32))
    assert len((here / "n.txt").read_text().splitlines()) == expected.shape[1]
    assert not (here / "out.names.txt").exists()
    assert capsys.readouterr().err == ""


def test_transform_refuses_to_write_over_its_input(here, capsys):
    np.save("x.npy", BYTES)
    assert main(["transform", "x.npy", "./x.npy"]) == 2
    assert "is the input" in capsys.readouterr().err
    np.testing.assert_array_equal(np.load("x.npy"), BYTES)


def test_interrupted_transform_leaves_nothing(here, capsys, monkeypatch):
    def interrupt(self, X):
        raise KeyboardInterrupt

    np.save("x.npy", BYTES)
    monkeypatch.setattr(ScatteringTransformer, "transform", interrupt)
    assert main(["transform", "x.npy", "out.npy"]) == 130
    assert "interrupted" in capsys.readouterr().err
    assert {path.name for path in here.iterdir()} == {"x.npy", "toy_case.py"}


def test_info_agrees_with_the_estimator(capsys):
    assert main(["info", "--shape", "3,33,40", "--J", "3", "--L", "6"]) == 0
    printed = capsys.readouterr().out
    fitted = ScatteringTransformer(J=3, L=6).fit(np.zeros((1, 3, 33, 40)))
    assert f"{fitted._n_features_out:,}" in printed
    assert str(fitted.output_shape_) in printed
    for name in ("python", "torch", "devices", "engine", "padded grid", "filter bank"):
        assert f"\n{name}:" in f"\n{printed}"


@pytest.mark.parametrize("command", [[], ["bench"], ["transform"], ["info"]])
def test_help_ends_with_0(capsys, command):
    with pytest.raises(SystemExit) as end:
        main([*command, "--help"])
    assert end.value.code == 0
    assert "usage: sklearn-scat" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["bench", "--help"], ["predict"]]
)
def test_what_computes_nothing_loads_nothing_that_computes(words):
    code = (
        "import sys\n"
        "from sklearn_scat.__main__ import main\n"
        f"try:\n    main({words})\n"
        "except SystemExit:\n    pass\n"
        f"sys.exit(sorted({COMPUTING} & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_output_cut_short_by_its_reader_is_no_error(here):
    process = start("info")
    process.stdout.close()
    told = process.stderr.read()
    process.stderr.close()
    assert process.wait() in (0, 1)
    assert told == ""
