"""Correlations over what is known; signs; questionnaires with reversed questions."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage

from sklearn_scat import LayerOrganiser, Questionnaire
from sklearn_scat.datasets import load_pixel_questionnaire
from sklearn_scat.questionnaire import (
    PartitionTree,
    aligned_signs,
    average_tree,
    correlation_affinity,
    correlation_distances,
    correlations,
    dyadic_tree,
    organise,
)
from sklearn_scat.questionnaire._reversal import Reversal, fill_upright


def answers(n_people=400, n_items=5, n_factors=3, *, missing=0.0, seed=0):
    """Items of factors, half of them in reverse, shuffled: data, factors, signs."""
    rng = np.random.default_rng(seed)
    factors = np.repeat(np.arange(n_factors), n_items)
    signs = np.where(rng.random(len(factors)) < 0.5, -1.0, 1.0)
    traits = rng.standard_normal((n_people, n_factors))
    noise = rng.standard_normal((n_people, len(factors)))
    X = signs * (traits[:, factors] + noise) + 4
    X[rng.random(X.shape) < missing] = np.nan
    shuffled = rng.permutation(len(factors))
    return X[:, shuffled], factors[shuffled], signs[shuffled]


def neighbors_of_one_factor(factors, order):
    return int(np.sum(factors[order][1:] == factors[order][:-1]))


def test_correlations_are_those_of_numpy():
    M = np.random.default_rng(0).standard_normal((6, 50))
    np.testing.assert_allclose(correlations(M), np.corrcoef(M), atol=1e-12)


def test_correlations_are_over_the_columns_in_common():
    rng = np.random.default_rng(0)
    M = rng.standard_normal((5, 40)) + 1e3
    M[rng.random(M.shape) < 0.3] = np.nan
    R = correlations(M)
    for i in range(5):
        for j in range(i):
            both = ~np.isnan(M[[i, j]]).any(axis=0)
            wanted = np.corrcoef(M[i, both], M[j, both])[0, 1]
            assert R[i, j] == pytest.approx(wanted, abs=1e-9)


def test_correlations_of_constants():
    M = [[0.1] * 7, [0.3] * 7, [1, 2, 3, 4, 5, 6, 7], [np.nan] * 7]
    wanted = [[1, 1, 0, 1], [1, 1, 0, 1], [0, 0, 1, 0], [1, 1, 0, 1]]
    np.testing.assert_array_equal(correlations(M), wanted)


def test_one_column_in_common_says_nothing():
    """Rows that vary, and are known together in one column only."""
    M = [[1, 2, 4, np.nan, np.nan], [np.nan, np.nan, 3, 1, 7]]
    np.testing.assert_array_equal(correlations(M), np.eye(2))


def test_correlations_do_not_pass_one_by_rounding():
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((40, 1, 7)) * rng.uniform(-9, 9, (40, 12, 1))
    for M in rows:
        assert np.abs(correlations(M)).max() <= 1


@pytest.mark.parametrize("absolute", [False, True])
def test_distances_are_those_of_standardised_rows_or_their_negatives(absolute):
    M = np.random.default_rng(0).standard_normal((4, 30))
    Z = M - M.mean(axis=1, keepdims=True)
    Z /= np.linalg.norm(Z, axis=1, keepdims=True)
    wanted = np.linalg.norm(Z - Z[:, None], axis=-1)
    if absolute:
        wanted = np.minimum(wanted, np.linalg.norm(Z + Z[:, None], axis=-1))
    D = correlation_distances(correlations(M), absolute=absolute)
    np.testing.assert_allclose(D, wanted, atol=1e-7)


def test_affinities_are_one_over_e_at_the_median_distance():
    M = np.random.default_rng(0).standard_normal((6, 30))
    between = np.triu_indices(6, 1)
    for eps in (1.0, 2.0):
        A = correlation_affinity(M, eps=eps)[between]
        assert np.median(A) == pytest.approx(np.exp(-1 / eps**2))
    signs = np.where(np.arange(6) % 2, -3.0, 1.0)[:, None]
    np.testing.assert_allclose(
        correlation_affinity(signs * M + 2, absolute=True),
        correlation_affinity(M, absolute=True),
    )


@pytest.mark.parametrize("seed", range(5))
def test_affinities_of_many_equal_rows_take_the_mean_of_other_distances(seed):
    """Where half of the pairs or more are equal, to rounding, the median is 0."""
    same, *others = np.random.default_rng(seed).standard_normal((3, 17)) + 0.3
    M = np.array([same] * 6 + others)
    D = correlation_distances(correlations(M))
    A = correlation_affinity(M, eps=2.0)
    np.testing.assert_array_equal(D[:6, :6], 0)
    between = D[np.triu_indices(8, 1)]
    scale = 2 * between[between > 0].mean()
    np.testing.assert_allclose(A, np.exp(-((D / scale) ** 2)), atol=1e-12)
    np.testing.assert_array_equal(correlation_affinity(M[:3]), 1)
    np.testing.assert_array_equal(correlation_affinity(M[:1]), 1)


def test_rows_without_correlation_are_not_reversed():
    np.testing.assert_array_equal(aligned_signs(np.eye(8), dyadic_tree(8)), 1)


def test_a_child_is_reversed_by_the_largest_one():
    """A folder of three and one of two oppose each other: the two are reversed."""
    signs = np.array([1.0, 1, 1, -1, -1])
    levels = [[0] * 5, [1, 1, 1, 0, 0], [0, 1, 2, 3, 4]]
    tree = PartitionTree.from_partitions([np.array(p) for p in levels], np.arange(5.0))
    R = np.outer(signs, signs) * 0.5 + np.eye(5) * 0.5
    np.testing.assert_array_equal(aligned_signs(R, tree), signs)


def test_reversal_turns_rows_about_the_mean_of_what_is_known():
    M = np.array([[1.0, np.nan, 5.0], [2.0, 4.0, 9.0], [np.nan, 7.0, np.nan]])
    turn = Reversal.of_rows(M, np.array([-1.0, 1.0, -1.0]))
    turned = turn(M)
    np.testing.assert_array_equal(turned[0], [5, np.nan, 1])
    np.testing.assert_array_equal(turned[1:], M[1:])  # one known value is the mean
    np.testing.assert_array_equal(turn(turned), M)
    np.testing.assert_array_equal(M[0], [1, np.nan, 5])


def test_reversal_of_nothing_is_the_matrix():
    M = np.eye(3)
    assert Reversal.of_rows(M, np.ones(3))(M) is M
    missing = np.full((1, 3), np.nan)
    assert np.isnan(Reversal.of_rows(missing, -np.ones(1))(missing)).all()


def test_filling_is_done_upright_and_turned_back():
    seen = []

    def fill(M):
        seen.append(M)
        return np.nan_to_num(M, nan=0.25)

    M = np.array([[0.0, 1.0], [1.0, np.nan], [4.0, 8.0]])
    signs = np.array([1.0, -1.0, -1.0]), np.array([1.0, 1.0])
    filled = fill_upright(M, signs, fill)
    np.testing.assert_array_equal(seen[0], [[0, 1], [1, np.nan], [8, 4]])
    np.testing.assert_array_equal(filled, [[0, 1], [1, 1.75], [4, 8]])
    signs = np.array([1.0, 1.0, -1.0]), np.array([-1.0, 1.0])
    filled = fill_upright(M, signs, fill)
    known = ~np.isnan(M)
    np.testing.assert_allclose(filled[known], M[known])
    np.testing.assert_allclose(seen[1][:, 0], [6, 5, -2])  # about the mean of 0, 1, 8


@pytest.mark.parametrize("n", [1, 2, 3, 8, 37])
def test_levels_of_average_linkage_halve_the_groups(n):
    x = np.random.default_rng(0).standard_normal((n, 3))
    A = np.exp(-np.linalg.norm(x - x[:, None], axis=2))
    tree = average_tree(A)
    sizes = [len(tree.folders(level)) for level in range(tree.n_levels)]
    wanted = {1: [1], 2: [1, 2], 3: [1, 3], 8: [1, 2, 4, 8], 37: [1, 2, 4, 9, 18, 37]}
    assert sizes == wanted[n]


def test_average_linkage_joins_groups_by_means_of_logarithms():
    """Points at 0, 1, 2.2 and 5.1, and groups as scipy's linkage of distances."""
    x = np.array([0.0, 1.0, 2.2, 5.1, 6.3, 14.0, 15.5, 19.0])
    D = np.abs(x - x[:, None])
    tree = average_tree(np.exp(-D * 3))
    joins = linkage(x[:, None], "average")
    for level, count in ((1, 2), (2, 4)):
        labels = fcluster(joins, count, "maxclust")
        wanted = {frozenset(np.flatnonzero(labels == k)) for k in np.unique(labels)}
        assert {frozenset(f.tolist()) for f in tree.folders(level)} == wanted


