"""The native kernel computes what the torch path defines, in every circumstance."""

import multiprocessing
import os
import signal
import threading
import time
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_scat.cascade import Grid
from sklearn_scat.engines import _native
from sklearn_scat.filters import morlet_bank

needs_kernel = pytest.mark.skipif(
    not _native.available(), reason=f"no kernel to test: {_native.describe()}"
)


def native_plan(shape, J, *, L=8, max_order=2, frame="none", padding="reflect", **kw):
    grid = Grid(shape, J, padding=padding)
    bank = morlet_bank(J, grid.padded, L=L, frame=frame)
    averages = grid.averages(bank)
    plan = _native.plan(
        bank.psi_hat, averages, grid.gathers(), max_order=max_order, **kw
    )
    n_paths = 1 + (L * J if max_order else 0)
    n_paths += L * L * J * (J - 1) // 2 if max_order == 2 else 0
    return plan, (n_paths, *grid.output)


def apply(plan, shape, x, *, n_threads=1):
    out = np.full((len(x), *shape), np.nan, np.float32)
    plan.apply(x, out, n_threads=n_threads)
    return out


@st.composite
def settings_of_a_transform(draw):
    shape = draw(st.tuples(*[st.integers(1, 130)] * 2))
    J = draw(st.integers(0, min(min(shape).bit_length() - 1, 4)))
    L = draw(st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8, 12, 16]))
    max_order = draw(st.integers(0, 2))
    padding = draw(st.sampled_from(["reflect", "zero", "periodic"]))
    if padding == "periodic":
        shape = tuple(max(n >> J, 1) << J for n in shape)
    frames = ["none", "contractive"] + ["tight"] * (L > 1 and J > 0)
    frame = draw(st.sampled_from(frames))
    return shape, J, dict(L=L, max_order=max_order, padding=padding, frame=frame)


@needs_kernel
@settings(max_examples=120, deadline=None, derandomize=True)
@given(drawn=settings_of_a_transform(), n=st.integers(1, 3), seed=st.integers(0, 99))
def test_native_equals_torch(transform, drawn, n, seed):
    shape, J, variant = drawn
    x = np.random.default_rng(seed).standard_normal((n, *shape)).astype(np.float32)
    expected = transform(x, J, **variant)
    for instructions in _native.instruction_sets():
        plan, maps = native_plan(shape, J, **variant, instructions=instructions)
        assert maps == expected.shape[1:]
        S = apply(plan, maps, x)
        assert np.abs(S - expected).max() <= 1e-6 * np.abs(expected).max()


@needs_kernel
@pytest.mark.parametrize("side", [127, 67, 43, 31])
def test_native_takes_large_prime_factors(transform, rng, side):
    shape = (2 * side - 4, 24)
    x = rng.standard_normal((1, *shape)).astype(np.float32)
    expected = transform(x, 1)
    plan, maps = native_plan(shape, 1)
    S = apply(plan, maps, x)
    assert np.abs(S - expected).max() <= 1e-6 * np.abs(expected).max()


@needs_kernel
@pytest.mark.parametrize("shape, J", [((28, 28), 2), ((67, 90), 3), ((130, 121), 1)])
def test_bits_do_not_depend_on_batch_or_threads(rng, shape, J):
    plan, maps = native_plan(shape, J)
    x = rng.random((7, *shape), dtype=np.float32)
    one_by_one = np.concatenate([apply(plan, maps, image[None]) for image in x])
    for n_threads in (1, 2, 5):
        together = apply(plan, maps, x, n_threads=n_threads)
        assert together.tobytes() == one_by_one.tobytes()


@needs_kernel
def test_nan_stays_in_its_image(rng):
    plan, maps = native_plan((32, 20), 2)
    x = rng.random((3, 32, 20), dtype=np.float32)
    clean = apply(plan, maps, x)
    x[1, 5, 5] = np.nan
    S = apply(plan, maps, x)
    assert np.isnan(S[1]).any()
    np.testing.assert_array_equal(S[[0, 2]], clean[[0, 2]])


@needs_kernel
def test_no_images_is_no_work():
    plan, maps = native_plan((8, 8), 1)
    assert apply(plan, maps, np.empty((0, 8, 8), np.float32)).shape == (0, *maps)


@needs_kernel
@pytest.mark.parametrize(
    "x, out, n_threads, match",
    [
        (
            np.zeros((1, 8, 9), np.float32),
            np.zeros((1, 9, 4, 4), np.float32),
            1,
            "8, 8",
        ),
        (np.zeros((1, 8, 8), np.float32), np.zeros((2, 9, 4, 4), np.float32), 1, "out"),
        (np.zeros((1, 8, 8), np.float64), np.zeros((1, 9, 4, 4), np.float32), 1, "'f'"),
        (np.zeros((8, 8), np.float32), np.zeros((1, 9, 4, 4), np.float32), 1, "3 axes"),
        (
            np.zeros((1, 8, 8), np.float32),
            np.zeros((1, 9, 4, 4), np.float32),
            0,
            "is 0",
        ),
    ],
)
def test_apply_refuses_other_arrays(x, out, n_threads, match):
    plan, _ = native_plan((8, 8), 1)
    with pytest.raises(ValueError, match=match):
        plan.apply(x, out, n_threads=n_threads)


