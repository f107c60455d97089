"""What was read from a bundle: looked through before anyone uses it."""

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator

from sklearn_scat._parameters import parts
from sklearn_scat.persistence._shapes import check_shapes

_STORAGE = ("cache", "memory")  # parameters that name folders of a machine


def check_contents(estimator):
    """Refuse arrays that code behind Python would read out of bounds, or not at all.

    Raises
    ------
    ValueError
        If a sparse matrix has indices past its sides, arrays of an estimator do not
        fit each other, or a network's weights are not finite.
    """
    for value in parts(estimator):
        if sparse.issparse(value) and hasattr(value, "check_format"):
            value.check_format(full_check=True)
        if isinstance(value, BaseEstimator):
            check_shapes(value)
        if isinstance(value, np.random.RandomState):
            _check_position(value)
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


def _check_position(state):
    """Refuse a random generator that stands past the end of its numbers."""
    numbers = state.get_state(legacy=False)["state"]
    if "pos" in numbers and not 0 <= numbers["pos"] <= len(numbers["key"]):
        raise ValueError(f"a random generator stands at {numbers['pos']}")


def _check_weights(weights):
    wrong = [
        name
        for name, array in weights.items()
        if not isinstance(array, np.ndarray)
        or (array.dtype.kind == "f" and not np.isfinite(array).all())
    ]
    if wrong:
        raise ValueError(f"the weights {wrong[0]} are not finite")
