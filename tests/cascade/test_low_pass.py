"""Averages along a side in blocks are those of one matrix, in memory of its length."""

import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_scat.cascade import Grid, _low_pass, scattering, wavelet_operators
from sklearn_scat.cascade._low_pass import (
    average_side,
    averaging_matrix,
    block_matrix,
    low_pass,
    support,
)
from sklearn_scat.filters import gaussian_hat, morlet_bank


@pytest.fixture
def short_blocks(monkeypatch):
    """Blocks of 3 averages, so that short sides take several."""
    monkeypatch.setattr(_low_pass, "_BLOCK", 3)


def gaussian(n, sigma):
    return low_pass(gaussian_hat(n, sigma=sigma), 0)


def direct(x, phi, *, n_out, step, crop):
    """Return Σ_u φ[step·(i + crop) − u] x[u], term by term."""
    n = phi.size
    return np.array(
        [
            sum(phi[(step * (i + crop) - u) % n] * x[u] for u in range(n))
            for i in range(n_out)
        ]
    )


@settings(deadline=None, max_examples=80)
@given(
    n_out=st.integers(1, 14),
    log_step=st.integers(0, 2),
    crop=st.integers(0, 2),
    width=st.sampled_from([0.01, 0.1, 1.0, np.inf]),
    seed=st.integers(0, 99),
)
def test_blocks_of_averages_equal_their_definition(n_out, log_step, crop, width, seed):
    rng, step = np.random.default_rng(seed), 2**log_step
    n = (n_out + 2 * crop) * step
    phi = rng.standard_normal(n)  # inf: as wide as the side, and not even
    if width < np.inf:
        distance = np.minimum(np.arange(n), n - np.arange(n))
        phi = np.exp(-((distance / (width * step)) ** 2))
    x = rng.standard_normal(n)
    geometry = {"n_out": n_out, "step": step, "crop": crop}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_low_pass, "_BLOCK", 3)
        matrix = block_matrix(phi, **geometry)
        y = average_side(x, matrix, **geometry)

    assert matrix.shape[0] == min(n_out, 3)
    np.testing.assert_allclose(y, direct(x, phi, **geometry), rtol=0, atol=1e-12)


@pytest.mark.parametrize("padding", ["reflect", "zero", "periodic"])
@pytest.mark.parametrize("oversampling", [0, 1])
@pytest.mark.parametrize("like", [np.empty(0), torch.empty(0, dtype=torch.float64)])
def test_scattering_of_blocks_equals_that_of_matrices(
    monkeypatch, rng, padding, oversampling, like
):
    grid = Grid((8, 48), 2, padding, oversampling)
    bank = morlet_bank(2, grid.padded, L=2)
    x = rng.standard_normal((2, *grid.shape))
    x = torch.from_numpy(x) if isinstance(like, torch.Tensor) else x
    whole = scattering(x, wavelet_operators(bank, grid, like=like))
    monkeypatch.setattr(_low_pass, "_BLOCK", 5)

    W, *_ = operators = wavelet_operators(bank, grid, like=like)

    assert [matrix.shape[0] for matrix in W.averages[0]] == [min(grid.output[0], 5), 5]
    np.testing.assert_allclose(scattering(x, operators), whole, rtol=0, atol=1e-12)


def test_blocks_pass_gradients(short_blocks):
    phi = gaussian(40, 2.0)
    geometry = {"n_out": 8, "step": 4, "crop": 1}
    matrix = torch.from_numpy(block_matrix(phi, **geometry)).requires_grad_()
    x = torch.randn(2, 40, dtype=torch.float64, requires_grad=True)

    assert torch.autograd.gradcheck(
        lambda x, A: average_side(x, A, **geometry), (x, matrix)
    )


@pytest.mark.parametrize("n", [7, 8, 63, 64])
def test_support_holds_all_but_rounding(n):
    phi = gaussian(n, 1.0)

    before, after = support(phi)

    assert before + 1 + after <= n
    lags = np.arange(-before, after + 1)
    assert phi[lags].sum() == pytest.approx(phi.sum(), abs=1e-15 * n)
    assert n < 20 or after < 10  # a Gaussian is below 2e-16 of its top from 8.5 σ on


def test_matrices_of_usual_sides_are_those_of_the_definition():
    phi = gaussian(1024, 1.0)
    geometry = {"n_out": 510, "step": 2, "crop": 1}

    np.testing.assert_array_equal(
        block_matrix(phi, **geometry), averaging_matrix(phi, **geometry)
    )


@pytest.mark.parametrize("shape", [(4, 40_000), (40_000, 4)])
def test_memory_of_averages_grows_with_the_side(shape):
    def held(sides):
        grid = Grid(sides, 1)
        pairs = grid.averages(morlet_bank(1, grid.padded, L=1))
        return sum(matrix.nbytes for pair in pairs for matrix in pair)

    assert held(shape) < 2 * held(tuple(n // 2 if n > 4 else n for n in shape))
    assert held(shape) < 2**24


def test_the_matrix_of_blocks_is_built_in_twice_its_memory():
    phi = np.zeros(60_000)
    phi[:4] = phi[-3:] = 1 / 7
    tracemalloc.start()
    matrix = block_matrix(phi, 59_998, step=1, crop=1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert matrix.size < 512 * 600
    assert peak < 2 * matrix.nbytes + 4 * phi.nbytes
