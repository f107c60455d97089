"""Roto-translation scattering: the group convolution, spelled out, and invariances."""

from itertools import product

import numpy as np
import pytest
import torch

from sklearn_scat.cascade import (
    FORMS,
    Grid,
    Wavelet2d,
    complete_path_table,
    rigid_operators,
    rigid_path_table,
    scattering,
    separable_operators,
    separable_path_table,
)
from sklearn_scat.filters import circle_bank, littlewood_paley, morlet_bank

DOUBLE = torch.empty(0, dtype=torch.float64)


def full_resolution(J, L, *, shape=(16, 16), frame="none"):
    """Return the plain operator without padding or decimation, and its bank."""
    grid = Grid(shape, J, "periodic", oversampling=J)
    bank = morlet_bank(J, shape, L=L, frame=frame)
    return Wavelet2d.from_bank(grid, bank, like=DOUBLE), bank


def convolve(x, a_hat):
    return np.fft.ifft2(np.fft.fft2(x) * a_hat)


def angular(Z, h_hat):
    """Σ_θ' Z[θ'] h(θ − θ'), one term after another."""
    h = np.fft.ifft(h_hat)
    n = len(Z)
    return [sum(Z[s] * h[(t - s) % n] for s in range(n)) for t in range(n)]


def rigid_oracle(x, bank, circle):
    """Scattering on rigid motions from its definition, by path."""
    J, L = bank.J, bank.L
    average = lambda u: convolve(u, bank.phi_hat).real  # noqa: E731

    def spatial(u, j, angle):  # the wavelet turned by π is the conjugate one
        V = convolve(u, bank.psi_hat[j, angle % L])
        return V if angle % (2 * L) < L else V.conj()

    S = {(0, -1, -1, -1, -1, -1): average(x)}
    for j1 in range(J):
        Y = [np.abs(spatial(x, j1, t)) / np.sqrt(2) for t in range(2 * L)]
        S[1, j1, -1, -1, -1, -1] = np.mean([average(u) for u in Y], axis=0)
        for j2, theta2 in product(range(j1 + 1, J), range(L)):
            Z = [spatial(Y[t], j2, theta2 + t) for t in range(2 * L)]
            for k in range(-1, circle.K):
                U = np.abs(angular(Z, circle.psi_hat[k] if k >= 0 else circle.phi_hat))
                S[2, j1, -1, j2, theta2, k] = average(U.mean(axis=0))
    return S


def complete_oracle(x, bank, circle):
    """The same, and |Y_j1 * φ_J| filtered along the whole circle of angles."""
    S, L = rigid_oracle(x, bank, circle), bank.L
    for j1 in range(bank.J):
        moduli = [np.abs(convolve(x, bank.psi_hat[j1, t])) for t in range(L)]
        A = [convolve(u, bank.phi_hat).real / np.sqrt(2) for u in moduli * 2]
        for k in range(circle.K):
            V = np.abs(angular(A, circle.psi_hat[k]))
            S[2, j1, -1, -1, -1, k] = np.mean(V, axis=0)
    return S


def separable_oracle(x, bank, circle):
    """Separable roto-translation scattering from its definition, by path."""
    J, L, K = bank.J, bank.L, circle.K
    average = lambda u: convolve(u, bank.phi_hat).real  # noqa: E731
    S = {(0, -1, -1, -1, -1, -1, -1): average(x)}
    for j1 in range(J):
        U = [np.abs(convolve(x, bank.psi_hat[j1, t])) for t in range(L)]
        for t in range(L):
            S[1, j1, t, -1, -1, -1, -1] = average(U[t])
        for j2 in range(j1 + 1, J):
            for t2 in range(L):
                Z = [convolve(u, bank.psi_hat[j2, t2]) for u in U]
                for c, branch in enumerate((Z, np.conj(Z))):
                    for k in range(K):
                        V = angular(branch, circle.psi_hat[k])
                        for t1 in range(0, L, 2**k):
                            S[2, j1, t1, j2, t2, k, c] = average(np.abs(V[t1]))
                V = angular(Z, circle.phi_hat)
                for t1 in range(0, L, 2**K):
                    S[2, j1, t1, j2, t2, -1, 0] = average(np.abs(V[t1]))
    return S


