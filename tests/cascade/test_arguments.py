"""Wrong arguments of filters, grids, operators and modules are refused in words."""

import numpy as np
import pytest
import torch

from sklearn_scat.cascade import Grid, scattering, scattering_tiles, wavelet_operators
from sklearn_scat.filters import _cache, cached_morlet_bank, morlet_bank
from sklearn_scat.nn import Scattering2d


@pytest.fixture
def operators():
    grid = Grid((16, 16), 2)
    bank = morlet_bank(2, grid.padded, L=3)
    return wavelet_operators(bank, grid, like=torch.empty(0))


@pytest.mark.parametrize(
    "shape", [(2, 40, 40), (2, 16, 20), (2, 8, 8), (16, 16), (2, 1, 16, 16)]
)
def test_scattering_refuses_images_of_another_shape(operators, shape):
    with pytest.raises(ValueError, match="16x16"):
        scattering(torch.ones(shape), operators)


def test_scattering_refuses_complex_images(operators):
    with pytest.raises(ValueError, match="real"):
        scattering(torch.ones(1, 16, 16, dtype=torch.complex64), operators)
    with pytest.raises(ValueError, match="real"):
        Scattering2d(2, (8, 8))(torch.ones(1, 1, 8, 8, dtype=torch.complex64))


def test_operators_refuse_the_bank_of_another_grid():
    grid = Grid((16, 16), 2)
    for bank in (morlet_bank(3, grid.padded), morlet_bank(2, (20, 20))):
        with pytest.raises(ValueError, match="morlet_bank"):
            wavelet_operators(bank, grid)


@pytest.mark.parametrize(
    "wrong",
    [
        {"padding": "symmetric"},
        {"J": -1},
        {"J": 1.5},
        {"oversampling": -1},
        {"shape": (8,)},
        {"shape": (0, 8)},
    ],
)
def test_grid_refuses_what_it_cannot_do(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Grid(**{"shape": (8, 8), "J": 1} | wrong)


@pytest.mark.parametrize("wrong", [{"frame": "foo"}, {"L": 0}, {"J": -1}, {"J": 0.5}])
def test_bank_refuses_what_it_cannot_do(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        morlet_bank(**{"J": 1, "shape": (8, 8)} | wrong)


def test_numpy_integers_are_integers():
    sides = np.array([8, 8])
    assert Grid(tuple(sides), np.int64(2)) == Grid((8, 8), 2)
    assert Scattering2d(np.int64(2), sides, L=2)(torch.ones(1, 1, 8, 8)).shape[1] == 9


def test_no_images_give_no_coefficients(operators):
    assert scattering_tiles(torch.ones(0, 16, 16), operators).shape == (0, 16, 4, 4)
    assert Scattering2d(2, (8, 8), L=2)(torch.ones(0, 1, 8, 8)).shape == (0, 9, 2, 2)


def test_a_bank_beyond_the_bound_is_not_kept(monkeypatch):
    monkeypatch.setattr(_cache, "_banks", type(_cache._banks)())
    monkeypatch.setattr(_cache, "MAX_BYTES", 1000)
    assert cached_morlet_bank(2, (40, 40)).nbytes > 1000
    assert not _cache._banks


@pytest.mark.parametrize("scale", [1e-26, 1e-20, 1e20])
def test_scattering_is_homogeneous_over_the_range_of_float32(operators, scale):
    x = torch.rand(1, 16, 16, generator=torch.manual_seed(0))
    with torch.no_grad():
        scaled = scattering(x * scale, operators) / scale
        torch.testing.assert_close(
            scaled, scattering(x, operators), rtol=1e-4, atol=1e-6
        )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's own
def test_tangent_at_zero_is_finite_without_gradients(operators):
    x = torch.zeros(1, 16, 16)
    with torch.no_grad():
        _, tangent = torch.func.jvp(lambda x: scattering(x, operators), (x,), (x + 1,))
    assert torch.isfinite(tangent).all()


def test_half_precision_module_says_why():
    module = Scattering2d(2, (8, 8), L=2).half()
    with pytest.raises(TypeError, match="float32"):
        module(torch.ones(1, 1, 8, 8))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's own
def test_module_is_one_graph():
    torch._dynamo.reset()
    module = Scattering2d(2, (8, 8), L=2)
    x = torch.rand(1, 1, 8, 8, generator=torch.manual_seed(0))
    compiled = torch.compile(module, backend="eager", fullgraph=True)
    torch.testing.assert_close(compiled(x), module(x))
