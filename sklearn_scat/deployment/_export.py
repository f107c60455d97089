"""A fitted model as an ONNX file."""

import os
from typing import Any

import numpy as np
from sklearn.model_selection._search import BaseSearchCV
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sklearn_scat._public import needed
from sklearn_scat._whole_files import whole_file
from sklearn_scat.deployment._cascade import scattering_nodes
from sklearn_scat.deployment._graph import Graph
from sklearn_scat.deployment._steps import head_nodes, normalized_nodes, step_nodes
from sklearn_scat.predictors import ScatteringClassifier, ScatteringRegressor
from sklearn_scat.transformers import NormalizedScattering, ScatteringTransformer

_KNOWN = (
    "ScatteringTransformer (on images of one size), NormalizedScattering around it, "
    "StandardScaler, Normalizer, PCA, SpanCoordinates, linear classifiers and "
    "regressors, PCAAffineClassifier, and pipelines, searches and "
    "ScatteringClassifier of these"
)


def export_onnx(model: Any, path: str | os.PathLike[str]) -> None:
    """Write a fitted model to an ONNX file, which runs without Python.

    The file holds real matrix products and arithmetic alone, in float32: Fourier
    transforms are matrices along each axis, so that every runtime has what it needs.

    Parameters
    ----------
    model : estimator
        Fitted: a scattering transformer, alone or in a pipeline with normalisation,
        scaling and a linear or affine head; a search or a
        :class:`~sklearn_scat.ScatteringClassifier` that chose such a pipeline.
    path : path-like
        Where to write; a file that is there is replaced when the new one is whole.

    Raises
    ------
    ValueError
        If a part of the model has no rule, in a sentence that names it.
    ImportError
        If the package onnx is not installed: it comes with the extra ``onnx``.

    Notes
    -----
    The file takes ``images``, float32 of shape (n_samples, H, W) or (n_samples, C, H,
    W) as `fit` saw them, for any number of them, and gives

    - ``features`` (n_samples, C·P·h·w), or ``maps`` (n_samples, C·P, h, w), of
      transformers;
    - ``label`` (n_samples,) and ``scores``, as `decision_function` shapes them, of
      classifiers;
    - ``values``, as `predict` shapes them, of regressors.

    A discrete Fourier transform of n samples by its matrix takes n² products: files of
    images of hundreds of pixels are larger and slower than the package.

    References
    ----------
    ONNX, "Open neural network exchange", https://onnx.ai/onnx/intro/.

    Examples
    --------
    >>> import os, tempfile
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.linear_model import RidgeClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_scat import ScatteringTransformer
    >>> from sklearn_scat.deployment import export_onnx
    >>> X, y = load_digits(return_X_y=True)
    >>> model = make_pipeline(ScatteringTransformer(J=1), RidgeClassifier()).fit(X, y)
    >>> path = os.path.join(tempfile.mkdtemp(), "digits.onnx")
    >>> export_onnx(model, path)
    >>> os.path.getsize(path) < 100_000
    True
    """
    needed("onnx", what="export_onnx", packages="onnx")
    check_is_fitted(model)
    first, *rest = steps_of(model)
    graph = Graph(scattering_of(first).image_shape_)
    X = _first_nodes(graph, first, is_alone=not rest)
    head = rest[-1] if rest and not hasattr(rest[-1], "transform") else None
    for step in rest[: len(rest) - (head is not None)]:
        X = _known(step_nodes(graph, X, step), step)
    if head is not None:
        scores = _known(head_nodes(graph, X, head), head)
        _decide(graph, scores, head, classes=getattr(model, "classes_", None))
    elif rest:
        graph.output("features", X, shape=[None])
    written = graph.model(type(model).__name__).SerializeToString()
    with whole_file(path) as partial:
        partial.write_bytes(written)


def steps_of(model):
    """Return the fitted steps of a model in order, pipelines and searches opened.

    Raises
    ------
    ValueError
        If the first is no scattering.
    """
    steps = list(_opened(model))
    if not isinstance(steps[0], ScatteringTransformer | NormalizedScattering):
        name = type(steps[0]).__name__
        advice = ""
        if hasattr(model, "named_steps") and name == "ImageReader":
            advice = " Files are read outside: export model['classifier']."
        raise ValueError(f"export_onnx knows no rule for {name} at first.{advice}")
    return steps


def _opened(model):
    """Yield the steps of what may be nested."""
    if isinstance(model, Pipeline):
        for _, step in model.steps:
            if step not in (None, "passthrough"):
                yield from _opened(step)
    elif isinstance(model, BaseSearchCV):
        yield from _opened(model.best_estimator_)
    elif isinstance(model, ScatteringClassifier | ScatteringRegressor):
        yield from _opened(model.estimator_)
    else:
        yield model


def scattering_of(first):
    """Return the translation scattering of a first step.

    Raises
    ------
    ValueError
        If it is of another kind, or was fitted on images of several sizes.
    """
    scattering = getattr(first, "scattering_", first)
    if not isinstance(scattering, ScatteringTransformer):
        raise _unknown(scattering)
    if not hasattr(scattering, "n_features_in_"):
        raise ValueError(
            "This scattering was fitted on images of several sizes, and a graph is of "
            "one: fit on images of one size."
        )
    return scattering


def _first_nodes(graph, first, *, is_alone):
    """Add scattering and normalisation, and the output if nothing follows."""
    scattering = scattering_of(first)
    S = scattering_nodes(graph, graph.images, scattering)
    if isinstance(first, NormalizedScattering):
        S = normalized_nodes(graph, S, first)
    channels, paths, h, w = scattering.output_shape_
    if is_alone and scattering.output == "maps":
        shape = (channels * paths, h, w)
        graph.output("maps", graph.reshape(S, (-1, *shape)), shape=shape)
        return S
    n = channels * paths * h * w
    X = graph.reshape(S, (-1, n))
    if is_alone:
        graph.output("features", X, shape=[n])
    return X


def _decide(graph, scores, head, *, classes):
    """Add the outputs of a classifier or regressor."""
    if not hasattr(head, "classes_"):
        values = np.atleast_2d(head.coef_)
        shape = [len(values)] if np.ndim(head.coef_) == 2 else []
        graph.output("values", scores, shape=shape)
        return
    classes = np.asarray(classes)
    if len(classes) == 2:
        above = graph.node("Greater", scores, graph.constant(0.0))
        best = graph.node("Where", above, *_indices(graph, 1, 0))
    else:
        best = graph.node("ArgMax", scores, axis=1, keepdims=0)
    dtype = {"i": np.int64, "u": np.int64, "b": np.bool_, "f": np.float32}.get(
        classes.dtype.kind, object
    )
    label = graph.node("Gather", graph.constant(classes.astype(dtype), dtype), best)
    graph.output("label", label, shape=[], dtype=dtype)
    shape = [len(classes)] if len(classes) > 2 else []
    graph.output("scores", scores, shape=shape)


def _indices(graph, *values):
    """Return whole numbers as constants."""
    return [graph.constant(value, np.int64) for value in values]


def _known(name, step):
    """Return the name of a tensor, or say that a step has no rule."""
    if name is None:
        raise _unknown(step)
    return name


def _unknown(step):
    """Return the error of a part without a rule."""
    return ValueError(
        f"export_onnx knows no rule for {type(step).__name__}. It knows {_KNOWN}."
    )
