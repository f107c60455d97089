import tracemalloc
from functools import partial

import numpy as np
import pytest

from sklearn_scat.filters import gaussian_hat, morlet_hat

# (grid, σ, θ, ξ, slant): ordinary, non-square, odd, elongated, and wider than its grid
ATOMS = [
    ((40, 40), 1.6, 0.3, 1.2, 0.5),
    ((24, 56), 0.8, -np.pi / 2, 2.35, 0.5),
    ((17, 9), 0.8, 3 * np.pi / 8, 2.35, 4 / 3),
    ((48, 32), 3.2, np.pi / 5, 0.6, 0.25),
    ((24, 24), 3.2, 1.0, 0.6, 0.25),
    ((24, 24), 3.2, -0.7, 0.6, 4.0),
]


@pytest.mark.parametrize(("shape", "sigma", "theta", "xi", "slant"), ATOMS)
def test_morlet_hat_equals_spatial_sum(oracle, shape, sigma, theta, xi, slant):
    wave = oracle.gabor(shape, sigma, theta, xi, slant)
    envelope = oracle.gabor(shape, sigma, theta, 0.0, slant)
    psi = wave - wave.sum() / envelope.sum() * envelope

    psi_hat = morlet_hat(shape, sigma=sigma, theta=theta, xi=xi, slant=slant)

    np.testing.assert_allclose(psi_hat, oracle.spectrum(psi).real, atol=1e-9)


@pytest.mark.parametrize(("shape", "sigma", "theta", "xi", "slant"), ATOMS)
def test_morlet_hat_is_real_of_mean_zero(shape, sigma, theta, xi, slant):
    psi_hat = morlet_hat(shape, sigma=sigma, theta=theta, xi=xi, slant=slant)

    assert psi_hat.dtype == np.float64
    assert psi_hat.shape == shape
    assert psi_hat[0, 0] == 0


def test_morlet_hat_half_turn_reflects_frequencies(oracle):
    atom = {"sigma": 1.6, "xi": 1.2, "slant": 0.5}
    psi_hat = morlet_hat((32, 30), theta=0.4, **atom)
    turned = morlet_hat((32, 30), theta=0.4 + np.pi, **atom)

    # the −Nyquist frequency is its own reflection
    np.testing.assert_allclose(turned, oracle.at_minus(psi_hat), atol=1e-14)


def test_morlet_hat_transposes_with_its_angle():
    atom = {"sigma": 1.6, "xi": 1.2, "slant": 0.5}
    psi_hat = morlet_hat((32, 24), theta=0.4, **atom)
    transposed = morlet_hat((24, 32), theta=np.pi / 2 - 0.4, **atom)

    np.testing.assert_allclose(transposed, psi_hat.T, atol=1e-14)


def test_morlet_hat_peaks_at_its_central_frequency():
    n, xi, theta = 256, np.pi / 4, 0.6
    psi_hat = morlet_hat((n, n), sigma=6.4, theta=theta, xi=xi, slant=0.5)

    peak = np.array(np.unravel_index(psi_hat.argmax(), psi_hat.shape)) * 2 * np.pi / n

    np.testing.assert_allclose(
        peak, xi * np.array([np.cos(theta), np.sin(theta)]), atol=2 * np.pi / n
    )


@pytest.mark.parametrize("n", [1, 2, 7, 8, 36])
@pytest.mark.parametrize("sigma", [0.4, 0.8, 1.6])
def test_gaussian_hat_equals_spatial_sum(n, sigma):
    u = np.arange(-200 * n, 200 * n)
    phi = np.exp(-(u**2) / (2 * sigma**2)) / np.sqrt(2 * np.pi * sigma**2)
    periodised = phi.reshape(400, n).sum(0)

    phi_hat = gaussian_hat(n, sigma=sigma)

    np.testing.assert_allclose(phi_hat, np.fft.fft(periodised).real, atol=1e-14)


def test_gaussian_hat_is_even_and_positive_in_space():
    phi_hat = gaussian_hat(40, sigma=3.2)

    np.testing.assert_allclose(phi_hat[1:], phi_hat[:0:-1], atol=1e-16)
    assert np.fft.ifft(phi_hat).real.min() > -1e-15


@pytest.mark.parametrize(("J", "excess"), [(0, 0.18), (1, 1.3e-5), (2, 1e-12)])
def test_gaussian_hat_mean_passes_one_by_aliasing(J, excess):
    phi_hat = gaussian_hat(32, sigma=0.8 * 2.0 ** (J - 1))

    square = phi_hat[0] ** 2  # the 2-D low-pass is the product over the axes
    assert 0 <= square - 1 <= 1.1 * excess
    assert square - 1 >= (0.9 * excess if J < 2 else 0)


@pytest.mark.parametrize(
    "build",
    [
        partial(gaussian_hat, 200_000, sigma=0.8),
        partial(morlet_hat, (60, 3_000), sigma=0.8, theta=0.4, xi=2.4, slant=0.5),
        partial(morlet_hat, (420, 430), sigma=0.8, theta=0.4, xi=2.4, slant=0.5),
    ],
)
def test_memory_of_an_atom_is_a_few_times_its_own(build):
    """The lattice within reach of a narrow atom is 13 times the grid."""
    tracemalloc.start()
    atom = build()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 3 * atom.nbytes + 2**20
