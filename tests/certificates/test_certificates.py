"""Certificates hold, and no attack succeeds below them."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    StandardScaler,
)
from sklearn.svm import SVC, LinearSVC

from sklearn_scat import (
    NormalizedScattering,
    RotoTranslationScattering,
    ScatteringTransformer,
)
from sklearn_scat.certificates import as_module, certified_radius, minimal_perturbation
from sklearn_scat.classifiers import SpanCoordinates

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
    "searched": [
        scattering(),
        GridSearchCV(RidgeClassifier(), {"alpha": [0.1, 10]}, cv=2),
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


def test_module_of_roto_translation_scattering(rng):
    model = fitted(RotoTranslationScattering(J=1, L=4), RidgeClassifier())
    scores = as_module(model)(torch.tensor(X[TEST])).detach().numpy()
    np.testing.assert_allclose(scores, model.decision_function(X[TEST]), atol=1e-6)


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


@pytest.mark.parametrize("method", ["deepfool", "pgd"])
@pytest.mark.parametrize("name", ["ridge", "pca"])
def test_no_attack_succeeds_below_the_certificate(name, method):
    model = fitted(*PIPELINES[name])
    images, y = sample()

    certificate = certified_radius(model, images, y)
    attack = minimal_perturbation(model, images, y, method=method)

    assert attack.success.all()
    assert np.all(attack.norm >= certificate.radius)
    correct = certificate.correct
    assert np.all(attack.norm[~correct] == 0)
    assert np.all(attack.norm[correct] > 0)
    assert np.median(attack.norm[correct] / certificate.radius[correct]) < 20
    assert np.all(model.predict(attack.images) != y)
    sizes = np.linalg.norm(images, axis=1)
    np.testing.assert_allclose(attack.relative, attack.norm / sizes)


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
def test_classifiers_that_are_not_linear_are_refused(classifier):
    with pytest.raises(TypeError, match="no linear classifier"):
        as_module(fitted(scattering(), classifier))


def test_binary_linear_svc_is_taken():
    model = fitted(scattering(), SVC(kernel="linear"), classes=2)
    certificate = certified_radius(model, *sample(2))
    assert certificate.correct.all()


def test_roto_translation_scattering_has_no_certificate():
    model = fitted(RotoTranslationScattering(J=1, L=4), RidgeClassifier())
    with pytest.raises(TypeError, match="lipschitz_bound_"):
        certified_radius(model, *sample())


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
