import pickle
from itertools import chain

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklearn_scat import OrthogonalLeastSquares
from sklearn_scat.classifiers import orthogonal_least_squares
from sklearn_scat.classifiers._ragged import gathered, laid_out


def residual_norm(columns, y):
    return np.linalg.norm(y - columns @ np.linalg.lstsq(columns, y, rcond=None)[0])


def brute_force_greedy(X, y, n_features):
    """At each step, try every column in a full least-squares problem."""
    support = []
    for _ in range(n_features):
        left = [
            np.inf if i in support else residual_norm(X[:, [*support, i]], y)
            for i in range(X.shape[1])
        ]
        support.append(int(np.argmin(left)))
    return support


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return train_test_split(X, y, test_size=0.5, random_state=0, stratify=y)


@pytest.mark.parametrize("seed", range(50))
def test_selection_equals_brute_force_greedy(seed):
    rng = np.random.default_rng(seed)
    n, p = rng.integers(20, 40), rng.integers(8, 30)
    X = rng.normal(size=(n, p)) @ (np.eye(p) + rng.normal(size=(p, p)))
    Y = rng.normal(size=(n, 2))
    selection = orthogonal_least_squares(X, Y, 6)
    for k in range(2):
        assert_array_equal(selection.support[k], brute_force_greedy(X, Y[:, k], 6))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_planted_columns_are_recovered(dtype):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(400, 200)).astype(dtype)
        planted = rng.choice(200, size=5, replace=False)
        y = X[:, planted].astype(float) @ rng.choice([-2.0, -1, 1, 2], size=5)
        selection = orthogonal_least_squares(X, y, 20)  # stops by itself after 5
        assert set(selection.support[0]) == set(planted)
        assert len(selection.support[0]) == 5
        assert selection.residuals[0][-1] < 1e-8


def test_residuals_are_those_of_least_squares_and_fall():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 30)), rng.normal(size=60)
    selection = orthogonal_least_squares(X, y, 25)
    support, residuals = selection.support[0], selection.residuals[0]
    expected = [1] + [
        (residual_norm(X[:, support[: m + 1]], y) / np.linalg.norm(y)) ** 2
        for m in range(25)
    ]
    assert_allclose(residuals, expected, rtol=1e-9)
    assert np.all(np.diff(residuals) <= 0)


def test_targets_do_not_depend_on_one_another():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(80, 40)), rng.normal(size=(80, 5))
    together = orthogonal_least_squares(X, Y, 10)
    for k in range(5):
        alone = orthogonal_least_squares(X, Y[:, k], 10)
        assert_array_equal(together.support[k], alone.support[0])


def test_intercept_equals_centred_columns():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 40)) + rng.uniform(-9, 9, size=40)
    y = rng.normal(size=80) + 3
    direct = orthogonal_least_squares(X, y, 15, fit_intercept=True)
    centred = orthogonal_least_squares(X - X.mean(axis=0), y - y.mean(), 15)
    assert_array_equal(direct.support[0], centred.support[0])


def test_scales_of_the_columns_do_not_matter():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(80, 40)), rng.normal(size=80)
    scaled = orthogonal_least_squares(X * 10.0 ** rng.integers(-6, 6, 40), y, 15)
    assert_array_equal(scaled.support[0], orthogonal_least_squares(X, y, 15).support[0])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_collinear_columns_are_passed_over(dtype):
    rng = np.random.default_rng(0)
    base = rng.normal(size=(50, 6))
    X = np.hstack([base, base @ rng.normal(size=(6, 20)), 2 * base, 0 * base])
    selection = orthogonal_least_squares(X.astype(dtype), rng.normal(size=50), 30)
    support = selection.support[0]
    assert len(support) == 6
    assert np.linalg.matrix_rank(X[:, support]) == 6


@pytest.mark.parametrize(("dtype", "spread"), [(np.float64, 2e-5), (np.float32, 1e-3)])
def test_nearly_collinear_columns_are_told_apart(dtype, spread):
    """The running norms drift; what they decide must still be what is true."""
    rng = np.random.default_rng(0)
    common, details = rng.normal(size=(200, 1)), rng.normal(size=(200, 30))
    X = (common + spread * details).astype(dtype)
    y = details @ rng.normal(size=30)
    selection = orthogonal_least_squares(X, y, 12)
    expected = brute_force_greedy(X.astype(float), y, 12)
    assert_array_equal(selection.support[0], expected)


def test_candidates_bound_the_choice_and_no_target_selects_nothing():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 10)), rng.normal(size=50)
    candidates = np.arange(10) >= 4
    selection = orthogonal_least_squares(
        X, np.column_stack([y, 0 * y]), 10, candidates=candidates
    )
    assert set(selection.support[0]) == {4, 5, 6, 7, 8, 9}
    assert len(selection.support[1]) == 0


