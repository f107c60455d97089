"""Haar-like bases: orthonormal, inverted, and as their formula says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_scat.questionnaire import (
    PartitionTree,
    dyadic_tree,
    haar,
    haar_supports,
    inverse_haar,
    inverse_tensor_haar,
    random_tree,
    tensor_haar,
)


def any_tree(n, seed):
    """A tree of three levels or fewer, with folders of any size."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 3, n)
    fine = 4 * coarse + rng.integers(0, 4, n)
    return PartitionTree.from_partitions([coarse, coarse, fine], rng.standard_normal(n))


TREES = [
    dyadic_tree(16),
    random_tree(13, random_state=0),
    any_tree(40, 0),
    any_tree(9, 1),
    PartitionTree([[0] * 6, [3, 1, 5, 0, 2, 4]]),  # one folder of six children
    dyadic_tree(2),
    dyadic_tree(1),
]


@pytest.mark.parametrize("tree", TREES)
def test_haar_is_an_orthonormal_basis(tree):
    H = haar(np.eye(tree.n_points), tree)
    np.testing.assert_allclose(H @ H.T, np.eye(tree.n_points), atol=1e-10)
    np.testing.assert_allclose(H[0], 1 / np.sqrt(tree.n_points))


@pytest.mark.parametrize("tree", TREES)
def test_haar_functions_take_two_values_on_children_of_one_folder(tree):
    H = haar(np.eye(tree.n_points), tree)
    supports = haar_supports(tree)
    for k in range(1, tree.n_points):
        inside = tree.folders(supports.level[k])[supports.folder[k]]
        live = np.flatnonzero(H[k])
        assert set(live) <= set(inside)
        assert len(live) == supports.size[k]
        children = tree.partitions[supports.level[k] + 1]
        first = live[H[k, live] > 0]
        assert len(np.unique(children[first])) == 1
        a, b = len(first), len(live) - len(first)
        np.testing.assert_allclose(H[k, first], np.sqrt(b / (a * (a + b))))
        np.testing.assert_allclose(H[k].sum(), 0, atol=1e-12)


@given(st.integers(1, 24), st.integers(1, 24), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_tensor_haar_keeps_the_norm_and_is_inverted(m, n, seed):
    trees = any_tree(m, seed), any_tree(n, seed + 1)
    M = np.random.default_rng(seed).standard_normal((m, n))
    C = tensor_haar(M, *trees)
    assert abs(np.linalg.norm(C) - np.linalg.norm(M)) < 1e-10
    np.testing.assert_allclose(inverse_tensor_haar(C, *trees), M, atol=1e-10)


def test_tensor_haar_is_the_product_of_the_bases():
    rows, columns = any_tree(12, 3), any_tree(9, 4)
    M = np.random.default_rng(0).standard_normal((12, 9))
    H_r, H_c = haar(np.eye(12), rows), haar(np.eye(9), columns)
    np.testing.assert_allclose(tensor_haar(M, rows, columns), H_r @ M @ H_c.T)


def test_haar_transforms_any_axis_and_keeps_single_precision():
    tree = any_tree(7, 0)
    x = np.random.default_rng(0).standard_normal((3, 7, 2)).astype(np.float32)
    C = haar(x, tree, axis=1)
    assert C.dtype == np.float32
    np.testing.assert_allclose(C[1, :, 1], haar(x[1, :, 1], tree), rtol=1e-5)
    np.testing.assert_allclose(inverse_haar(C, tree, axis=1), x, atol=1e-5)


def test_haar_takes_integers():
    assert haar([1, 1, 1, 1], dyadic_tree(4)).tolist() == [2, 0, 0, 0]


def test_haar_refuses_another_length():
    with pytest.raises(ValueError, match="has 3 values along axis 0"):
        haar([1.0, 2.0, 3.0], dyadic_tree(4))
