import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifierCV
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from sklearn_scat.classifiers import GramMatrix, SpanCoordinates, linear_head

# one of new SciPy to older scikit-learn
pytestmark = pytest.mark.filterwarnings("ignore:scipy.optimize:DeprecationWarning")


@pytest.fixture(scope="module")
def wide():
    """Fewer samples than features: 90 to learn from, 60 new ones, 3 classes."""
    rng = np.random.default_rng(0)
    y = np.arange(150) % 3
    X = rng.normal(size=(150, 400)) + rng.normal(size=(3, 400))[y] * 0.3 + 0.5
    return X[:90], X[90:], y[:90], y[90:]


def decisions(model, data):
    X, X_new, y, _ = data
    return model.fit(X, y).decision_function(X_new)


def exact_linear_svc(**parameters):
    return LinearSVC(
        C=1e-4, dual=True, tol=1e-9, max_iter=100_000, random_state=0, **parameters
    )


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_rotation_keeps_inner_products(wide, dtype):
    X, X_new = (x.astype(dtype) for x in wide[:2])
    rotation = SpanCoordinates().fit(X)
    Z, Z_new = rotation.transform(X), rotation.transform(X_new)
    assert Z.shape == (90, 90)
    assert Z.dtype == dtype
    atol = 1e4 * np.finfo(dtype).eps
    assert_allclose(Z @ Z.T, X @ X.T, atol=atol)
    # a new sample's part outside the span is orthogonal to all training samples
    assert_allclose(Z_new @ Z.T, X_new @ X.T, atol=atol)
    identity = rotation.components_ @ rotation.components_.T
    assert_allclose(identity, np.eye(90), atol=atol)


def test_rotation_is_exact_for_rows_of_deficient_rank(wide):
    X = wide[0].copy()
    X[40:] = X[:50]  # twice the same rows
    X -= X.mean(axis=0)
    Z = SpanCoordinates().fit_transform(X)
    assert_allclose(Z @ Z.T, X @ X.T, atol=1e-10)


@pytest.mark.parametrize("n_samples", [64, 100])
def test_rotation_leaves_many_samples_as_they_are(n_samples):
    X = load_digits().data[:n_samples]
    rotation = SpanCoordinates().fit(X)
    assert rotation.components_ is None
    assert_array_equal(rotation.transform(X), X)
    assert len(rotation.get_feature_names_out()) == 64


def test_rotation_leaves_linear_svc_decisions_alone(wide):
    plain = decisions(exact_linear_svc(), wide)
    rotated = decisions(make_pipeline(SpanCoordinates(), exact_linear_svc()), wide)
    assert_allclose(rotated, plain, rtol=1e-6, atol=1e-8)


def test_centring_before_a_penalised_intercept_changes_decisions(wide):
    """The reason for a rotation that subtracts nothing."""
    plain = decisions(exact_linear_svc(), wide)
    centred = decisions(make_pipeline(PCA(), exact_linear_svc()), wide)
    assert np.abs(centred - plain).max() > 1e-2


