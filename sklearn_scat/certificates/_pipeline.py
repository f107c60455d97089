"""A fitted pipeline as a scattering and linear scores, and what both are given."""

import numpy as np
from sklearn.utils import check_array, check_consistent_length
from sklearn.utils.validation import check_is_fitted, column_or_1d

from sklearn_scat._array_likes import as_array
from sklearn_scat.certificates._affine_steps import before, flat_steps, linear_scores
from sklearn_scat.transformers import (
    NormalizedScattering,
    RotoTranslationScattering,
    ScatteringTransformer,
)

_SCATTERING = (ScatteringTransformer, RotoTranslationScattering)


def folded_scores(pipeline):
    """Return what a fitted pipeline is made of, its affine steps folded into one.

    Returns
    -------
    scattering : transformer or None
        None for a pipeline on pixels.
    W, c : ndarray of shape (K, p) and (K,)
        Scores W S + c, the largest of which decides.
    classes : ndarray of shape (K,)
        The classes.

    Raises
    ------
    TypeError
        If a step is not linear.
    """
    *steps, classifier = flat_steps(pipeline)
    check_is_fitted(classifier)
    W, c = linear_scores(classifier)
    first = steps[0] if steps else None
    has_scattering = isinstance(first, (*_SCATTERING, NormalizedScattering))
    for step in reversed(steps[has_scattering:]):
        W, c = before(step, W, c)
    if isinstance(first, NormalizedScattering):
        first, W, c = _standardized(first, W, c)
    if has_scattering and not hasattr(first, "n_features_in_"):
        raise ValueError(
            "The scattering was fitted on images of several sizes; fit it on one size."
        )
    return (first if has_scattering else None), W, c, classifier.classes_


def _standardized(step, W, c):
    """Fold the means and deviations of paths into scores."""
    if step.method != "standard":
        raise TypeError(
            f"NormalizedScattering(method={step.method!r}) is not linear: without a "
            "Lipschitz constant near 0 nothing can be certified. Take "
            "method='standard'."
        )
    _, _, h, w = step.output_shape_
    mean, scale = (np.repeat(a.ravel(), h * w) for a in (step.mean_, step.scale_))
    W = W / scale
    return step.scattering_, W, c - W @ mean


def check_image_array(X):
    """Return images as an array of float64."""
    return check_array(
        as_array(X), dtype=np.float64, ensure_2d=False, allow_nd=True, input_name="X"
    )


def class_index(y, classes, n):
    """Return the position of each label among the classes."""
    y = column_or_1d(y)
    check_consistent_length(np.empty(n), y)
    index = np.minimum(np.searchsorted(classes, y), len(classes) - 1)
    unknown = np.setdiff1d(y[classes[index] != y], classes)
    if len(unknown):
        raise ValueError(
            f"y holds {unknown[0]}, which the model does not know; it has the "
            f"classes {', '.join(map(str, classes))}."
        )
    return index
