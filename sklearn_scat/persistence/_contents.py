"""What was read from a bundle: looked through before anyone uses it."""

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator

from sklearn_scat._parameters import parts

_STORAGE = ("cache", "memory")  # parameters that name folders of a machine


def check_contents(estimator):
    """Refuse arrays that code behind Python would read out of bounds, or not at all.

    Raises
    ------
    ValueError
        If a sparse matrix has indices past its sides, or a network's weights are not
        finite.
    """
    for value in parts(estimator):
        if sparse.issparse(value) and hasattr(value, "check_format"):
            value.check_format(full_check=True)
        weights = getattr(value, "weights_", None)
        if isinstance(weights, dict):
            _check_weights(weights)


def without_storage(estimator):
    """Return an estimator whose parts keep nothing on disk, changed in place."""
    for value in parts(estimator):
        if isinstance(value, BaseEstimator):
            stored = vars(value).keys() & set(_STORAGE)
            vars(value).update(dict.fromkeys(stored))
    return estimator


def _check_weights(weights):
    wrong = [
        name
        for name, array in weights.items()
        if not isinstance(array, np.ndarray)
        or (array.dtype.kind == "f" and not np.isfinite(array).all())
    ]
    if wrong:
        raise ValueError(f"the weights {wrong[0]} are not finite")
