"""Whatever form images come in, they mean the same; what is no image is refused."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
import torch
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError

from sklearn_scat import ScatteringTransformer


@pytest.fixture(scope="module")
def images():
    """Ten digits, 0…16, in float32."""
    return load_digits().images[:10].astype(np.float32)


@pytest.fixture(scope="module")
def reference(images):
    return ScatteringTransformer().fit_transform(images)


def named(rows):
    return pd.DataFrame(rows, columns=[f"pixel{i}" for i in range(rows.shape[1])])


FORMS = {
    "rows": lambda x: x.reshape(len(x), -1),
    "one channel": lambda x: x[:, None],
    "nested lists": lambda x: x.tolist(),
    "lists of rows": lambda x: x.reshape(len(x), -1).tolist(),
    "list of arrays": list,
    "list of tensors": lambda x: list(torch.tensor(x)),
    "objects": lambda x: x.astype(object),
    "float64": lambda x: x.astype(np.float64),
    "float16": lambda x: x.astype(np.float16),
    "uint8": lambda x: x.astype(np.uint8),
    "int64": lambda x: x.astype(np.int64),
    "swapped bytes": lambda x: x.astype(">f4"),
    "Fortran order": np.asfortranarray,
    "negative strides": lambda x: x[::-1, ::-1, ::-1].copy()[::-1, ::-1, ::-1],
    "every other": lambda x: np.repeat(np.repeat(x, 2, 0), 2, 2)[::2, :, ::2],
    "pandas": lambda x: pd.DataFrame(x.reshape(len(x), -1)),
    "pandas of integers": lambda x: named(x.reshape(len(x), -1).astype(np.uint8)),
    "polars": lambda x: pl.DataFrame(x.reshape(len(x), -1)),
    "tensor": torch.tensor,
    "float64 tensor": lambda x: torch.tensor(x, dtype=torch.float64),
    "float16 tensor": lambda x: torch.tensor(x, dtype=torch.float16),
    "bfloat16 tensor": lambda x: torch.tensor(x, dtype=torch.bfloat16),
    "uint8 tensor": lambda x: torch.tensor(x, dtype=torch.uint8),
    "tensor with a gradient": lambda x: torch.tensor(x, requires_grad=True),
    "transposed tensor": lambda x: torch.tensor(x).mT.contiguous().mT,
    "lazily negated tensor": lambda x: torch.tensor(-1j * x).conj().imag,
}


@pytest.mark.filterwarnings(
    "ignore:Support for the dataframe interchange protocol:DeprecationWarning"
)
@pytest.mark.parametrize("form", FORMS)
def test_images_mean_the_same_in_every_form(images, reference, form):
    S = ScatteringTransformer().fit_transform(FORMS[form](images))
    if S.dtype == np.float32:
        np.testing.assert_array_equal(S, reference)
    else:
        np.testing.assert_allclose(S, reference, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("fitted", ["rows", "one channel", "stack"])
@pytest.mark.parametrize("given", ["rows", "one channel", "stack"])
def test_fit_and_transform_may_take_different_forms(images, reference, fitted, given):
    forms = FORMS | {"stack": lambda x: x}
    scattering = ScatteringTransformer().fit(forms[fitted](images))
    np.testing.assert_array_equal(scattering.transform(forms[given](images)), reference)


def test_channels_flat_and_stacked_are_the_same():
    X = np.random.default_rng(0).random((4, 3, 12, 20), np.float32)
    stated = ScatteringTransformer(image_shape=(3, 12, 20))
    expected = ScatteringTransformer().fit_transform(X)
    np.testing.assert_array_equal(stated.fit_transform(X), expected)
    np.testing.assert_array_equal(stated.fit_transform(X.reshape(4, -1)), expected)


@pytest.mark.parametrize("form", ["pandas of integers", "rows"])
def test_names_of_columns_are_kept(images, form):
    scattering = ScatteringTransformer().fit(FORMS[form](images))
    assert hasattr(scattering, "feature_names_in_") == (form != "rows")
    assert scattering.n_features_in_ == 64


def test_columns_in_another_order_are_refused(images):
    table = named(images.reshape(10, -1))
    scattering = ScatteringTransformer().fit(table)
    with pytest.raises(ValueError, match="feature names should match"):
        scattering.transform(table[table.columns[::-1]])


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int64, bool])
def test_integers_keep_their_values(dtype):
    values = np.random.default_rng(0).integers(0, 256, (3, 8, 8)).astype(dtype)
    of_integers = ScatteringTransformer(max_order=0).fit_transform(values)
    of_floats = ScatteringTransformer(max_order=0).fit_transform(
        values.astype(np.float32)
    )
    np.testing.assert_array_equal(of_integers, of_floats)
    assert of_integers.dtype == np.float32


def test_a_constant_image_of_255_averages_to_255():
    S = ScatteringTransformer(max_order=0).fit_transform(
        np.full((1, 8, 8), 255, np.uint8)
    )
    np.testing.assert_allclose(S, 255, rtol=1e-6)


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        ("float64", "float64"),
        (">f8", "float64"),
        ("float32", "float32"),
        (">f4", "float32"),
        ("float16", "float32"),
        ("uint8", "float32"),
        ("int64", "float32"),
        ("bool", "float32"),
    ],
)
def test_result_is_float64_for_float64_alone(images, dtype, expected):
    X = images.astype(dtype)
    assert ScatteringTransformer().fit(X).transform(X).dtype == np.dtype(expected)


def test_input_stays_as_it_was(images):
    for make in (np.copy, np.asfortranarray, lambda x: x.astype(np.float64)):
        X = make(images)
        before = X.copy()
        ScatteringTransformer().fit(X).transform(X)
        np.testing.assert_array_equal(X, before)


def test_read_only_input_is_enough(images, reference):
    X = images.copy()
    X.flags.writeable = False
    np.testing.assert_array_equal(ScatteringTransformer().fit_transform(X), reference)


def test_fit_looks_at_the_shape_alone(images):
    one = ScatteringTransformer().fit(images[:1])
    other = ScatteringTransformer().fit(np.zeros((3, 8, 8)))
    np.testing.assert_array_equal(one.transform(images), other.transform(images))


REFUSED = {
    "NaN": (lambda x: np.where(x > 8, np.nan, x), ValueError, "contains NaN"),
    "infinity": (lambda x: np.where(x > 8, np.inf, x), ValueError, "infinity"),
    "complex": (lambda x: x + 0j, ValueError, "Complex data not supported"),
    "complex tensor": (lambda x: torch.tensor(x + 0j), ValueError, "Complex data"),
    "strings": (lambda x: x.astype(str), ValueError, "bytes/strings|could not convert"),
    "mixed objects": (
        lambda x: np.where(x > 8, x.astype(object), "dark"),
        ValueError,
        "could not convert string to float: 'dark'",
    ),
    "sparse": (
        lambda x: scipy.sparse.csr_array(x.reshape(10, -1)),
        TypeError,
        "Sparse data was passed",
    ),
    "sparse tensor": (lambda x: torch.tensor(x).to_sparse(), TypeError, "to_dense"),
    "one row": (lambda x: x[0].ravel(), ValueError, "Expected 2D array, got 1D"),
    "scalar": (lambda x: 3.0, ValueError, "got scalar array"),
    "None": (lambda x: None, ValueError, "got scalar array"),
    "five axes": (lambda x: x[:, None, None], ValueError, "dim 5"),
    "no images": (lambda x: x[:0], ValueError, "0 sample"),
    "no rows": (lambda x: x[:0].reshape(0, 64), ValueError, "0 sample"),
    "no pixels": (lambda x: x[:, :0], ValueError, "without pixels"),
    "no columns": (lambda x: x[:, 0, :0], ValueError, "0 feature"),
    "ragged lists": (lambda x: [[[1, 2], [3]]], ValueError, "inhomogeneous"),
    "ragged arrays": (
        lambda x: [x[0], x[1, :4]],
        ValueError,
        re.escape("differ in shape: (4, 8), (8, 8)"),
    ),
}


@pytest.mark.parametrize("form", REFUSED)
def test_fit_refuses(images, form):
    make, error, message = REFUSED[form]
    with pytest.raises(error, match=message):
        ScatteringTransformer().fit(make(images))


@pytest.mark.parametrize("form", sorted(REFUSED.keys() - {"no pixels", "no columns"}))
def test_transform_refuses(images, form):
    make, error, message = REFUSED[form]
    scattering = ScatteringTransformer().fit(images)
    with pytest.raises(error, match=message):
        scattering.transform(make(images))


def test_transform_needs_fit(images):
    with pytest.raises(NotFittedError, match="not fitted yet"):
        ScatteringTransformer().transform(images)
    with pytest.raises(NotFittedError, match="not fitted yet"):
        ScatteringTransformer().get_feature_names_out()
