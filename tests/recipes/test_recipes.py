"""Recipes choose inside what they are given, and each classifies digits."""

import sys
import types

import numpy as np
import pytest
from sklearn.base import clone

from sklearn_scat import ImageClassifier, feature_cache, load, save
from sklearn_scat.experiments import Case, ImageSet, find_case
from sklearn_scat.experiments._runs import draw, with_storage
from sklearn_scat.recipes import RECIPES, find_recipe
from sklearn_scat.recipes._kernel_machines import kernel_machine

SEARCHED = ("scattering", "pixels", "pca", "pixels_svm", "daisy")
NETWORKS = [
    name
    for name, recipe in RECIPES.items()
    if isinstance(recipe((8, 8), 2, 0), ImageClassifier)
]
RUNNABLE = [
    name
    for name in RECIPES
    if not name.startswith(("daisy", "textures")) and name not in NETWORKS
]


@pytest.fixture(scope="module")
def digits():
    return find_case("digits").load(None)


def draw_rows(digits, target, n_train):
    """Rows and labels to learn from and 100 to test on, at half the size: fast."""
    drawn, rest = draw(target, n_train, seed=0)
    small = digits.images[:, ::2, ::2]
    rows = small.reshape(len(small), -1)
    return rows[drawn], target[drawn], rows[rest[:100]], target[rest[:100]]


@pytest.fixture(scope="module", params=[*RUNNABLE, "textures_affine"])
def learned(request, digits):
    """A recipe, what it learned from two images a class, and rows with labels."""
    target = np.array([f"digit {k}" for k in range(10)])[digits.target]
    X, y, X_test, y_test = draw_rows(digits, target, 20)
    # with fewer, one that selects features has 400 rounds, and 12,000 arrays to save
    n_per_class = 50 if "ols" in request.param else 2
    model = RECIPES[request.param]((16, 16), n_per_class, 0).fit(X, y)
    return request.param, model, X_test, y_test


def test_recipe_beats_chance_with_names_for_labels(learned):
    name, model, X_test, y_test = learned
    assert set(model.predict(X_test)) <= set(y_test)
    if name != "textures_affine":  # which makes nothing of where the strokes are
        assert model.score(X_test, y_test) > 0.4


def test_every_recipe_goes_into_a_bundle_fitted(learned, tmp_path):
    _, model, X_test, _ = learned
    save(tmp_path / "model.scat", model)
    loaded = load(tmp_path / "model.scat")
    np.testing.assert_array_equal(loaded.predict(X_test), model.predict(X_test))


@pytest.mark.parametrize("name", RUNNABLE)
def test_recipe_works_with_one_image_a_class_and_gaps_between_labels(name, digits):
    target = np.arange(-50, 50, 10)[digits.target]
    X, y, X_test, y_test = draw_rows(digits, target, 10)
    estimator = RECIPES[name]((16, 16), 1, 0)
    assert not hasattr(estimator, "param_grid")
    estimator.fit(X, y)
    assert set(estimator.predict(X_test)) <= set(target)
    assert estimator.score(X_test, y_test) > 0.25


@pytest.mark.parametrize("name", RUNNABLE)
@pytest.mark.parametrize("image_shape", [(5, 4), (3, 4, 12)])
def test_recipe_works_with_small_images_of_two_classes(name, image_shape):
    rng = np.random.default_rng(0)
    target = np.array(["no", "yes"]).repeat(6)
    images = rng.uniform(size=(12, *image_shape)) + (target == "yes").reshape(
        -1, *np.ones(len(image_shape), int)
    )
    rows = images.reshape(12, -1)
    model = RECIPES[name](image_shape, 6, 0).fit(rows, target)
    assert model.score(rows, target) > 0.8


@pytest.mark.parametrize(("name", "n_rows"), [("scat_rbf", 300), ("scat_affine", 2000)])
def test_recipe_works_with_many_small_images(name, n_rows, rng):
    X, y = rng.uniform(size=(200, 16)), np.arange(200) % 2
    model = RECIPES[name]((4, 4), n_rows, 0)
    assert "pca" in model.named_steps
    assert model.fit(X + y[:, None], y).score(X + y[:, None], y) > 0.9


