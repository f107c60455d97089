"""Short paths through points."""

from itertools import permutations

import numpy as np
import pytest

from sklearn_scat import LayerOrganiser
from sklearn_scat.questionnaire._path import short_path


def length(D, order):
    return D[order[1:], order[:-1]].sum()


def distances(points):
    return np.linalg.norm(points[:, None] - points, axis=-1)


def test_points_of_a_line_are_put_in_their_order(rng):
    x = rng.permutation(25).astype(float)
    order = short_path(distances(x[:, None]), [np.arange(25)])
    assert set(np.diff(x[order])) in ({1.0}, {-1.0})
    assert order[0] <= order[-1]


@pytest.mark.parametrize("seed", range(5))
def test_path_is_nearly_the_shortest_of_all(seed):
    D = distances(np.random.default_rng(seed).random((7, 2)))
    shortest = min(length(D, np.array(p)) for p in permutations(range(7)))
    found = short_path(D, [np.arange(7), np.arange(7)[::-1]])
    assert sorted(found) == list(range(7))
    assert shortest - 1e-9 <= length(D, found) <= 1.1 * shortest


def test_path_is_no_longer_than_where_it_began_and_no_change_shortens_it(rng):
    D = distances(rng.random((15, 3)))
    starts = [rng.permutation(15) for _ in range(3)]
    order = short_path(D, starts)
    reached = length(D, order)
    assert reached <= min(length(D, start) for start in starts)
    assert reached <= min(length(D, short_path(D, [start])) for start in starts) + 1e-12
    for i in range(15):
        for j in range(i + 2, 16):
            turned = np.concatenate([order[:i], order[i:j][::-1], order[j:]])
            moved = np.roll(order[i:j], 1)
            moved = np.concatenate([order[:i], moved, order[j:]])
            assert length(D, turned) >= reached - 1e-9
            assert length(D, moved) >= reached - 1e-9


@pytest.mark.parametrize("n", [1, 2, 3])
def test_few_points(n):
    D = distances(np.arange(n, dtype=float)[:, None])
    assert short_path(D, [np.arange(n)]).tolist() == list(range(n))


def test_path_of_channels_is_smoother_than_the_leaves_of_a_tree(rng):
    X = np.cumsum(rng.standard_normal((200, 24)), axis=1)[:, rng.permutation(24)]
    X += 4 * rng.standard_normal(X.shape)
    path, tree = (LayerOrganiser(geometry).fit(X) for geometry in ("path", "tree"))
    R = np.corrcoef(X.T)
    D = np.sqrt(2 * (1 - R).clip(0))
    assert length(D, path.order_) < length(D, tree.order_)
    assert sorted(path.order_) == list(range(24))
    np.testing.assert_array_equal(path.tree_.order, tree.order_)
