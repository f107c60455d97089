"""The module takes the native kernel where it applies, and only there."""

import numpy as np
import pytest
import torch
from torch.autograd import forward_ad
from torch.fx.experimental.proxy_tensor import make_fx

from sklearn_scat.engines import _native
from sklearn_scat.nn import Scattering2d

VARIANTS = [
    {},
    {"L": 3, "max_order": 1, "padding": "zero"},
    {"padding": "periodic", "frame": "tight"},
    {"L": 5, "frame": "contractive"},
]
# What torch itself warns of when it differentiates forwards for the first time.
ignore_torch_jit = pytest.mark.filterwarnings(
    "ignore:.*torch.jit.*deprecated.*:DeprecationWarning"
)
needs_kernel = pytest.mark.skipif(
    not _native.available(), reason=f"no kernel to test: {_native.describe()}"
)


def images(*shape, dtype=torch.float32):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0), dtype=dtype)


def gradient_of(layer, x):
    """Return the coefficients, and the gradient of a cubic function of them."""
    x = x.detach().clone().requires_grad_()
    S = layer(x)
    (gradient,) = torch.autograd.grad(S.square().sum() + S.pow(3).sum(), x)
    return S.detach(), gradient


def assert_near(found, expected, bound=1e-5):
    assert (found - expected).norm() <= bound * expected.norm()


@pytest.fixture
def native_calls(monkeypatch):
    """The kernel's calls, as they come."""
    calls = []
    for name in ("apply", "apply_backward"):
        original = getattr(_native.NativePlan, name)

        def watched(self, *arrays, original=original, name=name, **options):
            calls.append(name)
            original(self, *arrays, **options)

        monkeypatch.setattr(_native.NativePlan, name, watched)
    return calls


@pytest.mark.parametrize("variant", VARIANTS)
def test_engines_agree_both_ways(variant):
    x = images(2, 3, 16, 24)

    S, gradient = gradient_of(Scattering2d(3, (16, 24), **variant), x)

    torch_layer = Scattering2d(3, (16, 24), engine="torch", **variant)
    expected, expected_gradient = gradient_of(torch_layer, x)
    assert_near(S, expected, 1e-6)
    assert_near(gradient, expected_gradient)


@needs_kernel
def test_kernel_computes_both_ways(native_calls):
    layer, x = Scattering2d(2, (8, 12)), images(2, 1, 8, 12)
    gradient_of(layer, x)
    assert native_calls == ["apply", "apply_backward"]
    with torch.inference_mode():
        layer(x)
    layer.eval()(x)
    assert native_calls == ["apply", "apply_backward", "apply", "apply"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Scattering2d(2, (8, 12), engine="torch"),
        lambda: Scattering2d(2, (8, 12), max_order=3),
        lambda: Scattering2d(2, (8, 12), oversampling=1),
        lambda: Scattering2d(2, (8, 12)).double(),
        lambda: Scattering2d(2, (8, 12)).half().float(),
    ],
)
def test_torch_computes_the_rest(native_calls, make):
    gradient_of(make(), images(1, 1, 8, 12))
    assert not native_calls


def test_other_engines_are_an_error():
    with pytest.raises(ValueError, match="'auto' or 'torch'; got 'native'"):
        Scattering2d(2, (8, 12), engine="native")


def test_absence_of_the_kernel_falls_back(monkeypatch, native_calls):
    x = images(2, 1, 8, 12)
    S, gradient = gradient_of(Scattering2d(2, (8, 12)), x)
    monkeypatch.setattr(_native, "available", lambda: False)
    monkeypatch.setattr(_native, "describe", lambda: "it was switched off")
    native_calls.clear()

    expected, expected_gradient = gradient_of(Scattering2d(2, (8, 12)), x)

    assert not native_calls
    assert_near(S, expected, 1e-6)
    assert_near(gradient, expected_gradient)


@pytest.mark.parametrize("name", ["psi_hat", "rows_0"])
def test_changed_filters_are_followed(name):
    layer, x = Scattering2d(2, (8, 12)), images(2, 1, 8, 12)
    before = layer(x)
    buffer = getattr(layer, name)

    buffer.mul_(2)
    doubled = layer(x)
    buffer.mul_(0.5)

    torch_layer = Scattering2d(2, (8, 12), engine="torch")
    getattr(torch_layer, name).mul_(2)
    torch.testing.assert_close(doubled, torch_layer(x))
    assert (doubled - before).abs().max() > 0.1
    torch.testing.assert_close(layer(x), before, rtol=0, atol=0)


