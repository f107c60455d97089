"""Fitted steps that are affine maps, one after the other."""

from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_selection import SelectorMixin
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
)

from sklearn_scat.classifiers import SpanCoordinates

KNOWN_STEPS = (
    "StandardScaler, RobustScaler, MinMaxScaler, MaxAbsScaler, PCA, TruncatedSVD, "
    "SpanCoordinates, selections of features"
)


@dataclass(frozen=True, eq=False)
class AffineMap:
    """Compute x ↦ weight · x + offset.

    Attributes
    ----------
    weight : ndarray of shape (p,) or (q, p)
        A number for each feature, or a matrix.
    offset : ndarray of shape (p,) or (q,), or 0
        What is added.
    """

    weight: np.ndarray
    offset: np.ndarray | float = 0.0

    def __call__(self, x):
        """Map rows of numbers (n, p)."""
        diagonal = self.weight.ndim == 1
        return (x * self.weight if diagonal else x @ self.weight.T) + self.offset

    def norm(self):
        """Return by how much it stretches at most."""
        if self.weight.ndim == 1:
            return float(np.abs(self.weight).max(initial=0.0))
        return float(np.linalg.norm(self.weight, 2))

    def after(self, step):
        """Return the map that applies a step first."""
        W, diagonal = self.weight, self.weight.ndim == 1
        offset = self.offset + (W * step.offset if diagonal else W @ _full(step))
        if step.weight.ndim == 1:
            return AffineMap(W * step.weight, offset)
        weight = W[:, None] * step.weight if diagonal else W @ step.weight
        return AffineMap(weight, offset)


def _full(step):
    """Return the offset of a map as a vector."""
    return np.broadcast_to(step.offset, len(step.weight))


def identity(p):
    """Return the map of p numbers to themselves."""
    return AffineMap(np.ones(p))


def flat_steps(model):
    """Return the fitted steps of a model; searches stand for their best estimator."""
    model = getattr(model, "best_estimator_", model)
    if not isinstance(model, Pipeline):
        return [model]
    steps = [step for _, step in model.steps if step not in (None, "passthrough")]
    return [part for step in steps for part in flat_steps(step)]


def before(step, after):
    """Return the map `after` behind a fitted step, as a map of what the step is given.

    Raises
    ------
    TypeError
        If the step is not one of the affine maps that are known.
    """
    if isinstance(step, SelectorMixin):
        return _behind_selection(after, step.get_support())
    map_of = _MAPS.get(type(step))
    if map_of is None:
        raise TypeError(
            f"{text(step)} is not known to be linear: between the scattering and the "
            f"classifier there may stand {KNOWN_STEPS}."
        )
    return after.after(map_of(step))


def _behind_selection(after, support):
    """Return a map of the selected features as one of all."""
    selected = np.flatnonzero(support)
    wide = np.zeros((len(after.weight), len(support)))
    if after.weight.ndim == 1:
        wide[np.arange(len(selected)), selected] = after.weight
    else:
        wide[:, selected] = after.weight
    return AffineMap(wide, after.offset)


def _standard(step):
    scale = np.ones(step.n_features_in_) if step.scale_ is None else step.scale_
    return AffineMap(1 / scale, -step.mean_ / scale if step.with_mean else 0.0)


def _robust(step):
    scale = np.ones(step.n_features_in_) if step.scale_ is None else step.scale_
    return AffineMap(1 / scale, -step.center_ / scale if step.with_centering else 0.0)


def _min_max(step):
    if step.clip:
        raise TypeError("MinMaxScaler(clip=True) is not linear; take clip=False.")
    return AffineMap(step.scale_, step.min_)


def _max_abs(step):
    if getattr(step, "clip", False):
        raise TypeError("MaxAbsScaler(clip=True) is not linear; take clip=False.")
    return AffineMap(1 / step.scale_)


def _pca(step):
    weight = step.components_
    if step.whiten:
        scale = np.sqrt(step.explained_variance_)
        weight = weight / np.maximum(scale, np.finfo(scale.dtype).eps)[:, None]
    return AffineMap(weight, -weight @ step.mean_)


def _projection(step):
    if step.components_ is None:
        return identity(step.n_features_in_)
    return AffineMap(step.components_)


_MAPS = {
    StandardScaler: _standard,
    RobustScaler: _robust,
    MinMaxScaler: _min_max,
    MaxAbsScaler: _max_abs,
    PCA: _pca,
    TruncatedSVD: _projection,
    SpanCoordinates: _projection,
}


def text(step):
    """Name a step for an error."""
    return type(step).__name__ if isinstance(step, BaseEstimator) else repr(step)
