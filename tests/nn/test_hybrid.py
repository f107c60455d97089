import copy
import pickle

import pytest
import torch
from torch import nn

from sklearn_scat.nn import Hybrid, Scattering2d, SmallCNN


def images(*shape):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def net():
    torch.manual_seed(0)
    return Hybrid(Scattering2d(2, (8, 12), L=2), SmallCNN(3, width=8))


def train(net, x, y, *, n_steps, lr=1e-2):
    optimizer = torch.optim.Adam(net.parameters(), lr=lr)
    for _ in range(n_steps):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()


def test_hybrid_is_its_parts_one_after_the_other(net):
    x = images(4, 2, 8, 12)
    net(x)
    net.eval()

    expected = net.head(net.bn0(net.scattering(x)))

    assert torch.equal(net(x), expected)
    assert list(net.bn0.parameters()) == []
    assert net.bn0.num_features == 2 * 9


def test_hybrid_needs_no_first_batch_where_the_channels_are_given():
    scattering = Scattering2d(2, (8, 12), L=2)

    net = Hybrid(scattering, nn.Conv2d(27, 4, 1), in_channels=3)

    assert net.bn0.num_features == 27
    assert not any("Lazy" in type(m).__name__ for m in net.modules())


def test_hybrid_without_normalization(net):
    bare = Hybrid(net.scattering, nn.Flatten(), normalize=False)
    x = images(4, 2, 8, 12)

    assert torch.equal(bare(x), net.scattering(x).flatten(1))


def test_hybrid_overfits_fifty_samples():
    torch.manual_seed(0)
    net = Hybrid(Scattering2d(1, (8, 8), L=4), SmallCNN(width=16))
    x = images(50, 1, 8, 8)
    y = torch.arange(50) % 10
    net(x)

    train(net, x, y, n_steps=60)

    assert (net.eval()(x).argmax(1) == y).all()


def test_hybrid_training_leaves_the_scattering_as_it_was(net):
    x = images(6, 1, 8, 12)
    before = net.scattering(x)
    filters = {n: b.clone() for n, b in net.scattering.named_buffers()}
    net(x)
    weights = copy.deepcopy(net.head.state_dict())

    train(net, x, torch.arange(6) % 3, n_steps=3)

    assert torch.equal(net.scattering(x), before)
    for name, buffer in net.scattering.named_buffers():
        assert torch.equal(buffer, filters[name])
    after = net.head.state_dict()
    assert not torch.equal(after["conv1.weight"], weights["conv1.weight"])


def test_hybrid_keeps_no_graph_of_a_frozen_scattering(net):
    x = images(2, 1, 8, 12)
    net(x)
    maps = []
    net.scattering.register_forward_hook(lambda *call: maps.append(call[-1]))

    net(x)

    assert maps[0].grad_fn is None


def test_hybrid_gradient_reaches_the_image(net):
    x = images(2, 1, 8, 12).requires_grad_()

    net(x)[0, 0].backward()

    assert x.grad.abs().sum() > 0


@pytest.mark.parametrize("frozen", [True, False])
def test_hybrid_freezes_what_can_be_learned(frozen):
    scattering = nn.Conv2d(1, 4, 2, stride=2)

    Hybrid(scattering, SmallCNN(2, width=4), frozen=frozen)

    assert all(p.requires_grad is not frozen for p in scattering.parameters())


def test_hybrid_is_callable_without_arguments():
    assert Hybrid()(images(2, 3, 32, 32)).shape == (2, 10)


def test_hybrid_of_the_same_seed_has_the_same_weights():
    def made():
        torch.manual_seed(3)
        net = Hybrid(Scattering2d(1, (4, 4), L=2), SmallCNN(2, width=4))
        net(images(2, 1, 4, 4))
        return net.state_dict()

    for a, b in zip(made().values(), made().values(), strict=True):
        assert torch.equal(a, b)


def test_hybrid_survives_pickle(net):
    x = images(3, 1, 8, 12)
    net(x)

    loaded = pickle.loads(pickle.dumps(net))

    assert torch.equal(loaded.eval()(x), net.eval()(x))
