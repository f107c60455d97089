"""Certificates hold, and no attack succeeds below them."""

from itertools import combinations, product

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from sklearn_scat import (
    MeanNormRidge,
    NormalizedScattering,
    PCAAffineClassifier,
    RotoTranslationScattering,
    ScatteringTransformer,
)
from sklearn_scat.certificates import as_module, certified_radius, minimal_perturbation
from sklearn_scat.certificates._affine_steps import AffineMap
from sklearn_scat.certificates._decisions import PairVotes
from sklearn_scat.classifiers import SpanCoordinates
from sklearn_scat.transformers._module import ScatteringFeatures

X, Y = load_digits(return_X_y=True)
TRAIN, TEST = slice(0, 400), slice(1000, 1040)


def scattering(**parameters):
    return ScatteringTransformer(
        **{"J": 1, "L": 4, "frame": "contractive"} | parameters
    )


def fitted(*steps, classes=10):
    some = Y[TRAIN] < classes
    return make_pipeline(*steps).fit(X[TRAIN][some], Y[TRAIN][some])


def sample(classes=10):
    some = Y[TEST] < classes
    return X[TEST][some], Y[TEST][some]


PIPELINES = {
    "ridge": [scattering(), StandardScaler(), RidgeClassifier()],
    "pca": [scattering(), PCA(30, whiten=True), LogisticRegression(max_iter=300)],
    "bare scaler": [
        scattering(),
        StandardScaler(with_mean=False, with_std=False),
        RidgeClassifier(),
    ],
    "ranges": [scattering(), MinMaxScaler(), MaxAbsScaler(), RidgeClassifier()],
    "rotation": [scattering(), SpanCoordinates(), LinearSVC(C=1e-4)],
    "selection": [scattering(), SelectKBest(k=40), RidgeClassifier()],
    "svd": [scattering(), TruncatedSVD(20), LinearDiscriminantAnalysis()],
    "pixels": [StandardScaler(), RidgeClassifier()],
    "normalised": [
        NormalizedScattering(scattering(), method="standard"),
        RidgeClassifier(),
    ],
    "pooled": [
        scattering(pooling="mean", orientation_pooling=True, J=2),
        StandardScaler(),
        RidgeClassifier(),
    ],
    "nested": [scattering(), "passthrough", make_pipeline(PCA(9), RidgeClassifier())],
    "robust": [
        scattering(),
        RobustScaler(quantile_range=(10, 90), with_centering=False),
        RidgeClassifier(),
    ],
    "one against rest": [
        RobustScaler(unit_variance=True),
        OneVsRestClassifier(LinearSVC(C=1e-3)),
    ],
    "rotation of angles": [RotoTranslationScattering(J=1, L=4), RidgeClassifier()],
    "searched": [
        scattering(),
        GridSearchCV(RidgeClassifier(), {"alpha": [0.1, 10]}, cv=2),
    ],
}


OTHERS = {
    "affine spaces": [scattering(), PCAAffineClassifier(n_components=8)],
    "affine spaces of scaled": [
        scattering(),
        SelectKBest(k=60),
        RobustScaler(),
        PCA(40),
        PCAAffineClassifier(n_components=5),
    ],
    "kernel": [scattering(), MeanNormRidge(sigma=1.0)],
    "kernel of copies": [
        scattering(),
        StandardScaler(with_std=False),
        MeanNormRidge(n_copies=2, n_landmarks=150, random_state=0),
    ],
}


@pytest.mark.parametrize("classes", [10, 2])
@pytest.mark.parametrize("name", PIPELINES)
def test_module_computes_the_decision_function(name, classes):
    model = fitted(*PIPELINES[name], classes=classes)
    images, _ = sample(classes)

    module = as_module(model)

    scores = module(torch.tensor(images)).detach().numpy()
    expected = model.decision_function(images)
    assert scores.shape == (len(images), classes)
    if classes == 2:
        scores = scores[:, 1] - scores[:, 0]
    np.testing.assert_allclose(scores, expected, atol=1e-6 * np.abs(expected).max())
    np.testing.assert_array_equal(module.classes, model.classes_)


def test_module_computes_in_float64_what_was_fitted_in_float32():
    steps = make_pipeline(*OTHERS["affine spaces of scaled"])
    model = steps.fit(X[TRAIN].astype(np.float32), Y[TRAIN])
    scores = as_module(model)(torch.tensor(X[TEST])).detach().numpy()
    assert scores.dtype == np.float64
    expected = model.decision_function(X[TEST].astype(np.float32))
    np.testing.assert_allclose(scores, expected, atol=1e-3 * np.abs(expected).max())