def test_filters_that_are_trained_get_gradients():
    layer = Scattering2d(2, (8, 12))
    layer.psi_hat.requires_grad_()

    layer(images(1, 1, 8, 12)).square().sum().backward()

    assert layer.psi_hat.grad.abs().sum() > 0


def penalty_gradient(layer, x):
    """Return the gradient of the norm of a gradient."""
    x = x.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(layer(x).square().sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(gradient.square().sum(), x)
    return second


def test_gradients_have_gradients():
    x = images(1, 2, 8, 12)

    second = penalty_gradient(Scattering2d(2, (8, 12)), x)

    expected = penalty_gradient(Scattering2d(2, (8, 12), engine="torch"), x)
    assert_near(second, expected, 1e-4)


def test_gradients_in_the_weights_of_coefficients_pass_twice():
    layer, x = Scattering2d(1, (4, 4)), images(1, 1, 4, 4).requires_grad_()
    weights = images(1, 9, 2, 2).requires_grad_()

    (gradient,) = torch.autograd.grad((weights * layer(x)).sum(), x, create_graph=True)
    (of_weights,) = torch.autograd.grad(gradient.sum(), weights)

    # The gradient is linear in the weights.
    torch.testing.assert_close((weights * of_weights).sum(), gradient.sum())


def test_batched_gradients_equal_single_ones():
    layer, x = Scattering2d(1, (4, 4), L=2), images(1, 1, 4, 4).requires_grad_()
    S = layer(x)
    directions = images(3, *S.shape)

    (batched,) = torch.autograd.grad(
        S, x, directions, is_grads_batched=True, retain_graph=True
    )

    single = [torch.autograd.grad(S, x, v, retain_graph=True)[0] for v in directions]
    torch.testing.assert_close(batched, torch.stack(single))


@ignore_torch_jit
def test_forward_differentiation_agrees_with_backward():
    layer, x = Scattering2d(1, (4, 4), L=2), images(1, 1, 4, 4)
    direction = images(1, 1, 4, 4) + 1
    with forward_ad.dual_level():
        S = forward_ad.unpack_dual(layer(forward_ad.make_dual(x, direction)))

    y = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(layer(y).sum(), y)

    torch.testing.assert_close(S.tangent.sum(), (gradient * direction).sum())


def test_traces_hold_the_operations():
    layer, x = Scattering2d(1, (4, 4), L=2), images(1, 1, 4, 4)

    traced = make_fx(layer)(x)

    torch.testing.assert_close(traced(x + 1), layer(x + 1))


@pytest.mark.parametrize(
    "view",
    [
        lambda x: x.to(memory_format=torch.channels_last),
        lambda x: x.mT.contiguous().mT,
        lambda x: torch.complex(x, -x).conj().imag,  # a view with a sign to apply
        lambda x: x[:1].expand(4, -1, -1, -1),
        lambda x: x.double(),
    ],
)
def test_views_compute_the_same(view):
    x = images(2, 3, 8, 12)

    S, gradient = gradient_of(lambda x: Scattering2d(2, (8, 12))(view(x)), x)

    torch_layer = Scattering2d(2, (8, 12), engine="torch")
    expected = gradient_of(lambda x: torch_layer(view(x)), x)
    assert_near(S, expected[0], 1e-6)
    assert_near(gradient, expected[1])


def test_no_images_have_no_coefficients():
    assert Scattering2d(2, (8, 12))(torch.empty(0, 3, 8, 12)).shape == (0, 243, 2, 3)


def test_a_change_of_the_image_before_its_gradient_is_an_error():
    layer, x = Scattering2d(1, (4, 4)), images(1, 1, 4, 4).requires_grad_()
    S = layer(x).sum()
    with torch.no_grad():
        x.add_(1)
    if not _native.available():
        return S.backward()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        S.backward()


def test_threads_are_those_of_torch(monkeypatch, native_calls):
    seen = []
    for name in ("apply", "apply_backward"):

        def watched(self, *arrays, n_threads):
            arrays[-1][:] = 0
            seen.append(n_threads)

        monkeypatch.setattr(_native.NativePlan, name, watched)
    gradient_of(Scattering2d(1, (4, 4)), images(1, 1, 4, 4))
    assert set(seen) <= {torch.get_num_threads()}


def test_float32_images_agree_with_float64():
    x = images(2, 1, 16, 16)

    S, gradient = gradient_of(Scattering2d(2, (16, 16)), x)

    expected = gradient_of(Scattering2d(2, (16, 16)).double(), x.double())
    assert_near(S.double(), expected[0], 1e-6)
    assert_near(gradient.double(), expected[1])
    assert gradient.dtype == torch.float32
    assert np.isfinite(gradient.numpy()).all()
