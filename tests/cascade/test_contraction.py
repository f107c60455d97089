"""Energy: what a layer and a network keep, and where they contract."""

import numpy as np
import pytest
import torch

from sklearn_scat.cascade import (
    Coefficients,
    Grid,
    Wavelet2d,
    path_table,
    wavelet_operators,
)
from sklearn_scat.filters import cached_morlet_bank, littlewood_paley

DOUBLE = torch.empty(0, dtype=torch.float64)


def norm(a):
    return float(np.sqrt((np.abs(a) ** 2).sum()))


def wavelet(n, J, *, L=8, **variant):
    frame = variant.pop("frame")
    grid = Grid((n, n), J, **variant)
    bank = cached_morlet_bank(J, grid.padded, L=L, frame=frame)
    return Wavelet2d.from_bank(grid, bank, like=DOUBLE)


def cosine_at_peak(n, J, L=8):
    """The cosine at the frequency where the published bank amplifies most."""
    A = littlewood_paley(cached_morlet_bank(J, (n, n), L=L))
    k1, k2 = np.unravel_index(A.argmax(), A.shape)
    u1, u2 = np.indices((n, n))
    return np.cos(2 * np.pi * (k1 * u1 + k2 * u2) / n)


def undecimated(transform, x, J, **parameters):
    """The maps at every pixel of the torus, where the theorem holds."""
    return transform(x, J, padding="periodic", oversampling=J, **parameters)


@pytest.mark.parametrize(("L", "J"), [(8, 3), (8, 4), (16, 3), (1, 2)])
def test_morlet_frame_lengthens_the_cosine_at_its_peak(transform, L, J):
    x = cosine_at_peak(64, J, L)

    longer = norm(undecimated(transform, x, J, L=L)) / norm(x)

    assert longer > 1.002


@pytest.mark.parametrize("frame", ["contractive", "tight"])
@pytest.mark.parametrize(("L", "J"), [(8, 3), (8, 4), (16, 3)])
def test_other_frames_do_not_lengthen_that_cosine(transform, frame, L, J):
    x = cosine_at_peak(64, J, L)

    ratio = norm(undecimated(transform, x, J, L=L, frame=frame)) / norm(x)

    assert 0.9 < ratio <= 1


@pytest.mark.parametrize("frame", ["contractive", "tight"])
def test_scattering_contracts_random_pairs(transform, rng, frame):
    n, J, pairs = 16, 2, 300
    x = rng.standard_normal((pairs, n, n))
    step = (
        rng.standard_normal((pairs, n, n))
        * 10.0 ** rng.integers(-4, 2, pairs)[:, None, None]
    )
    step[::3] = step[::3].mean((1, 2), keepdims=True)  # brightness alone
    step[1::3] = rng.standard_normal((len(step[1::3]), 1, 1)) * cosine_at_peak(n, J)

    for some in np.array_split(np.arange(pairs), 3):
        y = x[some] + step[some]
        Sx = undecimated(transform, x[some], J, frame=frame)
        Sy = undecimated(transform, y, J, frame=frame)
        moved = np.sqrt(((Sx - Sy) ** 2).sum((1, 2, 3)))
        distance = np.sqrt((step[some] ** 2).sum((1, 2)))
        assert np.all(moved <= distance * (1 + 1e-9))
        assert (moved / distance).max() > 0.999  # brightness passes


def test_scattering_contracts_natural_pairs(transform, natural_crops):
    for J in (2, 3):
        S = undecimated(transform, natural_crops, J, frame="contractive", L=4)
        for i in range(1, len(S)):
            moved = norm(S[i] - S[i - 1])
            assert moved <= norm(natural_crops[i] - natural_crops[i - 1])


@pytest.mark.parametrize("J", [2, 3])
def test_scattering_contracts_no_more_when_its_peak_allows_more(transform, rng, J):
    """Of the published bank: ‖Sx‖ ≤ B^(3/2)‖x‖ with B the Littlewood–Paley peak."""
    n = 32
    B = littlewood_paley(cached_morlet_bank(J, (n, n))).max()
    x = np.stack([rng.standard_normal((n, n)), cosine_at_peak(n, J), np.eye(n)])

    S = undecimated(transform, x, J)

    for image, coefficients in zip(x, S, strict=True):
        assert norm(coefficients) <= B**1.5 * norm(image)


def layer_energy(W, x):
    """‖x * φ‖² + Σ‖x * ψ‖², a sample of a map of step 2^r standing for 4^r pixels."""
    A, details = W(W.embed(x))
    energy = 4**A.resolution * A.values.square().sum()
    for V in details:
        energy = energy + 4**V.resolution * V.values.abs().square().sum()
    return energy


def layer_norm(W, n_iter=60):
    """The norm of a layer by power iteration."""
    x = torch.rand(
        1, *W.grid.shape, generator=torch.Generator().manual_seed(0)
    ).double()
    for _ in range(n_iter):
        x = (x / x.norm()).requires_grad_()
        energy = layer_energy(W, x)
        (x,) = torch.autograd.grad(energy, x)
    return energy.item() ** 0.5