@pytest.mark.parametrize("classes", [10, 2])
@pytest.mark.parametrize("name", OTHERS)
def test_module_of_other_classifiers_computes_their_scores(name, classes):
    model = fitted(*OTHERS[name], classes=classes)
    images, _ = sample(classes)
    module = as_module(model)
    scores = module(torch.tensor(images)).detach().numpy()
    expected = model[-1]._scores(model[:-1].transform(images))
    np.testing.assert_allclose(scores, expected, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize("classes", [10, 2])
@pytest.mark.parametrize("name", ["ridge", "pca", "pixels", "pooled"])
def test_certificate_is_the_margin_over_its_lipschitz_constant(name, classes):
    model = fitted(*PIPELINES[name], classes=classes)
    images, y = sample(classes)

    result = certified_radius(model, images, y)

    np.testing.assert_array_equal(result.correct, model.predict(images) == y)
    np.testing.assert_array_equal(result.radius > 0, result.correct)
    expected = np.maximum(result.margin / result.lipschitz, 0)
    np.testing.assert_allclose(result.radius, expected)
    scores = model.decision_function(images)
    if classes == 2:
        expected = np.where(y == 1, scores, -scores)
        np.testing.assert_allclose(result.margin, expected, atol=1e-6)


def test_certificate_of_pixels_is_the_distance_to_the_boundary():
    model = fitted(RidgeClassifier())
    images, y = sample()

    certificate = certified_radius(model, images, y)
    attack = minimal_perturbation(model, images, y)

    np.testing.assert_allclose(attack.norm, certificate.radius, rtol=1e-4, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "method", "most"),
    [
        ("ridge", "deepfool", 20),
        ("ridge", "pgd", 20),
        ("pca", "deepfool", 20),
        ("robust", "deepfool", 20),
        ("one against rest", "deepfool", 1.001),  # of pixels: the distance itself
        ("rotation of angles", "deepfool", 40),
        ("affine spaces", "deepfool", 12),
        ("affine spaces", "pgd", 12),
        ("affine spaces of scaled", "deepfool", 40),
        ("kernel", "deepfool", 12),
        ("kernel of copies", "deepfool", 30),
    ],
)
def test_no_attack_succeeds_below_the_certificate(name, method, most):
    model = fitted(*(PIPELINES | OTHERS)[name])
    some = slice(None, 8 if method == "pgd" else None)
    images, y = (a[some] for a in sample())

    certificate = certified_radius(model, images, y)
    attack = minimal_perturbation(model, images, y, method=method)

    assert attack.success.all()
    # of a classifier of pixels both are one number, to rounding
    assert np.all(attack.norm >= certificate.radius * (1 - 1e-9))
    correct = certificate.correct
    np.testing.assert_array_equal(correct, model.predict(images) == y)
    assert np.all(attack.norm[~correct] == 0)
    assert np.all(attack.norm[correct] > 0)
    assert np.median(attack.norm[correct] / certificate.radius[correct]) < most
    sizes = np.linalg.norm(images, axis=1)
    np.testing.assert_allclose(attack.relative, attack.norm / sizes)


@pytest.mark.parametrize("name", [*OTHERS, "rotation of angles", "votes"])
def test_random_changes_within_the_radius_change_no_decision(rng, name):
    votes = {"votes": [scattering(), SVC(kernel="linear", C=1e-3)]}
    model = fitted(*(PIPELINES | OTHERS | votes)[name])
    images, y = sample()
    certificate = certified_radius(model, images, y)
    noise = rng.standard_normal((20, *images.shape))
    noise /= np.linalg.norm(noise, axis=2, keepdims=True)
    moved = images + 0.999 * certificate.radius[:, None] * noise
    decided = model.predict(moved.reshape(-1, 64)).reshape(20, -1)
    assert certificate.correct.any()
    assert np.all((decided == y)[:, certificate.correct])


@pytest.mark.parametrize(
    ("transformer", "shape"),
    [
        (scattering(J=2, max_order=3, padding="zero"), (8, 8)),
        (scattering(pooling="mean", oversampling=1), (8, 8)),
        (scattering(), (3, 8, 8)),
    ],
    ids=["order 3", "pooled", "colour"],
)
def test_certificates_of_other_scatterings_hold(transformer, shape):
    def shaped(images):
        weights = np.linspace(0.5, 1, shape[0])[:, None, None]
        images = images.reshape(-1, 8, 8)
        return images[:, None] * weights if len(shape) == 3 else images

    model = make_pipeline(transformer, RidgeClassifier(alpha=10.0))
    model.fit(shaped(X[TRAIN]), Y[TRAIN])
    images, y = shaped(X[TEST]), Y[TEST]

    certificate = certified_radius(model, images, y)
    attack = minimal_perturbation(model, images, y)

    assert np.all(attack.norm >= certificate.radius)
    correct = certificate.correct
    assert np.median(attack.norm[correct] / certificate.radius[correct]) < 30


