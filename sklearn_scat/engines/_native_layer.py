"""The native kernel behind a torch layer: float32 tensors, and gradients in them."""

import weakref
from collections.abc import Callable
from operator import is_
from typing import Any

import numpy as np
import torch
from torch.autograd import forward_ad
from torch.utils._python_dispatch import is_in_torch_dispatch_mode

from sklearn_scat.cascade import Grid, path_table
from sklearn_scat.engines import _native
from sklearn_scat.engines._choice import choose_engine


class NativeLayer:
    """Compute what a layer's operators define, where the native kernel can.

    It computes with the filters of the bank, so that it serves a layer only as long as
    these are the layer's: nobody has changed, cast, moved or trained them. The plan is
    built on first use; copies and pickles go without it.

    Parameters
    ----------
    find_bank : callable
        Returns the :class:`~sklearn_scat.filters.FilterBank`; it can be pickled.
    grid : Grid
        Where the samples lie.
    max_order : int
        Largest number of wavelets along a path.

    See Also
    --------
    sklearn_scat.nn.Scattering2d : The layer.

    Notes
    -----
    The gradient recomputes the cascade of one image in a cache-sized workspace, and
    keeps nothing but the images from the forward pass. A modulus has the gradient 0
    at 0, and below 1e-19.

    Examples
    --------
    >>> from functools import partial
    >>> import torch
    >>> from sklearn_scat.engines import NativeLayer
    >>> from sklearn_scat.filters import cached_morlet_bank
    >>> from sklearn_scat.nn import Scattering2d
    >>> network = Scattering2d(2, (8, 8))
    >>> find_bank = partial(cached_morlet_bank, 2, network.grid.padded)
    >>> layer = NativeLayer(find_bank, network.grid, max_order=2)
    >>> filters = dict(network.named_buffers())
    >>> network.psi_hat.mul_(2).shape
    torch.Size([2, 8, 16, 16])
    >>> layer.applies(torch.zeros(1, 1, 8, 8), filters)  # they are not the bank's
    False
    """

    def __init__(
        self, find_bank: Callable[..., Any], grid: Grid, max_order: int
    ) -> None:
        self._arguments = find_bank, grid, max_order
        self._seen = None  # the filters seen last, their versions, their plan or None

    def __reduce__(self):
        """Leave plans, which stand in memory, out of copies and pickles."""
        return NativeLayer, self._arguments

    def applies(self, x: torch.Tensor, filters: Any) -> bool:
        """Say whether the kernel computes the coefficients of these images.

        Parameters
        ----------
        x : Tensor (…, M, N)
            Images.
        filters : dict of Tensor
            ``psi_hat``, and ``rows_r`` and ``columns_r`` for the resolutions r.

        Returns
        -------
        applies : bool
            Not under compilation, tracing, ``torch.func``, or forward differentiation,
            nor where filters have a gradient.
        """
        transformed = torch.jit.is_tracing() or is_in_torch_dispatch_mode()
        if transformed or forward_ad.unpack_dual(x).tangent is not None:
            return False
        if not all(_is_plain(tensor) for tensor in (x, *filters.values())):
            return False
        if any(f.requires_grad or f.is_inference() for f in filters.values()):
            return False
        return self._plan(filters) is not None

    def __call__(
        self, x: torch.Tensor, filters: Any, define: Callable[..., Any]
    ) -> Any:
        """Return the coefficients of images (…, M, N): (…, P, h, w).

        Parameters
        ----------
        x : Tensor (…, M, N)
            Images to which the kernel applies.
        filters : dict of Tensor
            As for `applies`.
        define : callable
            Computes the same from images with torch's operations: for derivatives of
            the gradient, and for gradients that are no ordinary tensors.
        """
        images = x.reshape(-1, *x.shape[-2:])
        S = _NativeScattering.apply(images, (*self._plan(filters), define))
        return S.reshape(*x.shape[:-2], *S.shape[1:])

    def _plan(self, filters):
        """Return (the plan, the shape of its maps), or None if others are the filters'.

        Filters are compared with the bank's when they, or their versions, are new.
        """
        versions = [f._version for f in filters.values()]
        if self._seen is not None:
            seen, seen_versions, plan = self._seen
            known = [filter() for filter in seen]
            same = len(known) == len(filters) and all(map(is_, known, filters.values()))
            if same and seen_versions == versions:
                return plan
        seen = [weakref.ref(filter) for filter in filters.values()]
        self._seen = seen, versions, self._build(filters)
        return self._seen[2]

    def _build(self, filters):
        """Return what `_plan` does, for filters that were not seen before."""
        find_bank, grid, max_order = self._arguments
        kind = {"dtype": np.dtype(np.float32), "device": "cpu"}
        if choose_engine("auto", grid, max_order=max_order, **kind) != "native":
            return None
        bank = find_bank()
        expected = {"psi_hat": bank.psi_hat}
        for r, (rows, columns) in enumerate(grid.averages(bank)):
            expected |= {f"rows_{r}": rows, f"columns_{r}": columns}
        if not all(
            _equal(tensor, expected.get(name)) for name, tensor in filters.items()
        ):
            return None
        plan = _native.plan(bank, grid, max_order=max_order)
        paths = path_table(grid.J, bank.psi_hat.shape[1], max_order)
        return plan, (len(paths), *grid.output)


class _NativeScattering(torch.autograd.Function):
    """Images (B, M, N) to coefficients (B, P, h, w), both ways by the kernel."""

    @staticmethod
    def forward(ctx, x, network):
        """Compute the coefficients by a (plan, shape of maps, definition)."""
        ctx.plan, shape, ctx.define = network
        ctx.save_for_backward(x)
        S = torch.empty(len(x), *shape, dtype=torch.float32)
        ctx.plan.apply(_as_array(x), S.numpy(), n_threads=torch.get_num_threads())
        return S

    @staticmethod
    def backward(ctx, gradient):
        """Compute the gradient in the images; by torch if it is to have one itself."""
        (x,) = ctx.saved_tensors
        again = torch.is_grad_enabled()
        if again or not _is_plain(gradient) or is_in_torch_dispatch_mode():
            with torch.enable_grad():
                x = x if again else x.detach().requires_grad_()
                S = ctx.define(x)
            (of_x,) = torch.autograd.grad(S, x, gradient, create_graph=again)
            return of_x, None
        of_x = torch.empty(x.shape, dtype=torch.float32)
        ctx.plan.apply_backward(
            _as_array(x),
            _as_array(gradient),
            of_x.numpy(),
            n_threads=torch.get_num_threads(),
        )
        return of_x, None


def _is_plain(tensor):
    """Say whether a tensor is float32 numbers in this computer's memory."""
    if type(tensor) not in (torch.Tensor, torch.nn.Parameter):
        return False
    if tensor.device.type != "cpu" or tensor.dtype != torch.float32:
        return False
    if tensor.layout != torch.strided:
        return False
    try:
        return tensor.data_ptr() != 0
    except RuntimeError:  # torch.func wraps tensors without memory of their own
        return False


def _as_array(tensor):
    """Return the C-contiguous array of a plain tensor."""
    return tensor.detach().resolve_neg().contiguous().numpy()


def _equal(tensor, array):
    """Say whether a tensor is an array in its own precision."""
    return array is not None and torch.equal(
        tensor, torch.tensor(array, dtype=tensor.dtype)
    )
