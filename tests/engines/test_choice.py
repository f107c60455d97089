import numpy as np
import pytest

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

    assert choose_engine("auto", grid, **SINGLE | change) == "torch"
    with pytest.raises(ValueError, match=rf"engine='native' does not apply.*{reason}"):
        choose_engine("native", grid, **SINGLE | change)


def test_choose_engine_follows_the_kernel_where_it_applies(monkeypatch):
    grid = Grid((16, 16), 2)

    monkeypatch.setattr(_native, "available", lambda: True)
    assert choose_engine("auto", grid, **SINGLE) == "native"
    assert choose_engine("native", grid, **SINGLE) == "native"
    assert choose_engine("torch", grid, **SINGLE) == "torch"

    monkeypatch.setattr(_native, "available", lambda: False)
    monkeypatch.setattr(_native, "describe", lambda: "it was switched off")
    assert choose_engine("auto", grid, **SINGLE) == "torch"
    with pytest.raises(ValueError, match="it was switched off"):
        choose_engine("native", grid, **SINGLE)
