"""Texture cases and recipes: images of any sizes, one mean a path."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.base import clone

from sklearn_scat import AugmentedClassifier
from sklearn_scat.augmentation._resampling import resized
from sklearn_scat.classifiers import DecisionSum
from sklearn_scat.datasets import make_textures
from sklearn_scat.experiments import (
    CASES,
    ImageSet,
    Run,
    default_sizes,
    describe,
    plan_runs,
)
from sklearn_scat.experiments._runs import Place, do_run
from sklearn_scat.recipes import RECIPES, SmallestSides, texture_recipe
from sklearn_scat.recipes._scales import texture_scale

ABLATIONS = {
    name: recipe
    for name, recipe in runpy.run_path(
        str(Path(__file__).parents[2] / "benchmarks" / "texture_ablations.py")
    ).items()
    if callable(recipe) and name != "texture_recipe"
}
TEXTURES = {
    **ABLATIONS,
    **{name: RECIPES[name] for name in RECIPES if name.startswith(("rt_", "textures"))},
}
KINDS = ["gaussian-blob", "gaussian-bar", "points-blob"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder of 36 textures of three kinds, in three sizes."""
    root = tmp_path_factory.mktemp("textures")
    images, y = make_textures(36, kinds=KINDS, random_state=0)
    for i, (image, k) in enumerate(zip(images, y, strict=True)):
        size = [64, 60, 56][i % 3]
        levels = np.clip(resized(image[:size], 1.0) * 30 + 128, 0, 255)
        (root / KINDS[k]).mkdir(exist_ok=True)
        Image.fromarray(levels.astype(np.uint8)).save(root / KINDS[k] / f"{i}.png")
    return root


@pytest.fixture(scope="module")
def data(folder):
    return CASES["textures"].load(str(folder))


def test_texture_case_keeps_the_sizes(data):
    assert len({image.shape for image in data.images}) == 3
    assert data.image_shape == (56, 64)
    assert isinstance(data.image_shape, SmallestSides)
    assert set(data.target) == set(KINDS)
    assert default_sizes(data) == (3, 6, 15)


def test_texture_case_needs_a_folder():
    with pytest.raises(ValueError, match="--data DIR"):
        CASES["kth-tips"].load(None)


def test_kth_tips_has_the_published_sizes():
    case = CASES["kth-tips"]
    assert case.sizes == (50, 200, 400)
    assert case.n_seeds == 10


def test_fingerprint_sees_every_pixel(data):
    def settings(images):
        changed = ImageSet(images, data.target)
        recipes = {"rt_affine": RECIPES["rt_affine"]}
        return plan_runs("x", changed, recipes=recipes, sizes=[15], seeds=[0])[0]

    images = data.images.copy()
    before = settings(images)
    assert settings(images) == before
    images[20] = images[20].copy()
    images[20][30, 30] ^= 1
    assert settings(images) != before


def test_scale_fits_the_smallest_copy():
    for side in range(1, 300):
        J = texture_scale((side, 300))
        assert 2**J <= round(side / 2**1.5) or J == 0


@pytest.mark.parametrize("name", TEXTURES)
def test_recipes_are_unfitted_and_described(name):
    estimator = TEXTURES[name](SmallestSides((56, 64)), 5, 0)
    assert describe(clone(estimator)) == describe(estimator)
    assert not hasattr(estimator, "classes_")


@pytest.mark.parametrize(
    "name",
    [
        "translation_log_affine",
        "rigid_log_dilated_affine",
        "textures_affine",
        "translation_sqrt_multiscale_svm",
        "rt_affine_aug",
    ],
)
def test_recipes_tell_textures_of_any_size(name, data, tmp_path):
    run = Run("textures", name, 15, 0, settings="")
    place = Place("", str(tmp_path))
    record = do_run(run, data, recipe=TEXTURES[name], place=place)
    assert record.n_test == 21
    assert record.accuracy > 0.6
    assert record.times["transform"] > 0


@pytest.mark.parametrize("shape", [(16, 16), (3, 16, 16)])
@pytest.mark.parametrize("name", ["rt_affine", "rt_ols_rbf"])
def test_rotation_recipes_learn_from_rows(name, shape):
    images, y = make_textures(24, kinds=KINDS, image_shape=(16, 16), random_state=0)
    rows = np.stack([images] * 3, 1) if len(shape) == 3 else images
    model = RECIPES[name](shape, 8, 0).fit(rows.reshape(24, -1), y)
    assert model.score(rows.reshape(24, -1), y) > 0.8


def test_copies_of_textures_are_dilated():
    model = RECIPES["rt_affine_aug"](SmallestSides((56, 64)), 5, 0)
    assert isinstance(model, AugmentedClassifier)
    assert (model.copies, model.n_copies, model.image_shape) == ("dilate", 3, None)
    assert RECIPES["rt_affine_aug"]((56, 64), 5, 0).copies == "affine"


def test_decision_sum_weighs_both_alike(data):
    class Constant:
        """Decide by a table, whatever its unit is."""

        def __init__(self, scores):
            self.scores = scores

        def get_params(self, deep=True):
            return {"scores": self.scores}

        def fit(self, X, y):
            self.classes_ = np.unique(y)
            return self

        def decision_function(self, X):
            return np.asarray(self.scores, float)

    X, y = np.zeros((2, 1)), [0, 1]
    first, second = [[1, -1], [-1, 1]], [[100, 0], [50, 50]]
    pair = DecisionSum(Constant(first), Constant(second)).fit(X, y)
    np.testing.assert_allclose(
        pair.decision_function(X), np.array(first) + np.array(second) / 50
    )
    np.testing.assert_array_equal(pair.predict(X), [0, 1])


@pytest.mark.parametrize("shape", [(32, 32), (3, 30, 34)])
@pytest.mark.parametrize("name", ["translation_log_affine", "rigid_log_dilated_affine"])
def test_texture_recipes_take_rows_of_one_shape(name, shape):
    images, y = make_textures(24, kinds=KINDS, image_shape=shape[-2:], random_state=0)
    rows = np.stack([images] * 3, 1) if len(shape) == 3 else images
    model = TEXTURES[name](shape, 8, 0).fit(rows.reshape(24, -1), y)
    assert model.score(rows.reshape(24, -1), y) > 0.8
    n_features = model[0].transform(rows.reshape(24, -1)).shape[1]
    n_channels = (1, *shape)[-3]
    assert model["affine"].n_features_in_ == n_features - n_channels


@pytest.mark.parametrize("copies", ["multiscale", "enlarged"])
def test_recipes_of_copies_take_rows_of_one_shape(copies):
    images, y = make_textures(24, kinds=KINDS, image_shape=(30, 34), random_state=0)
    recipe = texture_recipe("translation", "sqrt", copies=copies)
    model = recipe((30, 34), 8, 0).fit(images.reshape(24, -1), y)
    assert model.score(images.reshape(24, -1), y) > 0.8


def test_textures_affine_takes_images_of_one_size_or_of_several():
    recipe = RECIPES["textures_affine"]
    images, y = make_textures(12, kinds=KINDS, image_shape=(96, 96), random_state=0)
    several = [image[: 92 + 4 * (i % 2)] for i, image in enumerate(images)]
    for X in (several, list(images)):
        model = recipe(None, 4, 0).fit(X, y)
        assert model.score(X, y) > 0.8
