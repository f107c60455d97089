"""The features of every layer of a network, or of a list of transformers."""

import contextlib
import itertools
from collections.abc import Mapping, Sequence
from functools import partial
from numbers import Integral
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_scalar

from sklearn_scat._array_likes import as_array
from sklearn_scat._batches import as_tensor, evaluating

POOLS = {
    "mean": lambda maps, axes: maps.mean(axes),
    "max": lambda maps, axes: maps.max(axes),
}


def layer_features(
    model: Any,
    X: ArrayLike,
    *,
    layers: Sequence[str] | None = None,
    pool: Literal["mean", "max"] | None = "mean",
    batch_size: int = 256,
) -> dict[str, NDArray[Any]]:
    """Features of every layer of a model, computed batch by batch.

    Parameters
    ----------
    model : torch.nn.Module, Pipeline, sequence or mapping of transformers
        A network, whose layers' outputs are caught on their way; it computes as it
        would in evaluation, without gradients, and is left as it was. Or a fitted
        pipeline, whose layers are its steps one after the other; a last step that
        cannot transform is left out. Or fitted transformers (functions of X will
        do), each a layer of its own: all of them see X.
    X : array-like of shape (n, ...)
        What the model takes. For a network, cast to the type of its parameters and
        moved to their device, a batch at a time.
    layers : sequence of str, default=None
        Names of the layers, in the order wanted: for a network those of
        ``model.named_modules()``, "" being the network itself. None takes all of
        them; for a network all modules without modules inside, in the order in which
        they compute. A module that computes several times in a pass is the layers
        "name", "name:2", "name:3" and so on.
    pool : {"mean", "max", None}, default="mean"
        What makes features of maps (n, C, h, w, ...): the mean or the maximum over
        positions, n·C features, the mean as in [1]_; None keeps all positions,
        flattened.
    batch_size : int, default=256
        Images per batch.

    Returns
    -------
    features : dict of str to ndarray of shape (n, p)
        The features of each layer; p differs between layers.

    Raises
    ------
    ValueError
        When a name is unknown, a layer's output is not a tensor with an entry for
        each image, or X is empty.

    References
    ----------
    .. [1] E. Oyallon, "Building a regular decision boundary with deep networks", CVPR
       2017, pages 5106–5114.

    Examples
    --------
    >>> import numpy as np
    >>> import torch
    >>> from sklearn_scat.analysis import layer_features
    >>> net = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.ReLU())
    >>> features = layer_features(net, np.zeros((5, 1, 8, 8)))
    >>> {layer: values.shape for layer, values in features.items()}
    {'0': (5, 4), '1': (5, 4)}
    """
    if pool is not None and pool not in POOLS:
        raise ValueError(f'pool={pool!r}; pass "mean", "max" or None.')
    check_scalar(batch_size, "batch_size", Integral, min_val=1)
    X = as_array(X)
    if not len(X):
        raise ValueError("X is empty: pass one image at least.")
    if hasattr(model, "named_modules"):
        compute = _network(model, layers)
    else:
        compute = _transformers(model, layers)
    batches = range(0, len(X), batch_size)
    found: dict[str, list[np.ndarray]] = {}
    for start in batches:
        batch = X[start : start + batch_size]
        for layer, values in compute(batch, pool).items():
            found.setdefault(layer, []).append(values)
    return {layer: np.concatenate(parts) for layer, parts in found.items()}


def _pooled(layer, values, n, *, pool):
    """Features (n, p) of a layer's output (n, …)."""
    if values.ndim == 0 or len(values) != n:
        raise ValueError(
            f"Layer {layer!r} gave {values.shape} for {n} images; the first axis must "
            "run over the images."
        )
    if pool is not None and values.ndim > 2:
        values = POOLS[pool](values, tuple(range(2, values.ndim)))
    return values.reshape(n, -1).copy()


def _transformers(model, layers):
    """Make a function of a batch that gives the features of every transformer."""
    chained = hasattr(model, "steps")
    named = _named(model)
    chosen = list(named) if layers is None else list(layers)
    _refuse_unknown(chosen, named)

    def compute(batch, pool):
        outputs, current = {}, batch
        for name, transformer in named.items():
            if not chained and name not in chosen:
                continue
            step = getattr(transformer, "transform", transformer)
            result = step(current)
            if name in chosen:
                outputs[name] = _pooled(name, np.asarray(result), len(batch), pool=pool)
            current = result if chained else batch
        return {name: outputs[name] for name in chosen}

    return compute


def _named(model):
    """Names and transformers of a pipeline, a mapping or a sequence."""
    if hasattr(model, "steps"):
        steps = [(k, v) for k, v in model.steps if v not in (None, "passthrough")]
        last = len(steps) - 1
        return {
            name: step
            for i, (name, step) in enumerate(steps)
            if i < last or hasattr(step, "transform")
        }
    if isinstance(model, Mapping):
        return {str(name): step for name, step in model.items()}
    if hasattr(model, "transform") or not hasattr(model, "__iter__"):
        raise ValueError(
            f"model is a {type(model).__name__}: pass a torch module, a pipeline, or "
            "a list of transformers (of one, in brackets)."
        )
    return {str(i): step for i, step in enumerate(model)}


def _refuse_unknown(names, known):
    """Raise a ValueError when a name is not among those known."""
    for name in names:
        if name not in known:
            listed = ", ".join(repr(k) if k else "'' (all of it)" for k in known)
            raise ValueError(f"There is no layer {name!r}. The layers: {listed}.")


def _network(model, layers):
    """Make a function of a batch that gives the outputs of the layers of a network."""
    import torch

    modules = dict(model.named_modules())
    if layers is None:
        watched = {k: m for k, m in modules.items() if not list(m.children())}
    else:
        named = {name: name.partition(":")[0] for name in layers}
        _refuse_unknown(named.values(), modules)
        watched = {name: modules[name] for name in named.values()}
    parameter = next((p for p in model.parameters() if p.is_floating_point()), None)
    place = {"dtype": torch.float32} if parameter is None else _place(parameter)

    def compute(batch, pool):
        outputs: dict[str, np.ndarray] = {}
        tensor = as_tensor(np.asarray(batch)).to(**place)
        keep = partial(_keep, outputs, n=len(batch), pool=pool)
        with evaluating(model), _hooks(watched, keep), torch.no_grad():
            model(tensor)
        if layers is None:
            return outputs
        _refuse_unknown(layers, outputs)
        return {name: outputs[name] for name in layers}

    return compute


def _place(parameter):
    return {"dtype": parameter.dtype, "device": parameter.device}


@contextlib.contextmanager
def _hooks(watched, keep):
    """Hand what the watched modules give to `keep`, in the order of calls."""
    handles = [m.register_forward_hook(_catch(k, keep)) for k, m in watched.items()]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _catch(name, keep):
    """Make a hook that numbers the calls of a module."""
    calls = itertools.count(1)

    def hook(module, arguments, output):
        call = next(calls)
        keep(name if call == 1 else f"{name}:{call}", output)

    return hook


def _keep(outputs, layer, output, *, n, pool):
    """Pool a layer's output at once: later operations may work in place."""
    if not hasattr(output, "detach"):
        raise ValueError(
            f"Layer {layer!r} gives a {type(output).__name__}, not a tensor. "
            "Name other layers."
        )
    values = output.detach().cpu().numpy()
    outputs[layer] = _pooled(layer, values, n, pool=pool)
