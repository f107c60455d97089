"""What every scattering transformer shares: the door, the batches, the names."""

import json
import math
import os
from functools import partial
from hashlib import blake2b
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metadata_routing import UNUSED
from sklearn.utils.validation import check_is_fitted

from sklearn_scat._array_likes import (
    array_library,
    in_library,
    is_graph,
    part_by_part,
    stays_in_library,
)
from sklearn_scat._batches import empty_tensor, on_arrays, on_device
from sklearn_scat._compat import check_feature_names_in, fit_context, output_container
from sklearn_scat._images import channels_first, checked_images
from sklearn_scat._parameters import whole
from sklearn_scat._progress import Progress
from sklearn_scat.feature_cache import cached_map
from sklearn_scat.filters import FAMILIES, FRAMES, cached_bank, frame_name
from sklearn_scat.transformers._batches import Batches
from sklearn_scat.transformers._libraries import InLibrary, check_library, moved
from sklearn_scat.transformers._parts import fill_blocks, map_chunks, result_array
from sklearn_scat.transformers._poolings import POOLINGS
from sklearn_scat.transformers._sizes import (
    check_scale,
    fill_groups,
    largest_scale,
    range_of,
    warn_of_range,
)

# What is stored is told apart by its dtype, images by their bytes, NaN among them.
_NOT_IN_KEYS = (
    "batch_size",
    "cache",
    "device",
    "dtype",
    "missing",
    "output",
    "verbose",
)


