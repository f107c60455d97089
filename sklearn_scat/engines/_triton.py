"""The cascade on CUDA devices: Triton kernels around torch's FFTs.

Each layer of a pair of scales takes three launches or so: one that multiplies with the
wavelets and folds the aliases, the inverse FFT, and one that takes the modulus, writes
it for the next FFT and averages it.
"""

from collections.abc import Callable
from typing import Any

import torch

from sklearn_scat.cascade import Grid
from sklearn_scat.engines._native import kept_plans
from sklearn_scat.engines._triton_graph import Replay
from sklearn_scat.engines._triton_kernels import average_warps, interpreted, kernels
from sklearn_scat.engines._triton_plan import TritonPlan
from sklearn_scat.filters import FilterBank

_BLOCK = 128  # frequencies of one program
_STEP = 16  # side of the blocks whose products a program sums: the least for tl.dot
_AVERAGE = 64  # largest side of the part of an average that one program computes


def obstacle(device):
    """Return why the kernels cannot compute on a device, or None.

    Parameters
    ----------
    device : str or torch.device
        Where the images are.

    Returns
    -------
    reason : str or None
    """
    try:
        import triton  # noqa: F401
    except ImportError as error:
        return f"triton could not be imported ({error}); 'pip install triton' adds it"
    if torch.device(device).type != "cuda" and not interpreted():
        return (
            f"it computes on CUDA devices, not on {device}, unless TRITON_INTERPRET=1 "
            "has Triton interpret its kernels, slowly, for tests"
        )
    return None


def triton_engine(
    bank: FilterBank, grid: Grid, *, max_order: int, device: Any, mean: bool = False
) -> Callable[..., Any]:
    """Return the function of images that the Triton kernels compute.

    Parameters
    ----------
    bank : FilterBank
        Filters on the padded grid.
    grid : Grid
        Where the samples lie.
    max_order : {0, 1, 2}
        Largest number of wavelets along a path.
    device : str or torch.device
        Where the images are: a CUDA device, or any where Triton interprets.
    mean : bool, default=False
        Whether it computes the means of maps over space, and no maps.

    Returns
    -------
    compute : callable
        From float32 images (…, M, N) to coefficients (…, P, h, w), as
        :func:`scattering_tiles`, or to means (…, P, 1, 1). There are no gradients. For
        filters of the shared banks it is built once a device, and kept as long as they
        live.

    Raises
    ------
    RuntimeError
        If Triton or the device is missing.
    ValueError
        If `max_order` is above 2, or the bank is not that of the grid.

    Examples
    --------
    >>> from sklearn_scat.cascade import Grid
    >>> from sklearn_scat.engines import _triton
    >>> from sklearn_scat.filters import morlet_bank
    >>> grid = Grid((8, 8), J=1)
    >>> bank = morlet_bank(1, grid.padded)
    >>> if torch.cuda.is_available() and not _triton.obstacle("cuda"):
    ...     engine = _triton.triton_engine(bank, grid, max_order=1, device="cuda")
    ...     assert engine(torch.ones(3, 8, 8, device="cuda")).shape == (3, 9, 4, 4)
    """
    reason = obstacle(device)
    if reason:
        raise RuntimeError(f"The Triton engine does not apply: {reason}.")
    if not 0 <= max_order <= 2:
        raise ValueError(
            f"The Triton engine has orders 0 to 2; got max_order={max_order}. The "
            "torch path has all."
        )
    engines = kept_plans(bank.psi_hat)
    place = str(torch.device(device))
    key = "triton", grid, max_order, place, mean, interpreted()
    if key not in engines:
        engines[key] = _engine(
            TritonPlan.from_bank(
                grid, bank, max_order=max_order, device=device, mean=mean
            )
        )
    return engines[key]


def _engine(plan):
    """Return the function of images where the filters of a plan are."""

    def write(x, S):
        write_coefficients(plan, x, out=S)

    if plan.pixels.device.type == "cuda" and not interpreted():
        write = Replay(write)

    def compute(x):
        check(x, plan)
        images = x.reshape(-1, *plan.grid.shape).contiguous()
        S = images.new_empty(len(images), plan.n_paths, *plan.output)
        size = plan.tile_size(x.device)
        with torch.no_grad():
            for tile, out in zip(images.split(size), S.split(size), strict=True):
                if len(tile):  # splitting no images leaves one empty tile
                    write(tile, out)
        return S.reshape(*x.shape[:-2], *S.shape[1:])

    return compute


