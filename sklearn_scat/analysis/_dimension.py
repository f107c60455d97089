"""Local intrinsic dimension, from the distances of near neighbours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_scalar

from sklearn_scat.analysis._distances import nearest_others
from sklearn_scat.analysis._layers import named_layers

_KEPT = 0.9  # of the ratios of TwoNN: the largest are left out
_ROUNDING = 1e-12  # logarithms of ratios below this are those of equal distances


@dataclass(frozen=True, eq=False)
class IntrinsicDimension:
    """Estimated dimension of the samples, layer by layer.

    Attributes
    ----------
    layers : tuple of str
        Names of the layers.
    method : str
        "mle" or "twonn".
    dimension : ndarray of shape (n_layers,)
        The estimates. Biased from below in high dimension.
    """

    headline: ClassVar[tuple[str, ...]] = ("dimension",)
    axes: ClassVar[dict[str, tuple[str, str]]] = {
        "dimension": ("intrinsic dimension", "directions"),
    }

    layers: Sequence[str]
    method: str
    dimension: np.ndarray


def intrinsic_dimension(
    F: ArrayLike | Mapping[str, ArrayLike],
    *,
    method: Literal["mle", "twonn"] = "mle",
    n_neighbors: int = 20,
) -> IntrinsicDimension:
    r"""Estimate the dimension of the set on which the samples lie.

    "mle" takes the maximum-likelihood estimator of [1]_ from the distances
    :math:`T_1 < \dots < T_k` to the k nearest neighbours, averaged over the samples
    by its inverse as [2]_ proposes (the inverse is free of bias with k − 1):

    .. math:: \frac 1{\hat m} = \frac 1n \sum_i \frac 1{k-1} \sum_{j<k}
              \ln \frac{T_k(x_i)}{T_j(x_i)}.

    "twonn" ([3]_) takes the slope through the origin of
    :math:`-\ln(1 - \hat F(\mu))` against :math:`\ln \mu`, with
    :math:`\mu = T_2/T_1` and the largest tenth left out.

    Parameters
    ----------
    F : array-like of shape (n, p), or mapping of names to such arrays
        Features, or the layers of a network in their order.
    method : {"mle", "twonn"}, default="mle"
        The estimator.
    n_neighbors : int, default=20
        k, at least 3; for "mle" only.

    Returns
    -------
    dimension : IntrinsicDimension
        ``dimension``; infinite where all neighbours are equally far.

    Raises
    ------
    ValueError
        When there are not more than k different samples (2 for "twonn"), or a number
        is not finite.

    Notes
    -----
    **Biased.** Both estimators take the density for constant within a neighbourhood.
    In high dimension neighbourhoods are large, and their borders and curvature push the
    estimates down: 3,000 Gaussian samples of dimensions 2, 5, 10 and 20 give about
    2.0, 5.0, 9.2 and 15 with "mle", and 2.0, 5.1, 9.7 and 17 with "twonn". Compare
    large differences between layers, never small ones. A sample's duplicates are left
    out, for their distance of 0 says nothing of the dimension.

    References
    ----------
    .. [1] E. Levina and P. Bickel, "Maximum likelihood estimation of intrinsic
       dimension", NIPS 2004, equation 8.
    .. [2] D. MacKay and Z. Ghahramani, "Comments on 'Maximum likelihood estimation of
       intrinsic dimension'", 2005.
    .. [3] E. Facco, M. d'Errico, A. Rodriguez and A. Laio, "Estimating the intrinsic
       dimension of datasets by a minimal neighborhood information", Scientific
       Reports 7, 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.analysis import intrinsic_dimension
    >>> t = np.random.default_rng(0).uniform(size=(1000, 2))
    >>> F = np.column_stack([t, np.sin(t[:, 0]), t[:, 0] * t[:, 1]])
    >>> intrinsic_dimension(F).dimension.round(1)
    array([1.9])
    """
    if method not in ("mle", "twonn"):
        raise ValueError(f'method={method!r}; pass "mle" or "twonn".')
    check_scalar(n_neighbors, "n_neighbors", Integral, min_val=3)
    k = n_neighbors if method == "mle" else 2
    estimate = _levina_bickel if method == "mle" else _two_neighbors
    layers = named_layers(F)
    dimension = []
    for layer, values in layers.items():
        different = np.unique(values, axis=0)
        if len(different) <= k:
            raise ValueError(
                f"{k} neighbours need {k + 1} different samples, and layer {layer!r} "
                f"has {len(different)}. Take more samples or fewer neighbours."
            )
        _, distances = nearest_others(different, k)
        dimension.append(estimate(distances))
    return IntrinsicDimension(
        layers=tuple(layers), method=method, dimension=np.array(dimension)
    )


def _levina_bickel(distances):
    """Maximum likelihood from (n, k) increasing distances."""
    inverse = np.log(distances[:, -1:] / distances[:, :-1]).mean()
    return 1 / inverse if inverse > _ROUNDING else np.inf


def _two_neighbors(distances):
    """Slope through the origin from (n, 2) increasing distances."""
    n = len(distances)
    ratios = np.sort(np.log(distances[:, 1] / distances[:, 0]))[: int(_KEPT * n)]
    survivors = -np.log1p(-np.arange(1, len(ratios) + 1) / n)
    if ratios.max() < _ROUNDING:
        return np.inf
    return ratios @ survivors / (ratios @ ratios)