def test_single_and_double_precision_select_alike(digits):
    X, _, y, _ = digits
    # digits alone hold features that tie exactly
    X = X + 0.1 * np.random.default_rng(0).normal(size=X.shape)
    double = OrthogonalLeastSquares(8, 2).fit(X, y)
    single = OrthogonalLeastSquares(8, 2).fit(X.astype(np.float32), y)
    assert_array_equal(single.support_, double.support_)
    transformed = single.transform(X.astype(np.float32))
    assert transformed.dtype == np.float32
    assert_allclose(transformed, double.transform(X), atol=1e-4)


def test_training_features_are_orthonormal_in_each_block(digits):
    X, _, y, _ = digits
    selector = OrthogonalLeastSquares(n_features_per_class=5, n_rounds=1)
    Q = selector.fit_transform(X, y).reshape(len(X), 10, 5)
    for k in range(10):
        assert_allclose(Q[:, k].T @ Q[:, k], np.eye(5), atol=1e-10)
        columns = X[:, selector.support_[0][k]]
        assert_allclose(
            Q[:, k] @ selector.triangles_[0][k],
            columns - columns.mean(axis=0),
            atol=1e-9,
        )
        assert np.all(np.diag(selector.triangles_[0][k]) > 0)


def test_test_features_use_the_training_triangle(digits):
    X, X_test, y, _ = digits
    selector = OrthogonalLeastSquares(n_features_per_class=4, n_rounds=1).fit(X, y)
    block, triangle = selector.support_[0][2], selector.triangles_[0][2]
    expected = (X_test - X.mean(axis=0))[:, block] @ np.linalg.inv(triangle)
    assert_allclose(selector.transform(X_test)[:, 8:12], expected, atol=1e-9)


def test_rounds_never_share_features_classes_may(digits):
    X, _, y, _ = digits
    selector = OrthogonalLeastSquares(n_features_per_class=3, n_rounds=3).fit(X, y)
    rounds = [set(np.concatenate(blocks)) for blocks in selector.support_]
    assert len(set.union(*rounds)) == sum(map(len, rounds))
    assert any(len(r) < 30 for r in rounds)
    first = OrthogonalLeastSquares(n_features_per_class=3, n_rounds=1).fit(X, y)
    for one, other in zip(first.support_[0], selector.support_[0], strict=True):
        assert_array_equal(one, other)


def test_selection_of_a_class_is_that_of_its_centred_indicator(digits):
    X, _, y, _ = digits
    selector = OrthogonalLeastSquares(n_features_per_class=4, n_rounds=1).fit(X, y)
    varying = np.flatnonzero(X.std(axis=0) > 0)
    centred = (X - X.mean(axis=0))[:, varying]
    target = (y == 7) - np.mean(y == 7)
    expected = varying[brute_force_greedy(centred, target, 4)]
    assert_array_equal(selector.support_[0][7], expected)


def test_unwhitened_output_is_the_selected_columns(digits):
    X, X_test, y, _ = digits
    selector = OrthogonalLeastSquares(3, 2, whiten=False).fit(X, y)
    indices = selector.get_support(indices=True)
    assert_array_equal(selector.transform(X_test), X_test[:, indices])
    assert_array_equal(np.flatnonzero(selector.get_support()), indices)
    assert_array_equal(selector.get_feature_names_out(), [f"x{i}" for i in indices])


def test_whitened_names_say_round_class_and_feature():
    rng = np.random.default_rng(0)
    y = np.array(["no", "yes", "why"])[rng.integers(3, size=90)]
    X = rng.normal(size=(90, 5))
    selector = OrthogonalLeastSquares(2, 2).fit(X, y)
    names = selector.get_feature_names_out(["a", "b", "c", "d", "e"])
    assert len(set(names)) == len(names) == selector.transform(X).shape[1]
    block = selector.support_[0][1]
    assert list(names[2:4]) == [f"ols0_c1_{'abcde'[i]}" for i in block]
    frame = selector.set_output(transform="pandas").transform(X)
    assert list(frame.columns) == list(selector.get_feature_names_out())


def test_two_classes_share_one_block(digits):
    X, _, y, _ = digits
    X, y = X[y < 2], y[y < 2]
    selector = OrthogonalLeastSquares(4, 1).fit(X, y)
    assert [len(blocks) for blocks in selector.support_] == [1]
    flipped = OrthogonalLeastSquares(4, 1).fit(X, 1 - y)
    assert_array_equal(flipped.support_[0][0], selector.support_[0][0])


def test_features_that_run_out_end_the_rounds():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(90, 4)), rng.integers(3, size=90)
    selector = OrthogonalLeastSquares(4, 3).fit(X, y)
    assert [[len(b) for b in blocks] for blocks in selector.support_][1:] == [
        [0, 0, 0],
        [0, 0, 0],
    ]
    assert selector.transform(X).shape == (90, 12)
    assert len(selector.get_feature_names_out()) == 12


def test_too_few_samples_warn_and_stop_at_the_rank():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(8, 30)), np.arange(8) % 2
    with pytest.warns(UserWarning, match=r"8 samples allow at most 7 .*=20"):
        selector = OrthogonalLeastSquares(n_rounds=1, tol=0).fit(X, y)
    assert len(selector.support_[0][0]) <= 7


