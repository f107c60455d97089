"""Separation: the smallest distances between classes; expansion of distances."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_scalar

from sklearn_scat._array_likes import as_array
from sklearn_scat.analysis._distances import distance_blocks, nearest_by_label
from sklearn_scat.analysis._layers import class_indices, n_samples, named_layers


@dataclass(frozen=True, eq=False)
class Separation:
    """The smallest distances between classes, layer by layer.

    Attributes
    ----------
    layers : tuple of str
        Names of the layers.
    q : float
        The quantile asked for.
    epsilon : ndarray of shape (n_layers,)
        q-quantile of the distances between samples of different classes.
    minimum : ndarray of shape (n_layers,)
        The smallest of them.
    same : ndarray of shape (n_layers, n)
        Each sample's distance to the nearest other sample of its own class; infinite
        for the only sample of a class.
    other : ndarray of shape (n_layers, n)
        Each sample's distance to the nearest sample of another class.
    """

    headline: ClassVar[tuple[str, ...]] = ("epsilon",)
    axes: ClassVar[dict[str, tuple[str, str]]] = {
        "epsilon": (
            "low quantile of distances between classes",
            "units of the features",
        ),
        "minimum": ("smallest distance between classes", "units of the features"),
        "same": ("distance to the nearest of its class", "units of the features"),
        "other": ("distance to the nearest of another class", "units of the features"),
    }

    layers: Sequence[str]
    q: float
    epsilon: np.ndarray
    minimum: np.ndarray
    same: np.ndarray
    other: np.ndarray


def separation(
    F: ArrayLike | Mapping[str, ArrayLike], y: ArrayLike, *, q: float = 1e-3
) -> Separation:
    r"""Smallest distances between samples of different classes.

    A representation separates where :math:`\|\Phi x - \Phi x'\| \ge \varepsilon` for
    all samples of different classes, for then a function of Lipschitz constant
    :math:`1/\varepsilon` can tell them apart ([1]_). The minimum rests on one pair of
    samples, mislabelled ones included; `epsilon` is a low quantile instead.

    Parameters
    ----------
    F : array-like of shape (n, p), or mapping of names to such arrays
        Features, or the layers of a network in their order.
    y : array-like of shape (n,)
        Labels, two different ones at least.
    q : float, default=1e-3
        Which quantile, between 0 and 1, of the distances between classes.

    Returns
    -------
    separation : Separation
        ``epsilon``, ``minimum``, ``same``, ``other``.

    Raises
    ------
    ValueError
        When y holds one class only, q is out of range, or a number is not finite.

    See Also
    --------
    contraction : Mean distances within and between classes.

    Notes
    -----
    The quantile is exact (linear interpolation); finding it takes 8·q·n² bytes and a
    hundred MB of blocks.

    References
    ----------
    .. [1] S. Mallat, "Understanding deep convolutional networks", Philosophical
       Transactions of the Royal Society A 374, 2016.

    Examples
    --------
    >>> from sklearn_scat.analysis import separation
    >>> result = separation([[0.0], [1.0], [4.0], [6.0]], [0, 0, 1, 1], q=0.5)
    >>> result.minimum, result.epsilon, result.same
    (array([3.]), array([4.5]), array([[1., 1., 2., 2.]]))
    """
    check_scalar(q, "q", Real, min_val=0, max_val=1)
    layers = named_layers(F)
    _, index = class_indices(y, n_samples(layers), min_classes=2)
    nearest = [nearest_by_label(values, index) for values in layers.values()]
    other = np.stack([o for _, o in nearest])
    return Separation(
        layers=tuple(layers),
        q=float(q),
        epsilon=np.array(
            [_quantile_between(values, index, q) for values in layers.values()]
        ),
        minimum=other.min(axis=1),
        same=np.stack([s for s, _ in nearest]),
        other=other,
    )


def _quantile_between(values, index, q):
    """q-quantile of the distances between classes, keeping only those below it."""
    sizes = np.bincount(index)
    n_pairs = int((len(index) ** 2 - (sizes**2).sum()) // 2)
    position = q * (n_pairs - 1)
    n_kept = min(n_pairs, int(position) + 2)
    kept = np.empty(0)
    for rows, distances in distance_blocks(values):
        later = rows[:, None] < np.arange(len(index))  # each pair once
        found = distances[later & (index[rows, None] != index)]
        if len(kept) == n_kept:
            found = found[found < kept[-1]]
        kept = np.sort(np.concatenate([kept, found]))[:n_kept]
    low = int(position)
    high = min(low + 1, n_pairs - 1)
    return kept[low] + (position - low) * (kept[high] - kept[low])


@dataclass(frozen=True, eq=False)
class LipschitzQuantiles:
    """How much distances grow from the input to each layer.

    Attributes
    ----------
    layers : tuple of str
        Names of the layers.
    q : tuple of float
        The quantiles asked for.
    quantiles : ndarray of shape (n_layers, n_quantiles)
        Quantiles of the quotients over pairs of samples.
    maximum : ndarray of shape (n_layers,)
        The largest quotient of all pairs.
    """

    headline: ClassVar[tuple[str, ...]] = ("maximum",)
    axes: ClassVar[dict[str, tuple[str, str]]] = {
        "maximum": ("largest quotient of distances, layer / input", ""),
        "quantiles": ("quotient of distances, layer / input", ""),
    }

    layers: Sequence[str]
    q: Sequence[float]
    quantiles: np.ndarray
    maximum: np.ndarray


def lipschitz_quantiles(
    F: ArrayLike | Mapping[str, ArrayLike],
    X: ArrayLike,
    *,
    q: Sequence[float] = (0.5, 0.9, 0.99),
    max_pairs: int = 1_000_000,
    random_state: int | np.random.RandomState | None = None,
) -> LipschitzQuantiles:
    r"""Quantiles of :math:`\|\Phi x - \Phi x'\| / \|x - x'\|` over pairs of samples.

    A non-expansive representation, as scattering with a contractive frame is ([1]_,
    proposition 2.5), has no quotient above 1. The largest quotient of a sample is a
    bound from *below* of the Lipschitz constant.

    Parameters
    ----------
    F : array-like of shape (n, p), or mapping of names to such arrays
        Features, or the layers of a network in their order.
    X : array-like of shape (n, ...)
        The inputs of which F are the features.
    q : sequence of float, default=(0.5, 0.9, 0.99)
        Which quantiles, each between 0 and 1.
    max_pairs : int, default=1_000_000
        Quantiles are taken over all pairs, or over about this many drawn ones where
        there are more. The maximum is always over all.
    random_state : int, RandomState instance or None, default=None
        Seed of the draw of pairs.

    Returns
    -------
    lipschitz : LipschitzQuantiles
        ``quantiles`` and ``maximum``.

    Raises
    ------
    ValueError
        When the numbers of samples differ, fewer than two inputs differ, q is out of
        range, or a number is not finite.

    Notes
    -----
    Pairs of equal inputs have no quotient and are left out.

    References
    ----------
    .. [1] S. Mallat, "Group invariant scattering", CPAM 65(10), 2012.

    Examples
    --------
    >>> from sklearn_scat.analysis import lipschitz_quantiles
    >>> X = [[0.0], [1.0], [3.0]]
    >>> lipschitz_quantiles([[0.0], [2.0], [3.0]], X).maximum
    array([2.])
    """
    q = tuple(float(level) for level in np.atleast_1d(q))
    for level in q:
        check_scalar(level, "q", Real, min_val=0, max_val=1)
    check_scalar(max_pairs, "max_pairs", Integral, min_val=1)
    layers = named_layers(F, min_samples=2)
    X = np.asarray(as_array(X))
    flat = X.reshape(len(X), -1) if X.ndim > 2 else X
    inputs = next(iter(named_layers(flat, name="X", min_samples=2).values()))
    if len(inputs) != n_samples(layers):
        raise ValueError(f"X has {len(inputs)} samples, F has {n_samples(layers)}.")
    seed = check_random_state(random_state).randint(2**31)
    found = [
        _quotients(values, inputs, seed, max_pairs=max_pairs)
        for values in layers.values()
    ]
    return LipschitzQuantiles(
        layers=tuple(layers),
        q=q,
        quantiles=np.stack([np.quantile(quotients, q) for quotients, _ in found]),
        maximum=np.array([largest for _, largest in found]),
    )


def _quotients(values, inputs, seed, *, max_pairs):
    """Return some quotients of distances, one seed the same pairs, and the largest."""
    rng = np.random.default_rng(seed)
    n = len(inputs)
    share = 2 * max_pairs / (n * (n - 1))  # of the pairs that are kept
    kept, largest = [], 0.0
    blocks = zip(distance_blocks(values), distance_blocks(inputs), strict=True)
    for (rows, outer), (_, inner) in blocks:
        pairs = (rows[:, None] < np.arange(n)) & (inner > 0)
        quotients = outer[pairs] / inner[pairs]
        largest = max(largest, quotients.max(initial=0.0))
        if share < 1:
            quotients = quotients[rng.random(len(quotients)) < share]
        kept.append(quotients)
    kept = np.concatenate(kept)
    if not len(kept):
        raise ValueError("All rows of X are equal: no quotient of distances exists.")
    return kept, largest