class Votes(torch.nn.Module):
    """Count votes of pairs, with gradients of what they would be if they were soft."""

    def __init__(self, model):
        super().__init__()
        self.features, svc = ScatteringFeatures(model[0]), model[-1]
        self.weights = torch.tensor(svc.coef_), torch.tensor(svc.intercept_)
        self.n = len(svc.classes_)

    def forward(self, x):
        f = self.features(x) @ self.weights[0].T + self.weights[1]
        soft = torch.sigmoid(4 * f / f.abs().mean())
        first = (f > 0) + soft - soft.detach()
        scores = [-1e-3 * k for k in range(self.n)]  # of equal votes the first class
        for pair, (i, j) in enumerate(combinations(range(self.n), 2)):
            scores[i] = scores[i] + first[:, pair]
            scores[j] = scores[j] + 1 - first[:, pair]
        return torch.stack(scores, 1)


@pytest.mark.parametrize("method", ["deepfool", "pgd"])
def test_no_attack_on_votes_succeeds_below_the_certificate(method):
    model = fitted(scattering(), SVC(kernel="linear", C=1e-3), classes=5)
    images, y = (a[:12] for a in sample(5))
    module = Votes(model)
    decided = module(torch.tensor(images)).argmax(1).numpy()
    np.testing.assert_array_equal(decided, model.predict(images))

    certificate = certified_radius(model, images, y)
    attack = minimal_perturbation(module, images, y, method=method)

    np.testing.assert_array_equal(certificate.correct, decided == y)
    assert attack.success.mean() > 0.5
    assert np.all(attack.norm >= certificate.radius)


def test_votes_bear_what_no_choice_of_turned_pairs_undoes(rng):
    """The radius is the smallest in which pairs that turn unseat the class."""
    K, n = 4, 60
    pairs = list(combinations(range(K), 2))
    directions = np.eye(len(pairs))  # each pair has a direction of its own
    votes = PairVotes(np.arange(K), AffineMap(directions, np.zeros(len(pairs))))
    z = rng.normal(size=(n, len(pairs)))
    winner = votes.decide(z)
    limits = votes.limits(z, winner)
    for f, y, distance in zip(z, winner, limits.distance, strict=True):
        unseated = []
        for turned in product([1, -1], repeat=len(pairs)):
            signs = np.array(turned)
            if votes.decide((signs * f)[None])[0] != y:
                unseated.append(np.abs(f)[signs < 0].max())
        assert distance == pytest.approx(min(unseated))
    wrong = votes.limits(z, (winner + 1) % K)
    assert np.all(wrong.distance < 0)


def test_kernel_certificate_is_endless_where_features_cannot_move_enough():
    """Far from all samples outputs are the intercepts: these need no certificate."""
    X, y = np.array([[0.0], [0.1], [5.0], [5.1]]), np.array([0, 0, 0, 1])
    model = make_pipeline(MeanNormRidge(alpha=1e6).fit(X, y))
    certificate = certified_radius(model, np.array([[0.0], [5.1]]), [0, 1])
    assert certificate.radius.tolist() == [np.inf, 0]
    assert certificate.correct.tolist() == [True, False]


@pytest.mark.parametrize("n_copies", [1, 2])
def test_kernel_certificate_is_its_margin_and_slope_bent_by_the_kernel(n_copies):
    """r² = −(c/γ) ln(1 − γ (margin/slope)²/c): more than margin over slope."""
    model = fitted(MeanNormRidge(n_copies=n_copies, sigma=1.0))
    images, y = sample()
    certificate = certified_radius(model, images, y)
    right = certificate.correct
    least = (certificate.margin / certificate.lipschitz)[right]
    rate = model[-1].gamma_ / n_copies
    expected = np.sqrt(-np.log1p(-rate * least**2) / rate)
    np.testing.assert_allclose(certificate.radius[right], expected, rtol=1e-9)
    assert np.all(certificate.radius[right] > least)


def test_multiclass_linear_svc_is_certified_by_its_scores():
    model = fitted(LinearSVC(C=1e-4))
    images, y = sample()
    certificate = certified_radius(model, images, y)
    W, scores = model[-1].coef_, model.decision_function(images)
    for x in range(len(y)):
        rivals = [k for k in range(10) if k != y[x]]
        radii = [
            (scores[x, y[x]] - scores[x, k]) / np.linalg.norm(W[y[x]] - W[k])
            for k in rivals
        ]
        assert certificate.radius[x] == pytest.approx(max(min(radii), 0))


def test_attacks_agree_and_move_digits_little():
    model = fitted(*PIPELINES["ridge"])
    images, y = X[TEST][:15], Y[TEST][:15]

    norms = [
        minimal_perturbation(model, images, y, method=method).norm
        for method in ("deepfool", "pgd")
    ]

    np.testing.assert_allclose(np.median(norms[0]), np.median(norms[1]), rtol=0.3)
    assert np.median(norms[0]) < 0.5 * np.linalg.norm(images, axis=1).mean()