@pytest.mark.parametrize("name", SEARCHED)
@pytest.mark.parametrize(("n_per_class", "n_folds"), [(2, 2), (5, 5), (50, 5)])
def test_recipe_has_no_more_folds_than_images_of_a_class(name, n_per_class, n_folds):
    search = RECIPES[name]((32, 32), n_per_class, 0)
    assert search.cv.get_n_splits() == n_folds


@pytest.mark.parametrize("image_shape", [(16, 16), (3, 16, 16)])
@pytest.mark.parametrize("n_rows", [1, 1000])
def test_kernel_machine_without_folds_takes_numbers_of_its_grid(image_shape, n_rows):
    searched = kernel_machine(image_shape, 10, 0, n_rows=10)[1].param_grid
    fixed = kernel_machine(image_shape, n_rows, 0, n_rows=n_rows)[1].get_params()
    assert all(fixed[name] in values for name, values in searched.items())


@pytest.mark.parametrize("name", ["scat_affine", "daisy", "pixels_svm"])
def test_recipe_with_copies_mirrors_colours_and_turns_digits(name):
    copied = RECIPES[f"{name}_aug"]
    assert copied.__name__ == f"{name}_aug"
    assert copied((3, 8, 8), 5, 0).copies == "flip"
    few, many = (copied((8, 8), n, 0) for n in (10, 1000))
    assert few.copies == many.copies == "affine"
    assert few.n_copies > many.n_copies >= 2


def test_daisy_says_what_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage.feature", None)
    monkeypatch.setitem(sys.modules, "skimage", None)
    model = RECIPES["daisy"]((8, 8), 1, 0)
    with pytest.raises(ImportError, match="pip install scikit-image"):
        model.fit(np.zeros((2, 64)), [0, 1])


def test_daisy_describes_every_channel_up_to_the_edge(monkeypatch):
    seen = []

    def describe(image, step, radius, rings):
        seen.append((image.shape, step, radius, rings))
        return image[::step, ::step, None]

    skimage = types.ModuleType("skimage")
    feature = types.ModuleType("skimage.feature")
    feature.daisy = describe
    monkeypatch.setitem(sys.modules, "skimage", skimage)
    monkeypatch.setitem(sys.modules, "skimage.feature", feature)
    images = np.random.default_rng(0).uniform(size=(6, 3, 12, 12))
    rows = images.reshape(6, -1)
    model = RECIPES["daisy"]((3, 12, 12), 1, 0).fit(rows, [0, 1] * 3)
    assert seen[:3] == [((16, 16), 2, 2, 2)] * 3
    assert model[0].transform(rows).shape == (6, 3 * 8 * 8)


@pytest.mark.parametrize("image_shape", [(28, 28), (32, 32)])
def test_scattering_recipes_of_digits_have_three_scales(image_shape):
    scattering = RECIPES["scat_affine"](image_shape, 5, 0)[0].scattering
    assert scattering.J == 3


def test_affine_recipe_of_many_images_goes_through_their_principal_components():
    few, many = (RECIPES["scat_affine"]((32, 32), n, 0) for n in (1000, 6000))
    assert [name for name, _ in few.steps] == ["scattering", "affine"]
    assert [name for name, _ in many.steps] == ["scattering", "pca", "affine"]


def test_scattering_recipe_searches_scales_that_fit_the_image():
    assert RECIPES["scattering"]((3, 8, 20), 5, 0).param_grid["scattering__J"] == [2, 3]
    assert RECIPES["scattering"]((3, 20), 5, 0).param_grid["scattering__J"] == [1]
    assert RECIPES["scattering"]((1, 20), 5, 0).param_grid["scattering__J"] == [0]


def test_rotation_changes_no_decision(digits):
    drawn, rest = draw(digits.target, 50, seed=1)
    rows = digits.images.reshape(len(digits.images), -1).astype(float)
    rotated = RECIPES["pixels"](digits.image_shape, 5, 0).estimator
    rotated.set_params(svm__C=1e-3, svm__tol=1e-8, svm__max_iter=100_000)
    plain = clone(rotated).set_params(rotation="passthrough")
    decisions = [
        pipeline.fit(rows[drawn], digits.target[drawn]).decision_function(rows[rest])
        for pipeline in (rotated, plain)
    ]
    np.testing.assert_allclose(*decisions, rtol=0, atol=1e-5 * np.ptp(decisions[0]))


