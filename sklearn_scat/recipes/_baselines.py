"""Recipes without wavelets: pixels, and gradients' orientations."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import validate_data

from sklearn_scat.recipes._folds import searched

_C = (1.0, 10.0)
_SIGMA = (0.5, 1.0)
_DEFAULTS = {"C": 10.0, "sigma": 1.0}


def pixels_svm(
    image_shape: Sequence[int],
    n_per_class: int,
    random_state: int,
    *,
    n_rows: int | None = None,
) -> Any:
    """Pixels as they are, before a Gaussian SVM whose width and C are searched.

    Parameters
    ----------
    image_shape : tuple (H, W) or (C, H, W)
        Shape of one image.
    n_per_class : int
        Training images of each class. One leaves nothing to search with.
    random_state : int
        For the folds.
    n_rows : int, default=None
        The same with copies; has no part here.

    Returns
    -------
    estimator : GridSearchCV or Pipeline
        Unfitted.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> RECIPES["pixels_svm"]((32, 32), 30, 0).param_grid["svm__sigma"]
    [0.5, 1.0]
    """
    return _searched_svm([], n_per_class=n_per_class, random_state=random_state)


def daisy(
    image_shape: Sequence[int],
    n_per_class: int,
    random_state: int,
    *,
    n_rows: int | None = None,
) -> Any:
    """DAISY descriptors, relatives of SIFT, before a Gaussian SVM.

    Parameters
    ----------
    image_shape, n_per_class, random_state, n_rows
        As for the recipe ``pixels_svm``.

    Returns
    -------
    estimator : GridSearchCV or Pipeline
        Unfitted. `fit` needs scikit-image, of the extra ``bench``.

    References
    ----------
    E. Tola, V. Lepetit and P. Fua, "DAISY: an efficient dense descriptor applied to
    wide-baseline stereo", IEEE TPAMI 32(5), 2010.
    """
    steps = [("daisy", DaisyTransformer(image_shape)), ("scaler", StandardScaler())]
    return _searched_svm(steps, n_per_class=n_per_class, random_state=random_state)


class DaisyTransformer(TransformerMixin, BaseEstimator):
    """Dense DAISY descriptors of images, of every channel.

    Parameters
    ----------
    image_shape : tuple (H, W) or (C, H, W)
        Shape of one image.

    Raises
    ------
    ImportError
        In `fit`, if scikit-image is not installed.
    """

    def __init__(self, image_shape: Sequence[int]) -> None:
        self.image_shape = image_shape

    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Learn nothing but the number of pixels; find scikit-image."""
        _import_daisy()
        validate_data(self, X)
        return self

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Return the descriptors, one row an image."""
        X = validate_data(self, X, reset=False)
        images = X.reshape(-1, *(1, *self.image_shape)[-3:])
        return np.array([self._describe(image) for image in images], np.float32)

    def _describe(self, image):
        """Return the descriptors of one image (C, H, W)."""
        describe = _import_daisy()
        radius = max(1, min(image.shape[1:]) // 6)
        # repeated borders let descriptors stand up to the edge
        padded = np.pad(image, ((0, 0), (radius, radius), (radius, radius)), "edge")
        return np.concatenate(
            [
                describe(
                    channel.astype(float), step=radius, radius=radius, rings=2
                ).ravel()
                for channel in padded
            ]
        )


def _import_daisy():
    try:
        from skimage.feature import daisy as describe
    except ImportError as error:
        raise ImportError(
            "the recipe daisy needs the package scikit-image: "
            "python -m pip install scikit-image."
        ) from error
    return describe


def _searched_svm(steps, *, n_per_class, random_state):
    """Return the search of C and the kernel's width over steps and a Gaussian SVM."""
    from sklearn_scat.classifiers import MeanNormSVC

    pipeline = Pipeline([*steps, ("svm", MeanNormSVC(**_DEFAULTS))])
    grid = {"svm__C": list(_C), "svm__sigma": list(_SIGMA)}
    return searched(pipeline, grid, n_per_class=n_per_class, random_state=random_state)
