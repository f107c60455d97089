"""Arrays of another library come out in it, on their device, where dispatch is on."""

import io
import pickle

import array_api_strict
import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags
from sklearn.utils._array_api import move_estimator_to

from sklearn_scat import (
    NormalizedScattering,
    RotoTranslationScattering,
    ScatteringTransformer,
    load,
    save,
)
from sklearn_scat._array_likes import to_numpy
from sklearn_scat.engines import _native

X = np.random.default_rng(0).normal(size=(5, 2, 16, 20)).astype(np.float32)
DEVICE = array_api_strict.Device("device1")
ENGINES = ("native", "definition") if _native.available() else ("definition",)
LIBRARIES = {
    "torch": torch.asarray,
    "torch with gradient": lambda X: torch.asarray(X).requires_grad_(),
    "strict": array_api_strict.asarray,
    "strict elsewhere": lambda X: array_api_strict.asarray(X, device=DEVICE),
}
ESTIMATORS = {
    "scattering": ScatteringTransformer(J=2),
    "definition": ScatteringTransformer(J=2, engine="definition", max_order=3, L=2),
    "maps": ScatteringTransformer(J=2, output="maps", oversampling=1),
    "means": ScatteringTransformer(J=2, pooling="mean"),
    "moments": ScatteringTransformer(J=2, pooling="moments", orientation_pooling=True),
    "rigid": RotoTranslationScattering(J=2, L=4),
    "separable": RotoTranslationScattering(J=2, L=4, form="separable"),
    "batches": ScatteringTransformer(J=2, batch_size=2),
    **{
        method: NormalizedScattering(ScatteringTransformer(J=2), method)
        for method in ("sqrt", "log", "renorm", "standard")
    },
}

each = pytest.mark.parametrize("estimator", ESTIMATORS.values(), ids=ESTIMATORS)
each_library = pytest.mark.parametrize("library", LIBRARIES.values(), ids=LIBRARIES)


@pytest.fixture
def dispatch():
    with config_context(array_api_dispatch=True):
        yield


class Unpickler(pickle.Unpickler):
    """Refuses classes of other libraries than those of every installation."""

    def find_class(self, module, name):
        assert module.partition(".")[0] in {"numpy", "sklearn_scat"}, module
        return super().find_class(module, name)


@each
@each_library
def test_arrays_come_out_in_their_library_on_their_device(estimator, library, dispatch):
    expected = estimator.fit(X).transform(X)
    images = library(X)
    S = estimator.fit(images).transform(images)
    assert type(S) is type(images)
    assert S.device == images.device
    assert S.dtype == images.dtype
    assert_allclose(to_numpy(S), expected, rtol=1e-4, atol=2e-6)


@each
def test_without_dispatch_numpy_comes_out(estimator):
    S = estimator.fit(torch.asarray(X)).transform(torch.asarray(X))
    assert_array_equal(S, estimator.fit(X).transform(X))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("engine", ["auto", "definition"])
def test_small_floats_are_computed_in_float32(dtype, engine, dispatch):
    images = torch.asarray(X).to(dtype)
    scattering = ScatteringTransformer(J=2, engine=engine).fit(images)
    S = scattering.transform(images)
    assert S.dtype == torch.float32
    assert_array_equal(S, scattering.transform(images.to(torch.float32)))


