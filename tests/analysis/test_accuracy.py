import numpy as np
import pytest
from sklearn.datasets import load_digits

from sklearn_scat.analysis import layer_accuracy, standardize


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:400], y[:400], X[400:600], y[400:600]


def test_layer_accuracy_of_the_nearest_neighbour_is_that_of_the_distances(digits):
    X, y, X_test, y_test = digits
    result = layer_accuracy(X, y, F_test=X_test, y_test=y_test)
    train, test = standardize(X), standardize(X_test, X)
    nearest = np.linalg.norm(test[:, None] - train, axis=2).argmin(axis=1)
    assert result.nearest_neighbor[0] == np.mean(y[nearest] == y_test)
    assert 0.7 < result.svm[0] < 1


def test_layer_accuracy_compares_layers(digits):
    X, y, *_ = digits
    noise = np.random.default_rng(0).normal(size=(400, 4))
    result = layer_accuracy({"pixels": X, "noise": noise}, y, random_state=0)
    assert result.layers == ("pixels", "noise")
    for accuracy in (result.nearest_neighbor, result.svm):
        assert accuracy[0] > 0.85 and accuracy[1] < 0.25


def test_layer_accuracy_ignores_the_scale_of_features(digits):
    X, y, X_test, y_test = digits
    varies = X.std(axis=0) > 0  # of the others the training samples know no scale
    X, X_test = X[:, varies], X_test[:, varies]
    scale = np.geomspace(1e-3, 1e3, varies.sum())
    first = layer_accuracy(X, y, F_test=X_test, y_test=y_test)
    second = layer_accuracy(X * scale, y, F_test=X_test * scale, y_test=y_test)
    assert first.nearest_neighbor == second.nearest_neighbor
    assert first.svm == second.svm


def test_layer_accuracy_names_what_is_wrong(digits):
    X, y, X_test, y_test = digits
    with pytest.raises(ValueError, match="go together"):
        layer_accuracy(X, y, F_test=X_test)
    with pytest.raises(ValueError, match="must agree"):
        layer_accuracy(X, y, F_test=X_test[:, :9], y_test=y_test)
    with pytest.raises(ValueError, match="1 class"):
        layer_accuracy(X, np.zeros(400))
    with pytest.raises(ValueError, match="inconsistent"):
        layer_accuracy(X, y, F_test=X_test, y_test=y_test[:-1])
    with pytest.raises(ValueError, match="NaN"):
        layer_accuracy(X * np.nan, y)
