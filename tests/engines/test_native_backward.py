"""The native gradient is that of the definition, in every circumstance."""

import os
import signal
import threading

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_scat.cascade import Grid, scattering, wavelet_operators
from sklearn_scat.engines import _native
from sklearn_scat.filters import morlet_bank

DOUBLE = torch.empty(0, dtype=torch.float64)

pytestmark = pytest.mark.skipif(
    not _native.available(), reason=f"no kernel to test: {_native.describe()}"
)


def network(shape, J, *, L=8, max_order=2, frame="none", padding="reflect"):
    """Return the grid, the bank and the function that makes the kernel's plan."""
    grid = Grid(shape, J, padding=padding)
    bank = morlet_bank(J, grid.padded, L=L, frame=frame)

    def plan(**options):
        return _native.plan(bank, grid, max_order=max_order, **options)

    return grid, bank, plan


def maps(grid, L=8, max_order=2):
    J = grid.J
    paths = [1, L * J, L * L * J * (J - 1) // 2]
    return sum(paths[: max_order + 1]), *grid.output


def backward(plan, x, gradient, *, n_threads=1):
    out = np.full_like(x, np.nan)
    plan.apply_backward(x, gradient, out, n_threads=n_threads)
    return out


def defined_gradient(grid, bank, max_order, x, gradient):
    """Return the gradient that torch finds, in float64."""
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    S = scattering(
        x,
        wavelet_operators(bank, grid, max_order=max_order, like=DOUBLE),
    )
    (of_x,) = torch.autograd.grad(S, x, torch.tensor(gradient, dtype=torch.float64))
    return of_x.numpy()


@st.composite
def settings_of_a_transform(draw):
    shape = draw(st.tuples(*[st.integers(1, 100)] * 2))
    J = draw(st.integers(0, min(min(shape).bit_length() - 1, 4)))
    L = draw(st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8, 12, 16]))
    max_order = draw(st.integers(0, 2))
    padding = draw(st.sampled_from(["reflect", "zero", "periodic"]))
    if padding == "periodic":
        shape = tuple(max(n >> J, 1) << J for n in shape)
    frames = ["none", "contractive"] + ["tight"] * (L > 1 and J > 0)
    frame = draw(st.sampled_from(frames))
    return shape, J, dict(L=L, max_order=max_order, padding=padding, frame=frame)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(drawn=settings_of_a_transform(), seed=st.integers(0, 99))
def test_native_gradient_equals_torch(drawn, seed):
    shape, J, variant = drawn
    grid, bank, plan = network(shape, J, **variant)
    L, max_order = variant["L"], variant["max_order"]
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((2, *shape)).astype(np.float32)
    gradient = rng.standard_normal((2, *maps(grid, L, max_order))).astype(np.float32)
    expected = defined_gradient(grid, bank, max_order, x, gradient)
    for instructions in _native.instruction_sets():
        of_x = backward(plan(instructions=instructions), x, gradient)
        # A phase is sharp to eps / |V|, and some |V| are small: the norm bounds them.
        error = np.linalg.norm(of_x - expected)
        assert error <= 1e-5 * np.linalg.norm(expected)


@pytest.mark.parametrize("side", [67, 31])
def test_native_gradient_takes_large_prime_factors(rng, side):
    shape = (2 * side - 4, 24)
    grid, bank, plan = network(shape, 1)
    x = rng.standard_normal((1, *shape)).astype(np.float32)
    gradient = rng.standard_normal((1, *maps(grid))).astype(np.float32)
    expected = defined_gradient(grid, bank, 2, x, gradient)
    of_x = backward(plan(), x, gradient)
    assert np.linalg.norm(of_x - expected) <= 1e-5 * np.linalg.norm(expected)


@pytest.mark.parametrize("max_order", [0, 1, 2])
@pytest.mark.parametrize("value", [0.0, 1.0, 255.0])
def test_native_gradient_of_constant_images_is_finite(value, max_order):
    grid, _, plan = network((24, 16), 3, max_order=max_order)
    x = np.full((1, 24, 16), value, np.float32)
    gradient = np.ones((1, *maps(grid, max_order=max_order)), np.float32)
    of_x = backward(plan(), x, gradient)
    assert np.isfinite(of_x).all()
    assert (of_x != 0).any()


