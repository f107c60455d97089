"""Deformations, and what they do to pixels, Fourier moduli and scattering."""

import numpy as np
import pytest

from sklearn_scat import ScatteringTransformer
from sklearn_scat.analysis import (
    dilation_stability,
    random_diffeomorphism,
    relative_stability,
)


def identity(images):
    return images


def fourier_modulus(images):
    return np.abs(np.fft.fft2(images))


def scattering_of(images, *scales):
    return {f"J={J}": ScatteringTransformer(J=J, L=4).fit(images) for J in scales}


def test_diffeomorphism_moves_the_centre_by_the_displacement():
    rows, columns = np.indices((33, 33), dtype=float)
    X = np.tile([rows, columns], (400, 1, 1, 1))  # the channels are the coordinates

    moved = random_diffeomorphism(X, 2.0, random_state=0) - X

    centre = moved[:, :, 16, 16]
    assert np.sqrt((centre**2).mean()) == pytest.approx(2.0, rel=0.25)
    assert np.abs(centre.mean()) < 0.2
    border = np.ones((33, 33), bool)
    border[1:-1, 1:-1] = False
    assert np.abs(moved[:, :, border]).max() < 1e-9


def test_diffeomorphism_keeps_constants_and_the_order_of_pixels(rng):
    ramp = np.tile(np.arange(32.0), (50, 32, 1))

    constant = random_diffeomorphism(0 * ramp + 3, random_state=0)
    np.testing.assert_allclose(constant, 3)
    deformed = random_diffeomorphism(ramp, 1.0, random_state=rng.integers(9))
    assert np.mean(np.diff(deformed, axis=2) >= 0) > 0.999


def test_diffeomorphism_of_no_displacement_is_the_identity(rng):
    X = rng.normal(size=(2, 3, 8, 9))
    np.testing.assert_allclose(random_diffeomorphism(X, 0.0), X, atol=1e-12)


def test_diffeomorphism_draws_a_field_an_image_and_repeats_by_seed(rng):
    X = np.repeat(rng.normal(size=(1, 16, 16)), 2, axis=0)

    first, second = (random_diffeomorphism(X, 1.0, random_state=0) for _ in range(2))

    np.testing.assert_array_equal(first, second)
    assert np.abs(first[0] - first[1]).max() > 0.1


@pytest.mark.parametrize(
    ("shape", "parameters", "message"),
    [
        ((4, 64), {}, "must be images of shape"),
        ((4, 8, 8), {"displacement": 1.0}, r"from 0 to N / \(π·cut\) = 0.849"),
        ((4, 8, 8), {"displacement": -0.1}, "must be a number of pixels"),
        ((4, 8, 8), {"displacement": 0.1, "cut": 1}, "cut must be a whole number"),
    ],
)
def test_diffeomorphism_refuses(shape, parameters, message):
    with pytest.raises(ValueError, match=message):
        random_diffeomorphism(np.ones(shape), **parameters)


@pytest.mark.parametrize("displacement", [0.5, 2.0])
def test_identity_has_a_relative_stability_of_one(natural_crops, displacement):
    result = relative_stability(identity, natural_crops, displacement=displacement)

    np.testing.assert_allclose(result.R, [[1.0]], atol=1e-6)
    assert 0 < result.D[0, 0] < 1


def test_relative_stability_of_a_multiple_is_that_of_the_whole(natural_crops):
    functions = {"one": identity, "ten": lambda x: 10 * x}
    result = relative_stability(functions, natural_crops)
    np.testing.assert_allclose(result.R[0], result.R[1])
    np.testing.assert_allclose(result.D[0], result.D[1])


def test_scattering_ignores_deformations_more_with_the_scale(natural_crops):
    functions = scattering_of(natural_crops, 2, 3, 4)

    X = np.repeat(natural_crops, 2, axis=0)  # six fields alone would say little
    result = relative_stability(functions, X, displacement=[1.0, 2.0])

    assert result.layers == ("J=2", "J=3", "J=4")
    assert result.R.shape == result.D.shape == (3, 2)
    assert np.all(result.R < 1)
    assert np.all(np.diff(result.R, axis=0) < 0)


def test_averages_forget_noise_before_deformations(natural_crops):
    blur = {"blur": lambda x: x.reshape(-1, 8, 8, 8, 8).mean((2, 4))}
    assert relative_stability(blur, natural_crops).R[0, 0] > 1


def test_constant_representation_moves_nowhere(natural_crops):
    result = relative_stability(lambda x: np.ones((len(x), 3)), natural_crops)
    assert result.R[0, 0] == result.D[0, 0] == 0


@pytest.mark.parametrize(
    ("represent", "X", "error", "message"),
    [
        (identity, np.ones((1, 8, 8)), ValueError, "minimum of 2 is required"),
        (identity, np.full((3, 8, 8), np.nan), ValueError, "NaN"),
        (identity, np.ones((3, 64)), ValueError, "must be images"),
        (lambda x: x[:1], np.ones((3, 8, 8)), ValueError, "one row for each"),
        ("S", np.ones((3, 8, 8)), TypeError, "a function of images"),
        ({}, np.ones((3, 8, 8)), ValueError, "empty mapping"),
    ],
)
def test_relative_stability_refuses(represent, X, error, message):
    with pytest.raises(error, match=message):
        relative_stability(represent, X, displacement=0.2)


def test_dilations_move_scattering_little_and_fourier_moduli_far():
    images = np.zeros((1, 64, 64))
    functions = {"Fourier": fourier_modulus, **scattering_of(images, 3, 4)}

    result = dilation_stability(functions)

    fourier, *scattering = result.slope
    assert max(scattering) <= 3
    assert fourier >= 5 * max(scattering)
    assert result.distance.shape == (3, 4)


def test_dilation_slope_is_the_largest_distance_over_the_dilation():
    result = dilation_stability(identity, dilations=[-0.02, 0.05], size=32)
    np.testing.assert_allclose(
        result.slope, (result.distance / [0.02, 0.05]).max(axis=1)
    )


@pytest.mark.parametrize("dilations", [[], [0.0], [1.0], [np.nan], 0.1])
def test_dilation_stability_refuses(dilations):
    with pytest.raises(ValueError, match="numbers between"):
        dilation_stability(identity, dilations=dilations)


def test_changes_by_deformations_are_over_distances_of_different_images(rng):
    X = rng.normal(size=(6, 16, 16))
    result = relative_stability(identity, X, displacement=0.7, random_state=0)
    draw = np.random.RandomState(0)
    deformed = random_diffeomorphism(X, 0.7, random_state=draw)
    moved = ((deformed - X) ** 2).sum(axis=(1, 2)).mean()
    apart = [((X[i] - X[j]) ** 2).sum() for i in range(6) for j in range(6) if i != j]
    np.testing.assert_allclose(result.D, [[moved / np.mean(apart)]])
