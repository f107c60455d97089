"""The best order of leaves: held against all orders that keep folders together."""

from itertools import chain, permutations, product

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from sklearn_scat.questionnaire import PartitionTree, dyadic_tree, order_leaves


def every_order(tree, level=0, points=None):
    """All orders of the points of a folder that keep its folders together."""
    points = tree.order if points is None else points
    if len(points) == 1:
        return [points.tolist()]
    inside = tree.partitions[level + 1][points]
    parts = [
        every_order(tree, level + 1, points[inside == child])
        for child in np.unique(inside)
    ]
    return [
        list(chain.from_iterable(chosen))
        for arranged in permutations(parts)
        for chosen in product(*arranged)
    ]


def total(D, order):
    return D[order[:-1], order[1:]].sum()


def plane(n, seed):
    return squareform(pdist(np.random.default_rng(seed).random((n, 2))))


def random_folders(n, seed):
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 3, n)
    return PartitionTree.from_partitions([coarse, 2 * coarse + rng.integers(0, 2, n)])


@pytest.mark.parametrize("seed", range(20))
def test_no_order_that_keeps_folders_together_is_shorter(seed):
    tree, D = random_folders(7, seed), plane(7, seed)
    best = total(D, order_leaves(tree, D).order)
    assert best == pytest.approx(min(total(D, order) for order in every_order(tree)))


@pytest.mark.parametrize("seed", range(5))
def test_a_root_of_six_points_is_ordered_freely(seed):
    tree, D = PartitionTree([[0] * 6, range(6)]), plane(6, seed)
    best = total(D, order_leaves(tree, D).order)
    shortest = min(total(D, list(order)) for order in permutations(range(6)))
    assert best == pytest.approx(shortest)


@pytest.mark.parametrize("seed", range(5))
def test_folders_stay_as_they_are(seed):
    tree = random_folders(60, seed)
    ordered = order_leaves(tree, plane(60, seed))
    assert ordered.n_levels == tree.n_levels
    for level in range(tree.n_levels):
        before, after = tree.folders(level), ordered.folders(level)
        assert {frozenset(f) for f in before} == {frozenset(f) for f in after}


def test_folders_of_many_children_are_joined_first_and_become_shorter():
    places = np.random.default_rng(0).permutation(40)
    D = np.abs(places - places[:, None])
    tree = PartitionTree([np.zeros(40, int), np.arange(40)])
    assert total(D, order_leaves(tree, D).order) == 39  # 40 places along a line


def test_a_line_is_found_whatever_its_halves_were_swapped_for():
    places = np.arange(32)
    rng = np.random.default_rng(0)
    levels = dyadic_tree(32).partitions
    shuffled = [rng.permutation(level.max() + 1)[level] for level in levels]
    tree = PartitionTree.from_partitions(shuffled)
    order = order_leaves(tree, np.abs(places - places[:, None])).order
    assert order.tolist() in (list(range(32)), list(range(31, -1, -1)))


def test_direction_is_the_nearer_one_to_that_before():
    D = np.abs(np.arange(9) - np.arange(9)[:, None])
    for direction in (1, -1):
        tree = dyadic_tree(direction * np.arange(9))
        assert order_leaves(tree, D) == tree


def test_one_point_is_in_order():
    assert order_leaves(dyadic_tree(1), [[0.0]]).order.tolist() == [0]


@pytest.mark.parametrize(
    ("D", "message"),
    [
        (np.zeros((2, 2)), r"distances of shape \(2, 2\); the tree has 3 points"),
        (np.full((3, 3), np.nan), "finite"),
        (np.arange(9.0).reshape(3, 3), "symmetric"),
    ],
)
def test_what_are_no_distances_is_refused(D, message):
    with pytest.raises(ValueError, match=message):
        order_leaves(dyadic_tree(3), D)


@pytest.mark.parametrize("seed", range(12))
def test_three_folders_of_three_are_ordered_as_all_orders_say(seed):
    folders = np.random.default_rng(seed).permutation(9) // 3
    tree, D = PartitionTree.from_partitions([folders]), plane(9, seed)
    ordered = order_leaves(tree, D)
    best = min(total(D, order) for order in every_order(tree))
    assert total(D, ordered.order) == pytest.approx(best)
    first, last = tree.partitions[-1][ordered.order[[0, -1]]]
    assert first < last  # the direction is that of before
