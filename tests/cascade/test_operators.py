import numpy as np
import pytest
import torch

from sklearn_scat.cascade import Coefficients, Grid, Wavelet2d, wavelet_operators
from sklearn_scat.cascade._operators import crop, multiply_fold
from sklearn_scat.filters import morlet_bank

DOUBLE = torch.empty(0, dtype=torch.float64)


def wavelet(shape, J, *, L=4, dtype=torch.float64, **variant):
    grid = Grid(shape, J, **variant)
    bank = morlet_bank(J, grid.padded, L=L)
    return Wavelet2d.from_bank(grid, bank, like=torch.empty(0, dtype=dtype)), bank


def images(rng, *shape):
    return torch.tensor(rng.standard_normal(shape))


@pytest.mark.parametrize("resolution", [0, 1, 2])
@pytest.mark.parametrize("shape", [(16, 24), (40, 8), (24, 56)])
def test_crop_keeps_signed_low_frequencies(rng, resolution, shape):
    a_hat = images(rng, 3, *shape)

    low = crop(a_hat, resolution)

    m, n = (side >> resolution for side in shape)
    assert low.shape == (3, m, n)
    for k1 in range(-(m // 2), (m + 1) // 2):
        for k2 in range(-(n // 2), (n + 1) // 2):
            assert torch.equal(low[:, k1, k2], a_hat[:, k1, k2])


@pytest.mark.parametrize("k", [1, 2, 4])
def test_fold_is_subsampling_in_space(rng, k):
    x = images(rng, 2, 16, 24)

    spectrum = torch.fft.fft2(x)
    folded = multiply_fold(spectrum, torch.ones_like(spectrum), k) / k**2

    torch.testing.assert_close(torch.fft.ifft2(folded).real, x[:, ::k, ::k])


@pytest.mark.parametrize("resolution", [1, 2])
def test_wavelet_of_a_coarse_map_has_the_low_frequencies_of_the_fine(rng, resolution):
    """A map without high frequencies has the same details at every resolution."""
    W, _ = wavelet((32, 32), 4, padding="periodic")
    x_hat = torch.fft.fft2(images(rng, 1, 32, 32))
    kept = 32 // 2**resolution // 2
    x_hat[:, kept:-kept] = 0
    x_hat[:, kept] = 0
    x_hat[:, :, kept:-kept] = 0
    fine = torch.fft.ifft2(x_hat)
    step = 2**resolution

    scales = (resolution,)
    from_fine = list(W.details(Coefficients(fine, scales, 0)))
    from_coarse = list(
        W.details(Coefficients(fine[:, ::step, ::step], scales, resolution))
    )

    assert len(from_fine) == len(from_coarse) == 4 - 1 - resolution
    for a, b in zip(from_fine, from_coarse, strict=True):
        assert a.resolution == b.resolution
        torch.testing.assert_close(a.values, b.values, rtol=0, atol=1e-14)


@pytest.mark.parametrize("oversampling", [0, 1, 3])
def test_average_blurs_subsamples_and_crops(rng, oversampling):
    W, bank = wavelet((24, 40), 3, oversampling=oversampling)
    U = images(rng, 2, 3, 40, 56)

    A = W.average(Coefficients(U, (1,), 0))

    blurred = np.fft.ifft2(np.fft.fft2(U.numpy()) * bank.phi_hat).real
    step = 2 ** max(3 - oversampling, 0)
    margin = 8  # one sample of the critical output on each side
    kept = blurred[..., margin : margin + 24 : step, margin : margin + 40 : step]
    np.testing.assert_allclose(A.values, kept, atol=1e-14)
    assert A.scales == (1,)
    assert A.resolution == max(3 - oversampling, 0)


def test_details_go_up_in_scale_and_step(rng):
    W, _ = wavelet((32, 32), 4, L=3)
    padded = W.embed(images(rng, 2, 32, 32))

    first = list(W.details(padded))
    assert [(V.scales, V.resolution) for V in first] == [((j,), j) for j in range(4)]
    assert first[2].values.shape == (2, 3, 16, 16)  # 64 / 2²

    second = list(W.details(Coefficients(first[1].values.abs(), (1,), 1)))
    assert [V.scales for V in second] == [(1, 2), (1, 3)]
    assert second[0].values.shape == (2, 3, 3, 16, 16)
    assert not list(W.details(Coefficients(first[3].values.abs(), (3,), 3)))


def test_details_of_a_real_map_weigh_its_spectrum(rng):
    W, bank = wavelet((24, 24), 2, L=3, padding="periodic", oversampling=2)
    x = images(rng, 1, 24, 24)

    _, details = W(W.embed(x))

    for j, V in enumerate(details):
        spectrum = np.fft.fft2(V.values.numpy())
        expected = np.fft.fft2(x.numpy())[:, None] * bank.psi_hat[j]
        np.testing.assert_allclose(spectrum, expected, atol=1e-11)


@pytest.mark.parametrize("padding", ["reflect", "zero", "periodic"])
def test_embed_repeats_pixels(oracle, rng, padding):
    W, _ = wavelet((12, 20), 2, padding=padding)
    x = rng.standard_normal((12, 20))

    U = W.embed(torch.tensor(x)[None])

    expected = oracle.Oracle((12, 20), 2, padding=padding).pad(x)
    np.testing.assert_array_equal(U.values[0], expected)
    assert (U.scales, U.resolution) == ((), 0)


@pytest.mark.parametrize("max_order", [0, 1, 3])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_wavelet_operators_are_one_operator_per_order(max_order, dtype):
    grid = Grid((16, 16), J=2)
    bank = morlet_bank(2, grid.padded)

    operators = wavelet_operators(
        bank, grid, max_order=max_order, like=torch.empty(0, dtype=dtype)
    )

    assert len(operators) == max_order + 1
    assert all(W is operators[0] for W in operators)
    assert {b.dtype for b in operators[0].bands.values()} == {dtype}


def test_wavelet_operators_are_numpys_in_single_precision_by_default():
    grid = Grid((16, 16), J=2)

    (W, *_) = wavelet_operators(morlet_bank(2, grid.padded), grid)

    assert isinstance(W.averages[0][0], np.ndarray)
    assert W.averages[0][0].dtype == np.float32


def test_wavelet_operators_leave_the_bank_alone(rng):
    grid = Grid((16, 16), J=2)
    bank = morlet_bank(2, grid.padded, L=3)
    before = bank.psi_hat.copy()

    (W, *_) = wavelet_operators(bank, grid, like=DOUBLE)
    W.bands[0, 0].zero_()

    np.testing.assert_array_equal(bank.psi_hat, before)
