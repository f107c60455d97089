"""What is made of a bundle without skops is what skops makes of it."""

from functools import partial
from types import FunctionType

import numpy as np
import pytest
import sklearn
import skops.io
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import all_estimators

from sklearn_scat import ScatteringClassifier, save
from sklearn_scat.persistence._files import ESTIMATOR, read_parts
from sklearn_scat.persistence._plain import (
    is_plain,
    is_public_estimator,
    plain_estimator,
)
from sklearn_scat.persistence._types import TRUSTED
from sklearn_scat.recipes import RECIPES

X, Y = load_digits(return_X_y=True)
X, Y = X[:80].astype(np.float32), np.array(list("abcdefghij"))[Y[:80]]
NAMES = {
    (kind.__module__, name)
    for name, kind in all_estimators()
    if kind.__module__.startswith("sklearn.")
}
ATOMS = str | int | float | complex | None | type | FunctionType | np.ufunc | np.generic


def stored(path, estimator):
    """Return the estimator's part of a bundle."""
    save(path / "model.scat", estimator)
    return read_parts(path / "model.scat", max_bytes=2**30)[ESTIMATOR]


def assert_same(one, other, seen):
    """Compare all that two objects hold, and which parts of them are one object."""
    assert type(one) is type(other)
    assert seen.setdefault(id(one), other) is other or isinstance(one, ATOMS)
    if isinstance(one, ATOMS):
        assert one is other or one == other or (one != one and other != other)
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        assert one.flags.f_contiguous == other.flags.f_contiguous
        assert_array_equal(one, other)
    elif isinstance(one, list | tuple):
        for a, b in zip(one, other, strict=True):
            assert_same(a, b, seen)
    else:
        held, others = (v if isinstance(v, dict) else vars(v) for v in (one, other))
        assert list(held) == list(others)
        for key, value in held.items():
            assert_same(value, others[key], seen)


@pytest.mark.parametrize(
    "model",
    [
        ScatteringClassifier("scat_rbf"),
        ScatteringClassifier("scat_linear"),
        RECIPES["scat_ols_rbf"]((8, 8), 8, 0),
        RECIPES["rt_affine"]((8, 8), 8, 0),
        RECIPES["scat_local"]((8, 8), 8, 0),
    ],
    ids=["rbf", "linear", "ols", "affine", "local"],
)
def test_models_are_those_that_skops_makes(model, tmp_path):
    model.fit(X, Y)
    data = stored(tmp_path, model)
    made = plain_estimator(data)
    assert_same(made, skops.io.loads(data, trusted=TRUSTED), {})
    assert_array_equal(made.predict(X), model.predict(X))


def test_parts_that_are_one_object_stay_one(tmp_path):
    shared = {"of both": [1, 2.5, (np.float32(3), np.arange(3))]}
    model = FunctionTransformer(np.sqrt, kw_args=shared, inv_kw_args=shared)
    made = plain_estimator(stored(tmp_path, model))
    assert made.kw_args is made.inv_kw_args
    assert_same(made, model, {})


@pytest.mark.parametrize(
    "model",
    [
        SGDClassifier(random_state=np.random.RandomState(0)),
        FunctionTransformer(kw_args={"of objects": np.array([None, "a"])}),
    ],
)
def test_models_of_other_nodes_are_left_to_skops(model, tmp_path):
    assert plain_estimator(stored(tmp_path, model)) is None


def test_estimators_of_scikit_learn_are_told_without_looking_for_all():
    public = {
        (getattr(value, "__module__", ""), name)
        for package in map(partial(getattr, sklearn), sklearn.__all__)
        for name, value in getattr(package, "__dict__", {}).items()
        if name in getattr(package, "__all__", ())
    }
    told = {place for place in public if is_public_estimator(*place)}
    assert told == public & NAMES
    assert len(told) > 100


@pytest.mark.parametrize(
    "place",
    [
        ("os", "system"),
        ("sklearn.base", "BaseEstimator"),
        ("sklearn", "clone"),
        ("sklearn.clone", "clone"),
        ("sklearn.linear_model", "Ridge"),  # not where it says to be
        ("sklearn.linear_model._ridge", "_BaseRidge"),
        ("sklearn.svm._base", "BaseLibSVM"),
        ("sklearn.tests.test_base", "MyEstimator"),
        ("sklearn_of_others", "Ridge"),
    ],
)
def test_no_other_name_is_taken_for_an_estimator(place):
    assert not is_public_estimator(*place)


def test_experimental_estimators_are_none_before_somebody_asks(monkeypatch):
    name = "HalvingGridSearchCV"  # there where anything in this process asked for it
    monkeypatch.delitem(vars(sklearn.model_selection), name, raising=False)
    place = "sklearn.model_selection._search_successive_halving"
    assert not is_public_estimator(place, name)


def node(loader, name, **more):
    module, _, kind = name.rpartition(".")
    return {"__loader__": loader, "__module__": module, "__class__": kind, **more}


@pytest.mark.parametrize(
    "described",
    [
        node("ObjectNode", "os.system"),
        node("FunctionNode", "os.system"),
        node("FunctionNode", "numpy.load"),
        node("FunctionNode", "sklearn.base.clone"),
        node("TypeNode", "subprocess.Popen"),
        node("TypeNode", "sklearn.svm._classes.SVC"),
        node("DictNode", "collections.OrderedDict"),
        node("ListNode", "builtins.exec"),
        node("NdArrayNode", "numpy.memmap", type="numpy"),
        node("NdArrayNode", "numpy.ndarray", type="json"),
        node("MethodNode", "builtins.str"),
        node("PartialNode", "functools.partial"),
        node("OtherNode", "builtins.list"),
    ],
)
def test_nodes_that_are_not_plain(described):
    assert not is_plain(described)


def test_attributes_are_set_as_an_estimator_sets_them(tmp_path, monkeypatch):
    monkeypatch.setattr(BaseEstimator, "__setstate__", lambda self, state: None)
    assert not vars(plain_estimator(stored(tmp_path, FunctionTransformer())))
