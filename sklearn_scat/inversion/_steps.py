"""Coefficients of a scattering, from the features a fitted pipeline makes of them."""

import numpy as np
from sklearn.feature_selection import SelectorMixin
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sklearn_scat.transformers import (
    NormalizedScattering,
    RotoTranslationScattering,
    ScatteringTransformer,
)

_SCATTERING = (ScatteringTransformer, RotoTranslationScattering)


def split(model):
    """Return the fitted scattering of a model, and the steps that follow it.

    Raises
    ------
    TypeError
        If there is no scattering at the beginning, or a step has no inverse.
    ValueError
        If the scattering was fitted on images of several sizes.
    """
    first, *steps = _flat(model) or [model]
    if isinstance(first, NormalizedScattering):
        check_is_fitted(first)
        first, steps = first.scattering_, [first, *steps]
    if not isinstance(first, _SCATTERING):
        raise TypeError(
            "transformer must be a fitted ScatteringTransformer or "
            "RotoTranslationScattering, a NormalizedScattering of one, or a pipeline "
            f"that begins with one of these; got {type(first).__name__}."
        )
    check_is_fitted(first)
    if not hasattr(first, "n_features_in_"):
        raise ValueError(
            "The transformer was fitted on images of several sizes; fit it on one."
        )
    for step in steps:
        _check_inverse(step)
    return first, steps


def undo(steps, Z):
    """Return the coefficients that steps made features Z of."""
    for step in reversed(steps):
        Z = np.asarray(step.inverse_transform(Z), dtype=np.float64)
    return Z


def _flat(model):
    """Return the steps of a pipeline, and of pipelines in it."""
    if not isinstance(model, Pipeline):
        return [model]
    steps = [step for _, step in model.steps if step not in (None, "passthrough")]
    return [part for step in steps for part in _flat(step)]


def _check_inverse(step):
    """Refuse steps that lose what they were given."""
    if isinstance(step, SelectorMixin) or not hasattr(step, "inverse_transform"):
        raise TypeError(
            f"{type(step).__name__} cannot be inverted: after the scattering there may "
            "stand steps with an inverse_transform that drop no column, as scalers "
            "and PCA. Of a pipeline with a classifier take pipeline[:-1]."
        )
