import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_scat import ScatteringTransformer
from sklearn_scat.analysis import random_labels


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return {"X": X[:300], "y": y[:300], "X_test": X[300:800], "y_test": y[300:800]}


def test_random_labels_are_memorised_by_a_linear_head_on_scattering(digits):
    """More features than samples: even the linear head fits anything."""
    data = dict(digits)
    for name in ("X", "X_test"):
        data[name] = ScatteringTransformer(1, L=24).fit_transform(data[name])
    assert data["X"].shape[1] > 3 * 100
    weak = RidgeClassifier(alpha=1e-9)
    model = make_pipeline(StandardScaler(), weak)
    data = {k: v[:100] if k in "Xy" else v for k, v in data.items()}
    memory = random_labels(model, random_state=0, **data)
    assert memory.train_accuracy.min() >= 0.99
    assert abs(memory.deviation) < 3
    assert memory.true_train_accuracy >= 0.99 and memory.true_test_accuracy > 0.6


def test_random_labels_take_more_steps_than_true_ones(digits):
    model = make_pipeline(
        StandardScaler(),
        MLPClassifier(200, learning_rate_init=1e-2, max_iter=400, random_state=0),
    )
    memory = random_labels(model, n_repeats=2, random_state=0, **digits)
    assert memory.train_accuracy.min() >= 0.99
    assert (memory.steps > memory.true_steps).all()


def test_random_labels_sigma_is_the_spread_of_the_mean(digits):
    rng = np.random.default_rng(0)
    X, X_test = rng.normal(size=(300, 3)), rng.normal(size=(200, 3))
    y, y_test = np.arange(300) % 3, np.arange(200) % 3
    memories = [
        random_labels(
            KNeighborsClassifier(1),
            X,
            y,
            X_test=X_test,
            y_test=y_test,
            n_repeats=4,
            random_state=seed,
        )
        for seed in range(20)
    ]
    p = memories[0].chance
    assert abs(p - 1 / 3) < 1e-3
    variance = p * (1 - p) * (1 / 300 + 1 / 200) / 4
    np.testing.assert_allclose(memories[0].sigma, np.sqrt(variance))
    deviations = np.array([memory.deviation for memory in memories])
    assert abs(deviations.mean()) < 1 and 0.4 < deviations.std() < 1.6


def test_random_labels_chance_counts_unequal_classes():
    y, y_test = np.repeat([0, 1], [30, 10]), np.repeat([0, 1], [6, 14])
    memory = random_labels(
        DummyClassifier(),
        np.zeros((40, 1)),
        y,
        X_test=np.zeros((20, 1)),
        y_test=y_test,
        n_repeats=3,
    )
    np.testing.assert_allclose(memory.chance, 0.75 * 0.3 + 0.25 * 0.7)
    np.testing.assert_allclose(memory.train_accuracy, 0.75)
    assert np.isnan(memory.steps).all() and np.isnan(memory.true_steps)


def test_random_labels_of_duplicates_cannot_be_fitted(digits):
    X = np.repeat(digits["X"][:50], 4, axis=0)
    y = np.repeat(digits["y"][:50], 4)
    test = {"X_test": digits["X_test"], "y_test": digits["y_test"]}
    memory = random_labels(
        KNeighborsClassifier(1), X, y, n_repeats=3, random_state=0, **test
    )
    assert memory.train_accuracy.max() < 0.6 and memory.true_train_accuracy == 1


def test_random_labels_are_set_by_their_seed_and_leave_their_input(digits):
    y = digits["y"].copy()
    model = KNeighborsClassifier(1)
    first = random_labels(model, n_repeats=3, random_state=1, **digits)
    again = random_labels(model, n_repeats=3, random_state=1, **digits)
    np.testing.assert_array_equal(first.test_accuracy, again.test_accuracy)
    np.testing.assert_array_equal(digits["y"], y)
    assert not hasattr(model, "classes_")


def test_random_labels_name_what_is_wrong(digits):
    model = KNeighborsClassifier(1)
    with pytest.raises(ValueError, match="1 class"):
        random_labels(model, **(digits | {"y": np.zeros(300)}))
    with pytest.raises(ValueError, match="inconsistent"):
        random_labels(model, **(digits | {"y_test": [1, 2]}))
    with pytest.raises(ValueError, match="n_repeats"):
        random_labels(model, n_repeats=0, **digits)
    with pytest.raises(ValueError, match="NaN"):
        random_labels(model, **(digits | {"X": digits["X"] * np.nan}))
