import itertools
from dataclasses import FrozenInstanceError
from fractions import Fraction

import numpy as np
import pytest
import scipy.stats
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.svm import SVC

from sklearn_scat.model_selection import (
    BalancedSubsetSplit,
    PredefinedFolds,
    compare_paired,
)


def draw(split, y):
    return list(split.split(np.zeros((len(y), 1)), y))


@pytest.fixture
def labels():
    return np.random.default_rng(0).permutation(
        np.repeat(["a", "b", "c"], [40, 30, 50])
    )


def test_draws_are_balanced_distinct_and_tested_on_the_rest(labels):
    draws = draw(BalancedSubsetSplit(12, 5, 0), labels)
    assert len(draws) == BalancedSubsetSplit(12, 5).get_n_splits() == 5
    for train, test in draws:
        assert_array_equal(np.unique(labels[train], return_counts=True)[1], 4)
        assert_array_equal(np.sort(np.r_[train, test]), np.arange(120))
    assert len({tuple(train) for train, _ in draws}) == 5


def test_draw_is_the_published_one():
    labels = np.tile(np.arange(10), 50)  # 50 samples of each class
    ((train, _),) = draw(BalancedSubsetSplit(40, 1, random_state=7), labels)
    positions = np.random.RandomState(7).permutation(50)[:4]
    expected = [np.flatnonzero(labels == k)[positions] for k in range(10)]
    assert_array_equal(train, np.sort(np.ravel(expected)))


def test_every_sample_is_drawn_equally_often(labels):
    draws = draw(BalancedSubsetSplit(30, 2000, 0), labels)
    counts = np.bincount(np.concatenate([train for train, _ in draws]))
    for label, size in (("a", 40), ("b", 30), ("c", 50)):
        p = 10 / size
        sigma = np.sqrt(2000 * p * (1 - p))
        assert np.abs(counts[labels == label] - 2000 * p).max() < 4.5 * sigma


def test_repeat_is_drawn_alone_by_its_seed(labels):
    together = draw(BalancedSubsetSplit(12, 4, random_state=5), labels)
    for i, (train, test) in enumerate(together):
        ((alone, rest),) = draw(BalancedSubsetSplit(12, 1, random_state=5 + i), labels)
        assert_array_equal(alone, train)
        assert_array_equal(rest, test)


def test_subsets_of_a_seed_are_nested(labels):
    small, large = (draw(BalancedSubsetSplit(n, 3, 0), labels) for n in (6, 30))
    for (train, _), (more, _) in zip(small, large, strict=True):
        assert set(train) < set(more)


@pytest.mark.parametrize("n_total", [30, 100])
def test_random_state_rules_the_draws(labels, n_total):
    def trains(random_state):
        split = BalancedSubsetSplit(30, 3, random_state)
        return [train.tolist() for train, _ in draw(split, labels)]

    assert trains(1) == trains(1) != trains(2)
    assert trains(np.random.RandomState(1)) == trains(np.random.RandomState(1))
    assert trains(None) != trains(None)


def test_given_test_samples_are_never_drawn(labels):
    test = np.arange(0, 120, 2)
    pool = np.arange(1, 120, 2)
    for train, tested in draw(BalancedSubsetSplit(9, 20, 0, test=test), labels):
        assert_array_equal(tested, test)
        assert set(train) <= set(pool)


def test_draws_do_not_look_at_the_test_samples(labels):
    """Other test labels, or fewer test samples, leave the training sets alone."""
    test = np.arange(60, 120)
    whole = draw(BalancedSubsetSplit(9, 5, 0, test=test), labels)
    shuffled = np.r_[labels[:60], labels[:59:-1]]
    for other in (
        draw(BalancedSubsetSplit(9, 5, 0, test=test), shuffled),
        draw(BalancedSubsetSplit(9, 5, 0, test=test[:30]), labels[:90]),
    ):
        for (train, _), (again, _) in zip(whole, other, strict=True):
            assert_array_equal(train, again)


def test_all_samples_of_the_pool_may_be_drawn():
    ((train, test),) = draw(BalancedSubsetSplit(6, 1, 0), [0, 0, 0, 1, 1, 1])
    assert_array_equal(train, np.arange(6))
    assert len(test) == 0


@pytest.mark.parametrize("n_total", range(3, 121))
def test_proportional_draw_keeps_the_proportions(n_total):
    sizes = np.array([90, 29, 1])
    y = np.repeat([0, 1, 2], sizes)
    ((train, _),) = draw(BalancedSubsetSplit(n_total, 1, 0, stratify="proportional"), y)
    shares = np.bincount(y[train], minlength=3)
    assert shares.sum() == n_total
    assert shares[2] == 1
    ideal = (n_total - 1) * sizes[:2] / 119
    assert np.all(np.abs(shares[:2] - np.maximum(ideal, 1)) < 1)


