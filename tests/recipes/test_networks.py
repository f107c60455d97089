"""Recipes of networks build, learn and predict; here they are small and brief."""

import numpy as np
import pytest
from sklearn.base import clone

from sklearn_scat import ImageClassifier, load, save
from sklearn_scat.experiments import find_case
from sklearn_scat.experiments._runs import draw, with_storage
from sklearn_scat.recipes import RECIPES, find_recipe

SMALL = {
    "cnn": {"module__width": 8},
    "scat_cnn": {"module__width": 8},
    "wrn": {"module__width": 1, "module__depth": 10},
    "scat_wrn": {"module__width": 1, "module__depth": 8},
    "wrn_16_2": {"module__width": 1, "module__depth": 10},
    "scat_wrn_12_2": {"module__width": 1, "module__depth": 8},
    "scat_sle": {"module__width": 16, "module__hidden": (16, 16)},
    "parametric_linear": {},
    "frozen_linear": {},
    "parametric_wrn": {"module__width": 1, "module__depth": 8},
}


def brief(name, image_shape, n_per_class, *, max_epochs):
    model = find_recipe(name)(image_shape, n_per_class, 0)
    return model.set_params(max_epochs=max_epochs, batch_size=10, **SMALL[name])


def test_every_network_is_tried():
    assert SMALL.keys() == {
        name
        for name, recipe in RECIPES.items()
        if isinstance(recipe((8, 8), 2, 0), ImageClassifier)
    }


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("image_shape", [(3, 8, 8), (5, 4)])
def test_recipe_learns_bright_from_dark_and_is_saved(name, image_shape, tmp_path):
    target = np.array(["no", "yes"]).repeat(10)
    images = np.random.default_rng(0).uniform(size=(20, *image_shape))
    images[target == "yes"] *= 5
    rows = images.reshape(20, -1)
    model = brief(name, image_shape, 10, max_epochs=6).fit(rows, target)
    assert set(model.predict(rows)) <= {"no", "yes"}
    assert np.isfinite(model.predict_proba(rows)).all()
    save(tmp_path / "model.scat", model)
    loaded = load(tmp_path / "model.scat")
    np.testing.assert_array_equal(loaded.predict_proba(rows), model.predict_proba(rows))


def test_network_over_scattering_beats_chance_on_few_digits(tmp_path):
    digits = find_case("digits").load(None)
    drawn, rest = draw(digits.target, 100, seed=0)
    small = digits.images[:, ::2, ::2]
    rows = small.reshape(len(small), -1)
    model = brief("scat_cnn", (16, 16), 10, max_epochs=12)
    model.set_params(module__width=16)
    stored = with_storage(model, memory=str(tmp_path), cache=str(tmp_path))
    assert stored.get_params() == clone(model).get_params()
    stored.fit(rows[drawn], digits.target[drawn])
    assert stored.score(rows[rest[:200]], digits.target[rest[:200]]) > 0.6


@pytest.mark.parametrize("name", SMALL)
def test_recipe_fits_its_settings_to_image_and_labels(name):
    recipe = find_recipe(name)
    grey, colour = recipe((28, 28), 10, 0), recipe((3, 96, 96), 5000, 0)
    changes = "strong" if name == "wrn_16_2" else ("flip", "shift")
    assert (grey.augment, colour.augment) == ("affine", changes)
    assert grey.max_epochs >= colour.max_epochs >= 30
    assert recipe((3, 20), 10, 3).get_params().get("module__J", 1) == 1
    assert recipe((3, 20), 10, 3).random_state == 3


def test_learned_wavelets_have_a_rate_of_their_own():
    model = brief("parametric_linear", (8, 8), 10, max_epochs=1)
    groups = model.get_params()["optimizer__param_groups"]
    rates = [group["lr"] for _, group in groups]
    assert rates == [0.002]
    X, y = np.random.default_rng(0).normal(size=(30, 64)), np.arange(30) % 3
    start = model.set_params(lr=0, optimizer__param_groups=[]).fit(X, y).weights_
    model.set_params(optimizer__param_groups=[("*scattering*", {"lr": 0.1})])
    moved = {k for k, w in model.fit(X, y).weights_.items() if np.any(w != start[k])}
    assert moved
    assert all(name.startswith("scattering") for name in moved if "running" not in name)


@pytest.mark.parametrize(("name", "moves"), [("parametric", True), ("frozen", False)])
def test_wavelets_are_learned_or_stay(name, moves):
    model = brief(f"{name}_linear", (8, 8), 10, max_epochs=2)
    X, y = np.random.default_rng(0).normal(size=(30, 64)), np.arange(30) % 3
    learned, start = (clone(model).set_params(max_epochs=n).fit(X, y) for n in (2, 1))
    names = {k for k in start.weights_ if k.startswith("scattering")}
    assert names
    changed = [np.any(learned.weights_[k] != start.weights_[k]) for k in names]
    assert any(changed) == moves


def test_small_networks_have_equal_numbers_of_weights():
    rng = np.random.default_rng(0)
    X, y = rng.uniform(size=(4, 3 * 32 * 32)), np.arange(4) % 2
    sizes = []
    for name in ("wrn_16_2", "scat_wrn_12_2"):
        model = find_recipe(name)((3, 32, 32), 2, 0).set_params(max_epochs=1)
        parameters = model.fit(X, y).to_torch().parameters()
        sizes.append(sum(p.numel() for p in parameters))
    small, large = sorted(sizes)
    assert 600_000 < small < large < 1.001 * small
