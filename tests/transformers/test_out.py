"""`out` says where the result goes, and nothing else."""

import re

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_array_equal
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import make_pipeline

from sklearn_scat import RotoTranslationScattering, ScatteringTransformer

each = pytest.mark.parametrize(
    "Scattering", [ScatteringTransformer, RotoTranslationScattering]
)
X = np.random.default_rng(0).normal(size=(5, 8, 8)).astype(np.float32)


def empty(S, **change):
    return np.empty(**{"shape": S.shape, "dtype": S.dtype} | change)


@each
@pytest.mark.parametrize("output", ["features", "maps"])
@pytest.mark.parametrize("pooling", [None, "mean"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_result_is_written_into_out(Scattering, output, pooling, dtype):
    scattering = Scattering(output=output, pooling=pooling, batch_size=2).fit(X)
    expected = scattering.transform(X.astype(dtype))
    out = np.full_like(expected, np.nan)
    assert scattering.transform(X.astype(dtype), out=out) is out
    assert_array_equal(out, expected)


@pytest.mark.parametrize("output", ["features", "maps"])
def test_result_is_written_into_a_memory_map(tmp_path, output):
    scattering = ScatteringTransformer(output=output, batch_size=2).fit(X)
    expected = scattering.transform(X)
    out = np.lib.format.open_memmap(
        tmp_path / "S.npy", "w+", dtype=np.float32, shape=expected.shape
    )
    assert scattering.transform(X, out=out) is out
    out.flush()
    assert_array_equal(np.load(tmp_path / "S.npy"), expected)


def test_rows_of_a_larger_array_can_be_filled():
    scattering = ScatteringTransformer().fit(X)
    expected = scattering.transform(X)
    everything = np.zeros((9, expected.shape[1]), np.float32)
    scattering.transform(X, out=everything[2:7])
    assert_array_equal(everything[2:7], expected)
    assert not everything[:2].any()
    assert not everything[7:].any()


@pytest.mark.parametrize(
    "change",
    [
        {"shape": (4, 324)},
        {"shape": (5, 323)},
        {"shape": (5, 81, 2, 2)},
        {"shape": 5 * 324},
        {"dtype": np.float64},
        {"dtype": np.float16},
        {"dtype": np.int32},
        {"dtype": ">f4"},
    ],
    ids=str,
)
def test_out_of_another_shape_or_dtype_is_refused(change):
    scattering = ScatteringTransformer().fit(X)
    out = empty(scattering.transform(X), **change)
    message = (
        "out must be an array of shape (5, 324) and dtype float32; got an array of "
        f"shape {out.shape} and dtype {out.dtype}"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        scattering.transform(X, out=out)


@pytest.mark.parametrize(
    "spoil",
    [
        np.asfortranarray,
        lambda a: np.empty((a.shape[0], 2 * a.shape[1]), a.dtype)[:, ::2],
        lambda a: a[::-1],
        lambda a: np.broadcast_to(a[:1], a.shape),
    ],
    ids=["Fortran order", "every other column", "reversed rows", "repeated row"],
)
def test_out_that_is_not_contiguous_is_refused(spoil):
    scattering = ScatteringTransformer().fit(X)
    out = spoil(empty(scattering.transform(X)))
    with pytest.raises(ValueError, match="writeable and C-contiguous"):
        scattering.transform(X, out=out)


def test_read_only_out_is_refused():
    scattering = ScatteringTransformer().fit(X)
    out = scattering.transform(X)
    out.flags.writeable = False
    with pytest.raises(ValueError, match="writeable"):
        scattering.transform(X, out=out)


@pytest.mark.parametrize("out", [[], "S.npy", 3])
def test_out_that_is_no_array_is_refused(out):
    message = f"got a {type(out).__name__}"
    with pytest.raises(ValueError, match=message):
        ScatteringTransformer().fit(X).transform(X, out=out)


def test_out_stays_untouched_where_images_are_refused():
    scattering = ScatteringTransformer().fit(X)
    out = np.full((5, 324), 7, np.float32)
    with pytest.raises(ValueError, match="NaN"):
        scattering.transform(np.full((5, 8, 8), np.nan), out=out)
    assert (out == 7).all()


@each
def test_out_is_no_metadata_to_route(Scattering):
    y = np.arange(5) % 2
    with sklearn.config_context(enable_metadata_routing=True):
        assert not hasattr(Scattering(), "set_transform_request")
        routing = Scattering().get_metadata_routing()
        assert "out" not in routing.transform.requests
        model = make_pipeline(Scattering(), RidgeClassifier()).fit(X, y)
        assert model.predict(X).shape == (5,)
