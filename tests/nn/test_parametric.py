import copy
import math
import pickle

import numpy as np
import pytest
import torch
from torch import nn

from sklearn_scat.filters import cached_morlet_bank, littlewood_paley, morlet_hat
from sklearn_scat.nn import Scattering2d, ScatteringParametric2d
from sklearn_scat.nn._morlet import morlet_hat as learned_morlet_hat

VARIANTS = [
    {},
    {"equivariant": True},
    {"L": 5, "padding": "zero", "max_order": 3},
    {"L": 3, "padding": "periodic", "oversampling": 1, "equivariant": True},
]
NAMES = ("theta", "log_xi", "log_sigma", "log_slant")


def images(*shape, dtype=torch.float32):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0), dtype=dtype)


@pytest.mark.parametrize("shape", [(16, 16), (12, 25), (40, 7)])
@pytest.mark.parametrize("sigma, xi, slant", [(0.8, 2.4, 0.5), (0.5, 0.9, 1.5)])
def test_morlet_hat_equals_that_of_the_filters(shape, sigma, xi, slant):
    thetas = torch.tensor([0.3, -1.2, 2.0, 5.0], dtype=torch.float64)

    psi_hat = learned_morlet_hat(
        shape,
        theta=thetas,
        sigma=torch.full((4,), sigma).double(),
        xi=torch.full((4,), xi).double(),
        slant=torch.full((4,), slant).double(),
    )

    rounded = np.float32([sigma, xi, slant]).astype(float)
    for theta, filter_hat in zip(thetas.tolist(), psi_hat.numpy(), strict=True):
        expected = morlet_hat(
            shape, theta=theta, sigma=rounded[0], xi=rounded[1], slant=rounded[2]
        )
        np.testing.assert_allclose(filter_hat, expected, atol=1e-8)
    assert not psi_hat[:, 0, 0].any()


@pytest.mark.parametrize("variant", VARIANTS)
def test_parametric_starts_as_the_fixed_scattering(variant):
    x = images(2, 3, 16, 24)
    fixed = {k: v for k, v in variant.items() if k != "equivariant"}

    layer = ScatteringParametric2d(2, (16, 24), **variant)

    torch.testing.assert_close(
        layer(x), Scattering2d(2, (16, 24), **fixed)(x), rtol=0, atol=1e-5
    )
    assert np.array_equal(layer.paths, Scattering2d(2, (16, 24), **fixed).paths)


def test_parametric_bank_starts_as_the_fixed_one():
    layer = ScatteringParametric2d(3, (16, 24), L=6).double()
    fixed = cached_morlet_bank(3, layer.grid.padded, L=6)

    np.testing.assert_allclose(layer.bank().psi_hat, fixed.psi_hat, atol=1e-6)
    assert layer.littlewood_paley() == pytest.approx(
        littlewood_paley(fixed).max(), abs=1e-6
    )


@pytest.mark.parametrize("equivariant", [True, False])
def test_parametric_gradient_in_the_four_vectors(equivariant):
    torch.manual_seed(0)
    layer = ScatteringParametric2d(1, (16, 16), L=2, equivariant=equivariant).double()
    x = images(1, 1, 16, 16, dtype=torch.float64)
    values = [getattr(layer, name).detach().requires_grad_() for name in NAMES]

    def of_vectors(*values):
        vectors = dict(zip(NAMES, values, strict=True))
        S = torch.func.functional_call(layer, vectors, (x,))
        return torch.nn.functional.avg_pool2d(S, 4)

    assert all(v.shape == ((1,) if equivariant else (1, 2)) for v in values)
    assert torch.autograd.gradcheck(of_vectors, values)


def test_parametric_gradient_at_second_order():
    layer = ScatteringParametric2d(2, (8, 8), L=2).double()
    x = images(1, 1, 8, 8, dtype=torch.float64)
    values = [getattr(layer, name).detach().requires_grad_() for name in NAMES]

    def of_vectors(*values):
        vectors = dict(zip(NAMES, values, strict=True))
        return torch.func.functional_call(layer, vectors, (x,))[:, -16:]

    assert torch.autograd.gradcheck(of_vectors, values, fast_mode=True)


def test_parametric_gradient_reaches_the_image():
    layer = ScatteringParametric2d(1, (4, 4), L=2).double()
    x = images(1, 1, 4, 4, dtype=torch.float64).requires_grad_()

    assert torch.autograd.gradcheck(layer, x)


@pytest.mark.parametrize("optimizer", [torch.optim.SGD, torch.optim.Adam])
def test_parametric_of_learning_rate_zero_stays_as_it_was(optimizer):
    layer = ScatteringParametric2d(2, (8, 8), L=4)
    before = copy.deepcopy(layer.state_dict())
    step = optimizer(layer.parameters(), lr=0.0)

    layer(images(2, 1, 8, 8)).square().sum().backward()
    step.step()

    assert all(p.grad.abs().sum() > 0 for p in layer.parameters())
    for name, value in layer.state_dict().items():
        assert torch.equal(value, before[name])


def gratings(n, *, angle, xi, noise):
    """Return n gratings of random phases, n images without, and noise on all."""
    generator = torch.Generator().manual_seed(0)
    u = torch.arange(16.0)
    wave = xi * (math.cos(angle) * u[:, None] + math.sin(angle) * u)
    phases = 2 * math.pi * torch.rand(n, 1, 1, 1, generator=generator)
    x = torch.cat([torch.cos(wave + phases), torch.zeros(n, 1, 16, 16)])
    return x + noise * torch.randn(x.shape, generator=generator)


