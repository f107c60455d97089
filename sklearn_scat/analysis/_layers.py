"""One layer of features or several, under names: what every measurement takes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_array
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, column_or_1d

from sklearn_scat._array_likes import as_array

ONE_LAYER = "features"


def named_layers(F, *, name="F", min_samples=1):
    """Check one layer or several.

    Parameters
    ----------
    F : array-like of shape (n, p), or mapping of names to such arrays
        Features; all layers have the same n samples.
    name : str, default="F"
        What the errors call it.
    min_samples : int, default=1
        The fewest samples that the measurement is defined for.

    Returns
    -------
    layers : dict of str to ndarray of float64 of shape (n, p)
        A single array is the layer "features".
    """
    several = isinstance(F, Mapping)
    if several and not F:
        raise ValueError(f"{name} is an empty mapping: pass one layer at least.")
    given = F if several else {ONE_LAYER: F}
    layers = {
        str(layer): check_array(
            as_array(values),
            dtype=np.float64,
            ensure_min_samples=min_samples,
            input_name=f"{name}[{layer!r}]" if several else name,
        )
        for layer, values in given.items()
    }
    sizes = {layer: len(values) for layer, values in layers.items()}
    if len(set(sizes.values())) > 1:
        raise ValueError(f"The layers of {name} differ in their samples: {sizes}.")
    return layers


def n_samples(layers):
    """Return the number of samples of checked layers."""
    return len(next(iter(layers.values())))


def class_indices(y, n, *, min_classes=1):
    """Return the labels of n samples and, for every sample, the index of its own."""
    y = column_or_1d(y)
    check_consistent_length(np.empty(n), y)
    check_classification_targets(y)
    classes, index = np.unique(y, return_inverse=True)
    if len(classes) < min_classes:
        raise ValueError(
            f"y holds {len(classes)} class, {classes[0]}; distances between classes "
            f"need {min_classes} at least."
        )
    return classes, index


def standardize(F: ArrayLike | Mapping[str, ArrayLike], train: Any = None) -> Any:
    """Features of mean 0 and variance 1, layer by layer.

    Distances are dominated by the features of largest variance; layers are compared
    after this, as in [1]_. A feature that is constant on the training samples is
    centred only.

    Parameters
    ----------
    F : array-like of shape (n, p), or mapping of names to such arrays
        Features, or the layers of a network in their order.
    train : like `F`, default=None
        The samples whose means and standard deviations are used; None takes F's own.

    Returns
    -------
    standardized : ndarray of float64 of shape (n, p), or dict of such arrays
        As `F` came.

    Raises
    ------
    ValueError
        When `train` has other layers or other widths than `F`, or a number is not
        finite.

    References
    ----------
    .. [1] E. Oyallon, "Building a regular decision boundary with deep networks", CVPR
       2017, pages 5106–5114.

    Examples
    --------
    >>> from sklearn_scat.analysis import standardize
    >>> standardize([[1.0, 5.0], [3.0, 5.0]])
    array([[-1.,  0.],
           [ 1.,  0.]])
    """
    layers = named_layers(F)
    reference = layers if train is None else named_layers(train, name="train")
    check_same_layers(reference, layers, names=("train", "F"))
    result = {}
    for layer, values in layers.items():
        mean, std = reference[layer].mean(axis=0), reference[layer].std(axis=0)
        # a constant column's deviation is rounding, relative to its size
        std[std <= 1e-12 * np.abs(mean)] = 1.0
        std[std == 0] = 1.0
        result[layer] = (values - mean) / std
    return result if isinstance(F, Mapping) else result[ONE_LAYER]


def rescale(F: ArrayLike | Mapping[str, ArrayLike]) -> Any:
    r"""Features in units of the distance between samples, layer by layer.

    Each layer is centred and divided by one number, the root of the mean squared
    distance of two different samples. Unlike :func:`standardize` it changes no angle
    and no ratio of distances: layers that differ by an isometry and a factor become
    copies of each other, up to that isometry.

    Parameters
    ----------
    F : array-like of shape (n, p), or mapping of names to such arrays
        Features, or the layers of a network in their order; two samples or more.

    Returns
    -------
    rescaled : ndarray of float64 of shape (n, p), or dict of such arrays
        As `F` came. A layer in which nothing varies is centred only.

    Raises
    ------
    ValueError
        When there is one sample only, or a number is not finite.

    Examples
    --------
    >>> from sklearn_scat.analysis import rescale
    >>> rescale([[1.0, 5.0], [5.0, 2.0]])
    array([[-0.4,  0.3],
           [ 0.4, -0.3]])
    """
    layers = named_layers(F, min_samples=2)
    result = {}
    for layer, values in layers.items():
        centred = values - values.mean(axis=0)
        distance = np.sqrt(2 * centred.var(axis=0, ddof=1).sum())
        result[layer] = centred / distance if distance > 0 else centred
    return result if isinstance(F, Mapping) else result[ONE_LAYER]


def check_same_layers(first, second, *, names):
    """Raise a ValueError unless two sets of layers agree in names and widths."""
    widths = [{k: v.shape[1] for k, v in layers.items()} for layers in (first, second)]
    if widths[0] != widths[1]:
        raise ValueError(
            f"{names[0]} has the layers and widths {widths[0]}, {names[1]} has "
            f"{widths[1]}; they must agree."
        )
