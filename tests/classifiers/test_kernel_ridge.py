"""Ridge regression under a Gaussian kernel, against its definition."""

from functools import partial

import numpy as np
import pytest
from sklearn.kernel_ridge import KernelRidge
from sklearn.metrics.pairwise import rbf_kernel

from sklearn_scat import MeanNormRidge


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_kernel_ridge_equals_regression_on_indicators(dtype, rng):
    X = rng.normal(size=(40, 7)).astype(dtype)
    y, X_test = np.arange(40) % 4, rng.normal(size=(9, 7)).astype(dtype)
    model = MeanNormRidge(0.1, sigma=0.7).fit(X, y)
    width = 0.7 * np.linalg.norm(X - X.mean(0), axis=1).mean()
    assert model.gamma_ == pytest.approx(1 / (2 * width**2), rel=1e-5)
    targets = 2.0 * (y[:, None] == np.arange(4)) - 1
    peer = KernelRidge(alpha=0.1, kernel="rbf", gamma=model.gamma_)
    peer.fit(X.astype(float), targets + 0.5)
    np.testing.assert_allclose(
        model.decision_function(X_test),
        peer.predict(X_test.astype(float)) - 0.5,
        atol=1e-10 if dtype is np.float64 else 1e-4,
    )


def test_kernel_ridge_by_landmarks_minimises_the_penalised_squares(rng):
    X, y = rng.normal(size=(60, 3)), np.arange(60) % 3
    model = MeanNormRidge(0.2, sigma=1.0, n_landmarks=10, random_state=0).fit(X, y)
    assert model.samples_.shape == (10, 1, 3)
    landmarks = model.samples_[:, 0]
    K = rbf_kernel(X - model.mean_, landmarks, gamma=model.gamma_)
    norm = np.linalg.cholesky(
        0.2 * rbf_kernel(landmarks, gamma=model.gamma_), upper=True
    )
    targets = 2.0 * (y[:, None] == np.arange(3)) - 1 - model.intercept_
    rows, right = np.vstack([K, norm]), np.vstack([targets, np.zeros((10, 3))])
    expected = np.linalg.lstsq(rows, right)[0]
    np.testing.assert_allclose(model.dual_coef_, expected, atol=1e-5)


def test_kernel_ridge_with_as_many_landmarks_as_samples_is_exact(rng):
    X, y = rng.normal(size=(30, 3)), np.arange(30) % 3
    exact, all_of_them = MeanNormRidge(), MeanNormRidge(n_landmarks=99)
    np.testing.assert_array_equal(
        exact.fit(X, y).decision_function(X), all_of_them.fit(X, y).decision_function(X)
    )


def test_kernel_ridge_by_landmarks_bears_copies_of_samples(rng):
    X, y = rng.normal(size=(40, 2)), np.arange(40) % 2
    X[:, 0] += 5 * y
    X, y = np.tile(X, (3, 1)), np.tile(y, 3)
    model = MeanNormRidge(n_landmarks=100, random_state=0).fit(X, y)
    assert model.score(X, y) == 1


def test_kernel_ridge_refuses_one_class():
    with pytest.raises(ValueError, match="y holds 1 class, a"):
        MeanNormRidge().fit(np.eye(3), ["a"] * 3)


def test_kernel_ridge_of_equal_samples_takes_a_class():
    model = MeanNormRidge().fit(np.ones((4, 2)), [0, 1, 2, 2])
    assert model.predict(np.ones((1, 2))) == [2]


def mirrored(X):
    """Return rows with themselves and their features in the opposite order."""
    return np.hstack([X, X[:, ::-1]])


@pytest.mark.parametrize("n_landmarks", [None, 12])
def test_copies_within_a_row_equal_copies_as_rows(n_landmarks, rng):
    X, y, X_test = rng.normal(size=(40, 5)), np.arange(40) % 3, rng.normal(size=(9, 5))
    model = MeanNormRidge(
        0.1, sigma=0.8, n_landmarks=n_landmarks, random_state=0, n_copies=2
    ).fit(mirrored(X), y)
    rows = np.vstack([X, X[:, ::-1]])
    landmarks = model.samples_.reshape(-1, 5)
    kernel = partial(rbf_kernel, gamma=model.gamma_)
    K, K_m = kernel(rows - model.mean_, landmarks), kernel(landmarks)
    targets = 2.0 * (np.tile(y, 2)[:, None] == np.arange(3)) - 1 - model.intercept_
    coefficients = np.linalg.solve(K.T @ K + 0.1 * K_m, K.T @ targets)
    expected = kernel(X_test - model.mean_, landmarks) @ coefficients
    scores = model.decision_function(mirrored(X_test)) - model.intercept_
    np.testing.assert_allclose(scores, expected, atol=1e-6)
    turned = model.decision_function(mirrored(X_test[:, ::-1]))
    np.testing.assert_allclose(turned - model.intercept_, scores, atol=1e-12)


def test_features_must_be_equal_parts():
    with pytest.raises(ValueError, match="3 features are not n_copies=2 equal parts"):
        MeanNormRidge(n_copies=2).fit(np.eye(3), [0, 1, 1])


def test_more_kernels_than_libraries_bear_are_an_error():
    X = np.zeros((22_001, 1))
    with pytest.raises(ValueError, match=r"22001 kernels.*n_landmarks of 22000"):
        MeanNormRidge().fit(X, np.arange(22_001) % 2)
