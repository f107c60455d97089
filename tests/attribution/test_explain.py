"""Shares of paths and places are exact, and say what decides."""

import numpy as np
import pytest
from scipy.integrate import quad_vec
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler
from sklearn.svm import SVC, LinearSVC

from sklearn_scat import (
    AugmentedClassifier,
    LocalKernelRidge,
    MeanNormRidge,
    MeanNormSVC,
    NormalizedScattering,
    PCAAffineClassifier,
    ScatteringClassifier,
    ScatteringTransformer,
)
from sklearn_scat.attribution import explain
from sklearn_scat.attribution._explain import class_and_runner_up
from sklearn_scat.attribution._gradients import gaussian_mean_gradients
from sklearn_scat.attribution._local_kernels import local_kernel_shares
from sklearn_scat.classifiers import DecisionSum, GramMatrix, SpanCoordinates
from sklearn_scat.recipes import SmallestSides, scat_moments, textures_multiscale

N_TRAIN, N = 150, 40


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return (
        X[:N_TRAIN].astype(float),
        y[:N_TRAIN],
        X[N_TRAIN : N_TRAIN + N].astype(float),
    )


def roots(J=1):
    return NormalizedScattering(ScatteringTransformer(J=J, L=4), "sqrt")


def margins(model, X):
    """Return the largest decision minus the second, or the size of the only one."""
    scores = np.asarray(model.decision_function(X))
    if scores.ndim == 1:
        return np.abs(scores)
    scores = np.sort(scores, axis=1)
    return scores[:, -1] - scores[:, -2]


