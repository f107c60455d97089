"""More than memory: the maps of one large image, tile by tile."""

import math
from itertools import product
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
from scipy.fft import next_fast_len
from sklearn.base import clone

from sklearn_scat._array_likes import as_array, is_graph, is_lazy
from sklearn_scat._batches import float_dtype
from sklearn_scat.cascade import Grid, continued, reach
from sklearn_scat.filters import cached_bank
from sklearn_scat.regions._features import feature_names, maps_of
from sklearn_scat.transformers import RotoTranslationScattering, ScatteringTransformer
from sklearn_scat.transformers._parts import result_array

_MEASURED = 4  # scales are copies of each other: larger ones reach as far, in steps
_GRID = 16  # windows of 2^J pixels, in which filters of any orientation have an end


def transform_tiles(
    image: Any,
    transformer: ScatteringTransformer | RotoTranslationScattering | None = None,
    *,
    tile_size: int = 512,
    out: Any = None,
) -> Any:
    r"""Return the maps of one image of any size, computed tile by tile.

    Each tile is read with a halo, as wide as the filters reach
    (:func:`~sklearn_scat.cascade.reach`: about :math:`5 \cdot 2^J` pixels for Morlet
    wavelets), so that the maps are those of the whole image: with ``oversampling=1``
    to 1e-6 of its largest pixel. At critical sampling, to about 3e-5: what is filtered
    on coarse grids is so by filters that are cut at the Nyquist frequency, and have no
    end in space. Near the border, nearer than the halo, what continues the image
    reaches farther than in `transform`, where it ends after :math:`2^J` pixels.

    Parameters
    ----------
    image : array-like of shape (H, W) or (C, H, W)
        Of NumPy, or read tile by tile: a memory map, an array of zarr, h5py or dask.
    transformer : ScatteringTransformer or RotoTranslationScattering, default=None
        Says what is computed, fitted or not, without `pooling`. None is
        ``ScatteringTransformer()``.
    tile_size : int, default=512
        Pixels of a tile along either side, without its halo; brought up to a size whose
        Fourier transforms are fast. Larger ones take more memory, and less time:
        the halo is computed more than once.
    out : array-like of shape (C·P, h, w), optional
        Where to write: an array, a memory map, an array of zarr or h5py.

    Returns
    -------
    S : ndarray of shape (C·P, h, w)
        Of the shape, order and places that ``output="maps"`` gives; the pixel of each
        sample stands in `Grid.places`. `out` itself if it was given. For an array of
        dask one of dask, one chunk a tile, which nobody has computed yet. float64 for
        float64, else float32.

    Raises
    ------
    ValueError
        If the image is none, has a value that is not finite or sides less than
        :math:`2^J`, the transformer pools, or `out` does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat import ScatteringTransformer, transform_tiles
    >>> from sklearn_scat.cascade import Grid
    >>> image = np.random.default_rng(0).random((300, 400), dtype=np.float32)
    >>> scattering = ScatteringTransformer(J=2, output="maps")
    >>> S = transform_tiles(image, scattering, tile_size=64)
    >>> whole = scattering.fit_transform(image[None])[0]
    >>> S.shape, bool(np.abs(S - whole)[:, 5:-5, 5:-5].max() < 1e-4)
    ((81, 75, 100), True)
    >>> rows, columns = Grid(image.shape, J=2).places
    >>> rows[:3].tolist()
    [0, 4, 8]
    """
    image = image if is_lazy(image) else as_array(image)
    own = _tiling(transformer)
    _check(image, tile_size)
    tiles = Tiles(own, image, tile_size=tile_size)
    if is_graph(image) and out is None:
        return _lazy(tiles, image)
    S = result_array(out, tiles.shape, tiles.dtype)
    for tile in tiles:
        S[:, tile.rows.out, tile.columns.out] = tiles.compute(tile.read(image), tile)
    return S


def _check(image, tile_size):
    """Refuse what is no image, and tiles of no size."""
    shape = getattr(image, "shape", ())
    if len(shape) not in (2, 3) or 0 in shape:
        raise ValueError(
            f"The image must be (H, W) or (C, H, W), with pixels; got shape {shape}."
        )
    if not isinstance(tile_size, Integral) or tile_size < 1:
        raise ValueError(f"tile_size must be a positive integer; got {tile_size!r}.")


def _tiling(transformer):
    """Return a transformer of maps, or refuse one that pools."""
    if getattr(transformer, "pooling", None) is not None:
        raise ValueError(
            "Tiles make maps: transformer.pooling must be None; got "
            f"{transformer.pooling!r}."
        )
    return maps_of(transformer)


