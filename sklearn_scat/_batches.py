"""The one door between NumPy and other libraries: through arrays batch by batch."""

import math
import os
import re
import sys
from collections import deque
from contextlib import contextmanager
from importlib.util import find_spec

import numpy as np
from sklearn.utils._openmp_helpers import _openmp_effective_n_threads

from sklearn_scat._public import needed

_CPU_BYTES = 2**23  # of input and output per batch: memory stays flat
_DEVICE_BYTES = 2**28
_PIECES = 8  # of a batch on CUDA: while one is computed, others are copied
_PIECE_BYTES = 2**22  # of results, and no fewer: launches and copies cost as much
# What torch says in plain RuntimeErrors of FFTs, products and pinned memory.
_OUT_OF_MEMORY = re.compile(
    "out of memory|CUFFT_ALLOC_FAILED|CUFFT_INTERNAL_ERROR|CUBLAS_STATUS_ALLOC_FAILED"
)
_AHEAD = 2  # pieces that may be on their way back: their pinned memory is reused


def _leave_threads_behind():
    """Let torch compute in one thread in a forked process, where its others are not.

    OpenMP waits for them for ever otherwise.
    """
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_threads_behind)


def resolve_device(device):
    """Return the name of the device to compute on: "auto" takes CUDA where it is.

    Torch is asked where it is loaded already, or where it may find what is asked for.
    """
    if device == "cpu" or (device == "auto" and not may_have_cuda()):
        return "cpu"
    torch = needed("torch", what=f"device={device!r}")
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        known = torch.device(device)
    except RuntimeError as error:
        raise ValueError(
            f"device={device!r} is no device that torch knows. Take device='auto', "
            "'cpu' or 'cuda'."
        ) from error
    if known.type == "cpu":
        return "cpu"
    try:
        # The one question that every kind of device answers.
        torch.zeros(1, dtype=torch.uint8, device=known).item()
    except (RuntimeError, AssertionError, ImportError) as error:
        reason = re.split(r"\.\s|\n", str(error), maxsplit=1)[0].rstrip(".")
        raise ValueError(
            f"device={device!r} was asked for, but torch cannot use it here "
            f"({reason}). Take device='auto' or 'cpu'."
        ) from error
    return str(known)


def may_have_cuda():
    """Tell whether torch may find a GPU, by what costs nothing to see."""
    if "torch" in sys.modules:
        return True
    if os.environ.get("CUDA_VISIBLE_DEVICES") == "" or not find_spec("torch"):
        return False
    # the drivers of NVIDIA and AMD under Linux, and of either under WSL
    drivers = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")
    return sys.platform == "win32" or any(map(os.path.exists, drivers))


def n_threads():
    """Return how many threads to compute with, as scikit-learn or torch has it set."""
    if torch := sys.modules.get("torch"):
        return torch.get_num_threads()
    return _openmp_effective_n_threads()


def float_dtype(dtype):
    """Return the dtype of computation: float64 stays, all else becomes float32."""
    name = getattr(dtype, "name", None) or str(dtype)  # of NumPy's, or of another's
    return np.dtype(np.float64 if name.endswith("float64") else np.float32)


def empty_tensor(dtype, device):
    """Return an empty tensor of a NumPy dtype on a device, for others to be like."""
    torch = needed("torch", what="engine='torch'")
    return torch.empty(0, dtype=getattr(torch, dtype.name), device=device)


def as_tensor(array):
    """Return an array as a tensor, whatever its strides, byte order and flags are.

    It shares the array's memory where torch can.

    Parameters
    ----------
    array : ndarray of numbers

    Returns
    -------
    tensor : torch.Tensor
    """
    import torch

    native = array.dtype.newbyteorder("=")
    return torch.from_numpy(np.require(array, native, requirements=["C", "W"]))


def on_arrays(forward):
    """Make ``f(images, out)`` from a function that returns a NumPy array."""

    def compute(images, out):
        out[...] = forward(images)

    return compute


def on_device(forward, device):
    """Make a function of numpy arrays, ``f(images, out)``, from one of tensors.

    On CUDA, pieces of a batch are copied in and out through pinned memory while others
    are computed.
    """
    import torch

    def compute(images, out):
        with torch.inference_mode():
            result = forward(as_tensor(images).to(device))
            torch.from_numpy(out).copy_(result)

    def compute_overlapped(images, out):
        with torch.inference_mode(), torch.cuda.device(device):
            _copy_while_computing(forward, as_tensor(images), out=out)

    return compute_overlapped if device.startswith("cuda") else compute


def _copy_while_computing(forward, images, *, out):
    """Fill `out` from `images` on the current CUDA device, piece by piece.

    Three streams: one copies images in, the current one computes, one copies results
    out. No piece's memory is given to another before the stream that reads it is done.
    """
    import torch

    copy_in, copy_out = torch.cuda.Stream(), torch.cuda.Stream()
    computing = torch.cuda.current_stream()
    size = _piece_size(len(images), out[:1].nbytes)
    arriving = deque()
    for start in range(0, len(images), size):
        with torch.cuda.stream(copy_in):
            x = images[start : start + size].pin_memory()
            x = x.to("cuda", non_blocking=True)
        computing.wait_stream(copy_in)
        x.record_stream(computing)
        result = forward(x)
        copy_out.wait_stream(computing)
        with torch.cuda.stream(copy_out):
            host = torch.empty(result.shape, dtype=result.dtype, pin_memory=True)
            host.copy_(result, non_blocking=True)
            result.record_stream(copy_out)
        arriving.append((copy_out.record_event(), host, out[start : start + size]))
        if len(arriving) > _AHEAD:
            _take_out(*arriving.popleft())
    for piece in arriving:
        _take_out(*piece)


