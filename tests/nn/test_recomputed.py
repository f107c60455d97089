"""Gradients by recomputation are those of all maps, in the memory of the images."""

import pytest
import torch

from sklearn_scat.cascade import scattering_tiles
from sklearn_scat.nn import Scattering2d, _recomputed, _scattering


@pytest.fixture
def images():
    generator = torch.Generator().manual_seed(0)
    return torch.rand(5, 2, 16, 16, generator=generator, dtype=torch.float64)


@pytest.fixture
def one_by_one(monkeypatch):
    """Recompute single images."""
    monkeypatch.setattr(_recomputed, "_GRAPH_BYTES", 1)


def network(**variant):
    return Scattering2d(2, (16, 16), L=3, engine="torch", **variant).double()


def gradient(net, x):
    """Return coefficients, and the gradient of the sum of their squares."""
    x = x.clone().requires_grad_()
    S = net(x)
    return S.detach(), torch.autograd.grad(S.square().sum(), x)[0]


def held_bytes(net, x):
    """Return the bytes that a graph holds, of each storage once."""
    storages = {}

    def hold(tensor):
        storage = tensor.untyped_storage()
        storages[storage.data_ptr()] = storage  # alive, so that none takes its place
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(hold, lambda tensor: tensor):
        net(x.clone().requires_grad_())
    return sum(storage.nbytes() for storage in storages.values())


@pytest.mark.usefixtures("one_by_one")
def test_gradients_are_those_without_recomputation(images):
    expected = gradient(network(), images)
    for found, wanted in zip(
        gradient(network(recompute=True), images), expected, strict=True
    ):
        torch.testing.assert_close(found, wanted, rtol=1e-12, atol=1e-12)


def test_nothing_but_images_is_held(images):
    assert held_bytes(network(recompute=True), images) <= 2 * images.nbytes
    assert held_bytes(network(), images) > 20 * images.nbytes


@pytest.mark.usefixtures("one_by_one")
def test_images_are_recomputed_a_few_at_once(images, monkeypatch):
    net, sizes = network(recompute=True), []

    def counted(x, operators):
        sizes.append(len(x))
        return scattering_tiles(x, operators)

    monkeypatch.setattr(_scattering, "scattering_tiles", counted)
    gradient(net, images)
    assert sizes == [1] * 10  # forward and again
    with torch.no_grad():
        sizes.clear()
        net(images)
    assert sizes == [5]


@pytest.mark.usefixtures("one_by_one")
def test_gradients_have_gradients_and_filters_too(images):
    net = network(recompute=True)
    x = images[:1, :1].requires_grad_()
    assert torch.autograd.gradgradcheck(net, x, fast_mode=True)
    net.psi_hat.requires_grad_()
    plain = network()
    plain.psi_hat.requires_grad_()
    for module in (net, plain):
        module(images.detach()).square().sum().backward()
    torch.testing.assert_close(net.psi_hat.grad, plain.psi_hat.grad)
