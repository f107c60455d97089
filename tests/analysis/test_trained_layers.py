"""A trained network contracts layer by layer; an untrained one does not."""

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr
from sklearn.datasets import load_digits
from torch.optim.swa_utils import update_bn

from sklearn_scat.analysis import (
    contraction,
    layer_accuracy,
    layer_features,
    local_support_vectors,
    standardize,
)
from sklearn_scat.nn import RegularBoundaryNet

LAYERS = [f"layers.{i}" for i in range(13)]
ENDS = [0, 4, 8, 12]  # the last layers before the resolution changes


def trained(X, y, *, n_steps=130):
    net = RegularBoundaryNet(width=16, dropout=0.0, momentum=0.1, in_channels=1)
    optimizer = torch.optim.AdamW(net.parameters(), 1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=n_steps)
    for _ in range(n_steps):
        batch = torch.randint(len(X), (64,))
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(X[batch]), y[batch]).backward()
        optimizer.step()
        schedule.step()
    return net


@pytest.fixture(scope="module")
def measured():
    """Standardised layers on test digits of both networks, and all else."""
    X, y = load_digits(return_X_y=True)
    X = ((X - X.mean()) / X.std()).reshape(-1, 1, 8, 8).astype(np.float32)
    X, X_test, y, y_test = X[:1100], X[1100:], y[:1100], y[1100:]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        images = torch.from_numpy(X)
        networks = {
            "trained": trained(images, torch.from_numpy(y)),
            "untrained": RegularBoundaryNet(width=16, in_channels=1),
        }
        for net in networks.values():
            update_bn(images.split(256), net)
        layers = {
            name: [layer_features(net, A, layers=LAYERS) for A in (X, X_test)]
            for name, net in networks.items()
        }
    torch.set_num_threads(threads)
    return layers, y, y_test


def test_layers_of_a_trained_network_contract_progressively(measured):
    layers, _, y_test = measured
    ratio = {
        name: contraction(standardize(test, train), y_test).ratio
        for name, (train, test) in layers.items()
    }
    assert (np.diff(ratio["trained"][ENDS]) < 0).all()
    assert spearmanr(ratio["trained"], range(13)).statistic < -0.85
    assert ratio["trained"][-1] < 0.5 * ratio["trained"][0]
    assert ratio["untrained"].min() > ratio["untrained"][0] - 0.05


def test_layers_of_a_trained_network_make_the_boundary_regular(measured):
    layers, _, y_test = measured
    first = {
        name: local_support_vectors(standardize(test, train), y_test).first
        for name, (train, test) in layers.items()
    }
    assert first["trained"][-1] < 0.5 * first["trained"][0]
    assert first["untrained"][-1] > first["untrained"][0]


def test_layers_of_a_trained_network_get_easier_to_classify(measured):
    layers, y, y_test = measured
    accuracy = {
        name: layer_accuracy(
            {k: train[k] for k in (LAYERS[0], LAYERS[12])},
            y,
            F_test={k: test[k] for k in (LAYERS[0], LAYERS[12])},
            y_test=y_test,
        )
        for name, (train, test) in layers.items()
    }
    for score in ("nearest_neighbor", "svm"):
        gain = {k: np.diff(getattr(v, score))[0] for k, v in accuracy.items()}
        assert gain["trained"] > 0.05 > gain["untrained"]
