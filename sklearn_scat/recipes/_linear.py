"""Recipes of a linear SVM on coefficients, on pixels and on their components."""

from collections.abc import Sequence
from typing import Any

from sklearn.decomposition import PCA
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from sklearn_scat.classifiers import SpanCoordinates
from sklearn_scat.recipes._folds import searched
from sklearn_scat.recipes._scales import possible_scale

# Standardised features of small sets are separable: above 0.1 nothing changes any
# more but the time, and scikit-learn's default of 1 does not converge.
_C_GRID = tuple(10.0**exponent for exponent in range(-5, 0))
_DEFAULT_C = 1e-3
# Half of the time of scikit-learn's 1e-4, which moved accuracies on digits by 0.2
# points at most.
_TOL = 1e-2
_DEFAULT_J = 3  # for digits of 28×28 and 32×32, in Bruna and Mallat (2013)
_SEARCHED_J = (2, 4)
_VARIANCES = (0.8, 0.9, 0.95, 0.99)


def scattering(image_shape: Sequence[int], n_per_class: int, random_state: int) -> Any:
    """Scattering coefficients, with J searched, before a linear SVM.

    Parameters
    ----------
    image_shape : tuple (H, W) or (C, H, W)
        Shape of one image.
    n_per_class : int
        Training images of each class. The search has ``min(5, n_per_class)`` folds;
        one image a class leaves nothing to search with, and J=3 and C=10⁻³.
    random_state : int
        For the folds and the solver.

    Returns
    -------
    estimator : GridSearchCV or Pipeline
        Unfitted.

    References
    ----------
    J. Bruna and S. Mallat, "Invariant scattering convolution networks", IEEE TPAMI
    35(8), 2013, section 4.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> search = RECIPES["scattering"]((32, 32), 5, 0)
    >>> search.param_grid["scattering__J"]
    [2, 3, 4]
    """
    from sklearn_scat.transformers import ScatteringTransformer

    possible = possible_scale(image_shape)
    smallest, largest = (min(J, possible) for J in _SEARCHED_J)
    step = ScatteringTransformer(J=min(_DEFAULT_J, largest), image_shape=image_shape)
    grid = {"scattering__J": list(range(smallest, largest + 1))}
    return _linear_svm(
        [("scattering", step)], grid, n_per_class=n_per_class, random_state=random_state
    )


def pixels(image_shape: Sequence[int], n_per_class: int, random_state: int) -> Any:
    """Pixels as they are, before a linear SVM.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> [name for name, _ in RECIPES["pixels"]((32, 32), 5, 0).estimator.steps]
    ['scaler', 'rotation', 'svm']
    """
    return _linear_svm([], {}, n_per_class=n_per_class, random_state=random_state)


def pca(image_shape: Sequence[int], n_per_class: int, random_state: int) -> Any:
    """Principal components of the pixels, their number searched, and a linear SVM.

    The number is given by the part of the variance that is kept.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> RECIPES["pca"]((32, 32), 5, 0).param_grid["pca__n_components"]
    [0.8, 0.9, 0.95, 0.99]
    """
    step = PCA(n_components=_VARIANCES[-1], svd_solver="full")
    return _linear_svm(
        [("pca", step)],
        {"pca__n_components": list(_VARIANCES)},
        n_per_class=n_per_class,
        random_state=random_state,
    )


def _linear_svm(steps, grid, *, n_per_class, random_state):
    """Return the search of `grid` and C over steps, scaling and a linear SVM."""
    pipeline = Pipeline(
        [
            *steps,
            ("scaler", StandardScaler()),
            # the same SVM, in as many coordinates as there are images
            ("rotation", SpanCoordinates()),
            (
                "svm",
                LinearSVC(C=_DEFAULT_C, tol=_TOL, dual=True, random_state=random_state),
            ),
        ]
    )
    grid = {**grid, "svm__C": list(_C_GRID)}
    return searched(pipeline, grid, n_per_class=n_per_class, random_state=random_state)
