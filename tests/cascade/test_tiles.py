"""Images, and orientations of large ones, are worked through a few at a time."""

import numpy as np
import pytest

from sklearn_scat.cascade import (
    Grid,
    _operators,
    _scattering,
    scattering,
    scattering_tiles,
    wavelet_operators,
)
from sklearn_scat.filters import cached_morlet_bank


@pytest.mark.parametrize(("side", "count"), [(16, 100), (64, 12), (256, 3)])
def test_scattering_tiles_bound_a_layer(monkeypatch, side, count):
    """A tile's layer of complex maps fits the cache, or the tile is one image."""
    grid = Grid((side, side), 2)
    operators = wavelet_operators(cached_morlet_bank(2, grid.padded), grid, max_order=0)
    seen = []
    scattering = _scattering.scattering

    def watched(tile, operators):
        seen.append(len(tile))
        return scattering(tile, operators)

    monkeypatch.setattr(_scattering, "scattering", watched)
    scattering_tiles(np.zeros((count, side, side), np.float32), operators)

    one_image = 8 * 8 * grid.padded[0] * grid.padded[1]  # L complex float32 maps
    assert sum(seen) == count
    assert max(seen) == 1 or max(seen) * one_image <= _scattering._TILE_BYTES
    if one_image * 2 <= _scattering._TILE_BYTES:
        assert max(seen) > 1


@pytest.mark.parametrize("max_order", [1, 2, 3])
def test_orientations_at_once_do_not_change_the_coefficients(
    monkeypatch, rng, max_order
):
    grid = Grid((32, 24), 3)
    x = rng.normal(size=(2, 32, 24))
    bank = cached_morlet_bank(3, grid.padded, L=5)
    operators = wavelet_operators(bank, grid, max_order=max_order, like=x)
    expected = scattering(x, operators)

    monkeypatch.setattr(_operators, "_LAYER_BYTES", 1)
    assert operators[0].orientations_at_once(operators[0].embed(x)) == 1
    np.testing.assert_allclose(scattering(x, operators), expected, rtol=1e-13)
