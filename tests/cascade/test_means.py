"""Means over space by weighted sums are the means of the maps, with their gradients."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_scat.cascade import FORMS, Grid, MeanWavelet2d, Wavelet2d, scattering
from sklearn_scat.cascade._low_pass import averaging_matrix, mean_weights
from sklearn_scat.filters import morlet_bank

PADDINGS = ["reflect", "zero", "periodic"]
DOUBLE = torch.empty(0, dtype=torch.float64)


@settings(deadline=None, max_examples=60)
@given(
    n_out=st.integers(1, 14),
    step=st.sampled_from([1, 2, 4]),
    crop=st.integers(0, 2),
    seed=st.integers(0, 99),
)
def test_weights_are_the_mean_of_the_rows_of_averages(n_out, step, crop, seed):
    """Of any φ, though it be as wide as the side, and not even."""
    phi = np.random.default_rng(seed).standard_normal((n_out + 2 * crop) * step)
    geometry = {"n_out": n_out, "step": step, "crop": crop}

    weights = mean_weights(phi, **geometry)

    rows = averaging_matrix(phi, **geometry)
    np.testing.assert_allclose(weights, rows.mean(0), rtol=0, atol=1e-13)


def of_both(kinds, operators, *, shape, J, padding, oversampling=0):
    """Return the operators of maps and of means, over the same bank."""
    grid = Grid(shape, J, padding, oversampling)
    bank = morlet_bank(J, grid.padded, L=4)
    return [operators(kind.from_bank(grid, bank, like=DOUBLE)) for kind in kinds]


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("oversampling", [0, 1])
# the complete form takes a modulus of averages, which no means tell
@pytest.mark.parametrize("name", ["plain", *sorted({*FORMS} - {"complete"})])
def test_means_equal_those_of_maps_with_their_gradients(padding, oversampling, name):
    def operators(W):
        if name == "plain":
            return [W] * 4
        return FORMS[name].operators(W, FORMS[name].circle(4, 1))

    maps, means = of_both(
        (Wavelet2d, MeanWavelet2d),
        operators,
        shape=(16, 24),
        J=3,
        padding=padding,
        oversampling=oversampling,
    )
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(2, 16, 24, dtype=torch.float64, generator=generator)
    x.requires_grad_()

    S = scattering(x, means)
    expected = scattering(x, maps).mean((-2, -1), keepdim=True)

    torch.testing.assert_close(S, expected, rtol=1e-12, atol=1e-14)
    weights = torch.rand(S.shape, dtype=torch.float64, generator=generator)
    (of_means,) = torch.autograd.grad((weights * S).sum(), x)
    (of_maps,) = torch.autograd.grad((weights * expected).sum(), x)
    torch.testing.assert_close(of_means, of_maps, rtol=1e-9, atol=1e-12)


def test_means_need_memory_of_the_length_of_a_side():
    grid = Grid((4, 60_000), 1)
    pairs = grid.mean_weights(morlet_bank(1, grid.padded, L=1))
    assert [tuple(a.size for a in pair) for pair in pairs] == [grid.padded]
