"""Paths on an axis of their own: the same numbers in Kymatio's layout."""

import pytest
import torch

from sklearn_scat.nn import Scattering2d

SIZE = (16, 24)


@pytest.fixture(scope="module")
def layers():
    return (
        Scattering2d(2, SIZE, L=4),
        Scattering2d(2, SIZE, L=4, separate_paths=True),
    )


@pytest.mark.parametrize("before", [(), (1,), (5,), (2, 3), (2, 1, 3)])
def test_every_image_has_its_own_coefficients(before, layers):
    joined, separate = layers
    x = torch.randn(*before, *SIZE)
    S = separate(x)
    assert S.shape == (*before, joined.n_paths, 4, 6)
    alone = joined(x.reshape(-1, 1, *SIZE))
    torch.testing.assert_close(S.reshape(alone.shape), alone)


def test_layouts_differ_by_a_reshape(layers):
    joined, separate = layers
    x = torch.randn(3, 2, *SIZE)
    torch.testing.assert_close(separate(x).flatten(1, 2), joined(x))


def test_gradients_go_through_either_layout(layers):
    x = torch.randn(2, 1, *SIZE, requires_grad=True)
    grads = [torch.autograd.grad(f(x).square().sum(), x)[0] for f in layers]
    torch.testing.assert_close(*grads)


@pytest.mark.parametrize("channels", [1, 3])
def test_out_channels_are_those_that_come_out(channels, layers):
    joined, _ = layers
    out = joined(torch.zeros(1, channels, *SIZE))
    assert out.shape[1] == joined.out_channels(channels)


def test_row_of_numbers_is_no_image(layers):
    with pytest.raises(ValueError, match="pass images"):
        layers[1](torch.zeros(24))


def test_images_of_another_shape_are_refused(layers):
    with pytest.raises(ValueError, match="16"):
        layers[1](torch.zeros(2, 8, 8))
