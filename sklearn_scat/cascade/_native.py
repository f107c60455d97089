"""Door to the native kernel: float32, CPU, orders 0 to 2, critical sampling.

The environment variable ``SKLEARN_SCAT_NATIVE`` overrides the choice of instruction
set, once per process: "off", "baseline", "avx2" or "avx512".
"""

import os
from functools import cache

import numpy as np

OVERRIDES = ("off", "baseline", "avx2", "avx512")


@cache
def _load():
    """Return (the extension or None, the instruction set or why there is none)."""
    wanted = os.environ.get("SKLEARN_SCAT_NATIVE", "")
    if wanted == "off":
        return None, "the native kernel is switched off by SKLEARN_SCAT_NATIVE=off"
    try:
        from sklearn_scat.cascade import _kernel
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

    def apply(self, x, out, *, n_threads):
        """Write the coefficients of every image, in place.

        The bits of an image's coefficients depend neither on the other images nor on
        the number of threads. Ctrl-C stops the work between two images.

        Parameters
        ----------
        x : ndarray of float32 (n, M, N), C-contiguous
            Images, free of NaN and infinity.
        out : ndarray of float32 (n, P, h, w), C-contiguous
            Where the coefficients go.
        n_threads : int
            Threads that share the images, the calling one among them.

        Raises
        ------
        ValueError
            If a shape, type or memory order is not the plan's.
        """
        _load()[0].apply(self._capsule, x, out, n_threads)


def plan(psi_hat, averages, rows, columns, *, max_order, instructions=None):
    """Return a plan of the native kernel.

    Parameters
    ----------
    psi_hat : ndarray of float (J, L, M_p, N_p)
        Real filters on the padded grid, in the frequency order of the DFT.
    averages : list of (ndarray (h, M_p/2^r), ndarray (w, N_p/2^r))
        Low-pass, subsampling and cropping S = A U Bᵀ, per resolution r = 0 … J − 1. The
        low-pass is even: row o reversed about some sample is row h − 1 − o.
    rows, columns : ndarray of int (M_p,), (N_p,)
        The pixel that each padded row and column repeats; −1 for zero.
    max_order : int
        0, 1 or 2.
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
    >>> from sklearn_scat.cascade import _native
    >>> mean = np.full((1, 2), 0.5)
    >>> if _native.available():
    ...     S = np.empty((1, 1, 1, 1), np.float32)
    ...     no_filters = np.empty((0, 8, 2, 2))
    ...     plan = _native.plan(no_filters, [(mean, mean)], [0, 1], [0, 1], max_order=0)
    ...     plan.apply(np.ones((1, 2, 2), np.float32), S, n_threads=1)
    ...     assert S == 1.0
    """
    kernel, name = _load()
    if kernel is None:
        raise RuntimeError(name)
    rows, columns = (np.ascontiguousarray(i, dtype=np.intc) for i in (rows, columns))
    capsule = kernel.build(
        instructions or name,
        np.ascontiguousarray(psi_hat, dtype=np.float32),
        [
            tuple(np.ascontiguousarray(matrix, dtype=np.float64) for matrix in pair)
            for pair in averages
        ],
        rows,
        columns,
        tuple(int(side.max(initial=-1)) + 1 for side in (rows, columns)),
        max_order,
    )
    return NativePlan(capsule)
