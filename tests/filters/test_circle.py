"""Periodic Morlet wavelets on the circle of orientations."""

import numpy as np
import pytest

from sklearn_scat.filters import circle_bank


def covered(bank, *, conjugate=False):
    """Littlewood–Paley sum over the frequencies of the circle."""
    energy = (bank.psi_hat**2).sum(axis=0)
    mirrored = energy[-np.arange(bank.n) % bank.n]
    return bank.phi_hat**2 + (energy + mirrored) / (1 if conjugate else 2)


@pytest.mark.parametrize(
    ("K", "n", "low", "high"), [(3, 16, 0.743, 1.001), (2, 8, 0.879, 1.038)]
)
def test_circle_bank_covers_what_was_published(K, n, low, high):
    total = covered(circle_bank(K, n))
    assert total.min() == pytest.approx(low, abs=1e-3)
    assert total.max() == pytest.approx(high, abs=1e-3)


@pytest.mark.parametrize(("K", "n"), [(3, 16), (2, 8), (1, 6), (2, 12), (3, 24)])
@pytest.mark.parametrize("conjugate", [False, True])
def test_circle_frames(K, n, conjugate):
    contractive = circle_bank(K, n, frame="contractive", conjugate=conjugate)
    assert covered(contractive, conjugate=conjugate).max() <= 1 + 1e-12
    tight = circle_bank(K, n, frame="tight", conjugate=conjugate)
    np.testing.assert_allclose(covered(tight, conjugate=conjugate), 1, atol=1e-12)


@pytest.mark.parametrize("frame", ["none", "contractive", "tight"])
def test_circle_wavelets_have_mean_zero(frame):
    bank = circle_bank(3, 16, frame=frame)
    assert np.all(bank.psi_hat[:, 0] == 0)
    assert bank.phi_hat[0] == pytest.approx(1)


def test_circle_of_two_angles_has_no_wavelet():
    bank = circle_bank(0, 2)
    assert bank.psi_hat.shape == (0, 2)
    with pytest.raises(ValueError, match="leave some out"):
        circle_bank(0, 2, frame="tight")
