"""ImageReader stands where people have files: in pipelines and columns of tables."""

import io
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from PIL import Image
from sklearn import config_context
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator, check_param_validation

import sklearn_scat
from sklearn_scat import ImageReader, ScatteringTransformer

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (6, 16, 16), dtype=np.uint8)


def as_bytes(pixels):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def paths(tmp_path):
    names = [str(tmp_path / f"{i}.png") for i in range(len(PIXELS))]
    for name, pixels in zip(names, PIXELS, strict=True):
        Image.fromarray(pixels).save(name)
    return names


FORMS = {
    "list": list,
    "tuple": tuple,
    "array of strings": np.array,
    "array of objects": lambda paths: np.array(paths, object),
    "column of an array": lambda paths: np.array(paths, object)[:, None],
    "list of rows": lambda paths: [[path] for path in paths],
    "Series": pd.Series,
    "frame": lambda paths: pd.DataFrame({"path": paths}),
    "frame of objects": lambda paths: pd.DataFrame({"path": paths}, dtype=object),
    "categories": lambda paths: pd.Series(paths, dtype="category"),
    "Series of polars": pl.Series,
    "frame of polars": lambda paths: pl.DataFrame({"path": paths}),
    "bytes": lambda paths: [as_bytes(pixels) for pixels in PIXELS],
    "column of bytes": lambda paths: pd.Series([as_bytes(p) for p in PIXELS]),
    "pictures": lambda paths: [Image.open(path) for path in paths],
    "column of pictures": lambda paths: pd.Series([Image.open(p) for p in paths]),
    "one array": lambda paths: PIXELS,
    "list of arrays": lambda paths: list(PIXELS),
    "column of arrays": lambda paths: pd.DataFrame({"image": list(PIXELS)}),
    "one-band arrays": lambda paths: PIXELS[:, None],
    "mixed": lambda paths: [paths[0], as_bytes(PIXELS[1]), *PIXELS[2:]],
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_reader_takes_whatever_images_are_kept_in(paths, form, n_jobs):
    reader = ImageReader(n_jobs=n_jobs)
    images = reader.fit_transform(FORMS[form](paths))
    np.testing.assert_array_equal(images, PIXELS, strict=True)
    assert reader.image_shape_ == (16, 16)


@pytest.mark.parametrize("wanted", ["default", "pandas", "polars"])
@pytest.mark.parametrize("columns", ["path", ["path"]])
def test_reader_stands_beside_tabular_columns(paths, columns, wanted):
    table = pd.DataFrame({"path": paths, "age": np.arange(6.0), "dose": np.ones(6)})
    scattering = ScatteringTransformer(J=2, pooling="mean")
    model = ColumnTransformer(
        [
            ("image", make_pipeline(ImageReader(), scattering), columns),
            ("numbers", StandardScaler(), ["age", "dose"]),
        ]
    ).set_output(transform=wanted)
    features = model.fit_transform(table)
    of_images = scattering.fit_transform(PIXELS)
    np.testing.assert_allclose(np.asarray(features)[:, :-2], of_images, rtol=1e-6)
    names = model.get_feature_names_out()
    assert len(names) == features.shape[1]
    if wanted != "default":
        assert list(features.columns) == list(names)


def test_reader_before_a_classifier_is_saved_and_answers_alike(paths, tmp_path):
    y = np.array(["cork", "linen"] * 3)
    model = make_pipeline(
        ImageReader(size=(8, 8), depth="float", mode="RGB", on_error="skip"),
        ScatteringTransformer(J=1),
        LogisticRegression(),
    ).fit(paths, y)
    file = tmp_path / "model.scat"
    sklearn_scat.save(file, model)
    loaded = sklearn_scat.load(file)
    assert loaded[0].get_params() == model[0].get_params()
    assert loaded[0].image_shape_ == (3, 8, 8)
    assert loaded.predict(paths).tolist() == model.predict(paths).tolist()
    copied = pickle.loads(pickle.dumps(model[0]))
    np.testing.assert_array_equal(copied.transform(paths), model[0].transform(paths))


def test_images_of_several_sizes_reach_scattering_as_a_list(paths):
    Image.fromarray(np.tile(PIXELS[0], (2, 3))).save(paths[-1])
    images = ImageReader().fit_transform(paths)
    assert isinstance(images, list) and images[-1].shape == (32, 48)
    model = make_pipeline(ImageReader(), ScatteringTransformer(J=2, pooling="mean"))
    assert model.fit_transform(paths).shape[0] == 6


def test_reader_raises_or_skips(paths):
    with open(paths[2], "wb") as stream:
        stream.write(b"no image")
    with pytest.raises(ValueError, match=r"2\.png: cannot be read as an image"):
        ImageReader().fit_transform(paths)
    with pytest.raises(FileNotFoundError, match="absent"):
        ImageReader().fit([*paths[:0], "absent.png"])
    reader = ImageReader(on_error="skip")
    with pytest.warns(UserWarning, match="cannot be read: 2") as caught:
        images = reader.fit_transform(["absent.png", *paths])
    assert len(caught) == 1 and caught[0].filename == __file__
    np.testing.assert_array_equal(images, PIXELS[[0, 1, 3, 4, 5]])
    with pytest.raises(ValueError, match="none of 1 images could be read"):
        reader.fit(["absent.png"])
    with (
        pytest.raises(ValueError, match="none of 1 images could be read"),
        pytest.warns(UserWarning, match="cannot be read"),
    ):
        reader.transform(["absent.png"])


def test_reader_refuses_other_bands_than_it_was_fitted_on(paths):
    reader = ImageReader(mode="all").fit(paths)
    assert reader.transform(paths).shape == (6, 1, 16, 16)
    with pytest.raises(ValueError, match=r"image 1 .*\(3, 16, 16\).*fit saw \(1, 16"):
        reader.transform([PIXELS[0], np.repeat(PIXELS[:1], 3, axis=0)])


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ("a.png", r"one image, 'a\.png'; pass a list"),
        (b"abc", "one image"),
        (pd.DataFrame({"a": ["a.png"], "b": ["b.png"]}), r"shape \(1, 2\).*one column"),
        (np.zeros((4, 9)), r"shape \(4, 9\)"),
        ([3.0], r"image 0: .*3\.0 is no path"),
        ([], "X is empty"),
    ],
)
def test_reader_says_what_it_takes(X, message):
    with pytest.raises(ValueError, match=message):
        ImageReader().fit(X)


