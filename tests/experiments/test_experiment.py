"""Experiments give the same numbers however often they were broken off."""

import csv
import io
import json
import os
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.svm import SVC, LinearSVC

from sklearn_scat.experiments import (
    Case,
    Experiment,
    ImageSet,
    Interrupted,
    Record,
    find_case,
    run_experiment,
)
from sklearn_scat.experiments import _experiment as experiment_module
from sklearn_scat.recipes import RECIPES

SIZES, SEEDS = (6, 12), 3


def load(data_home):
    rng = np.random.default_rng(0)
    target = np.array(list("abc")).repeat(20)
    means = rng.normal(size=(3, 6, 6)).repeat(20, axis=0)
    return ImageSet(means + rng.normal(size=(60, 6, 6)), target)


def ridge(image_shape, n_per_class, random_state):
    return GridSearchCV(RidgeClassifier(), {"alpha": [0.1, 10.0]}, cv=2)


def other_ridge(image_shape, n_per_class, random_state):
    return RidgeClassifier(alpha=3.0)


def unconverged(image_shape, n_per_class, random_state):
    return LinearSVC(max_iter=1, random_state=random_state)


class BrokenClassifier(RidgeClassifier):
    def fit(self, X, y):
        if len(X) == max(SIZES):
            raise RuntimeError("too many\nimages")
        return super().fit(X, y)


def broken(image_shape, n_per_class, random_state):
    return BrokenClassifier()


class InterruptedClassifier(RidgeClassifier):
    n_fits = 0

    def fit(self, X, y):
        InterruptedClassifier.n_fits += 1
        if InterruptedClassifier.n_fits == 4:
            raise KeyboardInterrupt
        return super().fit(X, y)


def interrupted(image_shape, n_per_class, random_state):
    return InterruptedClassifier()


def infinite(image_shape, n_per_class, random_state):
    return GridSearchCV(SVC(), {"C": [np.inf]}, cv=2)


def undefined(image_shape, n_per_class, random_state):
    grid = {"shrink_threshold": [float("nan")]}
    return GridSearchCV(ShrunkenClassifier(), grid, cv=2)


class ShrunkenClassifier(RidgeClassifier):
    def __init__(self, shrink_threshold=None):
        super().__init__()
        self.shrink_threshold = shrink_threshold


class LeavingClassifier(RidgeClassifier):
    def fit(self, X, y):
        raise SystemExit(3)


class ObscureClassifier(RidgeClassifier):
    def fit(self, X, y):
        raise OSError("no such file: \udcff.png")


class UnwritableClassifier(RidgeClassifier):
    def fit(self, X, y):
        self.best_params_ = {"C": [1] * 3, "\udcff": 0}
        return super().fit(X, y)


def leaving(image_shape, n_per_class, random_state):
    return LeavingClassifier()


def obscure(image_shape, n_per_class, random_state):
    return ObscureClassifier()


def unwritable(image_shape, n_per_class, random_state):
    return UnwritableClassifier()


CASE = Case("toy", "Gaussian blobs", load, SIZES, SEEDS, ("ridge",))
KNOWN = {
    "ridge": ridge,
    "other": other_ridge,
    "broken": broken,
    "interrupted": interrupted,
    "unconverged": unconverged,
    "infinite": infinite,
    "undefined": undefined,
    "leaving": leaving,
    "obscure": obscure,
    "unwritable": unwritable,
}


@pytest.fixture(autouse=True)
def known_recipes(monkeypatch):
    for name, recipe in KNOWN.items():
        monkeypatch.setitem(RECIPES, name, recipe)


def run(out, **parameters):
    stream = io.StringIO()
    summary = run_experiment(
        Experiment(CASE, **parameters), out, n_jobs=1, stream=stream
    )
    return summary, stream.getvalue()


def without_times(records):
    return [
        replace(record, fit_time=0.0, score_time=0.0, times={}) for record in records
    ]


