"""How a layer is organised along an axis of attributes: its order, its translations."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.distance import cdist

from sklearn_scat.questionnaire import relative_variation


def smoothness(
    x: ArrayLike,
    *,
    axis: int,
    circular: bool = False,
    n_permutations: int = 50,
    random_state: int | np.random.Generator | None = 0,
) -> Any:
    r"""Total variation of a layer along an axis, over its mean along shuffled ones.

    .. math:: \mathrm{TV}_v(x) =
              \frac{\sum |x(u, v+1) - x(u, v)|}
                   {\mathbb{E}_π \sum |x(u, π(v+1)) - x(u, π(v))|}

    Below 1, the order of the axis says something: neighbours answer alike. The channels
    of an ordinary convolutional layer have 1, up to chance.

    Parameters
    ----------
    x : array-like
        A layer's answers, of any shape.
    axis : int
        The axis v, of two entries or more.
    circular : bool, default=False
        Whether the last entry is a neighbour of the first.
    n_permutations : int, default=50
        Number of random orders π.
    random_state : int, numpy.random.Generator or None, default=0
        Their seed.

    Returns
    -------
    variation : RelativeVariation
        ``ratio``, and the variations that it comes from.

    See Also
    --------
    sklearn_scat.LayerOrganiser : Finds an order where there is none.

    References
    ----------
    .. [1] J.-H. Jacobsen, E. Oyallon, S. Mallat and A. W. M. Smeulders, "Multiscale
       hierarchical convolutional networks", 2017, arXiv:1703.04140.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.analysis import smoothness
    >>> waves = np.sin(np.arange(16) * np.pi / 8 + np.arange(5)[:, None])
    >>> smoothness(waves, axis=1, circular=True).ratio < 0.4
    True
    """
    x = _layer(x, axis)
    return relative_variation(
        np.moveaxis(x, axis, 0),
        circular=circular,
        n_permutations=n_permutations,
        random_state=random_state,
    )


@dataclass(frozen=True, eq=False)
class Transport:
    """Samples nearest to translated ones.

    Parameters
    ----------
    nearest : ndarray of int of shape (n,)
        The candidate nearest to each sample's layer, translated.
    distance : ndarray of shape (n,)
        The distance to it, relative to the norm of the translated layer.
    kept : float
        Share of samples whose nearest candidate has their label; NaN without labels.
    additivity : float
        Mean cosine of two translations, through a sample, with one of twice the length:
        the nearest candidate, translated again, against the sample translated twice.
    """

    nearest: np.ndarray
    distance: np.ndarray
    kept: float
    additivity: float


def transport(
    x: ArrayLike,
    *,
    axis: int,
    shift: int = 1,
    labels: ArrayLike | None = None,
    candidates: ArrayLike | None = None,
    circular: bool = True,
) -> Transport:
    """Translate a layer along an axis, and find the samples that it then resembles.

    If translations along v carry what a network knows of a transformation, a translated
    layer looks like that of another sample: the same thing, transformed.

    Parameters
    ----------
    x : array-like of shape (n, ...)
        A layer's answers to n samples.
    axis : int
        The axis v; not 0.
    shift : int, default=1
        Length of the translation.
    labels : array-like of shape (n,), default=None
        Classes of the samples; of the candidates too, which then are the samples.
    candidates : array-like of shape (m, ...), default=None
        Layers to look among. None takes x; a sample is then not its own candidate.
    circular : bool, default=True
        Whether what leaves at one end comes in at the other; zeros do otherwise.

    Returns
    -------
    result : Transport
        Candidates and how near they are.

    Raises
    ------
    ValueError
        If the axis is that of the samples, fewer than two are there to be compared, or
        shapes differ.

    References
    ----------
    .. [1] J.-H. Jacobsen, E. Oyallon, S. Mallat and A. W. M. Smeulders, "Multiscale
       hierarchical convolutional networks", 2017, arXiv:1703.04140.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.analysis import transport
    >>> x = np.eye(4)  # sample i answers at i
    >>> transport(x, axis=1).nearest.tolist()
    [1, 2, 3, 0]
    """
    x = _layer(x, axis)
    if axis % x.ndim == 0:
        raise ValueError(f"axis={axis} is that of the samples; pass one of the layer.")
    among = x if candidates is None else np.asarray(candidates, dtype=np.float64)
    if among.shape[1:] != x.shape[1:] or len(among) < 1 + (candidates is None):
        raise ValueError(
            f"candidates of shape {among.shape} for samples of shape {x.shape}; "
            f"expected the same layer of two or more."
        )
    moved = _translate(x, axis, shift=shift, circular=circular)
    D = cdist(_rows(moved), _rows(among))
    if candidates is None:
        np.fill_diagonal(D, np.inf)
    nearest = D.argmin(axis=1)
    norms = np.linalg.norm(_rows(moved), axis=1)
    distance = D[np.arange(len(x)), nearest] / np.where(norms > 0, norms, 1)
    again = _translate(among[nearest], axis, shift=shift, circular=circular)
    twice = _translate(x, axis, shift=2 * shift, circular=circular)
    kept = float("nan")
    if labels is not None:
        labels = np.asarray(labels)
        if candidates is not None or labels.shape != (len(x),):
            raise ValueError("labels are of the samples, where candidates is None.")
        kept = float(np.mean(labels == labels[nearest]))
    return Transport(nearest, distance, kept, _mean_cosine(again, twice))


@dataclass(frozen=True, eq=False)
class ModeShares:
    """Shares of a variance by Fourier modes along an axis.

    Parameters
    ----------
    share : ndarray of shape (n_modes,)
        Of mode 0, the mean along the axis, of mode 1, and so on; the sum is 1, or 0
        where nothing varies.
    cumulative : ndarray of shape (n_modes,)
        ``cumulative[r - 1]`` is the share of the first r modes.
    """

    share: np.ndarray
    cumulative: np.ndarray


def mode_shares(x: ArrayLike, y: ArrayLike | None = None, *, axis: int) -> ModeShares:
    r"""Share of the variance within classes that each Fourier mode along v holds.

    A layer is flat along v if few slow modes hold what varies within a class: then its
    variation is a translation along v, to first order, and an average along v removes
    it.

    Parameters
    ----------
    x : array-like of shape (n, ...)
        A layer's answers to n samples.
    y : array-like of shape (n,), default=None
        Classes, whose means are taken out; None takes out that of all.
    axis : int
        The axis v.

    Returns
    -------
    modes : ModeShares
        One share for each frequency 0 … ⌊V/2⌋; modes k and −k count as one.

    Raises
    ------
    ValueError
        If y is not one class a sample.

    References
    ----------
    .. [1] S. Mallat, "Understanding deep convolutional networks", *Philosophical
       Transactions of the Royal Society A* 374, 2016, section 7.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.analysis import mode_shares
    >>> phases = np.arange(8)[:, None] * np.pi / 4
    >>> x = np.sin(np.arange(8) * np.pi / 4 + phases)
    >>> mode_shares(x, axis=1).share.round(3).tolist()
    [0.0, 1.0, 0.0, 0.0, 0.0]
    """
    x = _layer(x, axis)
    y = np.zeros(len(x)) if y is None else np.asarray(y)
    if y.shape != (len(x),):
        raise ValueError(f"y of shape {y.shape} for {len(x)} samples.")
    centred = np.empty_like(x)
    for label in np.unique(y):
        centred[y == label] = x[y == label] - x[y == label].mean(axis=0)
    spectrum = np.abs(np.fft.fft(np.moveaxis(centred, axis, -1))) ** 2
    energy = spectrum.reshape(-1, spectrum.shape[-1]).sum(axis=0)
    n = len(energy)
    modes = np.minimum(np.arange(n), n - np.arange(n))
    share = np.bincount(modes, energy)
    share = share / share.sum() if share.sum() > 0 else share
    return ModeShares(share, np.cumsum(share))


def _layer(x, axis):
    x = np.asarray(x, dtype=np.float64)
    if not -x.ndim <= axis < x.ndim or x.shape[axis] < 2:
        raise ValueError(
            f"axis={axis} of an array of shape {x.shape}; pass one with 2 entries or "
            f"more."
        )
    return x


def _rows(x):
    return x.reshape(len(x), -1)


def _translate(x, axis, *, shift, circular):
    moved = np.roll(x, shift, axis)
    if not circular:
        left = np.arange(x.shape[axis]) - shift
        outside = (left < 0) | (left >= x.shape[axis])
        np.moveaxis(moved, axis, 0)[outside] = 0
    return moved


def _mean_cosine(a, b):
    a, b = _rows(a), _rows(b)
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return float(np.mean((a * b).sum(axis=1) / np.where(norms > 0, norms, 1)))
