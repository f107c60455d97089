"""The command `info`: what there is on this machine, and what a transform takes."""

import json
import math
import sys
from importlib.util import find_spec

import numpy as np

from sklearn_scat.commands._arguments import shape
from sklearn_scat.commands._parameters import add_parameters, transformer

_DESCRIPTION = """\
Print versions, devices and engine; and for images of a shape the padded grid, the
output's shape and its bytes.
"""


def add_info(parts):
    """Add the command to the parser's parts, and return its own parser."""
    parser = parts.add_parser(
        "info", help="versions, devices, sizes", description=_DESCRIPTION
    )
    parser.set_defaults(pooling=None, batch_size="auto")
    parser.add_argument(
        "--shape",
        type=shape,
        default=(32, 32),
        metavar="[C,]H,W",
        help="of one image (default: 32,32)",
    )
    add_parameters(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=info)
    return parser


def info(arguments):
    """Print it, and return the exit code."""
    image_shape = arguments.shape
    facts = describe_transformer(transformer(arguments), image_shape)
    if arguments.json:
        content = {"machine": describe_machine(), "transform": facts}
        print(json.dumps(content, ensure_ascii=False, indent=2))
        return 0
    _print_facts(describe_machine())
    sides = "×".join(map(str, image_shape))
    print(
        f"\n{sides} images, J={arguments.J}, L={arguments.L}, "
        f"max_order={arguments.max_order}"
    )
    _print_facts(facts)
    return 0


def _print_facts(facts):
    for name, value in facts.items():
        print(f"{name + ':':25}{value}")


def describe_machine():
    """Return versions, processor and devices.

    Returns
    -------
    facts : dict of str to str
        One line each.

    Examples
    --------
    >>> from sklearn_scat.commands._info import describe_machine
    >>> "devices" in describe_machine()
    True
    """
    from sklearn_scat._batches import may_have_cuda, n_threads
    from sklearn_scat.engines import _native
    from sklearn_scat.experiments import environment

    may_have_others = may_have_cuda() or sys.platform == "darwin"
    return {
        **environment(),
        "threads": str(n_threads()),
        "devices": ", ".join(["cpu", *(_other_devices() if may_have_others else [])]),
        "kernel": _native.describe(),
    }


def _other_devices():
    """Return the devices that torch finds beside the processor."""
    if not find_spec("torch"):
        return []
    import torch

    devices = []
    for i in range(torch.cuda.device_count()):
        properties = torch.cuda.get_device_properties(i)
        memory = bytes_text(properties.total_memory)
        devices.append(f"cuda:{i} ({properties.name}, {memory})")
    return devices + ["mps"] * torch.backends.mps.is_available()


def describe_transformer(transformer, image_shape):
    """Return what a transformer gives for images of a shape, and what that takes.

    Parameters
    ----------
    transformer : ScatteringTransformer
        Unfitted.
    image_shape : tuple (H, W) or (C, H, W)
        Shape of one image.

    Returns
    -------
    facts : dict of str to str
        Engine, padded grid, paths, shape of the output, number of features, bytes.

    Raises
    ------
    ValueError
        If the parameters do not suit the shape.

    Examples
    --------
    >>> from sklearn_scat import ScatteringTransformer
    >>> from sklearn_scat.commands._info import describe_transformer
    >>> facts = describe_transformer(ScatteringTransformer(J=2), (32, 32))
    >>> facts["features"], facts["padded grid"]
    ('5,184', '40×40')
    """
    fitted = transformer.fit(np.zeros((1, *image_shape), np.float32))
    grid = fitted._grid()
    orders, counts = np.unique(fitted.paths_["order"], return_counts=True)
    by_order = ", ".join(
        f"{n:,} of order {m}" for m, n in zip(orders, counts, strict=True)
    )
    n_features = math.prod(fitted.output_shape_)
    return {
        "engine": _engine(fitted, grid),
        "padded grid": "×".join(map(str, grid.padded)),
        "paths": f"{len(fitted.paths_):,} ({by_order})",
        "output": f"{fitted.output_shape_} (channels, paths, height, width)",
        "features": f"{n_features:,}",
        "first and last": " … ".join(fitted.get_feature_names_out()[[0, -1]]),
        "an image's coefficients": f"{bytes_text(4 * n_features)} in float32",
        "10,000 images": bytes_text(40_000 * n_features),
        "filter bank": bytes_text(fitted._bank(grid).nbytes),
    }


def bytes_text(n):
    """Return a number of bytes as text.

    Examples
    --------
    >>> from sklearn_scat.commands._info import bytes_text
    >>> bytes_text(20736), bytes_text(207_360_000)
    ('20.7 kB', '207 MB')
    """
    for unit in ("bytes", "kB", "MB", "GB"):
        if n < 1000:
            return f"{n:.3g} {unit}"
        n /= 1000
    return f"{n:,.3g} TB"


def _engine(fitted, grid):
    """Return which engine a float32 transform takes, or why it is not the kernel."""
    from sklearn_scat._batches import resolve_device
    from sklearn_scat.engines import choose_engine

    wanted = {
        "max_order": fitted.max_order,
        "dtype": np.dtype(np.float32),
        "device": resolve_device(fitted.device),
    }
    chosen = choose_engine(fitted.engine, grid, **wanted)
    if chosen == "native" or fitted.engine != "auto":
        return chosen
    try:
        choose_engine("native", grid, **wanted)
    except ValueError as error:
        return f"{chosen} ({error})"
    return chosen