def test_rotation_leaves_logistic_decisions_alone(wide):
    def logistic():
        return LogisticRegression(C=1e-2, tol=1e-10, max_iter=10_000)

    plain = decisions(logistic(), wide)
    rotated = decisions(make_pipeline(SpanCoordinates(), logistic()), wide)
    assert_allclose(rotated, plain, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape", ["ovr", "ovo"])
def test_gram_matrix_leaves_svc_decisions_alone(wide, shape):
    svc = {"C": 1e-3, "tol": 1e-9, "decision_function_shape": shape}
    plain = decisions(SVC(kernel="linear", **svc), wide)
    gram = decisions(
        make_pipeline(GramMatrix(), SVC(kernel="precomputed", **svc)), wide
    )
    assert_allclose(gram, plain, rtol=1e-8, atol=1e-10)


def test_gram_matrix_holds_inner_products_and_its_own_samples(wide):
    X, X_new = wide[0].copy(), wide[1]
    expected = X_new @ X.T
    gram = GramMatrix().fit(X)
    X[:] = 0
    assert_allclose(gram.transform(X_new), expected)


def searched(before, classifier, grid, data):
    """Scores and decisions of a search over C on rotated or plain samples."""
    cv = StratifiedKFold(3, shuffle=True, random_state=0)
    search = GridSearchCV(classifier, {"C": grid}, cv=cv)
    model = make_pipeline(*before, search)
    result = decisions(model, data)
    return search.cv_results_["mean_test_score"], search.best_params_, result


@pytest.mark.parametrize(
    ("loss", "plain"),
    [
        ("squared_hinge", LinearSVC(dual=True, random_state=0)),
        ("hinge", SVC(kernel="linear")),
        ("log_loss", LogisticRegression(max_iter=1000)),
    ],
)
def test_search_finds_what_one_on_the_features_finds(wide, loss, plain):
    grid = [1e-5, 1e-4, 1e-3]
    scores, best, expected = searched([], plain, grid, wide)
    head = linear_head(90, 400, loss=loss, C=grid, cv=3)
    result = decisions(head, wide)
    search = head[-1]
    assert_array_equal(search.cv_results_["mean_test_score"], scores)
    assert search.best_params_ == best
    assert_array_equal(head.predict(wide[1]), result.argmax(axis=1))
    assert_array_equal(result.argmax(axis=1), expected.argmax(axis=1))


def leave_one_out(C, X, y):
    """Mean squared error of the indicators, every sample left out in its turn."""
    indicators = np.where(y[:, None] == np.unique(y), 1.0, -1.0)
    error = 0
    for i in range(len(X)):
        rest = np.delete(np.arange(len(X)), i)
        ridge = Ridge(alpha=1 / (2 * C)).fit(X[rest], indicators[rest])
        error += np.sum((ridge.predict(X[[i]]) - indicators[i]) ** 2)
    return error


def test_ridge_takes_the_value_of_c_that_leave_one_out_prefers(wide):
    X, y = wide[0][:30], wide[2][:30]
    grid = [1e-5, 1e-4, 1e-3, 1e-2]
    errors = [leave_one_out(C, X, y) for C in grid]
    head = linear_head(30, 400, C=grid).fit(X, y)
    assert_allclose(1 / (2 * head[-1].alpha_), grid[np.argmin(errors)])
    alone = linear_head(30, 400, C=grid[np.argmin(errors)]).fit(X, y)
    assert_allclose(
        head.decision_function(wide[1]), alone.decision_function(wide[1]), rtol=1e-6
    )


def test_ridge_needs_one_sample_of_a_class_only(wide):
    X, X_new, y, y_new = wide
    assert linear_head(3, 400).fit(X[:3], y[:3]).score(X_new, y_new) > 0.5


@pytest.mark.parametrize(
    "loss", ["squared_error", "squared_hinge", "hinge", "log_loss"]
)
def test_head_learns_and_keeps_string_labels(wide, loss):
    X, X_new, y, y_new = wide
    names = np.array(["oak", "ash", "elm"])
    head = make_pipeline(StandardScaler(), linear_head(90, 400, loss=loss))
    head.fit(X, names[y])
    assert head.score(X_new, names[y_new]) > 0.9


@pytest.mark.parametrize(
    ("n_samples", "n_features", "steps"),
    [
        (100, 3472, [RidgeClassifierCV]),
        (60_000, 3472, [RidgeClassifierCV]),
        (5000, 15_552, [RidgeClassifierCV]),
        (5001, 15_552, [GramMatrix, SVC]),
        (10_000, 15_552, [GramMatrix, SVC]),
        (10_001, 15_552, [SpanCoordinates, LogisticRegression]),
        (8000, 6000, [SpanCoordinates, LogisticRegression]),
    ],
)
def test_head_follows_the_sizes(n_samples, n_features, steps):
    head = linear_head(n_samples, n_features)
    found = [getattr(step, "estimator", step) for step in head]
    assert [type(step) for step in found] == steps


def test_grid_of_linear_svc_ends_where_samples_are_separated():
    def grid(n_features):
        head = linear_head(100, n_features, loss="squared_hinge")
        return head[-1].param_grid["C"]

    assert_allclose([max(grid(d)) for d in (64, 3472, 15_552)], [1e-1, 1e-2, 1e-3])
    assert len(grid(10**9)) == 2


@pytest.mark.parametrize(
    "loss", ["squared_error", "squared_hinge", "hinge", "log_loss"]
)
def test_one_value_of_c_is_not_searched(wide, loss):
    head = linear_head(90, 400, loss=loss, C=1e-3)
    parameters = head[-1].get_params()
    assert parameters.get("C", 1e-3) == 1e-3
    assert parameters.get("alpha", 500) == 500
    assert decisions(head, wide).shape == (60, 3)


def test_folds_are_shuffled_or_those_given():
    folds = linear_head(100, 64, loss="hinge", cv=4, random_state=3)[-1].cv
    assert (folds.n_splits, folds.shuffle, folds.random_state) == (4, True, 3)
    given = StratifiedKFold(2)
    assert linear_head(100, 64, loss="hinge", cv=given)[-1].cv is given


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_samples": 0}, "n_samples=0"),
        ({"n_features": 2.5}, r"n_features=2\.5"),
        ({"loss": "l1"}, "loss='l1'"),
        ({"C": -1.0}, r"C=-1\.0"),
        ({"C": []}, r"C=\[\]"),
        ({"loss": "hinge", "cv": 1}, "cv=1"),
    ],
)
def test_illegal_argument_is_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        linear_head(**{"n_samples": 100, "n_features": 64, **parameters})
