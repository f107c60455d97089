import dataclasses
import tracemalloc

import numpy as np
import pytest

from sklearn_scat.filters import FRAMES, FilterBank, morlet_bank

BANKS = [
    # J, L, grid
    (2, 8, (36, 36)),
    (3, 8, (40, 48)),
    (4, 3, (64, 48)),
    (5, 3, (96, 96)),
    (3, 6, (40, 40)),
    (3, 16, (48, 48)),
    (1, 1, (6, 10)),
    (0, 8, (7, 9)),
]


@pytest.mark.parametrize(("J", "L", "shape"), BANKS)
@pytest.mark.parametrize("frame", FRAMES)
def test_morlet_bank_equals_spatial_filters(oracle, J, L, shape, frame):
    if frame == "tight" and L == 1:
        return  # has no such frame: see test_frames
    psi, phi = oracle.framed(*oracle.morlet_filters(J, L, shape), frame)

    bank = morlet_bank(J, shape, L=L, frame=frame)

    np.testing.assert_allclose(bank.psi_hat, oracle.spectrum(psi).real, atol=1e-12)
    np.testing.assert_allclose(bank.phi_hat, oracle.spectrum(phi).real, atol=1e-13)


@pytest.mark.parametrize(
    ("J", "L", "shape"),
    [(3, 16, (24, 24)), (4, 16, (48, 48)), (3, 16, (8, 8)), (4, 12, (48, 32))],
)
def test_morlet_bank_wider_than_its_grid_equals_spatial_filters(oracle, J, L, shape):
    psi, _ = oracle.morlet_filters(J, L, shape)

    bank = morlet_bank(J, shape, L=L)

    np.testing.assert_allclose(bank.psi_hat, oracle.spectrum(psi).real, atol=1e-9)


def test_morlet_bank_shapes_and_precision():
    bank = morlet_bank(3, (40, 56), L=6)

    assert (bank.J, bank.L, bank.shape, bank.frame) == (3, 6, (40, 56), "none")
    assert bank.psi_hat.shape == (3, 6, 40, 56)
    assert bank.phi_hat.shape == (40, 56)
    assert bank.psi_hat.dtype == bank.phi_hat.dtype == np.float64
    assert bank.nbytes == 8 * (3 * 6 * 40 * 56 + 40 + 56)


@pytest.mark.parametrize("L", [1, 2, 3, 6, 7, 8, 16])
def test_morlet_bank_orders_its_angles(L):
    n, J = 128, 3
    bank = morlet_bank(J, (n, n), L=L)
    first = int(L - L / 2 - 1)  # toward zero, as L = 1 shows

    for t in range(L):
        theta, xi = (first - t) * np.pi / L, 3 * np.pi / 4 / 4  # at j = 2
        peak = np.unravel_index(bank.psi_hat[2, t].argmax(), (n, n))
        signed = (np.array(peak) + n // 2) % n - n // 2
        centre = xi * np.array([np.cos(theta), np.sin(theta)]) * n / (2 * np.pi)
        # a wide filter's peak is moved outwards by taking the mean away
        assert np.abs(signed - centre).max() <= 2.5


def test_morlet_bank_eight_angles_go_down_from_three_eighths_of_pi():
    bank = morlet_bank(1, (64, 64))

    along_rows = bank.psi_hat[0, 3]  # θ = 0
    across = bank.psi_hat[0, 7]  # θ = −π/2
    # near ±3π/4, which is bin 24 (taking the mean away moves the peak outwards)
    assert np.unravel_index(along_rows.argmax(), (64, 64)) in [(24, 0), (25, 0)]
    assert np.unravel_index(across.argmax(), (64, 64)) in [(0, 40), (0, 39)]


def test_morlet_bank_dilates_by_octaves():
    n = 256
    bank = morlet_bank(5, (n, n), L=4)

    for j in (2, 3):  # below, the finer wavelet is cut at the highest frequency
        coarse = bank.psi_hat[j + 1][:, : n // 4, : n // 4]
        fine = bank.psi_hat[j][:, : n // 2 : 2, : n // 2 : 2]
        np.testing.assert_allclose(coarse, fine, atol=1e-13)


def test_morlet_bank_arrays_cannot_be_replaced():
    bank = morlet_bank(1, (8, 8), L=2)

    with pytest.raises(dataclasses.FrozenInstanceError):
        bank.psi_hat = np.zeros(3)


def test_filter_bank_phi_hat_is_the_product_of_its_factors(rng):
    rows, columns = rng.standard_normal(5), rng.standard_normal(3)
    bank = FilterBank(np.zeros((1, 1, 5, 3)), rows, columns)

    assert bank.phi_hat[4, 2] == rows[4] * columns[2]
    assert bank.phi_hat.shape == (5, 3)


def test_morlet_bank_large_costs_bounded_work(monkeypatch):
    """At 512², J = 5 the 25 shifts of the definition would take 524 million exp."""
    evaluated = []
    exp = np.exp

    def counting_exp(x, *args, **kwargs):
        evaluated.append(np.size(x))
        return exp(x, *args, **kwargs)

    def no_fft(*args, **kwargs):
        raise AssertionError("the closed form needs no FFT")

    monkeypatch.setattr(np, "exp", counting_exp)
    monkeypatch.setattr(np.fft, "fft2", no_fft)
    tracemalloc.start()
    try:
        bank = morlet_bank(5, (512, 512))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    values = bank.psi_hat.size
    assert values == 5 * 8 * 512**2
    assert sum(evaluated) < 8 * values
    assert peak < 2.5 * bank.nbytes
