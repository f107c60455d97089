"""Recipes of texture classification: one mean a path, from images of any size.

Named by their parts: `translation` or `rigid` scattering, or `both`; the `log` or the
`sqrt` of the means; `dilated`, the features being averaged over four sizes, or
`multiscale`, where the classifier learns from the four sizes one by one and sums its
decisions over those of a test image, `enlarged` where a larger one joins these; and
`affine` spaces of a dimension that follows
from the number of images, `affine_cv` of one by cross-validation, or `svm`.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sklearn_scat.augmentation._resampling import resized
from sklearn_scat.recipes._image_shape import SmallestSides
from sklearn_scat.recipes._kernel_machines import kernel_machine
from sklearn_scat.recipes._scales import texture_scale

_N_COPIES = 3
# Spaces of more dimensions than this classified no better on folds of training images.
_MOST_COMPONENTS = 40
_SVM = {"C": 1000.0, "sigma": 1.0}


def without_order_0(S: Any, n_channels: int = 1) -> Any:
    """Return coefficients without the first of every channel, its mean level."""
    S = S.reshape(len(S), n_channels, -1)
    return S[:, :, 1:].reshape(len(S), -1)


def enlarged(X: ArrayLike, image_shape: Sequence[int] | None = None) -> Any:
    """Return images √2 times larger, of any sizes or rows of one shape."""
    if image_shape is not None:
        return resized(np.reshape(X, (-1, *image_shape)), 1 / np.sqrt(2))
    images: Any = X
    return [resized(image, 1 / np.sqrt(2)) for image in images]


def stated_shape(image_shape):
    """Return what to state of images: their shape, or None where sizes differ."""
    known = image_shape is not None and not isinstance(image_shape, SmallestSides)
    return tuple(image_shape) if known else None


def texture_features(image_shape, kind, method, *, stated=None):
    """Return the steps that give one row of roots or logarithms for an image.

    Parameters
    ----------
    image_shape : tuple (H, W)
        The smallest sides.
    kind : {"translation", "rigid", "complete"}
        Which scattering.
    method : {"log", "sqrt"}
        What is taken of the means.
    stated : tuple, default=None
        Shape of one image, where rows of pixels come.

    Returns
    -------
    scattering : NormalizedScattering
        Unfitted.
    """
    from sklearn_scat.transformers import (
        NormalizedScattering,
        RotoTranslationScattering,
        ScatteringTransformer,
    )

    scattering = (
        ScatteringTransformer()
        if kind == "translation"
        else RotoTranslationScattering(form=kind)
    )
    scattering.set_params(
        J=texture_scale(image_shape), pooling="mean", image_shape=stated
    )
    return NormalizedScattering(scattering, method)


def texture_classifier(name, n_per_class, random_state, *, n_rows):
    """Return the steps of a classifier of features.

    Parameters
    ----------
    name : {"affine", "affine_cv", "svm"}
        Which one. "affine" takes spaces of one dimension less than each class has
        images, as published; with copies of one less than it has rows, up to 40.
    n_per_class : int
        Training images of each class.
    random_state : int
        For folds.
    n_rows : int
        The same with copies.

    Returns
    -------
    steps : list of (str, estimator)
    """
    from sklearn_scat.classifiers import MeanNormSVC, PCAAffineClassifier

    if name == "svm":
        return [("scaler", StandardScaler()), ("svm", MeanNormSVC(**_SVM))]
    n_components = n_per_class - 1
    if n_rows > n_per_class:
        n_components = min(n_rows - 1, max(n_components, _MOST_COMPONENTS))
    if name == "affine_cv":
        n_components = "cv"
    affine = PCAAffineClassifier(n_components, random_state=random_state)
    return [("affine", affine)]


def texture_recipe(
    kind: Literal["translation", "rigid", "both"],
    method: Literal["log", "sqrt"],
    *,
    copies: Literal["dilated", "multiscale", "enlarged"] | None = None,
    classifier: Literal["affine", "affine_cv", "svm"] = "affine",
) -> Callable[..., Any]:
    """Return a recipe of textures, made of its parts.

    Parameters
    ----------
    kind : {"translation", "rigid", "complete", "both"}
        Which scattering; "both" adds up the decisions of two classifiers.
    method : {"log", "sqrt"}
        What is taken of the means.
    copies : {None, "dilated", "multiscale", "enlarged"}
        What is done with images shrunk by √2, 2 and 2√2, and enlarged by √2.
    classifier : {"affine", "affine_cv", "svm"}
        What decides.

    Returns
    -------
    recipe : callable
        ``recipe(image_shape, n_per_class, random_state)``.

    Examples
    --------
    >>> from sklearn_scat.recipes import SmallestSides, texture_recipe
    >>> recipe = texture_recipe("rigid", "sqrt", copies="multiscale")
    >>> smallest = SmallestSides((113, 160))
    >>> recipe(smallest, 5, 0).estimator["affine"].n_components
    19
    >>> texture_recipe("rigid", "log")(smallest, 5, 0)["affine"].n_components
    4
    """

    def recipe(image_shape, n_per_class, random_state):
        from sklearn_scat.augmentation import AugmentedClassifier
        from sklearn_scat.classifiers import DecisionSum

        n_copies = {"multiscale": _N_COPIES, "enlarged": _N_COPIES + 1}.get(copies, 0)
        n_rows = n_per_class * (1 + n_copies)
        classify = functools.partial(
            texture_classifier, classifier, n_per_class, random_state, n_rows=n_rows
        )
        kinds = ("translation", "rigid") if kind == "both" else (kind,)
        pipelines = [
            _pipeline(image_shape, method, classify(), kind=one, copies=copies)
            for one in kinds
        ]
        model = DecisionSum(*pipelines) if kind == "both" else pipelines[0]
        if not n_copies:
            return model
        stated = stated_shape(image_shape)
        learner = AugmentedClassifier(
            model, "dilate", n_copies=n_copies, random_state=random_state
        )
        if copies == "multiscale":
            return learner.set_params(image_shape=stated)
        # what is shrunk by √2 first is the image itself
        enlarge = FunctionTransformer(enlarged, kw_args={"image_shape": stated})
        return Pipeline([("enlarge", enlarge), ("classifier", learner)])

    parts = (kind, method, copies, classifier)
    recipe.__name__ = recipe.__qualname__ = "_".join(filter(None, parts))
    return recipe


def textures_affine(image_shape: Any, n_per_class: int, random_state: int) -> Pipeline:
    """Means of two scatterings at five sizes, and one affine space a class.

    Translation and rigid roto-translation scattering, under a square root, of images,
    larger and smaller copies; the decisions of both are added up. The best of the
    variants in ``benchmarks/texture_ablations.py``.

    Parameters
    ----------
    image_shape : tuple (H, W) or (C, H, W), SmallestSides, or None
        Shape of one image, where rows of pixels come. None, or the smallest sides, for
        images of any sizes in a list; None takes grey ones of 91 pixels or more.
    n_per_class : int
        Training images of each class.
    random_state : int
        For copies.

    Returns
    -------
    estimator : Pipeline
        Unfitted.

    References
    ----------
    L. Sifre and S. Mallat, "Rotation, scaling and deformation invariant scattering for
    texture discrimination", CVPR 2013, without their logarithm.

    Examples
    --------
    >>> from sklearn_scat.recipes import textures_affine
    >>> [name for name, _ in textures_affine(None, 5, 0).steps]
    ['enlarge', 'classifier']
    """
    recipe = texture_recipe("both", "sqrt", copies="enlarged")
    return recipe(image_shape, n_per_class, random_state)


def textures_multiscale(
    image_shape: Sequence[int], n_per_class: int, random_state: int
) -> Any:
    """Means of translation scattering at four sizes, and one affine space a class.

    A quarter of the time of ``textures_affine``, and about as accurate where there are
    twenty images of a class or more.

    Parameters
    ----------
    image_shape, n_per_class, random_state
        As for the recipe ``textures_affine``.

    Returns
    -------
    estimator : AugmentedClassifier
        Unfitted.

    References
    ----------
    L. Sifre and S. Mallat, "Rotation, scaling and deformation invariant scattering for
    texture discrimination", CVPR 2013.

    Examples
    --------
    >>> from sklearn_scat.recipes import textures_multiscale
    >>> [name for name, _ in textures_multiscale(None, 5, 0).estimator.steps]
    ['scattering', 'details', 'affine']
    """
    recipe = texture_recipe("translation", "sqrt", copies="multiscale")
    return recipe(image_shape, n_per_class, random_state)


def scat_moments(
    image_shape: Sequence[int], n_per_class: int, random_state: int
) -> Pipeline:
    """Logarithms of the moments of each path's map, under a Gaussian kernel.

    For defects and grain: a small defect changes the largest value of a map, where it
    hardly moves the mean.

    Parameters
    ----------
    image_shape, n_per_class, random_state
        As for the recipe ``textures_affine``.

    Returns
    -------
    estimator : Pipeline
        Unfitted.

    References
    ----------
    L. Sifre and S. Mallat, "Rotation, scaling and deformation invariant scattering for
    texture discrimination", CVPR 2013, for the logarithm.

    Examples
    --------
    >>> from sklearn_scat.recipes import scat_moments
    >>> scat_moments((200, 200), 5, 0)["scattering"].scattering
    ScatteringTransformer(J=5, image_shape=(200, 200), pooling='moments')
    """
    from sklearn_scat.classifiers import SpanCoordinates

    machine = kernel_machine((0, 0), n_per_class, random_state, n_rows=n_per_class)
    return Pipeline(
        [
            ("scattering", moments(image_shape)),
            ("scaler", StandardScaler()),
            ("rotation", SpanCoordinates()),
            machine,
        ]
    )


def moments(image_shape):
    """Return the logarithms of the moments of scattering maps, unfitted."""
    from sklearn_scat.transformers import NormalizedScattering, ScatteringTransformer

    scattering = ScatteringTransformer(
        J=texture_scale(image_shape, 0),
        pooling="moments",
        image_shape=stated_shape(image_shape),
    )
    return NormalizedScattering(scattering, "log")


def _pipeline(image_shape, method, steps, *, kind, copies):
    """Return features of one kind before the steps of a classifier."""
    from sklearn_scat.augmentation import DilationAverage

    stated = stated_shape(image_shape)
    features = texture_features(
        image_shape, kind, method, stated=None if copies else stated
    )
    if copies == "dilated":
        features = DilationAverage(features, _N_COPIES, image_shape=stated)
    n_channels = 1 if image_shape is None else (1, *image_shape)[-3]
    settings = {"n_channels": n_channels} if n_channels > 1 else None
    details = FunctionTransformer(without_order_0, kw_args=settings)
    return Pipeline([("scattering", features), ("details", details), *steps])
