"""A run learns from its draw alone, and measures all test images."""

import io
import itertools
import pickle
import time
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin, clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklearn_scat.experiments import (
    Case,
    Experiment,
    ImageSet,
    plan_runs,
    run_experiment,
)
from sklearn_scat.experiments import _predictions as predictions_module
from sklearn_scat.experiments import _runs as runs_module
from sklearn_scat.experiments._fitted import chosen_parameters, path_weights
from sklearn_scat.experiments._neighbors import spread_positions
from sklearn_scat.experiments._runs import Place, do_run, training_set, with_storage
from sklearn_scat.experiments._stopwatch import Stopwatch
from sklearn_scat.recipes import RECIPES

LEAKS = ("scat_affine", "scat_linear", "scat_rbf_aug", "scat_ols_rbf", "pixels_svm")


@pytest.fixture(scope="module")
def blobs():
    rng = np.random.default_rng(0)
    means = rng.uniform(size=(3, 8, 8))
    target = np.arange(60) % 3
    images = means[target] + 0.5 * rng.uniform(size=(60, 8, 8))
    return ImageSet(images[:30], target[:30], images[30:], target[30:])


def run_once(data, recipe, place, *, n_train=12):
    (run,) = plan_runs("toy", data, recipes={"it": recipe}, sizes=[n_train], seeds=[0])
    return do_run(run, data, recipe=recipe, place=place)


@pytest.mark.parametrize("name", LEAKS)
def test_nothing_is_learned_from_test_images(name, blobs, tmp_path, monkeypatch):
    probe = np.random.default_rng(1).uniform(size=(5, 64))
    fitted, predict = [], runs_module.predictions

    def spy(estimator, rows):
        fitted.append(estimator.decision_function(probe))
        return predict(estimator, rows)

    monkeypatch.setattr(runs_module, "predictions", spy)
    order = np.random.default_rng(2).permutation(30)
    records = []
    for i, rows in enumerate((slice(None), order, [0, 1, 2])):
        data = replace(
            blobs,
            test_images=blobs.test_images[rows],
            test_target=blobs.test_target[rows],
        )
        folder = tmp_path / str(i)
        folder.mkdir()
        records.append(run_once(data, RECIPES[name], Place("here", str(folder))))
    for decisions in fitted[1:]:
        np.testing.assert_array_equal(decisions, fitted[0])
    assert all(r.params == records[0].params for r in records)
    assert records[0].accuracy == records[1].accuracy
    assert records[0].confusion == records[1].confusion


def test_chunks_of_test_images_change_no_result(blobs, tmp_path, monkeypatch):
    place = Place("here", str(tmp_path))
    whole = run_once(blobs, RECIPES["pixels_svm"], place)
    monkeypatch.setattr(predictions_module, "_CHUNK", 7)
    parts = run_once(blobs, RECIPES["pixels_svm"], place)
    assert (parts.accuracy, parts.confusion) == (whole.accuracy, whole.confusion)


def test_record_holds_what_the_report_needs(blobs, tmp_path):
    record = run_once(blobs, RECIPES["scat_linear"], Place("here", str(tmp_path)))
    counts = np.array(record.confusion["counts"])
    assert record.confusion["classes"] == ["0", "1", "2"]
    assert counts.sum() == 30
    assert counts.trace() / 30 == pytest.approx(record.accuracy)
    assert counts.sum(axis=1).tolist() == np.bincount(blobs.test_target).tolist()
    assert list(record.params) == ["ridge__alpha"]
    spent = record.times["transform"] + record.times["fit"] + record.times["predict"]
    assert spent == pytest.approx(record.fit_time + record.score_time, abs=1e-3)
    assert record.times["transform"] > 0
    assert np.mean(np.square(record.weights["sizes"])) == pytest.approx(1, abs=1e-3)
    assert len(record.weights["paths"]) == len(record.weights["sizes"])


@pytest.mark.parametrize("name", ["scat_linear", "scat_rbf_aug", "pixels_svm"])
def test_mistakes_stand_beside_the_nearest_images_of_the_draw(name, blobs, tmp_path):
    noisy = replace(blobs, images=blobs.images[::-1])  # many mistakes
    record = run_once(noisy, RECIPES[name], Place("a0", str(tmp_path)))
    drawn, _ = training_set(noisy, 12, 0)
    said = record.predictions
    assert 0 < len(said["neighbors"]) <= 12
    for i, near in said["neighbors"]:
        assert said["predicted"][i] != said["truth"][i]
        assert len(set(near)) == 3
        assert np.isin(near, drawn).all()
    if name == "pixels_svm":  # without features, pixels tell distances
        i, near = said["neighbors"][0]
        own = noisy.test_images[i]
        distances = ((noisy.images[drawn] - own) ** 2).sum(axis=(1, 2))
        assert drawn[np.argsort(distances)[:3]].tolist() == near


