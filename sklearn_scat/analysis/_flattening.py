"""Flatness: how much of an orbit's variance lies along few directions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_scalar

from sklearn_scat.analysis._contraction import class_spectrum
from sklearn_scat.analysis._layers import class_indices, n_samples, named_layers
from sklearn_scat.analysis._variability import variance_floor


@dataclass(frozen=True, eq=False)
class Flattening:
    """How flat the orbits of a factor are, layer by layer.

    Attributes
    ----------
    layers : tuple of str
        Names of the layers.
    share : ndarray of shape (n_layers, n_components)
        Share of an orbit's variance in its first 1 … n_components principal
        components, on average over the orbits.
    orbits : ndarray of shape (n_layers, n_orbits, n_components)
        The same for each orbit; 1 for an orbit that is one point.
    """

    headline: ClassVar[tuple[str, ...]] = ("flatness",)
    axes: ClassVar[dict[str, tuple[str, str]]] = {
        "flatness": ("first components of an orbit", "% of variance"),
    }

    layers: Sequence[str]
    share: np.ndarray
    orbits: np.ndarray

    @property
    def flatness(self) -> NDArray[Any]:
        """Share of the variance in all the components asked for, of each layer."""
        return self.share[:, -1]


def flattening(
    F: ArrayLike | Mapping[str, ArrayLike], orbit: ArrayLike, *, n_components: int = 3
) -> Flattening:
    """Share of the variance of an orbit in its first principal components.

    The samples of an orbit are one object under all values of a factor (a rotation, a
    scale). A representation that linearises the factor flattens its orbits ([1]_):
    few directions then hold all their variance, and a linear projection can remove
    them.

    Parameters
    ----------
    F : array-like of shape (N, p), or mapping of names to such arrays
        Features, or the layers of a network in their order.
    orbit : array-like of shape (N,)
        Which orbit each sample belongs to.
    n_components : int, default=3
        Number of principal components, at least 1; orbits of m points have at most
        m − 1 with any variance.

    Returns
    -------
    flattening : Flattening
        ``share`` and ``orbits``.

    Raises
    ------
    ValueError
        When lengths differ, or a number is not finite.

    References
    ----------
    .. [1] S. Mallat, "Understanding deep convolutional networks", Philosophical
       Transactions of the Royal Society A 374, 2016.

    Examples
    --------
    >>> from sklearn_scat.analysis import flattening
    >>> square = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    >>> flattening(square, [0, 0, 0, 0], n_components=2).share
    array([[0.5, 1. ]])
    """
    check_scalar(n_components, "n_components", Integral, min_val=1)
    layers = named_layers(F)
    names, index = class_indices(orbit, n_samples(layers))
    orbits = np.array(
        [
            [_held(values[index == o], n_components) for o in range(len(names))]
            for values in layers.values()
        ]
    )
    return Flattening(layers=tuple(layers), share=orbits.mean(axis=1), orbits=orbits)


def _held(values, n_components):
    """Share of the variance of samples in their first components: (n_components,)."""
    spectrum = class_spectrum(values)
    if spectrum.sum() <= variance_floor(values):
        return np.ones(n_components)
    held = spectrum.cumsum() / spectrum.sum()
    return np.pad(held, (0, n_components), mode="edge")[:n_components]
