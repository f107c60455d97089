"""Real matrix products give the numbers of the definition."""

import numpy as np
import pytest

from sklearn_scat.cascade import Grid, RealWavelet2d, Wavelet2d, scattering
from sklearn_scat.cascade._real_operators import (
    dft_matrix,
    inverse_dft_matrix,
    separable,
)
from sklearn_scat.filters import morlet_bank


@pytest.mark.parametrize("oversampling", [0, 1])
@pytest.mark.parametrize("padding", ["reflect", "periodic"])
@pytest.mark.parametrize("max_order", [0, 1, 3])
def test_coefficients_are_those_of_the_definition(
    oversampling, padding, max_order, rng
):
    grid = Grid((16, 24), 3, padding, oversampling)
    bank = morlet_bank(3, grid.padded, L=3)
    x = rng.normal(size=(2, 16, 24))
    S, T = (
        scattering(x, [kind.from_bank(grid, bank, like=x)] * (max_order + 1))
        for kind in (Wavelet2d, RealWavelet2d)
    )
    np.testing.assert_allclose(T, S, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_matrices_are_the_discrete_fourier_transform(n, rng):
    x = rng.normal(size=(n, 3))
    np.testing.assert_allclose(dft_matrix(n) @ x, np.fft.fft(x, axis=0), atol=1e-12)
    np.testing.assert_allclose(
        inverse_dft_matrix(n) @ dft_matrix(n), np.eye(n), atol=1e-12
    )


def test_parts_are_those_of_the_complex_product(rng):
    x, A, B = (
        rng.normal(size=size) + 1j * rng.normal(size=size)
        for size in ((2, 4, 5), (3, 4), (6, 5))
    )
    real, imaginary = separable((x.real, x.imag), A, B)
    np.testing.assert_allclose(real + 1j * imaginary, A @ x @ B.T)
    real, imaginary = separable((x.real, None), A, B)
    np.testing.assert_allclose(real + 1j * imaginary, A @ x.real @ B.T)