def test_experiment_writes_records_table_and_report(tmp_path):
    summary, told = run(tmp_path, recipes=("ridge", "other"))
    assert len(summary.records) == 2 * len(SIZES) * SEEDS
    lines = (tmp_path / "results.jsonl").read_text().splitlines()
    assert sorted(map(Record.from_line, lines), key=lambda r: r.key) == sorted(
        summary.records, key=lambda r: r.key
    )
    rows = list(csv.DictReader((tmp_path / "results.csv").read_text().splitlines()))
    assert [float(row["accuracy"]) for row in rows] == [
        record.accuracy for record in summary.records
    ]
    assert {json.loads(row["params"]).get("alpha") for row in rows} <= {0.1, 10.0, None}
    assert "toy" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert told.count("\n") == 1 + len(lines)
    hidden = {path.name for path in tmp_path.iterdir() if path.name.startswith(".")}
    assert hidden == {".lock"}


def test_experiment_measures_on_images_that_were_not_drawn(tmp_path):
    summary, _ = run(tmp_path)
    data = load(None)
    assert all(record.n_test == 60 - record.n_train for record in summary.records)
    assert all(
        record.accuracy * record.n_test == pytest.approx(round(record.accuracy * n))
        for record in summary.records
        for n in [len(data.target) - record.n_train]
    )


def test_experiment_measures_on_test_images_where_there_are_some(tmp_path):
    def load_with_test(data_home):
        data = load(data_home)
        return replace(data, test_images=data.images[:7], test_target=data.target[:7])

    case = replace(CASE, load=load_with_test)
    summary = run_experiment(
        Experiment(case, sizes=(60,), n_seeds=1), tmp_path, stream=io.StringIO()
    )
    assert summary.records[0].n_test == 7
    assert "on 7 images" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_experiment_does_no_run_twice(tmp_path):
    first, _ = run(tmp_path)
    before = (tmp_path / "results.jsonl").read_bytes()
    second, told = run(tmp_path)
    assert second.records == first.records
    assert (tmp_path / "results.jsonl").read_bytes() == before
    assert "6 of them found" in told


def test_experiment_goes_on_after_an_interrupt_with_the_same_numbers(tmp_path):
    InterruptedClassifier.n_fits = 0
    with pytest.raises(Interrupted, match=r"3 runs are kept in .*results.jsonl"):
        run(tmp_path / "a", recipes=("interrupted",))
    kept = (tmp_path / "a" / "results.jsonl").read_bytes()
    assert kept.count(b"\n") == 3
    assert not (tmp_path / "a" / "report.html").exists()
    resumed, told = run(tmp_path / "a", recipes=("interrupted",))
    assert "3 of them found" in told
    assert (tmp_path / "a" / "results.jsonl").read_bytes().startswith(kept)
    whole, _ = run(tmp_path / "b", recipes=("interrupted",))
    assert without_times(resumed.records) == without_times(whole.records)


def test_experiment_does_a_damaged_run_again(tmp_path):
    first, _ = run(tmp_path)
    path = tmp_path / "results.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    lines[2] = lines[2].replace("accuracy", "accurate")
    path.write_text("".join(lines))
    second, told = run(tmp_path)
    assert without_times(second.records) == without_times(first.records)
    assert "line 3" in told
    assert "[1/1]" in told
    _, told = run(tmp_path)
    assert told.count("\n") == 1


def test_experiment_leaves_out_records_of_other_settings(tmp_path, monkeypatch):
    run(tmp_path)
    monkeypatch.setitem(RECIPES, "ridge", other_ridge)
    changed, told = run(tmp_path)
    assert all(record.params == {} for record in changed.records)
    assert len(changed.records) == 6
    assert any("6 records" in note for note in changed.notes)
    assert "other settings" in told
    assert "other settings" in (tmp_path / "report.html").read_text(encoding="utf-8")
    monkeypatch.setitem(RECIPES, "ridge", ridge)
    again, _ = run(tmp_path)
    assert all(record.params for record in again.records)
    assert (tmp_path / "results.jsonl").read_text().count("\n") == 12


def test_experiment_grows_by_sizes_and_seeds(tmp_path):
    run(tmp_path, sizes=(6,), n_seeds=2)
    grown, told = run(tmp_path, sizes=(12, 6, 6), n_seeds=3)
    assert "6 runs, 2 of them found" in told
    assert grown.sizes == (6, 12)
    assert len(grown.records) == 6
    assert grown.notes == ()