def test_textures_of_several_sizes_have_neighbours_too(tmp_path):
    rng = np.random.default_rng(0)
    images = np.empty(12, object)
    for i in range(12):
        images[i] = rng.normal(size=(48 + i % 3, 50))
    data = ImageSet(images, np.arange(12) % 2)
    for recipe in (RECIPES["textures_multiscale"], lambda *_: MeanLevel()):
        record = run_once(data, recipe, Place("a0", str(tmp_path)), n_train=4)
        drawn, rest = training_set(data, 4, 0)
        for i, near in record.predictions["neighbors"]:
            assert i < len(rest)
            assert np.isin(near, drawn).all()
            assert len(near) == (3 if recipe is RECIPES["textures_multiscale"] else 0)


def test_neighbours_are_looked_for_evenly_among_many():
    assert spread_positions(7).tolist() == list(range(7))
    some = spread_positions(5001)
    assert (len(some), some[0], some[-1]) == (2000, 0, 5000)
    assert set(np.diff(some)) == {2, 3}


class MeanLevel(ClassifierMixin, BaseEstimator):
    """Take all images for the first class, of whatever sizes they are."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


def test_affine_recipe_records_the_dimension_that_it_chose(blobs, tmp_path):
    record = run_once(blobs, RECIPES["scat_affine"], Place("here", str(tmp_path)))
    assert 0 <= record.params["affine__n_components"] <= 3
    assert record.weights == {}


def test_weights_are_those_of_standardised_coefficients(blobs):
    rows = blobs.images.reshape(30, -1)
    model = RECIPES["scat_linear"]((8, 8), 10, 0).fit(rows, blobs.target)
    plain = RECIPES["scat_linear"]((8, 8), 10, 0).set_params(
        rotation="passthrough", ridge__alphas=[model[-1].alpha_]
    )
    found = path_weights(model)["sizes"]
    expected = path_weights(plain.fit(rows, blobs.target))["sizes"]
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_folds_take_the_place_of_draws(blobs):
    folds = np.array([[2, 0, 1], [5, 4, 3]])
    data = replace(blobs, folds=folds)
    drawn, rest = training_set(data, 3, 1)
    assert drawn.tolist() == [3, 4, 5]
    assert sorted([*drawn, *rest]) == list(range(30))
    assert len(training_set(data, 6, 1)[0]) == 6
    ridge = {"it": RECIPES["scat_linear"]}
    assert len(plan_runs("toy", data, recipes=ridge, sizes=[3], seeds=[0, 1])) == 2
    with pytest.raises(ValueError, match=r"there are 2 published .* got 3 seeds"):
        plan_runs("toy", data, recipes=ridge, sizes=[3], seeds=[0, 1, 2])


def test_size_of_all_training_images_takes_all_though_classes_differ(blobs):
    data = ImageSet(
        blobs.images[1:], blobs.target[1:], blobs.images[:1], blobs.target[:1]
    )
    assert len(np.unique(np.unique(data.target, return_counts=True)[1])) == 2
    drawn, rest = training_set(data, 29, 0)
    assert drawn.tolist() == list(range(29))
    assert not len(rest)
    ridge = {"it": RECIPES["scat_linear"]}
    assert len(plan_runs("toy", data, recipes=ridge, sizes=[29], seeds=[0])) == 1
    with pytest.raises(ValueError, match=r"up to 27; .*; 29 takes all"):
        plan_runs("toy", data, recipes=ridge, sizes=[28], seeds=[0])


def test_experiment_finds_sizes_for_images_of_which_nothing_is_known(blobs, tmp_path):
    case = Case("toy", "", lambda home: blobs, (), 1, ("scat_affine",))
    summary = run_experiment(Experiment(case), tmp_path, n_jobs=1, stream=io.StringIO())
    assert summary.sizes == (3, 6, 15)
    assert len(summary.records) == summary.n_runs == 3


def test_storage_remembers_steps_inside_searches_alone():
    pipeline = make_pipeline(StandardScaler(), SVC())
    plain = with_storage(pipeline, memory="m", cache="c")
    assert plain.memory is None
    search = GridSearchCV(pipeline, {"svc__C": [1, 2]})
    assert with_storage(search, memory="m", cache="c").estimator.memory == "m"


class Sleeper(TransformerMixin, BaseEstimator):
    """A representation of one's own, that takes its time."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        time.sleep(0.05)
        return X

    def __sklearn_is_fitted__(self):
        return True


