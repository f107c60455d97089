"""How far a scattering network can carry two images apart: an upper bound."""

from collections.abc import Sequence

import numpy as np

from sklearn_scat.cascade._grid import Grid
from sklearn_scat.cascade._low_pass import crop_spectrum
from sklearn_scat.cascade._mirrored import MirroredNetwork, is_in_reach
from sklearn_scat.filters import FilterBank
from sklearn_scat.filters._frames import reflect

_ITERATIONS = 60
_TOLERANCE = 1e-4  # of the bound, per iteration: the rest is not worth the time


def lipschitz_bound(
    bank: FilterBank,
    grid: Grid,
    *,
    max_order: int = 2,
    gains: Sequence[float] | None = None,
) -> float:
    r"""Bound the Lipschitz constant of the coefficients as they are.

    .. math:: \|S x - S y\|_2 \le B\, \|x - y\|_2

    with plain sums of squares over pixels and over coefficients. The modulus brings no
    two numbers further apart, so that B follows from the norms of the linear layers,
    from the last one to the first:

    .. math:: B_m(j)^2 = \max_{\|U\| = 1} \|U * \varphi_J\|^2 + \sum_{j' > j}
              B_{m-1}(j')^2 \sum_\theta \|U * \psi_{j',\theta}\|^2

    where a sample of a map of step :math:`2^r` stands for :math:`4^r` pixels. Sampling
    mixes frequencies, so that this norm is more than the Littlewood–Paley sum. A mirror
    repeats a pixel up to four times, which would double the bound; but of the copies
    past the sides the averages see a part only. There every map gets weights over its
    positions, so small as what follows allows.

    Parameters
    ----------
    bank : FilterBank
        Filters on the padded grid.
    grid : Grid
        Where the samples lie.
    max_order : int, default=2
        Number of wavelets along the longest path.
    gains : sequence of float, default=None
        By how much stretches what follows the modulus of each order apart from
        the filters in space, as filters along angles do; `max_order` numbers. None is 1
        for each.

    Returns
    -------
    B : float
        Not below the true constant: each norm is bounded from above at every step of
        a power iteration [2]_. Under ``padding="reflect"`` (on padded grids of up to
        :math:`2^{18}` pixels; beyond, the mirror's norm is a factor) it is bounded by
        Lanczos' method from a random start [3]_, with chances of :math:`10^{-9}` a
        layer to be below it, of which the seed is fixed.

    References
    ----------
    .. [1] S. Mallat, "Group invariant scattering", CPAM 65(10), 2012, section 2.
    .. [2] R. A. Horn and C. R. Johnson, "Matrix analysis", Cambridge, 2013, theorem
       8.1.26, for :math:`\max_i (H v)_i / v_i`.
    .. [3] J. Kuczyński and H. Woźniakowski, "Estimating the largest eigenvalue by the
       power and Lanczos algorithms with a random start", SIAM J. Matrix Anal. Appl.
       13(4), 1992, theorem 4.2.

    Examples
    --------
    >>> from sklearn_scat.cascade import Grid
    >>> from sklearn_scat.cascade import lipschitz_bound
    >>> from sklearn_scat.filters import morlet_bank
    >>> dense = Grid((32, 32), J=2, padding="periodic", oversampling=2)
    >>> bank = morlet_bank(2, dense.padded, frame="contractive")
    >>> round(lipschitz_bound(bank, dense), 3)
    1.0
    """
    gains = (1.0,) * max_order if gains is None else tuple(gains)
    norm = layer_norm(bank, grid, first=0, gains=_gains_by_scale(bank, grid, gains))
    bound = float(repetition(grid) * norm / 2 ** grid.resolution(grid.J))
    if not is_in_reach(grid):
        return bound
    return min(bound, MirroredNetwork(bank, grid).bound(gains))


def _gains_by_scale(bank, grid, gains):
    """Return what follows the modulus stretches by, at each scale: (J,)."""
    by_scale = np.zeros(grid.J)  # nothing follows the last order
    for gain in reversed(gains):
        deeper = by_scale
        norms = [
            layer_norm(bank, grid, first=j + 1, gains=deeper) for j in range(grid.J)
        ]
        by_scale = gain * np.array(norms)
    return by_scale


def repetition(grid):
    """Return the norm of the padding: √ of how often it repeats a pixel at most."""
    counts = [np.bincount(g[g >= 0]).max() for g in grid.gathers()]
    return float(np.sqrt(np.prod(counts)))


def layer_norm(bank, grid, *, first, gains):
    """Bound the norm of the averages and of the details of scales `first` and above.

    The layer stands after the scale `first` − 1, the first one on the image itself. In
    frequency HU = Σ f·unfold(fold(f·U)), f every filter in turn, and U is real, so that
    H may be averaged with its reflection. Without the filters' signs H is a matrix of
    non-negative entries, whose norm is at most max (Hv)/v for any v > 0.
    """
    resolution = grid.resolution(max(first - 1, 0))
    phi_hat = np.multiply.outer(
        crop_spectrum(bank.phi_hat_rows, resolution),
        crop_spectrum(bank.phi_hat_columns, resolution),
    )
    bands = [(np.abs(phi_hat[None]), 2 ** (grid.resolution(grid.J) - resolution))]
    for j in range(first, grid.J):
        psi_hat = crop_spectrum(bank.psi_hat[j], resolution)
        psi_hat = crop_spectrum(psi_hat.mT, resolution).mT  # (L, m, n)
        k = 2 ** (grid.resolution(j) - resolution)
        bands.append((gains[j] * np.abs(psi_hat), k))
    return _power_iteration(lambda v: sum(_gram(f, v, k) for f, k in bands), phi_hat)


def _power_iteration(H, like):
    """Bound √ of the largest eigenvalue of (H + its reflection)/2, entries ≥ 0."""
    v, bound = np.ones_like(like), np.inf
    for _ in range(_ITERATIONS):
        Hv = H(v)
        Hv = (Hv + reflect(Hv)) / 2
        previous, bound = bound, min(bound, (Hv / v).max())
        if previous - bound < _TOLERANCE * bound:
            break
        v = np.maximum(Hv / Hv.max(), np.finfo(float).tiny)
    return float(np.sqrt(bound))


def _gram(filters, v, k):
    """Return Σ f·unfold(fold(f·v)), with the sum over the k×k aliases as fold."""
    m, n = v.shape
    aliases = (filters * v).reshape(-1, k, m // k, k, n // k)
    folded = np.tile(aliases.sum((1, 3)), (1, k, k))
    return np.einsum("fmn,fmn->mn", filters, folded)
