"""Recipes of roto-translation scattering, for images of any data set.

Images that differ in size are taken for textures: one mean a path, without order 0.
"""

from collections.abc import Sequence
from typing import Any

from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler

from sklearn_scat.recipes._image_shape import SmallestSides
from sklearn_scat.recipes._kernel_machines import selected_machine
from sklearn_scat.recipes._scales import colour_scales, suitable_scale
from sklearn_scat.recipes._scattering import class_selection, square_roots
from sklearn_scat.recipes._textures import (
    texture_classifier,
    texture_features,
    without_order_0,
)


def rt_affine(
    image_shape: Any, n_per_class: int, random_state: int, *, n_rows: int | None = None
) -> Pipeline:
    """Rigid roto-translation scattering, and one affine space a class.

    Parameters
    ----------
    image_shape : tuple (H, W) or (C, H, W), or SmallestSides
        Shape of one image.
    n_per_class : int
        Training images of each class.
    random_state : int
        For folds.
    n_rows : int, default=None
        The same with copies.

    Returns
    -------
    estimator : Pipeline
        Unfitted.

    References
    ----------
    L. Sifre and S. Mallat, "Rotation, scaling and deformation invariant scattering for
    texture discrimination", CVPR 2013.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> [name for name, _ in RECIPES["rt_affine"]((32, 32), 30, 0).steps]
    ['scattering', 'affine']
    """
    from sklearn_scat.classifiers import PCAAffineClassifier

    if isinstance(image_shape, SmallestSides):
        steps = _texture_steps(image_shape)
        n_rows = n_rows or n_per_class
        affine = texture_classifier("affine", n_per_class, random_state, n_rows=n_rows)
        return Pipeline([*steps, *affine])
    features = _roto_translation(image_shape, form="rigid", method="sqrt")
    affine = PCAAffineClassifier(random_state=random_state)
    return Pipeline([("scattering", features), ("affine", affine)])


def rt_ols_rbf(
    image_shape: Sequence[int],
    n_per_class: int,
    random_state: int,
    *,
    n_rows: int | None = None,
) -> Any:
    """Separable roto-translation scattering, selected features, a Gaussian kernel.

    Logarithms of the coefficients of grey images; square roots of those of colour
    images, in two scales and beside translation scattering in a third, which was more
    accurate on CIFAR-10. Standardised; orthogonal least squares then selects features
    for each class as in the recipe ``scat_ols_rbf``.

    References
    ----------
    E. Oyallon and S. Mallat, "Deep roto-translation scattering for object
    classification", CVPR 2015, section 4.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> [name for name, _ in RECIPES["rt_ols_rbf"]((3, 32, 32), 10, 0).steps]
    ['scattering', 'scaler', 'selection', 'norm', 'ridge']
    """
    if isinstance(image_shape, SmallestSides):
        steps = _texture_steps(image_shape)
    elif len(image_shape) == 2:
        features = _roto_translation(image_shape, form="separable", method="log")
        steps = [("scattering", features)]
    else:
        steps = [("scattering", _colour_features(image_shape))]
    return Pipeline(
        [
            *steps,
            ("scaler", StandardScaler()),
            ("selection", class_selection(n_per_class)),
            ("norm", Normalizer()),
            selected_machine(image_shape, random_state, n_rows=n_rows or n_per_class),
        ]
    )


def _roto_translation(image_shape, *, form, method, J=None):
    """Return roto-translation scattering and what is taken of its coefficients."""
    from sklearn_scat.transformers import (
        NormalizedScattering,
        RotoTranslationScattering,
    )

    scattering = RotoTranslationScattering(
        J=J or suitable_scale(image_shape), form=form, image_shape=image_shape
    )
    return NormalizedScattering(scattering, method)


def _colour_features(image_shape):
    """Return two scales of roto-translation, and one of translation scattering."""
    *turned, last = colour_scales(image_shape)
    parts = {
        f"rotation_J{J}": _roto_translation(
            image_shape, form="separable", method="sqrt", J=J
        )
        for J in turned
    }
    return FeatureUnion([*parts.items(), (f"J{last}", square_roots(image_shape, last))])


def _texture_steps(image_shape):
    """Return the steps that give one row for a texture of any size."""
    return [
        ("scattering", texture_features(image_shape, "rigid", "sqrt")),
        ("details", FunctionTransformer(without_order_0)),
    ]
