"""Door to the native kernel: float32, CPU, orders 0 to 2, critical sampling.

The environment variable ``SKLEARN_SCAT_NATIVE`` overrides the choice of instruction
set, once per process: "off", "baseline", "neon", "avx2" or "avx512".
"""

import os
import weakref
from functools import cache
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_scat.cascade import rigid_filters, separable_filters
from sklearn_scat.filters import CircleBank
from sklearn_scat.filters._cache import count_beside

OVERRIDES = ("off", "baseline", "neon", "avx2", "avx512")

# Plans of filters that nobody can change, for as long as the filters live:
# {id(psi_hat): {digest of the rest: plan}}.
_plans: dict = {}


@cache
def _load():
    """Return (the extension or None, the instruction set or why there is none)."""
    wanted = os.environ.get("SKLEARN_SCAT_NATIVE", "")
    if wanted == "off":
        return None, "the native kernel is switched off by SKLEARN_SCAT_NATIVE=off"
    try:
        from sklearn_scat.engines import _kernel
    except ImportError as error:
        return None, f"the native kernel could not be imported ({error})"
    supported = _kernel.supported()
    if not wanted:
        return _kernel, supported[0]
    if wanted in supported:
        return _kernel, wanted
    return None, (
        f"SKLEARN_SCAT_NATIVE={wanted!r} names no instruction set of this processor; "
        f"it runs {', '.join(supported)}, and 'off' switches the kernel off"
    )


def available():
    """Say whether the kernel can be used here.

    Returns
    -------
    available : bool
    """
    return _load()[0] is not None


def describe():
    """Return the kernel's name, or why it is not available.

    Returns
    -------
    description : str
        Such as "native (avx512)".
    """
    kernel, name = _load()
    return name if kernel is None else f"native ({name})"


def instruction_sets():
    """Return the instruction sets that run here, best first; () without a kernel.

    Returns
    -------
    names : tuple of str
    """
    kernel, _ = _load()
    return () if kernel is None else tuple(kernel.supported())


class NativePlan:
    """Tables and filters of the kernel for one bank, image size and order.

    A plan is read-only once built: threads may share it, and forked processes too.

    Parameters
    ----------
    capsule : object
        What the extension built.
    """

    def __init__(self, capsule):
        self._capsule = capsule

    @property
    def nbytes(self):
        """Memory of the tables, and of the workspace that is kept, in bytes."""
        return _load()[0].nbytes(self._capsule)

    def apply(self, x, out, *, n_threads):
        """Write the coefficients of every image, in place.

        The bits of an image's coefficients depend neither on the other images nor on
        the number of threads. Ctrl-C stops the work between two images, or two scales
        and orientations of one.

        Parameters
        ----------
        x : ndarray of float32 (n, M, N), C-contiguous
            Images, free of NaN and infinity.
        out : ndarray of float32 (n, P, h, w), C-contiguous
            Where the coefficients go.
        n_threads : int
            Threads that share the images, the calling one among them. Where these are
            few and leave some idle, threads share the scales and orientations of each,
            unless it is small, or the plan has a rotation.

        Raises
        ------
        ValueError
            If a shape, type or memory order is not the plan's.
        """
        _load()[0].apply(self._capsule, x, out, n_threads)

    def apply_backward(self, x, gradient, out, *, n_threads):
        """Write the gradient in every image, in place.

        Moduli have the gradient 0 at 0. As `apply`: the same bits in any batch and for
        any number of threads, and Ctrl-C stops the work between two images. There
        is no gradient of plans with a rotation, nor of plans of means.

        Parameters
        ----------
        x : ndarray of float32 (n, M, N), C-contiguous
            Images, free of NaN and infinity.
        gradient : ndarray of float32 (n, P, h, w), C-contiguous
            The gradient in their coefficients.
        out : ndarray of float32 (n, M, N), C-contiguous
            Where the gradient in the images goes.
        n_threads : int
            Threads that share the images, the calling one among them.

        Raises
        ------
        ValueError
            If a shape, type or memory order is not the plan's.
        """
        _load()[0].apply_backward(self._capsule, x, gradient, out, n_threads)


