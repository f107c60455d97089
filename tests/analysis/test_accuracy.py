import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.svm import SVC

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


def test_machine_counts_the_mean_squared_distance_as_one(digits):
    """The kernel's width is that of the definition: others give other accuracies."""
    X, y, X_test, y_test = digits
    varies = X.std(axis=0) > 1
    X, X_test = X[:, varies], X_test[:, varies]
    for given in (True, False):
        train, test = (standardize(X), standardize(X_test, X)) if given else (X, X_test)
        apart = np.linalg.norm(train[:, None] - train, axis=2)
        n = len(X)
        gamma = n**2 / (apart**2).sum()  # the pairs of a sample with itself included
        accuracies = {
            factor: SVC(gamma=factor * gamma).fit(train, y).score(test, y_test)
            for factor in (0.1, 0.5, 1, 2, 10)
        }
        result = layer_accuracy(X, y, F_test=X_test, y_test=y_test, standardize=given)
        assert result.svm[0] == accuracies[1]
        assert len(set(accuracies.values())) > 2


def test_isometries_and_units_change_no_accuracy_unless_standardised(digits):
    X, y, X_test, y_test = digits
    rng = np.random.default_rng(0)
    turn = np.linalg.qr(rng.standard_normal((80, 64)))[0].T  # 64 into 80 dimensions

    def accuracy(turn, standardize):
        found = layer_accuracy(
            X @ turn, y, F_test=X_test @ turn, y_test=y_test, standardize=standardize
        )
        return found.nearest_neighbor[0], found.svm[0]

    plain = accuracy(np.eye(64), standardize=False)
    assert accuracy(1e3 * turn, standardize=False) == plain
    stretch = np.diag(np.geomspace(1, 1e3, 64))
    assert accuracy(stretch, standardize=False) != plain


def test_layers_where_nothing_varies_are_scored():
    result = layer_accuracy(np.ones((8, 2)), [0, 1] * 4, standardize=False, test_size=4)
    assert result.svm[0] == 0.5


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
