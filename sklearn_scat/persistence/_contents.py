"""What was read from a bundle: looked through before anyone uses it."""

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator

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


def parts(estimator):
    """Yield an estimator and all that it holds, each once."""
    seen, waiting = {}, [estimator]
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen[id(value)] = value  # kept, so that no other takes its place in memory
        yield value
        waiting.extend(_held(value))


def _held(value):
    """Return what an estimator or a container holds."""
    if isinstance(value, BaseEstimator):
        return vars(value).values()
    if isinstance(value, dict):
        return value.values()
    if isinstance(value, list | tuple | set):
        return value
    if isinstance(value, np.ndarray) and value.dtype == object:
        return value.ravel()
    return ()


def _check_weights(weights):
    wrong = [
        name
        for name, array in weights.items()
        if not isinstance(array, np.ndarray)
        or (array.dtype.kind == "f" and not np.isfinite(array).all())
    ]
    if wrong:
        raise ValueError(f"the weights {wrong[0]} are not finite")
