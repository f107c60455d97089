"""The native kernel computes what the torch path defines, in every circumstance."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
import weakref
from collections import OrderedDict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_scat.cascade import Grid, scattering, wavelet_operators
from sklearn_scat.engines import _native
from sklearn_scat.filters import _cache, cached_bank, morlet_bank

needs_kernel = pytest.mark.skipif(
    not _native.available(), reason=f"no kernel to test: {_native.describe()}"
)


def native_plan(shape, J, *, L=8, max_order=2, frame="none", padding="reflect", **kw):
    grid = Grid(shape, J, padding=padding)
    bank = morlet_bank(J, grid.padded, L=L, frame=frame)
    plan = _native.plan(bank, grid, max_order=max_order, **kw)
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
@pytest.mark.parametrize("mean", [False, True])
@pytest.mark.parametrize("instructions", _native.instruction_sets())
@pytest.mark.parametrize(
    ("shape", "J", "L", "max_order"),
    [
        ((128, 128), 4, 8, 2),
        ((300, 70), 2, 12, 2),
        ((96, 130), 3, 7, 2),
        ((64, 128), 3, 16, 2),
        ((400, 330), 1, 3, 2),
        ((350, 320), 3, 5, 1),
        ((160, 160), 0, 4, 2),
        ((128, 128), 2, 4, 0),
    ],
)
def test_threads_share_an_image_without_a_change_of_bits(
    rng, shape, J, L, max_order, instructions, mean
):
    variant = {"L": L, "max_order": max_order, "instructions": instructions}
    plan, (paths, *sides) = native_plan(shape, J, mean=mean, **variant)
    maps = (paths, 1, 1) if mean else (paths, *sides)
    x = rng.random((3, *shape), dtype=np.float32)
    alone = apply(plan, maps, x, n_threads=1)
    for n, n_threads in [(1, 2), (1, 7), (2, 3), (2, 40), (3, 2)]:
        shared = apply(plan, maps, x[:n], n_threads=n_threads)
        assert shared.tobytes() == alone[:n].tobytes()


@needs_kernel
@pytest.mark.parametrize("J", [3, 4])  # one tuple of orientations at j1 = 0, and four
def test_another_thread_takes_its_part_of_one_image(rng, J):
    """On a busy machine it may come too late, but not always."""
    plan, maps = native_plan((128, 128), J)
    x = rng.random((1, 128, 128), dtype=np.float32)
    for _ in range(500):
        start, own = time.process_time(), time.thread_time()
        apply(plan, maps, x, n_threads=2)
        of_all, of_this = time.process_time() - start, time.thread_time() - own
        if of_this < 0.7 * of_all:
            return
    pytest.fail("the calling thread did nearly all of the work, 500 times")


@needs_kernel
def test_helpers_that_come_late_touch_nothing(rng):
    """The plan and the images are gone by then."""
    bank, grid = morlet_bank(1, (20, 20), L=2), Grid((16, 16), 1)
    for _ in range(200):
        plan = _native.plan(bank, grid, max_order=2)
        x = rng.random((9, 16, 16), dtype=np.float32)
        S = apply(plan, (3, *grid.output), x, n_threads=9)
        del plan, x
        assert np.isfinite(S).all()


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


def arguments(bank, grid):
    """Return arguments that fit, to change one of."""
    return _native.plan_arguments(
        bank,
        grid,
        max_order=2,
        rotation=None,
        mean=False,
        instructions=_native.instruction_sets()[0],
    )


@needs_kernel
def test_plan_refuses_what_does_not_fit():
    grid = Grid((8, 8), 1)
    bank = morlet_bank(1, grid.padded)
    fitting = arguments(bank, grid)
    ((low, _),) = fitting["low_passes"]
    uneven = np.arange(12.0)

    def build(**changes):
        _native.build(**fitting | changes)

    with pytest.raises(ValueError, match="max_order is 3"):
        build(max_order=3)
    with pytest.raises(ValueError, match="entries for a padded side"):
        build(rows=fitting["rows"][:-1])
    with pytest.raises(ValueError, match="must be -1 or an index"):
        build(rows=np.where(fitting["rows"] == 0, np.intc(-2), fitting["rows"]))
    with pytest.raises(ValueError, match="low_passes has 0 pairs"):
        build(low_passes=[])
    with pytest.raises(
        ValueError, match="has 11 samples; a padded side of 12 needs 12"
    ):
        build(low_passes=[(low, low[1:])])
    with pytest.raises(ValueError, match="not even"):
        build(low_passes=[(low, uneven)])
    with pytest.raises(ValueError, match="low_passes hold NaN"):
        build(low_passes=[(np.full_like(low, np.nan), low)])
    with pytest.raises(ValueError, match="NaN"):
        build(psi_hat=np.full_like(bank.psi_hat, np.nan))
    with pytest.raises(ValueError, match="multiples of 2"):
        build(psi_hat=np.ascontiguousarray(bank.psi_hat[:, :, 1:]))
    with pytest.raises(ValueError, match="'sse9'"):
        build(instructions="sse9")


@needs_kernel
@pytest.mark.parametrize("outputs", [(0, 4), (5, 4), (7, 4), (4, 3), (4, -2)])
def test_plan_refuses_outputs_that_cannot_be_cut_alike_at_both_ends(outputs):
    grid = Grid((8, 8), 1)  # padded to 12 pixels: 6 averages
    fitting = arguments(morlet_bank(1, grid.padded), grid)

    with pytest.raises(ValueError, match="do not fit: a padded side of 12 has 6 sampl"):
        _native.build(**fitting | {"outputs": outputs})


@needs_kernel
def test_plan_refuses_a_prime_whose_transform_is_too_large():
    prime = 4099
    grid = Grid((2, 2 * prime - 4), 1, padding="zero")
    assert grid.padded[1] == 2 * prime
    bank = morlet_bank(1, grid.padded, L=1)

    with pytest.raises(
        ValueError, match="prime factor of 4099; the kernel takes up to"
    ):
        _native.plan(bank, grid, max_order=1)
    _native.plan(bank, grid, max_order=0)


@needs_kernel
def test_plans_of_read_only_filters_are_kept_while_these_live():
    grid = Grid((12, 8), 1)
    bank = morlet_bank(1, grid.padded)

    def build(bank, max_order=2):
        return _native.plan(bank, grid, max_order=max_order)

    assert build(bank) is not build(bank)
    shared = replace(bank, psi_hat=bank.psi_hat.copy())
    shared.psi_hat.flags.writeable = False
    assert build(shared) is build(shared)
    assert build(shared) is not build(shared, max_order=1)
    plan = weakref.ref(build(shared))
    del shared
    assert plan() is None


@needs_kernel
def test_plans_are_counted_and_dropped_with_the_shared_banks(monkeypatch):
    monkeypatch.setattr(_cache, "_banks", OrderedDict())
    monkeypatch.setattr(_cache, "MAX_BYTES", 2**21)
    plans = []

    for side in range(16, 60, 2):
        grid = Grid((side, side), 1)
        bank = cached_bank(1, grid.padded)
        plans.append(weakref.ref(_native.plan(bank, grid, max_order=2)))
        del bank
        alive = [plan() for plan in plans if plan() is not None]
        held = [kept.bank.nbytes for kept in _cache._banks.values()]
        assert sum(held) + sum(plan.nbytes for plan in alive) <= _cache.MAX_BYTES
        assert len(alive) == len(held)
        del alive

    assert 2 <= len(held) < len(plans)


_GROWTH_OF_TEN_PLANS = """
import os
import numpy as np
from sklearn_scat.cascade import Grid
from sklearn_scat.engines import _native
from sklearn_scat.filters import morlet_bank

