"""What comes back from coefficients, and what does not."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler
from sklearn.svm import SVC

from sklearn_scat import (
    NormalizedScattering,
    RotoTranslationScattering,
    ScatteringTransformer,
)
from sklearn_scat.datasets import load_digits_images
from sklearn_scat.engines import _native
from sklearn_scat.inversion import _descent, interpolate, reconstruct
from sklearn_scat.inversion._objective import Modules, Objective
from sklearn_scat.inversion._steps import split, undo
from sklearn_scat.transformers._module import ScatteringFeatures


@pytest.fixture(scope="module")
def crops(natural_crops):
    return natural_crops[:, 16:48, 16:48]


@pytest.fixture(scope="module")
def digits():
    """Digits in [0, 16]: (4, 16, 16)."""
    return load_digits_images().images[:4].reshape(4, 16, 2, 16, 2).mean((2, 4))


def recovered(X, J, max_order=2, **parameters):
    scattering = ScatteringTransformer(J=J, L=4, max_order=max_order).fit(X)
    S = scattering.transform(X)
    return reconstruct(scattering, S, reference=X, **{"max_iter": 120} | parameters)


@pytest.mark.parametrize(
    "transformer",
    [
        ScatteringTransformer(J=2, L=4),
        ScatteringTransformer(J=2, L=4, orientation_pooling=True, padding="zero"),
        ScatteringTransformer(J=1, L=4, pooling="mean", frame="tight"),
        ScatteringTransformer(J=2, L=4, padding="periodic", oversampling=1),
        RotoTranslationScattering(J=2, L=4),
        RotoTranslationScattering(J=2, L=4, form="separable"),
    ],
)
def test_module_computes_the_features_of_the_transformer(rng, transformer):
    X = rng.random((2, 3, 8, 12))
    S = transformer.fit(X).transform(X)
    np.testing.assert_allclose(
        ScatteringFeatures(transformer)(torch.from_numpy(X)).numpy(), S, atol=1e-12
    )


def objective_of(scattering, maps, tv=0.0):
    paths = scattering.paths_
    every = np.ones(len(paths), bool)
    return Objective(Modules(scattering), maps, paths=paths, chosen=every, tv=tv)


@pytest.mark.parametrize("tv", [0.0, 0.1])
def test_gradient_is_that_of_finite_differences(rng, tv):
    X = rng.random((1, 8, 8))
    scattering = ScatteringTransformer(J=2, L=4, engine="torch").fit(X)
    maps = scattering.transform(X).reshape(scattering.output_shape_)
    objective = objective_of(scattering, maps, tv=tv)
    x, step = rng.random(64), 1e-6 * rng.standard_normal(64)

    _, gradient = objective(x)

    change = (objective(x + step)[0] - objective(x - step)[0]) / 2
    assert gradient @ step == pytest.approx(change, rel=1e-6)


def test_order_two_keeps_more_than_order_one_and_large_scales_less(crops):
    X = crops[:3, :24, :24]
    psnr = {
        (J, order): recovered(X, J, order, max_iter=60).psnr.mean()
        for J, order in [(1, 1), (2, 1), (2, 2), (3, 2)]
    }
    assert psnr[2, 2] > psnr[2, 1]
    assert psnr[1, 1] > psnr[2, 2] > psnr[3, 2]


def test_loss_never_rises_and_coefficients_are_reached(crops):
    result = recovered(crops[:2, :24, :24], 2, 1)

    assert np.all(np.diff(result.loss, axis=1) <= 0)
    assert result.loss.shape[0] == 2
    assert np.all(result.error < 5e-2)
    assert result.image.shape == result.reference.shape == (2, 24, 24)


@pytest.mark.parametrize("frame", ["none", "contractive", "tight"])
@pytest.mark.parametrize("padding", ["reflect", "periodic"])
def test_constant_image_is_recovered_exactly(frame, padding):
    X = np.stack(
        [np.full((16, 16), 3.7), np.full((16, 16), -200.0), np.zeros((16, 16))]
    )
    scattering = ScatteringTransformer(J=2, frame=frame, padding=padding).fit(X)

    result = reconstruct(scattering, scattering.transform(X))

    np.testing.assert_allclose(result.image, X, rtol=1e-9, atol=1e-12)
    assert result.psnr is None


def test_units_of_pixels_do_not_matter(crops):
    few = {"max_iter": 8}
    one, large = recovered(crops[:1], 2, **few), recovered(1024 * crops[:1], 2, **few)
    np.testing.assert_allclose(large.image, 1024 * one.image, rtol=1e-9)
    np.testing.assert_allclose(large.psnr, one.psnr)
    np.testing.assert_allclose(large.loss, 1024**2 * one.loss)


def test_order_zero_alone_gives_back_a_blur(crops):
    X = crops[:1]
    scattering = ScatteringTransformer(J=2, L=4).fit(X)
    S = scattering.transform(X)

    blurred = reconstruct(scattering, S, orders=[0], max_iter=30)

    change = np.abs(scattering.transform(blurred.image) - S)
    first = np.repeat(scattering.paths_["order"] == 0, 64)
    assert blurred.error[0] < 1e-3
    assert change[:, first].max() < 0.01 * change[:, ~first].max()


def test_total_variation_makes_flatter_images(crops):
    def variation(result):
        return np.abs(np.diff(result.image, axis=-1)).sum()

    plain, smooth = (recovered(crops[:1], 2, tv=tv, max_iter=40) for tv in (0.0, 0.3))
    assert variation(smooth) < 0.8 * variation(plain)
    assert smooth.error[0] > plain.error[0]


def test_channels_and_forms_of_input(rng):
    X = rng.random((2, 3, 8, 8))
    scattering = ScatteringTransformer(J=1, L=4, output="maps").fit(X)
    S = scattering.transform(X)

    maps = reconstruct(scattering, S, max_iter=5)
    rows = reconstruct(
        scattering, S.reshape(2, -1), reference=X.reshape(2, -1), max_iter=5
    )

    assert maps.image.shape == X.shape
    np.testing.assert_array_equal(maps.image, rows.image)
    assert rows.psnr.shape == (2,)


def test_progress_is_reported_where_asked(crops, capsys):
    recovered(crops[:1], 1, max_iter=3, verbose=1)
    assert "image 1/1] 3/3 steps" in capsys.readouterr().err
    recovered(crops[:1], 1, max_iter=3)
    assert not capsys.readouterr().err


def test_interpolation_goes_from_one_image_to_the_other(crops):
    X = crops[:3, :16, :16]
    scattering = ScatteringTransformer(J=1, L=4, frame="contractive").fit(X)

    result = interpolate(scattering, X[0], X[1], n_steps=3, images=X, max_iter=80)

    np.testing.assert_allclose(result.t, [0, 0.5, 1])
    np.testing.assert_allclose(result.blend[1], (X[0] + X[1]) / 2)
    np.testing.assert_allclose(result.blend_distance[[0, 2]], 0, atol=1e-12)
    assert np.all(result.distance[[0, 2]] < result.distance[1])
    assert result.image.shape == (3, 16, 16)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"orders": [3]}, r"orders must be some of \[0, 1, 2\]"),
        ({"orders": []}, "orders must be some of"),
        ({"tv": -1}, "tv must be"),
        ({"max_iter": 0}, "max_iter must be"),
        ({"reference": np.ones((2, 8, 8))}, "S has 1 rows, and reference 2"),
        ({"reference": np.ones((1, 9, 9))}, "reference has images of shape"),
        ({"data_range": 0}, "data_range must be"),
    ],
)
def test_reconstruct_refuses(parameters, message):
    scattering = ScatteringTransformer(J=2).fit(np.ones((1, 8, 8)))
    S = scattering.transform(np.ones((1, 8, 8)))
    with pytest.raises(ValueError, match=message):
        reconstruct(scattering, S, **parameters)


def test_wrong_transformers_and_coefficients_are_refused():
    scattering = ScatteringTransformer(J=2)
    with pytest.raises(TypeError, match="must be a fitted ScatteringTransformer"):
        reconstruct(make_pipeline(StandardScaler()), np.ones((1, 324)))
    with pytest.raises(ValueError, match="not fitted"):
        reconstruct(scattering, np.ones((1, 324)))
    scattering.fit(np.ones((1, 8, 8)))
    with pytest.raises(ValueError, match=r"S must have the shape \(n, 324\)"):
        reconstruct(scattering, np.ones((1, 323)))
    with pytest.raises(ValueError, match="NaN"):
        reconstruct(scattering, np.full((1, 324), np.nan))
    with pytest.raises(ValueError, match="n_steps must be"):
        interpolate(scattering, np.ones((8, 8)), np.ones((8, 8)), n_steps=1)
    with pytest.raises(ValueError, match="x1 has images of shape"):
        interpolate(scattering, np.ones((8, 8)), np.ones((9, 9)))


def test_total_variation_counts_both_axes(rng):
    """That of an image, of its transpose, and of ramps along each axis and both."""
    scattering = ScatteringTransformer(J=1, L=2).fit(rng.random((1, 8, 8)))
    maps = np.ones((1, len(scattering.paths_), 4, 4))
    objective = objective_of(scattering, maps, tv=1.0)

    def variation(x):
        return float(objective._variation(torch.from_numpy(x)[None, None]))

    image = rng.random((8, 8))
    assert variation(image) == pytest.approx(variation(image.T.copy()))
    down = np.repeat(np.arange(8.0)[:, None], 8, axis=1)
    assert variation(down) == pytest.approx(56, rel=1e-2)  # 7 steps in 8 columns
    assert variation(down.T.copy()) == pytest.approx(56, rel=1e-2)
    both = 49 * 2**0.5 + 14  # of the last row and column one step each
    assert variation(down + down.T) == pytest.approx(both, rel=1e-2)


def test_averages_first_find_better_minima_than_noise(digits):
    X = digits
    scattering = ScatteringTransformer(J=3).fit(X)
    S = scattering.transform(X)

    average, noise = (
        reconstruct(scattering, S, reference=X, init=init, max_iter=100)
        for init in ("average", "noise")
    )

    assert average.psnr.mean() > noise.psnr.mean() + 6
    assert np.median(average.loss[:, -1]) < np.median(noise.loss[:, -1])


def test_of_several_descents_the_lowest_is_kept(crops):
    X = crops[:1, :16, :16]
    scattering = ScatteringTransformer(J=3, L=4).fit(X)
    S = scattering.transform(X)

    lowest = [
        reconstruct(scattering, S, n_restarts=n, max_iter=40).loss[0, -1]
        for n in (1, 2, 4, 6)
    ]

    assert np.all(np.diff(lowest) <= 0)
    assert lowest[-1] < lowest[0]


def test_given_images_are_where_the_descent_begins(crops):
    X = crops[:2, :16, :16]
    scattering = ScatteringTransformer(J=2, L=4).fit(X)
    S = scattering.transform(X)

    there = reconstruct(scattering, S, init=X)
    near = reconstruct(scattering, S, init=X + 1e-3, reference=X, max_iter=1)
    again = reconstruct(scattering, S, init=X, n_restarts=2, max_iter=5)

    np.testing.assert_array_equal(there.image, X)
    assert np.all(near.psnr > 50)
    np.testing.assert_array_equal(again.image, X)


def test_scales_are_added_from_the_coarsest_on(crops):
    scattering = ScatteringTransformer(J=3, L=4).fit(crops)
    maps = scattering.transform(crops[:1]).reshape(scattering.output_shape_)
    objective = objective_of(scattering, maps)
    paths = scattering.paths_

    sets = objective.scales()

    assert [set(paths["j1"][s]) for s in sets] == [{-1}, {-1, 2}, {-1, 1, 2}]
    x = crops[1].ravel()
    losses = [objective(x, among=s)[0] for s in sets] + [objective(x)[0]]
    assert np.all(np.diff(losses) > 0)
    some = Objective(
        Modules(scattering), maps, paths=paths, chosen=paths["order"] == 1, tv=0.0
    )
    assert [set(paths["j1"][s]) for s in some.scales()] == [{2}, {1, 2}]


def test_native_gradient_is_that_of_float64_and_is_used(rng):
    X = rng.random((1, 3, 16, 16))
    scattering = ScatteringTransformer(J=2, L=4).fit(X)
    maps = scattering.transform(X)[0].reshape(scattering.output_shape_)
    exact = objective_of(ScatteringTransformer(J=2, L=4, engine="torch").fit(X), maps)
    objective = objective_of(scattering, maps)
    x = rng.random(X.size)

    (loss, gradient), (true_loss, truth) = objective(x), exact(x)

    assert loss == pytest.approx(true_loss, rel=1e-5)
    assert np.linalg.norm(gradient - truth) < 1e-4 * np.linalg.norm(truth)
    assert exact.modules.fast is exact.modules.exact
    native = _native.available()
    assert objective.modules.fast.uses_native() == native
    assert (np.abs(gradient - truth).max() > 0) == native


@pytest.mark.parametrize(
    "transformer",
    [
        ScatteringTransformer(J=2, engine="definition"),
        ScatteringTransformer(J=2, oversampling=1),
        ScatteringTransformer(J=2, max_order=3),
        ScatteringTransformer(J=2, pooling="mean"),
        RotoTranslationScattering(J=2, L=4),
    ],
)
def test_what_the_kernel_cannot_compute_is_computed_in_float64(transformer, rng):
    modules = Modules(transformer.fit(rng.random((1, 8, 8))))
    assert modules.fast is modules.exact
    assert modules.fast.dtype == torch.float64


def test_colours_come_back_as_their_channels_do(digits):
    X = digits[None, :3]
    scattering = ScatteringTransformer(J=2, L=8).fit(X)
    result = reconstruct(scattering, scattering.transform(X), max_iter=100)
    rms = np.sqrt(((result.image - X) ** 2).mean((0, 2, 3)) / X.var((0, 2, 3)))
    assert result.image.shape == X.shape
    assert np.all(rms < 0.02)


@pytest.mark.parametrize("method", ["sqrt", "log", "renorm", "standard"])
def test_normalised_coefficients_and_linear_steps_are_undone(crops, method):
    X = crops[:, :16, :16]
    normalized = NormalizedScattering(ScatteringTransformer(J=2, L=4), method=method)
    # the six images lie in a space of five dimensions
    steps = make_pipeline(StandardScaler(), "passthrough", PCA(5, whiten=True))
    model = make_pipeline(normalized, steps).fit(X)

    scattering, steps = split(model)
    S = scattering.transform(X)
    undone = undo(steps, model.transform(X))

    kept = np.abs(S) if method in ("sqrt", "log") else S
    np.testing.assert_allclose(undone, kept, atol=1e-9)
    result = reconstruct(model, model.transform(X[:2]), reference=X[:2], max_iter=30)
    direct = reconstruct(scattering, kept[:2], reference=X[:2], max_iter=30)
    np.testing.assert_allclose(result.error, direct.error, rtol=0.5)


def test_interpolation_of_a_pipeline_goes_along_its_features(crops):
    X = crops[:4, :16, :16]
    model = make_pipeline(ScatteringTransformer(J=1, L=4), StandardScaler()).fit(X)

    way = interpolate(model, X[0], X[1], n_steps=3, max_iter=20)
    straight = interpolate(model[0], X[0], X[1], n_steps=3, max_iter=20)

    # a scaler is affine: the line is the same
    np.testing.assert_allclose(way.image, straight.image, atol=0.02)


@pytest.mark.parametrize("step", [SelectKBest(k=3), Normalizer(), SVC()])
def test_steps_without_an_inverse_are_refused(crops, step):
    X = crops[:, :16, :16]
    model = make_pipeline(ScatteringTransformer(J=2, L=4), step)
    model.fit(X, [0, 1, 0, 1, 0, 1])
    with pytest.raises(TypeError, match=f"{type(step).__name__} cannot be inverted"):
        reconstruct(model, np.ones((1, 3)))


def test_beginnings_are_checked(crops):
    scattering = ScatteringTransformer(J=2, L=4).fit(crops)
    S = scattering.transform(crops[:1])
    with pytest.raises(ValueError, match=r"init must be one of \('average', 'noise'\)"):
        reconstruct(scattering, S, init="zeros")
    with pytest.raises(ValueError, match="S has 1 rows, and init 2 images"):
        reconstruct(scattering, S, init=crops[:2])
    with pytest.raises(ValueError, match="n_restarts must be"):
        reconstruct(scattering, S, n_restarts=0)


def test_interpolation_measures_sharpness_beside_distance(crops):
    X = crops[:3, :16, :16]
    scattering = ScatteringTransformer(J=1, L=4).fit(X)

    way = interpolate(scattering, X[0], X[1], n_steps=3, max_iter=60)

    energy = [(np.diff(x, axis=0) ** 2).sum() + (np.diff(x) ** 2).sum() for x in X[:2]]
    middle = X[:2].mean(axis=0)
    found = (np.diff(middle, axis=0) ** 2).sum() + (np.diff(middle) ** 2).sum()
    np.testing.assert_allclose(way.blend_sharpness, [1, found / np.mean(energy), 1])
    np.testing.assert_allclose(way.blend_sharp_distance[[0, 2]], 0, atol=1e-12)
    gain = np.sqrt(np.mean(energy) / found)
    sharp = middle.mean() + gain * (middle - middle.mean())
    nearest = min(np.linalg.norm(sharp - x) for x in X[:2])
    assert way.blend_sharp_distance[1] == pytest.approx(nearest)
    assert way.sharpness[1] > way.blend_sharpness[1]


def test_every_further_descent_begins_with_noise(crops, monkeypatch):
    X = crops[:1, :16, :16]
    scattering = ScatteringTransformer(J=2, L=4).fit(X)
    begun = []

    def stay(objective, x, **parameters):
        begun.append(x)
        return _descent.Descent(x, np.zeros(1), 0.0)

    monkeypatch.setattr(_descent, "descend", stay)
    reconstruct(scattering, scattering.transform(X), init=X, n_restarts=3)

    np.testing.assert_array_equal(begun[0], X.ravel())
    noise = np.stack(begun[1:]) - X.ravel()
    assert np.all(noise.std(axis=1) > 0)
    assert not np.array_equal(*noise)
