"""Tiles: the maps of the whole image, from arrays of any kind, in bounded memory."""

import numpy as np
import pytest
from sklearn.base import clone

from sklearn_scat import (
    RotoTranslationScattering,
    ScatteringTransformer,
    transform_tiles,
)
from sklearn_scat.cascade import Grid, reach
from sklearn_scat.filters import morlet_bank
from sklearn_scat.regions._tiles import Tiles

KINDS = {
    "J=2": (ScatteringTransformer(J=2, L=4), (63, 74)),
    "J=3": (ScatteringTransformer(J=3, L=4), (108, 117)),
    "zero": (ScatteringTransformer(J=2, L=4, padding="zero"), (63, 74)),
    "periodic": (ScatteringTransformer(J=2, L=4, padding="periodic"), (64, 76)),
    "dense": (ScatteringTransformer(J=2, L=4, oversampling=1), (47, 54)),
    "densest": (ScatteringTransformer(J=1, L=4, oversampling=3), (40, 51)),
    "J=0": (ScatteringTransformer(J=0), (40, 51)),
    "rigid": (RotoTranslationScattering(J=2, L=4), (58, 65)),
    "order 1": (ScatteringTransformer(J=3, L=4, max_order=1), (108, 117)),
}


def random_image(*shape):
    return np.random.default_rng(0).normal(size=shape)


@pytest.fixture
def image():
    return random_image(90, 125)


@pytest.mark.parametrize("kind", KINDS)
def test_tiles_give_the_maps_of_the_whole_image(kind):
    transformer, shape = KINDS[kind]
    image = random_image(*shape)
    maps = clone(transformer).set_params(output="maps")
    whole = maps.fit(image[None]).transform(image[None])[0]
    found = transform_tiles(image, transformer, tile_size=24)
    assert found.shape == whole.shape
    J, os = transformer.J, min(transformer.oversampling, transformer.J)
    # `transform` continues the image by 2^J pixels, and then wraps around
    border = 0 if kind == "periodic" else (5 if J else 3) * 2**os
    inside = (slice(None), *[slice(border, n - border) for n in whole.shape[1:]])
    assert whole[inside].size
    error = np.abs(found - whole)[inside] / np.abs(image).max()
    is_on_pixels = (maps.paths_["order"] < 2) & (maps.paths_["j1"] < 1)
    assert error[is_on_pixels | (os > 0)].max() < 1e-6
    assert error.max() < 1e-4  # coarse grids cut filters at the Nyquist frequency


@pytest.mark.parametrize("tile_size", [9, 1000])
def test_the_size_of_tiles_changes_nothing(tile_size):
    image = random_image(2, 40, 55)
    S = ScatteringTransformer(J=2, L=4, oversampling=1)
    expected = transform_tiles(image, S, tile_size=24)
    found = transform_tiles(image, S, tile_size=tile_size)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6 * image.max())


