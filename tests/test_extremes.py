"""Numbers at the ends of what floats hold, and numbers that are none of a parameter."""

from numbers import Integral

import numpy as np
import pytest
import torch
from sklearn.utils._param_validation import Interval, InvalidParameterError
from sklearn.utils._param_validation import validate_parameter_constraints as validate

import sklearn_scat
from sklearn_scat import (
    MeanNormRidge,
    MeanNormSVC,
    OrthogonalLeastSquares,
    PCAAffineClassifier,
    RotoTranslationScattering,
    ScatteringTransformer,
)
from sklearn_scat.analysis import layer_features, random_labels
from sklearn_scat.augmentation._batches import composed
from sklearn_scat.filters import morlet_bank
from sklearn_scat.questionnaire import haar_entropy

WHOLE = [
    (kind, name)
    for kind in (getattr(sklearn_scat, name) for name in sklearn_scat.__all__)
    for name, allowed in getattr(kind, "_parameter_constraints", {}).items()
    for constraint in allowed
    if isinstance(constraint, Interval) and constraint.type is Integral
]


@pytest.mark.parametrize(("kind", "name"), WHOLE)
@pytest.mark.parametrize("value", [True, False, np.True_])
def test_truth_value_is_no_whole_number(kind, name, value):
    constraints = {name: kind._parameter_constraints[name]}
    with pytest.raises(InvalidParameterError, match=name):
        validate(constraints, {name: value}, caller_name=kind.__name__)


def test_most_estimators_have_whole_numbers():
    assert len({kind for kind, _ in WHOLE}) > 8


@pytest.mark.parametrize("kind", [ScatteringTransformer, RotoTranslationScattering])
@pytest.mark.parametrize("J", [31, 20_000, 2**31, 2**5000])
def test_scale_beyond_any_image_leaves_nothing_behind(kind, J):
    transformer = kind(J=J)
    before = set(vars(transformer))
    with pytest.raises(ValueError, match="J"):
        transformer.fit(np.zeros((2, 8, 8)))
    assert set(vars(transformer)) == before


@pytest.mark.parametrize("J", [31, 2**5000, 1.5, -1])
def test_bank_of_no_scale_is_refused(J):
    with pytest.raises(ValueError, match="J must be a whole number"):
        morlet_bank(J, (8, 8))


@pytest.mark.parametrize("scale", [1e-35, 1e-25, 1e-16, 1.0, 1e16, 1e25, 1e35])
@pytest.mark.parametrize(
    "classifier", [PCAAffineClassifier(2), MeanNormSVC(), MeanNormRidge()], ids=repr
)
def test_classifier_is_blind_to_the_unit_of_its_features(classifier, scale, rng):
    y = np.arange(60) % 3
    X = rng.normal(size=(60, 8)) + y[:, None]
    X = (X * scale).astype(np.float32)
    expected = classifier.fit(X.astype(np.float64) / scale, y).predict(X / scale)
    assert np.mean(classifier.fit(X, y).predict(X) == expected) > 0.98


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1.0, 1e200, 1e300])
def test_entropy_is_blind_to_the_unit(scale):
    assert haar_entropy(scale * np.array([3.0, 0.0, -4.0])) == pytest.approx(1.4)


def test_nothing_but_changes_of_images_is_composed():
    for names in ((8, 8, 1, 1), ["flip", None], "nothing"):
        with pytest.raises(ValueError, match="function of a batch"):
            composed(names)


def test_labels_that_nothing_can_predict_are_named(rng):
    X, y = rng.random((12, 3)), np.arange(12) % 2
    with pytest.raises(ValueError, match="y_test holds 5"):
        random_labels(PCAAffineClassifier(1), X, y, X_test=X, y_test=y + 5)


def test_the_layers_of_a_message_have_names():
    with pytest.raises(ValueError, match=r"The layers: '' \(all of it\)\."):
        layer_features(torch.nn.Flatten(), np.zeros((2, 4, 4)), layers=["x"])


def test_features_of_great_units_are_selected_as_those_of_small(rng):
    y = np.arange(60) % 2
    X = (rng.normal(size=(60, 8)) + y[:, None]).astype(np.float32)
    chosen = [
        OrthogonalLeastSquares(n_features_per_class=2).fit(X * scale, y).get_support()
        for scale in (np.float32(1), np.float32(2.0**90), np.float32(2.0**-90))
    ]
    assert np.array_equal(chosen[0], chosen[1])
    assert np.array_equal(chosen[0], chosen[2])