def test_experiment_goes_on_past_a_failed_run(tmp_path):
    summary, told = run(tmp_path, recipes=("broken", "ridge"))
    assert {record.n_train for record in summary.of("broken", 6)} == {6}
    assert summary.of("broken", 12) == []
    assert len(summary.of("ridge", 12)) == SEEDS
    assert told.count("failed: RuntimeError: too many images") == SEEDS
    assert len([note for note in summary.notes if "broken n=12" in note]) == SEEDS
    assert "Traceback" in (tmp_path / "failures.log").read_text()


@pytest.mark.parametrize("name", ["leaving", "obscure", "unwritable"])
def test_run_that_ends_in_any_way_is_one_failed_run(name, tmp_path):
    summary, told = run(tmp_path, recipes=(name, "ridge"), n_seeds=1)
    assert {record.recipe for record in summary.records} == {"ridge"}
    assert len(summary.records) == len(SIZES)
    assert told.count(f"{name} n=") == len(SIZES)
    assert "failed" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Traceback" in (tmp_path / "failures.log").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "chosen"),
    [("infinite", {"C": "inf"}), ("undefined", {"shrink_threshold": "nan"})],
)
def test_parameter_without_a_number_is_written(name, chosen, tmp_path):
    """JSON has no infinity."""
    summary, _ = run(tmp_path, recipes=(name,), n_seeds=1)
    assert [record.params for record in summary.records] == [chosen] * len(SIZES)
    again, told = run(tmp_path, recipes=(name,), n_seeds=1)
    assert again.records == summary.records
    assert "2 of them found" in told


@pytest.mark.parametrize(
    "content",
    ["[" * 10**5, '{"a1": {"python": [3]}}', '{"a1": {"python": "\\ud800"}}', "[1]"],
)
def test_damaged_environments_do_not_end_the_report(content, tmp_path):
    run(tmp_path, sizes=(6,), n_seeds=1)
    (tmp_path / "environments.json").write_text(content)
    line = json.loads((tmp_path / "results.jsonl").read_text())
    (tmp_path / "results.jsonl").write_text(
        json.dumps({**line, "environment": "a1"}) + "\n"
    )
    summary, _ = run(tmp_path, sizes=(6,), n_seeds=2)
    assert len(summary.records) == 2
    assert (tmp_path / "report.html").exists()


def make_file(path):
    path.write_text("")


def make_link(path):
    path.symlink_to(path.parent)


@pytest.mark.parametrize("occupy", [make_file, make_link])
def test_place_of_intermediate_results_that_is_taken_is_named(occupy, tmp_path):
    occupy(tmp_path / ".scratch")
    with pytest.raises(ValueError, match=r"\.scratch is in the place of a folder"):
        run(tmp_path)
    assert os.path.lexists(tmp_path / ".scratch")


def test_experiment_keeps_warnings_in_the_records(tmp_path):
    summary, _ = run(tmp_path, sizes=(6,), n_seeds=1, recipes=("unconverged",))
    (warning,) = summary.records[0].warnings
    assert "failed to converge" in warning
    assert warning in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_experiment_names_the_environment_of_each_record(tmp_path):
    summary, _ = run(tmp_path, sizes=(6,), n_seeds=1)
    known = json.loads((tmp_path / "environments.json").read_text())
    assert set(known) == {summary.records[0].environment}
    line = (tmp_path / "results.jsonl").read_text()
    moved = line.replace(summary.records[0].environment, "elsewhere")
    (tmp_path / "results.jsonl").write_text(moved)
    (tmp_path / "environments.json").write_text("damaged")
    summary, _ = run(tmp_path, sizes=(6,), n_seeds=2)
    assert "elsewhere" in summary.environments
    assert any("2 environments" in note for note in summary.notes)


def test_experiment_in_several_processes_gives_the_same_numbers(tmp_path):
    experiment = Experiment(
        find_case("digits"), sizes=(20,), n_seeds=2, recipes=("pixels", "pca")
    )
    one, two = (
        run_experiment(
            experiment, tmp_path / str(n_jobs), n_jobs=n_jobs, stream=io.StringIO()
        )
        for n_jobs in (1, 2)
    )
    assert without_times(one.records) == without_times(two.records)
    assert len(one.records) == 4


def test_experiment_says_that_a_process_died(tmp_path, monkeypatch):
    monkeypatch.setattr(experiment_module, "do_runs", broken_pool)
    with pytest.raises(ChildProcessError, match="0 runs are kept"):
        run(tmp_path)


def broken_pool(*args, **kwargs):
    raise BrokenProcessPool
    yield
