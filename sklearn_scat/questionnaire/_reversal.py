"""Questions put in reverse, turned round before they are averaged with others."""

from typing import NamedTuple

import numpy as np


class Reversal(NamedTuple):
    """Turns rows round their means, :math:`x ↦ 2m - x`: its own inverse.

    Parameters
    ----------
    signs : ndarray of shape (n,)
        −1 for the rows to turn.
    means : ndarray of shape (n,)
        What they turn round.
    """

    signs: np.ndarray
    means: np.ndarray

    @classmethod
    def of_rows(cls, M, signs):
        """Return the reversal about the means of what is known in the rows of M."""
        known = ~np.isnan(M)
        sums = np.where(known, M, 0).sum(axis=1)
        return cls(signs, sums / np.maximum(known.sum(axis=1), 1))

    def __call__(self, M):
        """Return M, (n, p), with its rows turned."""
        turned = self.signs < 0
        if not turned.any():
            return M
        M = M.copy()
        M[turned] = 2 * self.means[turned, None] - M[turned]
        return M


def fill_upright(M, signs, fill):
    """Fill a matrix as if no row or column opposed those around it.

    Parameters
    ----------
    M : ndarray of shape (n_rows, n_columns)
        The matrix; NaN where an entry is missing.
    signs : (ndarray of shape (n_rows,), ndarray of shape (n_columns,))
        −1 for those that do.
    fill : callable
        What takes such a matrix to one without NaN.

    Returns
    -------
    M : ndarray of shape (n_rows, n_columns)
        The matrix of `fill`, turned back.
    """
    rows = Reversal.of_rows(M, signs[0])
    M = rows(M)
    columns = Reversal.of_rows(M.T, signs[1])
    return rows(columns(fill(columns(M.T).T).T).T)
