import numpy as np
import pytest
from scipy.spatial.distance import cdist

from sklearn_scat.analysis import _distances, lipschitz_quantiles, separation
from sklearn_scat.analysis._separation import _quotients


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(_distances, "_BLOCK_ENTRIES", 300)


@pytest.mark.parametrize("q", [0, 1e-3, 0.05, 0.37, 1])
def test_separation_is_the_quantile_between_classes(rng, small_blocks, q):
    F, y = rng.normal(size=(60, 20)), rng.integers(0, 4, 60)
    distances = cdist(F, F)[np.triu(y[:, None] != y)]
    result = separation(F, y, q=q)
    np.testing.assert_allclose(result.epsilon, [np.quantile(distances, q)])
    np.testing.assert_allclose(result.minimum, [distances.min()])


def test_separation_nearest_distances_are_split_by_label(rng, small_blocks):
    F, y = rng.normal(size=(50, 3)), np.arange(50) % 3
    result = separation({"a": F, "b": 2 * F}, y)
    distances = cdist(F, F) + np.where(np.eye(50), np.inf, 0)
    same = np.where(y[:, None] == y, distances, np.inf).min(axis=1)
    other = np.where(y[:, None] != y, distances, np.inf).min(axis=1)
    np.testing.assert_allclose(result.same, [same, 2 * same])
    np.testing.assert_allclose(result.other, [other, 2 * other])


def test_separation_of_a_duplicate_with_another_label_is_zero(rng):
    F = rng.normal(size=(30, 40))
    F[3] = F[4]
    result = separation(F, np.arange(30) % 2)
    assert result.minimum == 0 and result.other[0, 3] == 0


def test_separation_of_the_only_sample_of_a_class_has_no_same():
    result = separation([[0.0], [1.0], [5.0]], [0, 0, 1])
    assert np.isinf(result.same[0]).tolist() == [False, False, True]


def test_separation_names_what_is_wrong(rng):
    F = rng.normal(size=(6, 2))
    with pytest.raises(ValueError, match="1 class"):
        separation(F, np.ones(6))
    with pytest.raises(ValueError, match="q == 2"):
        separation(F, np.arange(6) % 2, q=2)
    with pytest.raises(ValueError, match="NaN"):
        separation(F * np.nan, np.arange(6) % 2)


def test_lipschitz_quantiles_of_a_linear_map_lie_below_its_norm(rng, small_blocks):
    X, A = rng.normal(size=(60, 20)), rng.normal(size=(20, 7))
    result = lipschitz_quantiles({"half": X / 2, "A": X @ A}, X)
    np.testing.assert_allclose(result.quantiles[0], 0.5)
    np.testing.assert_allclose(result.maximum[0], 0.5)
    assert result.quantiles[1].max() < result.maximum[1] <= np.linalg.norm(A, 2)
    distances, inputs = cdist(X @ A, X @ A), cdist(X, X)
    quotients = (distances / np.where(inputs, inputs, np.inf))[np.triu_indices(60, 1)]
    np.testing.assert_allclose(result.quantiles[1], np.quantile(quotients, result.q))
    np.testing.assert_allclose(result.maximum[1], quotients.max())


def test_lipschitz_quantiles_of_drawn_pairs_are_near_those_of_all(rng):
    X = rng.normal(size=(200, 5, 4))
    F = np.abs(X).reshape(200, -1)
    full = lipschitz_quantiles(F, X)
    drawn = lipschitz_quantiles(F, X, max_pairs=2000, random_state=0)
    again = lipschitz_quantiles(F, X, max_pairs=2000, random_state=0)
    np.testing.assert_array_equal(drawn.quantiles, again.quantiles)
    assert (drawn.quantiles != full.quantiles).any()
    np.testing.assert_allclose(drawn.quantiles, full.quantiles, atol=0.03)
    np.testing.assert_array_equal(drawn.maximum, full.maximum)


def test_lipschitz_quantiles_leave_equal_inputs_out():
    X = np.array([[0.0], [0.0], [1.0]])
    assert lipschitz_quantiles(X, X).maximum == 1
    with pytest.raises(ValueError, match="rows of X are equal"):
        lipschitz_quantiles(X, np.zeros((3, 1)))
    with pytest.raises(ValueError, match="X has 2 samples, F has 3"):
        lipschitz_quantiles(X, X[:2])


def test_about_as_many_pairs_are_drawn_as_asked_for(rng):
    """The draw is binomial: within five deviations of max_pairs."""
    F, X = rng.normal(size=(300, 2)), rng.normal(size=(300, 3))
    for max_pairs in (1000, 4000):
        drawn, largest = _quotients(F, X, 0, max_pairs=max_pairs)
        assert abs(len(drawn) - max_pairs) < 5 * max_pairs**0.5
    every, maximum = _quotients(F, X, 0, max_pairs=300 * 299 // 2)
    assert len(every) == 300 * 299 // 2
    assert maximum == largest == every.max()