def resident_bytes():
    with open("/proc/self/statm") as pages:
        return int(pages.read().split()[1]) * os.sysconf("SC_PAGESIZE")

def used_plan():
    plan = _native.plan(bank, grid, max_order=2)
    plan.apply(x, maps, n_threads=1)
    return plan

grid = Grid((160, 120), 2)
bank = morlet_bank(2, grid.padded)
x, maps = np.ones((1, 160, 120), np.float32), np.ones((1, 81, *grid.output), np.float32)
used_plan()
before = resident_bytes()
plans = [used_plan() for _ in range(10)]
print(resident_bytes() - before, sum(plan.nbytes for plan in plans))
"""


@needs_kernel
@pytest.mark.skipif(
    not os.path.exists("/proc/self/statm"), reason="resident memory is read from /proc"
)
def test_nbytes_is_the_memory_of_a_plan_and_its_workspace():
    """In a process of its own, where no memory is left over from before."""
    run = [sys.executable, "-c", _GROWTH_OF_TEN_PLANS]
    printed = subprocess.run(run, capture_output=True, text=True, check=True).stdout

    grown, told = map(int, printed.split())

    assert told == pytest.approx(grown, rel=0.2)


@needs_kernel
@pytest.mark.parametrize("shape", [(2, 6000), (6000, 2)])
def test_long_sides_equal_the_definition_in_memory_of_their_length(rng, shape):
    """One matrix of averages would be 3000 x 6004: 137 MiB."""
    grid = Grid(shape, 1)
    bank = morlet_bank(1, grid.padded, L=2)
    x = rng.random((1, *shape), dtype=np.float32)
    tracemalloc.start()
    plan = _native.plan(bank, grid, max_order=1)
    expected = scattering(x, wavelet_operators(bank, grid, max_order=1))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    S = apply(plan, (3, *grid.output), x)

    assert np.abs(S - expected).max() <= 1e-6 * np.abs(expected).max()
    assert peak < 40 * 2**20
    assert plan.nbytes < 40 * 2**20


@needs_kernel
def test_a_long_image_takes_at_most_twice_the_memory_of_a_square_one():
    def in_all(shape):
        grid = Grid(shape, 1)
        bank = morlet_bank(1, grid.padded, L=1)
        return bank.nbytes + _native.plan(bank, grid, max_order=1).nbytes

    assert in_all((64, 5000)) <= 2 * in_all((566, 566))


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
    x = rng.random((4, 32, 32), dtype=np.float32)
    out = np.empty((4, 81, 8, 8), np.float32)

    def use(times):
        for _ in range(times):
            _native.plan(bank, grid, max_order=2).apply(x, out, n_threads=2)

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
