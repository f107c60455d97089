"""The weights of networks inside an estimator: taken out, and put back."""

import copy

import numpy as np
from sklearn.base import BaseEstimator

from sklearn_scat.neural._classifier import NetworkClassifier


def without_weights(estimator):
    """Return a copy of an estimator with numbers for its networks' weights.

    Parameters
    ----------
    estimator : estimator
        Left as it is.

    Returns
    -------
    light : estimator
        The copy. Every fitted network has an integer for ``weights_``.
    weights : dict of str to ndarray
        ``"0.conv1.weight"`` is the array ``conv1.weight`` of those numbered 0.
    """
    found = {id(net.weights_): net.weights_ for net in _fitted_networks(estimator)}
    numbers = {key: number for number, key in enumerate(found)}
    light = copy.deepcopy(estimator, dict(numbers))  # what it takes for copied already
    weights = {
        f"{numbers[key]}.{name}": np.require(array, requirements="C")
        for key, arrays in found.items()
        for name, array in arrays.items()
    }
    return light, weights


def give_weights(light, weights):
    """Put weights where :func:`without_weights` left numbers.

    Raises
    ------
    ValueError
        If a network has no weights, or weights no network.
    """
    groups = {}
    for key, array in weights.items():
        number, _, name = key.partition(".")
        groups.setdefault(number, {})[name] = array
    networks = list(_fitted_networks(light))
    wanted = {str(net.weights_) for net in networks}
    if wanted != groups.keys():
        raise ValueError(
            f"the estimator has networks {sorted(wanted)}, and there are weights of "
            f"{sorted(groups)}"
        )
    for net in networks:
        net.weights_ = groups[str(net.weights_)]


def _fitted_networks(estimator):
    """Yield the fitted networks in an estimator and its parts, each once."""
    seen, waiting = {}, [estimator]
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen[id(value)] = value  # kept, so that no other takes its place in memory
        if isinstance(value, NetworkClassifier) and hasattr(value, "weights_"):
            yield value
        waiting += _parts(value)


def _parts(value):
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
