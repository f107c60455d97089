"""Pixels that nobody knows: filled before the cascade, averaged over after it."""

from dataclasses import replace
from typing import Any

from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from sklearn_scat.cascade._arrays import beside, namespace
from sklearn_scat.cascade._operators import Coefficients

# What the fill counts beside a known pixel: nothing but it is there to average where
# nothing is known, and elsewhere it moves an average by about a thousandth of itself.
_CERTAINTY_OF_FILL = 1e-3


def fill_unknown(x: NDArray[Any], known: NDArray[Any]) -> NDArray[Any]:
    """Give each unknown pixel the value of the nearest known one.

    The edges of what is known go on straight into what is not, where an average of it
    would make a step: wavelets see less of the fill.

    Parameters
    ----------
    x : ndarray of shape (..., M, N)
        Images; what unknown pixels hold, be it NaN, does not matter.
    known : ndarray of bool of shape (M, N)
        The same pixels for all of them; one at least.

    Returns
    -------
    x : ndarray of shape (..., M, N)
        The images themselves if all is known, else a new array.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.cascade import fill_unknown
    >>> x = np.array([[1.0, np.nan, np.nan, 4.0]])
    >>> fill_unknown(x, np.isfinite(x))
    array([[1., 1., 4., 4.]])
    """
    if known.all():
        return x
    rows, columns = distance_transform_edt(
        ~known, return_distances=False, return_indices=True
    )
    return x[..., rows, columns]


class KnownWavelet2d:
    r"""Average over known pixels alone, and differentiate as ever.

    The average of U is the normalised one of [1]_, with the low-pass as applicability,

    .. math:: A = \frac{\varphi_J * (c\, U)}{\varphi_J * c},

    where the certainty c is 1 at known pixels and 0.001 at unknown ones, of which the
    images hold a fill. On the grid of U, :math:`2^r` pixels a step, c is blurred and
    subsampled r times. Where all is known, :math:`A = \varphi_J * U`.

    Parameters
    ----------
    W : Wavelet2d or MeanWavelet2d
        The operator for images that are known all over.
    known : ndarray of bool of shape (B, M, N)
        Of each image, or one for all of them (1, M, N).

    Notes
    -----
    Stands where W stands, in every network over it. Details of U near unknown pixels
    see the fill; they count where c says that their place is known.

    References
    ----------
    .. [1] H. Knutsson and C.-F. Westin, "Normalized and differential convolution",
       CVPR 1993, equation (4).

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.cascade import (
    ...     Grid, KnownWavelet2d, Wavelet2d, fill_unknown, scattering)
    >>> from sklearn_scat.filters import morlet_bank
    >>> grid = Grid((32, 32), J=2)
    >>> W = Wavelet2d.from_bank(grid, morlet_bank(2, grid.padded))
    >>> x = np.full((1, 32, 32), 7, np.float32)
    >>> x[:, 3:20, 5:9] = np.nan
    >>> known = np.isfinite(x)
    >>> operators = [KnownWavelet2d(W, known)] * 3
    >>> S = scattering(fill_unknown(x, known[0]), operators)
    >>> bool(np.allclose(S[0, 0], 7)), bool(np.allclose(S[0, 1:], 0, atol=1e-5))
    (True, True)
    """

    def __init__(self, W: Any, known: NDArray[Any]) -> None:
        self.W = W
        self.grid, self.L, self.averages = W.grid, W.L, W.averages
        self.embed, self.details = W.embed, W.details
        self.orientations_at_once = W.orientations_at_once
        # zeros around an image are known: they are what continues it
        unknown = W.embed(beside(W.averages[0][0], ~known)).values
        self.certainties = [1 - (1 - _CERTAINTY_OF_FILL) * unknown]
        for _ in W.averages[1:]:
            self.certainties.append(halve(self.certainties[-1]))

    def __call__(self, U: Coefficients) -> Any:
        """Return the average A and an iterator over the details V, scale by scale."""
        return self.average(U), self.details(U)

    def average(self, U: Coefficients) -> Any:
        """Return φ_J * (c U) over φ_J * c."""
        c = self.certainties[U.resolution]
        between = [1] * (U.values.ndim - c.ndim)
        c = namespace(c).reshape(c, (c.shape[0], *between, *c.shape[1:]))
        A = self.W.average(replace(U, values=c * U.values))
        weights = self.W.average(replace(U, values=c))
        return replace(A, values=A.values / weights.values)


def halve(c):
    """Blur maps on a periodic grid by (1, 2, 1) / 4, and keep every other sample."""
    xp = namespace(c)
    for axis in (-2, -1):
        c = c / 2 + (xp.roll(c, 1, axis=axis) + xp.roll(c, -1, axis=axis)) / 4
    return c[..., ::2, ::2]
