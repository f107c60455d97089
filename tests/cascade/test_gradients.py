import pytest
import torch

from sklearn_scat.cascade import (
    Coefficients,
    Grid,
    Wavelet2d,
    modulus,
    scattering,
    wavelet_operators,
)
from sklearn_scat.filters import morlet_bank

DOUBLE = torch.empty(0, dtype=torch.float64)

VARIANTS = [
    {},
    {"padding": "zero"},
    {"padding": "periodic"},
    {"oversampling": 1},
    {"padding": "periodic", "oversampling": 2},
]


def operators_of(shape, J, *, L=2, max_order=2, **variant):
    grid = Grid(shape, J, **variant)
    bank = morlet_bank(J, grid.padded, L=L)
    return wavelet_operators(bank, grid, max_order=max_order, like=DOUBLE)


def image(*shape):
    generator = torch.Generator().manual_seed(0)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("variant", VARIANTS)
def test_gradient_in_the_image(variant):
    operators = operators_of((4, 8), 2, **variant)
    x = image(2, 4, 8).requires_grad_()

    assert torch.autograd.gradcheck(lambda x: scattering(x, operators), x)


def test_gradient_in_the_image_at_third_order():
    operators = operators_of((8, 8), 3, L=1, max_order=3, padding="periodic")
    x = image(1, 8, 8).requires_grad_()

    assert torch.autograd.gradcheck(lambda x: scattering(x, operators), x)


def test_second_derivative_in_the_image():
    operators = operators_of((4, 4), 1, padding="periodic")
    x = image(1, 4, 4).requires_grad_()

    assert torch.autograd.gradgradcheck(lambda x: scattering(x, operators), x)


@pytest.mark.parametrize("variant", VARIANTS[2:])
def test_gradient_in_the_filters(variant):
    grid = Grid((8, 8), 2, **variant)
    bank = morlet_bank(2, grid.padded, L=2)
    psi_hat = torch.tensor(bank.psi_hat, requires_grad=True)
    averages = [
        torch.tensor(a, requires_grad=True)
        for pair in grid.averages(bank)
        for a in pair
    ]
    x = image(1, 8, 8)

    def of_filters(psi_hat, *averages):
        pairs = list(zip(averages[::2], averages[1::2], strict=True))
        return scattering(x, [Wavelet2d(grid, psi_hat, pairs)] * 3)

    # directions drawn at random: every entry of both filters would take minutes
    assert torch.autograd.gradcheck(of_filters, (psi_hat, *averages), fast_mode=True)


def test_gradient_in_the_filters_entry_by_entry():
    grid = Grid((4, 4), 2, padding="periodic")
    bank = morlet_bank(2, grid.padded, L=2)
    averages = [tuple(map(torch.tensor, pair)) for pair in grid.averages(bank)]
    psi_hat = torch.tensor(bank.psi_hat, requires_grad=True)
    x = image(1, 4, 4)

    assert torch.autograd.gradcheck(
        lambda p: scattering(x, [Wavelet2d(grid, p, averages)] * 3), psi_hat
    )


def test_gradient_step_on_the_filters_brings_the_target_nearer():
    grid = Grid((16, 16), 2)
    bank = morlet_bank(2, grid.padded, L=3)
    averages = [tuple(map(torch.tensor, pair)) for pair in grid.averages(bank)]
    psi_hat = torch.tensor(bank.psi_hat, requires_grad=True)
    x = image(3, 16, 16)

    def loss(psi_hat):
        S = scattering(x, [Wavelet2d(grid, psi_hat, averages)] * 3)
        return (S[:, 1:] - 0.5).square().mean()

    before = loss(psi_hat)
    (gradient,) = torch.autograd.grad(before, psi_hat)
    after = loss(psi_hat - 0.02 * gradient / gradient.norm())

    expected = before - 0.02 * gradient.norm()
    assert after < before
    assert abs(after - expected) < 0.2 * (before - expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_modulus_gradient_at_zero_is_zero(dtype):
    values = torch.zeros(3, 4, dtype=dtype.to_complex(), requires_grad=True)

    modulus(Coefficients(values)).values.sum().backward()

    assert torch.all(values.grad == 0)


@pytest.mark.parametrize("padding", ["reflect", "zero", "periodic"])
@pytest.mark.parametrize("max_order", [1, 2, 3])
def test_gradient_at_the_zero_image(padding, max_order):
    operators = operators_of((8, 8), 3, max_order=max_order, padding=padding)
    x = torch.zeros(2, 8, 8, dtype=torch.float64, requires_grad=True)
    S = scattering(x, operators)

    (of_details,) = torch.autograd.grad(S[:, 1:].sum(), x, retain_graph=True)
    (of_average,) = torch.autograd.grad(S[:, :1].sum(), x)

    assert torch.all(of_details == 0)
    assert torch.isfinite(of_average).all()
    assert of_average.abs().sum() > 0


@pytest.mark.parametrize("value", [1.0, 255.0])
def test_gradient_at_a_constant_image_is_finite(value):
    operators = operators_of((8, 8), 2, L=4)
    x = torch.full((1, 8, 8), value, dtype=torch.float64, requires_grad=True)

    scattering(x, operators).sum().backward()

    assert torch.isfinite(x.grad).all()


def test_gradient_of_one_image_ignores_the_others():
    operators = operators_of((8, 8), 2)
    x = image(3, 8, 8).requires_grad_()

    scattering(x, operators)[1].sum().backward()

    assert torch.all(x.grad[[0, 2]] == 0)
    assert x.grad[1].abs().min() > 0
