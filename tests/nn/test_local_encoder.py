import numpy as np
import pytest
import torch
from torch import nn

from sklearn_scat.cascade import path_table
from sklearn_scat.nn import Scattering2d, SharedLocalEncoder, angular_spectrum


def maps(*shape):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def net():
    torch.manual_seed(0)
    return SharedLocalEncoder(10, width=16, hidden=(32, 32), in_channels=9)


def test_local_encoder_sees_one_position_at_a_time(net):
    x = maps(2, 9, 4, 5)
    changed = x.clone()
    changed[:, :, 1, 2] += 1
    net.eval()

    moved = (net.encode(changed) != net.encode(x)).any(1)

    expected = torch.zeros(2, 4, 5, dtype=torch.bool)
    expected[:, 1, 2] = True
    assert torch.equal(moved, expected)


def test_local_encoder_is_the_same_at_all_positions(net):
    x = maps(1, 9, 4, 4)
    net.eval()

    turned = net.encode(x.roll((1, 2), (-2, -1)))

    torch.testing.assert_close(turned, net.encode(x).roll((1, 2), (-2, -1)))
    torch.testing.assert_close(net(x.flip(-1)), net(x))


def test_local_encoder_has_the_number_of_weights_of_its_layers():
    with torch.device("meta"):
        net = SharedLocalEncoder(in_channels=1251)

    encoder = [p.numel() for f in (net.F1, net.F2, net.F3) for p in f.parameters()]
    assert sum(encoder) == 3_378_176 + 6_144


@pytest.mark.parametrize("pool", [1, 2])
def test_local_encoder_averages_to_the_grid_that_is_asked(pool):
    net = SharedLocalEncoder(3, width=8, hidden=(4, 4), pool=pool)
    x = maps(2, 9, 4, 4)

    assert net(x).shape == (2, 3)
    assert net.F4[0].in_features == 8 * pool**2
    assert torch.allclose(net(x), net(x.flip(-1)), atol=1e-5) is (pool == 1)


def test_local_encoder_takes_a_batch_of_one(net):
    assert torch.isfinite(net(maps(1, 9, 1, 1))).all()


def test_local_encoder_overfits_fifty_samples(net):
    x, y = maps(50, 9, 2, 2), torch.arange(50) % 10
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)

    for _ in range(100):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()

    assert (net.eval()(x).argmax(1) == y).all()


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("kernel", [(), (3, 3)])
def test_angular_spectrum_of_random_weights_is_flat(rng, order, kernel):
    paths = path_table(J=2, L=6)
    weight = rng.standard_normal((400, 2 * len(paths), *kernel))

    E = angular_spectrum(weight, paths, order=order)

    assert E.shape == (6,)
    assert E.sum() == pytest.approx(1)
    np.testing.assert_allclose(E, 1 / 6, rtol=0.15)


@pytest.mark.parametrize("order", [1, 2])
def test_angular_spectrum_of_invariant_weights_is_at_zero(rng, order):
    L, paths = 4, path_table(J=2, L=4)
    relative = {}
    weight = np.empty((3, len(paths)))
    for p, path in enumerate(paths):
        difference = (path["theta2"] - path["theta1"]) % L if path["order"] == 2 else 0
        key = (path["j1"], path["j2"], difference)
        weight[:, p] = relative.setdefault(key, rng.standard_normal(3))

    E = angular_spectrum(weight, paths, order=order)

    np.testing.assert_allclose(E, [1, 0, 0, 0], atol=1e-12)


@pytest.mark.parametrize("frequency", [1, 2])
def test_angular_spectrum_finds_a_frequency(frequency):
    paths = path_table(J=2, L=8)
    wave = np.cos(2 * np.pi * frequency * paths["theta1"] / 8)

    E = angular_spectrum(torch.tensor(np.tile(wave, (2, 3))), paths)

    np.testing.assert_allclose(E[frequency] + E[-frequency], 1)


def test_angular_spectrum_follows_a_rotation_of_the_image():
    layer = Scattering2d(2, (16, 16), L=4, padding="periodic").double()
    x = torch.randn(1, 1, 16, 16, dtype=torch.float64)
    quarter = x.mT.flip(-1).roll(1, -1)  # about the first pixel, by 90°
    weight = layer(x)[..., :1, :1]
    turned = layer(quarter)[..., :1, :1]

    for order in (1, 2):
        np.testing.assert_allclose(
            angular_spectrum(turned, layer.paths, order=order),
            angular_spectrum(weight, layer.paths, order=order),
            rtol=1e-6,
            atol=1e-9,
        )


def test_angular_spectrum_of_other_weights_is_an_error():
    paths = path_table(J=1, L=4)

    with pytest.raises(ValueError, match="multiple of 5; these weights have 7"):
        angular_spectrum(np.ones((2, 7)), paths)
    with pytest.raises(ValueError, match=r"between 1 and 1.*got 2"):
        angular_spectrum(np.ones((2, 5)), paths, order=2)