class ScatteringBase(TransformerMixin, BaseEstimator):
    """Keep the contract of an estimator around a function of images.

    A subclass has the parameters named below, and says what it computes by
    ``_path_table()`` and ``_operators(W)``, the layers over the plain operator W.
    """

    # `out` says where to write, not what to compute: it is no metadata to route.
    __metadata_request__transform = {"out": UNUSED}  # noqa: RUF012

    missing = "error"  # of a model of before, which has none

    _parameter_constraints = {  # noqa: RUF012
        "J": [whole(0, 30)],
        "L": [whole(1)],
        "image_shape": [None, "array-like"],
        "output": [StrOptions({"features", "maps"})],
        "pooling": [None, StrOptions(set(POOLINGS))],
        "padding": [StrOptions({"reflect", "zero", "periodic"})],
        "wavelet": [StrOptions(set(FAMILIES)), callable],
        "frame": [StrOptions({*FRAMES, "morlet"})],
        "oversampling": [whole(0)],
        "engine": [StrOptions({"auto", "native", "definition", "torch", "triton"})],
        "dtype": [None, StrOptions({"float16"})],
        "missing": [StrOptions({"error", "ignore"})],
        "cache": [None, str, os.PathLike],
        "device": [str],
        "batch_size": [StrOptions({"auto"}), whole(1)],
        "verbose": ["verbose"],
    }

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Learn the images' shape and the range of their values; build the filters.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images. With `pooling` also a list of arrays (H, W) or (C, H, W)
            of several sizes.
        y : None
            Ignored.

        Returns
        -------
        self : object
            The fitted transformer.
        """
        images = self._checked(X, reset=True, read=in_library)
        self.library_ = array_library(images.groups[0].rows)
        self.image_shape_ = images.shape
        self.J_ = largest_scale(images.shape, self.J, inferred=images.is_inferred)
        check_scale(self, images)
        self.pixel_range_ = range_of(images)
        self._build()
        return self

    def _build(self):
        """Set the path table and the output's shape; build the filters."""
        grid = self._grid()
        self._bank(grid)
        sides = grid.output
        if self.pooling is not None:
            sides = POOLINGS[self.pooling].sides(sides)
        self.output_shape_ = (self._channels_first()[0], len(self.paths_), *sides)

    def transform(self, X: ArrayLike, out: Any = None) -> NDArray[Any]:
        """Return the scattering coefficients of images.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images, all of the fitted shape, or of any size in a list under
            `pooling`. Values are taken as they are. Memory maps and arrays of h5py,
            zarr and dask are read part by part.
        out : array-like, optional
            Where to write: an array, a memory map, or an array of h5py or zarr, of the
            result's shape and dtype.

        Returns
        -------
        S : ndarray of shape (n, C·P·h·w), or (n, C·P, h, w) if ``output="maps"``
            Channel-major; (h, w) is (1, 1) under ``pooling="mean"`` and (4, 1)
            under "moments". float64 for float64 input, else float32; float16 if
            ``dtype="float16"``. `out` itself if it was given. For an array of dask one
            of dask, which nobody has computed yet; under scikit-learn's array API
            dispatch an array of the library of `X`, on its device.

        Raises
        ------
        ValueError
            If images have another shape than at `fit`, `out` does not fit, a value is
            not finite (of what is read part by part, after what came before it), or a
            coefficient is beyond 65504, the largest number of float16, in which it is
            to be stored. Under array API dispatch, if `fit` saw another library.
        """
        check_is_fitted(self)
        check_library(self, X)
        if self._check_container() == "default" and out is None and stays_in_library(X):
            return InLibrary(self).transform(X)
        images = self._checked(X, reset=False)
        if is_graph(X) and out is None:  # chunks are looked at when they are computed
            check_scale(self, images)
            sides, dtype = self._result_shape(), self._result_dtype(images)
            return map_chunks(self, X, sides=sides, dtype=dtype)
        return self._of_numpy(images, out, is_known=not is_graph(X))

    def _of_numpy(self, images, out=None, *, is_known=True):
        """Return the coefficients of checked images as an array of NumPy."""
        check_scale(self, images)
        if is_known:
            warn_of_range(self, images)
        dtype = self._result_dtype(images)
        result = result_array(out, (images.n, *self._result_shape()), dtype)
        fill_groups(self, images, result)
        return result

    def _checked(self, X, *, reset, read=part_by_part):
        """Return images through the door; of several sizes where maps are pooled."""
        several = self.pooling is not None
        allowed = {"several": several, "allow_nan": self._ignores_missing}
        return checked_images(self, X, reset=reset, read=read, **allowed)

    @property
    def _ignores_missing(self):
        """Whether pixels may be unknown."""
        return self.missing == "ignore"

    def _fill(self, rows, out):
        """Write the coefficients of rows of pixels into `out`, or read them."""
        progress = self._progress(len(rows))
        compute = Batches(self, out.dtype).fill
        if self.cache is not None:
            key = self._cache_key()
            compute = partial(cached_map, compute, key=key, directory=self.cache)
        fill_blocks(compute, rows, out, shape=self.output_shape_, progress=progress)

    def _progress(self, n):
        """Return what shows the progress of n images, or None."""
        return Progress(type(self).__name__, n) if self.verbose else None

    @property
    def paths_(self) -> NDArray[Any]:
        """The paths of the coefficients."""
        reduction = self._reduction()
        return self._path_table() if reduction is None else reduction.paths

    def get_feature_names_out(
        self, input_features: ArrayLike | None = None
    ) -> NDArray[Any]:
        """Return a name for each column: channel, path and position.

        Parameters
        ----------
        input_features : array-like of str, optional
            Names of the pixels; only compared with those seen by `fit`.

        Returns
        -------
        names : ndarray of str objects
            As ``s2_j0_t3_j1_t5_y1_x0``; ``c0_`` comes first where images have channels.
        """
        check_is_fitted(self)
        check_feature_names_in(self, input_features, generate_names=False)
        from sklearn_scat.cascade import path_name

        channels, _, h, w = self.output_shape_
        color = [f"c{c}_" for c in range(channels)] if channels > 1 else [""]
        place = [f"_y{y}_x{x}" for y in range(h) for x in range(w)]
        if self.pooling is not None:
            place = POOLINGS[self.pooling].names()
        paths = [path_name(path) for path in self.paths_]
        return np.array(
            [c + p + u for c in color for p in paths for u in place], object
        )

    @property
    def _n_features_out(self):
        """Number of columns of the result."""
        return math.prod(self.output_shape_)

    def _grid(self):
        """Return the grids of the fitted images."""
        from sklearn_scat.cascade import Grid

        oversampling = int(self.oversampling)  # NumPy's small integers overflow
        return Grid(self.image_shape_[-2:], self.J_, self.padding, oversampling)

    def _bank(self, grid):
        """Return the filter bank on the padded grid, which all estimators share."""
        return cached_bank(
            self.J_, grid.padded, L=self.L, wavelet=self.wavelet, frame=self.frame
        )

    @property
    def _is_pooled_in_cascade(self):
        """Whether the operators pool over space, and no map is computed."""
        return self.pooling is not None and POOLINGS[self.pooling].in_cascade

    def _wavelets(self, like):
        """Return the plain operator W, with filters beside an array."""
        from sklearn_scat.cascade import MeanWavelet2d, Wavelet2d

        kind = MeanWavelet2d if self._is_pooled_in_cascade else Wavelet2d
        grid = self._grid()
        return kind.from_bank(grid, self._bank(grid), like=like)

    def _layers(self, like):
        """Return the operators, with filters beside an array."""
        return self._operators(self._wavelets(like))

    def _engine(self, dtype, device):
        """Return what computes images of a dtype on a device."""
        from sklearn_scat import engines

        return engines.choose_engine(
            self.engine,
            self._grid(),
            max_order=int(self.max_order),
            dtype=dtype,
            device=device,
        )

    def _compute(self, dtype, device):
        """Return the function of a batch, f(images, maps), by what applies."""
        engine = self._engine(dtype, device)
        if engine == "native":
            return self._native()
        if engine == "definition":
            return on_arrays(self._forward(np.empty(0, dtype), engine))
        return on_device(self._forward(empty_tensor(dtype, device), engine), device)

    def _native(self, rotation=None):
        """Return the function of a batch by the native kernel."""
        from sklearn_scat import engines

        grid = self._grid()
        return engines.native_engine(
            self._bank(grid),
            grid,
            max_order=int(self.max_order),
            rotation=rotation,
            mean=self._is_pooled_in_cascade,
        )

    def _forward(self, like, engine):
        """Return the function of arrays beside another, by the definition."""
        from sklearn_scat.cascade import scattering_tiles

        operators = self._layers(like)
        return lambda x: scattering_tiles(x, operators)

    @property
    def lipschitz_bound_(self) -> Any:
        """Bound of how far features move, over how far the image moves."""
        check_is_fitted(self)
        from sklearn_scat.cascade import lipschitz_bound

        grid = self._grid()
        bound = lipschitz_bound(
            self._bank(grid), grid, max_order=int(self.max_order), gains=self._gains()
        )
        if self.pooling is not None:
            bound *= POOLINGS[self.pooling].gain(grid.output)
        return bound

    def _gains(self):
        """Return by how much what follows each modulus stretches; None for 1."""
        return None

    def _reduction(self):
        """Return the averages over paths that the subclass takes, or None."""
        return None

    def _cache_key(self):
        """Return a text of all that changes the coefficients of a row of pixels."""
        values = self.get_params() | {"image_shape": self._channels_first()}
        values |= {"J": self.J_, "estimator": type(self).__name__}
        values["frame"] = frame_name(self.frame)
        if callable(self.wavelet):
            values["wavelet"] = _digest(self._bank(self._grid()))
        for name in _NOT_IN_KEYS:
            del values[name]
        return json.dumps(values, sort_keys=True, default=lambda number: number.item())

    def _channels_first(self):
        """Return the shape of one image as (C, H, W)."""
        return channels_first(self.image_shape_)

    def _check_container(self):
        """Return the kind of what comes out; refuse tables of maps."""
        container = output_container(self)
        if self.output == "maps" and container != "default":
            raise ValueError(
                f"output='maps' gives maps of shape {self._stacked_shape()}, which no "
                f"{container} table holds. Take output='features', or "
                "set_output(transform='default')."
            )
        return container

    def _maps_shape(self):
        """Return the shape of one image's maps before pooling, (C, P, h, w)."""
        return (*self.output_shape_[:2], *self._grid().output)

    def _cascade_shape(self):
        """Return the shape of what the cascade makes of an image: maps, or means."""
        pooled = self._is_pooled_in_cascade
        return self.output_shape_ if pooled else self._maps_shape()

    def _stacked_shape(self):
        """Return the shape of one image's result as maps, (C·P, h, w)."""
        channels, paths, h, w = self.output_shape_
        return channels * paths, h, w

    def _result_dtype(self, images):
        """Return the dtype in which the coefficients of images are stored."""
        return images.dtype if self.dtype is None else np.dtype(self.dtype)

    def _result_shape(self):
        """Return the shape of one image's result."""
        shape = self._stacked_shape()
        return (math.prod(shape),) if self.output == "features" else shape

    def __sklearn_tags__(self):
        """Say that float32 and float64 are kept, and that `fit` needs no target."""
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        tags.array_api_support = True
        tags.input_tags.allow_nan = self._ignores_missing
        return tags

    def __sklearn_array_api_convert__(self, converter):
        """Return a copy for arrays of the library to which `converter` brings them."""
        return moved(self, converter)


def _digest(bank):
    """Return a text that stands for the numbers of a bank."""
    digest = blake2b(digest_size=16)
    for array in (bank.psi_hat, bank.phi_hat_rows, bank.phi_hat_columns):
        digest.update(array.tobytes())
    return digest.hexdigest()
