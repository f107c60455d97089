"""The Lipschitz bound: never passed, nearly reached by linear layers."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from sklearn_scat import RotoTranslationScattering, ScatteringTransformer
from sklearn_scat.cascade import (
    Coefficients,
    Grid,
    Wavelet2d,
    _mirrored,
    lipschitz_bound,
    rigid_filters,
    scattering,
    separable_filters,
)
from sklearn_scat.cascade._lipschitz import repetition
from sklearn_scat.cascade._rotation import rigid_gains, separable_gains
from sklearn_scat.filters import cached_morlet_bank, circle_bank, littlewood_paley
from sklearn_scat.filters._frames import reflect
from sklearn_scat.transformers._module import ScatteringFeatures

DOUBLE = torch.empty(0, dtype=torch.float64)


def setting(n, J, *, frame="contractive", L=8, **grid):
    grid = Grid((n, n), J, **grid)
    return cached_morlet_bank(J, grid.padded, L=L, frame=frame), grid


def network_norm(operators, n):
    """The largest ‖Sx‖ / ‖x‖ that ascending from noise finds."""
    return largest_gain(lambda x: scattering(x, operators), n)


def largest_gain(function, n, steps=30):
    """The largest ‖f(x)‖ / ‖x‖ that ascending from noise finds."""
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(1, n, n, generator=generator, dtype=torch.float64)
    for _ in range(steps):
        x = (x / x.norm()).requires_grad_()
        norm = function(x).norm()
        (x,) = torch.autograd.grad(norm, x)
    return norm.item()


@pytest.mark.parametrize(
    ("n", "J", "order", "oversampling", "padding"),
    [
        *((32, 2, 2, 0, padding) for padding in ("reflect", "zero", "periodic")),
        (32, 2, 1, 1, "periodic"),
        # averages on the mirror, beside it, and a mirror that repeats pixels thrice
        (17, 2, 2, 0, "reflect"),
        (22, 2, 1, 1, "reflect"),
        (16, 3, 2, 0, "reflect"),
        (16, 2, 3, 0, "reflect"),
        (12, 0, 2, 0, "reflect"),
    ],
)
def test_bound_holds_and_is_near(n, J, order, oversampling, padding):
    bank, grid = setting(n, J, padding=padding, oversampling=oversampling)
    W = Wavelet2d.from_bank(grid, bank, like=DOUBLE)

    found = network_norm([W] * (order + 1), n)
    bound = lipschitz_bound(bank, grid, max_order=order)

    assert found <= bound * (1 + 1e-9)
    assert bound <= 1.1 * found  # the layers' worst images differ


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


@pytest.mark.parametrize("J", [2, 4])
def test_mirror_hardly_adds_what_its_copies_weigh(J):
    """Copies have the norm `repetition`, of which averages see the smaller part."""
    bank, grid = setting(32, J)
    zero = lipschitz_bound(*setting(32, J, padding="zero"))
    factor = lipschitz_bound(bank, grid) / zero
    assert 1 < factor < 0.9 * repetition(grid)


def test_mirror_of_large_images_is_a_factor(monkeypatch):
    bank, grid = setting(32, 2)
    near = lipschitz_bound(bank, grid)
    monkeypatch.setattr(_mirrored, "_LARGEST_GRID", math.prod(grid.padded) - 1)
    zero = lipschitz_bound(*setting(32, 2, padding="zero"))
    assert lipschitz_bound(bank, grid) == pytest.approx(repetition(grid) * zero)
    monkeypatch.setattr(_mirrored, "_LARGEST_GRID", math.prod(grid.padded))
    assert lipschitz_bound(bank, grid) == near


@pytest.mark.parametrize("oversampling", [0, 1])
def test_weighted_energy_is_that_of_the_layer(rng, oversampling):
    """⟨U, HU⟩ = ‖A U‖² + Σ w |U * ψ|², and H is symmetric."""
    bank, grid = setting(20, 3, L=4, oversampling=oversampling)
    network = _mirrored.MirroredNetwork(bank, grid)
    W = Wavelet2d.from_bank(grid, bank, like=np.empty(0))
    for scales in ((), (0,)):
        r = grid.resolution(scales[-1]) if scales else 0
        first = len(scales)
        U, other = rng.normal(size=(2, *(m >> r for m in grid.padded)))
        A, details = W(Coefficients(U[None, None], scales, r))
        energy, weights = np.sum(A.values**2), [None] * 3
        for V in details:
            weights[V.scales[-1]] = w = rng.random(V.values.shape[-2:])
            energy += np.sum(w * np.abs(V.values) ** 2)

        HU = network._energy(U, r, first, weights=weights)
        H_other = network._energy(other, r, first, weights=weights)

        assert np.vdot(U, HU) == pytest.approx(energy, rel=1e-10)
        assert np.vdot(other, HU) == pytest.approx(np.vdot(H_other, U), rel=1e-8)


@pytest.mark.parametrize("n", [9, 80, 400])
def test_bound_of_eigenvalues_is_above_and_near(rng, n):
    for power in (0.1, 3.0):  # alike, and one that stands out
        values = np.linspace(0.5, 1, n) ** power
        basis = np.linalg.qr(rng.normal(size=(n, n)))[0]
        H = (basis * values) @ basis.T

        bound = _mirrored.largest_eigenvalue(lambda x, H=H: H @ x, (n,))

        assert 1 - 1e-12 <= bound <= (1 + 1e-12 if n <= 80 else 1.03)


@pytest.mark.parametrize("form", ["rigid", "complete", "separable"])
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"padding": "periodic"},
        {"pooling": "mean", "oversampling": 1, "frame": "contractive"},
        {"max_order": 1, "L": 4},
        {"K": 1, "frame": "contractive", "padding": "zero"},
    ],
    ids=str,
)
def test_bound_of_rotation_holds_and_is_near(form, parameters):
    model = RotoTranslationScattering(form=form, **parameters)
    model.fit(np.ones((1, 16, 16)))
    features = ScatteringFeatures(model)

    found = largest_gain(features, 16)

    assert found <= model.lipschitz_bound_ * (1 + 1e-9)
    assert model.lipschitz_bound_ <= 1.25 * found


def test_gains_of_rotation_are_norms_of_what_angles_do(rng):
    """Of random functions of an angle none is stretched more; the worst nearly is."""
    L = 8
    circle = circle_bank(3, 2 * L)
    Z = rng.normal(size=(200, L)) + 1j * rng.normal(size=(200, L))
    m = np.argmax(circle.phi_hat**2 + (circle.psi_hat**2).sum(0))
    Z[0] = np.exp(2j * np.pi * m * np.arange(L) / (2 * L))
    whole = np.concatenate([Z, Z.conj()], axis=1)
    low, *bands = rigid_filters(circle)
    energy = 2 * np.sum(np.abs(whole @ low.T) ** 2, 1)  # its moduli repeat
    energy = energy + sum(np.sum(np.abs(whole @ h.T) ** 2, 1) for h in bands)
    ratios = energy / np.sum(np.abs(whole) ** 2, 1)
    assert ratios.max() <= rigid_gains(circle)[1] ** 2 * (1 + 1e-12)
    circle = circle_bank(2, L, conjugate=True)
    energy = sum(np.sum(np.abs(Z @ h.T) ** 2, 1) for h in separable_filters(circle))
    ratios = energy / np.sum(np.abs(Z) ** 2, 1)
    assert ratios.max() <= separable_gains(circle)[1] ** 2 * (1 + 1e-12)


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
