"""Features averaged over dilated copies of images."""

from collections.abc import Sequence
from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import (
    BaseEstimator,
    MetaEstimatorMixin,
    TransformerMixin,
    clone,
)
from sklearn.utils import get_tags
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.validation import check_is_fitted

from sklearn_scat._compat import check_feature_names_in, fit_context
from sklearn_scat._images import checked_images
from sklearn_scat._parameters import whole
from sklearn_scat.augmentation._copies import joined, make_copies

__all__ = ["DilationAverage"]


class DilationAverage(MetaEstimatorMixin, TransformerMixin, BaseEstimator):
    r"""Average the features of images over copies of them at smaller sizes.

    A texture seen from further away is a smaller copy of itself. The average over
    dilations by :math:`2^{ka/2}`, k = 0 … `n_copies`, changes less with the distance
    than the features of the image alone, as [1]_ has it for logarithms of scattering
    coefficients: there a dilation is nearly a translation along scales.

    Parameters
    ----------
    transformer : transformer
        Of images of several sizes, such as
        :class:`~sklearn_scat.NormalizedScattering` of a scattering with
        ``pooling="mean"``. What it gives is averaged, so that logarithms or roots are
        taken inside. It is fitted to images and copies.
    n_copies : int, default=3
        Copies of an image; the four sizes of [1]_.
    amount : float, default=1
        Step between sizes, in half octaves: sides are divided by √2 for 1.
    image_shape : tuple (H, W) or (C, H, W), default=None
        Shape of one image, for rows of flattened pixels. None takes the shape from the
        array, and rows for squares.

    Attributes
    ----------
    transformer_ : transformer
        The fitted transformer.
    image_shape_ : tuple
        (H, W) or (C, H, W); the smallest sides where images differ in size.
    n_features_in_ : int
        Pixels (times channels) of one image, where all have one size.
    feature_names_in_ : ndarray of str
        Names of the columns, where `fit` saw some.

    See Also
    --------
    sklearn_scat.AugmentedClassifier : With ``copies="dilate"`` learns from
        the same copies, one by one, and averages decisions.

    References
    ----------
    .. [1] L. Sifre and S. Mallat, "Rotation, scaling and deformation invariant
       scattering for texture discrimination", CVPR 2013, section 4.

    Examples
    --------
    >>> from sklearn_scat import NormalizedScattering, ScatteringTransformer
    >>> from sklearn_scat.datasets import make_textures
    >>> from sklearn_scat import DilationAverage
    >>> X, y = make_textures(8, random_state=0)
    >>> scattering = ScatteringTransformer(J=3, pooling="mean")
    >>> average = DilationAverage(NormalizedScattering(scattering, "log"), n_copies=2)
    >>> average.fit_transform(X).shape
    (8, 217)
    """

    _parameter_constraints: ClassVar[dict] = {
        "transformer": [HasMethods(["fit", "transform"])],
        "n_copies": [whole(0)],
        "amount": [Interval(Real, 0, None, closed="neither")],
        "image_shape": [None, "array-like"],
    }

    def __init__(
        self,
        transformer: Any,
        n_copies: int = 3,
        *,
        amount: float = 1,
        image_shape: Sequence[int] | None = None,
    ) -> None:
        self.transformer = transformer
        self.n_copies = n_copies
        self.amount = amount
        self.image_shape = image_shape

    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Fit the transformer to images and their copies.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Training images, or a list of arrays of several sizes.
        y : array-like of shape (n,), default=None
            Handed to the transformer, once for every copy.

        Returns
        -------
        self : DilationAverage
            The fitted transformer.
        """
        self.fit_transform(X, y)
        return self

    @fit_context(prefer_skip_nested_validation=False)
    def fit_transform(self, X: ArrayLike, y: ArrayLike | None = None) -> NDArray[Any]:
        """Fit to images and return their features; copies are transformed once.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Training images, or a list of arrays of several sizes.
        y : array-like of shape (n,), default=None
            Handed to the transformer, once for every copy.

        Returns
        -------
        features : ndarray of shape (n, n_features)
            As of `transform`.
        """
        found = checked_images(self, X, reset=True, several=True)
        images, self.image_shape_ = found.as_given(), found.shape
        transformer = clone(self.transformer)
        if hasattr(transformer, "set_output"):  # tables are made here, not inside
            transformer.set_output(transform="default")
        blocks = self._blocks(images)
        y = None if y is None else np.concatenate([np.asarray(y)] * len(blocks))
        features = transformer.fit_transform(joined(blocks), y)
        self.transformer_ = transformer
        return features.reshape(len(blocks), len(images), -1).mean(axis=0)

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Return the mean features of images and their copies.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images, or a list of arrays of several sizes.

        Returns
        -------
        features : ndarray of shape (n, n_features)
            Columns are those of the transformer.
        """
        check_is_fitted(self)
        images = checked_images(self, X, reset=False, several=True).as_given()
        blocks = self._blocks(images)
        return sum(self.transformer_.transform(block) for block in blocks) / len(blocks)

    def get_feature_names_out(
        self, input_features: ArrayLike | None = None
    ) -> NDArray[Any]:
        """Return a name for each column, that of the transformer.

        Parameters
        ----------
        input_features : array-like of str, optional
            Names of the pixels; only compared with those seen by `fit`.

        Returns
        -------
        names : ndarray of str objects
        """
        check_is_fitted(self)
        if hasattr(self, "n_features_in_"):
            check_feature_names_in(self, input_features, generate_names=False)
        return self.transformer_.get_feature_names_out()

    def _blocks(self, images):
        """Return images, and their copies one after the other."""
        if not self.n_copies:
            return [images]
        settings = {"n_copies": int(self.n_copies), "amount": self.amount, "seed": 0}
        return [images, *make_copies(images, "dilate", **settings)]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = get_tags(self.transformer).transformer_tags
        tags.transformer_tags.preserves_dtype = inner.preserves_dtype
        return tags