def test_every_pixel_farther_than_the_reach_is_without_influence():
    """And nearer ones have some: the halo is not twice as wide as it need be."""
    S = ScatteringTransformer(
        J=2, L=4, padding="periodic", output="maps", oversampling=2
    )
    image = random_image(96, 32)
    r = reach(morlet_bank(2, (128, 128), L=4))

    def moved(distance):
        changed = image.copy()
        changed[48 + distance :] = changed[: 48 - distance + 1] = 5
        S.fit(image[None])
        difference = S.transform(changed[None]) - S.transform(image[None])
        return np.abs(difference)[0, :, 48].max()

    assert moved(r) < 1e-6 * 10
    assert moved(r // 2) > 1e-4


def test_reach_grows_with_the_scale_and_the_order():
    two, three = (reach(morlet_bank(J, (96, 96), L=4)) for J in (2, 3))
    assert three == pytest.approx(2 * two, abs=3)
    bank = morlet_bank(2, (64, 64), L=4)
    orders = [reach(bank, max_order=m) for m in range(4)]
    assert orders[0] < orders[1] < orders[2] == orders[3]
    assert reach(bank, tolerance=1e-9) > orders[2] > reach(bank, tolerance=1e-3)


def test_places_are_the_pixels_at_which_maps_are_sampled():
    """A point's blur is highest at the sample whose place is the point."""
    for shape, oversampling in (((45, 51), 0), ((45, 51), 1), ((40, 48), 2)):
        S = ScatteringTransformer(
            J=2, max_order=0, output="maps", oversampling=oversampling
        )
        rows, columns = Grid(shape, 2, oversampling=oversampling).places
        point = np.zeros(shape)
        point[rows[5], columns[7]] = 1
        blurred = S.fit(point[None]).transform(point[None])[0, 0]
        assert blurred.shape == (rows.size, columns.size)
        assert np.unravel_index(blurred.argmax(), blurred.shape) == (5, 7)


@pytest.mark.parametrize("kind", ["memmap", "zarr", "h5py"])
def test_images_in_files_are_read_tile_by_tile(image, tmp_path, kind):
    S = ScatteringTransformer(J=2, L=4)
    expected = transform_tiles(image, S, tile_size=32)
    if kind == "memmap":
        np.save(tmp_path / "image.npy", image)
        source = np.load(tmp_path / "image.npy", mmap_mode="r")
        out = np.empty_like(expected)
    elif kind == "zarr":
        zarr = pytest.importorskip("zarr")
        source = zarr.create_array({}, shape=image.shape, chunks=(32, 32), dtype="f8")
        source[:] = image
        out = zarr.create_array({}, shape=expected.shape, dtype="f8")
    else:
        h5py = pytest.importorskip("h5py")
        file = h5py.File(tmp_path / "image.h5", "w")
        source = file.create_dataset("image", data=image)
        out = file.create_dataset("maps", expected.shape, "f8")
    assert transform_tiles(source, S, tile_size=32, out=out) is out
    np.testing.assert_array_equal(out[:], expected)


class Watched:
    """An array that remembers how much was read of it at once."""

    def __init__(self, array):
        self.array, self.read = array, []
        self.shape, self.dtype, self.ndim = array.shape, array.dtype, array.ndim

    def __getitem__(self, place):
        self.read.append(self.array[place].size)
        return self.array[place]


def test_no_more_than_a_tile_and_its_halo_is_read_at_once():
    watched = Watched(random_image(400, 400))
    S = ScatteringTransformer(J=2, L=2, max_order=1)
    transform_tiles(watched, S, tile_size=64)
    halo = reach(morlet_bank(2, (64, 64), L=2), max_order=1)
    assert max(watched.read) <= (64 + 2 * halo + 2 * 4 + 48) ** 2
    assert len(watched.read) >= 16


def test_an_array_of_dask_gives_one_that_nobody_has_computed(image):
    da = pytest.importorskip("dask.array")
    read = []

    def seen(block):
        read.append(block.shape)
        return block

    lazy = da.from_array(image, chunks=(30, 50)).map_blocks(seen, meta=np.empty((0, 0)))
    S = ScatteringTransformer(J=2, L=4)
    maps = transform_tiles(lazy, S, tile_size=32)
    assert not read
    expected = transform_tiles(image, S, tile_size=32)
    assert maps.shape == expected.shape
    assert maps.dtype == expected.dtype
    assert max(maps.numblocks) > 1
    np.testing.assert_array_equal(maps.compute(scheduler="threads"), expected)


def test_windows_have_one_size_whose_transforms_are_fast():
    tiles = Tiles(
        ScatteringTransformer(J=3, L=4, output="maps"),
        np.empty((500, 700), np.float32),
        tile_size=100,
    )
    sizes = {side.pixels.size for axis in (0, 1) for side in tiles.sides(axis)}
    assert len(sizes) == 1
    assert sum(sizes) % 8 == 0
    covered = np.concatenate(
        [np.arange(side.out.start, side.out.stop) for side in tiles.sides(1)]
    )
    assert covered.tolist() == list(range(700 // 8))


def test_float32_stays_and_integers_become_it():
    image = random_image(40, 40)
    for dtype, result in ((np.float32, np.float32), (np.uint8, np.float32)):
        assert transform_tiles(image.astype(dtype)).dtype == result
    assert transform_tiles(image).dtype == np.float64


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"image": np.ones(5)}, r"got shape \(5,\)"),
        ({"image": np.ones((2, 3, 8, 8))}, "must be"),
        ({"image": np.ones((0, 8))}, "with pixels"),
        ({"image": np.ones((3, 8))}, "The largest J for this size is 1"),
        ({"image": np.full((8, 8), np.nan)}, "NaN"),
        ({"tile_size": 0}, "positive integer; got 0"),
        ({"transformer": ScatteringTransformer(pooling="mean")}, "got 'mean'"),
        ({"out": np.empty((2, 2))}, "out must be an array of shape"),
        ({"transformer": "scattering"}, "got str"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(change, words):
    with pytest.raises(ValueError, match=words):
        transform_tiles(**{"image": np.ones((8, 8))} | change)
