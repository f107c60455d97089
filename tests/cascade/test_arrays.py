"""The cascade is written once, for every library of the array API."""

import array_api_strict
import numpy as np
import pytest
import torch

from sklearn_scat.cascade import (
    Grid,
    Wavelet2d,
    rigid_operators,
    scattering,
    scattering_tiles,
    separable_operators,
    wavelet_operators,
)
from sklearn_scat.filters import circle_bank, morlet_bank

LIBRARIES = {
    "numpy": np.asarray,
    "torch": torch.asarray,
    "array_api_strict": array_api_strict.asarray,
}
PADDINGS = ("reflect", "zero", "periodic")


def layers(form, like, *, shape=(24, 32), J=2, L=4, padding="reflect"):
    """Return the operators of a form, in the library of an array."""
    grid = Grid(shape, J, padding)
    bank = morlet_bank(J, grid.padded, L=L)
    if form == "translation":
        return wavelet_operators(bank, grid, like=like)
    W = Wavelet2d.from_bank(grid, bank, like=like)
    if form == "rigid":
        return rigid_operators(W, circle_bank(2, 2 * L))
    return separable_operators(W, circle_bank(1, L, conjugate=True))


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("library", LIBRARIES)
def test_scattering_of_any_library_equals_the_definition(oracle, rng, library, padding):
    x = rng.normal(size=(16, 20))
    images = LIBRARIES[library](x[None])
    operators = layers("translation", images, shape=x.shape, L=3, padding=padding)

    S = scattering(images, operators)

    assert type(S) is type(images)
    expected = oracle.Oracle(x.shape, 2, L=3, padding=padding)(x)
    np.testing.assert_allclose(np.from_dlpack(S)[0], expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("form", ["translation", "rigid", "separable"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_libraries_agree(rng, form, dtype):
    x = rng.normal(size=(2, 3, 24, 32)).astype(dtype)
    S = {}
    for library, asarray in LIBRARIES.items():
        images = asarray(x)
        S[library] = np.from_dlpack(scattering_tiles(images, layers(form, images)))

    for library in LIBRARIES:
        assert S[library].dtype == dtype
        tolerance = {"float32": 2e-6, "float64": 1e-13}[dtype]
        np.testing.assert_allclose(S[library], S["numpy"], rtol=0, atol=tolerance)


@pytest.mark.parametrize("library", LIBRARIES)
def test_no_images_give_no_coefficients_in_any_library(library):
    images = LIBRARIES[library](np.empty((0, 24, 32), np.float32))

    S = scattering_tiles(images, layers("translation", images))

    assert tuple(S.shape) == (0, 1 + 2 * 4 + 4 * 4, 6, 8)


def test_numpy_images_are_left_as_they_are(rng):
    x = rng.normal(size=(2, 24, 32))
    before = x.copy()

    scattering(x, layers("translation", x))

    np.testing.assert_array_equal(x, before)
