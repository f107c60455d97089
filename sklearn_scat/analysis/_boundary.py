"""Complexity of the boundary between classes: samples among foreign neighbours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_scalar

from sklearn_scat.analysis._distances import nearest_others
from sklearn_scat.analysis._layers import class_indices, n_samples, named_layers


@dataclass(frozen=True, eq=False)
class LocalSupportVectors:
    """How many samples lie among foreign neighbours, layer by layer.

    Attributes
    ----------
    layers : tuple of str
        Names of the layers.
    k : ndarray of int of shape (k_max,)
        1 … k_max.
    size : ndarray of int of shape (n_layers, k_max)
        Number of samples in each set.
    fraction : ndarray of shape (n_layers, k_max)
        Their share of all samples.
    area : ndarray of shape (n_layers,)
        Mean of `fraction` over k: the area under the curve, between 0 and 1.
    """

    headline: ClassVar[tuple[str, ...]] = ("area",)
    axes: ClassVar[dict[str, tuple[str, str]]] = {
        "fraction": ("local support vectors", "% of samples"),
        "first": ("local support vectors |Γ¹|", "% of samples"),
        "last": ("local support vectors at the largest k", "% of samples"),
        "area": ("local support vectors, mean over k", "% of samples"),
    }

    layers: Sequence[str]
    k: np.ndarray
    size: np.ndarray
    fraction: np.ndarray
    area: np.ndarray

    @property
    def first(self) -> NDArray[Any]:
        """Share of the samples whose nearest neighbour is foreign, of each layer."""
        return self.fraction[:, 0]

    @property
    def last(self) -> NDArray[Any]:
        """Share of the samples that are left at k_max, of each layer."""
        return self.fraction[:, -1]


def local_support_vectors(
    F: ArrayLike | Mapping[str, ArrayLike], y: ArrayLike, *, k_max: int = 30
) -> LocalSupportVectors:
    r"""Sizes of the sets of samples that most of their neighbours contradict.

    With :math:`N_k(x)` the k nearest other samples of x, the local support vectors
    ([1]_) are the nested sets

    .. math:: \Gamma^0 = \text{all}, \qquad \Gamma^k = \Bigl\{ x \in \Gamma^{k-1} :
              \#\{x' \in N_k(x) : y(x') \ne y(x)\} > \tfrac k2 \Bigr\},

    so that a sample of :math:`\Gamma^k` is misclassified by the vote of its k'
    nearest neighbours for every k' ≤ k. :math:`|\Gamma^1|/n` is the leave-one-out
    error of the nearest neighbour. The faster the sizes fall, the more regular is the
    boundary: with random labels of K classes the first share is (K − 1)/K, and
    classes that lie apart have none.

    Parameters
    ----------
    F : array-like of shape (n, p), or mapping of names to such arrays
        Features, or the layers of a network in their order.
    y : array-like of shape (n,)
        Labels. Of a single class all sets but the first are empty.
    k_max : int, default=30
        The largest number of neighbours, as in [1]_; at most n − 1.

    Returns
    -------
    vectors : LocalSupportVectors
        ``k``, ``size``, ``fraction``, ``area``.

    Raises
    ------
    ValueError
        When there are fewer than k_max + 1 samples, or a number is not finite.

    Notes
    -----
    A sample is no neighbour of its own, also where it has duplicates: two equal
    points of different labels are each other's neighbours. An even vote contradicts
    nothing. Of equally distant neighbours the sample that comes first is the nearer.
    The only sample of a class is in every set, for it finds no friend.

    References
    ----------
    .. [1] E. Oyallon, "Building a regular decision boundary with deep networks", CVPR
       2017, pages 5106–5114.

    Examples
    --------
    >>> from sklearn_scat.analysis import local_support_vectors
    >>> F = [[0.0], [1.0], [2.1], [10.0], [11.0], [12.1]]
    >>> local_support_vectors(F, [0, 0, 1, 1, 1, 1], k_max=2).size
    array([[1, 1]])
    """
    check_scalar(k_max, "k_max", Integral, min_val=1)
    layers = named_layers(F)
    n = n_samples(layers)
    _, index = class_indices(y, n)
    if k_max >= n:
        raise ValueError(
            f"k_max={k_max} neighbours need {k_max + 1} samples, and there are {n}. "
            f"Take k_max={n - 1} at most."
        )
    size = np.stack([_sizes(values, index, k_max) for values in layers.values()])
    fraction = size / n
    return LocalSupportVectors(
        layers=tuple(layers),
        k=np.arange(1, k_max + 1),
        size=size,
        fraction=fraction,
        area=fraction.mean(axis=1),
    )


def _sizes(values, index, k_max):
    """|Γ^1| … |Γ^k_max|: (k_max,)."""
    neighbors, _ = nearest_others(values, k_max)
    foreign = index[neighbors] != index[:, None]  # (n, k_max)
    contradicted = 2 * foreign.cumsum(axis=1) > np.arange(1, k_max + 1)
    return np.logical_and.accumulate(contradicted, axis=1).sum(axis=0)
