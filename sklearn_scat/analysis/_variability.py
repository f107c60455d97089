"""Variability: which factors the variance of features comes from."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_scalar, column_or_1d

from sklearn_scat.analysis._contraction import class_spectrum
from sklearn_scat.analysis._layers import n_samples, named_layers

# An effect below this share of the mean squared norm is rounding (of float32 too).
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Variability:
    """Shares of the variance that factors explain, layer by layer.

    Attributes
    ----------
    layers : tuple of str
        Names of the layers.
    factors : tuple of str
        Names of the factors; then those of pairs of them, "a × b", where asked for.
    levels : dict of str to ndarray
        The values of each factor; of a pair, one row for each pair of values.
    share : ndarray of shape (n_layers, n_factors)
        Share of the variance that each factor explains on its own.
    residual : ndarray of shape (n_layers,)
        The share that is left: what the factors do together. With `share` it sums to
        1, or all are 0 where nothing varies.
    dimension : ndarray of int of shape (n_layers, n_factors)
        Number of principal components that hold 95 % (`energy`) of each factor's
        variance, at most the number of its values less 1.
    effects : dict of str to dict of str to ndarray of shape (n_levels, p)
        ``effects[layer][factor]``: how the mean of the features moves with the factor,
        of mean 0.
    """

    headline: ClassVar[tuple[str, ...]] = ("residual",)
    axes: ClassVar[dict[str, tuple[str, str]]] = {
        "residual": ("what no factor explains alone", "% of variance"),
        "share": ("what factors explain", "% of variance"),
    }

    layers: Sequence[str]
    factors: Sequence[str]
    levels: Mapping[str, np.ndarray]
    share: np.ndarray
    residual: np.ndarray
    dimension: np.ndarray
    effects: Mapping[str, Mapping[str, np.ndarray]]


def variability(
    F: ArrayLike | Mapping[str, ArrayLike],
    factors: Any,
    *,
    interactions: bool = False,
    energy: float = 0.95,
) -> Variability:
    r"""Share of the features' variance that each factor explains.

    For features :math:`F(\theta_1, \dots, \theta_q)` on a balanced grid of factors, of
    mean m, the effect of a factor and what is left of the features are ([1]_)

    .. math:: F_k(a) = \mathbb E[F \mid \theta_k = a] - m, \qquad
              \Delta = F - m - \sum_k F_k(\theta_k),

    which are orthogonal, so that :math:`\operatorname{tr} \Sigma_k /
    \operatorname{tr} \Sigma` and the residual's share sum to 1: an analysis of
    variance of the feature vector.

    Parameters
    ----------
    F : array-like of shape (N, p), or mapping of names to such arrays
        Features, or the layers of a network in their order.
    factors : mapping of str to array-like of shape (N,), or DataFrame
        The values of every factor for all samples. Every combination of values occurs
        equally often, in any order.
    interactions : bool, default=False
        Split the joint effect of every pair of factors off the residual.
    energy : float, default=0.95
        The share of variance that `dimension` counts components for.

    Returns
    -------
    variability : Variability
        ``share``, ``residual``, ``dimension``, ``effects``.

    Raises
    ------
    ValueError
        When the grid is not balanced (the effects would overlap), lengths differ, or
        a number is not finite.

    Notes
    -----
    A factor without any influence explains :math:`(n_k - 1)/(N - 1)` of the variance
    on average, by chance, where it has :math:`n_k` values.

    References
    ----------
    .. [1] M. Aubry and B. Russell, "Understanding deep features with computer-generated
       imagery", ICCV 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.analysis import variability
    >>> a, b = np.repeat([0, 1, 2], 4), np.tile([0, 1, 2, 3], 3)
    >>> F = np.column_stack([2.0 * a, 1.0 * b])
    >>> result = variability(F, {"a": a, "b": b})
    >>> result.share.round(2), result.dimension
    (array([[0.68, 0.32]]), array([[1, 1]]))
    """
    check_scalar(energy, "energy", Real, min_val=0, max_val=1)
    layers = named_layers(F)
    levels, index = _balanced_grid(factors, n_samples(layers))
    terms = [(name,) for name in levels]
    if interactions:
        terms = [*terms, *itertools.combinations(levels, 2)]
    cells = {term: _cells(term, levels, index) for term in terms}
    names = {term: " × ".join(term) for term in terms}
    found = {layer: _Effects(values, cells) for layer, values in layers.items()}
    share = np.stack([layer.share for layer in found.values()])
    varies = np.array([layer.varies for layer in found.values()])
    return Variability(
        layers=tuple(layers),
        factors=tuple(names.values()),
        levels={names[term]: values for term, (values, _) in cells.items()},
        share=share,
        residual=varies * np.clip(1 - share.sum(axis=1), 0, 1),
        dimension=np.stack([layer.dimension(energy) for layer in found.values()]),
        effects={
            name: {names[term]: layer.effects[term] for term in terms}
            for name, layer in found.items()
        },
    )


def _balanced_grid(factors, n):
    """Return the values of every factor, and the index of each sample's value."""
    if hasattr(factors, "columns"):
        factors = {name: np.asarray(factors[name]) for name in factors.columns}
    if not isinstance(factors, Mapping) or not factors:
        raise ValueError(
            "factors is not a mapping of names to values: pass "
            '{"rotation": angles, …} or a DataFrame.'
        )
    levels, index = {}, {}
    for name, values in factors.items():
        values = column_or_1d(values)
        if len(values) != n:
            raise ValueError(
                f"Factor {name!r} has {len(values)} values for {n} samples."
            )
        levels[str(name)], index[str(name)] = np.unique(values, return_inverse=True)
    shape = tuple(len(values) for values in levels.values())
    cell = np.ravel_multi_index(tuple(index.values()), shape)
    counts = np.bincount(cell, minlength=int(np.prod(shape)))
    if counts.min() != counts.max():
        sizes = ", ".join(f"{name}: {m}" for name, m in zip(levels, shape, strict=True))
        raise ValueError(
            f"The grid of factors ({sizes} values) is not balanced: {n} samples fill "
            f"its {len(counts)} combinations {counts.min()} to {counts.max()} times. "
            "Every combination must occur equally often."
        )
    return levels, index


