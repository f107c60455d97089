"""Ridge regression under a Gaussian kernel, against its definition."""

import numpy as np
import pytest
from sklearn.kernel_ridge import KernelRidge
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_scat.benchmark._kernel_ridge import MeanNormRidge


@parametrize_with_checks([MeanNormRidge()])
def test_kernel_ridge_passes_the_checks_of_scikit_learn(estimator, check):
    check(estimator)


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


def test_kernel_ridge_refuses_one_class():
    with pytest.raises(ValueError, match="y holds 1 class, a"):
        MeanNormRidge().fit(np.eye(3), ["a"] * 3)


def test_kernel_ridge_of_equal_samples_takes_a_class():
    model = MeanNormRidge().fit(np.ones((4, 2)), [0, 1, 2, 2])
    assert model.predict(np.ones((1, 2))) == [2]
