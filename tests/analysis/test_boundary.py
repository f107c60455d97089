import numpy as np
import pytest

from sklearn_scat.analysis import local_support_vectors


def slow_sizes(F, y, k_max):
    """The definition, sample by sample."""
    alive, sizes = set(range(len(F))), []
    for k in range(1, k_max + 1):
        for i in list(alive):
            order = sorted((np.linalg.norm(F[i] - F[j]), j) for j in range(len(F)))
            near = [j for _, j in order if j != i][:k]
            if not sum(y[j] != y[i] for j in near) > k / 2:
                alive.discard(i)
        sizes.append(len(alive))
    return sizes


def test_local_support_vectors_follow_their_definition(rng):
    F, y = rng.normal(size=(40, 3)), rng.integers(0, 3, 40)
    result = local_support_vectors(F, y, k_max=9)
    assert result.size[0].tolist() == slow_sizes(F, y, 9)
    np.testing.assert_array_equal(result.k, np.arange(1, 10))
    np.testing.assert_allclose(result.fraction, result.size / 40)
    np.testing.assert_allclose(result.area, result.fraction.mean(axis=1))


def test_local_support_vectors_are_nested(rng):
    F, y = rng.normal(size=(200, 2)), rng.integers(0, 5, 200)
    assert (np.diff(local_support_vectors(F, y).size) <= 0).all()


def test_local_support_vectors_of_blobs_that_lie_apart_are_none(rng):
    y = np.arange(100) % 2
    F = rng.normal(size=(100, 10)) + 50 * y[:, None]
    result = local_support_vectors(F, y)
    assert not result.size.any() and result.area == 0


@pytest.mark.parametrize("n_classes", [2, 5, 10])
def test_local_support_vectors_of_random_labels_are_those_of_chance(rng, n_classes):
    n = 3000
    F, y = rng.normal(size=(n, 4)), rng.integers(0, n_classes, n)
    chance = 1 - 1 / n_classes
    # neighbours are correlated: twice the binomial's deviation, three times
    slack = 6 * np.sqrt(chance * (1 - chance) / n)
    assert abs(local_support_vectors(F, y).first[0] - chance) < slack


def test_local_support_vectors_of_a_chequered_grid_are_all_at_first():
    """Every nearest neighbour on a grid of alternating labels is foreign."""
    u, v = np.meshgrid(np.arange(6.0), np.arange(6.0))
    F, y = np.column_stack([u.ravel(), v.ravel()]), ((u + v) % 2).ravel()
    result = local_support_vectors(F, y, k_max=2)
    assert result.size.tolist() == [[36, 36]]
    # of the 12 nearest of an inner point 4 are foreign (distance 1), 8 are friends
    assert local_support_vectors(F, y, k_max=12).size[0, -1] < 36


def test_local_support_vectors_count_no_sample_for_itself(rng):
    F = np.repeat(rng.normal(size=(10, 3)), 2, axis=0)  # ten pairs of copies
    y = np.tile([0, 1], 10)
    assert local_support_vectors(F, y, k_max=1).size[0, 0] == 20
    friends = np.repeat(np.arange(10), 2)
    assert local_support_vectors(F, friends, k_max=1).size[0, 0] == 0


def test_local_support_vectors_even_votes_contradict_nothing():
    F = np.array([[0.0], [1.0], [2.5], [9.0], [10.0]])
    y = [0, 1, 0, 2, 2]  # the first: foreign, then a friend
    assert local_support_vectors(F, y, k_max=2).size.tolist() == [[3, 1]]


def test_local_support_vectors_of_one_class_are_none(rng):
    assert not local_support_vectors(rng.normal(size=(40, 2)), np.ones(40)).size.any()


def test_local_support_vectors_keep_the_only_sample_of_a_class(rng):
    F, y = rng.normal(size=(50, 2)), np.zeros(50)
    y[7] = 1
    assert local_support_vectors(F, y).size[0, -1] == 1


def test_local_support_vectors_need_more_samples_than_neighbours(rng):
    F, y = rng.normal(size=(30, 2)), np.arange(30) % 2
    with pytest.raises(ValueError, match="k_max=29 at most"):
        local_support_vectors(F, y)
    assert local_support_vectors(F, y, k_max=29).size.shape == (1, 29)
    with pytest.raises(ValueError, match="NaN"):
        local_support_vectors(F * np.nan, y, k_max=2)
