import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from torch import nn

from sklearn_scat.analysis import layer_features


class Twice(nn.Module):
    """A net that computes its ReLU twice, once in place."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(2, 4, 3)
        self.relu = nn.ReLU(inplace=True)
        self.second = nn.Conv2d(4, 5, 3)
        self.norm = nn.BatchNorm2d(5)

    def forward(self, x):
        return self.relu(self.norm(self.second(self.relu(self.first(x)))))


@pytest.fixture
def net():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return Twice()


@pytest.fixture
def X(rng):
    return rng.normal(size=(11, 2, 8, 7))


def by_hand(net, X):
    with torch.no_grad():
        first = net.first(torch.tensor(X, dtype=torch.float32))
        hidden = first.relu()
        last = net.norm(net.second(hidden)).relu()
    return first.numpy(), hidden.numpy(), last.numpy()


def test_layer_features_are_means_of_the_layers_maps(net, X):
    features = layer_features(net, X)
    assert list(features) == ["first", "relu", "second", "norm", "relu:2"]
    first, hidden, last = by_hand(net.eval(), X)
    np.testing.assert_allclose(features["first"], first.mean((2, 3)), atol=1e-6)
    np.testing.assert_allclose(features["relu"], hidden.mean((2, 3)), atol=1e-6)
    np.testing.assert_allclose(features["relu:2"], last.mean((2, 3)), atol=1e-6)


@pytest.mark.parametrize("batch_size", [1, 4, 11, 100])
def test_layer_features_do_not_depend_on_the_batch(net, X, batch_size):
    whole = layer_features(net, X)
    parts = layer_features(net, X, batch_size=batch_size)
    for layer in whole:
        np.testing.assert_allclose(parts[layer], whole[layer], atol=1e-6)


def test_layer_features_pool_as_asked(net, X):
    flat = layer_features(net, X, layers=["relu", ""], pool=None)
    assert {k: v.shape for k, v in flat.items()} == {"relu": (11, 120), "": (11, 60)}
    largest = layer_features(net, X, layers=["relu"], pool="max")["relu"]
    maps = flat["relu"].reshape(11, 4, 30)
    np.testing.assert_array_equal(largest, maps.max(axis=2))


def test_layer_features_come_in_the_order_asked(net, X):
    features = layer_features(net, X, layers=["relu:2", "first"])
    assert list(features) == ["relu:2", "first"]


def test_layer_features_leave_the_network_as_it_was(net, X):
    net.norm.eval()
    net.first.weight.requires_grad_(False)
    before = {k: v.clone() for k, v in net.state_dict().items()}
    layer_features(net, X)
    assert net.training and not net.norm.training
    assert all(torch.equal(v, before[k]) for k, v in net.state_dict().items())
    assert not any(module._forward_hooks for module in net.modules())
    with pytest.raises(RuntimeError):
        layer_features(net, X[:, :1])
    assert net.training and not any(m._forward_hooks for m in net.modules())


def test_layer_features_take_tensors_and_the_networks_precision(net, X):
    features = layer_features(net.double(), torch.tensor(X))
    assert features["first"].dtype == np.float64


def test_layer_features_of_transformers_all_see_the_input(X):
    rows = X.reshape(11, -1)
    scaler, pca = StandardScaler().fit(rows), PCA(2).fit(rows)
    features = layer_features([scaler, pca, np.abs], rows, batch_size=3)
    assert list(features) == ["0", "1", "2"]
    np.testing.assert_allclose(features["0"], scaler.transform(rows))
    np.testing.assert_allclose(features["1"], pca.transform(rows))
    named = layer_features({"a": scaler, "b": pca}, rows, layers=["b"])
    np.testing.assert_allclose(named["b"], pca.transform(rows))


def test_layer_features_of_maps_are_pooled():
    maps = layer_features([lambda X: X[:, None] ** 2], np.ones((2, 4, 4)))
    assert maps["0"].shape == (2, 1)


def test_layer_features_of_a_pipeline_are_its_steps(X, rng):
    rows, y = X.reshape(11, -1), rng.integers(0, 2, 11)
    model = make_pipeline(StandardScaler(), "passthrough", PCA(3), SVC())
    model.fit(rows, y)
    features = layer_features(model, rows)
    assert list(features) == ["standardscaler", "pca"]
    np.testing.assert_allclose(features["pca"], model[:-1].transform(rows))
    last = layer_features(model, rows, layers=["pca"])
    np.testing.assert_allclose(last["pca"], features["pca"])


def test_layer_features_name_what_is_wrong(net, X):
    with pytest.raises(ValueError, match=r"no layer 'third'.*'first'"):
        layer_features(net, X, layers=["third"])
    with pytest.raises(ValueError, match="no layer 'relu:3'"):
        layer_features(net, X, layers=["relu:3"])
    with pytest.raises(ValueError, match="no layer 'a'"):
        layer_features([np.abs], X, layers=["a"])
    with pytest.raises(ValueError, match='"mean", "max" or None'):
        layer_features(net, X, pool="median")
    with pytest.raises(ValueError, match="X is empty"):
        layer_features(net, X[:0])
    with pytest.raises(ValueError, match="in brackets"):
        layer_features(PCA(), X)
    with pytest.raises(ValueError, match="gives a tuple"):
        layer_features(nn.Sequential(nn.GRU(7, 2)), X[:, 0])
    with pytest.raises(ValueError, match="first axis"):
        layer_features([np.mean], X)
