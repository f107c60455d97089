"""Scattering coefficients brought to comparable sizes, path by path."""

import math
from numbers import Real
from typing import Any, ClassVar, Literal, Self

import numpy as np
from array_api_compat import array_namespace, device
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils import check_array, get_tags
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.metadata_routing import UNUSED
from sklearn.utils.validation import check_is_fitted

from sklearn_scat._array_likes import (
    array_library,
    in_library,
    is_graph,
    is_lazy,
    n_rows,
    read_blocks,
    stays_in_library,
    to_numpy,
    wide_floats,
)
from sklearn_scat._batches import float_dtype
from sklearn_scat._compat import fit_context, output_container
from sklearn_scat.transformers._libraries import check_library, moved
from sklearn_scat.transformers._parts import LazyMaps, map_chunks, result_array
from sklearn_scat.transformers._path_statistics import (
    absolute_means,
    families,
    means_and_deviations,
    row_slices,
)

__all__ = ["NormalizedScattering"]


class NormalizedScattering(TransformerMixin, BaseEstimator):
    r"""Scatter images, and bring the coefficients of all paths to comparable sizes.

    Coefficients of different paths differ by orders of magnitude, and those of one path
    are skewed: a few large ones would rule distances and principal directions. What
    repairs this needs to know which columns belong to which path, and a search over J
    changes that; so the scattering stands inside this transformer, which reads its
    ``paths_`` and ``output_shape_``. All numbers are learned in `fit`, from the
    training images alone.

    Parameters
    ----------
    scattering : transformer, default=None
        A scattering transformer such as
        :class:`~sklearn_scat.transformers.ScatteringTransformer`, which is what None
        stands for. It is cloned and fitted; a search reaches its parameters as
        ``scattering__J``, if one was given.
    method : {"sqrt", "log", "renorm", "standard"}, default="sqrt"
        With :math:`S_p(u)` the coefficient of the path p at the position u, and
        :math:`\varepsilon_p` as under `eps`:

        - "sqrt": :math:`|S_p(u)|^{1/2}`;
        - "log": :math:`\log(|S_p(u)| + \varepsilon_p)`, as in [2]_. A change of
          illumination becomes a shift;
        - "renorm": :math:`S_p(u) / (|S_q(u)| + \varepsilon_q)` for every path of order
          2 or more, q being its parent, which lacks the last wavelet: order 2 over
          order 1, as in [1]_. Orders 0 and 1 stay as they are. A parent with
          an angle that the path was averaged over is averaged over this angle too;
        - "standard": :math:`(S_p(u) - m_p) / s_p`, with the mean and the standard
          deviation of the path over training images and positions. A path that is
          constant is only centred.

        Scattering coefficients can be slightly negative, as sampled averages are;
        order 0 is negative where images are. "sqrt" and "log" drop the sign.
    eps : float, default=1e-3
        Relative size of what is added: :math:`\varepsilon_p` is `eps` times the mean of
        :math:`|S_p|` over training images and positions, one for each channel and
        path, so that multiplying all images by a number changes nothing but units.
        A mean below the rounding error of the largest one is replaced by it.

    Attributes
    ----------
    scattering_ : transformer
        The fitted scattering.
    statistics_ : dict
        The three that follow, by name.
    paths_ : structured ndarray of shape (P,)
        Its paths.
    output_shape_ : tuple (C, P, h, w)
        Channels, paths and sides of the maps of one image.
    eps_ : ndarray of shape (C, P), or None
        :math:`\varepsilon_p`, for "log" and "renorm".
    mean_, scale_ : ndarray of shape (C, P), or None
        :math:`m_p` and :math:`s_p`, for "standard".
    library_ : str
        The library of the arrays that `fit` saw, as "numpy" or "torch".
    n_features_in_ : int
        Pixels (times channels) of one image.
    feature_names_in_ : ndarray of str
        Names of the columns, where `fit` saw some.

    See Also
    --------
    sklearn.preprocessing.StandardScaler : Standardises every column by itself; may
        follow any of these.

    References
    ----------
    .. [1] J. Andén and S. Mallat, "Deep scattering spectrum", IEEE Transactions on
       Signal Processing 62(16), 2014.
    .. [2] L. Sifre and S. Mallat, "Rotation, scaling and deformation invariant
       scattering for texture discrimination", CVPR 2013.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.svm import SVC
    >>> from sklearn_scat import ScatteringTransformer
    >>> from sklearn_scat import NormalizedScattering
    >>> X, y = load_digits(return_X_y=True)
    >>> normalized = NormalizedScattering(ScatteringTransformer(J=1), method="log")
    >>> model = make_pipeline(normalized, SVC()).fit(X[:1000], y[:1000])
    >>> model[0].eps_.shape, model.score(X[1000:], y[1000:]) > 0.95
    ((1, 9), True)
    """

    # as of ScatteringBase: where to write is no metadata
    __metadata_request__transform: ClassVar[dict] = {"out": UNUSED}

    _parameter_constraints: ClassVar[dict] = {
        "scattering": [None, HasMethods(["fit", "transform"])],
        "method": [StrOptions({"sqrt", "log", "renorm", "standard"})],
        "eps": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        scattering: Any = None,
        method: Literal["sqrt", "log", "renorm", "standard"] = "sqrt",
        *,
        eps: float = 1e-3,
    ) -> None:
        self.scattering = scattering
        self.method = method
        self.eps = eps

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Fit the scattering, and what the method learns of its coefficients.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Training images.
        y : array-like, default=None
            Handed to the scattering.

        Returns
        -------
        self : NormalizedScattering
            The fitted transformer.
        """
        self._fit_scattering(X, y)
        if self.method == "sqrt":
            self._learn(None)
        elif is_lazy(X):
            self._learn(LazyMaps(X, lambda images: self._maps(self._scatter(images))))
        else:
            self._learn(self._maps(self._scatter(X)))
        return self

    @fit_context(prefer_skip_nested_validation=False)
    def fit_transform(self, X: ArrayLike, y: ArrayLike | None = None) -> NDArray[Any]:
        """Fit to images and return them normalised; they are scattered only once.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Training images.
        y : array-like, default=None
            Handed to the scattering.

        Returns
        -------
        S : ndarray
            As of `transform`.
        """
        if is_lazy(X):
            return self.fit(X, y).transform(X)
        self._fit_scattering(X, y)
        S = self._scatter(X)
        self._learn(self._maps(S))
        return self._normalized(S)

    def transform(self, X: ArrayLike, out: Any = None) -> NDArray[Any]:
        """Return the normalised scattering coefficients of images.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images, all of the fitted shape. Memory maps and arrays of h5py, zarr and
            dask are read part by part.
        out : array-like, optional
            Where to write: an array, a memory map, or an array of h5py or zarr, of the
            result's shape and dtype.

        Returns
        -------
        S : ndarray of shape (n, C·P·h·w), or (n, C·P, h, w)
            As the scattering gives them: shape, order and dtype, float32 for float16;
            and library and device, under scikit-learn's array API dispatch. `out`
            itself if it was given. For an array of dask one of dask, which nobody has
            computed yet.

        Raises
        ------
        ValueError
            What the scattering raises, and if `out` does not fit.
        """
        check_is_fitted(self)
        check_library(self, X)
        if is_graph(X) and out is None:
            self._check_container()
            S = self.scattering_.transform(X)
            dtype = float_dtype(S.dtype)
            return map_chunks(self, X, sides=S.shape[1:], dtype=dtype)
        if out is None:
            return self._normalized(self._scatter(X))
        self._write(X, out)
        return out

    def inverse_transform(self, S: ArrayLike) -> NDArray[Any]:
        """Return the scattering coefficients of normalised ones.

        Parameters
        ----------
        S : array-like of shape (n, C·P·h·w), or (n, C·P, h, w)
            As of `transform`. "sqrt" and "log" give back the absolute values.

        Returns
        -------
        S : ndarray of the same shape
            What the scattering gave, up to rounding; under array API dispatch beside
            what was passed.

        Raises
        ------
        ValueError
            If S has another number of coefficients a row than `transform` gives.
        """
        check_is_fitted(self)
        if stays_in_library(S):
            found = self.inverse_transform(to_numpy(S))
            return array_namespace(S).asarray(found, device=device(S))
        S = check_array(
            S, dtype=(np.float64, np.float32), ensure_2d=False, allow_nd=True, copy=True
        )
        expected = math.prod(self.output_shape_)
        if math.prod(S.shape[1:]) != expected:
            raise ValueError(
                f"S must have {expected} coefficients a row, as of transform; got "
                f"the shape {S.shape}."
            )
        maps = self._maps(S)
        undo = getattr(self, f"_undo_{self.method}")
        for rows in row_slices(maps):
            undo(maps[rows])
        return S

    def get_feature_names_out(
        self, input_features: ArrayLike | None = None
    ) -> NDArray[Any]:
        """Return a name for each column, that of the scattering coefficient.

        Parameters
        ----------
        input_features : array-like of str, optional
            Names of the pixels; only compared with those seen by `fit`.

        Returns
        -------
        names : ndarray of str objects
            As ``s2_j0_t3_j1_t5_y1_x0``.
        """
        check_is_fitted(self)
        return self.scattering_.get_feature_names_out(input_features)

    def _fit_scattering(self, X, y):
        """Fit a clone of the scattering and take over what it knows of images."""
        scattering = clone(self._scattering())
        if hasattr(scattering, "set_output"):  # tables are made here, not inside
            scattering.set_output(transform="default")
        self.scattering_ = scattering.fit(X, y)
        self.library_ = array_library(X)
        self.output_shape_ = scattering.output_shape_
        for name in ("n_features_in_", "feature_names_in_"):
            vars(self).pop(name, None)
            if hasattr(scattering, name):
                setattr(self, name, getattr(scattering, name))

    def _write(self, X, out):
        """Write what images become into an array, some of them at a time."""
        first = to_numpy(self._scatter(in_library(X[:1])))
        result_array(out, (n_rows(X), *first.shape[1:]), first.dtype)
        for block, images in read_blocks(X, out, row_bytes=first.nbytes):
            S = self._normalized(self._scatter(in_library(images)))
            out[block] = to_numpy(S)

    @property
    def paths_(self) -> NDArray[Any]:
        """The paths of the scattering."""
        return self.scattering_.paths_

    @property
    def eps_(self) -> NDArray[Any] | None:
        """What is added to the coefficients of each path."""
        return self.statistics_["eps_"]

    @property
    def mean_(self) -> NDArray[Any] | None:
        """The mean of each path."""
        return self.statistics_["mean_"]

    @property
    def scale_(self) -> NDArray[Any] | None:
        """The deviation of each path."""
        return self.statistics_["scale_"]

    def _scattering(self):
        """Return the scattering that was given, or the default one."""
        if self.scattering is not None:
            return self.scattering
        from sklearn_scat.transformers._scattering import ScatteringTransformer

        return ScatteringTransformer()

    def _scatter(self, X):
        """Return the scattering coefficients, a new array."""
        self._check_container()
        S = self.scattering_.transform(X)
        # float16 is for storing: sums and quotients would lose its few digits
        return wide_floats(S)

    def _check_container(self):
        """Refuse tables of maps."""
        container = output_container(self)
        if container != "default" and self._gives_maps():
            raise ValueError(
                f"The scattering gives maps (output='maps'), which no {container} "
                "table holds. Take output='features', or "
                "set_output(transform='default')."
            )

    def _gives_maps(self):
        """Tell whether the scattering gives maps for networks, not rows."""
        return getattr(self.scattering_, "output", "features") == "maps"

    def _maps(self, S):
        """Return a view of coefficients as maps (n, C, P, h, w)."""
        return array_namespace(S).reshape(S, (S.shape[0], *self.output_shape_))

    def _learn(self, maps):
        """Set the statistics that the method needs, and forget all others."""
        eps = mean = scale = None
        if self.method in ("log", "renorm"):
            eps = self.eps * absolute_means(maps)
        if self.method == "renorm":
            families(self.paths_)  # an odd table is an error at once
        if self.method == "standard":
            mean, scale = means_and_deviations(maps)
        self.statistics_ = {"eps_": eps, "mean_": mean, "scale_": scale}

    def _normalized(self, S):
        """Return coefficients normalised, some rows at a time; NumPy's in place."""
        normalize = getattr(self, f"_{self.method}")
        maps = self._maps(S)
        if not isinstance(S, np.ndarray):
            parts = [normalize(maps[rows, ...]) for rows in row_slices(maps)]
            xp = array_namespace(S)
            return xp.reshape(xp.concat(parts, axis=0), S.shape)
        for rows in row_slices(maps):
            maps[rows] = normalize(maps[rows])
        return S

    def _sqrt(self, maps):
        """Return |S|^(1/2)."""
        xp = array_namespace(maps)
        return xp.sqrt(xp.abs(maps))

    def _log(self, maps):
        """Return log(|S| + ε)."""
        xp = array_namespace(maps)
        return xp.log(xp.abs(maps) + _per_path(self.eps_, maps))

    def _renorm(self, maps):
        """Return S over |parents| + ε, their means where there are several."""
        xp, P = array_namespace(maps), maps.shape[2]
        absolute, of_one = xp.abs(maps), np.zeros(P, np.int64)
        sizes = [xp.ones_like(maps[:, :, :1, ...])]
        for parents, children in families(self.paths_):
            of_one[children] = len(sizes)
            size = xp.take(absolute, _beside(parents, maps, xp.int64), axis=2)
            eps = self.eps_[:, parents].mean(axis=1, keepdims=True)
            sizes.append(xp.mean(size, axis=2, keepdims=True) + _per_path(eps, maps))
        return maps / xp.take(
            xp.concat(sizes, axis=2), _beside(of_one, maps, xp.int64), axis=2
        )

    def _standard(self, maps):
        """Return (S − m) / s."""
        return (maps - _per_path(self.mean_, maps)) / _per_path(self.scale_, maps)

    def _undo_sqrt(self, maps):
        np.square(maps, out=maps)

    def _undo_log(self, maps):
        np.exp(maps, out=maps)
        maps -= _per_path(self.eps_, maps)

    def _undo_renorm(self, maps):
        eps = _per_path(self.eps_, maps)
        for parents, children in reversed(families(self.paths_)):
            size = np.abs(maps[:, :, parents]).mean(axis=2, keepdims=True)
            maps[:, :, children] *= size + eps[:, parents].mean(axis=1, keepdims=True)

    def _undo_standard(self, maps):
        maps *= _per_path(self.scale_, maps)
        maps += _per_path(self.mean_, maps)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = get_tags(self._scattering())
        tags.input_tags = inner.input_tags
        tags.target_tags = inner.target_tags
        tags.transformer_tags.preserves_dtype = inner.transformer_tags.preserves_dtype
        tags.array_api_support = inner.array_api_support
        return tags

    def __sklearn_array_api_convert__(self, converter):
        """Return a copy for arrays of the library to which `converter` brings them."""
        copied = moved(self, converter)
        if hasattr(self, "scattering_"):
            copied.scattering_ = moved(self.scattering_, converter)
        return copied


def _per_path(values, maps):
    """Give numbers (C, P) the library, dtype and axes of maps (n, C, P, h, w)."""
    return _beside(values, maps, maps.dtype)[:, :, None, None]


def _beside(values, maps, dtype):
    """Return an array of NumPy in the library of maps, on their device."""
    return array_namespace(maps).asarray(values, dtype=dtype, device=device(maps))