def test_attack_on_a_network_leaves_it_as_it_was():
    torch.manual_seed(0)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU()
    )
    network = torch.nn.Sequential(network, torch.nn.Flatten(), torch.nn.Linear(144, 10))
    before = {k: v.clone() for k, v in network.state_dict().items()}
    images = X[TEST][:5].reshape(5, 1, 8, 8)

    attack = minimal_perturbation(network, images, Y[TEST][:5])

    assert attack.images.shape == images.shape
    assert network.training
    assert all(torch.equal(v, before[k]) for k, v in network.state_dict().items())
    assert all(p.grad is None for p in network.parameters())


def test_attack_without_a_way_out_says_so():
    constant = torch.nn.Linear(4, 2)
    torch.nn.init.zeros_(constant.weight)
    constant.bias.data[:] = torch.tensor([1.0, 0.0])
    for method in ("deepfool", "pgd"):
        attack = minimal_perturbation(constant, np.ones((2, 4)), [0, 1], method=method)
        assert attack.success.tolist() == [False, True]
        assert attack.norm.tolist() == [np.inf, 0]
        np.testing.assert_array_equal(attack.images, 1)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (FunctionTransformer(np.sqrt), "FunctionTransformer is not known to be linear"),
        (MinMaxScaler(clip=True), "clip=True"),
    ],
)
def test_nonlinear_steps_are_refused(step, message):
    model = fitted(scattering(), MinMaxScaler(), step, RidgeClassifier())
    for use in (as_module, lambda m: certified_radius(m, *sample())):
        with pytest.raises(TypeError, match=message):
            use(model)


@pytest.mark.parametrize("method", ["sqrt", "log", "renorm"])
def test_normalisations_without_a_lipschitz_constant_are_refused(method):
    normalized = NormalizedScattering(scattering(J=2), method=method)
    model = fitted(normalized, RidgeClassifier())
    with pytest.raises(TypeError, match=f"method='{method}'"):
        certified_radius(model, *sample())


@pytest.mark.parametrize(
    "classifier", [KNeighborsClassifier(), SVC(kernel="rbf"), SVC(kernel="linear")]
)
def test_classifiers_that_are_not_linear_are_no_modules(classifier):
    with pytest.raises(TypeError, match="no linear classifier"):
        as_module(fitted(scattering(), classifier))


@pytest.mark.parametrize(
    ("classifier", "message"),
    [
        (SVC(kernel="linear", break_ties=True), "break_ties=False"),
        (OneVsRestClassifier(SVC(kernel="rbf")), "kernel='rbf'"),
        (OneVsRestClassifier(PCAAffineClassifier(2)), "of linear classifiers have"),
        (DecisionTreeClassifier(), "PCAAffineClassifier, MeanNormRidge"),
    ],
    ids=str,
)
def test_classifiers_of_which_nothing_is_known_are_refused(classifier, message):
    with pytest.raises(TypeError, match=message):
        certified_radius(fitted(scattering(), classifier), *sample())


def test_several_labels_are_refused():
    labels = np.stack([Y[TRAIN] % 2, Y[TRAIN] > 4], 1)
    model = OneVsRestClassifier(RidgeClassifier()).fit(X[TRAIN], labels)
    with pytest.raises(TypeError, match="several labels"):
        certified_radius(make_pipeline(model), *sample())


def test_binary_linear_svc_is_taken():
    model = fitted(scattering(), SVC(kernel="linear"), classes=2)
    certificate = certified_radius(model, *sample(2))
    assert certificate.correct.all()


def test_wrong_input_is_refused():
    model = fitted(scattering(), RidgeClassifier(), classes=3)
    images, y = sample(3)
    with pytest.raises(ValueError, match="y holds 7"):
        certified_radius(model, images, np.full(len(y), 7))
    with pytest.raises(ValueError, match="inconsistent numbers"):
        certified_radius(model, images, y[1:])
    with pytest.raises(ValueError, match="features"):
        certified_radius(model, images[:, 1:], y)
    with pytest.raises(ValueError, match="images of shape"):
        minimal_perturbation(model, images[:, 1:], y)
    with pytest.raises(ValueError, match="NaN"):
        minimal_perturbation(model, images * np.nan, y)
    with pytest.raises(ValueError, match="method must be"):
        minimal_perturbation(model, images, y, method="fgsm")
    with pytest.raises(ValueError, match="max_iter"):
        minimal_perturbation(model, images, y, max_iter=0)
    with pytest.raises(ValueError, match="not fitted"):
        as_module(Pipeline([("s", scattering()), ("r", RidgeClassifier())]))