def test_native_gradient_of_moduli_at_zero_is_zero():
    grid, _, plan = network((16, 16), 2)
    gradient = np.ones((1, *maps(grid)), np.float32)
    gradient[:, 0] = 0
    assert not backward(plan(), np.zeros((1, 16, 16), np.float32), gradient).any()


@pytest.mark.parametrize("shape, J", [((28, 28), 2), ((67, 90), 3), ((33, 40), 1)])
def test_gradient_bits_do_not_depend_on_batch_or_threads(rng, shape, J):
    grid, _, plan = network(shape, J)
    plan = plan()
    x = rng.random((5, *shape), dtype=np.float32)
    gradient = rng.random((5, *maps(grid)), dtype=np.float32)
    one_by_one = [backward(plan, x[i : i + 1], gradient[i : i + 1]) for i in range(5)]
    for n_threads in (1, 2, 5):
        together = backward(plan, x, gradient, n_threads=n_threads)
        assert together.tobytes() == np.concatenate(one_by_one).tobytes()


def test_gradient_leaves_the_transform_as_it_was(rng):
    grid, _, plan = network((32, 20), 2)
    plan = plan()
    x = rng.random((2, 32, 20), dtype=np.float32)
    gradient = rng.random((2, *maps(grid)), dtype=np.float32)
    S, again = np.empty_like(gradient), np.empty_like(gradient)
    plan.apply(x, S, n_threads=1)
    before = backward(plan, x, gradient)
    plan.apply(x, again, n_threads=1)
    np.testing.assert_array_equal(again, S)
    np.testing.assert_array_equal(backward(plan, x, gradient), before)


def test_nan_stays_in_the_gradient_of_its_image(rng):
    grid, _, plan = network((32, 20), 2)
    plan = plan()
    x = rng.random((3, 32, 20), dtype=np.float32)
    gradient = rng.random((3, *maps(grid)), dtype=np.float32)
    clean = backward(plan, x, gradient)
    x[1, 5, 5] = np.nan
    of_x = backward(plan, x, gradient)
    assert np.isnan(of_x[1]).any()
    np.testing.assert_array_equal(of_x[[0, 2]], clean[[0, 2]])


@pytest.mark.parametrize(
    "change, match",
    [
        ({"x": np.zeros((1, 8, 9), np.float32)}, "8, 8"),
        ({"x": np.zeros((1, 8, 8))}, "'f'"),
        ({"gradient": np.zeros((1, 9, 4, 5), np.float32)}, "9, 4, 4"),
        ({"gradient": np.zeros((2, 9, 4, 4), np.float32)}, "gradient 2"),
        ({"out": np.zeros((2, 8, 8), np.float32)}, "out 2"),
        ({"out": np.zeros((1, 8, 8))}, "'f'"),
        ({"n_threads": 0}, "is 0"),
    ],
)
def test_gradient_refuses_other_arrays(change, match):
    _, _, plan = network((8, 8), 1)
    arguments = {
        "x": np.zeros((1, 8, 8), np.float32),
        "gradient": np.zeros((1, 9, 4, 4), np.float32),
        "out": np.zeros((1, 8, 8), np.float32),
        "n_threads": 1,
    }
    with pytest.raises(ValueError, match=match):
        plan().apply_backward(**(arguments | change))


def test_no_images_have_no_gradient():
    grid, _, plan = network((8, 8), 1)
    none = np.empty((0, 8, 8), np.float32)
    assert backward(plan(), none, np.empty((0, *maps(grid)), np.float32)).size == 0


def test_interrupt_stops_the_gradient(rng):
    grid, _, plan = network((64, 64), 3)
    plan = plan()
    x = np.broadcast_to(rng.random((1, 64, 64), dtype=np.float32), (500, 64, 64)).copy()
    gradient = np.ones((len(x), *maps(grid)), np.float32)
    timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        while True:
            backward(plan, x, gradient, n_threads=2)
    timer.join()
    first, last = (backward(plan, images, gradient[:1]) for images in (x[:1], x[-1:]))
    np.testing.assert_array_equal(first, last)
