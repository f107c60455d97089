import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional as F

from sklearn_scat.nn import HierarchicalCNN
from sklearn_scat.nn._hierarchical import (
    SecondConv3d,
    SeparableConv4d,
    WholeConv4d,
    extend,
)


def images(*shape, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0), dtype=dtype)


def count(net):
    return sum(p.numel() for p in net.parameters())


def test_hierarchical_cnn_has_the_number_of_weights_of_its_layers():
    net = HierarchicalCNN()

    assert count(net) == 360_522
    assert [count(layer) for layer in net.layers] == [464, 1616, *[39_808] * 9]
    assert count(HierarchicalCNN(separable=False)) == 102_330
    assert not any("Lazy" in type(m).__name__ for m in net.modules())


@pytest.mark.parametrize("separable", [True, False])
def test_hierarchical_cnn_has_the_published_shapes(separable):
    with torch.device("meta"):
        x = torch.empty(2, 3, 32, 32)
        shapes = []
        for layer in HierarchicalCNN(separable=separable).layers:
            x = layer(x)
            shapes.append(tuple(x.shape))

    assert shapes == [
        (2, 16, 32, 32),
        *[(2, 8, 16, 32, 32)] * 2,
        *[(2, 8, 16, 16, 16)] * 4,
        *[(2, 8, 16, 8, 8)] * 4,
    ]


@pytest.mark.parametrize("width", [1, 5, 8, 9])
@pytest.mark.parametrize("separable", [True, False])
@pytest.mark.parametrize("pad", ["zero", "circular"])
def test_hierarchical_cnn_takes_odd_sizes(width, separable, pad):
    net = HierarchicalCNN(4, 1, width, separable=separable, pad=pad)
    x = images(2, 1, 7, 5, dtype=torch.float32)

    maps = net.layers(x)

    half = (width + 1) // 2
    assert maps.shape == (2, half, width, 2, 2)
    assert torch.isfinite(net(x)).all()
    assert net(x).shape == (2, 4)


def layers(width, pad, stride_v):
    torch.manual_seed(0)
    made = [
        layer(width, stride=1, pad=pad, stride_v=stride_v).double().eval()
        for layer in (SeparableConv4d, WholeConv4d)
    ]
    for module in (m for layer in made for m in layer.modules()):
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_()  # statistics are not those of the start
    return made


@pytest.mark.parametrize("width", [4, 7])
def test_hierarchical_layers_turn_with_the_newer_attribute(width):
    x = images(2, 3, width, 4, 4)
    for layer in layers(width, "circular", 1):
        for t in (1, 3):
            moved = layer(x.roll(t, 2))
            torch.testing.assert_close(
                moved, layer(x).roll(t, 1), rtol=1e-12, atol=1e-12
            )
        assert not torch.allclose(moved, layer(x))


@pytest.mark.parametrize("width", [4, 7])
def test_hierarchical_layers_do_not_see_a_turn_of_the_older_attribute(width):
    x = images(2, 5, width, 4, 4)
    for layer in layers(width, "circular", 1):
        torch.testing.assert_close(
            layer(x.roll(2, 1)), layer(x), rtol=1e-12, atol=1e-12
        )


def test_hierarchical_layers_with_stride_turn_by_half():
    x = images(2, 4, 8, 4, 4)
    for layer in layers(8, "circular", 2):
        torch.testing.assert_close(
            layer(x.roll(2, 2)), layer(x).roll(1, 1), rtol=1e-12, atol=1e-12
        )


def test_hierarchical_layers_padded_with_zeros_do_not_turn():
    x = images(2, 4, 8, 4, 4)
    for layer in layers(8, "zero", 1):
        assert not torch.allclose(layer(x.roll(2, 2)), layer(x).roll(2, 1))


def test_hierarchical_second_layer_turns_with_the_attribute():
    layer = SecondConv3d(6, pad="circular", stride_v=1).double().eval()
    x = images(2, 6, 4, 4)

    torch.testing.assert_close(
        layer(x.roll(2, 1)), layer(x).roll(2, 1), rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("kind", [0, 1])
def test_hierarchical_layer_is_the_convolution_of_its_definition(kind):
    """Sum the products one output at a time, with zeros outside."""
    layer = layers(3, "zero", 2)[kind]
    x = images(1, 4, 5, 3, 3)
    if kind:
        weight = layer.conv.weight.unflatten(1, (7, 11))  # (new, 7, 11, 3, 3)
    else:
        # where the first half is the identity, the kernel is the product of the two
        layer.bn_u, layer.bn_v = nn.Identity(), nn.Identity()
        x = x.abs()
        layer.conv_u.weight = nn.Parameter(layer.conv_u.weight.abs())
        weight = torch.einsum(
            "cij,ncab->nabij", layer.conv_u.weight[:, 0], layer.conv_v.weight
        )
    norm = layer.bn if kind else nn.Identity()

    result = layer(x)  # (1, v_old = 3, v_new = 3, 3, 3)

    padded = F.pad(x[0], (1, 1, 1, 1, 5, 5, 3, 3))
    for v, u1, u2 in [(0, 0, 0), (1, 1, 2), (2, 2, 0)]:
        values = [
            (
                weight
                * padded[
                    2 * old : 2 * old + 7, 2 * v : 2 * v + 11, u1 : u1 + 3, u2 : u2 + 3
                ]
            ).sum((1, 2, 3, 4))
            for old in range(2)
        ]
        values = torch.stack(values, 1)[None, :, :, None, None]  # (1, new, old, 1, 1)
        expected = F.elu(norm(values[..., 0])).mean((0, 2, 3))
        torch.testing.assert_close(result[0, v, :, u1, u2], expected)


@pytest.mark.parametrize("axis", [1, 2])
def test_extend_repeats_the_axis_or_puts_zeros(axis):
    x = images(2, 3, 2)

    circular = extend(x, axis, 11, pad="circular")
    zero = extend(x, axis, 11, pad="zero")

    n = x.shape[axis]
    assert circular.shape == zero.shape
    for i in range(n + 10):
        expected = x.select(axis, (i - 5) % n)
        assert torch.equal(circular.select(axis, i), expected)
        inside = 5 <= i < n + 5
        assert torch.equal(zero.select(axis, i), inside * expected)


def test_hierarchical_cnn_gradient_reaches_the_image():
    x = images(2, 1, 8, 8, dtype=torch.float32).requires_grad_()

    HierarchicalCNN(in_channels=1, width=4)(x)[0, 0].backward()

    assert x.grad.abs().sum() > 0


def test_hierarchical_cnn_overfits_twenty_samples():
    torch.manual_seed(0)
    digits = load_digits()
    x = torch.from_numpy(digits.images[:20, None]).float()
    y = torch.from_numpy(digits.target[:20])
    net = HierarchicalCNN(in_channels=1, width=8)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)

    for _ in range(30):
        optimizer.zero_grad()
        scores = net(x)
        F.cross_entropy(scores, y).backward()
        optimizer.step()
        fitted = (scores.argmax(1) == y).all()
        if fitted:
            break

    assert fitted


def test_hierarchical_cnn_of_other_padding_is_an_error():
    with pytest.raises(ValueError, match="'zero' or 'circular'; got 'reflect'"):
        HierarchicalCNN(pad="reflect")