@pytest.mark.parametrize("J", [2, 3])
def test_contractive_layer_norm_passes_one_by_decimation_alone(J):
    dense = wavelet(32, J, frame="contractive", padding="periodic", oversampling=J)
    critical = wavelet(32, J, frame="contractive", padding="periodic")

    assert 0.99 < layer_norm(dense) <= 1 + 1e-9
    assert 1.03 < layer_norm(critical) < 1.07


def test_contractive_layer_norm_at_most_doubles_by_reflection():
    reflected = wavelet(32, 2, frame="contractive", oversampling=2)
    zero = wavelet(32, 2, frame="contractive", oversampling=2, padding="zero")

    assert 1.5 < layer_norm(reflected) <= 2
    assert 0.99 < layer_norm(zero) <= 1 + 1e-9


@pytest.mark.parametrize(("J", "L"), [(1, 8), (2, 8), (3, 3), (4, 8)])
def test_tight_layer_keeps_the_energy(rng, J, L):
    W = wavelet(32, J, L=L, frame="tight", padding="periodic", oversampling=J)
    x = torch.tensor(rng.standard_normal((1, 32, 32)))

    assert layer_energy(W, x).item() == pytest.approx(
        x.square().sum().item(), rel=1e-12
    )


def all_paths(W, U, order):
    """Return Σ‖S_m‖² below `order` and the U of that order, every scale after every."""
    energy = 0.0
    for _ in range(order):
        A, details = W(Coefficients(U))  # no scale behind it: all scales follow
        energy += A.values.square().sum().item()
        U = torch.cat([V.values.abs().flatten(1, -3) for V in details], 1)
    return energy, U


@pytest.mark.parametrize(("J", "L"), [(2, 4), (3, 3)])
def test_tight_network_of_all_paths_keeps_the_energy(rng, J, L):
    """‖S_0‖² + ‖S_1‖² + ‖S_2‖² + ‖U_3‖² = ‖x‖²."""
    W = wavelet(32, J, L=L, frame="tight", padding="periodic", oversampling=J)
    x = torch.tensor(rng.standard_normal((1, 32, 32)))

    energy, U3 = all_paths(W, x, 3)

    assert U3.shape == (1, (J * L) ** 3, 32, 32)
    total = energy + U3.square().sum().item()
    assert total == pytest.approx(x.square().sum().item(), rel=1e-10)


@pytest.mark.parametrize("max_order", [0, 1, 2, 3])
def test_tight_network_of_rising_paths_keeps_less(transform, natural_crops, max_order):
    x = natural_crops[:2, :32, :32]

    S = undecimated(transform, x, 3, L=3, max_order=max_order, frame="tight")

    kept = norm(S) ** 2 / norm(x) ** 2
    assert kept < 1
    fewer = undecimated(transform, x, 3, L=3, max_order=0, frame="tight")
    assert kept >= norm(fewer) ** 2 / norm(x) ** 2


def order_energies(S, J, L=8):
    """Σ S² over the maps of each order."""
    order = path_table(J, L)["order"]
    return np.array([norm(S[:, order == m]) ** 2 for m in range(3)])


def test_energy_of_noise_by_order(transform, rng):
    S = transform(rng.random((4, 64, 64)), 3)

    shares = order_energies(S, 3) / order_energies(S, 3).sum()

    np.testing.assert_allclose(shares, [0.85, 0.135, 0.013], atol=0.012)


@pytest.mark.parametrize(("J", "second"), [(2, 0.02), (3, 0.045), (4, 0.08)])
def test_energy_of_photographs_by_order(transform, natural_crops, J, second):
    """A sample of a map of step 2^J stands for 4^J pixels: 2^J‖S‖ is the norm."""
    total = norm(natural_crops) ** 2

    S = 2**J * transform(natural_crops, J, padding="periodic")

    s0, s1, s2 = order_energies(S, J) / total
    assert 0.75 < s0 + s1 + s2 < 1
    assert s2 < min(second, s1, s0)


def test_energy_moves_to_higher_orders_with_the_scale(transform, natural_crops):
    shares = []
    for J in (1, 2, 3, 4):
        S = 2**J * transform(natural_crops, J, padding="periodic")
        shares.append(order_energies(S, J) / norm(natural_crops) ** 2)

    s0, s1, s2 = np.transpose(shares)
    assert np.all(np.diff(s0) < 0)
    assert np.all(np.diff(s1) > 0)
    assert np.all(np.diff(s2) > 0)


def test_wavelet_operators_of_every_order_have_one_norm():
    grid = Grid((16, 16), 2, "periodic", 2)
    bank = cached_morlet_bank(2, grid.padded, frame="contractive")

    first, *others = wavelet_operators(bank, grid, like=DOUBLE)

    assert layer_norm(first) <= 1 + 1e-9
    assert all(W is first for W in others)
