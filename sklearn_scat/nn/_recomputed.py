"""Gradients in bounded memory, for networks that torch's operations compute."""

import torch
from torch.utils.checkpoint import checkpoint

# Bytes of maps that gradients hold at once, or those of one image where it has more.
_GRAPH_BYTES = 2**28


def recomputed(compute, x, *, image_bytes):
    """Return compute(x), holding nothing but the images until their gradient is asked.

    Then images are computed again, as many at once as memory is given, each with its
    gradient.

    Parameters
    ----------
    compute : callable
        A function of images, each by itself.
    x : Tensor of shape (B, …)
        Images.
    image_bytes : int
        What is held of one image between `compute` and its gradient, about.

    Returns
    -------
    values : Tensor of shape (B, …)
        The same bits, differentiable as often as `compute`.
    """
    size = max(1, _GRAPH_BYTES // image_bytes)
    parts = [checkpoint(compute, part, use_reentrant=False) for part in x.split(size)]
    return torch.cat(parts)
