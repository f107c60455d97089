"""Replay the launches of a tile of images, so that none waits for Python."""

import threading
from contextlib import ExitStack

import torch

_recording = threading.Lock()  # torch records one graph at a time in a process
_TIMES = 4  # that a batch of one size comes before it is recorded: a capture is slow


class Replay:
    """Run a function of device tensors, and replay it where its batch comes back.

    The first batches of a size run as they are, which compiles kernels and plans FFTs.
    The fifth is recorded in a CUDA graph, between buffers of its own, and later ones
    only replay it. Where recording fails, batches of that size go on as the first did.

    Parameters
    ----------
    write : callable
        ``write(x, S)``, which fills S from x by the same launches for the same sizes.
    record : callable, optional
        From (write, x, S) to a function like `write` that replays it.
    """

    def __init__(self, write, *, record=None):
        self._write = write
        self._record = record or record_graph
        self._lock = threading.Lock()  # the buffers serve one batch at a time
        self._known = {}

    def __call__(self, x, S):
        """Fill S (b, P, h, w) from images x (b, M, N)."""
        key = tuple(x.shape), stream_of(x.device)
        with self._lock:
            times, replay = self._known.get(key, (0, None))
            if times == _TIMES and replay is None:
                replay = self._recorded(x, S)
            self._known[key] = min(times + 1, _TIMES), replay
            (replay or self._write)(x, S)

    def _recorded(self, x, S):
        """Return what replays the launches, or the plain function."""
        try:
            return self._record(self._write, x, S)
        except RuntimeError:  # what torch raises where it cannot capture
            return self._write


def stream_of(device):
    """Return the stream that work is queued on: work on others may overlap with it."""
    if device.type != "cuda":
        return None
    return torch.cuda.current_stream(device).cuda_stream


def record_graph(write, x, S):
    """Record the launches of ``write(x, S)``; return what replays them on others.

    Parameters
    ----------
    write : callable
        It has run on tensors of these sizes before.
    x, S : Tensor
        On one CUDA device.

    Returns
    -------
    replay : callable
        ``replay(x, S)``, for tensors of the same sizes on the same stream.

    Raises
    ------
    RuntimeError
        If the launches cannot be recorded.
    """
    with ExitStack() as state:
        state.enter_context(_recording)
        # Torch keeps tensors of its own across captures: made in inference mode, they
        # would be of no use to captures outside it.
        state.enter_context(torch.inference_mode(False))
        state.enter_context(torch.no_grad())
        state.enter_context(torch.cuda.device(x.device))
        # A capture that fails does not leave its stream: this does.
        state.enter_context(torch.cuda.stream(torch.cuda.current_stream()))
        images, maps = torch.empty_like(x), torch.empty_like(S)
        images.copy_(x)
        graph = torch.cuda.CUDAGraph()
        side = torch.cuda.Stream()
        with torch.cuda.graph(graph, stream=side, capture_error_mode="thread_local"):
            write(images, maps)

    def replay(x, S):
        images.copy_(x)
        with torch.cuda.device(x.device):
            graph.replay()
        S.copy_(maps)

    return replay
