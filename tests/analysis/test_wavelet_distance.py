import math

import numpy as np
import pytest
import torch

from sklearn_scat.analysis import wavelet_distance
from sklearn_scat.nn import ScatteringParametric2d


def layer(**settings):
    return ScatteringParametric2d(**{"J": 2, "shape": (16, 16), "L": 4, **settings})


def changed(layer, **changes):
    with torch.no_grad():
        for name, change in changes.items():
            parameter = getattr(layer, name)
            parameter.copy_(change(parameter))
    return layer


def test_order_and_direction_by_pi_do_not_matter():
    torch.manual_seed(0)
    first, second = layer(init="random"), layer(init="random")
    second.load_state_dict(first.state_dict())
    assert wavelet_distance(first, layer()) > 0.5
    order = torch.randperm(8)
    names = dict.fromkeys(("theta", "log_xi", "log_sigma", "log_slant"))
    changed(second, **{n: lambda p: p.flatten()[order].reshape(2, 4) for n in names})
    changed(second, theta=lambda p: p - math.pi)
    assert wavelet_distance(first, second) < 1e-5
    assert wavelet_distance(second, first) < 1e-5


def test_octaves_and_turns_have_their_units():
    higher = changed(layer(), log_xi=lambda p: p + math.log(2))
    assert wavelet_distance(layer(), higher) == pytest.approx(math.log(2), rel=1e-6)
    one = changed(layer(), theta=lambda p: p - 0.1 * torch.eye(2, 4))
    assert wavelet_distance(layer(), one) == pytest.approx(0.2 / 8, rel=1e-5)


def test_matching_is_the_nearest_of_all():
    torch.manual_seed(1)
    first, second = (layer(J=1, L=4, init="random") for _ in range(2))
    nearest = wavelet_distance(first, second)
    for _ in range(20):
        order = torch.randperm(4)
        steps = second.theta[0, order] - first.theta[0]
        arcs = (steps + math.pi / 2) % math.pi - math.pi / 2
        others = ("log_xi", "log_sigma", "log_slant")
        rest = [getattr(second, n)[0, order] - getattr(first, n)[0] for n in others]
        total = np.linalg.norm(torch.stack([arcs, *rest]).detach().numpy(), axis=0)
        assert nearest <= total.mean() * (1 + 1e-6)


def test_layers_that_share_numbers_within_a_scale():
    equal = layer(equivariant=True)
    assert wavelet_distance(layer(), equal) < 1e-5


def test_unequal_numbers_are_an_error():
    with pytest.raises(ValueError, match=r"equally many wavelets.*8 and 16"):
        wavelet_distance(layer(), layer(L=8))
