import pytest
import torch

from sklearn_scat.nn import AlexNet


@pytest.mark.parametrize(
    "grouped, published", [(True, 60_965_224), (False, 61_100_840)]
)
def test_alexnet_has_the_published_number_of_weights(grouped, published):
    with torch.device("meta"):
        net = AlexNet(grouped=grouped, in_channels=3)

    assert sum(p.numel() for p in net.parameters()) == published


@pytest.mark.parametrize("grouped", [True, False])
@pytest.mark.parametrize("side", [63, 96, 224])
@pytest.mark.parametrize("in_channels", [None, 3])
def test_alexnet_takes_images_of_several_sizes(grouped, side, in_channels):
    with torch.device("meta"):
        net = AlexNet(7, grouped=grouped, in_channels=in_channels)
        scores = net(torch.empty(2, 3, side, side))

    assert scores.shape == (2, 7)


def test_alexnet_average_leaves_the_maps_of_large_images():
    with torch.device("meta"):
        before = AlexNet().features[:-1](torch.empty(1, 3, 224, 224))

    assert before.shape == (1, 256, 6, 6)


def test_alexnet_groups_see_half_of_the_channels():
    net = AlexNet(grouped=True)
    second = net.features[4]
    x = torch.randn(1, 96, 8, 8, requires_grad=True)

    second(x)[0, 0].sum().backward()

    assert x.grad[0, :48].abs().sum() > 0
    assert not x.grad[0, 48:].any()


def test_alexnet_of_small_images_is_an_error():
    with pytest.raises(ValueError, match="63x63 pixels or more; got 32x40"):
        AlexNet()(torch.zeros(1, 3, 32, 40))
