"""What is measured of which layers and images, and what images are drawn."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from sklearn_scat.classifiers import GramMatrix
from sklearn_scat.experiments import ImageSet, _analysis, _measurements

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(30, 16)), np.arange(30) % 3


def layers_of(*steps):
    model = make_pipeline(*steps).fit(X, Y)
    return _measurements.representations(model)


def test_layers_are_the_pixels_and_what_each_step_makes_of_them():
    double, maps = (
        FunctionTransformer(f)
        for f in (lambda x: 2 * x, lambda x: (x + 1).reshape(-1, 4, 4))
    )
    flat = FunctionTransformer(lambda x: x.reshape(len(x), -1) ** 2)
    layers = layers_of(double, "passthrough", maps, flat, RidgeClassifier())
    assert not layers.notes
    values = [f(X) for f in layers.functions.values()]
    for found, wanted in zip(
        values, [X, 2 * X, 2 * X, 2 * X + 1, (2 * X + 1) ** 2], strict=True
    ):
        np.testing.assert_allclose(found, wanted)
    of_images = layers.functions["pixels"](X.reshape(30, 4, 4).astype(np.float32))
    assert of_images.shape == (30, 16) and of_images.dtype == np.float64


def test_products_with_training_images_are_no_layer():
    layers = layers_of(StandardScaler(), GramMatrix(), SVC(kernel="precomputed"))
    assert list(layers.functions) == ["pixels", "standardscaler"]


def test_a_search_stands_for_its_best_estimator_and_others_have_pixels_alone():
    pipeline = make_pipeline(StandardScaler(), RidgeClassifier())
    search = GridSearchCV(pipeline, {"ridgeclassifier__alpha": [1.0]}, cv=2).fit(X, Y)
    assert len(_measurements.representations(search).functions) == 2
    alone = _measurements.representations(RidgeClassifier().fit(X, Y))
    assert list(alone.functions) == ["pixels"]
    assert "its steps are not seen" in alone.notes[0]


@pytest.mark.parametrize(
    ("n", "n_neighbors"), [(4, 3), (5, 3), (6, 4), (21, 19), (22, 20), (90, 20)]
)
def test_neighbours_are_twenty_or_what_there_are(n, n_neighbors):
    assert _measurements._n_neighbors(n) == n_neighbors


@pytest.mark.parametrize("fewest", [3, 4])
def test_accuracy_needs_four_images_of_every_class(fewest):
    y = np.repeat([0, 1], [fewest, 12])
    F = {"pixels": np.random.default_rng(0).normal(size=(len(y), 5)) + y[:, None]}
    found = _measurements.measure(F, y)
    labelled = {"accuracy", "variability"} & set(found)
    assert labelled == ({"accuracy", "variability"} if fewest == 4 else set())
    assert found["support"].size.shape[-1] <= len(y) - 1


def test_classes_are_balanced_by_their_first_images():
    y = np.array([1, 0, 0, 2, 1, 0, 2, 1, 0])
    np.testing.assert_array_equal(_measurements._balanced(y), [0, 1, 2, 3, 4, 6])


def test_controls_change_labels_or_features_and_nothing_else(monkeypatch):
    seen = []

    def note(F, y):
        seen.append((F, y))
        return {}

    monkeypatch.setattr(_measurements, "measure", note)
    F = {"pixels": X}
    found = _measurements.control(F, Y, random_state=1)
    (of_layers, y), *rest = seen
    assert of_layers is F and not rest and list(found) == ["dimension"]
    assert sorted(y) == sorted(Y) and not np.array_equal(y, Y)


@pytest.mark.parametrize("has_test", [False, True])
def test_images_measured_on_were_not_fitted_to(has_test):
    images = np.arange(20.0).reshape(20, 1, 1)
    test = images + 100 if has_test else None
    data = ImageSet(images, np.arange(20), test, np.arange(20) if has_test else None)
    train, y, held_out, y_test = _analysis._draw(data, 12, 8)
    assert len(train) == 12 and len(held_out) == 8
    assert not set(train.ravel()) & set(held_out.ravel())
    np.testing.assert_array_equal(train.ravel(), y)
    np.testing.assert_array_equal(held_out.ravel() - 100 * has_test, y_test)
    for too_many in ((12, 9 + 12 * has_test), (21, 0)):
        with pytest.raises(ValueError, match="ask for fewer"):
            _analysis._draw(data, *too_many)


def test_shapes_of_rows_are_those_that_the_first_step_was_fitted_to():
    class Shaped(FunctionTransformer):
        image_shape_ = (4, 4)

    shaped = make_pipeline(Shaped(), RidgeClassifier())
    assert _analysis._shape_of(X, shaped) == (4, 4)
    assert _analysis._shape_of(X, shaped.steps[0][1]) == (4, 4)
    assert _analysis._shape_of(X[:, 1:], shaped) is None
    assert _analysis._shape_of(X, RidgeClassifier()) is None
    assert _analysis._shape_of(X.reshape(30, 2, 8), shaped) == (2, 8)


@pytest.mark.parametrize(
    ("shape", "most"), [((16, 1), 0.1), ((2, 8), 0.2), ((20, 30), 1)]
)
def test_displacements_are_a_pixel_or_a_tenth_of_the_shorter_side(
    monkeypatch, shape, most
):
    seen = {}

    def stability(functions, images, *, displacement):
        seen.update(images=images, displacement=displacement)
        np.testing.assert_array_equal(functions["pixels"](images), flat)
        return "found"

    monkeypatch.setattr(_analysis.analysis, "relative_stability", stability)
    flat, notes = np.arange(3.0 * np.prod(shape)).reshape(3, -1), []
    functions = {"pixels": lambda images: images}
    found = _analysis._stability(functions, flat, shape, notes=notes)
    assert found == {"stability": "found"} and not notes
    assert seen["images"].shape == (3, *shape)
    assert seen["displacement"] == pytest.approx(most)


def test_twenty_images_are_attacked_and_all_are_certified():
    pytest.importorskip("torch", reason="attacks need torch")
    many = np.random.default_rng(0).normal(size=(25, 4))
    y = (many[:, 0] > 0).astype(int)
    model = RidgeClassifier().fit(many, y)
    found = _analysis._certificates(model, many, y, notes=[])
    assert len(found["certificate"].radius) == 25
    assert len(found["attack"].norm) == 20


def test_warnings_of_solvers_are_counted_and_others_passed_on():
    notes = []
    with (
        pytest.warns(UserWarning, match="another") as caught,
        _analysis._unconverged(notes, "fitting"),
    ):
        for _ in range(3):
            warnings.warn("no convergence", ConvergenceWarning, stacklevel=1)
        warnings.warn("another", UserWarning, stacklevel=1)
    assert len(caught) == 1
    assert notes == ["In fitting a solver did not converge (3 times)."]
    with _analysis._unconverged(notes, "nothing"):
        pass
    assert len(notes) == 1


def test_analysis_of_six_images_of_which_none_is_known_to_be_fitted():
    pytest.importorskip("torch", reason="attacks need torch")
    told = []
    model = make_pipeline(StandardScaler(), RidgeClassifier()).fit(X, Y % 2)
    few = slice(0, 6)
    found = _analysis.analyse(
        model, X[few], Y[few] % 2, progress=lambda *stage: told.append(stage)
    )
    assert found.accuracy == np.mean(model.predict(X[few]) == Y[few] % 2)
    assert found.pixel_range == X[few].max() - X[few].min()
    assert (found.n_train, found.n_test) == (0, 6)
    assert told[0] == (0, "layers") and told[-1] == (6, "done")
