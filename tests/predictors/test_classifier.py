"""A classifier that chooses its recipe: what it promises, whatever it chooses."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss

import sklearn_scat
from sklearn_scat import ScatteringClassifier, feature_cache
from sklearn_scat.datasets import load_digits_images, make_textures
from sklearn_scat.predictors._candidates import Task, candidates_of
from sklearn_scat.predictors._samples import dealt_folds, distinct_samples
from sklearn_scat.recipes import RECIPES, scat_rbf

QUICK = ("scat_affine", "scat_linear")


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits_images(return_X_y=True)
    return X[:400].astype(np.float32), y[:400]


@pytest.fixture(scope="module")
def fitted(digits):
    X, y = digits
    return ScatteringClassifier(QUICK).fit(X[:80], y[:80])


def ragged_textures(n):
    """Return images of two sizes, of four kinds of texture, and their labels."""
    kinds = ["gaussian-bar", "points-bar", "gaussian-ring", "points-blob"]
    images, y = make_textures(n, kinds=kinds, random_state=0)
    sizes = [(64, 64), (50, 60)]
    return [x[: sizes[i % 2][0], : sizes[i % 2][1]] for i, x in enumerate(images)], y


def test_least_loss_among_the_best_scores_is_chosen(fitted):
    table = fitted.cv_results_
    scores, losses = np.array(table["mean_test_score"]), np.array(table["loss"])
    best = table["recipe"].index(fitted.recipe_)
    share = scores.max()
    error = np.sqrt(share * (1 - share) / 80)
    assert scores[best] >= share - error
    assert losses[best] == losses[scores >= share - error].min()
    assert fitted.recipe_ in fitted.reason_
    assert set(table["recipe"]) == set(QUICK)


def test_order_of_the_training_images_changes_nothing(digits, fitted):
    X, y = digits
    order = np.random.default_rng(0).permutation(80)
    again = ScatteringClassifier(QUICK).fit(X[:80][order], y[:80][order])
    assert again.cv_results_["mean_test_score"] == fitted.cv_results_["mean_test_score"]
    np.testing.assert_array_equal(
        again.predict_proba(X[80:]), fitted.predict_proba(X[80:])
    )


def test_image_of_weight_two_counts_as_two(digits):
    X, y = digits
    X, y, new = X[:60], y[:60], X[60:100]
    weight = np.ones(60)
    weight[:20], weight[50:] = 2, 0
    weighted = ScatteringClassifier(QUICK).fit(X, y, sample_weight=weight)
    rows = np.repeat(np.arange(60), weight.astype(int))
    repeated = ScatteringClassifier(QUICK).fit(X[rows], y[rows])
    np.testing.assert_array_equal(
        weighted.predict_proba(new), repeated.predict_proba(new)
    )
    assert weighted.cv_results_["params"] == repeated.cv_results_["params"]


def test_equal_images_are_held_out_together():
    X = np.repeat(np.arange(12.0).reshape(6, 2), 2, axis=0)
    y = np.repeat([0, 1, 0, 1, 0, 1], 2)
    samples, _ = distinct_samples(X, y, None)
    assert len(samples.targets) == 6
    assert samples.weight.tolist() == [2] * 6


def test_images_of_one_content_and_two_labels_stay():
    samples, places = distinct_samples(np.zeros((3, 4)), np.array([0, 1, 1]), None)
    assert samples.targets[places].tolist() == [0, 1, 1]
    assert sorted(zip(samples.targets, samples.weight, strict=True)) == [(0, 1), (1, 2)]


@pytest.mark.parametrize("n_folds", [2, 3, 5])
def test_folds_are_even_over_all_and_in_every_class(n_folds):
    y = np.random.default_rng(0).integers(0, 4, 50)
    y[-1] = 4  # a class of one image
    fold = dealt_folds(y, n_folds)
    assert fold[-1] == -1
    assert set(fold[:-1]) == set(range(n_folds))
    for k in range(4):
        counts = np.bincount(fold[:-1][y[:-1] == k], minlength=n_folds)
        assert np.ptp(counts) <= 1
    assert np.ptp(np.bincount(fold[:-1])) <= 1


def test_search_transforms_every_image_once(digits, tmp_path):
    X, y = digits
    model = ScatteringClassifier(QUICK, cache=tmp_path).fit(X[:50], y[:50])
    computed = feature_cache.info(tmp_path).computed
    assert computed == 50
    model.fit(X[:50], y[:50])
    assert feature_cache.info(tmp_path).computed == computed


def test_model_keeps_no_folder_of_the_search(fitted):
    from sklearn_scat._parameters import parts

    kept = [vars(part)["cache"] for part in parts(fitted) if "cache" in vars_of(part)]
    assert kept
    assert set(kept) == {None}


def vars_of(part):
    return getattr(part, "__dict__", {})


def test_probabilities_are_as_sure_as_they_are_right(digits, fitted):
    X, y = digits
    p = fitted.predict_proba(X[80:])
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_array_equal(
        fitted.classes_[p.argmax(axis=1)], fitted.predict(X[80:])
    )
    assert abs(p.max(axis=1).mean() - fitted.score(X[80:], y[80:])) < 0.06
    sharper = p**4 / (p**4).sum(axis=1, keepdims=True)
    flatter = p**0.25 / (p**0.25).sum(axis=1, keepdims=True)
    loss = log_loss(y[80:], p)
    assert loss < log_loss(y[80:], sharper)
    assert loss < log_loss(y[80:], flatter)


def test_model_is_saved_without_pickle(digits, fitted, tmp_path):
    X, _ = digits
    sklearn_scat.save(tmp_path / "model.scat", fitted)
    loaded = sklearn_scat.load(tmp_path / "model.scat")
    np.testing.assert_array_equal(
        loaded.predict_proba(X[80:]), fitted.predict_proba(X[80:])
    )
    assert loaded.cv_results_ == fitted.cv_results_


def test_images_of_several_sizes_are_compared_and_saved(tmp_path):
    images, y = ragged_textures(24)
    names = np.array(["cork", "linen", "wool", "felt"])[y]
    model = ScatteringClassifier(n_folds=2).fit(images, names)
    assert {"textures_affine", "scat_rbf"} <= set(model.cv_results_["recipe"])
    assert model.score(images, names) > 0.9
    sklearn_scat.save(tmp_path / "model.scat", model)
    loaded = sklearn_scat.load(tmp_path / "model.scat")
    np.testing.assert_array_equal(
        loaded.predict_proba(images[:5]), model.predict_proba(images[:5])
    )


def test_labels_may_be_names_and_classes_of_one_image(digits):
    X, y = digits
    some = np.concatenate(
        [np.flatnonzero(y == k)[: 6 if k < 2 else 1] for k in (0, 1, 2)]
    )
    names = np.array(["none", "one", "two"])[y[some]]
    model = ScatteringClassifier("scat_linear").fit(X[some], names)
    assert model.predict_proba(X[some]).shape == (13, 3)
    np.testing.assert_array_equal(model.predict(X[some]), names)


def test_one_image_a_class_leaves_nothing_to_compare(digits):
    X, y = digits
    model = ScatteringClassifier("scat_affine").fit(X[:10], y[:10])
    assert "too few images" in model.reason_
    assert np.isnan(model.cv_results_["mean_test_score"]).all()
    np.testing.assert_array_equal(model.predict(X[:10]), y[:10])


def test_recipe_without_weights_is_refused_where_they_differ():
    images, y = ragged_textures(8)
    with pytest.raises(ValueError, match="takes weights of samples"):
        ScatteringClassifier("textures_affine").fit(
            images, y, sample_weight=np.arange(1, 9)
        )


def test_images_of_another_range_are_warned_about(digits, fitted):
    X, _ = digits
    with pytest.warns(sklearn_scat.PixelRangeWarning):
        fitted.predict(X[:3] * 100)


@pytest.mark.parametrize(
    ("shape", "n", "expected"),
    [
        ((28, 28), 300, ["scat_rbf", "scat_linear", "scat_affine"]),
        (
            (3, 32, 32),
            500,
            ["scat_rbf", "scat_linear", "scat_affine", "scat_local"],
        ),
        ((3, 32, 32), 1500, ["scat_rbf", "scat_linear", "scat_affine"]),
        ((3, 32, 32), 5000, ["scat_rbf"]),
        (
            (200, 200),
            200,
            [
                "scat_rbf",
                "scat_linear",
                "scat_affine",
                "textures_affine",
                "scat_moments",
            ],
        ),
        ((4, 4), 50, ["pixels", "pixels_svm"]),
    ],
)
def test_recipes_suit_size_kind_and_number(shape, n, expected):
    names = Task(shape, True, n_images=n, n_classes=10).recipes()
    assert names == expected
    assert set(names) <= RECIPES.keys()


def test_candidates_are_the_points_of_a_recipe_s_own_search():
    recipe = scat_rbf((28, 28), 10, 0)
    grid = recipe["ridge"].param_grid
    candidates = candidates_of("scat_rbf", recipe)
    assert len(candidates) == len(grid["alpha"]) * len(grid["sigma"])
    for candidate in candidates:
        head = candidate.estimator["ridge"]
        assert {name: getattr(head, name) for name in grid} == candidate.params


def test_probabilities_of_training_images_are_those_of_the_folds(digits_for_folds):
    X, y = digits_for_folds
    X, y = np.concatenate([X, X[:3]]), np.concatenate([y, y[:3]])
    weight = np.ones(len(X))
    weight[5] = 0
    model = ScatteringClassifier("scat_linear", n_folds=3)
    model.fit(X, y, sample_weight=weight)
    p = model.held_out_proba_
    assert np.isnan(p[5]).all()
    p = np.delete(p, 5, axis=0)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(p[:3], p[-3:])
    right = model.classes_[p.argmax(axis=1)] == np.delete(y, 5)
    assert 0.5 < right.mean() < 1  # an image is not predicted by what learned from it


@pytest.fixture(scope="module")
def digits_for_folds():
    X, y = load_digits(return_X_y=True)
    return X[:80], y[:80]


@pytest.mark.parametrize(
    "recipe", ["scat_linear", "scat_rbf", "scat_affine_aug", "scat_local"]
)
def test_noise_is_farther_from_training_images_than_digits_are(
    recipe, digits_for_folds
):
    X, y = digits_for_folds
    model = ScatteringClassifier(recipe, n_folds=2).fit(X, y)
    assert model.training_distances(X).max() < 1e-2
    others = load_digits().data[500:600]
    noise = np.random.default_rng(0).permuted(others, axis=1)
    assert np.quantile(model.training_distances(others), 0.95) < 1.25
    assert np.median(model.training_distances(noise)) > 1.25
