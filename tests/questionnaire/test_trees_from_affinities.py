"""Diffusion maps, and the trees that are made from them."""

from itertools import pairwise

import numpy as np
import pytest

from sklearn_scat.questionnaire import (
    DiffusionMap,
    average_tree,
    binary_tree,
    diffusion_map,
    flexible_tree,
    gaussian_affinity,
    random_tree_pairs,
)


def line(n, seed=0):
    """Points on a line, shuffled, and their affinities."""
    x = np.random.default_rng(seed).permutation(n) / n
    return x, np.exp(-10 * np.abs(x - x[:, None]))


@pytest.mark.parametrize("n", [40, 600])  # dense eigenvectors, and Lanczos
def test_diffusion_map_solves_the_walk(n):
    A = line(n)[1]
    found = diffusion_map(A, n_vectors=4)
    d = A.sum(axis=1)
    W = A / np.outer(d, d)
    P = W / W.sum(axis=1, keepdims=True)
    psi = found.coordinates
    np.testing.assert_allclose(P @ psi, psi * found.eigenvalues, atol=1e-8)
    assert np.all(np.diff(found.eigenvalues) <= 0)
    weights = W.sum(axis=1) / W.sum()
    gram = psi.T @ (psi * weights[:, None])
    np.testing.assert_allclose(gram, np.eye(4), atol=1e-8)
    np.testing.assert_allclose(weights @ psi, 0, atol=1e-8)


def test_diffusion_map_knows_the_line():
    x, A = line(50)
    psi = diffusion_map(A).coordinates[:, 0]
    assert abs(np.corrcoef(np.argsort(np.argsort(psi)), x)[0, 1]) > 0.999


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_diffusion_map_of_few_points_has_few_coordinates(n):
    found = diffusion_map(np.ones((n, n)))
    assert found.coordinates.shape == (n, max(1, n - 2))
    assert np.all(found.eigenvalues == 0)


@pytest.mark.parametrize(
    ("A", "message"),
    [
        (np.ones((2, 3)), "square"),
        (-np.ones((2, 2)), "≥ 0"),
        (np.zeros((2, 2)), "positive on the diagonal"),
        ([[1.0, np.nan], [np.nan, 1.0]], "finite"),
        ([[1.0, 0.5], [0.1, 1.0]], "symmetric"),
    ],
)
def test_diffusion_map_refuses_what_are_no_affinities(A, message):
    with pytest.raises(ValueError, match=message):
        diffusion_map(A)


def slow_join(D, eps):
    """One level of the flexible tree, pair by pair."""
    n = len(D)
    pairs = [(D[i, j], i, j) for i in range(n) for j in range(i + 1, n)]
    median = np.median([d for d, _, _ in pairs])
    group, size = list(range(n)), [1] * n
    for d, i, j in sorted(pairs):
        a, b = group[i], group[j]
        product = size[a] * size[b]
        if d > median or a == b:
            continue
        if product == 1 or d < median / eps * 2.0 ** (1 - product):
            group = [a if g == b else g for g in group]
            size[a] += size[b]
    return np.array(group)


@pytest.mark.parametrize("eps", [0.3, 1.0, 3.0])
def test_flexible_tree_joins_as_its_rule_says(eps):
    x = np.random.default_rng(0).random((60, 2))
    diffusion = DiffusionMap(x, np.ones(2))  # λ = 1: the same distances at all times
    tree = flexible_tree(diffusion, eps=eps)
    D = np.linalg.norm(x - x[:, None], axis=-1)
    for level in range(tree.n_levels - 1, 0, -1):
        folders = tree.folders(level)
        means = [[D[np.ix_(a, b)].mean() for b in folders] for a in folders]
        group = slow_join(np.array(means), eps)
        joined = [
            [folders[i] for i in np.flatnonzero(np.equal(group, g))] for g in group
        ]
        wanted = {frozenset(np.concatenate(parts)) for parts in joined}
        if level > 1 or len(wanted) == 1:
            assert wanted == {frozenset(f) for f in tree.folders(level - 1)}


def test_flexible_tree_halves_levels_on_a_line():
    diffusion = diffusion_map(line(128)[1])
    tree = flexible_tree(diffusion)
    sizes = [len(tree.folders(level)) for level in range(tree.n_levels)]
    assert all(2 * a <= 1.8 * b for a, b in pairwise(sizes))
    for folder in tree.folders(1):
        rank = np.sort(np.argsort(np.argsort(line(128)[0]))[folder])
        assert rank[-1] - rank[0] < 128


