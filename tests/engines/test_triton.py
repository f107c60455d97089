"""The Triton engine computes what the torch path defines, in Triton's interpreter."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal

from sklearn_scat import ScatteringTransformer
from sklearn_scat.cascade import Grid
from sklearn_scat.engines import _triton, _triton_plan, choose_engine, triton_engine
from sklearn_scat.engines._triton_graph import Replay
from sklearn_scat.filters import cached_bank, morlet_bank

COMPILE = Path(__file__).parents[2] / "benchmarks" / "compile_kernels.py"
HAS_TRITON = "could not be imported" not in (_triton.obstacle("cuda") or "")
needs_triton = pytest.mark.skipif(
    not HAS_TRITON,
    reason="the optional dependency triton is not importable here",
)
PADDINGS = ["reflect", "zero", "periodic"]
SINGLE = {"max_order": 2, "dtype": np.dtype(np.float32), "device": "cpu"}


@pytest.fixture
def interpreter(monkeypatch):
    """Have Triton interpret its kernels, on the CPU."""
    monkeypatch.setenv("TRITON_INTERPRET", "1")


@pytest.fixture
def no_interpreter(monkeypatch):
    """Have Triton compile its kernels, whatever the environment says."""
    monkeypatch.setenv("TRITON_INTERPRET", "0")


def engine_of(shape, J, *, L=8, max_order=2, frame="none", **variant):
    grid = Grid(shape, J, **variant)
    bank = morlet_bank(J, grid.padded, L=L, frame=frame)
    return triton_engine(bank, grid, max_order=max_order, device="cpu")


def full_scale_error(S, expected):
    assert S.shape == expected.shape
    return np.abs(S - expected).max() / np.abs(expected).max()


@needs_triton
@pytest.mark.parametrize(
    ("shape", "J", "variant", "padding"),
    [
        *(((8, 8), 1, dict(L=3, max_order=1), padding) for padding in PADDINGS),
        *(((8, 12), 2, dict(L=4, frame="tight"), padding) for padding in PADDINGS),
        ((8, 8), 2, dict(L=8), "reflect"),
        ((16, 8), 3, dict(L=3), "zero"),
        ((16, 8), 3, dict(L=3), "reflect"),
        ((16, 12), 0, dict(L=4), "periodic"),
        ((12, 16), 2, dict(L=3, max_order=0), "reflect"),
        ((8, 8), 2, dict(L=4, oversampling=1), "periodic"),
        ((8, 8), 2, dict(L=4, oversampling=1), "zero"),
        ((8, 8), 1, dict(L=1, oversampling=2), "reflect"),
    ],
)
def test_triton_equals_torch(interpreter, transform, rng, shape, J, variant, padding):
    x = rng.standard_normal((1, *shape)).astype(np.float32)
    expected = transform(x, J, padding=padding, **variant)
    S = engine_of(shape, J, padding=padding, **variant)(torch.from_numpy(x))
    assert S.dtype == torch.float32
    assert full_scale_error(S.numpy(), expected) <= 1e-6


@needs_triton
@pytest.mark.parametrize("shape", [(9, 11), (13, 5), (4, 7), (1, 6)])
def test_triton_takes_sides_that_the_window_does_not_divide(
    interpreter, transform, rng, shape
):
    J = min(2, min(shape).bit_length() - 1)
    x = rng.standard_normal((1, *shape)).astype(np.float32)
    S = engine_of(shape, J, L=3)(torch.from_numpy(x)).numpy()
    assert full_scale_error(S, transform(x, J, L=3)) <= 1e-6


@needs_triton
def test_triton_averages_maps_of_several_blocks(interpreter, transform, rng):
    """Averages of more than 64 samples a side are computed in parts."""
    x = rng.standard_normal((1, 6, 132)).astype(np.float32)
    variant = dict(L=1, max_order=1)
    S = engine_of(x.shape[1:], 1, **variant)(torch.from_numpy(x)).numpy()
    assert S.shape[-1] == 66 > _triton._AVERAGE
    assert full_scale_error(S, transform(x, 1, **variant)) <= 1e-6


@needs_triton
@pytest.mark.parametrize("padding", ["reflect", "zero"])
@pytest.mark.parametrize("variant", [dict(J=2), dict(J=1, oversampling=1)])
def test_triton_means_are_those_of_maps(interpreter, transform, rng, padding, variant):
    """The weights of means replace the low-pass: no map is averaged."""
    x = rng.standard_normal((2, 9, 11)).astype(np.float32)
    grid = Grid(x.shape[1:], padding=padding, **variant)
    bank = morlet_bank(grid.J, grid.padded, L=3)
    engine = triton_engine(bank, grid, max_order=2, device="cpu", mean=True)
    means = engine(torch.from_numpy(x)).numpy()
    maps = transform(x, L=3, padding=padding, **variant)
    expected = maps.mean((-2, -1), keepdims=True)
    assert full_scale_error(means, expected) <= 1e-6


@needs_triton
def test_triton_gives_each_image_the_same_bits_in_any_tile(
    interpreter, transform, rng, monkeypatch
):
    x = rng.standard_normal((5, 8, 8)).astype(np.float32)
    engine = engine_of((8, 8), 1, L=4, max_order=1)
    together = engine(torch.from_numpy(x)).numpy()
    assert full_scale_error(together, transform(x, 1, L=4, max_order=1)) <= 1e-6

    sizes = []

    def write(plan, tile, *, out):
        sizes.append(len(tile))
        write_coefficients(plan, tile, out=out)

    write_coefficients = _triton.write_coefficients
    monkeypatch.setattr(_triton, "write_coefficients", write)
    image = 8 * 4 * 12 * 12 * 3  # bytes of its maps: complex, L, padded, layers
    monkeypatch.setattr(_triton_plan, "_TILE_BYTES", 2 * image)
    assert_array_equal(engine(torch.from_numpy(x)).numpy(), together)
    assert sizes == [2, 2, 1]


@needs_triton
@pytest.mark.parametrize(("L", "side"), [(3, 8), (5, 9)])
def test_triton_writes_only_its_own_coefficients(interpreter, rng, L, side):
    """Blocks are larger than these maps: what sticks out goes nowhere."""
    grid = Grid((side, side), 2)
    bank = morlet_bank(2, grid.padded, L=L)
    plan = _triton_plan.TritonPlan.from_bank(grid, bank, max_order=2, device="cpu")
    x = torch.from_numpy(rng.standard_normal((1, side, side)).astype(np.float32))
    around = torch.full((3, plan.n_paths, *grid.output), torch.nan)
    _triton.write_coefficients(plan, x, out=around[1:2])
    assert torch.isfinite(around[1]).all()
    assert torch.isnan(around[[0, 2]]).all()


@needs_triton
def test_triton_keeps_leading_axes(interpreter, rng):
    x = torch.from_numpy(rng.standard_normal((2, 3, 8, 8)).astype(np.float32))
    engine = engine_of((8, 8), 1, L=3, max_order=1)
    S = engine(x)
    assert S.shape == (2, 3, 4, 4, 4)
    assert torch.equal(S[1, 2], engine(x[1, 2]))
    assert torch.equal(engine(x.mT)[1, 2], engine(x[1, 2].T.contiguous()))
    assert engine(x[:0]).shape == (0, 3, 4, 4, 4)


@needs_triton
def test_triton_follows_no_setting_of_torch(interpreter, rng):
    x = torch.from_numpy(rng.standard_normal((1, 8, 8)).astype(np.float32))
    expected = engine_of((8, 8), 1, L=3)(x)
    torch.set_default_dtype(torch.float64)
    try:
        S = engine_of((8, 8), 1, L=3)(x)
    finally:
        torch.set_default_dtype(torch.float32)
    assert torch.equal(S, expected)


@needs_triton
def test_triton_refuses_images_that_it_would_read_wrongly(interpreter):
    engine = engine_of((8, 8), 1, L=3)
    for x in [torch.ones(8, 9), torch.ones(8), torch.ones(8, 8).double()]:
        with pytest.raises(ValueError, match=r"float32 images \(…, 8, 8\); got"):
            engine(x)
    with pytest.raises(ValueError, match="for images on cpu; got meta"):
        engine(torch.ones(8, 8, device="meta"))
    with pytest.raises(RuntimeError, match="no gradients: detach"):
        engine(torch.ones(8, 8, requires_grad=True))
    with pytest.raises(ValueError, match="orders 0 to 2; got max_order=3"):
        engine_of((8, 8), 1, max_order=3)


@needs_triton
def test_triton_is_an_engine_of_the_transformer(interpreter, rng):
    X = rng.normal(size=(2, 2, 8, 8)).astype(np.float32) * 1e20  # whose square is inf
    parameters = dict(J=2, L=3, device="cpu", pooling="mean")
    expected = ScatteringTransformer(engine="torch", **parameters).fit_transform(X)
    S = ScatteringTransformer(engine="triton", **parameters).fit_transform(X)
    assert full_scale_error(S, expected) <= 1e-6


@needs_triton
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"dtype": np.dtype(np.float64)}, "float32, and the input is float64"),
        ({"max_order": 3}, "up to order 2, and max_order=3"),
        ({}, "on CUDA devices, not on cpu, unless TRITON_INTERPRET=1"),
    ],
)
def test_choose_engine_names_what_triton_cannot_do(no_interpreter, change, reason):
    with pytest.raises(ValueError, match=f"engine='triton' does not apply: .*{reason}"):
        choose_engine("triton", Grid((8, 8), 1), **SINGLE | change)


@needs_triton
def test_choose_engine_takes_triton_only_where_it_is_asked_for(interpreter):
    grid = Grid((8, 8), 1)
    assert choose_engine("triton", grid, **SINGLE) == "triton"
    assert choose_engine("triton", grid, **SINGLE | {"device": "cuda:1"}) == "triton"
    assert choose_engine("auto", grid, **SINGLE) != "triton"
    assert choose_engine("auto", grid, **SINGLE | {"device": "cuda"}) == "torch"


def test_absent_triton_is_named(interpreter, monkeypatch):
    monkeypatch.setitem(sys.modules, "triton", None)  # its import fails
    message = "triton could not be imported .*'pip install triton' adds it"
    with pytest.raises(ValueError, match=message):
        choose_engine("triton", Grid((8, 8), 1), **SINGLE)
    with pytest.raises(RuntimeError, match=message):
        engine_of((8, 8), 1)
    assert choose_engine("auto", Grid((8, 8), 1), **SINGLE) in {"native", "definition"}


@needs_triton
@needs_triton
def test_kernels_compile_without_a_spill_for_a_device_that_is_not_here(tmp_path):
    """The compiler refuses what the interpreter lets pass.

    `benchmarks/compile_kernels.py` compiles all variants; these need most registers.
    """
    environment = os.environ | {"TRITON_CACHE_DIR": str(tmp_path)}
    environment.pop("TRITON_INTERPRET", None)
    script = [sys.executable, str(COMPILE), "--archs", "90", "--sides", "64"]
    process = subprocess.run(script, env=environment, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    lines = process.stdout.splitlines()[1:]
    assert len(lines) == 6
    for line in lines:
        *_, spilled, shared = line.split()
        assert (spilled, int(shared) <= 48 * 1024) == ("0", True)


def in_tf32(x):
    """Return float32 numbers with eleven bits of mantissa, rounded to nearest."""
    bits = np.asarray(x, np.float32).view(np.uint32)
    return ((bits + 0x0FFF + (bits >> 13 & 1)) & 0xFFFFE000).view(np.float32)


def tf32x3(a, b):
    """Return a @ b as three products of halves, as tensor cores compute it."""
    tops = in_tf32(a), in_tf32(b)
    rests = in_tf32(a - tops[0]), in_tf32(b - tops[1])
    return (rests[0] @ tops[1] + tops[0] @ rests[1]) + tops[0] @ tops[1]


def test_averages_by_three_halves_are_as_exact_as_rounding(rng):
    """Averages A U Bᵀ by the products that the kernels ask of tensor cores."""
    grid = Grid((96, 96), 3)
    plan = _triton_plan.TritonPlan.from_bank(
        grid, morlet_bank(3, grid.padded), max_order=1, device="cpu"
    )
    for rows, columns in plan.averages:
        A, B = rows.numpy(), columns.numpy()
        U = np.abs(rng.standard_normal((A.shape[1], B.shape[0]))).astype(np.float32)
        exact = A.astype(np.float64) @ U.astype(np.float64) @ B.astype(np.float64)
        assert full_scale_error(tf32x3(A, tf32x3(U, B)), exact) <= 1e-6
        # and one product alone is not
        assert full_scale_error(in_tf32(A) @ in_tf32(U) @ in_tf32(B), exact) > 2e-6


@needs_triton
def test_engine_is_built_once_for_a_shared_bank(interpreter, rng):
    grid = Grid((8, 8), 1)
    settings = {"max_order": 1, "device": "cpu"}
    shared = cached_bank(1, grid.padded, L=3)
    engine = triton_engine(shared, grid, **settings)
    assert triton_engine(shared, grid, **settings) is engine
    assert triton_engine(shared, grid, max_order=0, device="cpu") is not engine
    assert triton_engine(shared, grid, **settings, mean=True) is not engine
    own = morlet_bank(1, grid.padded, L=3)
    assert triton_engine(own, grid, **settings) is not engine


def double(x, S):
    """Stand for the launches of a tile."""
    S.copy_(2 * x)


def recorder(log):
    """Record by remembering the function."""

    def record(write, x, S):
        log.append(tuple(x.shape))
        return lambda x, S: S.copy_(3 * x)  # so that replays can be told apart

    return record


def test_replay_records_a_batch_when_it_comes_back():
    log, came = [], []
    replay = Replay(double, record=recorder(log))
    for size in [2, 1] * 4 + [2, 2, 1]:
        x = torch.ones(size)
        S = torch.empty(size)
        replay(x, S)
        came.append(S[0].item())
    assert log == [(2,), (1,)]
    assert came == [2] * 8 + [3, 3, 3]


def test_replay_goes_on_where_recording_fails():
    attempts = []

    def record(write, x, S):
        attempts.append(len(x))
        raise RuntimeError("operation not permitted when stream is capturing")

    replay = Replay(double, record=record)
    for _ in range(7):
        S = torch.empty(2)
        replay(torch.ones(2), S)
        assert S.tolist() == [2, 2]
    assert attempts == [2]