def obstacle(grid, *, max_order):
    """Return why the kernel cannot compute on a grid, or None.

    Parameters
    ----------
    grid : Grid
        Where the samples lie.
    max_order : int
        Largest number of wavelets along a path.

    Returns
    -------
    obstacle : str or None
    """
    if grid.oversampling:
        return f"it samples critically, and oversampling={grid.oversampling}"
    if not available():
        return describe()
    kernel, _ = _load()
    if max(grid.padded) > kernel.largest_side:
        return f"its sides have up to {kernel.largest_side} pixels, and {_sizes(grid)}"
    prime = max(map(largest_prime_factor, grid.padded))
    if max_order and grid.J and prime > kernel.largest_prime:
        return (
            f"its Fourier transforms take prime factors up to {kernel.largest_prime}, "
            f"and {_sizes(grid)}: {prime} divides a side"
        )
    return None


def _sizes(grid):
    """Say how large padded images are, for messages."""
    return "images are padded to {}x{}".format(*grid.padded)


def largest_prime_factor(n):
    """Return the largest prime that divides n ≥ 2, and 1 for 1."""
    prime, divisor = 1, 2
    while divisor * divisor <= n:
        while n % divisor == 0:
            prime, n = divisor, n // divisor
        divisor += 1
    return max(prime, n)


def plan(bank, grid, *, max_order, rotation=None, mean=False, instructions=None):
    """Return a plan of the native kernel.

    Where the filters are read-only and own their data, as those of the shared banks do,
    their plans are kept as long as they live, and counted with the bank.

    Parameters
    ----------
    bank : FilterBank
        Filters on the padded grid ``grid.padded``, with an even low-pass.
    grid : Grid
        Where the samples lie; the kernel has no oversampling.
    max_order : int
        0, 1 or 2.
    rotation : tuple (relative, filters), default=None
        A second layer that also filters along the orientations of the first, as
        :func:`rigid_weights` and :func:`separable_weights` describe it.
    mean : bool, default=False
        Whether it computes the means of maps over space, (n, P, 1, 1), and no maps.
    instructions : str, default=None
        One of `instruction_sets()`; None takes the one in force.

    Returns
    -------
    plan : NativePlan

    Raises
    ------
    RuntimeError
        If the kernel is not available here.
    ValueError
        If sizes do not fit together, or an array holds NaN or infinity, or this
        processor lacks the instructions.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.cascade import Grid
    >>> from sklearn_scat.engines import _native
    >>> from sklearn_scat.filters import morlet_bank
    >>> grid = Grid((8, 8), J=1)
    >>> if _native.available():
    ...     plan = _native.plan(morlet_bank(1, grid.padded), grid, max_order=0)
    ...     S = np.empty((1, 1, 4, 4), np.float32)
    ...     plan.apply(np.ones((1, 8, 8), np.float32), S, n_threads=1)
    ...     np.testing.assert_allclose(S, 1, rtol=1e-4)
    """
    kernel, name = _load()
    if kernel is None:
        raise RuntimeError(name)
    arguments = plan_arguments(
        bank,
        grid,
        max_order=max_order,
        rotation=rotation,
        mean=mean,
        instructions=instructions or name,
    )
    kept, key = kept_plans(bank.psi_hat), _digest(arguments)
    if key not in kept:
        kept[key] = NativePlan(build(**arguments))
        count_beside(bank, kept[key].nbytes)
    return kept[key]