def sleeping(image_shape, n_per_class, random_state):
    pipeline = make_pipeline(Sleeper(), StandardScaler(), SVC())
    return GridSearchCV(pipeline, {"svc__C": [1.0, 10.0]}, cv=2)


def test_time_of_any_transformer_is_that_of_transforming(blobs, tmp_path):
    record = run_once(blobs, sleeping, Place("here", str(tmp_path)))
    # two folds of training rows, kept for both candidates, and their test rows twice;
    # the last fit; the test images
    assert record.times["transform"] > 0.05 * 5
    whole = record.fit_time + record.score_time
    assert sum(record.times.values()) == pytest.approx(whole, abs=1e-3)
    assert Sleeper.transform.__name__ == "transform"
    assert "_untimed" not in vars(Sleeper)


def test_stopwatch_times_clones_and_leaves_the_classes_alone():
    before = StandardScaler.transform
    watch = Stopwatch()
    model = watch.time(make_pipeline(StandardScaler(), Sleeper(), SVC()))
    rows = np.random.default_rng(0).normal(size=(20, 3))
    clone(model).fit(rows, np.arange(20) % 2)
    assert watch.seconds > 0.05
    assert StandardScaler.transform is before
    assert repr(model) == repr(make_pipeline(StandardScaler(), Sleeper(), SVC()))
    again = pickle.loads(pickle.dumps(model))
    assert type(again[0]) is StandardScaler
    spent = watch.seconds
    StandardScaler().fit_transform(rows)
    again.fit(rows, np.arange(20) % 2)
    assert watch.seconds == spent


class Nested(TransformerMixin, BaseEstimator):
    """A transformer that calls another, which is counted once."""

    def __init__(self, inner):
        self.inner = inner

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return self.inner.transform(X)

    def __sklearn_is_fitted__(self):
        return True


def test_stopwatch_counts_the_seconds_of_the_outermost_transformer(monkeypatch):
    """On a clock that each look moves on by a second."""
    ticks = itertools.count(100)
    monkeypatch.setattr("time.perf_counter", lambda: float(next(ticks)))
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    watch = Stopwatch()
    model = watch.time(Nested(Sleeper()))
    assert watch.seconds == 0
    model.transform(np.eye(2))
    assert watch.seconds == 1
    model.inner.transform(np.eye(2))
    assert watch.seconds == 2


def test_stopwatch_leaves_what_is_no_transformer_as_it_is():
    model = Stopwatch().time(make_pipeline(Sleeper(), SVC()))
    assert type(model) is Pipeline
    assert type(model[1]) is SVC
    assert type(model[0]) is not Sleeper


class Remembering(ClassifierMixin, BaseEstimator):
    """Write down which images were fitted, and which were scored."""

    seen: ClassVar = {"fitted": set(), "scored": set()}

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.seen["fitted"] |= set(X[:, 0].astype(int))
        return self

    def predict(self, X):
        self.seen["scored"] |= set(X[:, 0].astype(int))
        return np.full(len(X), self.classes_[0])


def numbered(n, first=0):
    """Return images whose pixels tell their number."""
    return np.tile(np.arange(first, first + n)[:, None, None], (1, 4, 4)).astype(float)


TARGET = np.arange(30) % 3
SETS = {
    "draws": ImageSet(numbered(30), TARGET),
    "a test set": ImageSet(numbered(30), TARGET, numbered(12, 100), TARGET[:12]),
    "folds": ImageSet(
        numbered(30), TARGET, folds=np.arange(24).reshape(2, 12)[:, ::-1]
    ),
    "folds and a test set": ImageSet(
        numbered(30),
        TARGET,
        numbered(12, 100),
        TARGET[:12],
        np.arange(24).reshape(2, 12),
    ),
}


@pytest.mark.parametrize("name", SETS)
def test_no_image_that_was_fitted_is_scored(name, tmp_path):
    data = SETS[name]
    Remembering.seen.update(fitted=set(), scored=set())
    record = run_once(data, lambda *_: Remembering(), Place("here", str(tmp_path)))
    fitted, scored = Remembering.seen["fitted"], Remembering.seen["scored"]
    assert len(fitted) == 12
    assert not fitted & scored
    expected = set(range(100, 112)) if "test set" in name else set(range(30)) - fitted
    assert scored == expected
    assert record.n_test == len(scored)


class SubScaler(StandardScaler):
    pass


def test_chosen_parameters_look_inside_copies_and_pipelines(blobs):
    rows = blobs.images.reshape(30, -1)
    model = RECIPES["scat_affine_aug"]((8, 8), 10, 0)
    model.set_params(n_copies=1).fit(rows, blobs.target)
    assert list(chosen_parameters(model)) == ["affine__n_components"]
