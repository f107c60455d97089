import pickle
import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_digits
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split
from sklearn.neighbors import NearestCentroid

from sklearn_scat import PCAAffineClassifier
from sklearn_scat.classifiers._affine import _largest_within_one_standard_error


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return train_test_split(X, y, test_size=0.5, random_state=0, stratify=y)


def make_planes(n_classes=3, dim=4, n_features=20, n_samples=30, seed=0):
    """Draw samples on fixed affine spaces; return them and the spaces."""
    rng, sampler = np.random.default_rng(0), np.random.default_rng(seed)
    X, spaces = [], []
    for _ in range(n_classes):
        directions = np.linalg.qr(rng.normal(size=(n_features, dim)))[0].T
        mean = 5 * rng.normal(size=n_features)
        X.append(mean + sampler.normal(size=(n_samples, dim)) @ directions)
        spaces.append((mean, directions))
    return np.concatenate(X), np.repeat(np.arange(n_classes), n_samples), spaces


def brute_force_distances(X, X_train, y_train, dim):
    """Squared residuals of the projections on the classes' leading directions."""
    result = []
    for label in np.unique(y_train):
        members = X_train[y_train == label]
        mean = members.mean(axis=0)
        _, _, Vt = np.linalg.svd(members - mean, full_matrices=False)
        projector = np.eye(X.shape[1]) - Vt[:dim].T @ Vt[:dim]
        result.append(np.sum(((X - mean) @ projector) ** 2, axis=1))
    return np.transpose(result)


@pytest.mark.parametrize("n_samples", [8, 30])  # fewer and more than the features
def test_distance_is_zero_on_the_spaces_of_the_classes(n_samples):
    X, y, _ = make_planes(n_samples=n_samples)
    classifier = PCAAffineClassifier(n_components=4).fit(X, y)
    new, target, _ = make_planes(n_samples=50, seed=1)
    assert_array_equal(classifier.predict(new), target)
    own = np.take_along_axis(
        -classifier.decision_function(new), target[:, None], axis=1
    )
    assert own.max() < 1e-20  # the residual itself is below 1e-10
    assert_array_equal(classifier.ranks_, 4)


def test_distance_off_a_space_keeps_its_digits():
    X, y, spaces = make_planes(n_samples=30)
    X, spaces = X + 1e3, [(mean + 1e3, directions) for mean, directions in spaces]
    mean, directions = spaces[1]
    normal = np.random.default_rng(1).normal(size=mean.shape)
    normal -= directions.T @ (directions @ normal)
    normal /= np.linalg.norm(normal)
    classifier = PCAAffineClassifier(n_components=4).fit(X, y)
    height = 1e-4  # squared, 1e-16 of the terms of the difference
    distance = -classifier.decision_function((mean + height * normal)[None])[0, 1]
    assert_allclose(distance, height**2, rtol=1e-6)


def test_distance_off_a_space_of_many_dimensions_survives_single_precision():
    X, y, spaces = make_planes(dim=290, n_features=300, n_samples=600)
    classifier = PCAAffineClassifier(n_components=290).fit(X.astype(np.float32), y)
    mean, directions = spaces[0]
    rng = np.random.default_rng(1)
    near = mean + 10 * rng.normal(size=(200, 290)) @ directions
    normals = rng.normal(size=near.shape)
    normals -= normals @ directions.T @ directions
    heights = 1e-6 * np.linalg.norm(near, axis=1) / np.linalg.norm(normals, axis=1)
    near = (near + heights[:, None] * normals).astype(np.float32)
    fitted = np.linalg.qr(classifier.components_[0].T.astype(np.float64))[0]
    residual = near.astype(np.float64) - classifier.means_[0]
    residual -= residual @ fitted @ fitted.T
    expected = np.linalg.norm(residual, axis=1)
    distance = np.sqrt(-classifier.decision_function(near)[:, 0])
    assert np.median(np.abs(distance / expected - 1)) < 0.03


def test_dimension_zero_is_the_nearest_centroid(digits):
    X, X_test, y, _ = digits
    # no feature is constant within all classes: the other one warns of it
    X = X + 1e-3 * np.random.default_rng(0).normal(size=X.shape)
    ours = PCAAffineClassifier(n_components=0).fit(X, y)
    theirs = NearestCentroid().fit(X, y)
    assert_array_equal(ours.predict(X_test), theirs.predict(X_test))
    assert ours.components_.shape == (10, 0, 64)


