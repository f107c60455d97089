import numpy as np
import pytest
from scipy.spatial.distance import cdist

from sklearn_scat.analysis import _distances


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(_distances, "_BLOCK_ENTRIES", 500)


def assembled(F):
    rows, blocks = zip(*_distances.distance_blocks(F), strict=True)
    np.testing.assert_array_equal(np.concatenate(rows), np.arange(len(F)))
    return np.concatenate(blocks)


@pytest.mark.parametrize("p", [1, 16, 17, 300])
@pytest.mark.parametrize("offset", [0, 1e4])
def test_distance_blocks_are_the_distances(rng, small_blocks, p, offset):
    F = rng.normal(size=(61, p)) + offset
    F[7] = F[40] + 1e-7  # near copies lose all digits to a subtraction of squares
    F[8] = F[50]
    found = assembled(F)
    np.testing.assert_allclose(found, cdist(F, F), rtol=1e-6, atol=1e-12)
    assert found[8, 50] == found[3, 3] == 0


def test_distance_blocks_of_copies_are_zero(small_blocks):
    assert not assembled(np.full((90, 40), 0.1)).any()


def test_nearest_others_agrees_with_sorting(rng, small_blocks):
    F = rng.normal(size=(70, 20))
    neighbors, distances = _distances.nearest_others(F, 5)
    every = cdist(F, F)
    np.fill_diagonal(every, np.inf)
    np.testing.assert_array_equal(neighbors, every.argsort(axis=1)[:, :5])
    np.testing.assert_allclose(distances, np.sort(every, axis=1)[:, :5], rtol=1e-9)


def test_nearest_others_takes_the_first_of_equal_distances():
    F = np.array([[0.0], [1.0], [-1.0], [1.0], [-1.0], [1.0]])
    neighbors, _ = _distances.nearest_others(F, 3)
    assert neighbors[0].tolist() == [1, 2, 3]
    assert neighbors[1].tolist() == [3, 5, 0]
    assert neighbors[5].tolist() == [1, 3, 0]
