"""The norms of a network's linear layers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import nn

from sklearn_scat._batches import evaluating

_ITERATIONS = 200
_TOLERANCE = 1e-7
_BLOCK = 2**22  # numbers of kernels' spectra held at once


@dataclass(frozen=True, eq=False)
class OperatorNorms:
    """Spectral norms of linear layers.

    Attributes
    ----------
    layers : tuple of str
        Names of the convolutions, linear layers and batch normalisations.
    bound : ndarray of shape (n_layers,)
        Norms that are not passed: for a convolution the largest singular value of
        its matrices over all frequencies, borders and strides apart.
    norm : ndarray of shape (n_layers,)
        Norms by power iteration of the layers as they are, on maps of the size that
        they see: with zeros past the border and with strides.
    """

    headline: ClassVar[tuple[str, ...]] = ("bound", "norm")

    layers: Sequence[str]
    bound: np.ndarray
    norm: np.ndarray


def operator_norms(module: nn.Module, shape: Sequence[int]) -> OperatorNorms:
    r"""Largest factors by which the linear layers of a network stretch.

    A convolution by the kernels :math:`W_{oi}` is, at each frequency, the matrix
    :math:`\hat W(\omega)`; on the torus its norm is
    :math:`\max_\omega \sigma_{\max}(\hat W(\omega))` [2]_. The torus is taken large
    enough to hold the zeros past the border too, so that this bounds the layer as it
    is. The product over a chain of layers bounds the Lipschitz constant of the
    network, as ReLU, modulus and average pooling stretch nothing ([1]_, section 4.3);
    biases do not count.

    Parameters
    ----------
    module : nn.Module
        The network; its `nn.Conv2d`, `nn.Linear` and `nn.BatchNorm2d` (by its running
        variance, and `nn.BatchNorm1d`) are measured, in the order in which they run.
    shape : tuple of int
        Of one input, as (C, H, W).

    Returns
    -------
    norms : OperatorNorms
        ``layers``, ``bound``, ``norm``.

    Raises
    ------
    TypeError
        If `module` is no torch module.
    ValueError
        If it has no such layer, or pads by reflection.

    References
    ----------
    .. [1] C. Szegedy et al., "Intriguing properties of neural networks", ICLR 2014.
    .. [2] H. Sedghi, V. Gupta and P. M. Long, "The singular values of convolutional
       layers", ICLR 2019.

    Examples
    --------
    >>> from torch import nn
    >>> from sklearn_scat.analysis import operator_norms
    >>> average = nn.Conv2d(1, 1, 3, padding=1)
    >>> _ = nn.init.constant_(average.weight, 1 / 9)
    >>> norms = operator_norms(nn.Sequential(average, nn.ReLU()), (1, 16, 16))
    >>> norms.layers, norms.bound.round(3), bool(norms.norm[0] < 1)
    (('0',), array([1.]), True)
    """
    if not isinstance(module, nn.Module):
        raise TypeError(f"module must be an nn.Module; got {type(module).__name__}.")
    shapes = _input_shapes(module, shape)
    if not shapes:
        raise ValueError(
            f"{type(module).__name__} has no Conv2d, Linear or BatchNorm to measure."
        )
    layers = dict(module.named_modules())
    bounds = [_BOUNDS[type(layers[name])](layers[name], s) for name, s in shapes]
    norms = [_power_iteration(layers[name], s) for name, s in shapes]
    names = tuple(name for name, _ in shapes)
    return OperatorNorms(names, np.array(bounds), np.array(norms))


def _input_shapes(module, shape):
    """Return the name and the shape of one input of each linear layer, as they run."""
    seen, handles = [], []
    for name, layer in module.named_modules():
        if type(layer) in _BOUNDS:

            def note(layer, inputs, name=name):
                seen.append((name, tuple(inputs[0].shape[1:])))

            handles.append(layer.register_forward_pre_hook(note))
    parameter = next(module.parameters(), torch.zeros(1))
    try:
        with torch.no_grad(), evaluating(module):
            module(parameter.new_zeros(1, *shape))
    finally:
        for handle in handles:
            handle.remove()
    return list(dict.fromkeys(seen))


def _conv_bound(conv, shape):
    """Return max σ(Ŵ(ω)) on a torus that holds the map and the zeros past it."""
    if conv.padding_mode not in ("zeros", "circular"):
        raise ValueError(
            f"A convolution pads by padding_mode={conv.padding_mode!r}; norms are "
            "bounded for 'zeros' and 'circular' alone."
        )
    sides = [
        n + (d * (k - 1) if conv.padding_mode == "zeros" else 0)
        for n, d, k in zip(shape[1:], conv.dilation, conv.kernel_size, strict=True)
    ]
    W = conv.weight.detach().double()
    if max(conv.dilation) > 1:
        W = _spread(W, conv.dilation)
    blocks = W.unflatten(0, (conv.groups, -1))  # (groups, out, in, k1, k2)
    return max(_torus_norm(block, sides) for block in blocks)


def _spread(W, dilation):
    """Put zeros between the taps of kernels (out, in, k1, k2)."""
    sides = [d * (k - 1) + 1 for d, k in zip(dilation, W.shape[2:], strict=True)]
    wide = W.new_zeros(*W.shape[:2], *sides)
    wide[:, :, :: dilation[0], :: dilation[1]] = W
    return wide


def _torus_norm(W, sides):
    """Return the largest singular value over the frequencies of a torus."""
    W_hat = _wrapped(W, sides)
    W_hat = torch.fft.rfft2(W_hat).flatten(2).permute(2, 0, 1)  # (frequency, out, in)
    size = max(1, _BLOCK // (W.shape[0] * W.shape[1]))
    values = [torch.linalg.matrix_norm(part, ord=2).max() for part in W_hat.split(size)]
    return float(torch.stack(values).max())


def _wrapped(W, sides):
    """Lay kernels on a torus, added up where they are longer than it."""
    torus = W.new_zeros(*W.shape[:2], *sides)
    for a in range(W.shape[2]):
        for b in range(W.shape[3]):
            torus[:, :, a % sides[0], b % sides[1]] += W[:, :, a, b]
    return torus


def _linear_bound(linear, shape):
    """Return the largest singular value of a matrix."""
    return float(torch.linalg.matrix_norm(linear.weight.detach().double(), ord=2))


def _batch_norm_bound(norm, shape):
    """Return the largest factor of a batch normalisation by its running variance."""
    if norm.running_var is None:
        raise ValueError(
            "A batch normalisation without running statistics is not linear: build it "
            "with track_running_stats=True."
        )
    scale = (norm.running_var.double() + norm.eps).rsqrt()
    if norm.weight is not None:
        scale = scale * norm.weight.detach().double().abs()
    return float(scale.max())


_BOUNDS = {
    nn.Conv2d: _conv_bound,
    nn.Linear: _linear_bound,
    nn.BatchNorm1d: _batch_norm_bound,
    nn.BatchNorm2d: _batch_norm_bound,
}


def _power_iteration(layer, shape):
    """Return the norm of one layer without its bias, by power iteration on WᵀW."""
    if not isinstance(layer, nn.Conv2d):  # their norms are exact already
        return _BOUNDS[type(layer)](layer, shape)
    weight = layer.weight.detach().double().cpu()
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(1, *shape, generator=generator, dtype=torch.float64)
    norm = 0.0
    for _ in range(_ITERATIONS):
        x = (x / x.norm().clamp(min=torch.finfo(x.dtype).tiny)).requires_grad_()
        with torch.enable_grad():
            energy = layer._conv_forward(x, weight, None).square().sum()
            (x,) = torch.autograd.grad(energy, x)
        previous, norm = norm, energy.item() ** 0.5
        if abs(norm - previous) <= _TOLERANCE * norm:
            break
    return norm