def plan_arguments(bank, grid, *, max_order, rotation, mean, instructions):
    """Return what `build` takes, by name."""
    low_passes = grid.mean_weights(bank) if mean else grid.low_passes(bank)
    rows, columns = (np.ascontiguousarray(i, dtype=np.intc) for i in grid.gathers())
    return {
        "instructions": instructions,
        "psi_hat": np.ascontiguousarray(bank.psi_hat, dtype=np.float64),
        "low_passes": [
            tuple(np.ascontiguousarray(phi, dtype=np.float64) for phi in pair)
            for pair in low_passes
        ],
        "rows": rows,
        "columns": columns,
        "image": grid.shape,
        "outputs": (1, 1) if mean else grid.output,
        "max_order": max_order,
        "rotation": _real_weights(rotation),
        "mean": mean,
    }


def build(**arguments):
    """Return the kernel's tables for the values of `plan_arguments`."""
    return _load()[0].build(*arguments.values())


def _real_weights(rotation):
    """Return a rotation with real and imaginary parts side by side: (rows, L, 4)."""
    if rotation is None:
        return None
    relative, filters = rotation
    return bool(relative), [
        np.ascontiguousarray(weights, dtype=np.complex128).view(np.float64)
        for weights in filters
    ]


def kept_plans(psi_hat):
    """Return what engines keep for these filters; nothing where they can change."""
    if psi_hat.flags.writeable or psi_hat.base is not None:
        return {}
    name = id(psi_hat)
    if name not in _plans:
        _plans[name] = {}
        weakref.finalize(psi_hat, _plans.pop, name, None).atexit = False
    return _plans[name]


def _digest(arguments):
    """Return what tells the plans of one bank apart."""
    relative, filters = arguments["rotation"] or (None, [])
    names = ("instructions", "image", "outputs", "max_order", "mean")
    digest = blake2b(f"{[arguments[name] for name in names]} {relative}".encode())
    low_passes = (phi for pair in arguments["low_passes"] for phi in pair)
    for array in (arguments["rows"], arguments["columns"], *low_passes, *filters):
        digest.update(f"{array.shape}".encode())
        digest.update(array)
    return digest.digest()


def rigid_weights(circle: CircleBank) -> tuple[bool, list[NDArray[Any]]]:
    r"""Return what the native kernel needs of the angular filters of rigid motions.

    With :math:`Z(\theta') = x + iy` for the first L angles and its conjugate for the
    others, :math:`Z * h` is :math:`A x + i B y` at the first L angles, and
    :math:`A x - i B y` at the others.

    Parameters
    ----------
    circle : CircleBank
        Angular filters on 2L angles.

    Returns
    -------
    relative : bool
        True: angles are relative to the first, and moduli are summed over it.
    weights : list of ndarray of complex (L, L, 2)
        A and B for the low-pass and each wavelet, over the number of moduli and the
        :math:`\sqrt 2` of the first layer.
    """
    L = circle.n // 2
    weights = []
    for k, h in enumerate(rigid_filters(circle)):
        first, others = h[:L, :L], h[:L, L:]
        pair = np.stack([first + others, first - others], axis=-1)
        weights.append(pair / (np.sqrt(2) * (2 * L if k else L)))
    return True, weights


def separable_weights(circle: CircleBank) -> tuple[bool, list[NDArray[Any]]]:
    """Return what the native kernel needs of the angular filters, for absolute angles.

    Parameters
    ----------
    circle : CircleBank
        Angular filters on L angles; L divides by 2^K.

    Returns
    -------
    relative : bool
        False: angles are absolute, and every modulus is a coefficient.
    weights : list of ndarray of complex (L / 2^k, L, 2)
        The filter twice, for the real and the imaginary part, of the low-pass (sampled
        every 2^K angles) and each wavelet (every 2^k).
    """
    low, *bands = separable_filters(circle)
    direct = [low, *(h[: len(h) // 2] for h in bands)]
    return False, [np.stack([h, h], axis=-1) for h in direct]


WEIGHTS = {
    "rigid": rigid_weights,
    "complete": rigid_weights,
    "separable": separable_weights,
}
