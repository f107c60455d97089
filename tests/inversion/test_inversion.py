"""What comes back from coefficients, and what does not."""

import numpy as np
import pytest
import torch
from sklearn.pipeline import make_pipeline

from sklearn_scat import RotoTranslationScattering, ScatteringTransformer
from sklearn_scat.inversion import interpolate, reconstruct
from sklearn_scat.inversion._descent import Objective
from sklearn_scat.transformers._module import ScatteringFeatures


@pytest.fixture(scope="module")
def crops(natural_crops):
    return natural_crops[:, 16:48, 16:48]


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


@pytest.mark.parametrize("tv", [0.0, 0.1])
def test_gradient_is_that_of_finite_differences(rng, tv):
    X = rng.random((1, 8, 8))
    scattering = ScatteringTransformer(J=2, L=4).fit(X)
    order = scattering.paths_["order"]
    maps = scattering.transform(X).reshape(scattering.output_shape_)
    objective = Objective(
        ScatteringFeatures(scattering), maps, order=order, chosen=order >= 0, tv=tv
    )
    x, step = rng.random(64), 1e-6 * rng.standard_normal(64)

    _, gradient = objective(x)

    change = (objective(x + step)[0] - objective(x - step)[0]) / 2
    assert gradient @ step == pytest.approx(change, rel=1e-6)


def test_order_two_keeps_more_than_order_one_and_large_scales_less(crops):
    X = crops[:, :24, :24]
    psnr = {
        (J, order): recovered(X, J, order, max_iter=80).psnr.mean()
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
        reconstruct(make_pipeline(scattering), np.ones((1, 324)))
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
    order = scattering.paths_["order"]
    objective = Objective(
        ScatteringFeatures(scattering), maps, order=order, chosen=order >= 0, tv=1.0
    )

    def variation(x):
        return float(objective._variation(torch.from_numpy(x)[None, None]))

    image = rng.random((8, 8))
    assert variation(image) == pytest.approx(variation(image.T.copy()))
    down = np.repeat(np.arange(8.0)[:, None], 8, axis=1)
    assert variation(down) == pytest.approx(56, rel=1e-2)  # 7 steps in 8 columns
    assert variation(down.T.copy()) == pytest.approx(56, rel=1e-2)
    both = 49 * 2**0.5 + 14  # of the last row and column one step each
    assert variation(down + down.T) == pytest.approx(both, rel=1e-2)
