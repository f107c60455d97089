import numpy as np
import pytest
from numpy.testing import assert_allclose

from sklearn_scat.cascade import path_table
from sklearn_scat.transformers._path_statistics import (
    absolute_means,
    families,
    means_and_deviations,
    row_slices,
)


def expected_parent(paths, p):
    """Index of the path that lacks the last wavelet of path p, by its definition."""
    wanted = list(paths[p].tolist())
    order = wanted[0]
    wanted[0] -= 1
    wanted[2 * order - 1 : 2 * order + 1] = [-1, -1]
    return paths.tolist().index(tuple(wanted))


def test_families_hold_every_path_once_and_parents_come_later():
    paths = path_table(J=3, L=2, max_order=3)
    groups = families(paths)
    children = np.concatenate([group for _, group in groups])
    assert sorted(children) == np.flatnonzero(paths["order"] >= 2).tolist()
    seen = []
    for parents, group in groups:
        assert len(parents) == 1
        assert not set(parents) & set(seen)  # not yet divided themselves
        seen += group.tolist()
        assert {expected_parent(paths, p) for p in group} == set(parents)


def test_path_without_a_parent_is_an_error():
    paths = path_table(J=2, L=2)
    with pytest.raises(ValueError, match="4 paths have none"):
        families(paths[paths["order"] != 1])


def test_separable_rotations_descend_from_one_orientation():
    fields = ["order", "j1", "theta1", "j2", "theta2", "k", "conjugate"]
    rows = [(1, 0, t, -1, -1, -1, -1) for t in range(4)]
    rows += [(2, 0, t, 1, 0, k, c) for t in (0, 2) for k in (-1, 0) for c in (0, 1)]
    paths = np.array(rows, [(field, int) for field in fields])
    found = [(parents.tolist(), group.tolist()) for parents, group in families(paths)]
    assert found == [([0], [4, 5, 6, 7]), ([2], [8, 9, 10, 11])]


@pytest.mark.parametrize(
    "shape", [(1, 1, 1, 1, 1), (7, 2, 3, 4, 5), (3, 1, 9, 700, 80)]
)
def test_statistics_are_those_of_the_whole(shape):
    maps = np.random.default_rng(0).normal(3, 2, shape).astype(np.float32)
    covered = np.zeros(len(maps), int)
    for rows in row_slices(maps):
        covered[rows] += 1
    assert (covered == 1).all()
    whole = maps.astype(np.float64)
    axes = (0, 3, 4)
    assert_allclose(absolute_means(maps), np.abs(whole).mean(axis=axes), rtol=1e-6)
    means, deviations = means_and_deviations(maps)
    assert_allclose(means, whole.mean(axis=axes), rtol=1e-6)
    expected = whole.std(axis=axes)
    assert_allclose(deviations, np.where(expected > 0, expected, 1), rtol=1e-6)


def test_rounding_error_counts_as_nothing():
    maps = np.zeros((4, 1, 3, 2, 2), np.float32)
    maps[:, :, 0] = 200
    maps[:, :, 1] = 1e-6 * np.random.default_rng(0).normal(size=(4, 1, 2, 2))
    eps = np.finfo(np.float32).eps
    assert_allclose(absolute_means(maps), [[200, 200 * eps, 200 * eps]], rtol=1e-6)
    assert_allclose(means_and_deviations(maps)[1], 1)
