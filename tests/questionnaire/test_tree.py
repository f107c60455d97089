"""Partition trees: nested, numbered along the walk, whatever they were made from."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_scat.questionnaire import PartitionTree, dyadic_tree, random_tree

SEEDS = st.integers(0, 2**32 - 1)


def any_tree(n, seed):
    """A tree whose folders have any number of children, some only one."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n)
    levels = [labels]
    while labels.max() > 0:
        k = labels.max() + 1
        labels = rng.integers(0, rng.integers(1, k + 1), k)[labels]
        labels = np.unique(labels, return_inverse=True)[1].reshape(-1)
        levels.append(labels)
        if len(levels) > 8:
            labels = np.zeros(n, int)
    return PartitionTree.from_partitions(levels[::-1], rng.standard_normal(n))


@given(st.integers(1, 30), SEEDS)
@settings(max_examples=40, deadline=None)
def test_from_partitions_keeps_the_folders_and_makes_them_intervals(n, seed):
    tree = any_tree(n, seed)
    for level in range(tree.n_levels):
        folders = tree.folders(level)
        assert sorted(np.concatenate(folders)) == list(range(n))
        for number, folder in enumerate(folders):
            assert np.all(tree.partitions[level, folder] == number)
    assert len(tree.folders(0)) == 1
    assert len(tree.folders(tree.n_levels - 1)) == n


def test_from_partitions_orders_children_by_mean_score():
    tree = PartitionTree.from_partitions([[0, 0, 1, 1]], [5.0, 4.0, 0.0, 1.0])
    assert tree.order.tolist() == [2, 3, 1, 0]


@given(st.integers(1, 20), SEEDS)
@settings(max_examples=20, deadline=None)
def test_taken_from_moves_folders_with_their_points(n, seed):
    tree = any_tree(n, seed)
    points = np.random.default_rng(seed).permutation(n)
    moved = tree.taken_from(points)
    assert np.array_equal(moved.order, points[tree.order])


@pytest.mark.parametrize("n", [1, 2, 3, 7, 64])
def test_dyadic_tree_halves_every_folder(n):
    tree = dyadic_tree(n)
    for level in range(tree.n_levels):
        sizes = [len(folder) for folder in tree.folders(level)]
        assert len(sizes) == min(n, 2**level)
        assert max(sizes) - min(sizes) <= 1
    assert tree.order.tolist() == list(range(n))


def test_dyadic_tree_follows_positions():
    assert dyadic_tree([0.3, 0.1, 0.9, 0.7]).order.tolist() == [1, 0, 3, 2]


def test_random_tree_is_that_of_its_seed():
    assert random_tree(40, random_state=1) == random_tree(40, random_state=1)
    assert random_tree(40, random_state=1) != random_tree(40, random_state=2)


def test_tree_survives_pickle_and_cannot_be_written():
    tree = dyadic_tree(5)
    assert pickle.loads(pickle.dumps(tree)) == tree
    with pytest.raises(ValueError, match="read-only"):
        tree.partitions[0, 0] = 1


@pytest.mark.parametrize(
    ("partitions", "message"),
    [
        ([0, 1], r"shape \(2,\)"),
        ([[0.0, 0.5]], "integers"),
        ([[0, 1], [0, 1]], "first level"),
        ([[0, 0], [0, 0]], "each of 0 … 1 once"),
        ([[0, 0, 0], [1, 1, 0], [0, 1, 2]], "from_partitions"),
        ([[0, 0, 0], [0, 0, 1], [0, 1, 1], [0, 1, 2]], "level 2 does not refine"),
    ],
)
def test_tree_refuses_what_is_none(partitions, message):
    with pytest.raises(ValueError, match=message):
        PartitionTree(partitions)
