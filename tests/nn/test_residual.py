import pytest
import torch
from torch import nn

from sklearn_scat.nn import ResNet, WideResNet, resnet18


def images(*shape):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0))


def small(**options):
    torch.manual_seed(0)
    return ResNet((8, 16), (1, 1), strides=(1, 2), stem="maps", n_classes=10, **options)


def count(net):
    return sum(p.numel() for p in net.parameters())


def test_resnet18_has_the_published_number_of_weights():
    with torch.device("meta"):
        net = resnet18(in_channels=3)

    assert count(net) == 11_689_512


def test_wide_resnet_has_the_published_number_of_weights():
    with torch.device("meta"):
        net = WideResNet(16, 8, in_channels=3)

    assert count(net) == 10_963_162


@pytest.mark.parametrize("make", [ResNet, resnet18, WideResNet])
@pytest.mark.parametrize("side", [32, 96, 224])
def test_resnets_take_images_of_several_sizes(make, side):
    with torch.device("meta"):
        net = make()
        scores = net(torch.empty(2, 3, side, side))

    assert scores.shape == (2, 10 if make is WideResNet else 1000)


def test_resnet_halves_the_maps_where_it_strides():
    net = ResNet((4, 8, 8), (1, 2, 1), strides=(1, 2, 2), stem="maps", n_classes=2)
    x = net.stem(images(1, 3, 32, 32))
    sides = [x.shape[-1]]
    for group in net.groups:
        x = group(x)
        sides.append(x.shape[-1])

    assert sides == [32, 32, 16, 8]
    assert ResNet().stem(images(1, 3, 32, 32)).shape == (1, 64, 8, 8)


def test_resnet_bottleneck_has_four_times_the_channels():
    net = ResNet((4,), (2,), strides=(1,), block="bottleneck", stem="maps", n_classes=2)

    assert net.groups(net.stem(images(1, 3, 8, 8))).shape == (1, 16, 8, 8)


def test_resnet_block_without_residual_is_its_shortcut():
    net = small(in_channels=8, stem_width=8).eval()
    block = net.groups[0][0]
    nn.init.zeros_(block.bn2.weight)
    x = images(1, 8, 8, 8)

    assert torch.equal(block(x), x)


def test_resnet_starts_with_weights_of_the_deviation_of_he():
    torch.manual_seed(0)
    net = ResNet()
    net(images(1, 5, 16, 16))

    for layer in (net.stem[0], net.groups[1][0].conv1, net.groups[1][0].shortcut[0]):
        k, out = layer.kernel_size[0], layer.out_channels
        deviation = (2 / (k * k * out)) ** 0.5
        assert layer.weight.std().item() == pytest.approx(deviation, rel=0.05)
        assert layer.bias is None


def test_resnet_stem_bias_starts_at_zero():
    net = small(stem_bias=True)
    net(images(1, 5, 8, 8))

    assert net.stem[0].bias.shape == (8,)
    assert not net.stem[0].bias.any()


def test_resnet_takes_its_channels_from_the_first_batch():
    lazy, known = small(), small(in_channels=7)

    lazy(images(2, 7, 8, 8))

    assert {n: p.shape for n, p in lazy.named_parameters()} == {
        n: p.shape for n, p in known.named_parameters()
    }


def test_resnet_overfits_fifty_samples():
    net = small(in_channels=3)
    x, y = images(50, 3, 8, 8), torch.arange(50) % 10
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)

    for _ in range(60):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()

    assert (net.eval()(x).argmax(1) == y).all()


def test_resnet_gradient_reaches_the_image():
    x = images(1, 3, 8, 8).requires_grad_()

    small()(x)[0, 0].backward()

    assert x.grad.abs().sum() > 0


def test_resnet_of_unequal_groups_is_an_error():
    with pytest.raises(ValueError, match="each group of blocks; got 2, 1 and 4"):
        ResNet((8, 16), (1,))


@pytest.mark.parametrize("choice", [{"block": "big"}, {"stem": "big"}])
def test_resnet_of_unknown_parts_is_an_error(choice):
    with pytest.raises(ValueError, match=r"must be one of.*got 'big'"):
        ResNet(**choice)


@pytest.mark.parametrize("depth", [4, 12, 15])
def test_wide_resnet_of_a_depth_between_two_is_an_error(depth):
    with pytest.raises(ValueError, match=f"6n \\+ 4, such as 10 and 16; got.*{depth}"):
        WideResNet(depth)