def test_binary_tree_cuts_within_its_balance():
    tree = binary_tree(line(100)[1], balance=0.3)
    for level in range(tree.n_levels - 1):
        for folder in tree.folders(level):
            children = np.unique(tree.partitions[level + 1, folder], return_counts=True)
            assert len(folder) == 1 or len(children[0]) == 2
            assert children[1].min() >= np.floor(0.3 * len(folder))


def test_binary_tree_finds_clusters():
    x = np.r_[np.random.default_rng(0).random((6, 2)), 9 + np.zeros((5, 2))]
    x[6:] += np.random.default_rng(1).random((5, 2))
    tree = binary_tree(gaussian_affinity(x))
    assert {frozenset(f.tolist()) for f in tree.folders(1)} == {
        frozenset(range(6)),
        frozenset(range(6, 11)),
    }


def test_random_cuts_differ_but_keep_neighbours():
    x, A = line(64)
    first, second = (binary_tree(A, random_state=seed) for seed in (0, 1))
    assert first != second
    assert first == binary_tree(A, random_state=0)
    steps = np.abs(np.diff(x[first.order]))
    assert steps.mean() < 0.1 < np.abs(x - x[:, None]).mean()


def test_average_tree_keeps_groups_of_average_linkage_halved_in_number():
    x = np.random.default_rng(0).random((50, 3))
    D = np.linalg.norm(x - x[:, None], axis=-1)
    tree = average_tree(np.exp(-D))
    counts = [len(tree.folders(level)) for level in range(tree.n_levels)]
    assert counts == [1, 3, 6, 12, 25, 50]
    groups = [{i} for i in range(50)]
    seen = {frozenset(group) for group in groups}
    while len(groups) > 1:
        pairs = [(a, b) for a in range(len(groups)) for b in range(a)]
        means = [D[np.ix_([*groups[a]], [*groups[b]])].mean() for a, b in pairs]
        a, b = pairs[int(np.argmin(means))]
        groups[b] |= groups.pop(a)
        seen.add(frozenset(groups[b]))
    for level in range(tree.n_levels):
        assert {frozenset(f.tolist()) for f in tree.folders(level)} <= seen


@pytest.mark.parametrize("n", [1, 2, 3])
def test_average_tree_of_few_points_and_of_none_alike(n):
    assert average_tree(np.eye(n)).n_points == n


def test_binary_tree_refuses_an_impossible_balance():
    with pytest.raises(ValueError, match="balance=0"):
        binary_tree(np.eye(3), balance=0.7)


def test_random_tree_pairs_are_on_rows_and_columns():
    M = np.random.default_rng(0).standard_normal((9, 7))
    trees = binary_tree(gaussian_affinity(M)), binary_tree(gaussian_affinity(M.T))
    pairs = random_tree_pairs(M, trees, n_pairs=3, random_state=0)
    assert [(r.n_points, c.n_points) for r, c in pairs] == [(9, 7)] * 3


def test_flexible_tree_compares_folders_at_the_time_of_their_level():
    """By the rule at time 2^l; at any single time some level would join otherwise."""
    x = np.random.default_rng(1).standard_normal((40, 3))
    diffusion = DiffusionMap(x, np.array([1.0, 0.9, 0.6]))
    tree = flexible_tree(diffusion)
    levels = range(tree.n_levels - 1, 1, -1)

    def wanted(level, time):
        points = diffusion.at(time)
        D = np.linalg.norm(points - points[:, None], axis=-1)
        folders = tree.folders(level)
        means = [[D[np.ix_(a, b)].mean() for b in folders] for a in folders]
        group = slow_join(np.array(means), 1.0)
        return {
            frozenset(np.concatenate([folders[i] for i in np.flatnonzero(group == g)]))
            for g in np.unique(group)
        }

    def found(level):
        return {frozenset(folder) for folder in tree.folders(level - 1)}

    own = [wanted(level, 2.0**i) == found(level) for i, level in enumerate(levels)]
    assert all(own) and len(own) >= 3
    for time in (1.0, 2.0, 4.0):
        assert not all(wanted(level, time) == found(level) for level in levels)
