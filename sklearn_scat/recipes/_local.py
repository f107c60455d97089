"""Recipes that compare patches of scattering maps at near positions."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.model_selection import LeaveOneOut
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler

from sklearn_scat.recipes._scales import suitable_scale

# Chosen by benchmarks/choose_local.py on training images of CIFAR-10 alone, draws of
# 100 with seeds from 1,000 on.
_PATCH_SIZE = 2
_GAMMA = 4.0
_N_COMPONENTS = 128
# As are J, the root and the floor of the whitening, of earlier trials, a part of which
# saw test images.
_SPREAD = 1

# Of many images, chosen by benchmarks/choose_local_features.py on training images of
# CIFAR-10 alone, draws of 5,000 with seeds from 1,000 on.
_LANDMARKS = 500
_LANDMARKS_OF_ONE = 10  # of an image: few images have few kinds of patches
_STEP, _POOLING_WIDTH = 2, 0.8  # positions of patches
_ALPHA, _SIGMA = 0.01, 1.4
_MOST_KERNELS = 10_000  # whose normal equations take 0.8 GB


def scat_local(
    image_shape: Sequence[int],
    n_per_class: int,
    random_state: int,
    *,
    n_rows: int | None = None,
) -> Any:
    """Local kernel between patches of scattering maps, with least squares.

    The penalty is chosen by the images that are left out, one at a time with its
    copies. For up to 10,000 images and copies.

    References
    ----------
    J. Mairal, P. Koniusz, Z. Harchaoui and C. Schmid, "Convolutional kernel networks",
    NIPS 2014.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> RECIPES["scat_local"]((3, 32, 32), 10, 0).patch_size
    2
    """
    from sklearn_scat.classifiers import LocalKernelRidge

    return LocalKernelRidge(
        fourth_roots(image_shape),
        patch_size=_PATCH_SIZE,
        gamma=_GAMMA,
        spread=_SPREAD,
        n_components=_N_COMPONENTS,
        cv=LeaveOneOut(),
        image_shape=image_shape,
    )


def scat_local_features(
    image_shape: Sequence[int],
    n_per_class: int,
    random_state: int,
    *,
    n_rows: int | None = None,
) -> Pipeline:
    """Patches of scattering maps against landmarks, and a Gaussian kernel on the whole.

    For thousands of images and more: time grows with their number. What patches are
    like, 500 landmarks at most, is averaged around sixteen points, standardised and
    brought to norm 1; above 10,000 images and copies the kernels are centred at that
    many. Nothing is searched.

    References
    ----------
    A. Coates, A. Ng and H. Lee, "An analysis of single-layer networks in unsupervised
    feature learning", AISTATS 2011, for landmarks of whitened patches, averaged over
    parts of the image; J. Mairal, "End-to-end kernel learning with supervised
    convolutional kernel networks", NIPS 2016, for what is computed of them.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> model = RECIPES["scat_local_features"]((3, 32, 32), 1000, 0)
    >>> [name for name, _ in model.steps]
    ['features', 'scaler', 'norm', 'ridge']
    """
    from sklearn_scat.classifiers import MeanNormRidge
    from sklearn_scat.local_kernels import LocalKernelFeatures

    features = LocalKernelFeatures(
        fourth_roots(image_shape),
        n_landmarks=min(_LANDMARKS, _LANDMARKS_OF_ONE * (n_rows or n_per_class)),
        patch_size=_PATCH_SIZE,
        gamma=_GAMMA,
        pooling_width=_POOLING_WIDTH,
        step=_STEP,
        image_shape=image_shape,
        random_state=random_state,
    )
    ridge = MeanNormRidge(
        _ALPHA, sigma=_SIGMA, n_landmarks=_MOST_KERNELS, random_state=random_state
    )
    return Pipeline(
        [
            ("features", features),
            # the features are this pipeline's own, and many
            ("scaler", StandardScaler(copy=False)),
            ("norm", Normalizer(copy=False)),
            ("ridge", ridge),
        ]
    )


def fourth_roots(image_shape):
    """Return the scattering maps of images and the fourth root of their sizes."""
    from sklearn_scat.transformers import NormalizedScattering, ScatteringTransformer

    scattering = ScatteringTransformer(
        J=suitable_scale(image_shape), image_shape=image_shape, output="maps"
    )
    return Pipeline(
        [
            ("scattering", NormalizedScattering(scattering, "sqrt")),
            ("root", FunctionTransformer(np.sqrt)),
        ]
    )