def _cells(term, levels, index):
    """Values of a factor, or pairs of values of two, and each sample's index."""
    if len(term) == 1:
        return levels[term[0]], index[term[0]]
    first, second = (levels[name] for name in term)
    pairs = np.array(list(itertools.product(first, second)), dtype=object)
    return pairs, index[term[0]] * len(second) + index[term[1]]


class _Effects:
    """The effects on one layer, and how much of its variance each of them is."""

    def __init__(self, values, cells):
        self.rounding = variance_floor(values)
        self.total = values.var(axis=0).sum()
        self.varies = self.total > self.rounding
        centred = values - values.mean(axis=0)
        self.effects: dict[tuple[str, ...], np.ndarray] = {}
        for term, (_, index) in cells.items():
            effect = _level_means(centred, index)
            if len(term) == 2:  # the joint effect, without those of either factor
                first, second = (self.effects[name,] for name in term)
                effect -= (first[:, None] + second).reshape(effect.shape)
            self.effects[term] = effect

    @property
    def share(self):
        """Share of the variance of every effect, 0 where nothing varies."""
        sizes = [np.mean(np.einsum("ap,ap->a", e, e)) for e in self.effects.values()]
        return np.array(sizes) / self.total if self.varies else np.zeros(len(sizes))

    def dimension(self, energy):
        """Count the components that hold a share of the variance of every effect."""
        spectra = [class_spectrum(effect) for effect in self.effects.values()]
        return np.array([self._n_components(s, energy) for s in spectra])

    def _n_components(self, spectrum, energy):
        total = spectrum.sum()
        if total <= self.rounding:
            return 0
        return int(np.searchsorted(spectrum.cumsum(), (energy - 1e-12) * total)) + 1


def _level_means(values, index):
    """Mean of the rows of each index 0 … m − 1: (m, p)."""
    sums = np.zeros((index.max() + 1, values.shape[1]))
    np.add.at(sums, index, values)
    return sums / np.bincount(index)[:, None]


def variance_floor(values):
    """Return the variance below which features only vary by rounding."""
    return _ROUNDING * np.mean(np.einsum("ip,ip->i", values, values))