def test_things_without_affinity_are_as_far_as_any():
    """Affinities of 0 are told from 0: no logarithm is infinite."""
    A = np.kron(np.eye(4), np.ones((2, 2)))
    tree = average_tree(A)
    pairs = {frozenset(f.tolist()) for f in tree.folders(tree.n_levels - 2)}
    assert pairs == {frozenset({2 * i, 2 * i + 1}) for i in range(4)}


def test_aligned_signs_make_a_common_factor_agree():
    rng = np.random.default_rng(0)
    signs = np.where(rng.random(20) < 0.4, -1.0, 1.0)
    M = signs[:, None] * (rng.standard_normal(300) + rng.standard_normal((20, 300)))
    found = aligned_signs(correlations(M), dyadic_tree(20))
    np.testing.assert_array_equal(found, signs if signs.sum() >= 0 else -signs)


@pytest.mark.parametrize("missing", [0.0, 0.3])
@pytest.mark.parametrize("seed", range(3))
def test_reversed_questions_are_found_with_their_factors(seed, missing):
    X, factors, signs = answers(missing=missing, seed=seed)
    questionnaire = Questionnaire(
        column_affinity="absolute_correlation", missing="ignore", n_iter=1
    ).fit(X)
    assert neighbors_of_one_factor(factors, questionnaire.column_order_) == 12
    for factor in range(3):
        agreement = (questionnaire.column_signs_ * signs)[factors == factor]
        assert np.all(agreement == agreement[0])
    np.testing.assert_array_equal(questionnaire.row_signs_, 1)


