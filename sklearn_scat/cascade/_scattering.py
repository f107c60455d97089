"""The scattering transform: operators alternated with a modulus."""

from dataclasses import replace
from itertools import zip_longest

import torch


def scattering(x, operators):
    r"""Return the scattering coefficients of images.

    .. math:: S_m x = |\cdots||x * \psi_{\lambda_1}| * \psi_{\lambda_2}| \cdots
              * \psi_{\lambda_m}| * \varphi_J

    Parameters
    ----------
    x : Tensor of shape (B, M, N)
        Real images, of the dtype and on the device of the operators.
    operators : sequence of Wavelet2d
        One for each order 0, 1, …, each taking U to an average and details.

    Returns
    -------
    S : Tensor of shape (B, P, h, w)
        In the order of :func:`path_table`. Differentiable in ``x`` and in the filters.

    References
    ----------
    .. [1] S. Mallat, "Group invariant scattering", CPAM 65(10), 2012, equation (28).
    .. [2] J. Bruna and S. Mallat, "Invariant scattering convolution networks",
       IEEE TPAMI 35(8), 2013, section 2.2.

    Examples
    --------
    >>> import torch
    >>> from sklearn_scat.cascade import Grid
    >>> from sklearn_scat.cascade import scattering
    >>> from sklearn_scat.cascade import wavelet_operators
    >>> from sklearn_scat.filters import morlet_bank
    >>> grid = Grid((32, 32), J=2)
    >>> operators = wavelet_operators(morlet_bank(2, grid.padded), grid)
    >>> scattering(torch.ones(5, 32, 32), operators).shape
    torch.Size([5, 81, 8, 8])
    """
    U = operators[0].embed(x)
    return torch.cat(_averages(U, operators), 1)


def modulus(V):
    """Return |V|; its gradient at zero is 0."""
    if torch.compiler.is_compiling() or not torch.is_inference_mode_enabled():
        return replace(V, values=V.values.abs())
    # Two and a half times as fast, but without a gradient at zero, and in float32 only
    # for values between 1e-19 and 1e19.
    energy = V.values.real.square().add_(V.values.imag.square())
    return replace(V, values=energy.sqrt_())


def _averages(U, operators):
    """Return the averages of U and of all that follows from it, order by order.

    Each is (B, …, paths, h, w), with the axes … that the average of U has kept, so that
    later orientations are counted through before earlier ones.
    """
    W, *deeper = operators
    A, details = W(U)
    kept = A.values.ndim - 2
    S = [A.values.unsqueeze(kept)]
    if deeper:
        branches = [_averages(modulus(V), deeper) for V in details]
        for level in zip_longest(*branches):
            maps = [s.flatten(kept, -3) for s in level if s is not None]
            S.append(torch.cat(maps, -3))
    return S


def scattering_tiles(x, operators):
    """Return the coefficients of images (…, M, N), a cache-sized tile at a time."""
    images = x.reshape(-1, *x.shape[-2:])
    if not len(images):  # no FFT takes none; the shape is that of one image
        return scattering_tiles(x.new_zeros(*x.shape[-2:]), operators).expand(
            *x.shape[:-2], -1, -1, -1
        )
    tiles = images.split(tile_size(operators[0], images))
    S = torch.cat([scattering(tile, operators) for tile in tiles])
    return S.reshape(*x.shape[:-2], *S.shape[1:])


def tile_size(W, x):
    """Return how many images make one layer of the size of a tile."""
    if x.device.type != "cpu":
        return max(len(x), 1)
    rows, columns = W.grid.padded
    layer = 2 * x.element_size() * W.L * rows * columns
    return max(1, _TILE_BYTES // layer)


# Bytes of one layer's complex maps over a tile of images: what stays in a core's L2.
_TILE_BYTES = 2**20
