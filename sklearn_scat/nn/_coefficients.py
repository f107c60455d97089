"""What the scattering modules share: low-passes, and the images that they take."""

import torch


def low_passes(buffers, grid):
    """Return the low-passes that a module holds by name, from the finest resolution on.

    Parameters
    ----------
    buffers : dict of str to Tensor
        ``rows_r`` (h, M_p/2^r) and ``columns_r`` (w, N_p/2^r) for resolutions r.
    grid : Grid
        That of the module.

    Returns
    -------
    averages : list of (Tensor, Tensor)
        For :class:`sklearn_scat.cascade.Wavelet2d`.
    """
    finest_to_coarsest = range(grid.resolution(max(grid.J - 1, 0)) + 1)
    return [(buffers[f"rows_{r}"], buffers[f"columns_{r}"]) for r in finest_to_coarsest]


def coefficients(module, x, *, dtype, maps):
    """Return the coefficients of images after a check: (B, C, H, W) to (B, C·P, h, w).

    Parameters
    ----------
    module : torch.nn.Module
        With a `grid`; named in messages.
    x : Tensor of shape (B, C, H, W)
        Real images.
    dtype : torch.dtype
        Of the module's filters or weights, in which it computes.
    maps : callable
        From images to maps (B, C, P, h, w).

    Raises
    ------
    ValueError
        If images are complex, or of another shape.
    TypeError
        If the module was cast to half precision.
    """
    name, (H, W) = type(module).__name__, module.grid.shape
    if x.ndim != 4 or tuple(x.shape[-2:]) != (H, W) or x.is_complex():
        raise ValueError(
            f"{name} for {H}x{W} images takes real tensors (B, C, {H}, {W}); got "
            f"{tuple(x.shape)} of {x.dtype}."
        )
    if dtype not in (torch.float32, torch.float64):
        raise TypeError(
            f"{name} computes in float32 or float64, and it holds {dtype}. Call "
            ".float() on it: it takes half-precision images."
        )
    with torch.autocast(x.device.type, enabled=False):
        return maps(x.to(dtype)).flatten(1, 2)
