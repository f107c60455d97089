"""Affine maps of features, forward, back to what they map, and their transposes."""

from typing import NamedTuple

import numpy as np
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.preprocessing import StandardScaler

from sklearn_scat.classifiers import GramMatrix, SpanCoordinates


class AffineMap(NamedTuple):
    """u = (z − offset) Bᵀ, its rows those of `matrix` B: (q, p).

    Attributes
    ----------
    matrix : ndarray of shape (q, p), or of shape (p,) for a diagonal one
    offset : ndarray of shape (p,), or 0
    is_rotation : bool
        Whether the rows of B are orthogonal, so that a preimage is Bᵀ u over their
        squared lengths.
    """

    matrix: np.ndarray
    offset: object = 0.0
    is_rotation: bool = True

    def forward(self, z):
        """Return the images u of rows z: (n, q)."""
        z = z - self.offset
        return z * self.matrix if self.matrix.ndim == 1 else z @ self.matrix.T

    def pull(self, gradient):
        """Return the gradient in z of what has a gradient in u: (n, p)."""
        if self.matrix.ndim == 1:
            return gradient * self.matrix
        return gradient @ self.matrix

    def preimage(self, u):
        """Return some z (p,) that is mapped to u (q,), or near it; zeros if unknown."""
        if self.matrix.ndim == 1:
            return u / self.matrix + self.offset
        if not self.is_rotation:
            return np.zeros(self.matrix.shape[1])
        lengths = np.einsum("ij,ij->i", self.matrix, self.matrix)
        return (u / np.where(lengths > 0, lengths, 1)) @ self.matrix + self.offset


def affine_map(step):
    """Return the affine map that a fitted step is.

    Raises
    ------
    ValueError
        If it is none that is known.
    """
    if isinstance(step, StandardScaler):
        scale = 1.0 if step.scale_ is None else step.scale_
        n = step.n_features_in_
        offset = np.zeros(n) if step.mean_ is None else step.mean_
        return AffineMap(np.ones(n) / scale, offset)
    if isinstance(step, SpanCoordinates):
        if step.components_ is None:
            return AffineMap(np.ones(step.n_features_in_))
        return AffineMap(step.components_.astype(np.float64))
    if isinstance(step, GramMatrix):
        return AffineMap(step.X_fit_.astype(np.float64), is_rotation=False)
    if isinstance(step, PCA):
        return AffineMap(step.components_ / _deviations(step), step.mean_)
    if isinstance(step, TruncatedSVD):
        return AffineMap(step.components_.astype(np.float64))
    raise ValueError(
        f"{type(step).__name__} after a rotation of the features cannot be explained; "
        "put it before, or leave it out."
    )


def _deviations(pca):
    """Return what components are divided by, as scikit-learn does it: (q, 1)."""
    if not pca.whiten:
        return 1.0
    scale = np.sqrt(pca.explained_variance_)[:, None]
    return np.maximum(scale, np.finfo(scale.dtype).eps)
