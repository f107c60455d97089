import pytest
import torch
from torch import nn

from sklearn_scat.nn import PartialReLU, RegularBoundaryNet


def images(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    "width, published", [(32, 111_786), (128, 1_774_218), (512, 28_330_506)]
)
def test_regular_boundary_net_has_the_published_number_of_weights(width, published):
    with torch.device("meta"):
        net = RegularBoundaryNet(width=width)

    assert sum(p.numel() for p in net.parameters()) == published
    assert 27 * width + 108 * width**2 + 10 * width + 10 == published


def test_regular_boundary_net_is_thirteen_convolutions_without_more_weights():
    net = RegularBoundaryNet(width=8)

    names = [name for name, _ in net.named_parameters()]

    assert names == [
        *(f"layers.{n}.0.weight" for n in range(13)),
        "classifier.weight",
        "classifier.bias",
    ]


@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (16, 16), (28, 28), (32, 32)])
@pytest.mark.parametrize("in_channels", [1, 3])
def test_regular_boundary_net_takes_images_of_several_sizes(shape, in_channels):
    net = RegularBoundaryNet(5, width=4, in_channels=in_channels)
    x = images(2, in_channels, *shape)

    assert net(x).shape == (2, 5)
    assert net(x[:1]).shape == (1, 5)


def test_regular_boundary_net_halves_the_maps_twice():
    x = images(1, 3, 32, 32)
    sides = []
    for layer in RegularBoundaryNet(width=4).layers:
        x = layer(x)
        sides.append(x.shape[-1])

    assert sides == [32] * 5 + [16] * 4 + [8] * 4


def test_regular_boundary_net_drops_after_every_block():
    net = RegularBoundaryNet(width=4, dropout=0.4)

    dropped = [n for n, layer in enumerate(net.layers, 1) if len(layer) > 3]

    assert dropped == [3, 5, 7, 9, 11, 13]
    assert all(net.layers[n - 1][3].p == 0.4 for n in dropped)


def test_regular_boundary_net_starts_with_the_published_deviation():
    torch.manual_seed(0)
    net = RegularBoundaryNet(width=64)

    limit = 2 * (8 / (9 * 64)) ** 0.5
    for layer in net.layers:
        weight = layer[0].weight
        assert weight.abs().max() <= limit
        # the deviation of a normal variable cut at two of them
        assert weight.std().item() == pytest.approx(0.8796 * limit / 2, rel=0.1)


@pytest.mark.parametrize("alpha, k", [(0, 0), (0.3, 3), (0.39, 3), (0.7, 7), (1, 10)])
def test_regular_boundary_net_rectifies_a_share_of_the_channels(alpha, k):
    net = RegularBoundaryNet(width=10, alpha=alpha)

    assert [layer[2].k for layer in net.layers[1:]] == [k] * 12
    assert isinstance(net.layers[0][2], nn.ReLU)


def test_regular_boundary_net_of_alpha_zero_is_affine_after_its_first_layer():
    torch.manual_seed(0)
    net = RegularBoundaryNet(width=8, alpha=0).eval().double()
    x, y = images(2, 1, 8, 8, 8).double()

    def rest(x):
        return net.layers[1:](x)

    torch.testing.assert_close(rest(0.3 * x + 0.7 * y), 0.3 * rest(x) + 0.7 * rest(y))


def test_partial_relu_of_all_channels_is_the_relu():
    x = images(3, 6, 2, 2)

    assert torch.equal(PartialReLU(6)(x), x.relu())


def test_partial_relu_of_no_channel_is_the_identity():
    x = images(3, 6, 2, 2)

    assert torch.equal(PartialReLU(0)(x), x)


@pytest.mark.parametrize("k", [0, 1, 4, 6])
def test_partial_relu_rectifies_the_first_channels(k):
    x = images(3, 6, 2)
    before = x.clone()

    y = PartialReLU(k)(x)

    assert torch.equal(y[:, :k], x[:, :k].clamp(min=0))
    assert torch.equal(y[:, k:], x[:, k:])
    assert torch.equal(x, before)


@pytest.mark.parametrize("k", [0, 3, 6])
def test_partial_relu_contracts(k):
    x, y = images(2, 50, 6, 2)
    rho = PartialReLU(k)

    assert torch.all(
        (rho(x) - rho(y)).flatten(1).norm(dim=1)
        <= (x - y).flatten(1).norm(dim=1) * (1 + 1e-6)
    )


def test_partial_relu_gradient():
    x = images(2, 4, 3).double().requires_grad_()

    assert torch.autograd.gradcheck(PartialReLU(2), x)


def test_regular_boundary_net_overfits_fifty_samples():
    torch.manual_seed(0)
    net = RegularBoundaryNet(width=16, dropout=0.0, momentum=0.1, in_channels=1)
    x, y = images(50, 1, 8, 8), torch.arange(50) % 10
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)

    for _ in range(60):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()

    assert (net.eval()(x).argmax(1) == y).all()


@pytest.mark.parametrize("alpha", [-0.1, 1.1, float("nan")])
def test_regular_boundary_net_of_no_degree_is_an_error(alpha):
    with pytest.raises(ValueError, match=f"alpha must be between 0 and 1; got {alpha}"):
        RegularBoundaryNet(alpha=alpha)