MODELS = {
    "linear": (StandardScaler(), LinearSVC(C=1e-3)),
    "rotated": (StandardScaler(), SpanCoordinates(), RidgeClassifier()),
    "components": (Normalizer(), PCA(20, whiten=True), LogisticRegression()),
    "affine": (PCAAffineClassifier(5),),
    "affine of components": (PCA(20), StandardScaler(), PCAAffineClassifier(5)),
    "kernel": (Normalizer(), SpanCoordinates(), MeanNormRidge()),
    "landmarks": (StandardScaler(), MeanNormRidge(n_landmarks=50, random_state=0)),
    "selected": (SelectKBest(k=40), Normalizer(), MeanNormRidge(sigma=1)),
    "searched": (GridSearchCV(MeanNormRidge(), {"sigma": [1, 2]}, cv=2),),
    "products": (StandardScaler(), GramMatrix(), RidgeClassifier()),
    "sum": (DecisionSum(PCAAffineClassifier(2), MeanNormRidge()),),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("n_classes", [2, 10])
def test_shares_sum_to_the_decision(name, n_classes, digits):
    X, y, X_new = digits
    own = y < n_classes
    model = make_pipeline(roots(), *MODELS[name]).fit(X[own], y[own])
    why = explain(model, X_new)
    expected = margins(model, X_new)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(why.decisions, expected, atol=1e-6 * scale)
    np.testing.assert_allclose(why.totals(), why.decisions, atol=1e-9 * scale)
    assert (why.classes == model.predict(X_new)).all()
    assert (why.runners_up != why.classes).all()


@pytest.mark.parametrize(
    "steps",
    [
        (MeanNormSVC(),),
        (SVC(),),
        (SVC(kernel="linear"),),
        (GramMatrix(), SVC(kernel="precomputed")),
    ],
)
@pytest.mark.parametrize("n_classes", [2, 4])
def test_shares_of_machines_sum_to_that_between_two_classes(steps, n_classes, digits):
    X, y, X_new = digits
    own = y < n_classes
    model = make_pipeline(roots(), *map(clone, steps)).fit(X[own], y[own])
    why = explain(model, X_new)
    svc = getattr(model[-1], "svc_", model[-1])
    svc.decision_function_shape = "ovo"
    scores = model.decision_function(X_new).reshape(len(X_new), -1)
    pairs = [(i, j) for i in range(n_classes) for j in range(i + 1, n_classes)]
    for image, (first, second) in enumerate(
        zip(why.classes, why.runners_up, strict=True)
    ):
        score = scores[image, pairs.index((min(first, second), max(first, second)))]
        positive = max(first, second) if n_classes == 2 else min(first, second)
        expected = score if first == positive else -score
        assert why.decisions[image] == pytest.approx(expected, abs=1e-6)
    np.testing.assert_allclose(why.totals(), why.decisions, atol=1e-9)


def test_shares_of_linear_models_are_weights_times_differences(digits):
    X, y, X_new = digits
    model = make_pipeline(roots(), StandardScaler(), RidgeClassifier()).fit(X, y)
    why = explain(model, X_new)
    Z = model[:-1].transform(X_new)
    coef = model[-1].coef_
    expected = Z * (coef[why.classes] - coef[why.runners_up])
    np.testing.assert_allclose(why.parts[0].shares.reshape(N, -1), expected, atol=1e-9)


def test_mean_gradients_of_gaussians_are_integrals():
    rng = np.random.default_rng(0)
    u, r, s = rng.normal(size=(3, 5)), rng.normal(size=5), rng.normal(size=(4, 5))
    u[1] = s[0]  # at a centre, and
    u[2] = r + 1e-3 * (r - s[1])  # straight away from one
    a = rng.normal(size=(3, 4))

    def gradient(t):
        x = r + t * (u - r)
        difference = x[:, None] - s  # (n, N, q)
        k = a * np.exp(-0.3 * (difference**2).sum(axis=2))
        return (-0.6 * k[..., None] * difference).sum(axis=1)

    expected = quad_vec(gradient, 0, 1)[0]
    found = gaussian_mean_gradients(u, r, centres=s, weights=a, gamma=0.3)
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_reference_is_where_all_shares_vanish(digits):
    X, y, X_new = digits
    model = make_pipeline(roots(), MeanNormRidge()).fit(X, y)
    why = explain(model, X_new, reference=X_new[:1])
    assert not why.parts[0].shares[0].any()
    assert why.bases[0] == pytest.approx(why.decisions[0])
    by_mean = explain(model, X_new, reference=X)
    np.testing.assert_allclose(
        by_mean.parts[0].shares, explain(model, X_new).parts[0].shares, atol=1e-5
    )


def test_each_scattering_has_its_own_part(digits):
    X, y, X_new = digits
    union = make_union(ScatteringTransformer(J=1, L=4), ScatteringTransformer(J=2, L=4))
    model = make_pipeline(union, FunctionTransformer(np.abs), PCAAffineClassifier(4))
    model.fit(X, y)
    why = explain(model, X_new)
    assert [part.shares.shape[2:] for part in why.parts] == [(5, 4, 4), (25, 2, 2)]
    np.testing.assert_allclose(why.totals(), margins(model, X_new), rtol=1e-6)


def test_copies_share_one_decision(digits):
    X, y, X_new = digits
    model = AugmentedClassifier(
        make_pipeline(roots(), PCAAffineClassifier(4)), "flip", image_shape=(8, 8)
    ).fit(X, y)
    why = explain(model, X_new)
    np.testing.assert_allclose(why.totals(), margins(model, X_new), rtol=1e-6)
    mirrored = X_new.reshape(-1, 8, 8)[..., ::-1].reshape(N, -1)
    turned = explain(model, mirrored)
    np.testing.assert_allclose(
        turned.by_place((8, 8))[..., ::-1], why.by_place((8, 8)), atol=1e-9
    )


@pytest.mark.parametrize("recipe", ["scat_linear", "scat_affine", "scat_rbf"])
def test_classifiers_that_choose_are_explained(recipe, digits):
    X, y, X_new = digits
    model = ScatteringClassifier(recipe).fit(X, y)
    why = explain(model, X_new)
    np.testing.assert_allclose(
        why.totals(), margins(model, X_new), rtol=1e-6, atol=1e-6
    )


@pytest.mark.parametrize("recipe", [textures_multiscale, scat_moments])
def test_textures_of_several_sizes_are_explained(recipe):
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(64 + i % 2, 64)).cumsum(axis=i % 2) for i in range(6)]
    model = recipe(SmallestSides((64, 64)), 3, 0).fit(X, np.arange(6) % 2)
    why = explain(model, X)
    scale = np.abs(why.decisions).max()
    np.testing.assert_allclose(why.decisions, margins(model, X), atol=1e-5 * scale)
    np.testing.assert_allclose(why.totals(), why.decisions, atol=1e-9 * scale)
    assert why.by_place((64, 64)) is None


def test_places_sum_to_what_they_decided(digits):
    X, y, X_new = digits
    model = make_pipeline(roots(), MeanNormRidge()).fit(X, y)
    why = explain(model, X_new)
    places = why.by_place((13, 7))
    assert places.shape == (N, 13, 7)
    np.testing.assert_allclose(places.sum(axis=(1, 2)) + why.bases, why.decisions)


