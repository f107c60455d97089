"""Choose what computes the cascade: torch operations, or a faster equivalent."""

import numpy as np
import torch

from sklearn_scat.engines import _native, _triton, _triton_plan

ENGINES = ("auto", "torch", "native", "triton")


def choose_engine(engine, grid, *, max_order, dtype, device):
    """Return what computes: the engine that is asked for, or one that applies.

    "auto" takes the native kernel where it applies, else torch; never "triton".

    Parameters
    ----------
    engine : {"auto", "torch", "native", "triton"}
        What the user asks for.
    grid : Grid
        The native kernel has no oversampling, and sides of up to 32768 pixels.
    max_order : int
        The native and the Triton kernels go up to order 2.
    dtype : numpy.dtype
        They compute in float32.
    device : str
        The native kernel computes on the CPU, those of Triton on CUDA.

    Returns
    -------
    engine : {"native", "torch", "triton"}

    Raises
    ------
    ValueError
        If kernels are asked for where they do not apply.
    """
    if engine == "torch":
        return "torch"
    if engine == "triton":
        obstacle = _triton_obstacle(
            grid, max_order=max_order, dtype=dtype, device=device
        )
    else:
        obstacle = _native_obstacle(
            grid, max_order=max_order, dtype=dtype, device=device
        )
    if not obstacle:
        return "triton" if engine == "triton" else "native"
    if engine == "auto":
        return "torch"
    raise ValueError(
        f"engine={engine!r} does not apply: {obstacle}. Take engine='auto', which "
        "computes the same coefficients with what applies."
    )


def _native_obstacle(grid, *, max_order, dtype, device):
    """Return why the native kernel cannot compute this, or None."""
    if device != "cpu":
        return f"it computes on the CPU, not on {device}"
    reason = _kernel_obstacle(max_order=max_order, dtype=dtype)
    return reason or _native.obstacle(grid, max_order=max_order)


def _triton_obstacle(grid, *, max_order, dtype, device):
    """Return why the Triton kernels cannot compute this, or None."""
    reason = _kernel_obstacle(max_order=max_order, dtype=dtype)
    return reason or _triton_plan.side_obstacle(grid) or _triton.obstacle(device)


def _kernel_obstacle(*, max_order, dtype):
    """Return why no kernel but torch's computes this, or None."""
    if dtype != np.float32:
        return f"it computes in float32, and the input is {dtype}"
    if max_order > 2:
        return f"it goes up to order 2, and max_order={max_order}"
    return None


def native_engine(bank, grid, *, max_order, rotation=None):
    """Return the function f(images, maps) of the native kernel, on numpy arrays.

    Parameters
    ----------
    bank : FilterBank
        Filters on the padded grid ``grid.padded``.
    grid : Grid
        Where the samples lie.
    max_order : {0, 1, 2}
        Largest number of wavelets along a path.
    rotation : tuple, default=None
        Angular filters, from `rigid_weights` or `separable_weights`.

    Returns
    -------
    compute : callable
        ``compute(images, maps)`` fills maps (…, P, h, w) from images (…, M, N).
    """
    plan = _native.plan(bank, grid, max_order=max_order, rotation=rotation)

    def compute(images, maps):
        plan.apply(
            images.reshape(-1, *grid.shape),
            maps.reshape(-1, *maps.shape[-3:]),
            n_threads=torch.get_num_threads(),
        )

    return compute
