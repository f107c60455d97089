"""Steps after scattering, and heads, as nodes of a graph: each by its class."""

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model._base import LinearClassifierMixin
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler

from sklearn_scat.classifiers import PCAAffineClassifier, SpanCoordinates
from sklearn_scat.recipes import without_order_0
from sklearn_scat.transformers._path_statistics import families

_NORMS = {"l1": "L1", "l2": "L2"}


def normalized_nodes(graph, S, normalized):
    """Add what :class:`~sklearn_scat.NormalizedScattering` does to coefficients.

    Parameters
    ----------
    graph : Graph
        What to add to.
    S : str
        Maps (N, C, P, h, w).
    normalized : NormalizedScattering
        Fitted.

    Returns
    -------
    S : str
        Of the same shape.
    """
    if normalized.method == "standard":
        centred = graph.subtract(S, _per_path(graph, normalized.mean_))
        return graph.divide(centred, _per_path(graph, normalized.scale_))
    if normalized.method == "sqrt":
        return graph.node("Sqrt", graph.node("Abs", S))
    if normalized.method == "log":
        size = graph.add(graph.node("Abs", S), _per_path(graph, normalized.eps_))
        return graph.node("Log", size)
    return _renormalized(graph, S, normalized)


def _renormalized(graph, S, normalized):
    """Divide paths of order 2 and more by the mean of their parents."""
    channels, n_paths, h, w = normalized.output_shape_
    above = np.zeros((n_paths, n_paths))
    eps = np.ones((channels, n_paths))  # of paths that stay as they are
    for parents, children in families(normalized.paths_):
        above[np.ix_(children, parents)] = 1 / len(parents)
        eps[:, children] = normalized.eps_[:, parents].mean(axis=1, keepdims=True)
    flat = graph.reshape(graph.node("Abs", S), (0, 0, 0, h * w))
    parents = graph.matmul(graph.constant(above), flat)
    parents = graph.reshape(parents, (0, 0, 0, h, w))
    return graph.divide(S, graph.add(parents, _per_path(graph, eps)))


def _per_path(graph, values):
    """Return numbers (C, P) beside maps (N, C, P, h, w)."""
    return graph.constant(values[:, :, None, None])


def step_nodes(graph, X, step):
    """Add a step that turns rows of features into others.

    Parameters
    ----------
    graph : Graph
        What to add to.
    X : str
        Features (N, p).
    step : transformer
        Fitted.

    Returns
    -------
    X : str, or None
        None where there is no rule for such a step.
    """
    for kind, add in _STEPS.items():
        if isinstance(step, kind):
            return add(graph, X, step)
    return None


def _scaled(graph, X, scaler):
    if scaler.with_mean:
        X = graph.subtract(X, graph.constant(scaler.mean_))
    return graph.divide(X, graph.constant(scaler.scale_)) if scaler.with_std else X


def _of_unit_norm(graph, X, normalizer):
    if normalizer.norm == "max":
        norms = graph.reduce("Max", graph.node("Abs", X), (1,), keepdims=True)
    else:
        norms = graph.reduce(_NORMS[normalizer.norm], X, (1,), keepdims=True)
    is_zero = graph.node("Equal", norms, graph.constant(0.0))
    return graph.divide(X, graph.node("Where", is_zero, graph.constant(1.0), norms))


def _in_span(graph, X, span):
    if span.components_ is None:
        return X
    return graph.matmul(X, graph.constant(span.components_.T))


def _principal(graph, X, pca):
    components = pca.components_
    if pca.whiten:
        components = components / np.sqrt(pca.explained_variance_)[:, None]
    centred = graph.subtract(X, graph.constant(pca.mean_))
    return graph.matmul(centred, graph.constant(components.T))


def _of_function(graph, X, transformer):
    if transformer.func is None:
        return X
    if transformer.func is not without_order_0:
        return None
    n_channels = (transformer.kw_args or {}).get("n_channels", 1)
    columns = np.arange(transformer.n_features_in_)
    kept = without_order_0(columns[None], n_channels)[0]
    return graph.gather(X, kept, 1)


_STEPS = {
    StandardScaler: _scaled,
    Normalizer: _of_unit_norm,
    SpanCoordinates: _in_span,
    PCA: _principal,
    FunctionTransformer: _of_function,
}


def is_linear(head):
    """Tell a head whose decisions are W x + b."""
    return isinstance(head, LinearClassifierMixin) or (
        hasattr(head, "coef_") and hasattr(head, "intercept_")
    )


def linear_nodes(graph, X, head):
    """Add W x + b: (N, K), or (N,) of one row of weights."""
    W = np.atleast_2d(head.coef_)
    b = np.broadcast_to(np.atleast_1d(head.intercept_), len(W))
    values = graph.matmul(X, graph.constant(W.T))
    values = graph.add(values, graph.constant(b))
    is_one = len(W) == 1 and (hasattr(head, "classes_") or np.ndim(head.coef_) == 1)
    return graph.reshape(values, (-1,)) if is_one else values


def affine_nodes(graph, X, head):
    """Add the decisions of :class:`~sklearn_scat.PCAAffineClassifier`.

    From what is left of x − μ_k beside its projection: a difference of squares would
    lose its digits near a space.
    """
    n_classes, dim, _ = head.components_.shape
    off = graph.node("Unsqueeze", X, graph.constant([0], np.int64))
    off = graph.subtract(off, graph.constant(head.means_[:, None]))  # (K, N, p)
    if dim:
        V = head.components_  # (K, D, p)
        along = graph.matmul(off, graph.constant(V.transpose(0, 2, 1)))
        off = graph.subtract(off, graph.matmul(along, graph.constant(V)))
    squares = graph.reduce("SumSquare", off, (2,))
    scores = graph.node("Neg", graph.node("Transpose", squares, perm=[1, 0]))
    if n_classes > 2:
        return scores
    first, second = (graph.gather(scores, k, 1) for k in (0, 1))
    return graph.subtract(second, first)


def head_nodes(graph, X, head):
    """Add the decisions of a classifier, or the values of a regressor, or None."""
    if isinstance(head, PCAAffineClassifier):
        return affine_nodes(graph, X, head)
    return linear_nodes(graph, X, head) if is_linear(head) else None
