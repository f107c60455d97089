"""Fitted transformers are plain values: they are copied, pickled and forgotten."""

import copy
import pickle
import subprocess
import sys

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone

from sklearn_scat import RotoTranslationScattering, ScatteringTransformer

each = pytest.mark.parametrize(
    "Scattering", [ScatteringTransformer, RotoTranslationScattering]
)
X = np.random.default_rng(0).normal(size=(5, 3, 16, 20)).astype(np.float32)

PLAIN = (int, float, str, bool, type(None))


def assert_plain(value):
    """Refuse all but Python's and NumPy's own values, at any depth."""
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, np.ndarray) and value.dtype == object:
        value = value.tolist()
    if isinstance(value, list | tuple):
        for item in value:
            assert_plain(item)
    else:
        assert type(value) in (*PLAIN, np.ndarray), repr(value)


def assert_same_state(one, other):
    assert vars(one).keys() == vars(other).keys()
    for name, value in vars(one).items():
        assert_array_equal(np.asarray(value), np.asarray(vars(other)[name]), name)


@each
def test_constructor_stores_parameters_and_nothing_else(Scattering):
    image_shape = [3, 16, 20]
    scattering = Scattering(image_shape=image_shape)
    assert vars(scattering) == scattering.get_params()
    assert scattering.image_shape is image_shape


@each
def test_fit_changes_no_parameter(Scattering):
    scattering = Scattering(J=np.int64(2), image_shape=[3, 16, 20])
    before = dict(vars(scattering))
    scattering.fit(X)
    assert all(vars(scattering)[name] is value for name, value in before.items())
    learned = vars(scattering).keys() - before.keys()
    assert all(name.endswith("_") for name in learned)


@each
@pytest.mark.parametrize("engine", ["auto", "torch"])
def test_fitted_state_is_plain_python_and_numpy(Scattering, engine):
    names = [f"pixel{i}" for i in range(64)]
    table = pd.DataFrame(np.ones((2, 64)), columns=names)
    scattering = Scattering(engine=engine, image_shape=np.array([8, 8])).fit(table)
    scattering.transform(table)
    assert "feature_names_in_" in vars(scattering)
    assert_plain(scattering.__getstate__())


@each
def test_transform_changes_no_state(Scattering):
    scattering = Scattering().fit(X)
    before = copy.deepcopy(scattering)
    scattering.transform(X)
    scattering.get_feature_names_out()
    assert_same_state(scattering, before)


@each
def test_file_is_small_for_large_images(Scattering, tmp_path):
    scattering = Scattering(J=3).fit(np.zeros((1, 224, 224), np.float32))
    scattering.transform(np.zeros((1, 224, 224), np.float32))
    joblib.dump(scattering, tmp_path / "model.joblib")
    assert (tmp_path / "model.joblib").stat().st_size < 200_000
    assert len(pickle.dumps(scattering)) < 200_000


@each
@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))],
    ids=["copy", "deepcopy", "pickle"],
)
def test_duplicates_give_the_same_bits(Scattering, duplicate):
    scattering = Scattering().fit(X)
    double = duplicate(scattering)
    assert_same_state(double, scattering)
    assert_array_equal(double.transform(X), scattering.transform(X))
    names = scattering.get_feature_names_out()
    assert_array_equal(double.get_feature_names_out(), names)


ELSEWHERE = """
import pathlib, pickle, sys

import joblib
import numpy as np

folder = pathlib.Path(sys.argv[1])
X = np.load(folder / "X.npy")
for file in sorted(folder.glob("*.model")):
    load = joblib.load if "joblib" in file.name else pickle.load
    with open(file, "rb") as stream:
        np.save(file.with_suffix(".npy"), load(stream).transform(X))
"""


def test_files_give_the_same_bits_in_another_process(tmp_path, monkeypatch):
    models = {
        "scattering": ScatteringTransformer().fit(X),
        "torch": ScatteringTransformer(engine="torch").fit(X),
        "rigid": RotoTranslationScattering().fit(X),
    }
    np.save(tmp_path / "X.npy", X)
    for name, model in models.items():
        joblib.dump(model, tmp_path / f"{name}.joblib.model", compress=3)
        (tmp_path / f"{name}.pickle.model").write_bytes(pickle.dumps(model))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")  # what a GPU fitted, a CPU serves
    command = [sys.executable, "-W", "error", "-c", ELSEWHERE, str(tmp_path)]
    process = subprocess.run(command, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    for name, model in models.items():
        expected = model.set_params(device="cpu").transform(X)
        for kind in ("joblib", "pickle"):
            assert_array_equal(np.load(tmp_path / f"{name}.{kind}.npy"), expected)


@each
def test_clone_forgets_the_fit(Scattering):
    scattering = Scattering(J=1, L=4, frame="tight").fit(X)
    double = clone(scattering)
    assert double.get_params() == scattering.get_params()
    assert vars(double) == double.get_params()


@each
def test_refit_forgets_the_first_fit(Scattering):
    table = pd.DataFrame(np.ones((2, 256)), columns=[f"p{i}" for i in range(256)])
    refitted = Scattering().fit(table).fit(X)
    assert_same_state(refitted, Scattering().fit(X))
    assert_array_equal(refitted.transform(X), Scattering().fit_transform(X))


CHANGES = [
    {"J": 3},
    {"J": 0},
    {"L": 4},
    {"max_order": 1},
    {"pooling": "mean"},
    {"output": "maps"},
    {"padding": "zero"},
    {"frame": "contractive"},
    {"oversampling": 1},
    {"batch_size": 2},
    {"engine": "torch"},
    {"J": 1, "L": 8, "max_order": 0},
]


@each
@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_set_params_then_fit_is_a_fresh_object(Scattering, change):
    changed = Scattering().fit(X).set_params(**change).fit(X)
    fresh = Scattering(**change).fit(X)
    assert_same_state(changed, fresh)
    assert_array_equal(changed.transform(X), fresh.transform(X))
    back = changed.set_params(**Scattering().get_params()).fit(X)
    assert_same_state(back, Scattering().fit(X))