def test_removing_what_decides_flips_decisions_sooner_than_chance(digits):
    X, y, X_new = digits
    rng = np.random.default_rng(0)
    for classifier in (RidgeClassifier(), PCAAffineClassifier(5), MeanNormRidge()):
        model = make_pipeline(roots(), StandardScaler(), classifier).fit(X, y)
        why = explain(model, X_new)
        shares = why.parts[0].shares.reshape(N, -1)
        origin = getattr(classifier, "mean_", np.zeros(shares.shape[1]))
        Z = model[:-1].transform(X_new)
        flipped = []
        for order in (
            np.argsort(-shares, axis=1),
            rng.permuted(np.argsort(shares, axis=1), axis=1),
        ):
            own = Z.copy()
            removed = order[:, : shares.shape[1] // 5]
            np.put_along_axis(own, removed, origin[removed], axis=1)
            flipped.append(np.mean(classifier.predict(own) != why.classes))
        assert flipped[0] > 2 * flipped[1] + 0.2


@pytest.mark.parametrize(
    ("steps", "name"),
    [
        ((KNeighborsClassifier(),), "decision_function"),
        ((PCA(20), Normalizer(), RidgeClassifier()), "Normalizer"),
        ((FunctionTransformer(lambda Z: Z.cumsum(axis=1)), RidgeClassifier()), "mixes"),
        ((SVC(kernel="poly"),), "SVC"),
        ((SVC(decision_function_shape="ovo"),), "ovr"),
    ],
)
def test_what_cannot_be_explained_is_named(steps, name, digits):
    X, y, X_new = digits
    model = make_pipeline(roots(), *steps).fit(X, y)
    with pytest.raises(ValueError, match=name):
        explain(model, X_new)


@pytest.mark.parametrize("n_classes", [2, 10])
@pytest.mark.parametrize("boundary", ["cut", "periodic"])
def test_shares_of_local_kernels_sum_to_the_decision(n_classes, boundary, digits):
    X, y, X_new = digits
    own = y < n_classes
    two = [ScatteringTransformer(J=1, L=4), ScatteringTransformer(J=2, L=2)]
    model = LocalKernelRidge(
        two, patch_size=(1, 2), mirrored=True, boundary=boundary
    ).fit(X[own], y[own])
    why = explain(model, X_new)
    assert [part.shares.shape[1:] for part in why.parts] == (
        2 * [(1, 1, 4, 4)] + 2 * [(1, 1, 2, 2)]
    )
    assert [part.name for part in why.parts] == [
        f"patches {size}×{size} of maps {maps}" for maps in (1, 2) for size in (1, 2)
    ]
    np.testing.assert_allclose(why.decisions, margins(model, X_new), atol=1e-4)
    np.testing.assert_allclose(why.totals(), why.decisions, atol=1e-9)
    places = why.by_place((8, 8)).sum(axis=(1, 2))
    np.testing.assert_allclose(places + why.bases, why.decisions, atol=1e-9)
    against = explain(model, X_new, reference=X_new[:1])
    np.testing.assert_allclose(against.parts[0].shares[0], 0, atol=1e-9)
    np.testing.assert_allclose(against.totals(), why.decisions, atol=1e-9)
    np.testing.assert_allclose(against.bases[0], why.decisions[0], atol=1e-9)


def test_share_of_a_place_does_not_depend_on_what_is_far_from_it(digits):
    X, y, X_new = digits
    X, X_new = (Z.reshape(-1, 8, 8) for Z in (X, X_new))
    model = LocalKernelRidge(patch_size=2).fit(X, y)  # images are the maps
    other = X_new.copy()
    other[:, :, 5:] = X_new[::-1, :, 5:]
    pair = class_and_runner_up(model, X_new)
    (a, _), (b, _) = (local_kernel_shares(model, Z, pair)[1:3] for Z in (X_new, other))
    a, b = (shares.reshape(-1, 8, 8) for shares in (a, b))
    np.testing.assert_allclose(a[:, :, :4], b[:, :, :4], atol=1e-12)
    assert np.abs(a - b)[:, :, 5:].max() > 0.01


def test_local_kernel_in_pipelines_with_copies_and_chosen_is_explained(digits):
    X, y, X_new = digits
    ridge = LocalKernelRidge(ScatteringTransformer(J=1, L=4))
    models = [
        AugmentedClassifier(ridge, "affine", n_copies=2, image_shape=(8, 8)),
        make_pipeline(
            ScatteringTransformer(J=1, L=4, output="maps"), LocalKernelRidge()
        ),
        ScatteringClassifier("scat_local"),
    ]
    for model in models:
        model.fit(X, y)
        why = explain(model, X_new)
        scale = np.abs(why.decisions).max()
        np.testing.assert_allclose(
            why.totals(), margins(model, X_new), atol=1e-4 * scale
        )
        assert (why.classes == model.predict(X_new)).all()


def test_removing_places_that_decide_flips_a_local_kernel_sooner_than_chance(digits):
    X, y, X_new = digits
    scattering = ScatteringTransformer(J=1, L=4, output="maps").fit(X)
    maps, maps_new = scattering.transform(X), scattering.transform(X_new)
    model = LocalKernelRidge(patch_size=1).fit(maps, y)
    why = explain(model, maps_new)
    places = why.parts[0].by_place().reshape(N, 16)
    rng = np.random.default_rng(0)
    flipped = []
    for order in (
        np.argsort(-places, axis=1),
        rng.permuted(np.argsort(places, axis=1), axis=1),
        np.argsort(places, axis=1),
    ):
        kept = np.ones((N, 16), bool)
        np.put_along_axis(kept, order[:, :6], False, axis=1)
        own = maps_new * kept.reshape(N, 1, 4, 4)
        flipped.append(np.mean(model.predict(own) != why.classes))
    most, any_, least = flipped
    assert most > 2 * any_ + 0.2
    assert least <= any_
