"""Diffusion maps."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import eigh
from scipy.sparse.linalg import ArpackError, eigsh

_NOISE = 1e-10  # eigenvalues below are rounding's
_DENSE = 500  # points up to which all eigenvectors cost no more than a few


@dataclass(frozen=True, eq=False)
class DiffusionMap:
    """Points in the coordinates of a random walk on them.

    Parameters
    ----------
    coordinates : ndarray of shape (n, n_vectors)
        ψ_k at every point, by decreasing eigenvalue, the constant left out.
    eigenvalues : ndarray of shape (n_vectors,)
        Of the walk, in [0, 1]; 0 for those that rounding cannot tell from it.
    """

    coordinates: np.ndarray
    eigenvalues: np.ndarray

    def at(self, time: Any) -> Any:
        """Return λ^t ψ in units of its first coordinate: (n, n_vectors)."""
        largest = self.eigenvalues[0]
        if largest == 0:
            return np.zeros_like(self.coordinates)
        return self.coordinates * (self.eigenvalues / largest) ** time


def diffusion_map(A: ArrayLike, *, n_vectors: int = 12) -> DiffusionMap:
    r"""Diffusion coordinates of points from their affinities.

    With :math:`d = A 1`, the density is divided out, :math:`W = A / d d^\top`; with
    :math:`d' = W 1`, the symmetric walk is
    :math:`S = W / \sqrt{d' d'^\top} = \sum_k λ_k v_k v_k^\top`, and
    :math:`ψ_k = v_k / v_0`. Distances of :math:`λ^t ψ` are diffusion distances at
    time t.

    Parameters
    ----------
    A : array-like of shape (n, n)
        Symmetric affinities ≥ 0, positive on the diagonal.
    n_vectors : int, default=12
        Number of coordinates; no more than n − 2, and 1 at least.

    Returns
    -------
    map : DiffusionMap
        Coordinates and eigenvalues.

    Raises
    ------
    ValueError
        If the affinities are not finite, symmetric and ≥ 0, or an entry of the
        diagonal is 0.

    References
    ----------
    .. [1] R. R. Coifman and S. Lafon, "Diffusion maps", *Applied and Computational
       Harmonic Analysis* 21(1), 2006, section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.questionnaire import diffusion_map
    >>> x = np.array([0.0, 3.0, 1.0, 2.0])
    >>> A = np.exp(-np.abs(x - x[:, None]))
    >>> order = diffusion_map(A).coordinates[:, 0].argsort()
    >>> x[order].tolist() in ([0, 1, 2, 3], [3, 2, 1, 0])
    True
    """
    A = np.asarray(A, dtype=np.float64)
    _check_affinities(A)
    n = len(A)
    d = A.sum(axis=1)
    W = A / np.outer(d, d)
    d = W.sum(axis=1)
    S = W / np.sqrt(np.outer(d, d))
    v0 = np.sqrt(d / d.sum())  # known: its eigenvalue is 1
    S -= np.outer(v0, v0)
    n_vectors = max(1, min(n_vectors, n - 2))
    values, vectors = _largest(S, n_vectors)
    values = np.where(values < _NOISE, 0.0, np.minimum(values, 1.0))
    return DiffusionMap(_oriented(vectors / v0[:, None]), values)


def _check_affinities(A):
    if A.ndim != 2 or A.shape[0] != A.shape[1] or A.size == 0:
        raise ValueError(f"affinities form a square matrix; got shape {A.shape}.")
    if not np.isfinite(A).all() or A.min() < 0 or A.diagonal().min() <= 0:
        raise ValueError(
            "affinities must be finite and ≥ 0, and positive on the diagonal."
        )
    if not np.allclose(A, A.T):
        raise ValueError("affinities must be symmetric.")


def _largest(S, k):
    """Return the k largest eigenvalues, decreasing, and their eigenvectors."""
    n = len(S)
    if n > _DENSE:
        start = np.cos(np.arange(n) ** 1.5)  # fixed, and in no symmetry's subspace
        try:
            values, vectors = eigsh(S, k, which="LA", v0=start)
            return values[::-1], vectors[:, ::-1]
        except ArpackError:  # it did not converge
            pass
    values, vectors = eigh(S, driver="evd")
    return values[: -k - 1 : -1], vectors[:, : -k - 1 : -1]


def _oriented(coordinates):
    """Fix the sign of every coordinate: its longer tail is positive."""
    skew = (coordinates**3).sum(axis=0)
    size = (np.abs(coordinates) ** 3).sum(axis=0)
    sign = np.where(np.abs(skew) > 1e-6 * size, skew, coordinates[0])
    return np.where(sign < 0, -coordinates, coordinates)
