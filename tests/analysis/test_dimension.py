import numpy as np
import pytest

from sklearn_scat.analysis import intrinsic_dimension


@pytest.mark.parametrize("method", ["mle", "twonn"])
@pytest.mark.parametrize("d", [1, 2, 5])
def test_intrinsic_dimension_of_gaussian_samples(rng, method, d):
    F = rng.normal(size=(2000, d)) @ rng.normal(size=(d, 30))
    found = intrinsic_dimension(F, method=method)
    assert abs(found.dimension[0] - d) < 0.12 * d


@pytest.mark.parametrize("method", ["mle", "twonn"])
def test_intrinsic_dimension_is_biased_from_below(rng, method):
    F = rng.normal(size=(2000, 25))
    assert 10 < intrinsic_dimension(F, method=method).dimension[0] < 25


@pytest.mark.parametrize("method", ["mle", "twonn"])
def test_intrinsic_dimension_ignores_scale_and_duplicates(rng, method):
    F = rng.normal(size=(300, 3))
    once = intrinsic_dimension(F, method=method).dimension
    twice = np.concatenate([F, F])
    found = intrinsic_dimension({"a": twice, "b": 1e3 * twice + 1}, method=method)
    assert found.layers == ("a", "b") and found.method == method
    np.testing.assert_allclose(found.dimension, [once[0], once[0]], rtol=1e-6)


@pytest.mark.parametrize("method", ["mle", "twonn"])
def test_intrinsic_dimension_of_a_simplex_is_infinite(method):
    assert np.isinf(intrinsic_dimension(np.eye(30), method=method).dimension[0])


def test_intrinsic_dimension_names_what_is_missing(rng):
    F = rng.normal(size=(20, 2))
    with pytest.raises(ValueError, match="20 neighbours need 21 different samples"):
        intrinsic_dimension(F)
    assert intrinsic_dimension(F, n_neighbors=19).dimension > 0
    with pytest.raises(ValueError, match="layer 'a' has 2"):
        intrinsic_dimension({"a": np.repeat(F[:2], 30, axis=0)}, method="twonn")
    with pytest.raises(ValueError, match='"mle" or "twonn"'):
        intrinsic_dimension(F, method="pca")
    with pytest.raises(ValueError, match="NaN"):
        intrinsic_dimension(F * np.nan)


def neighbor_distances(F, k):
    D = np.linalg.norm(F - F[:, None], axis=-1)
    return np.sort(D, axis=1)[:, 1 : k + 1]


@pytest.mark.parametrize("k", [3, 5, 12])
def test_maximum_likelihood_follows_its_definition(rng, k):
    F = rng.normal(size=(40, 3))
    T = neighbor_distances(F, k)
    inverse = np.mean(
        [sum(np.log(t[-1] / t[j]) for j in range(k - 1)) / (k - 1) for t in T]
    )
    found = intrinsic_dimension(F, n_neighbors=k).dimension[0]
    assert found == pytest.approx(1 / inverse)


def test_two_neighbours_leave_the_largest_tenth_out(rng):
    F = rng.normal(size=(50, 3))
    T = neighbor_distances(F, 2)
    mu = np.sort(T[:, 1] / T[:, 0])[:45]
    x, y = np.log(mu), -np.log(1 - np.arange(1, 46) / 50)
    found = intrinsic_dimension(F, method="twonn").dimension[0]
    assert found == pytest.approx(np.sum(x * y) / np.sum(x**2))
    far = F[T[:, 1] / T[:, 0] < mu[-1]]  # the kept ones alone give another slope
    assert intrinsic_dimension(far, method="twonn").dimension[0] != pytest.approx(found)
