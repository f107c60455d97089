"""Exported models give in onnxruntime what they give here."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler
from sklearn.svm import SVC, LinearSVC

from sklearn_scat import (
    NormalizedScattering,
    PCAAffineClassifier,
    RotoTranslationScattering,
    ScatteringClassifier,
    ScatteringTransformer,
)
from sklearn_scat.classifiers import SpanCoordinates
from sklearn_scat.deployment import export_onnx
from sklearn_scat.deployment._cascade import padding_matrix
from sklearn_scat.recipes import without_order_0

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

ALLOWED = {
    *("Abs", "Add", "ArgMax", "Concat", "Div", "Equal", "Gather", "Greater"),
    *("Identity", "Log", "MatMul", "Mul", "Neg", "Reshape", "Sqrt", "Sub"),
    *("ReduceL1", "ReduceL2", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum"),
    *("ReduceSumSquare", "Transpose", "Unsqueeze", "Where"),
}


def run(model, path, images):
    """Export a model, and return what onnxruntime gives for images, by name."""
    export_onnx(model, path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options)
    assert {node.op_type for node in onnx.load(path).graph.node} <= ALLOWED
    names = [output.name for output in session.get_outputs()]
    found = session.run(None, {"images": np.asarray(images, np.float32)})
    return dict(zip(names, found, strict=True))


def assert_near(found, expected):
    """Compare to 1e-4 of each number and of the largest."""
    assert found.shape == expected.shape
    np.testing.assert_allclose(
        found, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max()
    )


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    images = X.reshape(-1, 8, 8).astype(np.float32)
    return images[:120], y[:120]


@pytest.mark.parametrize(
    ("size", "setting"),
    [
        ((17, 24), {"J": 3, "L": 4}),
        ((16, 24), {"J": 2, "L": 3, "padding": "periodic"}),
        ((16, 20), {"J": 2, "L": 4, "padding": "zero", "output": "maps"}),
        ((16, 20), {"J": 3, "L": 2, "max_order": 3}),
        ((16, 20), {"J": 2, "max_order": 0}),
        ((12, 12), {"J": 0}),
        ((16, 20), {"J": 3, "L": 4, "oversampling": 1, "frame": "tight"}),
        ((3, 16, 20), {"J": 2, "L": 4, "pooling": "mean"}),
        ((2, 16, 20), {"J": 3, "L": 4, "pooling": "moments"}),
        ((16, 20), {"J": 3, "L": 4, "orientation_pooling": True}),
    ],
    ids=str,
)
def test_scattering_is_that_of_the_transformer(size, setting, rng, tmp_path):
    images = rng.normal(size=(5, *size)).astype(np.float32)
    transformer = ScatteringTransformer(**setting).fit(images)
    found = run(transformer, tmp_path / "s.onnx", images)
    name = setting.get("output", "features")
    assert list(found) == [name]
    assert_near(found[name], transformer.transform(images))


@pytest.mark.parametrize("method", ["sqrt", "log", "renorm", "standard"])
def test_normalisation_is_that_of_the_transformer(method, rng, tmp_path):
    images = rng.random((6, 2, 16, 16)).astype(np.float32)
    model = NormalizedScattering(ScatteringTransformer(J=2, L=4), method).fit(images)
    found = run(model, tmp_path / "s.onnx", images)
    assert_near(found["features"], model.transform(images))


@pytest.mark.parametrize("n", [1, 3, 50])
def test_one_file_takes_any_number_of_images(n, digits, tmp_path):
    images, _ = digits
    transformer = ScatteringTransformer(J=1, L=4).fit(images)
    found = run(transformer, tmp_path / "s.onnx", images[:n])
    assert_near(found["features"], transformer.transform(images[:n]))


HEADS = [
    [StandardScaler(), RidgeClassifier(alpha=10)],
    [StandardScaler(with_mean=False), LogisticRegression(max_iter=500)],
    [StandardScaler(with_std=False), SpanCoordinates(), LinearSVC()],
    [Normalizer(), PCAAffineClassifier(n_components=5)],
    [Normalizer("max"), PCA(8, whiten=True), PCAAffineClassifier(n_components=0)],
    [Normalizer("l1"), FunctionTransformer(without_order_0), RidgeClassifier()],
    [FunctionTransformer(), GridSearchCV(RidgeClassifier(), {"alpha": [1, 9]}, cv=2)],
]


@pytest.mark.parametrize("n_classes", [2, 10])
@pytest.mark.parametrize("steps", HEADS, ids=lambda steps: type(steps[-1]).__name__)
def test_decisions_are_those_of_the_classifier(n_classes, steps, digits, tmp_path):
    images, y = digits
    own = y < n_classes
    images, y = images[own], y[own]
    scattering = NormalizedScattering(ScatteringTransformer(J=1, L=4))
    model = make_pipeline(scattering, *steps).fit(images[:80], y[:80])
    found = run(model, tmp_path / "c.onnx", images)
    scores = model.decision_function(images)
    assert_near(found["scores"], scores)
    ranked = np.sort(scores.reshape(len(scores), -1), axis=1)
    if n_classes == 2:
        is_clear = np.abs(scores) > 1e-3 * np.abs(scores).max()
    else:
        is_clear = ranked[:, -1] - ranked[:, -2] > 1e-3 * np.abs(scores).max()
    assert is_clear.mean() > 0.9
    np.testing.assert_array_equal(
        found["label"][is_clear], model.predict(images)[is_clear]
    )


@pytest.mark.parametrize(
    "classes", [["a", "b", "ü"], [3, 7, 9], [False, True], [1.0, 2.0, 4.0]], ids=str
)
def test_labels_are_those_that_were_learned(classes, digits, tmp_path):
    images, y = digits
    own = y < len(classes)
    names = np.array(classes)[y[own]]
    model = make_pipeline(ScatteringTransformer(J=1), RidgeClassifier())
    model.fit(images[own], names)
    found = run(model, tmp_path / "c.onnx", images[own])
    np.testing.assert_array_equal(found["label"], model.predict(images[own]))


@pytest.mark.parametrize("n_values", [None, 1, 3])
def test_values_are_those_of_the_regressor(n_values, digits, rng, tmp_path):
    images, _ = digits
    y = rng.normal(size=len(images) if n_values is None else (len(images), n_values))
    model = make_pipeline(ScatteringTransformer(J=1, L=4), StandardScaler(), Ridge(10))
    model.fit(images, y)
    found = run(model, tmp_path / "r.onnx", images)
    assert list(found) == ["values"]
    # scikit-learn gives a row of weights for one column in (n, 1) as well
    assert_near(
        found["values"].reshape(model.predict(images).shape), model.predict(images)
    )


def test_classifier_that_chose_a_recipe_is_exported(digits, tmp_path):
    images, y = digits
    names = np.array([f"digit {label}" for label in range(10)])[y]
    model = ScatteringClassifier(["scat_affine"]).fit(images, names)
    found = run(model, tmp_path / "c.onnx", images)
    assert_near(found["scores"], model.decision_function(images))
    np.testing.assert_array_equal(found["label"], model.predict(images))


def test_affine_distances_near_a_space_keep_their_digits(rng, tmp_path):
    images = 100 + rng.random((12, 8, 8)).astype(np.float32)
    scattering = ScatteringTransformer(J=1, L=4)
    model = make_pipeline(scattering, PCAAffineClassifier(n_components=2))
    y = np.repeat([0, 1, 2], 4)
    model.fit(images, y)
    found = run(model, tmp_path / "c.onnx", images)
    expected = model.decision_function(images)
    nearest = np.abs(expected).min(axis=1)
    assert nearest.max() < 1e-4 * 100**2  # squares of features are this large
    np.testing.assert_allclose(
        np.abs(found["scores"]).min(axis=1), nearest, rtol=2e-2, atol=1e-6
    )


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (RotoTranslationScattering(J=1), "RotoTranslationScattering"),
        (make_pipeline(StandardScaler(), RidgeClassifier()), "StandardScaler at first"),
        (make_pipeline(ScatteringTransformer(J=1), SVC()), "no rule for SVC"),
        (
            make_pipeline(ScatteringTransformer(J=1), FunctionTransformer(np.sqrt)),
            "no rule for FunctionTransformer",
        ),
    ],
)
def test_parts_without_a_rule_are_named(model, message, digits, tmp_path):
    images, y = digits
    if "at first" in message:
        images = images.reshape(len(images), -1)
    model.fit(images, y)
    with pytest.raises(ValueError, match=message):
        export_onnx(model, tmp_path / "m.onnx")
    assert not list(tmp_path.iterdir())


def test_images_of_several_sizes_make_no_graph(rng, tmp_path):
    images = [rng.random((16, 16)), rng.random((20, 16))]
    model = ScatteringTransformer(J=2, pooling="mean").fit(images)
    with pytest.raises(ValueError, match="several sizes"):
        export_onnx(model, tmp_path / "m.onnx")


def test_long_sides_are_averaged_as_in_the_package(rng, tmp_path):
    images = rng.random((2, 2, 1100)).astype(np.float32)
    model = ScatteringTransformer(J=1, L=1, max_order=0).fit(images)
    found = run(model, tmp_path / "s.onnx", images)
    assert_near(found["features"], model.transform(images))


def test_padding_repeats_pixels():
    x = np.array([5.0, 6.0, 7.0])
    pixels = np.array([1, 0, 0, 1, 2, -1])
    assert (padding_matrix(pixels) @ x).tolist() == [6, 5, 5, 6, 7, 0]
