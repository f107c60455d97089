"""Recipes of values: ridge regression, linear and under a Gaussian kernel.

As the recipes of classes, ``recipe(image_shape, n_per_class, random_state)``.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sklearn_scat.recipes._folds import searched
from sklearn_scat.recipes._scattering import square_roots
from sklearn_scat.recipes._textures import moments

_ALPHAS = np.logspace(-2, 6, 17)
_GRID = {"alpha": [0.003, 0.03, 0.3], "gamma": [0.5, 0.125, 0.03]}  # widths 1, 2 and 4


def of_unit_square(X: NDArray[Any]) -> NDArray[Any]:
    """Return standardised features over √p, so that squares of rows are 1 in the mean.

    Parameters
    ----------
    X : ndarray of shape (n, p)
        Standardised features.

    Returns
    -------
    scaled : ndarray of shape (n, p)
        X / √p.
    """
    return X / math.sqrt(X.shape[1])


def values_linear(
    image_shape: Sequence[int], n_per_class: int, random_state: int
) -> Pipeline:
    """Ridge regression on standardised coefficients, its strength by leave-one-out.

    Parameters
    ----------
    image_shape : tuple (H, W) or (C, H, W)
        Shape of one image.
    n_per_class : int
        Training images.
    random_state : int
        Ignored.

    Returns
    -------
    estimator : Pipeline
        Unfitted.
    """
    return _regression(square_roots(image_shape), ("ridge", RidgeCV(_ALPHAS)))


def values_rbf(
    image_shape: Sequence[int], n_per_class: int, random_state: int
) -> Pipeline:
    """Ridge regression under a Gaussian kernel, its width and penalty by folds.

    Parameters
    ----------
    image_shape, n_per_class, random_state
        As for the recipe ``values_linear``; the last shuffles the folds.

    Returns
    -------
    estimator : Pipeline
        Unfitted. Targets should have mean 0: a kernel has no intercept.
    """
    return _regression(square_roots(image_shape), _machine(random_state))


def moments_rbf(
    image_shape: Sequence[int], n_per_class: int, random_state: int
) -> Pipeline:
    """Gaussian kernel on logarithms of the moments of maps, for images of any size.

    Parameters
    ----------
    image_shape, n_per_class, random_state
        As for the recipe ``values_rbf``; or the smallest sides.

    Returns
    -------
    estimator : Pipeline
        Unfitted. Targets should have mean 0.
    """
    return _regression(moments(image_shape), _machine(random_state))


def pixels_ridge(
    image_shape: Sequence[int], n_per_class: int, random_state: int
) -> Pipeline:
    """Ridge regression on standardised pixels, its strength by leave-one-out.

    Parameters
    ----------
    image_shape, n_per_class, random_state
        As for the recipe ``values_linear``.

    Returns
    -------
    estimator : Pipeline
        Unfitted.
    """
    return Pipeline([("scaler", StandardScaler()), ("ridge", RidgeCV(_ALPHAS))])


REGRESSIONS = {
    recipe.__name__: recipe
    for recipe in (values_linear, values_rbf, moments_rbf, pixels_ridge)
}


def _machine(random_state):
    return "ridge", searched(
        KernelRidge(kernel="rbf"), _GRID, n_per_class=5, random_state=random_state
    )


def _regression(features, machine):
    from sklearn_scat.classifiers import SpanCoordinates

    return Pipeline(
        [
            ("scattering", features),
            ("scaler", StandardScaler()),
            ("unit", FunctionTransformer(of_unit_square)),
            ("rotation", SpanCoordinates()),
            machine,
        ]
    )
