"""Features whose inner products come near to those of a local kernel."""

from collections.abc import Sequence
from numbers import Real
from typing import Any, ClassVar, Literal, Self

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_random_state, get_tags
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from sklearn_scat._compat import check_feature_names_in, fit_context
from sklearn_scat._images import checked_images
from sklearn_scat._parameters import whole
from sklearn_scat.local_kernels._kernel import patch_kernel
from sklearn_scat.local_kernels._local_kernel import LocalKernel
from sklearn_scat.local_kernels._maps import fit_scattering, maps_of, parts, slices
from sklearn_scat.local_kernels._patches import grid_shape

__all__ = ["LocalKernelFeatures"]

# Their patches are enough for axes of a thousand numbers, and for landmarks.
_MOST_IMAGES = 4000
_MOST_PATCHES = 200_000  # of the training images, among which landmarks are sought
_SMALLEST = 1e-6  # eigenvalue of the landmarks' kernel, relative to the largest


class LocalKernelFeatures(TransformerMixin, BaseEstimator):
    r"""Compare the patches of maps with landmarks, and pool what is found.

    A patch :math:`x_p` of the maps, whitened as in
    :class:`~sklearn_scat.LocalKernelRidge`, becomes

    .. math:: \psi(x_p) = \kappa(Z, Z)^{-1/2}\, \kappa(Z, x_p),
              \qquad \kappa(x, z) = e^{-g \|x - z\|^2 / 2 \sigma^2},

    whose inner products are those of :math:`\kappa` projected on the landmarks Z
    (Nyström), centres of the training patches. The features of an image are their
    averages under a Gaussian window around the points of a grid. Time grows with the
    number of images, where that of the exact kernel grows with its square, and no more
    memory than the features themselves: axes and landmarks are learned from at most
    4,000 images, and features are made of 500 images at once. Given maps out again, it
    makes a layer of a convolutional kernel network without learning.

    Parameters
    ----------
    scattering : transformer, default=None
        As of :class:`~sklearn_scat.LocalKernelRidge`.
    n_landmarks : int, default=1000
        Centres of patches, by k-means; no more than there are patches.
    patch_size : int, default=2
        Side of a patch, in samples of the maps.
    gamma : float, default=4
        g, how narrow the kernel between patches is.
    floor : float, default=0.1
        What keeps faint axes faint, as of :class:`~sklearn_scat.LocalKernelRidge`.
    n_components : int, default=256
        Principal axes of the patches that are kept.
    mirrored : bool, default=False
        Average the features of an image and of its mirror image, left to right, so that
        both have the same.
    boundary : {"cut", "periodic"}, default="cut"
        "cut" takes the patches inside the maps; "periodic" goes on at the opposite
        side.
    pooling_width : float, default=1.0
        Standard deviation of the window, in positions of patches.
    step : int, default=1
        Positions between the points of the grid.
    output : {"rows", "maps"}, default="rows"
        Rows (n, n_landmarks·h·w) for a classifier, or maps (n, n_landmarks, h, w).
    image_shape : tuple (H, W) or (C, H, W), default=None
        Shape of one image, for rows of flattened pixels. None takes the shape from the
        array, and rows for squares.
    random_state : int, RandomState instance or None, default=None
        Draws images and patches, and where k-means begins.

    Attributes
    ----------
    scattering_ : transformer or None
        The fitted transformer.
    patches_ : LocalKernel
        What cuts and whitens patches.
    landmarks_ : ndarray of shape (n_landmarks, n_components)
        Z, of unit norm.
    windows_ : list of ndarray
        Weights of positions down and across, each (points, positions).
    root_ : ndarray of shape (n_landmarks, n_landmarks)
        :math:`\kappa(Z, Z)^{-1/2}`.
    image_shape_ : tuple
        (H, W) or (C, H, W) of images.
    map_shape_ : tuple (n_landmarks, h, w)
        Of what comes out of one image.
    n_features_in_ : int
        Pixels (times channels) of one image.
    feature_names_in_ : ndarray of str
        Names of the columns, where `fit` saw some.

    References
    ----------
    J. Mairal, P. Koniusz, Z. Harchaoui and C. Schmid, "Convolutional kernel networks",
    NIPS 2014; J. Mairal, "End-to-end kernel learning with supervised convolutional
    kernel networks", NIPS 2016, section 3, for the landmarks.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.linear_model import RidgeClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_scat import LocalKernelFeatures, ScatteringTransformer
    >>> X, y = load_digits(return_X_y=True)
    >>> scattering = ScatteringTransformer(J=1, output="maps")
    >>> features = LocalKernelFeatures(scattering, n_landmarks=50, random_state=0)
    >>> model = make_pipeline(features, RidgeClassifier(0.1)).fit(X[:500], y[:500])
    >>> model.score(X[1000:], y[1000:]) > 0.9
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        "scattering": [None, HasMethods(["fit", "transform"])],
        "n_landmarks": [whole(1)],
        "patch_size": [whole(1)],
        "gamma": [Interval(Real, 0, None, closed="neither")],
        "floor": [Interval(Real, 0, None, closed="left")],
        "n_components": [whole(1)],
        "mirrored": ["boolean"],
        "boundary": [StrOptions({"cut", "periodic"})],
        "pooling_width": [Interval(Real, 0, None, closed="neither")],
        "step": [whole(1)],
        "output": [StrOptions({"rows", "maps"})],
        "image_shape": [None, "array-like"],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        scattering: Any = None,
        *,
        n_landmarks: int = 1000,
        patch_size: int = 2,
        gamma: float = 4.0,
        floor: float = 0.1,
        n_components: int = 256,
        mirrored: bool = False,
        boundary: Literal["cut", "periodic"] = "cut",
        pooling_width: float = 1.0,
        step: int = 1,
        output: Literal["rows", "maps"] = "rows",
        image_shape: Sequence[int] | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.scattering = scattering
        self.n_landmarks = n_landmarks
        self.patch_size = patch_size
        self.gamma = gamma
        self.floor = floor
        self.n_components = n_components
        self.mirrored = mirrored
        self.boundary = boundary
        self.pooling_width = pooling_width
        self.step = step
        self.output = output
        self.image_shape = image_shape
        self.random_state = random_state

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Fit the scattering, the patches' axes and the landmarks.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Training images, or maps.
        y : array-like, default=None
            Not used.

        Returns
        -------
        self : LocalKernelFeatures
            The fitted transformer.

        Raises
        ------
        ValueError
            If `scattering` gives no maps.
        """
        found = checked_images(self, X, reset=True)
        images, self.image_shape_ = found.as_given(), found.shape
        rng = check_random_state(self.random_state)
        self.scattering_ = fit_scattering(self.scattering, images)
        maps = maps_of(self.scattering_, drawn(images, _MOST_IMAGES, rng))
        self.patches_ = LocalKernel(
            self.patch_size,
            gamma=self.gamma,
            floor=self.floor,
            n_components=self.n_components,
            boundary=self.boundary,
        )
        patches = self.patches_.fit_patches(maps)
        self.landmarks_ = centres(patches, self.n_landmarks, rng)
        self.root_ = inverse_root(
            patch_kernel(self.landmarks_, self.landmarks_, self.patches_.exponent_)
        )
        grid = grid_shape(maps.shape[2:], self.patch_size, self.boundary)
        self.windows_ = [self._window(n).astype(patches.dtype) for n in grid]
        points = (len(window) for window in self.windows_)
        self.map_shape_ = (len(self.landmarks_), *points)
        return self

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Return the features of images.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images, or maps.

        Returns
        -------
        features : ndarray of shape (n, n_landmarks·h·w) or (n, n_landmarks, h, w)
            As `output` says; landmark by landmark, then row by row of the grid.
        """
        check_is_fitted(self)
        images = checked_images(self, X, reset=False).as_given()
        features: Any = None
        for rows, part in zip(slices(images), parts(images), strict=True):
            block = self._mean_features(part)
            if features is None:
                features = np.empty((len(images), *block.shape[1:]), block.dtype)
            features[rows] = block
        return features

    def _mean_features(self, images):
        """Return the features of some images, as rows or maps, over mirror images."""
        maps = self._features(images)
        if self.mirrored:
            maps = (maps + self._features(images[..., ::-1])) / 2
        return maps if self.output == "maps" else maps.reshape(len(maps), -1)

    def _features(self, images):
        """Return the features of some images, (n, n_landmarks, h, w)."""
        patches = self.patches_.patches(maps_of(self.scattering_, images))
        down, across = self.windows_
        rows = patches.reshape(down.shape[1], across.shape[1], *patches.shape[1:])
        pooled = 0.0
        for weights, row in zip(down.T, rows, strict=True):
            likeness = [self._likeness(patch) for patch in row]
            along = np.tensordot(across, likeness, axes=1)
            pooled = pooled + weights[:, None, None, None] * along
        return np.ascontiguousarray((pooled @ self.root_).transpose(2, 3, 0, 1))

    def _likeness(self, patches):
        """Return the kernel of patches (n, d) with the landmarks, (n, n_landmarks)."""
        return patch_kernel(patches, self.landmarks_, self.patches_.exponent_)

    def _window(self, n):
        """Return the weights (points, n) of n positions around the grid's points."""
        first = (n - 1) % self.step / 2
        points = np.arange(first, n, self.step)
        apart = points[:, None] - np.arange(n)
        weights = np.exp(-(apart**2) / (2 * self.pooling_width**2))
        return weights / weights.sum(axis=1, keepdims=True)

    def get_feature_names_out(
        self, input_features: ArrayLike | None = None
    ) -> NDArray[Any]:
        """Return the names of the columns of rows.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the pixels, which are only checked.

        Returns
        -------
        names : ndarray of str
        """
        check_is_fitted(self)
        check_feature_names_in(self, input_features, generate_names=False)
        n, h, w = self.map_shape_
        return np.array(
            [
                f"landmark{i}_{row}_{column}"
                for i in range(n)
                for row in range(h)
                for column in range(w)
            ],
            dtype=object,
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        if self.scattering is not None:
            tags.input_tags = get_tags(self.scattering).input_tags
        return tags


def drawn(images, n, rng):
    """Return n images drawn without replacement, or all where there are fewer."""
    if len(images) <= n:
        return images
    return images[np.sort(rng.choice(len(images), n, replace=False))]


def centres(patches, n, rng):
    """Return n centres of patches (..., d) by k-means, brought to unit norm.

    All different patches where there are fewer.
    """
    from sklearn.cluster import MiniBatchKMeans

    rows = patches.reshape(-1, patches.shape[-1])
    if len(rows) > _MOST_PATCHES:
        rows = rows[rng.choice(len(rows), _MOST_PATCHES, replace=False)]
    if len(rows) <= n:
        return np.unique(rows, axis=0)
    means = MiniBatchKMeans(n, n_init=1, random_state=rng).fit(rows).cluster_centers_
    norms = np.linalg.norm(means, axis=1, keepdims=True)
    return (means / np.maximum(norms, np.finfo(rows.dtype).tiny)).astype(rows.dtype)


def inverse_root(kernel):
    """Return the inverse square root of a positive semidefinite matrix.

    On the span of its eigenvectors above 1e-6 of the largest eigenvalue.
    """
    values, vectors = scipy.linalg.eigh(kernel.astype(np.float64))
    kept = values > _SMALLEST * values[-1]
    vectors = vectors[:, kept]
    return ((vectors / np.sqrt(values[kept])) @ vectors.T).astype(kernel.dtype)