def _piece_size(n, nbytes):
    """Return how many of n results of some bytes each are copied at once."""
    return max(math.ceil(n / _PIECES), min(n, math.ceil(_PIECE_BYTES / nbytes)))


def _take_out(arrival, host, out):
    """Copy a result from pinned memory once it has arrived there."""
    arrival.synchronize()
    out[...] = host.numpy()


def map_batches(
    compute, rows, *, out, batch_size, shapes, device, dtype=None, progress=None
):
    """Fill `out` from `rows`, a batch at a time.

    Parameters
    ----------
    compute : callable
        ``compute(images, out)`` with C-contiguous arrays (b, *shapes[0]) and
        (b, *shapes[1]), both of `dtype`.
    rows : ndarray of shape (n, features)
        Any dtype; cast to `dtype` batch by batch.
    out : ndarray of shape (n, *shapes[1])
        Written in place; may be a memory map.
    batch_size : int or "auto"
        Rows per batch.
    shapes : tuple of (tuple, tuple)
        Shapes of one image and of its result.
    device : str
        Where `compute` runs. If its memory runs out, the batch is halved.
    dtype : numpy.dtype, default=None
        In which it computes. None is that of `out`.
    progress : callable, optional
        Called with the number of rows done.

    Raises
    ------
    MemoryError
        If the device cannot hold one image.
    ValueError
        If a result is too large for the dtype of `out`.
    """
    dtype = float_dtype(out.dtype) if dtype is None else dtype
    if batch_size == "auto":
        batch_size = _usual_batch(out.itemsize, shapes=shapes, device=device)
    start = 0
    while start < len(rows):
        batch = rows[start : start + batch_size]
        try:
            target = _plain(out[start : start + batch_size], dtype)
            images = np.require(batch, dtype=dtype, requirements=["C", "W"])
            images = _plain(images, dtype)
            _compute_batch(compute, images.reshape(-1, *shapes[0]), out=target)
        except RuntimeError as error:
            batch_size = _smaller_batch(error, len(batch), shapes=shapes, device=device)
            continue
        start += len(batch)
        if progress:
            progress(start)


def _plain(array, dtype):
    """Return an array of a dtype without the byte order that files spell out.

    NumPy holds the two for equal, and tells them apart to compiled code.
    """
    return array.view(dtype) if array.dtype == dtype else array


def map_library_batches(compute, x, *, batch_size, shapes, device, progress=None):
    """Return what `compute` makes of an array of any library, a batch at a time.

    Parameters
    ----------
    compute : callable
        ``compute(images)`` of arrays (b, …).
    x : array of shape (n, …)
        Images.
    batch_size, shapes, device, progress
        As of `map_batches`.

    Returns
    -------
    parts : list of array
        The results, batch by batch.
    """
    if batch_size == "auto":
        itemsize = float_dtype(x.dtype).itemsize
        batch_size = _usual_batch(itemsize, shapes=shapes, device=device)
    parts, start, n = [], 0, x.shape[0]
    while start < n:
        stop = min(start + batch_size, n)
        try:
            parts.append(compute(x[start:stop, ...]))
        except (RuntimeError, MemoryError) as error:
            size = stop - start
            batch_size = _smaller_batch(error, size, shapes=shapes, device=device)
            continue
        start = stop
        if progress:
            progress(start)
    return parts


def _usual_batch(itemsize, *, shapes, device):
    """Return how many images to compute at once."""
    size = itemsize * sum(math.prod(shape) for shape in shapes)
    budget = _CPU_BYTES if device == "cpu" else _DEVICE_BYTES
    return max(1, budget // max(size, 1))


def _compute_batch(compute, images, *, out):
    """Compute one batch, through a temporary where `out` is stored otherwise."""
    if out.flags.c_contiguous and out.dtype == images.dtype:
        return compute(images, out)
    result = np.empty(out.shape, images.dtype)
    compute(images, result)
    _store(result, out)


def _store(result, out):
    """Copy a result into `out`, or say what its dtype cannot hold."""
    try:
        with np.errstate(over="raise"):
            out[...] = result
    except FloatingPointError as error:
        raise too_large(np.abs(result).max(), out.dtype) from error


def too_large(largest, dtype):
    """Return the error of a coefficient that a NumPy dtype cannot hold."""
    return ValueError(
        f"A coefficient of {largest:g} is beyond {np.finfo(dtype).max:g}, the largest "
        f"number of {dtype}. Bring pixels to a smaller scale, as by dividing bytes by "
        "255, or take dtype=None."
    )


def _smaller_batch(error, size, *, shapes, device):
    """Halve the batch after a device ran out of memory; else raise again."""
    torch = sys.modules.get("torch")
    if not _is_out_of_memory(error):
        raise error
    if torch and torch.cuda.is_available():
        torch.cuda.empty_cache()
    if size == 1:
        raise MemoryError(
            f"{device} has too little free memory for one image of shape {shapes[0]}, "
            f"whose result has shape {shapes[1]}. Take device='cpu', a smaller image "
            "or a larger J."
        ) from error
    return size // 2


def _is_out_of_memory(error):
    """Tell a device without memory, by the name of the error or by its text."""
    named = type(error).__name__ == "OutOfMemoryError"
    return named or bool(_OUT_OF_MEMORY.search(str(error)))


@contextmanager
def evaluating(module):
    """Put a network of torch into evaluation, and every part back into its mode."""
    modes = {part: part.training for part in module.modules()}
    module.eval()
    try:
        yield
    finally:
        for part, training in modes.items():
            part.training = training
