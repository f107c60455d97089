"""Choose what computes the cascade: its definition, or a faster equivalent."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from sklearn_scat._batches import n_threads
from sklearn_scat.cascade import Grid
from sklearn_scat.engines import _native
from sklearn_scat.filters import FilterBank

ENGINES = ("auto", "native", "definition", "torch", "triton")


def choose_engine(
    engine: Literal["auto", "native", "definition", "torch", "triton"],
    grid: Grid,
    *,
    max_order: int,
    dtype: np.dtype[Any],
    device: str,
) -> Literal["native", "definition", "torch", "triton"]:
    """Return what computes: the engine that is asked for, or one that applies.

    "auto" takes the native kernel where it applies, else the definition; never
    "triton".

    Parameters
    ----------
    engine : {"auto", "native", "definition", "torch", "triton"}
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
    engine : {"native", "definition", "torch", "triton"}
        "definition" is that in NumPy, on the CPU.

    Raises
    ------
    ValueError
        If kernels are asked for where they do not apply.
    """
    definition: Literal["definition", "torch"]
    definition = "definition" if device == "cpu" else "torch"
    if engine in ("definition", "torch"):
        return definition if engine == "definition" else "torch"
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
        return definition
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
    from sklearn_scat.engines import _triton, _triton_plan

    reason = _kernel_obstacle(max_order=max_order, dtype=dtype)
    return reason or _triton_plan.side_obstacle(grid) or _triton.obstacle(device)


def _kernel_obstacle(*, max_order, dtype):
    """Return why no kernel computes this, or None."""
    if dtype != np.float32:
        return f"it computes in float32, and the input is {dtype}"
    if max_order > 2:
        return f"it goes up to order 2, and max_order={max_order}"
    return None


def native_engine(
    bank: FilterBank,
    grid: Grid,
    *,
    max_order: int,
    rotation: Any = None,
    mean: bool = False,
) -> Callable[..., Any]:
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
    mean : bool, default=False
        Whether it computes the means of maps over space, and no maps.

    Returns
    -------
    compute : callable
        ``compute(images, maps)`` fills maps (…, P, h, w), or means (…, P, 1, 1), from
        images (…, M, N).
    """
    plan = _native.plan(bank, grid, max_order=max_order, rotation=rotation, mean=mean)

    def compute(images, maps):
        plan.apply(
            images.reshape(-1, *grid.shape),
            maps.reshape(-1, *maps.shape[-3:]),
            n_threads=n_threads(),
        )

    return compute
