"""What the package has from scikit-learn's private names, and how it warns."""

import sys
import warnings

import numpy as np
from sklearn.base import _fit_context as fit_context
from sklearn.utils._array_api import _convert_to_numpy as convert_to_numpy
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.validation import _check_feature_names_in as check_feature_names_in
from sklearn.utils.validation import _check_sample_weight

__all__ = [
    "PixelRangeWarning",
    "check_feature_names_in",
    "checked_weights",
    "convert_to_numpy",
    "fit_context",
    "output_container",
    "warn",
]

_INSIDE = ("sklearn_scat", "sklearn", "joblib", "contextlib")


class PixelRangeWarning(UserWarning):
    """Images have values of quite another range than those that were learned from."""


def output_container(estimator):
    """Return what `transform` shall return: "default", "pandas" or "polars"."""
    return _get_output_config("transform", estimator)["dense"]


def checked_weights(sample_weight, X):
    """Return weights as float64 (n,), or None where none are given.

    Raises
    ------
    ValueError
        If a weight is negative, or if all are zero.
    """
    if sample_weight is None:
        return None
    return _check_sample_weight(
        sample_weight, X, dtype=np.float64, ensure_non_negative=True
    )


def warn(message, category=UserWarning):
    """Warn at the line of the user's own that led here.

    Parameters
    ----------
    message : str
        What is the matter, and what would do.
    category : type, default=UserWarning
        Of the warning.
    """
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None:
        package = frame.f_globals.get("__name__", "").partition(".")[0]
        if package not in _INSIDE:
            break
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level + 1)
