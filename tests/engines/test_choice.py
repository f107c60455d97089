import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_scat.cascade import Grid
from sklearn_scat.engines import _native, choose_engine

SINGLE = {"max_order": 2, "dtype": np.dtype(np.float32), "device": "cpu"}


@pytest.mark.parametrize(
    ("change", "oversampling", "reason"),
    [
        ({"device": "cuda"}, 0, "not on cuda"),
        ({"dtype": np.dtype(np.float64)}, 0, "float32, and the input is float64"),
        ({"max_order": 3}, 0, "max_order=3"),
        ({}, 1, "oversampling=1"),
    ],
)
def test_choose_engine_names_what_the_kernel_cannot_do(change, oversampling, reason):
    grid = Grid((16, 16), 2, oversampling=oversampling)

    definition = "torch" if "device" in change else "definition"
    assert choose_engine("auto", grid, **SINGLE | change) == definition
    assert choose_engine("definition", grid, **SINGLE | change) == definition
    with pytest.raises(ValueError, match=rf"engine='native' does not apply.*{reason}"):
        choose_engine("native", grid, **SINGLE | change)


def test_choose_engine_follows_the_kernel_where_it_applies(monkeypatch):
    grid = Grid((16, 16), 2)

    kernel = SimpleNamespace(largest_side=64, largest_prime=16)
    monkeypatch.setattr(_native, "_load", lambda: (kernel, "avx2"))
    assert choose_engine("auto", grid, **SINGLE) == "native"
    assert choose_engine("native", grid, **SINGLE) == "native"
    assert choose_engine("torch", grid, **SINGLE) == "torch"

    monkeypatch.setattr(_native, "_load", lambda: (None, "it was switched off"))
    assert choose_engine("auto", grid, **SINGLE) == "definition"
    with pytest.raises(ValueError, match="it was switched off"):
        choose_engine("native", grid, **SINGLE)


@pytest.mark.parametrize(
    ("shape", "J", "reason"),
    [
        ((1, 65), 0, "sides have up to 64 pixels, and images are padded to 3x67"),
        ((12, 30), 1, "prime factors up to 16, .* padded to 16x34: 17 divides a side"),
    ],
)
def test_choose_engine_names_the_sides_that_the_kernel_cannot_take(
    monkeypatch, shape, J, reason
):
    kernel = SimpleNamespace(largest_side=64, largest_prime=16)
    monkeypatch.setattr(_native, "_load", lambda: (kernel, "avx2"))

    assert choose_engine("auto", Grid(shape, J), **SINGLE) == "definition"
    with pytest.raises(ValueError, match=reason):
        choose_engine("native", Grid(shape, J), **SINGLE)


@pytest.mark.parametrize(
    ("side", "J", "max_order", "engine"),
    [(10, 1, 1, "definition"), (10, 1, 0, "native"), (12, 0, 2, "native")],
)
def test_choose_engine_asks_for_prime_factors_where_there_are_transforms(
    monkeypatch, side, J, max_order, engine
):
    kernel = SimpleNamespace(largest_side=64, largest_prime=5)
    monkeypatch.setattr(_native, "_load", lambda: (kernel, "avx2"))
    grid = Grid((side, side), J)
    assert grid.padded == (14, 14)

    assert choose_engine("auto", grid, **SINGLE | {"max_order": max_order}) == engine


def test_choose_engine_names_the_matrix_that_triton_would_need():
    grid = Grid((64, 64_000), 1)  # 32000 averages of 64004 pixels

    with pytest.raises(ValueError, match=r"64x64000 takes 7812 MiB"):
        choose_engine("triton", grid, **SINGLE | {"device": "cuda"})


@given(st.lists(st.sampled_from([2, 3, 5, 7, 1009, 4099]), max_size=4))
def test_largest_prime_factor_is_that_of_the_product(primes):
    n = math.prod(primes)

    assert _native.largest_prime_factor(n) == max(primes, default=1)
