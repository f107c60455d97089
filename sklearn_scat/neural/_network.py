"""Networks from plain values: built from parameters, kept as arrays of numbers."""

import copy
import inspect
import threading
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.parameter import is_lazy

# Torch draws weights and dropout from one generator of the process: one fit at a time
# may hold it, or two threads with the same seed would give different networks.
_GENERATOR = threading.RLock()


@contextmanager
def seeded(seed, device="cpu"):
    """Let torch draw from `seed` in a block, and give its generators back after it.

    In the block gradients are computed, whatever stands around it.
    """
    on_cuda = torch.device(device).type == "cuda"
    deterministic = torch.backends.cudnn.deterministic
    with _GENERATOR, torch.random.fork_rng(devices=[device] if on_cuda else []):
        # torch.manual_seed would reach the generators of all other devices too
        torch.default_generator.manual_seed(seed)
        if on_cuda:
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
            torch.backends.cudnn.deterministic = True
        try:
            with torch.inference_mode(False), torch.enable_grad():
                yield
        finally:
            torch.backends.cudnn.deterministic = deterministic


def build_network(module, params, *, image_shape, n_classes):
    """Return a network in float32 whose weights all have their shapes.

    Parameters
    ----------
    module : class, function or Module
        What makes the network, or the network itself, which is copied. It is given
        `n_classes`, `shape` and `in_channels` where it has parameters of these names
        that `params` leaves out.
    params : dict
        Its parameters. A value that is a class of modules is made too, and
        ``scattering__J`` is the parameter J of ``scattering``.
    image_shape : tuple (C, H, W)
        Shape of one image.
    n_classes : int
        Number of scores that the network shall give.

    Returns
    -------
    network : Module
        In evaluation mode.

    Raises
    ------
    ValueError
        If a parameter is unknown, or the scores have another shape.
    """
    channels, *sides = image_shape
    facts = {"n_classes": n_classes, "shape": tuple(sides)}
    network = _make(module, params, {**facts, "in_channels": channels}, path="module")
    if not isinstance(network, nn.Module):
        raise TypeError(
            f"module={_name(module)} made a {type(network).__name__}, not a torch "
            "module."
        )
    network = network.float().eval()
    with torch.no_grad():
        scores = network(torch.zeros(1, *image_shape))
    if tuple(scores.shape) != (1, n_classes):
        raise ValueError(
            f"module={_name(module)} gives scores of shape {tuple(scores.shape)} for "
            f"one image of shape {tuple(image_shape)}; it should be (1, {n_classes}), "
            "one for each class."
        )
    return network


def numpy_state(network):
    """Return a network's parameters and buffers as arrays, by their names."""
    state = network.state_dict()
    return {name: value.cpu().numpy().copy() for name, value in state.items()}


def load_numpy_state(network, weights):
    """Give a network parameters and buffers from arrays."""
    state = {name: torch.tensor(array) for name, array in weights.items()}
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise ValueError(
            "The fitted weights do not fit the network of the present parameters. "
            "They were changed after fit: fit again, or set them back."
        ) from error
    return network


def _make(module, params, facts, *, path):
    """Return what a class or function makes of parameters and facts."""
    if isinstance(module, nn.Module):
        if params:
            raise ValueError(
                f"{path} is a network already, and takes no parameters; got "
                f"{sorted(params)}. Pass the class {type(module).__name__} instead."
            )
        tensors = [*module.parameters(), *module.buffers()]
        if any(map(is_lazy, tensors)):
            raise ValueError(
                f"{path} is a {type(module).__name__} whose layers wait for a first "
                "batch, and cannot be copied. Give it one, or pass the class instead."
            )
        return copy.deepcopy(module)
    own, nested = _split(params)
    accepted = _signature(module)
    _check_names({*own, *nested}, accepted, path=f"{path}={_name(module)}")
    inner = {name: value for name, value in facts.items() if name != "in_channels"}
    for name in {*own, *nested}:
        value = own.get(name)
        if name in nested or _is_module_class(value) or isinstance(value, nn.Module):
            below = f"{path}__{name}"
            if value is None:
                raise ValueError(f"{below} is None; pass the class of what it makes.")
            own[name] = _make(value, nested.get(name, {}), inner, path=below)
    return module(**{k: v for k, v in facts.items() if k in accepted} | own)


def _signature(module):
    """Return the parameters of a class or function; those of C code are not known."""
    try:
        return inspect.signature(module).parameters
    except ValueError:
        return {}


def _split(params):
    """Return parameters, and those of their values: {"a": …}, {"a": {"b": …}}."""
    own, nested = {}, {}
    for key, value in params.items():
        name, _, rest = key.partition("__")
        if rest:
            nested.setdefault(name, {})[rest] = value
        else:
            own[name] = value
    return own, nested


def _check_names(names, accepted, *, path):
    """Refuse names that a class or function does not take."""
    kinds = {parameter.kind for parameter in accepted.values()}
    unknown = sorted(names - accepted.keys())
    if unknown and inspect.Parameter.VAR_KEYWORD not in kinds:
        raise ValueError(
            f"{path} has no parameter {unknown[0]!r}; it has {sorted(accepted)}."
        )


def _is_module_class(value):
    return isinstance(value, type) and issubclass(value, nn.Module)


def _name(module):
    """Return the name of a class or function, or of a network's class."""
    return getattr(module, "__name__", type(module).__name__)