def test_proportional_equals_balanced_for_equal_classes():
    y = np.repeat([0, 1, 2], 20)
    for n_total in (3, 30, 60):
        one = draw(BalancedSubsetSplit(n_total, 2, 0), y)
        other = draw(BalancedSubsetSplit(n_total, 2, 0, stratify="proportional"), y)
        for (train, _), (again, _) in zip(one, other, strict=True):
            assert_array_equal(train, again)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_total": 2}, r"n_total=2 .* 3 classes; pass 3 or more"),
        ({"n_total": 10}, r"n_total=10 .* pass 9, 12, or stratify"),
        ({"n_total": 93}, r"31 samples of class b, which has 30\."),
        ({"n_total": 130, "stratify": "proportional"}, r"n_total=130 asks for"),
    ],
)
def test_impossible_draw_is_an_error_with_the_numbers(labels, parameters, message):
    with pytest.raises(ValueError, match=message):
        draw(BalancedSubsetSplit(**parameters), labels)


@pytest.mark.parametrize("stratify", ["balanced", "proportional"])
def test_class_that_is_only_tested_is_an_error(labels, stratify):
    split = BalancedSubsetSplit(
        6, test=np.flatnonzero(labels == "b"), stratify=stratify
    )
    with pytest.raises(ValueError, match=r"class b, which has 0 outside the test set"):
        draw(split, labels)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_total": 0}, "n_total=0"),
        ({"n_total": 6.0}, r"n_total=6\.0"),
        ({"n_total": 6, "n_repeats": 0}, "n_repeats=0"),
        ({"n_total": 6, "stratify": "yes"}, "stratify='yes'"),
    ],
)
def test_illegal_parameter_is_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        BalancedSubsetSplit(**parameters)


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ([0, 120], "test holds index 120; X has 120 samples, numbered 0 to 119"),
        ([-1], "test holds index -1"),
        ([3, 4, 3], "test holds index 3 twice"),
        ([], "test is of shape"),
        ([0.5], "type float64"),
        ([[1, 2]], r"shape \(1, 2\)"),
    ],
)
def test_illegal_test_indices_are_named(labels, test, message):
    with pytest.raises(ValueError, match=message):
        draw(BalancedSubsetSplit(6, test=test), labels)


def test_split_serves_scikit_learn_searches():
    X, y = load_digits(return_X_y=True)
    split = BalancedSubsetSplit(50, 3, 0, test=np.arange(1000, 1797))
    scores = cross_val_score(SVC(), X, y, cv=split)
    assert scores.shape == (3,)
    assert scores.min() > 0.7
    search = GridSearchCV(SVC(), {"gamma": [1e-3, 10]}, cv=split)
    assert search.fit(X, y).best_params_ == {"gamma": 1e-3}
    assert "n_total=50" in repr(split)


def test_folds_come_from_lists_and_files_alike(tmp_path):
    lists = [[4, 0, 2], [1, 3, 5]]
    path = tmp_path / "fold_indices.txt"
    path.write_text("4 0 2 \r\n\n1 3 5\n")
    for folds in (lists, path, str(path)):
        splitter = PredefinedFolds(folds)
        assert splitter.get_n_splits() == 2
        (train, test), (train2, test2) = splitter.split(np.zeros((7, 2)))
        assert_array_equal(train, [4, 0, 2])
        assert_array_equal(test, [1, 3, 5, 6])
        assert_array_equal(train2, [1, 3, 5])
        assert_array_equal(test2, [0, 2, 4, 6])


def test_folds_are_tested_on_the_given_samples():
    splits = list(PredefinedFolds([[0, 1], [1, 2]], test=[4, 3]).split([[0]] * 5))
    assert_array_equal([test for _, test in splits], [[4, 3], [4, 3]])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0 1\n2 x3 4\n", "Line 2 of .* holds 'x3'"),
        ("0 -1\n", "Line 1 of .* holds '-1'"),
        ("0 1.0\n", "'1.0'"),
        ("\n \n", "lists no fold"),
        ("0 1\n2 9\n", "fold 1 holds index 9; X has 6 samples"),
        ("2 1 2\n", "fold 0 holds index 2 twice"),
        ("99999999999999999999999\n", "Line 1 of .* holds '9999"),
    ],
)
def test_illegal_fold_file_is_an_error_that_says_where(tmp_path, text, message):
    path = tmp_path / "folds.txt"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        list(PredefinedFolds(path).split(np.zeros((6, 1))))


def test_missing_fold_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"absent\.txt"):
        PredefinedFolds(tmp_path / "absent.txt").get_n_splits()


def test_fold_that_meets_the_test_set_is_an_error():
    with pytest.raises(ValueError, match="Sample 1 is in fold 0 and in the test set"):
        list(PredefinedFolds([[0, 1]], test=[1, 2]).split(np.zeros((3, 1))))


