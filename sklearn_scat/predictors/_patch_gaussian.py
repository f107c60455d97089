"""A detector of bad images that learns from good ones alone."""

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, OutlierMixin
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from sklearn_scat._compat import fit_context
from sklearn_scat._images import checked_images
from sklearn_scat._parameters import whole
from sklearn_scat.predictors._patches import Gaussian, at_pixels, centres, tied_gaussian
from sklearn_scat.transformers import NormalizedScattering, ScatteringTransformer
from sklearn_scat.transformers._sizes import range_of, warn_of_range

_LARGEST_J = 5
_WINDOWS = 5  # along the shorter side of an image, about
_FALSE_ALARMS = 0.01  # a share of good images that an inspection can do with
_REDUCTIONS = {"max": np.max, "mean": np.mean}


class PatchGaussian(OutlierMixin, BaseEstimator):
    r"""Find images that are unlike good ones, and where, from good images alone.

    The logarithms z(u) of the scattering coefficients around each position u of good
    images are taken for Gaussian, with a mean :math:`\mu(u)` and a scale s(u) of the
    position's own, and one covariance for all. An image is as odd as the position that
    is furthest from its mean,

    .. math:: d(u)^2 = (z(u) - \mu(u))^\top \Sigma^{-1} (z(u) - \mu(u)) / s(u)^2,

    as in [1]_, where the features are those of a pretrained network and covariances are
    of each position. A tied covariance is known from n·h·w patches instead of n.

    Parameters
    ----------
    scattering : transformer, default=None
        A scattering transformer that keeps maps (``pooling=None``). None is a
        :class:`~sklearn_scat.ScatteringTransformer` with about five windows of
        :math:`2^J` pixels along the shorter side, J at most 5.
    aligned : bool, default=True
        Whether each position has a mean and a scale of its own: parts that lie in the
        same place in every image. False has one for all positions: textures.
    shrinkage : "auto" or float in [0, 1], default="auto"
        How far the covariance is shrunk to a multiple of the identity: "auto" as in
        [2]_, 1 leaves the plain distance of logarithms. With strong grain, large
        values find where grain is missing.
    reduction : {"max", "mean"}, default="max"
        What is taken of d(u) for an image. The largest finds small defects; the mean,
        images that are of another kind altogether.
    contamination : "auto" or float in (0, 0.5], default="auto"
        Where to set the threshold. "auto" sets it among the scores of good images that
        folds held out, so that about one new good image in a hundred is called bad, or
        one in n + 1 of fewer than that [3]_. A number is the share of the training
        images to call bad, as in scikit-learn; of new good ones more will be, as the
        Gaussian has not seen these.
    n_folds : int, default=5
        Of "auto".
    eps : float, default=1e-3
        Relative size of what is added before the logarithm, see
        :class:`~sklearn_scat.NormalizedScattering`.
    image_shape : tuple (H, W) or (C, H, W), default=None
        Shape of one image, for rows of flattened pixels. None takes the shape from the
        array, and rows for squares.

    Attributes
    ----------
    scattering_ : NormalizedScattering
        Fitted, with the logarithm.
    mean_ : ndarray of shape (h, w, C·P) or (1, 1, C·P)
        :math:`\mu`.
    whitening_ : ndarray of shape (C·P, C·P)
        W with :math:`W W^\top = \Sigma^{-1}`.
    scale_ : ndarray of shape (h, w) or (1, 1)
        s.
    offset_ : float
        The score below which an image is bad.
    image_shape_ : tuple
        (H, W) or (C, H, W).
    pixel_range_ : tuple of float
        The smallest and the largest value of a sample of the images.
    n_features_in_ : int
        Pixels (times channels) of one image.
    feature_names_in_ : ndarray of str
        Names of the columns, where `fit` saw some.

    See Also
    --------
    sklearn.covariance.EllipticEnvelope : A Gaussian of whole rows, robustly fitted.
    sklearn_scat.displays.ScoreMapDisplay : Draws where an image is odd.

    References
    ----------
    .. [1] T. Defard et al., "PaDiM: a patch distribution modeling framework for anomaly
       detection and localization", ICPR 2020 workshops.
    .. [2] O. Ledoit and M. Wolf, "A well-conditioned estimator for large-dimensional
       covariance matrices", Journal of Multivariate Analysis 88(2), 2004.
    .. [3] V. Vovk, "Cross-conformal predictors", Annals of Mathematics and Artificial
       Intelligence 74, 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat import PatchGaussian
    >>> rng = np.random.default_rng(0)
    >>> wave = np.sin(np.arange(32) / 2)
    >>> good = wave + 0.1 * rng.normal(size=(60, 32, 32))
    >>> detector = PatchGaussian().fit(good[:50])
    >>> bad = good[50:].copy()
    >>> bad[:, 8:24, 20] += 2  # a scratch
    >>> detector.predict(bad)
    array([-1, -1, -1, -1, -1, -1, -1, -1, -1, -1])
    >>> detector.score_map(bad).shape
    (10, 32, 32)
    """

    _parameter_constraints: ClassVar[dict] = {
        "scattering": [None, HasMethods(["fit", "transform"])],
        "aligned": ["boolean"],
        "shrinkage": [StrOptions({"auto"}), Interval(Real, 0, 1, closed="both")],
        "reduction": [StrOptions(set(_REDUCTIONS))],
        "contamination": [
            StrOptions({"auto"}),
            Interval(Real, 0, 0.5, closed="right"),
        ],
        "n_folds": [whole(2)],
        "eps": [Interval(Real, 0, None, closed="neither")],
        "image_shape": [None, "array-like"],
    }

    def __init__(
        self,
        scattering: Any = None,
        *,
        aligned: bool = True,
        shrinkage: Any = "auto",
        reduction: Literal["max", "mean"] = "max",
        contamination: Any = "auto",
        n_folds: int = 5,
        eps: float = 1e-3,
        image_shape: Sequence[int] | None = None,
    ) -> None:
        self.scattering = scattering
        self.aligned = aligned
        self.shrinkage = shrinkage
        self.reduction = reduction
        self.contamination = contamination
        self.n_folds = n_folds
        self.eps = eps
        self.image_shape = image_shape

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Learn what good images are like.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Good images, two or more.
        y : None
            Ignored.

        Returns
        -------
        self : PatchGaussian
            The fitted detector.

        Raises
        ------
        ValueError
            If there is one image alone, or the scattering pools its maps.
        """
        found = checked_images(self, X, reset=True)
        if found.n < 2:
            raise ValueError(
                f"PatchGaussian learns how good images vary: it needs two or more, got "
                f"n_samples = {found.n}, 1 sample."
            )
        self.image_shape_, self.pixel_range_ = found.shape, range_of(found)
        scattering = NormalizedScattering(self._scattering(), "log", eps=self.eps)
        patches = self._patches(scattering, found, scattering.fit_transform)
        self.scattering_ = scattering
        self.mean_, self.whitening_, self.scale_ = self._fitted(patches)
        self.offset_ = self._offset(patches)
        return self

    def score_samples(self, X: ArrayLike) -> NDArray[Any]:
        """Return how usual images are: the distance of the oddest position, negated.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images of the fitted shape.

        Returns
        -------
        scores : ndarray of shape (n,)
            The lower, the odder.
        """
        return self._scores(self._distances(X))

    def decision_function(self, X: ArrayLike) -> NDArray[Any]:
        """Return the scores of images above `offset_`: negative for bad ones.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images of the fitted shape.

        Returns
        -------
        decisions : ndarray of shape (n,)
        """
        return self.score_samples(X) - self.offset_

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Tell good images from bad ones.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images of the fitted shape.

        Returns
        -------
        labels : ndarray of int of shape (n,)
            1 for good, −1 for bad.
        """
        return np.where(self.decision_function(X) >= 0, 1, -1)

    def score_map(self, X: ArrayLike) -> NDArray[Any]:
        """Return where images are odd, at every pixel.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images of the fitted shape.

        Returns
        -------
        maps : ndarray of shape (n, H, W)
            Distances d(u), in standard deviations, interpolated between the pixels that
            the windows are centred on. Compare them with ``-offset_`` where the
            reduction is "max".
        """
        distances = self._distances(X)
        places = centres(self.scattering_.scattering_._grid())
        return at_pixels(distances, places, self.image_shape_[-2:])

    def _scattering(self):
        """Return the scattering that was given, or one with windows that suit."""
        if self.scattering is not None:
            return self.scattering
        return ScatteringTransformer(J=window_scale(self.image_shape_))

    def _patches(self, scattering, found, transform):
        """Return the logarithms at each position of images: (n, h, w, C·P)."""
        S = transform(found.as_given())
        channels, paths, h, w = scattering.output_shape_
        if getattr(scattering.scattering_, "pooling", None) is not None:
            raise ValueError(
                "PatchGaussian compares positions, and this scattering has "
                f"pooling={scattering.scattering_.pooling!r}: take pooling=None."
            )
        return np.moveaxis(S.reshape(len(S), channels * paths, h, w), 1, -1)

    def _fitted(self, patches):
        """Return the Gaussian of some training images."""
        return tied_gaussian(patches, aligned=self.aligned, shrinkage=self.shrinkage)

    def _gaussian(self):
        """Return the Gaussian of all training images."""
        return Gaussian(self.mean_, self.whitening_, self.scale_)

    def _distances(self, X):
        """Return the distance of every position of images: (n, h, w)."""
        check_is_fitted(self)
        found = checked_images(self, X, reset=False)
        warn_of_range(self, found)
        scattering = self.scattering_
        patches = self._patches(scattering, found, scattering.transform)
        return self._gaussian().distances(patches)

    def _scores(self, distances):
        """Return the scores of images from the distances of positions: (n,)."""
        return -_REDUCTIONS[self.reduction](distances, axis=(1, 2))

    def _offset(self, patches):
        """Return the score below which an image is bad."""
        if self.contamination == "auto":
            return conformal_threshold(self._held_out_scores(patches))
        scores = self._scores(self._gaussian().distances(patches))
        return float(np.percentile(scores, 100 * self.contamination))

    def _held_out_scores(self, patches):
        """Return the score of every training image, from the others: (n,)."""
        n = len(patches)
        fold = np.arange(n) % min(self.n_folds, n)
        scores = np.empty(n)
        for f in range(fold.max() + 1):
            held_out = fold == f
            gaussian = self._fitted(patches[~held_out])
            scores[held_out] = self._scores(gaussian.distances(patches[held_out]))
        return scores


def conformal_threshold(scores, rate=_FALSE_ALARMS):
    """Return the score that one good image in 1 / rate falls below, or in n + 1.

    One more exchangeable score is below the k-th smallest of n with probability
    k / (n + 1).

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.predictors._patch_gaussian import conformal_threshold
    >>> conformal_threshold(np.arange(50.0)), conformal_threshold(np.arange(299.0))
    (0.0, 2.0)
    """
    k = max(1, math.floor(rate * (len(scores) + 1)))
    return float(np.sort(scores)[k - 1])


def window_scale(image_shape):
    """Return J with about five windows of 2^J pixels along the shorter side.

    Examples
    --------
    >>> from sklearn_scat.predictors._patch_gaussian import window_scale
    >>> [window_scale((n, n)) for n in (1, 8, 28, 96, 150, 900)]
    [0, 1, 2, 4, 5, 5]
    """
    shorter = min(image_shape[-2:])
    return min(max(0, round(math.log2(shorter / _WINDOWS))), _LARGEST_J)
