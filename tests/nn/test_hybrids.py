import pytest
import torch
from torch import nn

from sklearn_scat.nn import (
    LocalContrastNormalization,
    parametric_linear,
    parametric_wrn,
    scat_cnn,
    scat_resnet10,
    scat_resnet50,
    scat_sle,
    scat_wrn,
)

STL10 = {"shape": (96, 96), "stem_width": 256, "strides": (1, 2)}
RECIPES = [scat_resnet10, scat_resnet50, scat_sle, scat_wrn, scat_cnn]


def images(*shape):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    "recipe, arguments, published",
    [
        (scat_resnet10, {}, 12_768_744),
        (scat_resnet50, {}, 27_850_856),
        (scat_wrn, {}, 10_778_762),
        (scat_wrn, {"depth": 20, "width": 8, **STL10}, 23_123_210),
        (scat_wrn, {"depth": 12, "width": 8, **STL10}, 11_320_586),
    ],
)
def test_recipes_have_the_published_number_of_weights(recipe, arguments, published):
    with torch.device("meta"):
        net = recipe(in_channels=3, **arguments)

    assert sum(p.numel() for p in net.parameters()) == published


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("side", [32, 96, 224])
@pytest.mark.parametrize("in_channels", [None, 3])
def test_recipes_take_images_of_several_sizes(recipe, side, in_channels):
    with torch.device("meta"):  # shapes without numbers
        net = recipe(n_classes=7, shape=(side, side), in_channels=in_channels)
        maps = torch.empty(
            2, 3 * len(net.scattering.paths), *net.scattering.grid.output
        )
        scores = net.head(net.bn0(maps))

    assert scores.shape == (2, 7)
    assert not any("Lazy" in type(m).__name__ for m in net.modules())


@pytest.mark.parametrize("recipe", RECIPES)
def test_recipes_are_callable_without_arguments(recipe):
    net = recipe()

    scores = net(images(2, 1, *net.scattering.grid.shape))

    assert scores.shape == (2, 10 if recipe in (scat_wrn, scat_cnn) else 1000)


@pytest.mark.parametrize(
    "recipe, published",
    [
        (scat_resnet10, (651, 28, 28)),
        (scat_sle, (1251, 14, 14)),
        (scat_resnet50, (75, 28, 28)),
        (scat_wrn, (243, 8, 8)),
    ],
)
def test_recipes_give_the_head_the_published_maps(recipe, published):
    with torch.device("meta"):
        scattering = recipe().scattering

    assert (3 * len(scattering.paths), *scattering.grid.output) == published


@pytest.mark.parametrize("J, L, in_channels", [(1, 3, 1), (2, 4, 3)])
def test_recipes_take_other_scales_orientations_and_channels(J, L, in_channels):
    x = images(2, in_channels, 8, 8)

    for lazy in (None, in_channels):
        net = scat_wrn(8, 1, n_classes=3, shape=(8, 8), J=J, L=L, in_channels=lazy)
        assert net(x).shape == (2, 3)


def test_recipes_normalize_without_weights():
    net = scat_wrn(8, 1, shape=(8, 8), in_channels=3)

    assert net.bn0.num_features == 243
    assert list(net.bn0.parameters()) == []
    assert isinstance(scat_resnet50(10, (32, 32)).bn0, nn.Identity)


def test_recipes_compose_with_local_contrast():
    net = nn.Sequential(LocalContrastNormalization(), scat_wrn(8, 1, shape=(16, 16)))

    assert net(images(2, 3, 16, 16)).shape == (2, 10)


def test_scat_wrn_overfits_fifty_samples():
    torch.manual_seed(0)
    net = scat_wrn(8, 1, shape=(8, 8), J=1, L=4, in_channels=1)
    x, y = images(50, 1, 8, 8), torch.arange(50) % 10
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)

    for _ in range(120):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()

    assert (net.eval()(x).argmax(1) == y).all()


@pytest.mark.parametrize("in_channels", [None, 3])
@pytest.mark.parametrize("recipe", [parametric_linear, parametric_wrn])
def test_parametric_recipes_learn_filters_unless_frozen(recipe, in_channels):
    small = {} if recipe is parametric_linear else {"depth": 8, "width": 1}
    x = images(2, 3, 8, 8)
    for frozen in (True, False):
        net = recipe(**small, shape=(8, 8), L=4, frozen=frozen, in_channels=in_channels)
        net(x).square().sum().backward()

        learned = [p.grad is not None for p in net.scattering.parameters()]
        assert learned == [not frozen] * 4
        assert net(x).shape == (2, 10)