def test_student_comparison_equals_scipy():
    rng = np.random.default_rng(0)
    first, second = rng.normal(0.9, 0.02, 10), rng.normal(0.88, 0.02, 10)
    result = compare_paired(first, second)
    expected = scipy.stats.ttest_rel(first, second)
    assert_allclose(result.statistic, expected.statistic)
    assert_allclose(result.p_value, expected.pvalue)
    assert_allclose(result.interval, expected.confidence_interval(0.95))
    assert_allclose(result.means, [first.mean(), second.mean()])
    assert_allclose(result.stds, [first.std(ddof=1), second.std(ddof=1)])
    assert_allclose(result.difference, (first - second).mean())
    assert_allclose(result.std_difference, (first - second).std(ddof=1))
    assert result.n == 10


def test_signed_ranks_equal_scipy_without_ties():
    rng = np.random.default_rng(0)
    for n in (2, 5, 12, 30):
        first, second = rng.normal(size=n), rng.normal(0.3, 1, size=n)
        result = compare_paired(first, second, test="wilcoxon")
        expected = scipy.stats.wilcoxon(first - second, method="exact")
        assert_allclose(result.p_value, expected.pvalue)


def test_signed_ranks_with_ties_equal_the_count_over_all_signs():
    change = np.array([1.0, 1, -1, 2, 2, 3, 0, -2])
    result = compare_paired(change, np.zeros(8), test="wilcoxon")
    sizes = np.abs(change[change != 0])
    ranks = [Fraction(2 * r) / 2 for r in scipy.stats.rankdata(sizes)]
    sums = [
        sum(r for r, s in zip(ranks, signs, strict=True) if s)
        for signs in itertools.product([0, 1], repeat=len(ranks))
    ]
    total = sum(r for r, c in zip(ranks, change[change != 0], strict=True) if c > 0)
    tail = min(sum(s >= total for s in sums), sum(s <= total for s in sums))
    assert result.statistic == total
    assert_allclose(result.p_value, min(1, 2 * tail / len(sums)))


@pytest.mark.parametrize("test", ["t", "wilcoxon"])
def test_comparison_is_antisymmetric_and_ignores_a_common_shift(test):
    rng = np.random.default_rng(0)
    first, second, shift = rng.normal(size=(3, 9))
    one = compare_paired(first, second, test=test)
    other = compare_paired(second + shift, first + shift, test=test)
    assert_allclose(other.p_value, one.p_value)
    assert_allclose(other.difference, -one.difference)


@pytest.mark.parametrize("test", ["t", "wilcoxon"])
def test_equal_scores_do_not_differ(test):
    result = compare_paired([0.9, 0.8, 0.7], [0.9, 0.8, 0.7], test=test)
    assert (result.difference, result.p_value, result.statistic) == (0, 1, 0)


def test_constant_difference_is_certain():
    result = compare_paired([0.5, 0.75], [0.25, 0.5])
    assert (result.statistic, result.p_value) == (np.inf, 0)
    assert result.interval == (0.25, 0.25)


def test_comparison_is_frozen():
    with pytest.raises(FrozenInstanceError):
        compare_paired([1, 2], [2, 4]).p_value = 0.5


@pytest.mark.parametrize(
    ("first", "second", "test", "message"),
    [
        ([1], [2], "t", "two draws at least"),
        ([1, 2], [1, 2, 3], "t", r"\(2,\) and \(3,\)"),
        ([1, np.nan], [1, 2], "t", "finite"),
        ([1, 2], [1, 3], "sign", "test='sign'"),
    ],
)
def test_scores_that_cannot_be_compared_are_an_error(first, second, test, message):
    with pytest.raises(ValueError, match=message):
        compare_paired(first, second, test=test)


def test_corrected_test_equals_scipys_by_its_standard_error(rng):
    """The correction stretches the standard error by √(1 + n·ratio), and no more."""
    first, second = rng.normal(0.9, 0.02, 10), rng.normal(0.88, 0.02, 10)
    plain = compare_paired(first, second)
    reference = scipy.stats.ttest_rel(first, second)
    assert plain.statistic == pytest.approx(reference.statistic)
    assert plain.p_value == pytest.approx(reference.pvalue)
    np.testing.assert_allclose(plain.interval, reference.confidence_interval())

    corrected = compare_paired(first, second, test_ratio=0.25)

    stretch = np.sqrt(1 + 10 * 0.25)
    assert corrected.statistic == pytest.approx(plain.statistic / stretch)
    assert corrected.p_value > plain.p_value
    widths = [np.diff(c.interval)[0] for c in (corrected, plain)]
    assert widths[0] == pytest.approx(stretch * widths[1])
    with pytest.raises(ValueError, match="test_ratio"):
        compare_paired(first, second, test_ratio=-1)
