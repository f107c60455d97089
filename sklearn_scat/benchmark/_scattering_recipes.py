"""Recipes of small-data classification by scattering coefficients.

All take the square root of the coefficients, which was the best of four normalisations
on digits and on CIFAR-10, and a J that follows the size of the images, so that every
image is transformed once.
"""

import math

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import RidgeClassifierCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

_MAX_FOLDS = 5
_ALPHAS = np.logspace(1, 6, 11)
_FEW_ALPHAS = np.logspace(2, 5, 4)  # where each takes a fit of its own
_AFFINE_ROWS = 2000  # images of a class from which decompositions take minutes
_AFFINE_DIMENSIONS = 500
_SELECTED = 200  # features of a class and round, as published for CIFAR-10


def suitable_scale(image_shape):
    """Return the J whose windows are a quarter of a grey image, an eighth of a colour.

    Examples
    --------
    >>> from sklearn_scat.benchmark._scattering_recipes import suitable_scale
    >>> [suitable_scale(shape) for shape in [(28, 28), (3, 32, 32), (3, 96, 96)]]
    [3, 2, 4]
    """
    side = min(image_shape[-2:])
    J = round(math.log2(side)) - (2 if len(image_shape) == 2 else 3)
    return min(max(J, 1), 5, side.bit_length() - 1)


def scat_affine(image_shape, n_per_class, random_state, *, n_rows=None):
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
        components of all images stand for them, which changed no error by more than
        0.05 % on MNIST.

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
    >>> from sklearn_scat.benchmark import RECIPES
    >>> [name for name, _ in RECIPES["scat_affine"]((32, 32), 30, 0).steps]
    ['scattering', 'affine']
    """
    from sklearn_scat.affine import PCAAffineClassifier

    steps = [("scattering", _square_roots(image_shape))]
    if (n_rows or n_per_class) >= _AFFINE_ROWS:
        pca = PCA(_AFFINE_DIMENSIONS, svd_solver="covariance_eigh")
        steps.append(("pca", pca))
    affine = PCAAffineClassifier(random_state=random_state)
    return Pipeline([*steps, ("affine", affine)])


def scat_linear(image_shape, n_per_class, random_state, *, n_rows=None):
    """Ridge regression on standardised coefficients, its strength by leave-one-out.

    With copies the strength is chosen by folds of images.

    Parameters
    ----------
    image_shape, n_per_class, random_state, n_rows
        As for the recipe ``scat_affine``.

    Returns
    -------
    estimator : Pipeline
        Unfitted.

    Examples
    --------
    >>> from sklearn_scat.benchmark import RECIPES
    >>> [name for name, _ in RECIPES["scat_linear"]((32, 32), 30, 0).steps]
    ['scattering', 'scaler', 'rotation', 'ridge']
    """
    from sklearn_scat.linear import ExactRotation

    return Pipeline(
        [
            ("scattering", _square_roots(image_shape)),
            ("scaler", StandardScaler()),
            ("rotation", ExactRotation()),
            ("ridge", RidgeClassifierCV(_ALPHAS if n_rows is None else _FEW_ALPHAS)),
        ]
    )


def scat_rbf(image_shape, n_per_class, random_state, *, n_rows=None):
    """Gaussian support vector machine as wide as the samples are spread.

    Parameters
    ----------
    image_shape, n_per_class, random_state, n_rows
        As for the recipe ``scat_affine``.

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
    >>> from sklearn_scat.benchmark import RECIPES
    >>> [name for name, _ in RECIPES["scat_rbf"]((3, 32, 32), 10, 0).steps]
    ['scattering', 'svm']
    """
    from sklearn_scat.svm import MeanNormSVC

    return Pipeline(
        [("scattering", _square_roots(image_shape)), ("svm", MeanNormSVC())]
    )


def scat_ols_rbf(image_shape, n_per_class, random_state, *, n_rows=None):
    """Features selected by orthogonal least squares, and a Gaussian SVM.

    Parameters
    ----------
    image_shape, n_per_class, random_state, n_rows
        As for the recipe ``scat_affine``. Each class selects 200 features in each of
        two rounds, as published for CIFAR-10, or as many as it has images.

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
    >>> from sklearn_scat.benchmark import RECIPES
    >>> [name for name, _ in RECIPES["scat_ols_rbf"]((3, 32, 32), 10, 0).steps]
    ['scattering', 'scaler', 'selection', 'svm']
    """
    from sklearn_scat.selection import OrthogonalLeastSquares
    from sklearn_scat.svm import MeanNormSVC

    selection = OrthogonalLeastSquares(
        n_features_per_class=min(_SELECTED, max(1, n_per_class)), whiten=False
    )
    return Pipeline(
        [
            ("scattering", _square_roots(image_shape)),
            ("scaler", StandardScaler()),
            ("selection", selection),
            ("svm", MeanNormSVC()),
        ]
    )


def _square_roots(image_shape):
    """Return the scattering of images and the square root of its coefficients."""
    from sklearn_scat import ScatteringTransformer
    from sklearn_scat.normalization import NormalizedScattering

    scattering = ScatteringTransformer(
        J=suitable_scale(image_shape), image_shape=image_shape
    )
    return NormalizedScattering(scattering, "sqrt")
