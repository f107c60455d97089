"""The Lipschitz bound: never passed, nearly reached by linear layers."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sklearn_scat import ScatteringTransformer
from sklearn_scat.cascade import Grid, Wavelet2d, lipschitz_bound, scattering
from sklearn_scat.filters import cached_morlet_bank, littlewood_paley
from sklearn_scat.filters._frames import reflect

DOUBLE = torch.empty(0, dtype=torch.float64)


def setting(n, J, *, frame="contractive", L=8, **grid):
    grid = Grid((n, n), J, **grid)
    return cached_morlet_bank(J, grid.padded, L=L, frame=frame), grid


def network_norm(operators, n, steps=30):
    """The largest ‖Sx‖ / ‖x‖ that ascending from noise finds."""
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(1, n, n, generator=generator, dtype=torch.float64)
    for _ in range(steps):
        x = (x / x.norm()).requires_grad_()
        norm = scattering(x, operators).norm()
        (x,) = torch.autograd.grad(norm, x)
    return norm.item()


@pytest.mark.parametrize("padding", ["reflect", "zero", "periodic"])
@pytest.mark.parametrize(("J", "order", "oversampling"), [(2, 2, 0), (2, 1, 1)])
def test_bound_holds_and_is_near(padding, J, order, oversampling):
    bank, grid = setting(32, J, padding=padding, oversampling=oversampling)
    W = Wavelet2d.from_bank(grid, bank, like=DOUBLE)

    found = network_norm([W] * (order + 1), 32)
    bound = lipschitz_bound(bank, grid, max_order=order)

    assert found <= bound * (1 + 1e-9)
    # the layers' worst images differ; a mirror counts edge pixels up to four times
    assert bound <= (2 if padding == "reflect" else 1.25) * found


@pytest.mark.parametrize(("J", "frame"), [(2, "contractive"), (3, "none")])
def test_bound_of_sampled_layer_is_its_norm_by_power_iteration(J, frame):
    bank, grid = setting(32, J, frame=frame, padding="periodic")
    W = Wavelet2d.from_bank(grid, bank, like=DOUBLE)
    x = torch.ones(1, 32, 32, dtype=torch.float64)
    x[0, 0, 0] = 2
    for _ in range(200):
        x = (x / x.norm()).requires_grad_()
        A, details = W(W.embed(x))
        energy = 4**A.resolution * A.values.square().sum()
        for V in details:
            energy = energy + 4**V.resolution * V.values.abs().square().sum()
        (x,) = torch.autograd.grad(energy, x)

    bound = 2**J * lipschitz_bound(bank, grid, max_order=1)

    assert energy.item() ** 0.5 <= bound * (1 + 1e-9)
    assert bound <= 1.01 * energy.item() ** 0.5


@pytest.mark.parametrize("frame", ["contractive", "tight"])
def test_bound_is_one_where_nothing_is_decimated(frame):
    bank, grid = setting(32, 3, frame=frame, padding="periodic", oversampling=3)
    assert lipschitz_bound(bank, grid, max_order=3) == pytest.approx(1, abs=1e-12)


def test_bound_of_one_undecimated_layer_is_the_littlewood_paley_peak():
    bank, grid = setting(32, 3, frame="none", padding="periodic", oversampling=3)
    peak = littlewood_paley(bank).max()
    assert lipschitz_bound(bank, grid, max_order=1) == pytest.approx(
        peak**0.5, abs=1e-3
    )


def test_reflection_doubles_the_bound_of_zeros():
    bounds = [lipschitz_bound(*setting(32, 2, padding=p)) for p in ("zero", "reflect")]
    assert bounds[1] == pytest.approx(2 * bounds[0])


def test_bound_grows_with_the_order():
    bank, grid = setting(32, 3, frame="none")
    bounds = [lipschitz_bound(bank, grid, max_order=m) for m in range(4)]
    assert np.all(np.diff(bounds) >= 0)
    assert bounds[0] < bounds[2]


@pytest.mark.filterwarnings("ignore::sklearn_scat.PixelRangeWarning")
@pytest.mark.parametrize("parameters", [{}, {"pooling": "mean"}, {"J": 0}, {"J": 3}])
@pytest.mark.parametrize("pooled_angles", [False, True])
def test_fitted_bound_holds_on_images(rng, natural_crops, parameters, pooled_angles):
    x = natural_crops[:, :16, :16]
    y = x + rng.standard_normal(x.shape) * 10.0 ** np.arange(-3, 3)[:, None, None]
    constant = np.ones((1, 16, 16))
    x, y = np.concatenate([x, constant]), np.concatenate([y, 2 * constant])
    scattering = ScatteringTransformer(orientation_pooling=pooled_angles, **parameters)

    Sx, Sy = (scattering.fit(x).transform(z) for z in (x, y))

    moved = np.linalg.norm(Sx - Sy, axis=1) / np.linalg.norm(
        (x - y).reshape(7, -1), axis=1
    )
    assert np.all(moved <= scattering.lipschitz_bound_)
    assert moved.max() > 0.2 * scattering.lipschitz_bound_


def test_bound_of_channels_is_that_of_one(rng):
    grey, color = rng.random((2, 16, 16)), rng.random((2, 3, 16, 16))
    one, three = (
        ScatteringTransformer().fit(x).lipschitz_bound_ for x in (grey, color)
    )
    assert one == three


def test_bound_needs_a_fitted_transformer():
    assert not hasattr(ScatteringTransformer(), "lipschitz_bound_")


@pytest.mark.parametrize("j", [0, 1, 2])
@pytest.mark.parametrize("frame", ["none", "contractive"])
def test_paths_go_to_larger_scales_only(j, frame):
    """With wavelets at one scale there are no paths of order 2: the bound is that of 1.

    Tight where nothing is decimated: then order 1 is the Littlewood–Paley peak.
    """
    bank, grid = setting(32, 3, frame=frame, padding="periodic", oversampling=3)
    # thrice as large, so that a second one would show
    psi_hat = tuple(3 * p * (scale == j) for scale, p in enumerate(bank.psi_hat))
    alone = replace(bank, psi_hat=psi_hat)
    one, two, three = (lipschitz_bound(alone, grid, max_order=m) for m in (1, 2, 3))
    assert two == pytest.approx(one, rel=1e-9)
    assert three == pytest.approx(one, rel=1e-9)
    assert one == pytest.approx(littlewood_paley(alone).max() ** 0.5, rel=1e-3)


def test_bound_of_order_two_is_that_of_the_tree_of_undecimated_layers():
    """B(j)² is the largest value of |φ|² + Σ B(j')² |ψ|² over the scales j' > j."""
    bank, grid = setting(32, 3, frame="none", padding="periodic", oversampling=3)
    bank = replace(bank, psi_hat=tuple(3 * p for p in bank.psi_hat))
    phi = np.abs(np.multiply.outer(bank.phi_hat_rows, bank.phi_hat_columns)) ** 2
    energy = [(np.abs(p) ** 2).sum(axis=0) for p in bank.psi_hat]
    energy = [(e + reflect(e)) / 2 for e in energy]  # images are real

    def squared(scale, order):
        deeper = range(scale + 1, 3) if order else ()
        return (phi + sum(squared(j, order - 1) * energy[j] for j in deeper)).max()

    for order in (1, 2, 3):
        bound = lipschitz_bound(bank, grid, max_order=order)
        assert bound == pytest.approx(squared(-1, order) ** 0.5, rel=1e-3)