def test_storage_changes_no_score(digits, tmp_path):
    drawn, rest = draw(digits.target, 20, seed=2)
    rows = digits.images.reshape(len(digits.images), -1)
    search = RECIPES["scattering"](digits.image_shape, 2, 0)
    kept = with_storage(
        search, memory=str(tmp_path / "memory"), cache=str(tmp_path / "cache")
    )
    scores, predictions = [], []
    for estimator in (search, kept):
        estimator.fit(rows[drawn], digits.target[drawn])
        scores.append(estimator.cv_results_["mean_test_score"])
        predictions.append(estimator.predict(rows[rest[:200]]))
    assert any((tmp_path / "memory").rglob("*.pkl"))
    usage = feature_cache.info(tmp_path / "cache")
    # each drawn image once for each of three J, each tested image for the best
    assert usage.entries == 20 * 3 + 200
    np.testing.assert_array_equal(*scores)
    np.testing.assert_array_equal(*predictions)


def test_draw_is_balanced_disjoint_and_depends_on_the_seed():
    target = np.array(list("abc")).repeat([5, 9, 7])
    drawn, rest = draw(target, 6, seed=3)
    assert np.unique(target[drawn], return_counts=True)[1].tolist() == [2, 2, 2]
    assert sorted([*drawn, *rest]) == list(range(21))
    assert draw(target, 6, seed=3)[0].tolist() == drawn.tolist()
    assert {tuple(draw(target, 6, seed=s)[0]) for s in range(5)} != {tuple(drawn)}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing", "no recipe is called 'nothing'; there are scattering"),
        ("math:nothing", "has no recipe called 'nothing'"),
        ("no_such_module_here:recipe", "cannot be imported: ModuleNotFoundError"),
        ("math:pi", "is a float, not a function"),
        (":recipe", "no recipe is called"),
    ],
)
def test_find_recipe_says_what_is_missing(name, message):
    with pytest.raises(ValueError, match=message):
        find_recipe(name)


def test_find_case_refuses_what_is_no_case():
    with pytest.raises(ValueError, match="is a float, not a Case"):
        find_case("math:pi")


def test_digits_case_is_the_published_set(digits):
    assert isinstance(digits, ImageSet)
    assert isinstance(find_case("digits"), Case)
    assert digits.images.shape == (1797, 32, 32)
    assert np.bincount(digits.target).min() == 174


def test_recipes_are_imported_by_their_names():
    import sklearn_scat.recipes

    assert len(RECIPES) < 37
    for name, recipe in RECIPES.items():
        assert getattr(sklearn_scat.recipes, name) is recipe
        assert recipe.__name__ == name
        line = recipe.__doc__.partition("\n")[0]
        assert len(line) < 100 and line.endswith(".")


def test_local_recipe_leaves_out_images_with_their_copies(digits):
    X, y, *_ = draw_rows(digits, digits.target, 20)
    model = RECIPES["scat_local_aug"]((16, 16), 2, 0)
    n_rows = 20 * (1 + model.n_copies)
    model.fit(X, y)
    folds = list(model.estimator_.cv.split(np.zeros(n_rows), np.tile(y, n_rows // 20)))
    assert len(folds) == 20
    for train, test in folds:
        assert len(test) == 1
        assert test[0] not in train % 20
        assert len(train) == n_rows * 19 // 20


def test_local_recipe_has_no_more_rows_than_its_kernel_bears():
    copied = RECIPES["scat_local_aug"]
    few, some = (copied((32, 32), n, 0) for n in (30, 100))
    assert (few.n_copies, some.n_copies) == (12, 3)
    assert copied((3, 32, 32), 100, 0).mirrored


def test_landmarks_of_local_features_follow_the_images():
    copied = RECIPES["scat_local_features_aug"]
    few, many = (copied((3, 32, 32), n, 0)["features"] for n in (10, 5000))
    assert few.n_landmarks < many.n_landmarks
    assert few.mirrored and many.mirrored
    grey = copied((32, 32), 10, 0)
    assert grey.copies == "affine"
    assert not grey.estimator["features"].mirrored


def test_components_of_many_coefficients_take_no_whole_decomposition():
    small = RECIPES["scat_rbf"]((32, 32), 300, 0)["pca"]
    large = RECIPES["scat_rbf"]((96, 96), 300, 0)["pca"]
    assert small.svd_solver == "covariance_eigh"  # exact, as in the published figures
    assert large.svd_solver == "randomized"
    assert large.random_state is not None
