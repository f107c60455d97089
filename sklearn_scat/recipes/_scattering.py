"""Recipes of small-data classification by scattering coefficients.

All take the square root of the coefficients, or the fourth root, and a J that follows
the size of the images, so that every image is transformed once.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import RidgeClassifier, RidgeClassifierCV
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler

from sklearn_scat.recipes._kernel_machines import (
    is_searched,
    kernel_machine,
    selected_machine,
)
from sklearn_scat.recipes._scales import colour_scales, suitable_scale

_ALPHA = 300.0  # of one image a class
_ALPHAS = np.logspace(1, 6, 11)
_FEW_ALPHAS = np.logspace(2, 5, 4)  # where each takes a fit of its own

_AFFINE_ROWS = 2000  # images of a class from which decompositions take minutes
_N_COMPONENTS = 500
_MOST_DECOMPOSED = 4000  # coefficients whose covariance takes seconds, of 32×32 grey
_ROTATED_ROWS = 300  # from which products of all coefficients take minutes
# Features of a class, in all and in a round: with 1,000 images of a class, as published
# for CIFAR-10. A class that selects about as many as it has images fits their noise.
_SELECTED, _SELECTED_AT_ONCE = 400, 200
_IMAGES_A_FEATURE = 5


def square_roots(image_shape, J=None):
    """Return the scattering of images and the square root of its coefficients."""
    from sklearn_scat.transformers import NormalizedScattering, ScatteringTransformer

    scattering = ScatteringTransformer(
        J=suitable_scale(image_shape) if J is None else J, image_shape=image_shape
    )
    return NormalizedScattering(scattering, "sqrt")


def scat_affine(
    image_shape: Sequence[int],
    n_per_class: int,
    random_state: int,
    *,
    n_rows: int | None = None,
) -> Pipeline:
    """One affine space a class, its dimension by cross-validation.

    Parameters
    ----------
    image_shape : tuple (H, W) or (C, H, W)
        Shape of one image.
    n_per_class : int
        Training images of each class.
    random_state : int
        For folds.
    n_rows : int, default=None
        The same with copies. From 2,000 rows a class on, the 500 first principal
        components of all images stand for them: with 1,000 digits of MNIST that
        changed the error by 0.03 points.

    Returns
    -------
    estimator : Pipeline
        Unfitted.

    References
    ----------
    J. Bruna and S. Mallat, "Invariant scattering convolution networks", IEEE TPAMI
    35(8), 2013, section 4.1.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> [name for name, _ in RECIPES["scat_affine"]((32, 32), 30, 0).steps]
    ['scattering', 'affine']
    """
    from sklearn_scat.classifiers import PCAAffineClassifier

    steps = [("scattering", square_roots(image_shape))]
    if (n_rows or n_per_class) >= _AFFINE_ROWS:
        pca = _components(image_shape)
        steps.append(("pca", pca))
    affine = PCAAffineClassifier(random_state=random_state)
    return Pipeline([*steps, ("affine", affine)])


def scat_linear(
    image_shape: Sequence[int],
    n_per_class: int,
    random_state: int,
    *,
    n_rows: int | None = None,
) -> Any:
    """Ridge regression on standardised coefficients, its strength by leave-one-out.

    With copies the strength is chosen by folds of images, and is fixed for one image a
    class, where there are no folds.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> [name for name, _ in RECIPES["scat_linear"]((32, 32), 30, 0).steps]
    ['scattering', 'scaler', 'rotation', 'ridge']
    """
    from sklearn_scat.classifiers import SpanCoordinates

    ridge = RidgeClassifierCV(_ALPHAS if n_rows is None else _FEW_ALPHAS)
    if n_rows is not None and n_per_class < 2:
        ridge = RidgeClassifier(_ALPHA)
    return Pipeline(
        [
            ("scattering", square_roots(image_shape)),
            ("scaler", StandardScaler()),
            ("rotation", SpanCoordinates()),
            ("ridge", ridge),
        ]
    )


def scat_rbf(
    image_shape: Sequence[int],
    n_per_class: int,
    random_state: int,
    *,
    n_rows: int | None = None,
) -> Any:
    """Gaussian kernel, as wide as the samples are spread, with least squares.

    Colour images are scattered with three J, the fourth root of the coefficients is
    taken, and every image's features have norm 1. From 300 rows a class of grey images
    on, their 500 first principal components stand for them. The kernel's width and the
    penalty are chosen by folds of the images up to 400 rows a class; above, they are
    what the folds of smaller draws chose most often. Above 2,000 the kernels are
    centred at 15,000 of the rows.

    References
    ----------
    E. Oyallon and S. Mallat, "Deep roto-translation scattering for object
    classification", CVPR 2015, section 4, for the kernel.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> [name for name, _ in RECIPES["scat_rbf"]((3, 32, 32), 10, 0).steps]
    ['scattering', 'root', 'norm', 'rotation', 'ridge']
    >>> [name for name, _ in RECIPES["scat_rbf"]((32, 32), 6000, 0).steps]
    ['scattering', 'norm', 'pca', 'ridge']
    """
    from sklearn_scat.classifiers import SpanCoordinates

    n_rows = n_rows or n_per_class
    steps = _kernel_features(image_shape)
    if n_rows >= _ROTATED_ROWS and len(image_shape) == 2:
        steps.append(("pca", _components(image_shape)))
    elif is_searched(n_per_class, n_rows):  # distances stay, and cost less
        steps.append(("rotation", SpanCoordinates()))
    machine = kernel_machine(image_shape, n_per_class, random_state, n_rows=n_rows)
    return Pipeline([*steps, machine])


def scat_ols_rbf(
    image_shape: Sequence[int],
    n_per_class: int,
    random_state: int,
    *,
    n_rows: int | None = None,
) -> Pipeline:
    """Features selected by orthogonal least squares, and a Gaussian kernel.

    Parameters
    ----------
    image_shape, n_per_class, random_state, n_rows
        As for the recipe ``scat_affine``. Each class selects 400 features, in two
        rounds, as published for CIFAR-10, or a fifth as many as it has images at once
        and in more rounds.

    Returns
    -------
    estimator : Pipeline
        Unfitted.

    References
    ----------
    E. Oyallon and S. Mallat, "Deep roto-translation scattering for object
    classification", CVPR 2015, section 4.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> [name for name, _ in RECIPES["scat_ols_rbf"]((32, 32), 10, 0).steps]
    ['scattering', 'norm', 'scaler', 'selection', 'unit', 'ridge']
    """
    return Pipeline(
        [
            *_kernel_features(image_shape),
            ("scaler", StandardScaler()),
            ("selection", class_selection(n_per_class)),
            ("unit", Normalizer()),
            selected_machine(image_shape, random_state, n_rows=n_rows or n_per_class),
        ]
    )


def class_selection(n_per_class):
    """Return the selection of features for each class in turn, unfitted.

    Parameters
    ----------
    n_per_class : int
        Training images of each class.
    """
    from sklearn_scat.classifiers import OrthogonalLeastSquares

    n_features = min(_SELECTED_AT_ONCE, max(1, n_per_class // _IMAGES_A_FEATURE))
    return OrthogonalLeastSquares(
        n_features_per_class=n_features, n_rounds=_SELECTED // n_features, whiten=False
    )


def _kernel_features(image_shape):
    """Return the steps before a Gaussian kernel."""
    if len(image_shape) == 2:
        return [("scattering", square_roots(image_shape)), ("norm", Normalizer())]
    scales = colour_scales(image_shape)
    union = FeatureUnion([(f"J{J}", square_roots(image_shape, J)) for J in scales])
    root = FunctionTransformer(np.sqrt)
    return [("scattering", union), ("root", root), ("norm", Normalizer())]


def _components(image_shape):
    """Return the step of principal components: 500, or all coefficients if fewer."""
    scattering = square_roots(image_shape).scattering
    n_features = scattering.fit(np.zeros((1, *image_shape)))._n_features_out
    solver = "covariance_eigh" if n_features <= _MOST_DECOMPOSED else "randomized"
    n_components = min(_N_COMPONENTS, n_features)
    return PCA(n_components, svd_solver=solver, random_state=0)
