"""Where and with what the transform is computed, and what it leaves behind."""

import re

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_scat import RotoTranslationScattering, ScatteringTransformer

each = pytest.mark.parametrize(
    "Scattering", [ScatteringTransformer, RotoTranslationScattering]
)
X = np.random.default_rng(0).normal(size=(5, 8, 8)).astype(np.float32)

BOUND_OF_NATIVE = {
    "float64": ({}, np.float64, "computes in float32, and the input is float64"),
    "order 3": ({"max_order": 3}, np.float32, "up to order 2, and max_order=3"),
    "oversampling": ({"oversampling": 1}, np.float32, "critically, and oversampling=1"),
}


@pytest.fixture
def no_cuda(monkeypatch):
    """A machine without a GPU, whatever this one has."""
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)


@pytest.fixture
def restored_torch():
    """Give torch its settings back after a test that changes them."""
    threads, dtype = torch.get_num_threads(), torch.get_default_dtype()
    yield torch
    torch.set_num_threads(threads)
    torch.set_default_dtype(dtype)
    torch.set_grad_enabled(True)


@each
@pytest.mark.parametrize("device", ["cpu", "cpu:0"])
def test_cpu_is_what_auto_takes_without_a_gpu(no_cuda, Scattering, device):
    assert_array_equal(
        Scattering(device=device).fit_transform(X), Scattering().fit_transform(X)
    )


@pytest.mark.parametrize("device", ["no_such_device", "CPU", ""])
def test_unknown_device_is_refused(device):
    scattering = ScatteringTransformer(device=device).fit(X)
    message = f"device={device!r} is no device that torch knows. Take device='auto'"
    with pytest.raises(ValueError, match=re.escape(message)):
        scattering.transform(X)


# No machine has a thousand GPUs, and the meta device computes nothing anywhere.
@pytest.mark.parametrize("device", ["cuda:999", "meta"])
def test_absent_device_is_refused(device):
    scattering = ScatteringTransformer(device=device).fit(X)
    message = f"device='{device}' was asked for, but torch cannot use it here"
    with pytest.raises(ValueError, match=message + ".* Take device='auto' or 'cpu'"):
        scattering.transform(X)


@pytest.mark.parametrize("device", [0, None, torch.device("cpu")])
def test_device_must_be_a_string(device):
    with pytest.raises(ValueError, match="'device' parameter"):
        ScatteringTransformer(device=device).fit(X)


@pytest.mark.parametrize("case", BOUND_OF_NATIVE)
def test_native_engine_is_refused_where_it_does_not_apply(case):
    parameters, dtype, reason = BOUND_OF_NATIVE[case]
    scattering = ScatteringTransformer(engine="native", **parameters)
    message = f"engine='native' does not apply: .*{reason}.* Take engine='auto'"
    with pytest.raises(ValueError, match=message):
        scattering.fit(X).transform(X.astype(dtype))


@pytest.mark.parametrize("case", BOUND_OF_NATIVE)
def test_auto_engine_computes_everywhere(case):
    parameters, dtype, _ = BOUND_OF_NATIVE[case]
    auto = ScatteringTransformer(**parameters).fit(X)
    defined = ScatteringTransformer(engine="definition", **parameters).fit(X)
    assert_array_equal(
        auto.transform(X.astype(dtype)), defined.transform(X.astype(dtype))
    )


def test_absent_native_engine_is_named_and_replaced(monkeypatch):
    monkeypatch.setattr("sklearn_scat.engines._native.available", lambda: False)
    monkeypatch.setattr("sklearn_scat.engines._native.describe", lambda: "not built")
    with pytest.raises(ValueError, match="does not apply: not built"):
        ScatteringTransformer(engine="native").fit(X).transform(X)
    defined = ScatteringTransformer(engine="definition").fit_transform(X)
    assert_array_equal(ScatteringTransformer().fit_transform(X), defined)


@pytest.mark.parametrize("engine", ["numpy", None, 1])
def test_unknown_engine_is_refused(engine):
    with pytest.raises(ValueError, match="'engine' parameter"):
        ScatteringTransformer(engine=engine).fit(X)


def torch_state():
    return {
        "threads": torch.get_num_threads(),
        "threads between operations": torch.get_num_interop_threads(),
        "gradients": torch.is_grad_enabled(),
        "inference": torch.is_inference_mode_enabled(),
        "default dtype": torch.get_default_dtype(),
        "default device": torch.get_default_device(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "precision of products": torch.get_float32_matmul_precision(),
        "seed": torch.initial_seed(),
        "random state": torch.get_rng_state().numpy().tobytes(),
        "random state of numpy": np.random.get_state()[1].tobytes(),  # noqa: NPY002
    }


@pytest.fixture(params=[1, 2])
def chosen_state(restored_torch, request):
    """What torch is set to here, so that no earlier test has set the same."""
    torch.set_num_threads(request.param)
    torch.set_default_dtype([torch.float32, torch.float64][request.param - 1])
    torch.set_grad_enabled(request.param == 1)
    torch.manual_seed(request.param)
    return torch_state()


@each
@pytest.mark.parametrize("engine", ["auto", "torch"])
def test_global_state_is_left_as_it_was(chosen_state, Scattering, engine):
    scattering = Scattering(engine=engine, batch_size=2).fit(X)
    scattering.transform(X)
    scattering.transform(X.astype(np.float64))
    assert torch_state() == chosen_state


def test_global_state_is_left_as_it_was_after_an_error(chosen_state, monkeypatch):
    def fail(*_):
        raise RuntimeError("lost")

    scattering = ScatteringTransformer(engine="torch").fit(X)
    monkeypatch.setattr("sklearn_scat.cascade._operators.fft2", fail)
    with pytest.raises(RuntimeError, match="lost"):
        scattering.transform(X)
    assert torch_state() == chosen_state


@each
@pytest.mark.parametrize(
    "set_torch",
    [
        lambda torch: torch.set_default_dtype(torch.float64),
        lambda torch: torch.set_grad_enabled(False),
        lambda torch: torch.set_num_threads(2),
        lambda torch: torch.manual_seed(1),
    ],
    ids=["default dtype", "no gradients", "two threads", "seed"],
)
@pytest.mark.parametrize("engine", ["auto", "torch"])
def test_global_state_does_not_change_the_result(
    restored_torch, Scattering, set_torch, engine
):
    expected = Scattering(engine=engine).fit_transform(X)
    set_torch(restored_torch)
    came = Scattering(engine=engine).fit_transform(X)
    assert came.dtype == np.float32
    assert_allclose(came, expected, rtol=1e-5, atol=1e-6)


@each
def test_progress_is_reported_on_standard_error(Scattering, capfd):
    Scattering(verbose=1, batch_size=2).fit(X).transform(X)
    captured = capfd.readouterr()
    assert captured.out == ""
    last = captured.err.splitlines()[-1]
    assert re.fullmatch(rf"\[{Scattering.__name__}\] 5/5 images, \d+\.\d s", last)


@each
def test_silence_is_the_default(Scattering, capfd):
    Scattering(batch_size=2).fit(X).transform(X)
    assert capfd.readouterr() == ("", "")