@pytest.mark.parametrize("dtype", ["float64", "int16", "uint8", "bool"])
def test_other_numbers_are_computed_as_those_of_numpy(dtype, dispatch):
    images = (X * 50).astype(dtype)
    expected = ScatteringTransformer(J=2).fit(images).transform(images)
    tensors = torch.asarray(images)
    S = ScatteringTransformer(J=2).fit(tensors).transform(tensors)
    assert str(S.dtype) == f"torch.{expected.dtype}"
    assert_allclose(S, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", ["scattering", "moments", "rigid", "log", "renorm"])
def test_gradient_is_the_derivative(name, dispatch):
    x = torch.asarray(X[:1, :, :16, :16].astype(np.float64))
    estimator = ESTIMATORS[name].fit(x)
    direction = torch.randn(x.shape, generator=torch.manual_seed(0), dtype=x.dtype)
    weights = torch.linspace(-1, 1, estimator.transform(x).shape[1], dtype=x.dtype)
    start = x.clone().requires_grad_()
    (estimator.transform(start) @ weights).sum().backward()
    ends = (estimator.transform(x + h * direction) @ weights for h in (1e-6, -1e-6))
    slope = float(sum(s * e for s, e in zip((1, -1), ends, strict=True))) / 2e-6
    assert float((start.grad * direction).sum()) == pytest.approx(slope, rel=1e-4)


def test_results_are_ordinary_tensors(dispatch):
    for engine in ENGINES:
        S = ScatteringTransformer(J=2, engine=engine).fit_transform(torch.asarray(X))
        assert not S.is_inference()
        weight = torch.ones(S.shape[1], requires_grad=True)
        (S @ weight).sum().backward()  # what refuses tensors of inference mode
        assert weight.grad is not None


@pytest.mark.skipif(not _native.available(), reason="no kernel to test")
def test_native_kernel_reads_and_writes_the_memory_of_tensors(dispatch, monkeypatch):
    images, seen = torch.asarray(X.copy()), []
    scattering = ScatteringTransformer(J=2, engine="native").fit(images)
    fill = ScatteringTransformer._fill

    def watched(self, rows, out):
        seen.extend([rows, out])
        fill(self, rows, out)

    monkeypatch.setattr(ScatteringTransformer, "_fill", watched)
    S = scattering.transform(images)
    assert np.shares_memory(seen[0], images.numpy())
    assert np.shares_memory(seen[1], S.numpy())


@pytest.mark.parametrize("factor", [2.0**-120, 2.0**-60, 2.0**100])
@each_library
def test_images_of_extreme_units_keep_their_digits(library, factor, dispatch):
    scattering = ScatteringTransformer(J=2, engine="definition").fit(library(X))
    with pytest.warns(UserWarning, match="values of these images"):
        S = scattering.transform(library(X * np.float32(factor)))
    expected = to_numpy(scattering.transform(library(X)))
    assert_allclose(to_numpy(S) / factor, expected, rtol=1e-5, atol=1e-6)


def test_pipeline_stays_on_the_device(dispatch):
    rng = np.random.default_rng(1)
    y = np.arange(60) % 3
    images = rng.normal(size=(60, 16, 16)) * (1 + y[:, None, None])
    pipeline = make_pipeline(
        ScatteringTransformer(J=2, L=2, pooling="mean"),
        StandardScaler(),
        LinearDiscriminantAnalysis(solver="svd"),
    )
    expected = pipeline.fit(images, y).predict(images)
    tensors = torch.asarray(images), torch.asarray(y)
    predicted = pipeline.fit(*tensors).predict(tensors[0])
    assert isinstance(pipeline[-1].coef_, torch.Tensor)
    assert isinstance(predicted, torch.Tensor)
    assert_array_equal(predicted, expected)


@each
def test_tag_says_so(estimator):
    assert get_tags(estimator).array_api_support


@each
def test_fitted_state_holds_no_tensor(estimator, dispatch, tmp_path):
    images = torch.asarray(X)
    estimator.fit(images)
    Unpickler(io.BytesIO(pickle.dumps(estimator))).load()
    save(tmp_path / "model.scat", estimator)
    again = load(tmp_path / "model.scat").transform(images)
    assert_array_equal(again, estimator.transform(images))


@each
def test_other_library_than_at_fit_is_refused_and_can_be_moved_to(estimator, dispatch):
    estimator.fit(X)
    images = torch.asarray(X)
    message = r"transform\(\) must use the same namespace .* of numpy, .* of torch"
    with pytest.raises(ValueError, match=message):
        estimator.transform(images)
    import array_api_compat.torch as xp

    moved = move_estimator_to(estimator, xp, "cpu")
    assert isinstance(moved.transform(images), torch.Tensor)
    assert isinstance(estimator.transform(X), np.ndarray)


def test_cache_serves_every_library(dispatch, tmp_path):
    plain = ScatteringTransformer(J=2).fit_transform(X)
    for library in LIBRARIES.values():
        cached = ScatteringTransformer(J=2, cache=tmp_path)
        for _ in range(2):
            S = cached.fit_transform(library(X))
            assert type(S) is type(library(X))
            assert_array_equal(to_numpy(S), plain)


def test_what_holds_numpy_alone_is_given_numpy(dispatch):
    images = torch.asarray(X)
    for name in ("scattering", "log"):
        scattering = ESTIMATORS[name].fit(images)
        expected = scattering.transform(images).numpy()
        out = np.empty_like(expected)
        assert scattering.transform(images, out=out) is out
        assert_allclose(out, expected, rtol=1e-5, atol=1e-6)
    scattering = clone(scattering).fit(images)
    table = scattering.set_output(transform="pandas").transform(images)
    assert_allclose(table.to_numpy(), expected, rtol=1e-5, atol=1e-6)


def test_coefficients_are_stored_in_half_the_memory(dispatch):
    for engine in ENGINES:
        half = ScatteringTransformer(J=2, engine=engine, dtype="float16")
        S = half.fit_transform(torch.asarray(X))
        full = half.set_params(dtype=None).fit_transform(torch.asarray(X))
        assert S.dtype == torch.float16
        assert_array_equal(S, full.to(torch.float16))
    half.set_params(dtype="float16").fit(torch.asarray(X * 1e6))
    with pytest.raises(ValueError, match="beyond 65504"):
        half.transform(torch.asarray(X * 1e6))


def test_images_of_several_sizes_leave_arrays_welcome(dispatch):
    scattering = ScatteringTransformer(J=2, pooling="mean")
    scattering.fit([torch.zeros(16, 16), torch.zeros(20, 24)])
    images = np.abs(X[:, 0])
    expected = scattering.transform(list(images))
    scattering.library_ = "torch"
    S = scattering.transform(torch.asarray(images))
    assert isinstance(S, torch.Tensor)
    assert_array_equal(S, expected)


@each_library
@pytest.mark.parametrize("wrong", ["nan", "complex", "columns", "channels last"])
def test_what_is_no_image_is_refused(library, wrong, dispatch):
    images = X.copy()
    if wrong == "nan":
        images[0, 0, 0, 0] = np.nan
    images = {
        "complex": images * 1j,
        "columns": images[..., :-1],
        "channels last": np.moveaxis(images, 1, -1),
    }.get(wrong, images)
    message = {"nan": "NaN", "complex": "Complex", "columns": "fit saw"}
    with pytest.raises(ValueError, match=message.get(wrong, "fit saw")):
        ScatteringTransformer(J=2).fit(library(X)).transform(library(images))
