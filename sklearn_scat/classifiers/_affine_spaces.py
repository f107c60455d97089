"""Affine spaces by principal directions, and distances to them."""

from typing import NamedTuple

import numpy as np
import scipy.linalg
from sklearn.utils import gen_batches
from sklearn.utils.extmath import svd_flip

from sklearn_scat.classifiers._weights import weighted_mean

_BATCH_BYTES = 32 * 2**20  # working arrays of one batch of distances
_CANCELLATION = 1e-2  # a difference below this share of its terms is computed anew


class Spaces(NamedTuple):
    """One affine space per class: K classes, D directions, p features."""

    means: np.ndarray  # (K, p)
    components: np.ndarray  # (K, D, p), rows of zeros beyond a class's rank
    ranks: np.ndarray  # (K,)


def _principal_directions(X, max_dim):
    """Orthonormal principal directions of centred rows, largest variance first.

    X is (n, p); the result is (r, p) with r <= max_dim the numerical rank. The
    smaller of the two Gram matrices is diagonalised, in float64: X itself is as
    accurate in the directions that matter, and ten times slower.
    """
    n, p = X.shape
    X64 = X.astype(np.float64, copy=False)
    gram = X64 @ X64.T if n < p else X64.T @ X64
    variances, vectors = scipy.linalg.eigh(gram, check_finite=False)
    floor = max(n, p) * np.finfo(np.float64).eps * max(variances[-1], 0)
    keep = min(int(np.sum(variances > floor)), max_dim)
    vectors = vectors[:, ::-1][:, :keep]
    if n < p and keep:
        # Xᵀu lies in the span of the rows whatever the error of u: orthonormalising
        # it leaves directions that are exact to rounding.
        spanning = X64.T @ vectors
        vectors, _ = scipy.linalg.qr(spanning, mode="economic", check_finite=False)
    if not keep:
        return np.zeros((0, p), X.dtype)
    return svd_flip(None, vectors.T, u_based_decision=False)[1].astype(X.dtype)


def fit_spaces(X, y, *, n_classes, max_dim, weight=None):
    """Affine spaces of at most `max_dim` dimensions of the classes 0…K−1 in y.

    With weights (n,), those of the weighted means and covariances.
    """
    means = np.empty((n_classes, X.shape[1]), X.dtype)
    directions = []
    for k in range(n_classes):
        members, own = X[y == k], None if weight is None else weight[y == k]
        means[k] = weighted_mean(members, own)
        centred = members - means[k]
        if own is not None:
            centred *= np.sqrt(own)[:, None]
        directions.append(_principal_directions(centred, max_dim))
    ranks = np.array([len(d) for d in directions])
    components = np.zeros((n_classes, ranks.max(), X.shape[1]), X.dtype)
    for k, d in enumerate(directions):
        components[k, : len(d)] = d
    return Spaces(means, components, ranks)


def _batches(n_samples, spaces):
    n_classes, dim, p = spaces.components.shape
    row = spaces.means.itemsize * (2 * p + 2 * n_classes * (dim + 1))
    return gen_batches(n_samples, max(1, int(_BATCH_BYTES // row)))


def _projections(X, spaces):
    """Squared distances to the means, and squared coordinates in the spaces.

    Returns ‖x−μ_k‖² (n, K), ⟨x−μ_k, v_ki⟩² (n, K, D) and ‖x−m‖² + ‖μ_k−m‖² (n, K),
    the size of what was subtracted to get them, with m the mean of the class means.
    """
    n_classes, dim, p = spaces.components.shape
    centre = spaces.means.mean(axis=0, dtype=np.float64).astype(X.dtype)
    X, means = X - centre, spaces.means - centre
    scale = np.einsum("ij,ij->i", X, X)[:, None] + np.einsum("ij,ij->i", means, means)
    distances = scale - 2 * (X @ means.T)
    flat = spaces.components.reshape(n_classes * dim, p)
    offsets = np.einsum("kp,kdp->kd", means, spaces.components)
    coordinates = (X @ flat.T).reshape(len(X), n_classes, dim) - offsets
    return distances, np.square(coordinates, out=coordinates), scale


def squared_distances(X, spaces):
    """Squared distances of the rows of X to the K affine spaces, (n, K)."""
    result = np.empty((len(X), len(spaces.means)), spaces.means.dtype)
    for rows in _batches(len(X), spaces):
        batch = X[rows].astype(result.dtype, copy=False)
        distances, squares, scale = _projections(batch, spaces)
        distances -= squares.sum(axis=2)
        small = distances < _CANCELLATION * scale
        for k in np.flatnonzero(small.any(axis=0)):
            V, near = spaces.components[k, : spaces.ranks[k]], small[:, k]
            residual = batch[near] - spaces.means[k]
            for _ in range(2):  # the second pass removes the rounding of the first
                residual -= (residual @ V.T) @ V
            distances[near, k] = np.einsum("ij,ij->i", residual, residual)
        result[rows] = distances
    return result


def distances_by_dimension(X, spaces):
    """Squared distances of the rows of X to spaces of 0…D dimensions, (n, K, 1 + D)."""
    distances, squares, _ = _projections(X, spaces)
    # the distance to the mean less the running sums
    np.cumsum(squares, axis=2, out=squares)
    return np.concatenate([distances[..., None], distances[..., None] - squares], 2)


def errors_by_dimension(X, y, spaces, *, max_dim, weight=None):
    """Share of the rows of X that each dimension 0…max_dim misclassifies."""
    weight = np.ones(len(X)) if weight is None else weight
    wrong = np.zeros(max_dim + 1)
    for rows in _batches(len(X), spaces):
        nearest = distances_by_dimension(X[rows], spaces).argmin(axis=1)
        missed = weight[rows] @ (nearest != y[rows, None])
        wrong[: len(missed)] += missed
        wrong[len(missed) :] += missed[-1]
    return wrong / weight.sum()
