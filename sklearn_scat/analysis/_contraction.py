"""Contraction: how far samples of a class lie apart, beside samples of others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sklearn_scat.analysis._distances import distance_blocks
from sklearn_scat.analysis._layers import class_indices, n_samples, named_layers


@dataclass(frozen=True, eq=False)
class Contraction:
    r"""Distances within and between classes, layer by layer.

    Attributes
    ----------
    layers : tuple of str
        Names of the layers.
    classes : ndarray of shape (n_classes,)
        Labels of the classes.
    within : ndarray of shape (n_layers, n_classes)
        Mean distance within each class.
    between : ndarray of shape (n_layers,)
        Mean distance between samples of different classes.
    ratio : ndarray of shape (n_layers,)
        Mean of `within` over the classes, divided by `between`.
    spectrum : ndarray of shape (n_layers, n_classes, r)
        Eigenvalues of the classes' covariances (divisor: the size of the class), in
        decreasing order, filled up with zeros.
    effective_dimension : ndarray of shape (n_layers, n_classes)
        :math:`(\sum \lambda)^2 / \sum \lambda^2` of each spectrum; 0 where a class
        does not vary.
    """

    headline: ClassVar[tuple[str, ...]] = ("ratio",)
    axes: ClassVar[dict[str, tuple[str, str]]] = {
        "ratio": ("distance within / between classes", ""),
        "within": ("distance within classes", "units of the features"),
        "between": ("distance between classes", "units of the features"),
        "effective_dimension": ("effective dimension of a class", "directions"),
    }

    layers: Sequence[str]
    classes: np.ndarray
    within: np.ndarray
    between: np.ndarray
    ratio: np.ndarray
    spectrum: np.ndarray
    effective_dimension: np.ndarray

    @property
    def cumulated(self) -> NDArray[Any]:
        """Share of each class's variance in its first 1 … r components.

        Of shape (n_layers, n_classes, r); 1 where a class does not vary.
        """
        total = self.spectrum.sum(axis=2, keepdims=True)
        ones = np.ones_like(self.spectrum)
        return np.divide(self.spectrum.cumsum(axis=2), total, out=ones, where=total > 0)


def contraction(F: ArrayLike | Mapping[str, ArrayLike], y: ArrayLike) -> Contraction:
    r"""Mean distances within and between classes, and the spectra of the classes.

    For the samples :math:`X_c` of class c in the layer :math:`\Phi`,

    .. math:: T(c) = \frac{1}{|X_c|^2} \sum_{x, x' \in X_c} \|\Phi x - \Phi x'\|,

    the pairs of a sample with itself included ([1]_, up to a factor of
    2); a representation contracts where T falls *relative* to the distances between
    classes, since a change of scale is none of geometry. The covariance's spectrum
    says along how many directions a class still varies.

    Parameters
    ----------
    F : array-like of shape (n, p), or mapping of names to such arrays
        Features, or the layers of a network in their order. Distances depend on their
        units: see :func:`standardize`.
    y : array-like of shape (n,)
        Labels, two different ones at least.

    Returns
    -------
    contraction : Contraction
        ``within``, ``between``, ``ratio``, ``spectrum``, ``effective_dimension``.

    Raises
    ------
    ValueError
        When y holds one class only, or a number is not finite.

    See Also
    --------
    separation : The smallest distances between classes.

    Notes
    -----
    n²p operations for a layer, in blocks of bounded memory. A class of a single
    sample has T = 0 and no spectrum, and lowers the ratio.

    References
    ----------
    .. [1] E. Oyallon, "Building a regular decision boundary with deep networks", CVPR
       2017, pages 5106–5114.

    Examples
    --------
    >>> from sklearn_scat.analysis import contraction
    >>> result = contraction([[0.0], [1.0], [10.0], [11.0]], ["a", "a", "b", "b"])
    >>> result.within, result.between, result.ratio
    (array([[0.5, 0.5]]), array([10.]), array([0.05]))
    """
    layers = named_layers(F)
    classes, index = class_indices(y, n_samples(layers), min_classes=2)
    members = (index[:, None] == np.arange(len(classes))).astype(float)
    means = [_mean_distances(values, members) for values in layers.values()]
    within = np.stack([w for w, _ in means])
    between = np.array([b for _, b in means])
    spectrum = _stacked_spectra(layers.values(), index, n_classes=len(classes))
    # of points that all coincide: nothing is contracted, nothing separated
    ratio = np.divide(
        within.mean(1), between, out=np.zeros(len(means)), where=between > 0
    )
    return Contraction(
        layers=tuple(layers),
        classes=classes,
        within=within,
        between=between,
        ratio=ratio,
        spectrum=spectrum,
        effective_dimension=effective_dimension(spectrum),
    )


def _mean_distances(values, members):
    """Mean distance in every class, and the mean one between classes."""
    sums = np.zeros((members.shape[1],) * 2)  # (K, K): over pairs of two classes
    for rows, distances in distance_blocks(values):
        sums += members[rows].T @ (distances @ members)
    sizes = members.sum(axis=0)
    apart = sums.sum() - np.trace(sums)
    return np.diag(sums) / sizes**2, apart / (sizes.sum() ** 2 - (sizes**2).sum())


def _stacked_spectra(layers, index, *, n_classes):
    """Eigenvalues of the covariance of every class of every layer: (layers, K, r)."""
    spectra = [
        [class_spectrum(values[index == c]) for c in range(n_classes)]
        for values in layers
    ]
    longest = max(len(s) for layer in spectra for s in layer)
    return np.array(
        [[np.pad(s, (0, longest - len(s))) for s in layer] for layer in spectra]
    )


def class_spectrum(values):
    """Eigenvalues of the covariance of (m, p) samples, decreasing: (min(m, p),)."""
    centred = values - values.mean(axis=0)
    m, p = values.shape
    gram = centred @ centred.T if m < p else centred.T @ centred
    return np.clip(np.linalg.eigvalsh(gram)[::-1], 0, None) / m


def effective_dimension(spectrum):
    """(Σλ)²/Σλ² along the last axis, and 0 where all eigenvalues are."""
    total, squares = spectrum.sum(axis=-1), (spectrum**2).sum(axis=-1)
    return np.divide(total**2, squares, out=np.zeros_like(total), where=squares > 0)
