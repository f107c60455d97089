"""Runs are told apart by all that decides their result, and by nothing else."""
# Needs torch: networks are among the recipes.

import json

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC

from sklearn_scat import RotoTranslationScattering, ScatteringTransformer
from sklearn_scat.experiments import ImageSet, describe, plan_runs
from sklearn_scat.recipes import RECIPES


def make_images(n_per_class=6, n_classes=3, seed=0):
    images = np.random.default_rng(seed).normal(size=(n_per_class * n_classes, 8, 8))
    return ImageSet(images, np.repeat(np.arange(n_classes), n_per_class))


def ridge(image_shape, n_per_class, random_state):
    return RidgeClassifier(alpha=0.5)


def stiff_ridge(image_shape, n_per_class, random_state):
    return RidgeClassifier(alpha=5.0)


def settings_of(data, recipe):
    (run,) = plan_runs("toy", data, recipes={"ridge": recipe}, sizes=[3], seeds=[0])
    return run.settings


def test_plan_has_every_run_once():
    runs = plan_runs(
        "toy",
        make_images(),
        recipes={"a": ridge, "b": stiff_ridge},
        sizes=[3, 6],
        seeds=range(4),
    )
    names = {(run.recipe, run.n_train, run.seed) for run in runs}
    assert len(runs) == len(names) == 2 * 2 * 4
    assert len({run.key for run in runs}) == len(runs)


def test_settings_repeat():
    assert settings_of(make_images(), ridge) == settings_of(make_images(), ridge)


def test_settings_follow_estimator_images_labels_and_version(monkeypatch):
    data = make_images()
    relabelled = ImageSet(data.images, np.array(list("abc")).repeat(6))
    tested = ImageSet(data.images, data.target, data.images[:2], data.target[:2])
    settings = [
        settings_of(data, ridge),
        settings_of(data, stiff_ridge),
        settings_of(make_images(seed=1), ridge),
        settings_of(relabelled, ridge),
        settings_of(tested, ridge),
        settings_of(ImageSet(data.images.astype(np.float32), data.target), ridge),
    ]
    monkeypatch.setattr("sklearn_scat.__version__", "999")
    settings.append(settings_of(data, ridge))
    assert len(set(settings)) == len(settings)


def test_settings_follow_the_users_file(tmp_path, monkeypatch):
    source = """
from sklearn.preprocessing import FunctionTransformer
def scale(X):
    return {}
def recipe(image_shape, n_per_class, random_state):
    return FunctionTransformer(scale)
"""
    found = set()
    for expression in ("X * 2", "X * 3"):
        path = tmp_path / "edited_recipe.py"
        path.write_text(source.format(expression))
        module = {"__name__": "edited_recipe"}
        exec(compile(path.read_text(), str(path), "exec"), module)
        found.add(settings_of(make_images(), module["recipe"]))
    assert len(found) == 2


def differing(Scattering):
    """Return pairs that differ in one parameter, which may change coefficients."""
    computing = {"batch_size", "cache", "verbose"}
    names = sorted(Scattering().get_params().keys() - computing)
    return [(Scattering(), Scattering().set_params(**{n: "else"})) for n in names]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (PCA(5), PCA(6)),
        (PCA(5), SVC()),
        (SVC(C=1), SVC(C=1.5)),
        (SVC(class_weight={0: 1}), SVC(class_weight={0: 2})),
        (
            GridSearchCV(SVC(), {"C": [1]}, cv=StratifiedKFold(3)),
            GridSearchCV(SVC(), {"C": [1]}, cv=StratifiedKFold(4)),
        ),
        (
            GridSearchCV(SVC(), {"C": np.array([1, 2])}),
            GridSearchCV(SVC(), {"C": np.array([1, 3])}),
        ),
        (
            Pipeline([("a", PCA()), ("b", SVC())]),
            Pipeline([("a", PCA()), ("c", SVC())]),
        ),
        (FunctionTransformer(np.sqrt), FunctionTransformer(np.log)),
        (SVC(tol=np.float64("nan")), SVC(tol=np.float64("inf"))),
        *differing(ScatteringTransformer),
        *differing(RotoTranslationScattering),
    ],
)
def test_describe_tells_what_matters(one, other):
    assert json.dumps(describe(one)) != json.dumps(describe(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (GridSearchCV(SVC(), {}, n_jobs=2), GridSearchCV(SVC(), {}, verbose=3)),
        (
            Pipeline([("svc", SVC())], memory="/tmp"),
            Pipeline([("svc", SVC(verbose=True))]),
        ),
        (SVC(C=np.float64(0.5)), SVC(C=0.5)),
    ],
)
def test_describe_leaves_out_what_does_not(one, other):
    assert json.dumps(describe(one)) == json.dumps(describe(other))


@pytest.mark.parametrize("name", RECIPES)
def test_describe_holds_no_address_of_memory(name):
    text = json.dumps(describe(RECIPES[name]((32, 32), 5, 0)))
    assert " at 0x" not in text


@pytest.mark.parametrize(
    ("size", "nearest"), [(4, 3), (5, 6), (1, 3), (18, 15), (99, 15)]
)
def test_plan_refuses_sizes_that_cannot_be_drawn(size, nearest):
    with pytest.raises(ValueError, match=f"multiples of 3 up to 15.* is {nearest}"):
        plan_runs("toy", make_images(), recipes={"a": ridge}, sizes=[size], seeds=[0])


def test_plan_allows_all_images_where_test_images_are_given():
    data = make_images()
    data = ImageSet(data.images, data.target, data.images, data.target)
    runs = plan_runs("toy", data, recipes={"a": ridge}, sizes=[18], seeds=[0])
    assert len(runs) == 1


def test_plan_refuses_classes_without_a_test_image():
    with pytest.raises(ValueError, match="too few to train and to test"):
        plan_runs("toy", make_images(1), recipes={"a": ridge}, sizes=[3], seeds=[0])


def test_image_set_refuses_labels_of_another_number():
    with pytest.raises(ValueError, match="18 images, and 17 labels"):
        ImageSet(np.zeros((18, 8, 8)), np.zeros(17))
    with pytest.raises(ValueError, match="2 test images, and none labels"):
        ImageSet(np.zeros((3, 8, 8)), np.zeros(3), np.zeros((2, 8, 8)))
