"""Affinities and distances: against their formulas, entry by entry."""

import numpy as np
import pytest

from sklearn_scat.questionnaire import (
    cosine_affinity,
    diffusion_map,
    dyadic_tree,
    flexible_tree,
    folder_means,
    gaussian_affinity,
    random_tree,
    tree_affinity,
    tree_distances,
)

RNG = np.random.default_rng(0)
M = RNG.standard_normal((14, 11))
GAPS = np.where(RNG.random(M.shape) < 0.3, np.nan, M)
GAPS[3] = np.nan


def known_together(M, i, j):
    both = ~np.isnan(M[i]) & ~np.isnan(M[j])
    return M[i, both], M[j, both]


@pytest.mark.parametrize("M", [M, GAPS])
def test_cosine_affinity_is_the_cosine_of_what_is_known_of_both(M):
    A = cosine_affinity(M)
    for i, j in np.ndindex(A.shape):
        x, y = known_together(M, i, j)
        norms = np.linalg.norm(x) * np.linalg.norm(y)
        cosine = max(0, x @ y / norms) if norms else 0
        assert A[i, j] == pytest.approx(1 if i == j else cosine)


@pytest.mark.parametrize("M", [M, GAPS])
def test_gaussian_affinity_is_at_the_scale_of_the_neighbours(M):
    n, p = M.shape
    d = np.full((n, n), np.inf)
    for i, j in np.ndindex(n, n):
        x, y = known_together(M, i, j)
        if i != j and len(x):
            d[i, j] = np.sqrt(((x - y) ** 2).sum() * p / len(x))
    nearest = np.sort(d, axis=1)[:, :5]
    nearest[np.isinf(nearest)] = np.nan
    s = [np.nanmedian(row) if np.isfinite(row).any() else 0 for row in nearest]
    A = gaussian_affinity(M, eps=1.3)
    for i, j in np.ndindex(n, n):
        scale = 1.69 * s[i] * s[j]
        wanted = 1 if i == j else np.exp(-(d[i, j] ** 2) / scale) if scale else 0
        assert A[i, j] == pytest.approx(wanted, abs=1e-12)


def slow_distance(M, tree, a, b, *, alpha, beta):
    total = 0
    for level in range(tree.n_levels):
        for folder in tree.folders(level):
            weight = (len(folder) / tree.n_points) ** beta * 2.0 ** (-level * alpha)
            total += weight * abs(M[folder, a].mean() - M[folder, b].mean())
    return total


@pytest.mark.parametrize(("alpha", "beta"), [(0.0, 1.0), (1.0, 0.0), (-0.5, 0.7)])
def test_tree_distances_are_sums_over_all_folders(alpha, beta):
    tree = flexible_tree(diffusion_map(gaussian_affinity(M)))
    D = tree_distances(M, tree, alpha=alpha, beta=beta)
    for a, b in np.ndindex(D.shape):
        wanted = slow_distance(M, tree, a, b, alpha=alpha, beta=beta)
        assert D[a, b] == pytest.approx(wanted, abs=1e-12)


def test_tree_distances_do_not_depend_on_blocks():
    X = np.random.default_rng(0).standard_normal((300, 250))
    tree = random_tree(300, random_state=0)
    D = tree_distances(X, tree)
    part = [3, 100, 191, 192, 249]
    np.testing.assert_allclose(D[np.ix_(part, part)], tree_distances(X[:, part], tree))


def test_tree_distances_put_columns_without_entries_far_off():
    X = M.copy()
    X[:, 2] = np.nan
    D = tree_distances(X, dyadic_tree(14))
    others = np.delete(np.arange(11), 2)
    assert np.all(D[2, others] == D.max())
    assert D[2, 2] == 0


def test_tree_affinity_scales_by_the_median():
    tree = dyadic_tree(14)
    D = tree_distances(M, tree)
    median = np.median(D[np.triu_indices(11, 1)])
    np.testing.assert_allclose(tree_affinity(M, tree, eps=2), np.exp(-D / median / 2))


def test_folder_means_are_those_of_what_is_known():
    tree = dyadic_tree(14)
    means = folder_means(GAPS, tree)
    for level in range(1, tree.n_levels):
        for f, folder in enumerate(tree.folders(level)):
            above = means[level - 1][tree.partitions[level - 1, folder[0]]]
            known = ~np.isnan(GAPS[folder])
            sums = np.nansum(GAPS[folder], axis=0)
            wanted = np.where(
                known.any(axis=0), sums / known.sum(axis=0).clip(1), above
            )
            np.testing.assert_allclose(means[level][f], wanted)


def test_affinities_refuse_what_is_no_matrix():
    with pytest.raises(ValueError, match="expected a matrix"):
        cosine_affinity([1.0, 2.0])
    with pytest.raises(ValueError, match="14 rows, but the tree has 5"):
        tree_distances(M, dyadic_tree(5))
