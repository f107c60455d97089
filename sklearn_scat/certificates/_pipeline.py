"""A fitted pipeline as a scattering, an affine map and a decision; their input."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from sklearn.utils import check_array, check_consistent_length
from sklearn.utils.validation import check_is_fitted, column_or_1d

from sklearn_scat._array_likes import as_array
from sklearn_scat.certificates._affine_steps import (
    AffineMap,
    before,
    flat_steps,
    identity,
)
from sklearn_scat.certificates._decisions import LinearScores, PairVotes, decision
from sklearn_scat.transformers import (
    NormalizedScattering,
    RotoTranslationScattering,
    ScatteringTransformer,
)

_SCATTERING = (ScatteringTransformer, RotoTranslationScattering)


class Parts(NamedTuple):
    """A fitted pipeline as the scattering, an affine map of it, and what decides."""

    scattering: object  # a transformer, or None for a pipeline on pixels
    affine: AffineMap
    decision: object


def pipeline_parts(pipeline):
    """Return what a fitted pipeline is made of, its affine steps folded into one.

    Linear scores are folded too: what decides is then the largest.

    Raises
    ------
    TypeError
        If a step is not affine, or nothing is known of the classifier.
    """
    *steps, classifier = flat_steps(pipeline)
    check_is_fitted(classifier)
    decides = decision(classifier)
    linear = isinstance(decides, LinearScores | PairVotes)
    affine = decides.scores if linear else identity(classifier.n_features_in_)
    first = steps[0] if steps else None
    has_scattering = isinstance(first, (*_SCATTERING, NormalizedScattering))
    for step in reversed(steps[has_scattering:]):
        affine = before(step, affine)
    if isinstance(first, NormalizedScattering):
        affine, first = affine.after(_standardization(first)), first.scattering_
    if linear:
        affine, decides = _into_scores(affine, decides)
    if has_scattering and not hasattr(first, "n_features_in_"):
        raise ValueError(
            "The scattering was fitted on images of several sizes; fit it on one size."
        )
    return Parts(first if has_scattering else None, affine, decides)


def _into_scores(affine, decides):
    """Return no map of z = S, and the scores that take it."""
    return identity(affine.weight.shape[-1]), replace(decides, scores=affine)


def _standardization(step):
    """Return the means and deviations of paths as an affine map."""
    if step.method != "standard":
        raise TypeError(
            f"NormalizedScattering(method={step.method!r}) is not linear: without a "
            "Lipschitz constant near 0 nothing can be certified. Take "
            "method='standard'."
        )
    _, _, h, w = step.output_shape_
    mean, scale = (np.repeat(a.ravel(), h * w) for a in (step.mean_, step.scale_))
    return AffineMap(1 / scale, -mean / scale)


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