@pytest.mark.parametrize(("J", "L", "K"), [(2, 4, 2), (3, 3, 1), (2, 8, 3), (2, 1, 0)])
def test_rigid_scattering_equals_the_group_convolution(J, L, K):
    W, bank = full_resolution(J, L)
    circle = circle_bank(K, 2 * L)
    x = np.random.default_rng(0).normal(size=(16, 16))
    S = scattering(torch.from_numpy(x)[None], rigid_operators(W, circle))[0].numpy()
    oracle = rigid_oracle(x, bank, circle)
    paths = rigid_path_table(J, L, K)
    assert len(oracle) == len(paths)
    expected = np.array([oracle[tuple(path)] for path in paths.tolist()])
    np.testing.assert_allclose(S, expected, atol=1e-10 * np.abs(expected).max())


@pytest.mark.parametrize(("J", "L", "K"), [(2, 4, 2), (1, 8, 3), (2, 3, 0), (0, 2, 1)])
def test_complete_scattering_equals_its_definition(J, L, K):
    W, bank = full_resolution(J, L)
    circle = circle_bank(K, 2 * L)
    x = np.random.default_rng(0).normal(size=(16, 16))
    operators = FORMS["complete"].operators(W, circle)
    S = scattering(torch.from_numpy(x)[None], operators)[0].numpy()
    oracle = complete_oracle(x, bank, circle)
    paths = complete_path_table(J, L, K)
    assert len(oracle) == len(paths) == len(rigid_path_table(J, L, K)) + J * K
    expected = np.array([oracle[tuple(path)] for path in paths.tolist()])
    np.testing.assert_allclose(S, expected, atol=1e-10 * np.abs(expected).max())


@pytest.mark.parametrize(("J", "L", "K"), [(3, 4, 1), (2, 8, 2), (2, 12, 2)])
def test_separable_scattering_equals_its_definition(J, L, K):
    W, bank = full_resolution(J, L)
    circle = circle_bank(K, L, conjugate=True)
    x = np.random.default_rng(0).normal(size=(16, 16))
    S = scattering(torch.from_numpy(x)[None], separable_operators(W, circle))[0].numpy()
    oracle = separable_oracle(x, bank, circle)
    paths = separable_path_table(J, L, K)
    assert len(oracle) == len(paths)
    expected = np.array([oracle[tuple(path)] for path in paths.tolist()])
    np.testing.assert_allclose(S, expected, atol=1e-10 * np.abs(expected).max())


def quarter_turn(x):
    """Rotate by 90° about the first pixel of the torus."""
    return torch.rot90(x, 1, (-2, -1)).roll(1, -2)


@pytest.mark.parametrize("form", ["rigid", "complete"])
@pytest.mark.parametrize(("oversampling", "bound"), [(0, 3e-6), (3, 1e-12)])
def test_rigid_scattering_ignores_quarter_turns(form, oversampling, bound):
    grid = Grid((32, 32), 3, "periodic", oversampling)
    W = Wavelet2d.from_bank(grid, morlet_bank(3, (32, 32)), like=DOUBLE)
    x = torch.randn(1, 32, 32, dtype=torch.float64, generator=torch.manual_seed(0))
    operators = FORMS[form].operators(W, circle_bank(3, 16))
    means = [
        scattering(image, operators).mean((-2, -1)) for image in (x, quarter_turn(x))
    ]
    assert (means[1] - means[0]).norm() <= bound * means[0].norm()
    plain = [
        scattering(image, [W] * 3).mean((-2, -1)) for image in (x, quarter_turn(x))
    ]
    assert (plain[1] - plain[0]).norm() >= 1e-3 * plain[0].norm()