@needs_kernel
def test_apply_refuses_strides_and_read_only(rng):
    plan, maps = native_plan((8, 8), 1)
    x, out = rng.random((2, 8, 8), dtype=np.float32), np.zeros((1, *maps), np.float32)
    with pytest.raises((ValueError, BufferError), match="contiguous"):
        plan.apply(x[::2, ::-1], out, n_threads=1)
    out.flags.writeable = False
    with pytest.raises((ValueError, BufferError), match=r"writ|read-only"):
        plan.apply(x[:1], out, n_threads=1)


@needs_kernel
def test_plan_refuses_what_does_not_fit():
    grid = Grid((8, 8), 1)
    bank = morlet_bank(1, grid.padded)
    averages, (rows, columns) = grid.averages(bank), grid.gathers()
    psi_hat = bank.psi_hat

    def build(psi_hat=psi_hat, averages=averages, rows=rows, max_order=2, **options):
        _native.plan(psi_hat, averages, (rows, columns), max_order=max_order, **options)

    with pytest.raises(ValueError, match="max_order is 3"):
        build(max_order=3)
    with pytest.raises(ValueError, match="entries for a padded side"):
        build(rows=rows[:-1])
    with pytest.raises(ValueError, match="must be -1 or an index"):
        build(rows=np.concatenate([[-2], rows[1:]]))
    with pytest.raises(ValueError, match="averages has 0 pairs"):
        build(averages=[])
    with pytest.raises(ValueError, match="columns"):
        build(averages=[(averages[0][0][:, 1:], averages[0][1])])
    with pytest.raises(ValueError, match="not symmetric"):
        build(averages=[(np.arange(48.0).reshape(4, 12), averages[0][1])])
    with pytest.raises(ValueError, match="NaN"):
        build(psi_hat=np.full_like(psi_hat, np.nan))
    with pytest.raises(ValueError, match="multiples of 2"):
        build(psi_hat=psi_hat[:, :, 1:])
    with pytest.raises(ValueError, match="'sse9'"):
        build(instructions="sse9")


@needs_kernel
def test_plans_of_read_only_filters_are_kept_while_these_live():
    grid = Grid((12, 8), 1)
    bank = morlet_bank(1, grid.padded)
    inputs = grid.averages(bank), grid.gathers()

    def build(psi_hat, max_order=2):
        return _native.plan(psi_hat, *inputs, max_order=max_order)

    assert build(bank.psi_hat) is not build(bank.psi_hat)
    shared = bank.psi_hat.copy()
    shared.flags.writeable = False
    assert build(shared) is build(shared)
    assert build(shared) is not build(shared, max_order=1)
    plan = weakref.ref(build(shared))
    del shared
    assert plan() is None


@needs_kernel
def test_threads_share_a_plan(rng):
    plan, maps = native_plan((40, 28), 2)
    x = rng.random((4, 6, 40, 28), dtype=np.float32)
    expected = [apply(plan, maps, images) for images in x]
    found = [None] * len(x)

    def work(i):
        found[i] = apply(plan, maps, x[i], n_threads=2)

    workers = [threading.Thread(target=work, args=(i,)) for i in range(len(x))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    np.testing.assert_array_equal(found, expected)


def _transform_in_child(plan, maps, x, expected, queue):
    queue.put(bool((apply(plan, maps, x, n_threads=2) == expected).all()))


@needs_kernel
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_fork_after_use(rng):
    plan, maps = native_plan((28, 28), 2)
    x = rng.random((4, 28, 28), dtype=np.float32)
    expected = apply(plan, maps, x, n_threads=2)
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    child = context.Process(
        target=_transform_in_child, args=(plan, maps, x, expected, queue)
    )
    child.start()
    child.join(30)
    assert child.exitcode == 0
    assert queue.get()


def _resident_bytes():
    with open("/proc/self/statm") as pages:
        return int(pages.read().split()[1]) * os.sysconf("SC_PAGESIZE")


@needs_kernel
@pytest.mark.skipif(
    not os.path.exists("/proc/self/statm"), reason="resident memory is read from /proc"
)
def test_repeated_use_keeps_memory_flat(rng):
    grid = Grid((32, 32), 2)
    bank = morlet_bank(2, grid.padded)
    inputs = bank.psi_hat, grid.averages(bank), grid.gathers()
    x = rng.random((4, 32, 32), dtype=np.float32)
    out = np.empty((4, 81, 8, 8), np.float32)

    def use(times):
        for _ in range(times):
            _native.plan(*inputs, max_order=2).apply(x, out, n_threads=2)

    use(50)
    before = _resident_bytes()
    use(1000)
    assert _resident_bytes() - before < 4 * 2**20


@needs_kernel
def test_interrupt_stops_the_work(rng):
    plan, maps = native_plan((64, 64), 3)
    image = rng.random((1, 64, 64), dtype=np.float32)
    x = np.broadcast_to(image, (3000, 64, 64)).copy()
    out = np.zeros((len(x), *maps), np.float32)
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        while True:
            plan.apply(x, out, n_threads=2)
    timer.join()
    seen = out[:, 0].any((1, 2)).sum()
    time.sleep(0.05)
    assert out[:, 0].any((1, 2)).sum() == seen, "a thread outlived the interrupt"
    np.testing.assert_array_equal(apply(plan, maps, image), apply(plan, maps, x[:1]))