def test_reader_tells_how_far_it_has_come(paths, capsys):
    ImageReader(verbose=1).fit_transform(paths)
    assert "[read] 6/6 images" in capsys.readouterr().err


def test_reader_is_a_transformer_like_others(paths):
    reader = ImageReader(size=(4, 4), mode="RGB")
    with pytest.raises(NotFittedError):
        reader.transform(paths)
    before = reader.fit(paths).__dict__.copy()
    reader.transform(paths)
    assert reader.__dict__ == before
    assert len(reader.get_feature_names_out()) == 48
    changed = clone(reader).set_params(size=(2, 2)).fit_transform(paths)
    np.testing.assert_array_equal(
        changed, ImageReader(size=(2, 2), mode="RGB").fit_transform(paths)
    )


def test_reader_passes_the_checks_that_suit_files():
    with pytest.warns(SkipTestWarning, match="requires input"):  # tables of numbers
        results = check_estimator(ImageReader(), on_fail="raise")
    passed = [r["check_name"] for r in results if r["status"] == "passed"]
    assert len(passed) == len(results) and "check_estimator_cloneable" in passed


@pytest.mark.parametrize("wanted", ["pandas", "polars"])
def test_images_stay_arrays_where_tables_are_wanted(wanted):
    with config_context(transform_output=wanted):
        images = ImageReader().fit_transform(PIXELS)
    np.testing.assert_array_equal(images, PIXELS)


def test_reader_validates_its_parameters():
    check_param_validation("ImageReader", ImageReader())
