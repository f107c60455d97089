"""The scattering transform: operators alternated with a modulus."""

import dataclasses

import numpy as np
import torch

from sklearn_scat.cascade._paths import lexicographic


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
    >>> from sklearn_scat.cascade import Grid, scattering, wavelet_operators
    >>> from sklearn_scat.filters import morlet_bank
    >>> grid = Grid((32, 32), J=2)
    >>> operators = wavelet_operators(morlet_bank(2, grid.padded), grid)
    >>> scattering(torch.ones(5, 32, 32), operators).shape
    torch.Size([5, 81, 8, 8])
    """
    averages = list(_propagate(operators[0].embed(x), operators))
    maps = [A.values.unsqueeze(1).flatten(1, -3) for A in averages]  # (B, paths, h, w)
    order = torch.from_numpy(_output_order(averages, operators)).to(x.device)
    return torch.cat(maps, 1)[:, order]


def modulus(V):
    """Return |V|; its gradient at zero is 0."""
    if torch.is_grad_enabled():
        return dataclasses.replace(V, values=V.values.abs())
    # Two and a half times as fast, but its gradient at zero would be NaN.
    energy = V.values.real.square().add_(V.values.imag.square())
    return dataclasses.replace(V, values=energy.sqrt_())


def _propagate(U, operators):
    """Yield the averages along every path, one branch of scales after another."""
    W, *deeper = operators
    A, details = W(U)
    yield A
    if deeper:
        for V in details:
            yield from _propagate(modulus(V), deeper)


def _output_order(averages, operators):
    """Return the permutation from the order of computation to that of the table."""
    W = operators[-1]
    rows = [W.block_paths(A, len(operators) - 1) for A in averages]
    return lexicographic(np.concatenate(rows))
