"""Accuracy of simple classifiers on every layer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from sklearn_scat.analysis._layers import (
    check_same_layers,
    class_indices,
    n_samples,
    named_layers,
)
from sklearn_scat.analysis._layers import standardize as standardized


@dataclass(frozen=True, eq=False)
class LayerAccuracy:
    """Accuracies on test samples, layer by layer.

    Attributes
    ----------
    layers : tuple of str
        Names of the layers.
    nearest_neighbor : ndarray of shape (n_layers,)
        Accuracy of the label of the nearest training sample.
    svm : ndarray of shape (n_layers,)
        Accuracy of a Gaussian support vector machine.
    """

    headline: ClassVar[tuple[str, ...]] = ("nearest_neighbor", "svm")
    axes: ClassVar[dict[str, tuple[str, str]]] = {
        "nearest_neighbor": ("accuracy of the nearest neighbour", "%"),
        "svm": ("accuracy of a Gaussian SVM", "%"),
    }

    layers: Sequence[str]
    nearest_neighbor: np.ndarray
    svm: np.ndarray


def layer_accuracy(
    F: ArrayLike | Mapping[str, ArrayLike],
    y: ArrayLike,
    *,
    F_test: ArrayLike | None = None,
    y_test: ArrayLike | None = None,
    test_size: float = 0.25,
    standardize: bool = True,
    random_state: int | np.random.RandomState | None = None,
) -> LayerAccuracy:
    r"""Test accuracy of a nearest neighbour and of a Gaussian SVM on every layer.

    Features are standardised by the training samples' means and standard deviations.
    The machine has C = 1 and the kernel :math:`e^{-\gamma \|x - x'\|^2}` with
    :math:`\gamma = 1/(2p)` for p features, for which the mean squared distance of two
    standardised samples counts as 1 (the settings behind [1]_). Where features are
    taken as they are, :math:`\gamma = 1/(2 \sum_j \mathrm{var}_j)`, for which it counts
    as 1 too. No setting is
    searched: the accuracies compare layers, they are not the best that one can have.

    Parameters
    ----------
    F : array-like of shape (n, p), or mapping of names to such arrays
        Features, or the layers of a network in their order.
    y : array-like of shape (n,)
        Labels, two different ones at least.
    F_test : like `F`, default=None
        The layers of the test samples. None holds samples of F out.
    y_test : array-like, default=None
        Labels of the test samples; goes with `F_test`.
    test_size : float or int, default=0.25
        Share or number of samples held out, class by class, where no `F_test` is
        given.
    standardize : bool, default=True
        Bring every feature to mean 0 and variance 1. False takes features as they
        are: an isometry, or a change of a layer's unit, then changes no accuracy.
    random_state : int, RandomState instance or None, default=None
        Seed of the choice of the samples held out.

    Returns
    -------
    accuracy : LayerAccuracy
        ``nearest_neighbor`` and ``svm``.

    Raises
    ------
    ValueError
        When y holds one class only, `F_test` comes without `y_test` or with other
        layers than F, or a number is not finite.

    References
    ----------
    .. [1] E. Oyallon, "Building a regular decision boundary with deep networks", CVPR
       2017, pages 5106–5114.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_scat.analysis import layer_accuracy
    >>> X, y = load_digits(return_X_y=True)
    >>> accuracy = layer_accuracy({"pixels": X, "rows": X[:, ::8]}, y, random_state=0)
    >>> bool(accuracy.svm[0] > 0.97 > accuracy.svm[1])
    True
    """
    if (F_test is None) != (y_test is None):
        raise ValueError("F_test and y_test go together: pass both or neither.")
    layers = named_layers(F)
    class_indices(y, n_samples(layers), min_classes=2)
    y = np.asarray(y)
    if F_test is None:
        train, test = train_test_split(
            np.arange(len(y)),
            test_size=test_size,
            random_state=random_state,
            stratify=y,
        )
        y, y_test = y[train], y[test]
        tests = {layer: values[test] for layer, values in layers.items()}
        layers = {layer: values[train] for layer, values in layers.items()}
    else:
        tests = named_layers(F_test, name="F_test")
        check_same_layers(layers, tests, names=("F", "F_test"))
        class_indices(y_test, n_samples(tests))
    if standardize:
        tests, layers = standardized(tests, layers), standardized(layers)
    pairs = [(layers[layer], tests[layer]) for layer in layers]
    nearest = [
        _score(KNeighborsClassifier(1), F, y, tested=(t, y_test)) for F, t in pairs
    ]
    svm = [
        _score(SVC(gamma=_gamma(F, standardize)), F, y, tested=(t, y_test))
        for F, t in pairs
    ]
    return LayerAccuracy(tuple(layers), np.array(nearest), np.array(svm))


def _gamma(F, standardized):
    """Return the γ for which the mean squared distance of two samples counts as 1."""
    variance = F.shape[1] if standardized else F.var(axis=0).sum()
    return 1 / (2 * variance) if variance > 0 else 1.0


def _score(classifier, X, y, *, tested):
    return classifier.fit(X, y).score(*tested)