@pytest.mark.parametrize("shape", [(12, 40), (60, 40)])
@pytest.mark.parametrize("dim", [0, 1, 5, 11])
def test_decision_equals_brute_force_projection(shape, dim):
    rng = np.random.default_rng(0)
    n, p = shape
    X, y = rng.normal(size=(3 * n, p)) + 2, np.repeat(["b", "a", "c"], n)
    X_test = rng.normal(size=(50, p)) + 2
    classifier = PCAAffineClassifier(n_components=dim).fit(X, y)
    expected = brute_force_distances(X_test, X, y, dim)
    assert_allclose(-classifier.decision_function(X_test), expected, rtol=1e-10)
    chosen = np.array(["a", "b", "c"])[expected.argmin(axis=1)]
    assert_array_equal(classifier.predict(X_test), chosen)


def test_accuracy_on_digits_rises_then_falls_with_the_dimension(digits):
    X, X_test, y, y_test = digits
    scores = {
        dim: PCAAffineClassifier(n_components=dim).fit(X, y).score(X_test, y_test)
        for dim in (0, 8, 16, 38)
    }
    assert 0.87 < scores[0] < 0.91
    assert scores[16] > 0.985
    assert scores[8] > scores[0] + 0.07
    assert scores[38] < scores[16] - 0.07


def test_chosen_dimension_is_near_the_best_on_digits(digits):
    X, X_test, y, y_test = digits
    classifier = PCAAffineClassifier(random_state=0).fit(X, y)
    assert 8 <= classifier.n_components_ <= 24
    assert classifier.score(X_test, y_test) > 0.98


def test_predictions_do_not_change_under_a_rotation_of_the_features(digits):
    X, X_test, y, _ = digits
    rotation = np.linalg.qr(np.random.default_rng(0).normal(size=(64, 64)))[0]
    plain = PCAAffineClassifier(n_components=12).fit(X, y)
    rotated = PCAAffineClassifier(n_components=12).fit(X @ rotation, y)
    assert_allclose(
        rotated.decision_function(X_test @ rotation),
        plain.decision_function(X_test),
        rtol=1e-8,
    )


def test_components_are_orthonormal_and_sorted_by_variance(digits):
    X, _, y, _ = digits
    classifier = PCAAffineClassifier(n_components=10).fit(X, y)
    for k, label in enumerate(classifier.classes_):
        V = classifier.components_[k]
        assert_allclose(V @ V.T, np.eye(10), atol=1e-12)
        variances = np.var(X[y == label] @ V.T, axis=0)
        assert np.all(np.diff(variances) <= 1e-9)


def test_all_dimensions_at_once_equal_one_fit_per_dimension():
    X, y = load_digits(return_X_y=True)
    X, y = X[:300], y[:300]
    cv = StratifiedKFold(3, shuffle=True, random_state=1)
    classifier = PCAAffineClassifier(cv=cv, max_components=30).fit(X, y)
    expected = [
        [
            1 - PCAAffineClassifier(d).fit(X[train], y[train]).score(X[test], y[test])
            for d in range(classifier.cv_errors_.shape[1])
        ]
        for train, test in cv.split(X, y)
    ]
    assert_allclose(classifier.cv_errors_, expected, atol=1e-12)


def test_chosen_dimension_is_the_largest_within_one_standard_error(digits):
    X, _, y, _ = digits
    classifier = PCAAffineClassifier(random_state=3).fit(X, y)
    errors = classifier.cv_errors_
    mean = errors.mean(axis=0)
    best = mean.argmin()
    limit = mean[best] + errors[:, best].std(ddof=1) / np.sqrt(len(errors))
    assert mean[classifier.n_components_] <= limit
    assert np.all(mean[classifier.n_components_ + 1 :] > limit)


def test_standard_error_is_that_of_a_sample():
    errors = np.array([[0.0, 0.19, 0.21], [0.2, 0.19, 0.21]])
    # 0.1 is the best mean, and √(0.02 / (2 − 1) / 2) = 0.1 its standard error
    assert _largest_within_one_standard_error(errors) == 1


def test_folds_are_shuffled_stratified_and_follow_the_random_state():
    X, y = load_digits(return_X_y=True)
    order = np.argsort(y, kind="stable")  # unshuffled folds would miss whole classes
    X, y = X[order][::3], y[order][::3]

    def errors(seed):
        return PCAAffineClassifier(random_state=seed).fit(X, y).cv_errors_

    first = errors(0)
    assert first[:, 0].max() < 0.2  # every fold knows every class
    assert_array_equal(first, errors(0))
    assert np.any(first != errors(1))


