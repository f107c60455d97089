import dataclasses

import numpy as np
import pytest

from sklearn_scat.filters import FRAMES, FilterBank, littlewood_paley, morlet_bank

GRIDS = [(64, 64), (96, 72)]


def energy_ratio(bank):
    """½Σ(ψ̂(ω)² + ψ̂(−ω)²) / (1 − φ̂(ω)²) at the frequencies other than 0."""
    phi2 = bank.phi_hat**2
    detail = littlewood_paley(bank) - phi2
    return (detail.ravel()[1:]) / (1 - phi2).ravel()[1:]


def test_littlewood_paley_is_the_sum_of_its_definition(rng):
    psi_hat = rng.standard_normal((2, 3, 4, 5))
    bank = FilterBank(psi_hat, rng.standard_normal(4), rng.standard_normal(5))

    A = littlewood_paley(bank)

    for m, n in np.ndindex(4, 5):
        both = (psi_hat[:, :, m, n] ** 2 + psi_hat[:, :, -m % 4, -n % 5] ** 2).sum()
        expected = (bank.phi_hat_rows[m] * bank.phi_hat_columns[n]) ** 2 + both / 2
        assert A[m, n] == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("frame", FRAMES)
def test_littlewood_paley_weighs_the_energy_of_a_layer(rng, frame):
    bank = morlet_bank(3, (40, 48), L=5, frame=frame)
    x_hat = np.fft.fft2(rng.standard_normal(bank.shape))

    layer = np.concatenate([bank.phi_hat[None], *bank.psi_hat]) * x_hat
    energy = (np.abs(np.fft.ifft2(layer)) ** 2).sum()

    expected = (np.abs(x_hat) ** 2 * littlewood_paley(bank)).mean()
    assert energy == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("shape", GRIDS)
@pytest.mark.parametrize(
    ("L", "J", "low", "high"),
    [
        (8, 1, 1.0, 1.0001),
        (8, 2, 1.0, 1.0001),
        (8, 3, 1.012, 1.020),
        (8, 4, 1.033, 1.050),
        (16, 4, 1.09, 1.13),
        (1, 1, 2.5, 2.65),
        (1, 3, 2.5, 2.65),
    ],
)
def test_littlewood_paley_maximum_of_morlet(shape, L, J, low, high):
    A = littlewood_paley(morlet_bank(J, shape, L=L))

    assert low - 1e-12 <= A.max() <= high


@pytest.mark.parametrize("J", [2, 3, 4])
@pytest.mark.parametrize(("L", "low", "high"), [(8, 0.12, 0.126), (16, 0.062, 0.07)])
def test_littlewood_paley_minimum_of_morlet_shows_it_is_not_tight(J, L, low, high):
    A = littlewood_paley(morlet_bank(J, (64, 64), L=L))

    assert low <= A.min() <= high
    omega = 2 * np.pi * np.fft.fftfreq(64)
    outside = np.hypot.outer(omega, omega).flat[A.argmin()]
    assert outside > np.pi  # in the corners of the square of frequencies


def test_littlewood_paley_covers_the_disc_of_frequencies():
    A = littlewood_paley(morlet_bank(3, (64, 64)))
    omega = 2 * np.pi * np.fft.fftfreq(64)

    disc = np.hypot.outer(omega, omega) <= np.pi
    assert A[disc].min() > 0.33


@pytest.mark.parametrize("shape", GRIDS)
@pytest.mark.parametrize("L", [1, 2, 3, 8, 16])
@pytest.mark.parametrize("J", [1, 2, 3, 4])
def test_contractive_frame_is_at_most_one_and_no_smaller(shape, L, J):
    bank = morlet_bank(J, shape, L=L, frame="contractive")

    assert littlewood_paley(bank).max() <= 1 + 1e-12
    assert energy_ratio(bank).max() == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("J", [1, 2, 3])
def test_contractive_frame_scales_all_wavelets_alike(J):
    morlet = morlet_bank(J, (48, 40))
    bank = morlet_bank(J, (48, 40), frame="contractive")

    c = energy_ratio(with_unit_mean(morlet)).max()
    np.testing.assert_allclose(bank.psi_hat, morlet.psi_hat / np.sqrt(c), rtol=1e-12)


@pytest.mark.parametrize("shape", GRIDS)
@pytest.mark.parametrize("L", [2, 3, 8, 16])
@pytest.mark.parametrize("J", [0, 1, 2, 3, 4])
def test_tight_frame_is_one_everywhere(shape, L, J):
    bank = morlet_bank(J, shape, L=L, frame="tight")

    A = littlewood_paley(bank)
    if J == 0:  # no wavelet: what the low-pass leaves is lost
        np.testing.assert_array_equal(A, bank.phi_hat**2)
    else:
        np.testing.assert_allclose(A, 1, atol=1e-12)
        assert np.all(bank.psi_hat[..., 0, 0] == 0)


def test_tight_frame_amplifies_moderately():
    morlet = morlet_bank(3, (64, 64))
    tight = morlet_bank(3, (64, 64), frame="tight")

    seen = morlet.psi_hat > 1e-6
    assert (tight.psi_hat[seen] / morlet.psi_hat[seen]).max() < 2.9


@pytest.mark.parametrize("J", [1, 3])
def test_tight_frame_of_one_orientation_is_an_error(J):
    with pytest.raises(ValueError, match=r"frame='tight'.*L=1"):
        morlet_bank(J, (32, 32), L=1, frame="tight")


def with_unit_mean(bank):
    return dataclasses.replace(
        bank,
        phi_hat_rows=bank.phi_hat_rows / bank.phi_hat_rows[0],
        phi_hat_columns=bank.phi_hat_columns / bank.phi_hat_columns[0],
    )


@pytest.mark.parametrize("J", [0, 1, 2, 3])
@pytest.mark.parametrize("frame", ["contractive", "tight"])
def test_frames_keep_a_positive_low_pass_of_mean_one(frame, J):
    morlet = morlet_bank(J, (40, 48))
    bank = morlet_bank(J, (40, 48), frame=frame)

    np.testing.assert_allclose(bank.phi_hat, with_unit_mean(morlet).phi_hat, atol=1e-15)
    assert bank.phi_hat[0, 0] == 1
    assert np.fft.ifft2(bank.phi_hat).real.min() > -1e-15


@pytest.mark.parametrize("frame", FRAMES)
def test_frames_without_scales_hold_the_low_pass_alone(frame):
    bank = morlet_bank(0, (7, 9), frame=frame)

    assert bank.psi_hat.shape == (0, 8, 7, 9)
    assert bank.phi_hat[0, 0] == 1
    assert littlewood_paley(bank).max() <= 1


def test_morlet_frame_keeps_the_mean_that_aliasing_gives():
    assert morlet_bank(1, (32, 32)).phi_hat[0, 0] == pytest.approx(1 + 1.3e-5, abs=1e-6)
