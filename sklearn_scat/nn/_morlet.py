"""Morlet wavelets in frequency, differentiable in their parameters."""

import math

import torch

# A Gaussian is summed out to 6.5 deviations, where it is 7e-10 of its peak, or over 9
# periods of the frequencies, which a wavelet of a third of a pixel passes.
_REACH = 6.5
_MOST_PERIODS = 9


def morlet_hat(shape, *, theta, sigma, xi, slant):
    r"""Return the DFTs of n oriented Morlet wavelets.

    The closed form of :func:`sklearn_scat.filters.morlet_hat`.

    Parameters
    ----------
    shape : tuple of int (M, N)
        The grid, in pixels.
    theta, sigma, xi, slant : Tensor of shape (n,)
        Direction in radians, deviation along it in pixels, frequency in radians per
        pixel, and the ratio of the deviations along and across.

    Returns
    -------
    psi_hat : Tensor of shape (n, M, N)
        Real; 0 at frequency 0. Differentiable in the four parameters.
    """
    cos, sin = theta.cos(), theta.sin()
    along, across = sigma**2, (sigma / slant) ** 2
    precision = (
        along * cos**2 + across * sin**2,
        along * sin**2 + across * cos**2,
        (along - across) * cos * sin,
    )
    center = torch.stack([xi * cos, xi * sin])
    wave = _gaussian_hat(shape, center=center, precision=precision)
    envelope = _gaussian_hat(shape, center=0 * center, precision=precision)
    psi_hat = wave - wave[:, :1, :1] / envelope[:, :1, :1] * envelope
    nonzero = torch.ones(shape, dtype=psi_hat.dtype, device=psi_hat.device)
    nonzero[0, 0] = 0.0
    return psi_hat * nonzero


def _gaussian_hat(shape, *, center, precision):
    """Σ_k exp(−½ (ω + 2πk − c)ᵀ Q (ω + 2πk − c)) for n Gaussians: (n, M, N)."""
    q11, q22, q12 = precision
    determinant = q11 * q22 - q12**2
    widths = (q22 / determinant).sqrt(), (q11 / determinant).sqrt()
    (d1, order1), (d2, order2) = (
        _stretch(n, center=c, width=w)
        for n, c, w in zip(shape, center, widths, strict=True)
    )
    exponent = (-q12[:, None] * d1)[:, :, None] * d2[:, None, :]
    exponent = exponent - (0.5 * q11[:, None] * d1**2)[:, :, None]
    exponent = exponent - (0.5 * q22[:, None] * d2**2)[:, None, :]
    values = exponent.exp().unflatten(2, (-1, shape[1])).sum(2)
    values = values.unflatten(1, (-1, shape[0])).sum(1)
    each = torch.arange(len(values), device=values.device)[:, None, None]
    return values[each, order1[:, :, None], order2[:, None, :]]


def _stretch(n, *, center, width):
    """Return ω + 2πk − c over whole periods around c, and where each ω is in one.

    They are (n_filters, P·n), from a start of each filter's own, and (n_filters, n).
    """
    step = 2 * math.pi / n
    with torch.no_grad():
        periods = (2 * _REACH * width.max() / (2 * math.pi)).ceil().nan_to_num()
        periods = int(periods.clamp(1, _MOST_PERIODS))
        start = (center / step).nan_to_num().round().long() - periods * n // 2
        m = start[:, None] + torch.arange(periods * n, device=start.device)
        order = (torch.arange(n, device=start.device) - start[:, None]) % n
    return step * m.to(center.dtype) - center[:, None], order