@pytest.mark.parametrize("n_components", ["cv", 3, 100])
def test_class_with_few_samples_keeps_its_rank(n_components):
    X, y, _ = make_planes(n_samples=30)
    keep = np.r_[0:30, 30:32, 60:61]  # 30, 2 and 1 samples: ranks 4, 1 and 0
    classifier = PCAAffineClassifier(n_components, random_state=0)
    classifier.fit(X[keep], y[keep])
    expected = np.minimum([4, 1, 0], classifier.n_components_)
    assert_array_equal(classifier.ranks_, expected)
    for k, rank in enumerate(classifier.ranks_):
        assert not classifier.components_[k, rank:].any()
    assert_array_equal(classifier.predict(X[keep]), y[keep])


def test_one_sample_per_class_is_the_nearest_sample():
    X = np.random.default_rng(0).normal(size=(6, 10))
    classifier = PCAAffineClassifier().fit(X, np.arange(6))
    assert classifier.n_components_ == 0
    assert classifier.cv_errors_.shape == (0, 1)
    assert_array_equal(classifier.predict(X + 1e-3), np.arange(6))


def test_only_sample_of_a_class_is_never_held_out():
    X, y, _ = make_planes(n_samples=30)
    keep = np.r_[0:30, 30:60, 60:61]
    classifier = PCAAffineClassifier(random_state=0).fit(X[keep], y[keep])
    assert classifier.cv_errors_.shape[0] == 5
    # dimension 4 is exact: an unpredictable held-out sample would show as an error
    assert classifier.cv_errors_[:, 4].max() == 0


def test_dimension_stays_below_the_number_of_features():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 3)), np.repeat([0, 1], 100)
    X[y == 1] *= [1, 1, 1e-2]
    classifier = PCAAffineClassifier(n_components=50).fit(X, y)
    assert classifier.n_components_ == 2
    assert np.abs(classifier.decision_function(X)).min() > 0


def test_two_classes_give_one_score_and_a_tie_the_first_class():
    X = np.array([[-2.0, 0], [0, 0], [2, 0], [4, 0]])
    y = np.array(["no", "no", "yes", "yes"])
    classifier = PCAAffineClassifier(n_components=0).fit(X, y)
    scores = classifier.decision_function([[-1.0, 0], [1, 0], [3, 0]])
    assert_array_equal(scores, [-16, 0, 16])
    assert_array_equal(classifier.predict([[1.0, 0]]), ["no"])


def test_tie_of_many_classes_goes_to_the_first():
    X = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])
    classifier = PCAAffineClassifier(n_components=0).fit(X, [3, 1, 2, 0])
    assert_array_equal(classifier.predict([[0.0, 0], [-1, 1]]), [0, 1])


def test_single_precision_stays_and_agrees_with_double(digits):
    X, X_test, y, _ = digits
    double = PCAAffineClassifier(n_components=12).fit(X, y)
    single = PCAAffineClassifier(n_components=12).fit(X.astype(np.float32), y)
    assert single.components_.dtype == single.means_.dtype == np.float32
    scores = single.decision_function(X_test)
    assert scores.dtype == np.float32
    assert_allclose(scores, double.decision_function(X_test), rtol=2e-3, atol=1e-2)


def test_prediction_works_in_bounded_memory():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 100)).astype(np.float32)
    y = np.arange(500) % 10
    classifier = PCAAffineClassifier(n_components=40).fit(X, y)
    many = np.tile(X, (100, 1))
    tracemalloc.start()
    try:
        predicted = classifier.predict(many)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # the coordinates of all samples at once alone would take 80 MB
    assert peak < 60e6
    assert_array_equal(predicted, np.tile(classifier.predict(X), 100))


def test_fitted_state_is_arrays_and_survives_a_pickle(digits):
    X, X_test, y, _ = digits
    classifier = PCAAffineClassifier(n_components=4).fit(X, y)
    again = pickle.loads(pickle.dumps(classifier))
    assert_array_equal(
        again.decision_function(X_test), classifier.decision_function(X_test)
    )
    state = {k: v for k, v in vars(classifier).items() if k.endswith("_")}
    assert all(isinstance(v, (int, np.ndarray)) for v in state.values())


def test_fold_without_a_class_is_an_error_that_names_it():
    X, y, _ = make_planes()
    names = np.array(["ash", "beech", "cedar"])[y]
    with pytest.raises(ValueError, match=r"Fold 0 .* class .*'ash'"):
        PCAAffineClassifier(cv=KFold(3)).fit(X, names)


@pytest.mark.parametrize(
    "parameters",
    [
        {"n_components": -1},
        {"n_components": "all"},
        {"n_components": 2.5},
        {"max_components": -1},
        {"cv": 1},
    ],
)
def test_illegal_parameter_is_named(parameters):
    X, y, _ = make_planes()
    with pytest.raises(ValueError, match=next(iter(parameters))):
        PCAAffineClassifier(**parameters).fit(X, y)
