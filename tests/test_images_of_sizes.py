"""Images of several sizes go through transformers, pipelines and searches."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_scat import (
    NormalizedScattering,
    RotoTranslationScattering,
    ScatteringTransformer,
)
from sklearn_scat.feature_cache import _directory as feature_cache

SIZES = [(16, 16), (20, 17), (16, 16), (9, 30)]
SCATTERINGS = [ScatteringTransformer, RotoTranslationScattering]


@pytest.fixture
def images():
    rng = np.random.default_rng(0)
    return [rng.normal(size=size).astype(np.float32) for size in SIZES]


@pytest.fixture
def labelled():
    """Return 40 images of two kinds, smooth and rough, in three sizes."""
    rng = np.random.default_rng(1)
    shapes = [(12, 12), (8, 15), (16, 9)]
    noise = [rng.normal(size=shapes[i % 3]) for i in range(40)]
    images = [x if i < 20 else np.cumsum(x, axis=1) for i, x in enumerate(noise)]
    return images, np.repeat([0, 1], 20)


def objects(images):
    """Return images as an array of objects."""
    array = np.empty(len(images), object)
    array[:] = images
    return array


@pytest.mark.parametrize("scattering", SCATTERINGS)
def test_transform_of_sizes_equals_each_image_by_itself(images, scattering):
    model = scattering(J=2, pooling="mean").fit(images)
    alone = [scattering(J=2, pooling="mean").fit_transform(x[None])[0] for x in images]
    np.testing.assert_allclose(model.transform(images), alone, rtol=1e-5, atol=1e-6)


FORMS = {
    "tuple": tuple,
    "objects": objects,
    "tensors": lambda images: [torch.tensor(x) for x in images],
    "one channel": lambda images: [x[None] for x in images],
}


@pytest.mark.parametrize("form", FORMS)
def test_transform_of_sizes_takes_every_form(images, form):
    model = ScatteringTransformer(pooling="mean").fit(images)
    expected = model.transform(images)
    np.testing.assert_array_equal(model.transform(FORMS[form](images)), expected)


def test_transform_of_sizes_takes_channels(images):
    colour = [np.stack([x, 2 * x]) for x in images]
    model = ScatteringTransformer(pooling="mean").fit(colour)
    grey = ScatteringTransformer(pooling="mean").fit_transform(images)
    S = model.transform(colour).reshape(len(images), 2, -1)
    np.testing.assert_allclose(S[:, 1], 2 * S[:, 0], rtol=1e-5)
    np.testing.assert_array_equal(S[:, 0], grey)


def test_transform_of_sizes_does_not_depend_on_the_fitted_sizes(images):
    ragged = ScatteringTransformer(pooling="mean").fit(images)
    equal = ScatteringTransformer(pooling="mean").fit(images[:1] * 3)
    np.testing.assert_array_equal(ragged.transform(images), equal.transform(images))
    stack = np.stack(images[::2])
    np.testing.assert_array_equal(ragged.transform(stack), equal.transform(stack))


def test_fit_of_sizes_keeps_the_smallest_sides(images):
    model = ScatteringTransformer(pooling="mean").fit(images)
    assert model.image_shape_ == (9, 16)
    assert model.output_shape_ == (1, 81, 1, 1)
    assert not hasattr(model, "n_features_in_")
    assert model.fit(images[0][None]).n_features_in_ == 256


def test_objects_of_one_shape_are_an_array(images):
    same = objects([images[0], images[2]])
    maps = ScatteringTransformer().fit_transform(same)
    np.testing.assert_array_equal(
        maps, ScatteringTransformer().fit_transform(np.stack(list(same)))
    )


def test_transform_of_sizes_keeps_dtype_and_writes_out(images):
    model = ScatteringTransformer(pooling="mean").fit(images)
    out = np.empty((4, 81), np.float32)
    assert model.transform(images, out=out) is out
    as_bytes = [np.uint8(abs(x)) for x in images]
    assert model.transform(as_bytes).dtype == np.float32
    assert model.transform([x.astype(float) for x in images]).dtype == np.float64


def test_cache_computes_every_image_of_any_size_once(images, tmp_path):
    model = ScatteringTransformer(pooling="mean", cache=tmp_path).fit(images)
    first = model.transform(images)
    np.testing.assert_array_equal(model.transform(images[::-1]), first[::-1])
    usage = feature_cache.info(tmp_path)
    assert (usage.computed, usage.read) == (4, 4)


def test_sizes_go_through_pipelines_folds_and_searches(labelled):
    X, y = labelled
    scattering = NormalizedScattering(ScatteringTransformer(J=2, pooling="mean"), "log")
    model = make_pipeline(scattering, StandardScaler(), LogisticRegression())
    assert cross_val_score(model, X, y, cv=4).mean() > 0.9
    grid = {"normalizedscattering__scattering__J": [1, 2]}
    search = GridSearchCV(model, grid, cv=3).fit(objects(X), y)
    assert search.score(X, y) > 0.9
    assert search.predict(X[:1]) == y[:1]  # a fold of one size


def test_frames_hold_the_features_of_sizes(images):
    pytest.importorskip("pandas")
    model = ScatteringTransformer(pooling="mean").set_output(transform="pandas")
    assert model.fit_transform(images).shape == (4, 81)


def replaced(images, i, image):
    return [*images[:i], image, *images[i + 1 :]]


WRONG = {
    "NaN": (lambda x: np.full_like(x, np.nan), "Image 1 of 4.* contains NaN"),
    "infinity": (lambda x: np.full_like(x, np.inf), "Image 1 of 4.* infinity"),
    "row": (lambda x: x[0], r"Image 1 has shape \(17,\)"),
    "four axes": (lambda x: x[None, None], "Image 1 has shape"),
    "no pixels": (lambda x: x[:0], r"Image 1 has shape \(0, 17\)"),
    "channels": (lambda x: np.stack([x, x]), "as many channels"),
    "complex": (lambda x: x * 1j, "Image 1 of 4.*[Cc]omplex"),
    "nothing": (lambda x: None, "Image 1 has shape"),
    "small": (lambda x: x[:3], "shorter side of image 1, of 3x17 .* largest J .* is 1"),
}


@pytest.mark.parametrize("what", WRONG)
def test_sizes_refuse_by_position(images, what):
    make, message = WRONG[what]
    bad = replaced(images, 1, make(images[1]))
    scattering = ScatteringTransformer(pooling="mean")
    with pytest.raises(ValueError, match=message):
        scattering.fit(bad)
    with pytest.raises(ValueError, match=message):
        scattering.fit(images).transform(bad)


def test_sizes_are_refused_without_pooling(images):
    with pytest.raises(ValueError, match=r"differ in shape.*pooling='mean'"):
        ScatteringTransformer().fit(images)
    fitted = ScatteringTransformer().fit(images[0][None])
    with pytest.raises(ValueError, match=r"differ in shape.*pooling='mean'"):
        fitted.transform(images)


def test_sizes_are_refused_where_they_contradict(images):
    with pytest.raises(ValueError, match="Leave out image_shape"):
        ScatteringTransformer(pooling="mean", image_shape=(16, 16)).fit(images)
    with pytest.raises(ValueError, match="image 1 has 20x17"):
        ScatteringTransformer(pooling="mean", padding="periodic").fit(images)
    fitted = ScatteringTransformer(pooling="mean").fit(images)
    with pytest.raises(ValueError, match="rows of pixels would tell no shape"):
        fitted.transform(np.ones((3, 256)))
    with pytest.raises(ValueError, match=r"2 channels.*fit saw 1"):
        fitted.transform([np.stack([x, x]) for x in images])
