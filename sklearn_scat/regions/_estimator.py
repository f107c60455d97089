"""Features of objects as a scikit-learn transformer."""

from numbers import Integral
from typing import Any, ClassVar, Self

from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.validation import check_is_fitted

from sklearn_scat._compat import fit_context
from sklearn_scat.regions._features import feature_names, maps_of, object_features
from sklearn_scat.regions._objects import checked_pairs, find_regions


class RegionFeatures(TransformerMixin, BaseEstimator):
    """Represent objects under masks by scattering coefficients: one row an object.

    Images come in pairs with their labels. Where each mask holds one object, rows are
    those of the pairs, and a classifier may follow in a pipeline. What is computed
    stands at :func:`~sklearn_scat.region_features`, which gives a table instead.

    Parameters
    ----------
    transformer : ScatteringTransformer or RotoTranslationScattering, default=None
        Says what is computed. None is ``ScatteringTransformer()``.
    n_jobs : int, default=None
        Threads that share the objects.

    Attributes
    ----------
    n_channels_ : int
        Channels of the images.
    feature_names_ : ndarray of str
        Channel and path of every column.

    See Also
    --------
    region_features : The same as a table, with boxes and areas.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_scat import RegionFeatures, ScatteringTransformer
    >>> rng = np.random.default_rng(0)
    >>> y = rng.integers(0, 2, 40)
    >>> images = rng.random((40, 32, 32)) * (1 + y[:, None, None])
    >>> masks = np.zeros((40, 32, 32), bool)
    >>> masks[:, 6:25, 5:20] = True
    >>> pairs = list(zip(images, masks))
    >>> model = make_pipeline(
    ...     RegionFeatures(ScatteringTransformer(J=2)), LogisticRegression())
    >>> model.fit(pairs[:30], y[:30]).score(pairs[30:], y[30:])
    1.0
    """

    _parameter_constraints: ClassVar[dict] = {
        "transformer": [None, HasMethods(["fit", "transform"])],
        "n_jobs": [None, Integral],
    }

    def __init__(self, transformer: Any = None, *, n_jobs: int | None = None) -> None:
        self.transformer = transformer
        self.n_jobs = n_jobs

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Learn how many channels images have; nothing of their values.

        Parameters
        ----------
        X : sequence of pairs (image, labels)
            Images (H, W) or (C, H, W), and labels (H, W) of int, or of bool for one
            object.
        y : None
            Ignored.

        Returns
        -------
        self : RegionFeatures
            The fitted transformer.
        """
        images, _ = _checked(X)
        self.n_channels_ = images[0].shape[0] if images[0].ndim == 3 else 1
        self.feature_names_ = feature_names(maps_of(self.transformer), images[0])
        return self

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Return the features of objects, pair by pair and by their labels.

        Parameters
        ----------
        X : sequence of pairs (image, labels)
            As in `fit`.

        Returns
        -------
        S : ndarray of shape (n_objects, n_features)
            float64 where an image has it, else float32.

        Raises
        ------
        ValueError
            On anything that :func:`~sklearn_scat.region_features` refuses, and on
            images of another number of channels.
        """
        check_is_fitted(self)
        images, labels = _checked(X)
        channels = images[0].shape[0] if images[0].ndim == 3 else 1
        if channels != self.n_channels_:
            raise ValueError(
                f"X has images of {channels} channels, and fit saw {self.n_channels_}."
            )
        return object_features(
            maps_of(self.transformer),
            find_regions(labels),
            pairs=(images, labels),
            n_jobs=self.n_jobs,
        )

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[Any]:
        """Return the channel and path of every column.

        Parameters
        ----------
        input_features : None
            Ignored: pairs have no columns.

        Returns
        -------
        names : ndarray of str objects
            As ``s2_j0_t3_j1_t5``.
        """
        check_is_fitted(self)
        return self.feature_names_

    def __sklearn_tags__(self):
        """Say that pairs of images and labels are no table."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.no_validation = True
        return tags


def _checked(X):
    """Return pairs as a list of images and a list of labels."""
    pairs = list(X)
    if not pairs or not all(isinstance(p, tuple | list) and len(p) == 2 for p in pairs):
        raise ValueError(
            "X must be a sequence of pairs (image, labels), as "
            "list(zip(images, labels)); got "
            + (f"{type(pairs[0]).__name__} in it." if pairs else "none.")
        )
    images, labels = zip(*pairs, strict=True)
    return checked_pairs(images, labels)