def test_quarter_turns_permute_separable_coefficients():
    L, K = 8, 2
    W, _ = full_resolution(2, L, shape=(32, 32))
    operators = separable_operators(W, circle_bank(K, L, conjugate=True))
    x = torch.randn(1, 32, 32, dtype=torch.float64, generator=torch.manual_seed(1))
    S, turned = (
        scattering(image, operators)[0].mean((-2, -1)) for image in (x, quarter_turn(x))
    )
    index = {
        tuple(row): i for i, row in enumerate(separable_path_table(2, L, K).tolist())
    }

    def image_of(order, j1, t1, j2, t2, k, c):  # angles move by L/2
        t1 = (t1 + L // 2) % L if t1 >= 0 else -1
        wraps = t2 < L // 2  # past π the wavelet is the conjugate one
        t2 = (t2 + L // 2) % L if t2 >= 0 else -1
        return order, j1, t1, j2, t2, k, (1 - c if k >= 0 and wraps else c)

    permuted = turned[[index[image_of(*path)] for path in index]]
    assert (permuted - S).norm() <= 1e-10 * S.norm()
    assert (turned - S).norm() >= 1e-3 * S.norm()


def test_one_scale_has_no_second_order():
    assert rigid_path_table(1, 8, 3)["order"].max() == 1
    assert separable_path_table(1, 8, 2)["order"].max() == 1
    assert len(rigid_path_table(3, 8, 3)) == 1 + 3 + 8 * 4 * 3
    assert len(separable_path_table(3, 8, 2)) == 1 + 3 * 8 + 208 * 3


@pytest.mark.parametrize("form", ["rigid", "complete", "separable"])
def test_contractive_banks_contract(form):
    J, L = 3, 8
    W, bank = full_resolution(J, L, shape=(32, 32), frame="contractive")
    if form != "separable":
        circle = circle_bank(3, 2 * L, frame="contractive")
        operators, weight = FORMS[form].operators(W, circle), None
    else:
        circle = circle_bank(2, L, frame="contractive", conjugate=True)
        operators = separable_operators(W, circle)
        paths = separable_path_table(J, L, 2)
        steps = np.where(paths["k"] < 0, 4, 2.0 ** np.maximum(paths["k"], 0))
        weight = torch.from_numpy(np.where(paths["order"] == 2, steps, 1))
    peak = np.unravel_index(littlewood_paley(bank).argmax(), bank.shape)
    phase = 2 * np.pi * np.add.outer(np.arange(32) * peak[0], np.arange(32) * peak[1])
    generator = torch.manual_seed(0)
    x = torch.randn(8, 32, 32, dtype=torch.float64, generator=generator)
    x[0] = torch.from_numpy(np.cos(phase / 32))
    x[1] = 0
    S = scattering(x, operators)
    energy = (S[0::2] - S[1::2]).square().sum((-2, -1))
    energy = (energy * weight if weight is not None else energy).sum(-1)
    assert torch.all(energy <= (x[0::2] - x[1::2]).square().sum((-2, -1)) * (1 + 1e-12))


def test_gradients_pass_through_the_angles():
    W, _ = full_resolution(2, 4, shape=(8, 8))
    x = torch.randn(1, 8, 8, dtype=torch.float64, generator=torch.manual_seed(0))
    x.requires_grad_()
    for operators in (
        rigid_operators(W, circle_bank(2, 8)),
        FORMS["complete"].operators(W, circle_bank(2, 8)),
        separable_operators(W, circle_bank(1, 4, conjugate=True)),
    ):
        assert torch.autograd.gradcheck(
            lambda x, o=operators: scattering(x, o).square().mean((-2, -1)), x
        )
    zero = torch.zeros_like(x, requires_grad=True)
    scattering(zero, rigid_operators(W, circle_bank(2, 8))).sum().backward()
    assert torch.isfinite(zero.grad).all()