class Side(NamedTuple):
    """A tile along one side.

    Attributes
    ----------
    out : slice
        The averages that it gives.
    pixels : ndarray of int
        The pixels of its window, as they continue the image; −1 for zero.
    """

    out: slice
    pixels: np.ndarray

    @property
    def inside(self):
        """The pixels that are read, as a slice."""
        known = self.pixels[self.pixels >= 0]
        return slice(int(known.min()), int(known.max()) + 1)


class Tile(NamedTuple):
    """A tile of an image, along either side."""

    rows: Side
    columns: Side

    @property
    def shape(self):
        """The sides (h, w) of its maps."""
        return tuple(side.out.stop - side.out.start for side in self)

    @property
    def box(self):
        """What is read of the image."""
        return (..., self.rows.inside, self.columns.inside)

    def read(self, image):
        """Return what is read of the image."""
        return np.asarray(image[self.box])

    def window(self, pixels):
        """Return the window of the tile, of what was read for it."""
        for axis, side in ((-2, self.rows), (-1, self.columns)):
            places = np.maximum(side.pixels - side.inside.start, 0)
            pixels = np.take(pixels, places, axis=axis)
        known = np.logical_and.outer(self.rows.pixels >= 0, self.columns.pixels >= 0)
        return pixels if known.all() else np.where(known, pixels, 0)


class Tiles:
    """The tiles of an image, and how each becomes maps.

    Their windows all have one size, and so share their filters.

    Parameters
    ----------
    own : transformer
        Of maps, unfitted.
    image : array-like of shape (H, W) or (C, H, W)
        Only its shape and dtype are looked at.
    tile_size : int
        As of `transform_tiles`.
    """

    def __init__(self, own, image, *, tile_size):
        sides = tuple(int(side) for side in image.shape[-2:])
        self.grid = Grid(sides, int(own.J), own.padding, int(own.oversampling))
        self.window = 2**self.grid.J  # of one average: tiles hold whole ones
        self.halo = math.ceil(_reach(own) / self.window)  # in windows
        self.tile_size = tile_size
        self.dtype = float_dtype(image.dtype)
        self.shape = (len(feature_names(own, image)), *self.grid.output)
        self.own = clone(own).set_params(padding="periodic")

    def __iter__(self):
        """Yield the tiles, row by row."""
        for rows, columns in product(self.sides(0), self.sides(1)):
            yield Tile(rows, columns)

    @property
    def samples(self):
        """Samples of the maps in a window of one average, along a side."""
        return 2 ** min(self.grid.oversampling, self.grid.J)

    def sides(self, axis):
        """Return the tiles along one axis."""
        n_windows = self.grid.shape[axis] // self.window
        core = min(math.ceil(self.tile_size / self.window), n_windows)
        length = next_fast_len(core + 2 * self.halo, real=True)
        core = length - 2 * self.halo
        return [
            self._side(axis, first, min(first + core, n_windows), length=length)
            for first in range(0, n_windows, core)
        ]

    def _side(self, axis, first, stop, *, length):
        """Return the tile of some windows of an axis, and what is read for it."""
        place = int(self.grid.places[axis][0]) + (first - self.halo) * self.window
        pixels = place + np.arange(length * self.window)
        n, padding = self.grid.shape[axis], self.grid.padding
        out = slice(first * self.samples, stop * self.samples)
        return Side(out, continued(pixels, n, padding=padding))

    def compute(self, pixels, tile):
        """Return the maps of a tile, of what was read for it."""
        window = tile.window(pixels)[None].astype(self.dtype, copy=False)
        S = clone(self.own).fit(window).transform(window)[0]
        start = self.halo * self.samples
        rows, columns = (slice(start, start + n) for n in tile.shape)
        return S[:, rows, columns]


def _reach(own):
    """Return how many pixels away an image is felt, by a transformer's filters."""
    J = int(own.J)
    measured = min(J, _MEASURED)
    side = _GRID * 2**measured
    bank = cached_bank(
        measured, (side, side), L=own.L, wavelet=own.wavelet, frame=own.frame
    )
    return reach(bank, max_order=int(own.max_order)) * 2 ** (J - measured)


def _lazy(tiles, image):
    """Return the maps of an array of dask as another one, a chunk a tile."""
    import dask.array as da
    from dask import delayed

    compute = delayed(tiles.compute, pure=True)
    rows, columns = tiles.sides(0), tiles.sides(1)
    grid = [[Tile(row, column) for column in columns] for row in rows]
    return da.block(
        [
            [
                da.from_delayed(
                    compute(image[tile.box], tile),
                    shape=(tiles.shape[0], *tile.shape),
                    dtype=tiles.dtype,
                )
                for tile in line
            ]
            for line in grid
        ]
    )
