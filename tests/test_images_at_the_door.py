"""Whatever NumPy reads is an image; another scale, bands last and masks are told of."""

import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import make_pipeline

import sklearn_scat
from sklearn_scat import (
    AugmentedClassifier,
    ImageClassifier,
    PixelRangeWarning,
    RotoTranslationScattering,
    ScatteringTransformer,
    load,
    save,
)

TRANSFORMERS = [
    ScatteringTransformer(J=1, L=4),
    RotoTranslationScattering(J=1, L=4),
    ScatteringTransformer(J=1, L=4, pooling="mean"),
]


@pytest.fixture
def images():
    return np.random.default_rng(0).uniform(size=(20, 12, 12))


class ArrayLike:
    """An array as other libraries have them: read by NumPy, and no more."""

    def __init__(self, array):
        self.array = array
        self.shape, self.ndim, self.dtype = array.shape, array.ndim, array.dtype

    def __len__(self):
        return len(self.array)

    def __array__(self, dtype=None, copy=None):
        return np.array(self.array, dtype)


ONE_BY_ONE = {
    "arrays": lambda x: x,
    "array-likes": ArrayLike,
    "tensors": torch.tensor,
    "tensors with gradients": lambda x: torch.tensor(x, requires_grad=True),
    "lazily negated tensors": lambda x: torch.tensor(-1j * x).conj().imag,
}


@pytest.mark.parametrize("model", TRANSFORMERS, ids=str)
@pytest.mark.parametrize("kind", ONE_BY_ONE)
def test_images_one_by_one_mean_the_same_as_their_array(model, kind, images):
    expected = model.fit_transform(images)
    for X in (
        [ONE_BY_ONE[kind](x) for x in images],
        tuple(ONE_BY_ONE[kind](x) for x in images),
        ONE_BY_ONE[kind](images),
        ONE_BY_ONE[kind](images[:, None]),
    ):
        np.testing.assert_array_equal(model.fit(X).transform(X), expected)


def test_pictures_of_several_sizes_have_their_bands_first():
    rng = np.random.default_rng(0)
    arrays = [rng.integers(0, 256, (*s, 3), np.uint8) for s in [(12, 16), (16, 12)]]
    pictures = [Image.fromarray(array) for array in arrays]
    model = ScatteringTransformer(J=1, pooling="mean")
    expected = model.fit_transform([a.transpose(2, 0, 1) for a in arrays])
    np.testing.assert_array_equal(model.fit_transform(pictures), expected)
    np.testing.assert_array_equal(model.fit_transform(pd.Series(pictures)), expected)


LAST = [(6, 32, 32, 13), (6, 32, 40, 2), (6, 32, 32, 3), (6, 20, 24, 5), (32, 32, 4)]


@pytest.mark.parametrize("shape", LAST)
@pytest.mark.parametrize(
    "model", [*TRANSFORMERS, ImageClassifier(max_epochs=1, module__width=4)], ids=str
)
def test_bands_that_come_last_are_told_with_how_to_insist(model, shape):
    X = np.random.default_rng(0).uniform(size=shape)
    y = np.arange(len(X)) % 2
    with pytest.raises(ValueError, match=r"channels last.*transpose.*image_shape="):
        model.fit(X, y)


def test_bands_that_come_last_are_taken_where_it_is_insisted():
    X = np.random.default_rng(0).uniform(size=(3, 20, 20, 5))
    model = ScatteringTransformer(J=1, image_shape=(20, 20, 5)).fit(X)
    assert model.output_shape_[0] == 20


@pytest.mark.parametrize("shape", [(5, 81, 3, 3), (5, 243, 8, 8), (5, 3, 32, 48)])
def test_maps_and_channels_that_come_first_are_no_such_case(shape):
    X = np.random.default_rng(0).uniform(size=shape)
    assert ScatteringTransformer(J=1).fit(X).output_shape_[0] == shape[1]


