"""The parameters of an estimator and of its parts: their holders, and their ranges."""

from numbers import Integral
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils._param_validation import Interval


class _Whole(Interval):
    """A range of integers, to which True and False do not belong."""

    def is_satisfied_by(self, val):
        return not isinstance(val, bool | np.bool_) and super().is_satisfied_by(val)


def whole(low, high=None):
    """Return the constraint of a parameter: an integer of `low` or more.

    Parameters
    ----------
    low : int
    high : int, default=None
        The largest that is allowed.
    """
    return _Whole(Integral, low, high, closed="left" if high is None else "both")


class Parameter(NamedTuple):
    """A parameter, at any depth.

    Attributes
    ----------
    name : str
        As `set_params` of the outermost estimator takes it.
    key : str
        As its holder calls it.
    value : object
    holders : tuple
        The estimators that it stands in, from the outermost to its own.
    """

    name: str
    key: str
    value: Any
    holders: tuple

    @property
    def holder(self):
        """The estimator, or part of one, whose parameter it is."""
        return self.holders[-1]


def parameters(estimator):
    """Yield all parameters of an estimator, and of those that it holds.

    Parameters
    ----------
    estimator : estimator
        Fitted or not.

    Yields
    ------
    parameter : Parameter

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_scat._parameters import parameters
    >>> found = parameters(make_pipeline(Ridge()))
    >>> [p.name for p in found if isinstance(p.holder, Ridge) and p.key == "alpha"]
    ['ridge__alpha']
    """
    values = estimator.get_params(deep=True)
    for name, value in values.items():
        *path, key = name.split("__")
        paths = ("__".join(path[: i + 1]) for i in range(len(path)))
        holders = (estimator, *(values.get(part) for part in paths))
        yield Parameter(name, key, value, holders)


def is_estimator(value):
    """Tell an estimator from a class, a function or a number."""
    return hasattr(value, "get_params") and not isinstance(value, type)


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
    """Return what an estimator, another object or a container holds."""
    if isinstance(value, dict):
        return value.values()
    if isinstance(value, list | tuple | set):
        return value
    if isinstance(value, np.ndarray):
        return value.ravel() if value.dtype == object else ()
    if isinstance(value, type | FunctionType | ModuleType):
        return ()
    return getattr(value, "__dict__", {}).values()