def test_rows_may_be_the_questions():
    X, factors, _ = answers(100)
    found = organise(X.T, row_affinity="absolute_correlation", n_iter=1)
    columns = organise(X, column_affinity="absolute_correlation", n_iter=1)
    assert neighbors_of_one_factor(factors, found.row_tree.order) == 12
    assert found.row_tree == columns.column_tree
    assert (found.row_signs < 0).any()
    np.testing.assert_array_equal(found.column_signs, 1)


def test_signs_units_and_offsets_of_questions_do_not_matter():
    X, _, _ = answers(60)
    rng = np.random.default_rng(1)
    units = rng.uniform(1, 9, X.shape[1]) * np.where(np.arange(15) % 2, -1, 1)
    plain, other = (
        organise(M, column_affinity="absolute_correlation", standardize="columns")
        for M in (X, units * X + 7)
    )
    level = plain.column_tree.n_levels - 2
    folders, others = (
        {frozenset(f.tolist()) for f in found.column_tree.folders(level)}
        for found in (plain, other)
    )
    assert folders == others
    rows = {frozenset(f.tolist()) for f in plain.row_tree.folders(1)}
    assert rows == {frozenset(f.tolist()) for f in other.row_tree.folders(1)}


def test_missing_answers_to_reversed_questions_are_filled_in_reverse():
    X, _, _ = answers(400, n_factors=1, seed=1)
    gaps = np.random.default_rng(0).random(X.shape) < 0.1
    asked = np.where(gaps, np.nan, X)
    error = {}
    for affinity in ("absolute_correlation", "tree"):
        questionnaire = Questionnaire(
            column_affinity=affinity, missing="ignore", n_iter=1
        ).fit(asked)
        filled = questionnaire.inverse_transform(questionnaire.transform(asked))
        np.testing.assert_allclose(filled[~gaps], X[~gaps])
        error[affinity] = np.mean((filled - X)[gaps] ** 2)
    assert error["absolute_correlation"] < 0.9 * X.var(axis=0).mean()
    assert error["absolute_correlation"] < 0.8 * error["tree"]


@pytest.mark.parametrize("axis", ["rows", "columns"])
def test_standardising_takes_units_away(axis):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((30, 1)) + 0.5 * rng.standard_normal((30, 20))
    units = np.arange(1.0, 31)[:, None] if axis == "rows" else np.arange(1.0, 21)

    def finest_pairs(M, standardize):
        tree = organise(M, standardize=standardize).row_tree
        return {frozenset(f.tolist()) for f in tree.folders(tree.n_levels - 2)}

    assert finest_pairs(X * units, axis) == finest_pairs(X, axis)
    assert finest_pairs(X * units, None) != finest_pairs(X, None)


def test_constant_columns_are_standardised_to_nothing():
    X = np.c_[np.full(9, 0.1), np.random.default_rng(0).standard_normal((9, 3))]
    X[2, 0] = np.nan
    assert organise(X, standardize="columns").column_tree.n_points == 4


def test_shuffled_pixels_come_to_lie_side_by_side():
    digits = load_pixel_questionnaire(n_images=1797, random_state=0)
    places = digits.row_positions

    def steps(order):
        return np.linalg.norm(np.diff(places[order], axis=0), axis=1).mean()

    organiser = LayerOrganiser().fit(digits.data.T)
    questionnaire = Questionnaire(row_affinity="correlation", n_iter=1)
    questionnaire.fit(digits.data[:, :600])
    assert steps(organiser.order_) <= 2.4  # 4.07 by chance
    assert steps(questionnaire.row_order_) <= 2.4


def test_channels_that_oppose_each_other_are_alike_without_signs():
    X, factors, _ = answers(500, n_items=4, n_factors=4)
    organiser = LayerOrganiser(affinity="absolute_correlation").fit(X)
    assert neighbors_of_one_factor(factors, organiser.order_) == 12
    signed = LayerOrganiser().fit(X)
    assert neighbors_of_one_factor(factors, signed.order_) < 12
    assert organiser.variation_ < organiser.variation_before_


def test_variation_without_signs_does_not_change_with_them():
    X, _, signs = answers(50)
    first, second = (
        LayerOrganiser("line", affinity="absolute_correlation").fit(M)
        for M in (X, signs * X)
    )
    assert first.variation_before_ == pytest.approx(second.variation_before_)


def test_unknown_affinities_are_refused():
    with pytest.raises(ValueError, match="affinity 'covariance'; choose one of"):
        organise(np.eye(3), column_affinity="covariance")
    with pytest.raises(ValueError, match="'column_affinity' parameter"):
        Questionnaire(column_affinity="covariance").fit(np.eye(3))
