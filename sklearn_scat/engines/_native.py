"""Door to the native kernel: float32, CPU, orders 0 to 2, critical sampling.

The environment variable ``SKLEARN_SCAT_NATIVE`` overrides the choice of instruction
set, once per process: "off", "baseline", "avx2" or "avx512".
"""

import os
import weakref
from functools import cache
from hashlib import blake2b

import numpy as np

from sklearn_scat.cascade import rigid_filters, separable_filters

OVERRIDES = ("off", "baseline", "avx2", "avx512")

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

    def apply_backward(self, x, gradient, out, *, n_threads):
        """Write the gradient in every image, in place.

        Moduli have the gradient 0 at 0. As `apply`: the same bits in any batch and for
        any number of threads, and Ctrl-C stops the work between two images.

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


def plan(psi_hat, averages, gathers, *, max_order, rotation=None, instructions=None):
    """Return a plan of the native kernel.

    Where `psi_hat` is read-only and owns its data, as those of the shared banks do, its
    plans are kept as long as it lives.

    Parameters
    ----------
    psi_hat : ndarray of float (J, L, M_p, N_p)
        Real filters on the padded grid, in the frequency order of the DFT.
    averages : list of (ndarray (h, M_p/2^r), ndarray (w, N_p/2^r))
        Low-pass, subsampling and cropping S = A U Bᵀ, per resolution r = 0 … J − 1. The
        low-pass is even: row o reversed about some sample is row h − 1 − o.
    gathers : tuple of ndarray of int (M_p,), (N_p,)
        The pixel that each padded row and column repeats; −1 for zero.
    max_order : int
        0, 1 or 2.
    rotation : tuple (relative, filters), default=None
        A second layer that also filters along the orientations of the first, as
        :func:`rigid_weights` and :func:`separable_weights` describe it.
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
    >>> from sklearn_scat.engines import _native
    >>> mean = np.full((1, 2), 0.5)
    >>> if _native.available():
    ...     S = np.empty((1, 1, 1, 1), np.float32)
    ...     no_filters = np.empty((0, 8, 2, 2))
    ...     plan = _native.plan(no_filters, [(mean, mean)], ([0, 1],) * 2, max_order=0)
    ...     plan.apply(np.ones((1, 2, 2), np.float32), S, n_threads=1)
    ...     assert S == 1.0
    """
    kernel, name = _load()
    if kernel is None:
        raise RuntimeError(name)
    rows, columns = (np.ascontiguousarray(i, dtype=np.intc) for i in gathers)
    averages = [
        tuple(np.ascontiguousarray(matrix, dtype=np.float64) for matrix in pair)
        for pair in averages
    ]
    psi_hat = np.asarray(psi_hat)
    arguments = (
        *(instructions or name, averages, rows, columns, max_order),
        _real_weights(rotation),
    )
    kept, key = _kept_plans(psi_hat), _digest(arguments)
    if key not in kept:
        kept[key] = _build(kernel, psi_hat, arguments)
    return kept[key]


def _real_weights(rotation):
    """Return a rotation with real and imaginary parts side by side: (rows, L, 4)."""
    if rotation is None:
        return None
    relative, filters = rotation
    return bool(relative), [
        np.ascontiguousarray(weights, dtype=np.complex128).view(np.float64)
        for weights in filters
    ]


def _build(kernel, psi_hat, arguments):
    """Return a new plan; the image is what the gathers reach."""
    instructions, averages, rows, columns, max_order, rotation = arguments
    capsule = kernel.build(
        instructions,
        np.ascontiguousarray(psi_hat, dtype=np.float64),
        averages,
        rows,
        columns,
        tuple(int(side.max(initial=-1)) + 1 for side in (rows, columns)),
        max_order,
        rotation,
    )
    return NativePlan(capsule)


def _kept_plans(psi_hat):
    """Return the dictionary of the plans of these filters, if they cannot change."""
    if psi_hat.flags.writeable or psi_hat.base is not None:
        return {}
    name = id(psi_hat)
    if name not in _plans:
        _plans[name] = {}
        weakref.finalize(psi_hat, _plans.pop, name, None).atexit = False
    return _plans[name]


def _digest(arguments):
    """Return what tells the plans of one bank apart."""
    instructions, averages, rows, columns, max_order, rotation = arguments
    relative, filters = rotation or (None, [])
    digest = blake2b(f"{instructions} {max_order} {relative}".encode())
    matrices = (matrix for pair in averages for matrix in pair)
    for array in (rows, columns, *matrices, *filters):
        digest.update(f"{array.shape}".encode())
        digest.update(array)
    return digest.digest()


def rigid_weights(circle):
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


def separable_weights(circle):
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


WEIGHTS = {"rigid": rigid_weights, "separable": separable_weights}
