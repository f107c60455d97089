"""How far learned wavelets are from others."""

import math
from typing import Any

import torch
from scipy.optimize import linear_sum_assignment


def wavelet_distance(first: Any, second: Any) -> float:
    r"""Return the mean distance of wavelets, each matched with another layer's.

    Two wavelets differ by the norm of :math:`(\Delta\theta, \Delta\log\xi,
    \Delta\log\sigma, \Delta\log s)`, directions taken modulo π. Of all ways to match
    the J·L wavelets of one layer with those of the other, one by one, the nearest is
    taken, by the Hungarian method: the order of wavelets does not matter.

    Parameters
    ----------
    first, second : ScatteringParametric2d
        With equally many wavelets.

    Returns
    -------
    distance : float
        0 for the same wavelets. A step to the next of L directions is π/L, an octave
        of frequency log 2.

    Raises
    ------
    ValueError
        If the numbers of wavelets differ.

    References
    ----------
    .. [1] S. Gauthier et al., "Parametric scattering networks", CVPR 2022, where
       learned wavelets are compared with fixed ones by such a matching.

    Examples
    --------
    >>> import torch
    >>> from sklearn_scat.analysis import wavelet_distance
    >>> from sklearn_scat.nn import ScatteringParametric2d
    >>> first, second = (ScatteringParametric2d(2, (32, 32)) for _ in range(2))
    >>> with torch.no_grad():
    ...     _ = second.theta.add_(0.1)
    >>> round(wavelet_distance(first, second), 6)
    0.1
    """
    (turns, logs), (other_turns, other_logs) = map(_coordinates, (first, second))
    if len(turns) != len(other_turns):
        raise ValueError(
            f"Only layers with equally many wavelets can be matched; got {len(turns)} "
            f"and {len(other_turns)}."
        )
    arcs = (turns[:, None] - other_turns + math.pi / 2) % math.pi - math.pi / 2
    squares = (logs[:, None] - other_logs).square().sum(dim=2) + arcs.square()
    distances = squares.sqrt().numpy()
    return float(distances[linear_sum_assignment(distances)].mean())


def _coordinates(layer):
    """Return the directions (N,) and the logarithms of the rest (N, 3) of wavelets."""
    with torch.no_grad():
        parameters = layer.morlet_parameters()
        theta, *positive = (
            parameters[name].double().cpu().flatten()
            for name in ("theta", "xi", "sigma", "slant")
        )
    return theta, torch.stack(positive, dim=1).log()