def test_constant_features_are_never_selected():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(90, 6)), rng.integers(3, size=90)
    X[:, [1, 4]] = 0.1, 1e6 / 3
    selector = OrthogonalLeastSquares(6, 1).fit(X.astype(np.float32), y)
    assert not selector.get_support()[[1, 4]].any()


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (np.eye(4), np.zeros(4), "1 class"),
        (np.ones((4, 3)), [0, 1, 0, 1], "None of the 3 features"),
        ([[1.0], [1], [2], [2]], [0, 1, 0, 1], "None of the 1 features"),
    ],
)
def test_nothing_to_select_is_an_error(X, y, message):
    with pytest.raises(ValueError, match=message):
        OrthogonalLeastSquares(n_features_per_class=1).fit(X, y)


@pytest.mark.parametrize(
    "parameters",
    [{"n_features_per_class": 0}, {"n_rounds": 0}, {"whiten": "yes"}, {"tol": -1.0}],
)
def test_illegal_parameter_is_named(parameters):
    with pytest.raises(ValueError, match=next(iter(parameters))):
        OrthogonalLeastSquares(**parameters).fit(np.eye(4), [0, 1, 0, 1])


def test_selected_features_serve_a_classifier_and_survive_a_pickle(digits):
    X, X_test, y, y_test = digits
    selector = OrthogonalLeastSquares(10, 2)
    model = make_pipeline(StandardScaler(), selector, StandardScaler(), SVC(C=10))
    model.fit(X, y)
    assert model.score(X_test, y_test) > 0.95
    again = pickle.loads(pickle.dumps(model))
    assert_array_equal(again.predict(X_test), model.predict(X_test))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("n", [30, 120, 1000])
@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e6 + 0.1, -7e-9, 0.0])
def test_constant_columns_are_never_selected(value, n, dtype, rng):
    """Their mean rounds, and what is left of them after centring is rounding alone."""
    real = rng.normal(size=(n, 5))
    X = np.hstack([real, np.full((n, 20), value)]).astype(dtype)
    y = np.arange(n) % 3

    selector = OrthogonalLeastSquares().fit(X, y)

    assert selector.get_support(indices=True).tolist() == [0, 1, 2, 3, 4]
    assert np.abs(selector.transform(X)).max() < 2


def test_small_variation_on_a_large_level_is_selected(rng):
    y = np.arange(90) % 2
    X = 1000 + np.column_stack([1e-6 * (y + 0.1 * rng.normal(size=90)), np.zeros(90)])
    assert OrthogonalLeastSquares(1, 1).fit(X, y).get_support().tolist() == [1, 0]


@pytest.fixture(scope="module")
def selector(digits):
    X, _, y, _ = digits
    return OrthogonalLeastSquares(3, n_rounds=4).fit(X, y)


def as_read(state):
    """Return a selector as a file gives it that holds a state."""
    read = OrthogonalLeastSquares.__new__(OrthogonalLeastSquares)
    read.__setstate__(state)
    return read


def test_state_holds_few_arrays_and_gives_the_same_lists(selector):
    state = selector.__getstate__()
    assert not any(isinstance(value, list) for value in state.values())
    read = as_read(state)
    for name in ("support_", "triangles_", "residuals_"):
        before, after = getattr(selector, name), getattr(read, name)
        assert [len(one) for one in after] == [len(one) for one in before] == [10] * 4
        for mine, theirs in zip(chain(*before), chain(*after), strict=True):
            assert mine.dtype == theirs.dtype
            assert mine.flags.c_contiguous == theirs.flags.c_contiguous
            assert_array_equal(mine, theirs)


def test_lists_with_arrays_of_no_numbers_are_laid_out():
    lists = [[np.eye(2), np.zeros((0, 0))], [np.ones((1, 1))]]
    for before, after in zip(lists, gathered(laid_out(lists)), strict=True):
        for mine, theirs in zip(before, after, strict=True):
            assert_array_equal(mine, theirs)


def test_state_of_former_versions_is_read(selector, digits):
    X = digits[1]
    read = as_read(vars(selector).copy())
    assert_array_equal(read.transform(X), selector.transform(X))


def test_unfitted_selector_has_a_state():
    read = as_read(OrthogonalLeastSquares(7).__getstate__())
    assert read.n_features_per_class == 7


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("numbers", np.arange(3)),
        ("shapes", np.array([[5]])),
        ("shapes", np.zeros((10**9, 0), int)),
        ("shapes", np.array([[-1], [7]])),
        ("shapes", np.array([4, 2])),
        ("counts", np.array([3])),
        ("counts", np.array([-1, 3])),
    ],
)
def test_layouts_that_do_not_fit_are_refused(part, value):
    layout = laid_out([[np.arange(4), np.arange(2)]])
    assert gathered(layout)[0][1].tolist() == [0, 1]
    with pytest.raises(ValueError, match=r"laid out|islice"):
        gathered(layout | {part: value})