def check(x, plan):
    """Refuse images that the kernels would read wrongly, and gradients."""
    shape, device = plan.grid.shape, plan.pixels.device
    if x.ndim < 2 or tuple(x.shape[-2:]) != shape or x.dtype != torch.float32:
        raise ValueError(
            f"The Triton engine takes float32 images (…, {shape[0]}, {shape[1]}); got "
            f"{tuple(x.shape)} of {x.dtype}."
        )
    if x.device != device:
        raise ValueError(
            f"The Triton engine was built for images on {device}; got {x.device}."
        )
    if x.requires_grad and torch.is_grad_enabled():
        raise RuntimeError(
            "The Triton engine computes no gradients: detach the images, or take the "
            "torch path."
        )


def write_coefficients(plan, x, *, out):
    """Write the coefficients of images (b, M, N) into `out`: (b, P, h, w)."""
    J, L = plan.grid.J, plan.L
    with torch.cuda.device_of(x):  # launches go to the current device
        U = average(plan, embed(plan, x)[:, None, None], out=out, paths=(0, 0))
        if not plan.max_order:
            return
        spectra = torch.fft.rfft2(U)  # (b, 1, 1, m, n // 2 + 1)
        start = 1 + L * J  # of the paths of order 2
        for j1 in range(J):
            V = details(plan, spectra, scales=(-1, j1))  # (b, 1, L, m1, n1)
            higher = J - 1 - j1 if plan.max_order > 1 else 0
            U1 = average(
                plan, V, out=out, paths=(1 + L * j1, 0), scale=j1, keep=higher > 0
            )
            if not higher:
                continue
            spectra1 = torch.fft.rfft2(U1).transpose(1, 2)  # (b, L, 1, …)
            for j2 in range(j1 + 1, J):
                V = details(plan, spectra1, scales=(j1, j2))  # (b, L, L, m2, n2)
                first = start + L * (j2 - j1 - 1)
                average(plan, V, out=out, paths=(first, L * higher), scale=j2)
            start += L * L * higher


def embed(plan, x):
    """Continue images past their sides: (b, M, N) to (b, M_p, N_p)."""
    padded = x.flatten(1).index_select(1, plan.pixels)
    if plan.inside is not None:
        padded = padded * plan.inside
    return padded.unflatten(1, plan.grid.padded)


def details(plan, spectra, *, scales):
    """Return V = U * ψ_{j,·}, subsampled: (b, t, 1, m, n//2 + 1) to (b, t, L, m', n').

    `scales` are that of U, −1 for images, and j.
    """
    resolution = plan.grid.resolution(max(scales[0], 0))
    filters = plan.bands[scales[1], resolution]
    L, m, n = filters.shape
    k = 2 ** (plan.grid.resolution(scales[1]) - resolution)
    spectra = spectra.contiguous()
    folded = spectra.new_empty(*spectra.shape[:2], L, m // k, n // k)
    groups = spectra.shape[0] * spectra.shape[1]
    blocks = -(-folded[0, 0, 0].numel() // _BLOCK)
    multiply_fold, _ = kernels(interpreted())
    multiply_fold[(groups * blocks,)](
        torch.view_as_real(spectra),
        filters,
        torch.view_as_real(folded),
        groups,
        m,
        n,
        L,
        k=k,
        ANGLES=power_of_two(L),
        BLOCK=_BLOCK,
    )
    # The filters are divided by the size: cuFFT would need another pass for that.
    return torch.fft.ifft2(folded, norm="forward")


def average(plan, V, *, out, paths, scale=0, keep=False):
    """Write A |V| Bᵀ of maps (b, t1, t2, m, n) to paths; return |V| where it is kept.

    `paths` are the first path and the step between those of neighbouring t1. Real maps
    are taken as they are, and returned.
    """
    rows, columns = plan.averages[plan.grid.resolution(scale)]
    *_, m, n = V.shape
    (h, _), (_, w) = rows.shape, columns.shape
    height, width = (min(power_of_two(side, _STEP), _AVERAGE) for side in (h, w))
    V = V.contiguous()
    U = torch.empty(V.shape, dtype=torch.float32, device=V.device) if keep else V
    _, modulus_average = kernels(interpreted())
    modulus_average[V.shape[:3].numel(), -(-h // height), -(-w // width)](
        torch.view_as_real(V) if V.is_complex() else V,
        U if keep else out,
        out,
        rows,
        columns,
        m,
        n,
        h,
        w,
        V.shape[1],
        V.shape[2],
        plan.n_paths,
        *paths,
        COMPLEX=V.is_complex(),
        KEEP=keep,
        ROWS=_STEP,
        COLUMNS=_STEP,
        HEIGHT=height,
        WIDTH=width,
        num_warps=average_warps(height, width),
    )
    return U


def power_of_two(number, least=1):
    """Return the first power of two that is at least two numbers."""
    return max(least, 1 << (number - 1).bit_length())