def test_bands_last_in_lists_of_several_sizes_name_the_image():
    shapes = [(3, 16, 16), (3, 12, 16)]
    images = [np.ones(shape) for shape in shapes]
    model = ScatteringTransformer(J=1, pooling="mean").fit(images)
    wrong = [np.ones((16, 20, 3)), np.ones((16, 24, 3))]
    for call in (model.fit, model.transform):
        with pytest.raises(ValueError, match=r"Image 0 of shape \(16, 20, 3\).*last"):
            call(wrong)


@pytest.mark.parametrize("model", TRANSFORMERS, ids=str)
def test_masked_values_are_refused_and_masks_of_nothing_are_not(model, images):
    masked = np.ma.masked_greater(images, 0.9)
    for X in (masked, masked.reshape(20, -1), list(masked)):
        with pytest.raises(ValueError, match="masked"):
            model.fit(X)
    whole = np.ma.masked_array(images, mask=False)
    np.testing.assert_array_equal(
        model.fit_transform(whole), model.fit_transform(images)
    )


@pytest.mark.parametrize("model", TRANSFORMERS, ids=str)
@pytest.mark.parametrize("factor", [255, 257, 16, 1 / 255, 1 / 16])
def test_another_scale_of_values_is_warned_of(model, factor, images):
    model.fit(images)
    with pytest.warns(PixelRangeWarning, match=r"from .* to .*fit saw, from .* to"):
        model.transform(factor * images)


@pytest.mark.parametrize("change", [lambda x: x, lambda x: 3 * x, lambda x: x / 4])
def test_brighter_and_darker_images_are_not_warned_of(change, images):
    model = ScatteringTransformer(J=1).fit(images)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.transform(change(images))
        model.transform(0 * images)


def test_warning_tells_both_ranges_and_begins_past_its_bounds():
    fitted = np.full((1, 8, 8), 2.0)
    fitted[0, 0, 0] = -1
    model = ScatteringTransformer(J=1).fit(fitted)
    for factor in (8, 1 / 12):  # the bounds themselves are still the same kind
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            model.transform(factor * fitted)
    message = "from -20 to 40; those that fit saw, from -1 to 2"
    with pytest.warns(PixelRangeWarning, match=message):
        model.transform(20 * fitted)


def test_windows_as_large_as_the_smallest_of_several_images_fit():
    images = [np.ones((8, 12)), np.ones((16, 9))]
    assert ScatteringTransformer(J=3, pooling="mean").fit(images).J_ == 3
    with pytest.raises(ValueError, match=r"image 0, of 8x12 pixels.*is 3"):
        ScatteringTransformer(J=4, pooling="mean").fit(images)


def test_scale_is_remembered_through_pipelines_sizes_and_files(images, tmp_path):
    y = np.arange(20) % 2
    model = make_pipeline(ScatteringTransformer(J=1), RidgeClassifier()).fit(images, y)
    save(tmp_path / "m.scat", model)
    for fitted in (model, load(tmp_path / "m.scat")):
        with pytest.warns(PixelRangeWarning):
            fitted.predict(255 * images)
    pooled = ScatteringTransformer(J=1, pooling="mean")
    pooled.fit([images[0], images[1][:10]])
    with pytest.warns(PixelRangeWarning):
        pooled.transform([255 * images[0], 255 * images[1][:10]])


def warned_at(call):
    """Return the files that warnings of a call point to."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return {warning.filename for warning in caught}


def test_warnings_point_to_the_line_that_led_to_them(images):
    rows = np.random.default_rng(0).uniform(size=(20, 30))
    y = np.arange(20) % 2
    step = ScatteringTransformer(J=0)
    ridge = RidgeClassifier()
    calls = [
        lambda: step.fit(rows),
        lambda: make_pipeline(step, ridge).fit(rows, y),
        lambda: AugmentedClassifier(make_pipeline(step, ridge)).fit(rows, y),
        lambda: ScatteringTransformer(J=1).fit(images).transform(255 * images),
        lambda: ScatteringTransformer(J=2).fit_transform(rows[:, :4]),
        lambda: sklearn_scat.OrthogonalLeastSquares(50).fit(rows[:, :3], y),
    ]
    for call in calls:
        assert warned_at(call) <= {__file__}
    assert all(warned_at(call) for call in calls[:5])
