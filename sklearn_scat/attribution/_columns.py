"""What the columns of features are: coefficients of scatterings, through the steps."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_selection import SelectorMixin
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from sklearn_scat.attribution._affine_maps import affine_map
from sklearn_scat.classifiers import GramMatrix, SpanCoordinates

# What changes columns one by one, or all alike.
_COLUMNWISE = (
    StandardScaler,
    MinMaxScaler,
    MaxAbsScaler,
    RobustScaler,
    PowerTransformer,
    QuantileTransformer,
    Normalizer,
)
_MIXING = (PCA, TruncatedSVD, SpanCoordinates, GramMatrix)


@dataclass(frozen=True)
class Block:
    """The coefficients of one scattering: C channels, P paths, (h, w) positions."""

    name: str
    paths: Any
    shape: tuple
    has_places: bool


@dataclass(frozen=True)
class Features:
    """Features of images on their way through a model.

    Parameters
    ----------
    values : ndarray of shape (n, p), or images
        What the next step sees; before the scattering, images.
    blocks : tuple of Block
        Scatterings that the columns belong to; empty before.
    index : ndarray of shape (p,)
        Which coefficient of all blocks a column is, in their order.
    maps : tuple
        Affine maps that mix the columns, which the classifier then sees.
    """

    values: Any
    blocks: tuple = ()
    index: Any = None
    maps: tuple = field(default=())

    @property
    def n_coefficients(self):
        """How many coefficients the blocks have."""
        return sum(int(np.prod(block.shape)) for block in self.blocks)


def advance(features, step, name):
    """Return features after one step of a pipeline.

    Raises
    ------
    ValueError
        If it is not known what the step makes of columns.
    """
    if step is None or isinstance(step, str):  # "passthrough"
        return features
    if isinstance(step, Pipeline):
        for inner_name, inner in step.steps:
            features = advance(features, inner, inner_name)
        return features
    if isinstance(step, FeatureUnion):
        return _united(features, step)
    if not features.blocks:
        return _from_images(features, step, name)
    if features.maps or isinstance(step, _MIXING):
        return replace(features, maps=(*features.maps, affine_map(step)))
    return _kept(features, step)


def as_columns(features, image_shape=None):
    """Return features whose columns are pixels, where nothing was scattered."""
    if features.blocks:
        return features
    rows = np.asarray(features.values, np.float64)
    rows = rows.reshape(len(rows), -1)
    shape = (1, *(image_shape or (1, rows.shape[1])))[-3:]
    block = Block("pixels", None, (shape[0], 1, *shape[1:]), image_shape is not None)
    return Features(rows, (block,), np.arange(rows.shape[1]))


def _from_images(features, step, name):
    """Return what a step makes of images: coefficients, or other images."""
    if isinstance(step, (*_COLUMNWISE, *_MIXING, SelectorMixin)):
        return advance(as_columns(features), step, name)
    values = step.transform(features.values)
    if not hasattr(step, "output_shape_"):
        return replace(features, values=values)
    values = np.asarray(values, np.float64).reshape(len(values), -1)
    shape = step.output_shape_
    inner = getattr(step, "scattering_", step)
    block = Block(name, step.paths_, shape, getattr(inner, "pooling", None) is None)
    return Features(values, (block,), np.arange(values.shape[1]))


def _united(features, union):
    """Return the features of several transformers side by side."""
    if features.blocks:
        raise ValueError("a FeatureUnion after the scattering cannot be explained.")
    found = [
        advance(features, step, name)
        for name, step in union.transformer_list
        if step != "drop"
    ]
    starts = np.cumsum([0, *(part.n_coefficients for part in found)])
    return Features(
        np.hstack([part.values for part in found]),
        tuple(block for part in found for block in part.blocks),
        np.concatenate(
            [part.index + start for part, start in zip(found, starts, strict=False)]
        ),
    )


def _kept(features, step):
    """Return features after a step that changes columns one by one, or drops some."""
    if isinstance(step, SelectorMixin):
        kept = step.get_support()
        values = step.transform(features.values)
        return replace(features, values=values, index=features.index[kept])
    values = np.asarray(step.transform(features.values), np.float64)
    if isinstance(step, _COLUMNWISE):
        return replace(features, values=values)
    if isinstance(step, FunctionTransformer):
        return _after_function(features, values, step)
    raise ValueError(unknown(step))


def _after_function(features, values, step):
    """Return features after a function that treats columns alike, or drops some."""
    n_columns = features.values.shape[1]
    if values.shape[1] == n_columns:
        reversed_values = step.transform(features.values[:, ::-1])
        if np.allclose(reversed_values[:, ::-1], values):
            return replace(features, values=values)
    else:
        kept = np.asarray(step.transform(np.arange(n_columns)[None]))[0].astype(int)
        if np.array_equal(values, features.values[:, kept]):
            return replace(features, values=values, index=features.index[kept])
    raise ValueError(
        f"the function {getattr(step.func, '__name__', step.func)} mixes columns of "
        "coefficients, so that no share of a path can be told; one that changes each "
        "by itself, or drops some, can be explained."
    )


def unknown(step):
    """Return a sentence that says of a step that it cannot be explained."""
    kind = type(step).__name__ if isinstance(step, BaseEstimator) else repr(step)
    return (
        f"{kind} cannot be explained: what it makes of paths and places is not known. "
        "Scattering, scaling, selection, PCA, and linear, affine, Gaussian kernel and "
        "local kernel classifiers can."
    )
