"""Norms of layers, against their matrices."""

import numpy as np
import pytest
import torch
from torch import nn

from sklearn_scat.analysis import operator_norms


def dense_norm(layer, shape):
    """The largest singular value of the layer's own matrix."""
    basis = torch.eye(int(np.prod(shape)), dtype=torch.float64).reshape(-1, *shape)
    with torch.no_grad():
        offset = layer(torch.zeros_like(basis[:1]))
        matrix = (layer(basis) - offset).flatten(1)
    return float(torch.linalg.matrix_norm(matrix, ord=2))


@pytest.mark.parametrize(
    "parameters",
    [
        {"padding": 1},
        {"padding": 1, "padding_mode": "circular"},
        {"padding": 1, "stride": 2},
        {"padding": 0},
        {"padding": 2, "dilation": 2},
        {"padding": 1, "groups": 3},
    ],
)
def test_convolution_bound_holds_and_iteration_finds_the_norm(parameters):
    torch.manual_seed(0)
    conv = nn.Conv2d(3, 6, 3, **parameters).double()

    result = operator_norms(conv, (3, 8, 8))

    true = dense_norm(conv, (3, 8, 8))
    assert result.norm[0] == pytest.approx(true, rel=1e-3)
    assert true <= result.bound[0] * (1 + 1e-12)
    if parameters.get("padding_mode"):
        assert result.bound[0] == pytest.approx(true)
    if "stride" not in parameters:
        assert result.bound[0] < 1.25 * true


def test_linear_layers_and_batch_norm_are_exact():
    linear, norm = nn.Linear(5, 7).double(), nn.BatchNorm2d(2).double()
    norm.running_var[:] = torch.tensor([4.0, 0.25])
    norm.weight.data[:] = torch.tensor([1.0, -3.0])

    assert operator_norms(linear, (5,)).bound[0] == pytest.approx(
        dense_norm(linear, (5,))
    )
    assert operator_norms(norm, (2, 4, 4)).bound[0] == pytest.approx(6, rel=1e-4)


def test_product_of_a_chain_bounds_the_network(rng):
    torch.manual_seed(0)
    layers = [nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(4)]
    layers += [nn.Conv2d(4, 8, 3, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(72, 3)]
    network = nn.Sequential(*layers).double().eval()
    x, y = torch.tensor(rng.normal(size=(2, 20, 1, 8, 8)))

    result = operator_norms(network, (1, 8, 8))

    assert result.layers == ("0", "2", "3", "6")
    moved = (network(x) - network(y)).norm(dim=1) / (x - y).flatten(1).norm(dim=1)
    assert moved.max() <= result.bound.prod()


def test_modes_and_hooks_are_left_as_they_were():
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)).train()
    before = network[1].running_mean.clone()

    operator_norms(network, (1, 8, 8))

    assert network.training and network[1].training
    assert torch.equal(network[1].running_mean, before)
    assert not network[0]._forward_pre_hooks


@pytest.mark.parametrize(
    ("module", "error", "message"),
    [
        ("net", TypeError, "must be an nn.Module"),
        (nn.ReLU(), ValueError, "no Conv2d"),
        (nn.Conv2d(1, 1, 3, padding=1, padding_mode="reflect"), ValueError, "reflect"),
        (nn.BatchNorm2d(1, track_running_stats=False), ValueError, "running"),
    ],
)
def test_operator_norms_refuse(module, error, message):
    with pytest.raises(error, match=message):
        operator_norms(module, (1, 8, 8))


def test_bound_of_a_small_map_counts_the_zeros_past_its_border():
    """On a torus of two pixels the outer taps would meet, and cancel."""
    conv = nn.Conv2d(1, 1, (1, 3), padding=(0, 1), bias=False).double()
    conv.weight.data[:] = torch.tensor([1.0, 0.0, -1.0])
    true = dense_norm(conv, (1, 1, 2))
    assert true == pytest.approx(1)
    assert true <= operator_norms(conv, (1, 1, 2)).bound[0]
