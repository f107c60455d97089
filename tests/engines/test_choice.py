import numpy as np
import pytest
import torch

from sklearn_scat.cascade import Grid, scattering_tiles, wavelet_operators
from sklearn_scat.engines import _choice as _engines
from sklearn_scat.engines import _native, choose_engine
from sklearn_scat.filters import cached_morlet_bank

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


@pytest.mark.parametrize(("side", "count"), [(16, 100), (64, 12), (256, 3)])
def test_scattering_tiles_bound_a_layer(monkeypatch, side, count):
    """A tile's layer of complex maps fits the cache, or the tile is one image."""
    grid = Grid((side, side), 2)
    operators = wavelet_operators(cached_morlet_bank(2, grid.padded), grid, max_order=0)
    seen = []
    scattering = _engines.scattering

    def watched(tile, operators):
        seen.append(len(tile))
        return scattering(tile, operators)

    monkeypatch.setattr(_engines, "scattering", watched)
    scattering_tiles(torch.zeros(count, side, side), operators)

    one_image = 8 * 8 * grid.padded[0] * grid.padded[1]  # L complex float32 maps
    assert sum(seen) == count
    assert max(seen) == 1 or max(seen) * one_image <= _engines._TILE_BYTES
    if one_image * 2 <= _engines._TILE_BYTES:
        assert max(seen) > 1