@pytest.mark.parametrize("equivariant", [True, False])
def test_parametric_learning_turns_to_the_grating(equivariant):
    torch.manual_seed(1)
    layer = ScatteringParametric2d(
        1, (16, 16), L=4, max_order=1, equivariant=equivariant
    )
    nearest = layer.morlet_parameters()["theta"][0, 1].item()
    target = nearest + 0.6 * math.pi / 8  # most of the way to halfway between two
    x, y = gratings(48, angle=target, xi=1.9, noise=0.7), torch.arange(96) // 48
    pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.BatchNorm1d(5))

    def fit(learned):
        head = nn.Linear(5, 2)
        groups = [{"params": head.parameters(), "lr": 0.05}]
        groups += [{"params": layer.parameters(), "lr": 0.02}] if learned else []
        optimizer = torch.optim.Adam(groups)
        for _ in range(30):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(head(pool(layer(x))), y)
            loss.backward()
            optimizer.step()
        return loss.item()

    def errors():
        theta, xi = (layer.morlet_parameters()[n][0, 1].item() for n in ("theta", "xi"))
        return abs(theta - target), abs(xi - 1.9)

    before, fixed = errors(), fit(learned=False)
    assert errors() == before
    learned, after = fit(learned=True), errors()

    assert after[0] < 0.6 * before[0]
    assert after[1] < before[1]
    assert learned < fixed


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))]
)
def test_parametric_copies_keep_learned_filters(duplicate):
    layer = ScatteringParametric2d(1, (8, 8), L=4)
    with torch.no_grad():
        layer.theta += 0.2
    x = images(2, 1, 8, 8)

    copied = duplicate(layer)

    assert torch.equal(copied(x), layer(x))
    assert not torch.allclose(copied(x), ScatteringParametric2d(1, (8, 8), L=4)(x))


def test_parametric_state_is_the_four_vectors():
    layer = ScatteringParametric2d(2, (8, 8), L=4, init="random")
    other = ScatteringParametric2d(2, (8, 8), L=4)
    x = images(2, 1, 8, 8)

    other.load_state_dict(layer.state_dict())

    assert set(layer.state_dict()) == set(NAMES)
    assert torch.equal(other(x), layer(x))


def test_parametric_random_start_is_in_the_published_ranges():
    torch.manual_seed(0)
    layer = ScatteringParametric2d(1, (2, 2), L=400, init="random", max_order=1)
    with torch.no_grad():
        start = layer.morlet_parameters()

    ranges = {
        "theta": (0, 2 * math.pi),
        "xi": (0.5, 1),
        "sigma": (1, 5),
        "slant": (0.5, 1.5),
    }
    for name, (low, high) in ranges.items():
        assert low <= start[name].min()
        assert start[name].max() <= high + 1e-6
        assert start[name].max() - start[name].min() > 0.8 * (high - low)
    assert start["sigma"].exp().mean() == pytest.approx(
        (math.e + math.e**5) / 2, rel=0.1
    )


def test_parametric_random_start_follows_the_seed():
    def made(seed):
        torch.manual_seed(seed)
        return ScatteringParametric2d(1, (4, 4), init="random").log_xi

    assert torch.equal(made(0), made(0))
    assert not torch.equal(made(0), made(1))


def test_parametric_equivariant_filters_turn_by_equal_angles():
    torch.manual_seed(0)
    layer = ScatteringParametric2d(
        2, (8, 8), L=4, equivariant=True, init="random", padding="periodic"
    ).double()

    psi_hat = layer.psi_hat()

    # half of the angles is a quarter of a turn: at (ω1, ω2) is what was at (−ω2, ω1)
    quarter = psi_hat[:, :2].mT.flip(-1).roll(1, -1)
    torch.testing.assert_close(psi_hat[:, 2:], quarter)
    assert layer.theta.shape == (2,)


def test_parametric_scattering_of_a_constant_image_is_its_average():
    torch.manual_seed(0)
    layer = ScatteringParametric2d(2, (16, 16), init="random")

    S = layer(torch.ones(1, 1, 16, 16))

    torch.testing.assert_close(S[:, :1], torch.ones(1, 1, 4, 4), rtol=0, atol=1e-4)
    assert S[:, 1:].abs().max() < 1e-6


def test_parametric_littlewood_paley_follows_the_filters():
    layer = ScatteringParametric2d(1, (16, 16), L=4)
    before = layer.littlewood_paley()
    with torch.no_grad():
        layer.theta[:] = layer.theta[0, 0]  # all in one direction

    assert before < 1.01
    assert layer.littlewood_paley() > 1.5


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_parametric_keeps_its_precision_under_autocast(dtype):
    layer = ScatteringParametric2d(1, (8, 8), L=4)
    x = images(2, 1, 8, 8)
    expected = layer(x)

    with torch.autocast("cpu", dtype=dtype):
        S = layer(x)

    assert torch.equal(S, expected)


def test_parametric_in_half_precision_is_an_error():
    with pytest.raises(TypeError, match=r"it holds torch.float16. Call .float"):
        ScatteringParametric2d(1, (8, 8)).half()(images(1, 1, 8, 8))


@pytest.mark.parametrize("shape", [(1, 1, 8, 9), (1, 8, 8), (8, 8)])
def test_parametric_of_wrong_shape_is_an_error(shape):
    with pytest.raises(ValueError, match=r"8x8 images takes real tensors"):
        ScatteringParametric2d(1, (8, 8))(images(*shape))


@pytest.mark.parametrize("wrong", [{"J": 0}, {"J": 1, "init": "other"}])
def test_parametric_of_wrong_parameters_is_an_error(wrong):
    with pytest.raises(ValueError, match=r"starts from one of \['random', 'tight'\]"):
        ScatteringParametric2d(shape=(8, 8), **wrong)
