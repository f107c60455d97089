"""Images per second, memory and error: this library and its peers, interleaved.

    python benchmarks/speed.py [--cases 28x1xJ2 ...] [--threads 1 2] [--seconds 6]
                               [--libraries NAME ...]

``SKLEARN_SCAT_NATIVE=avx2`` (or baseline) times what another processor would run; with
``MKL_ENABLE_INSTRUCTIONS=AVX2`` (or SSE4_2) the rates are those of its products too.

Everybody computes the same images in the same process, in turns (A B C A B C ...), and
the medians are compared, so that a busy machine slows everybody alike. What is timed is
``ScatteringTransformer.transform`` from numpy into numpy; the peers get the input and
keep the output in the form that they like best. The time of one thread is that of the
processor, which does not count what other programs take.

The floor counts the flops that a lean cascade cannot avoid: one real transform (2.5 N
log2 N) of the image and of each map that goes on, one complex transform (5 n log2 n) to
each map, filters (4 per kept bin: a real filter, complex sums), modulus (4 per sample)
and the separable average (1 per weight and sample: its symmetry halves the products),
or one weighted sum for means (2 per sample).
It is set against two rates measured on one core: torch's batched complex FFT, and its
matrix product.
"""

import argparse
import ctypes
import datetime
import gc
import math
import platform
import re
import statistics
import time
from functools import partial

import numpy as np
import torch

from sklearn_scat import ScatteringTransformer
from sklearn_scat.cascade import Grid, scattering, wavelet_operators
from sklearn_scat.engines import _native
from sklearn_scat.filters import cached_morlet_bank

DOUBLE = torch.empty(0, dtype=torch.float64)

# (side, channels, J, images per batch)
CASES = [
    (28, 1, 2, 64),
    (32, 3, 2, 64),
    (96, 3, 2, 16),
    (96, 3, 3, 16),
    (224, 3, 3, 4),
    (200, 1, 4, 4),
    (512, 1, 5, 1),
]
OURS, MEANS, REFERENCE = "sklearn_scat", "sklearn_scat (means)", "Kymatio (torch)"


def case_name(side, channels, J, n_images):
    return f"{side}x{channels}xJ{J}"


def ours(X, J, device, **parameters):
    """Return the function that computes the maps with this library's estimator."""
    estimator = ScatteringTransformer(
        J=J, image_shape=X.shape[1:], output="maps", device=device, **parameters
    ).fit(X)
    out = np.zeros(
        (len(X), X.shape[1] * estimator.output_shape_[1], *estimator.output_shape_[2:]),
        np.float32,
    )
    return partial(estimator.transform, X, out=out)


def kymatio(X, J, device, *, frontend):
    """Return the function that computes the same coefficients with Kymatio."""
    import kymatio

    S = kymatio.Scattering2D(J, X.shape[2:], frontend=frontend)
    if frontend == "numpy":
        return partial(S, X)
    S, x = S.to(device), torch.from_numpy(X).to(device)

    def compute():
        with torch.no_grad():
            return S(x)

    return compute


def wavelet_layer(X, J, device):
    """Return pytorch_wavelets' scattering: other filters, and two scales only."""
    from pytorch_wavelets.scatternet import ScatLayerj2

    if J != 2:
        raise ValueError("two scales only")
    S, x = ScatLayerj2().to(device), torch.from_numpy(X).to(device)

    def compute():
        with torch.no_grad():
            return S(x)

    return compute


PEERS = {
    OURS: ours,
    MEANS: partial(ours, pooling="mean"),
    "sklearn_scat (torch engine)": partial(ours, engine="torch"),
    REFERENCE: partial(kymatio, frontend="torch"),
    "Kymatio (numpy)": partial(kymatio, frontend="numpy"),
    "pytorch_wavelets (other filters)": wavelet_layer,
}


def contestants(X, J, device, names):
    """Return {name: function} of those that can be imported and apply."""
    found = {}
    for name in names:
        try:
            compute = PEERS[name](X, J, device)
            compute()
        except (ImportError, ValueError, RuntimeError, AttributeError) as error:
            print(f"<!-- {name}: {type(error).__name__}: {error} -->")
        else:
            found[name] = compute
    return found


def interleaved_seconds(functions, seconds, device, *, clock):
    """Return {name: median seconds}, of turns of at least 0.1 s of calls each."""
    times = {name: [] for name in functions}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or min(map(len, times.values())) < 5:
        for name, compute in functions.items():
            calls, start = 0, clock()
            while clock() < start + 0.1:
                compute()
                calls += 1
                if device == "cuda":
                    torch.cuda.synchronize()
            times[name].append((clock() - start) / calls)
    return {name: statistics.median(values) for name, values in times.items()}


def memory_status(key):
    """Return a figure of /proc/self/status in bytes."""
    with open("/proc/self/status") as status:
        return 1024 * int(re.search(rf"{key}:\s+(\d+) kB", status.read())[1])


def peak_bytes(compute):
    """Return the peak of resident memory during a call, above what it returns."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/clear_refs", "w") as control:
        control.write("5")  # the peak starts again from here
    before = memory_status("VmRSS")
    result = compute()
    peak = memory_status("VmHWM") - before
    held = isinstance(compute, partial) and "out" in compute.keywords
    return peak - (0 if held else result.nbytes)


def full_scale_error(S, X, J):
    """Return the largest error over the largest coefficient, against float64."""
    x = torch.from_numpy(X[0].astype(np.float64))
    grid = Grid(X.shape[2:], J)
    bank = cached_morlet_bank(J, grid.padded)
    with torch.no_grad():
        truth = scattering(x, wavelet_operators(bank, grid, like=DOUBLE))
    truth = truth.reshape(-1, *truth.shape[-2:]).numpy()
    if S.shape[-2:] == (1, 1):
        truth = truth.mean((1, 2), keepdims=True)
    return np.abs(S[0] - truth).max() / np.abs(truth).max()


def counted_flops(side, J, L=8, *, means=False):
    """Return the flops of one channel's cascade, up to order two."""
    grid = Grid((side, side), J)
    n_padded, h = grid.padded[0], grid.output[0]
    psi_hat = np.abs(cached_morlet_bank(J, grid.padded).psi_hat)
    kept = [(psi > 1e-7 * psi.max()).sum() / L for psi in psi_hat]

    def transform(j):
        n = (n_padded >> j) ** 2
        return 5 * n * math.log2(n)

    def average(j):
        n = n_padded >> j
        return 2 * n**2 if means else h * n * (n + h)

    def finish(j):
        return 4 * (n_padded >> j) ** 2 + average(j)

    flops = transform(0) / 2 + average(0)
    for j1 in range(J):
        flops += L * (4 * kept[j1] + transform(j1) + finish(j1))
        flops += L * transform(j1) / 2 * (j1 + 1 < J)
        for j2 in range(j1 + 1, J):
            inside = min(kept[j2], (n_padded >> j1) ** 2)
            flops += L * L * (4 * inside + transform(j2) + finish(j2))
    return flops


def best_rate(compute, flops, *, seconds=0.5):
    """Return flops per second of the fastest call."""
    best, end = math.inf, time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.process_time()
        compute()
        best = min(best, time.process_time() - start)
    return flops / best


def machine_rates():
    """Return (FFT, matrix product) rates of one core, in flops per second."""
    x = torch.randn(64, 64, 64, dtype=torch.complex64)
    a = torch.randn(512, 512)
    fft = best_rate(partial(torch.fft.fft2, x), 64 * 5 * 64**2 * math.log2(64**2))
    return fft, best_rate(partial(torch.mm, a, a), 2 * 512**3)


def processor():
    """Return the processor's name."""
    try:
        with open("/proc/cpuinfo") as info:
            return re.search(r"model name\s*:\s*(.+)", info.read())[1]
    except OSError:
        return platform.processor()


def rows_of(case, device, n_threads, *, options, rates):
    """Return the table's rows of one case: lists of strings."""
    side, channels, J, n_images = case
    X = np.random.default_rng(0).random((n_images, channels, side, side))
    X = X.astype(np.float32)
    functions = contestants(X, J, device, options.libraries)
    alone = device == "cpu" and n_threads == 1
    clock = time.process_time if alone else time.perf_counter
    medians = interleaved_seconds(functions, options.seconds, device, clock=clock)
    for name, median in medians.items():
        flops = counted_flops(side, J, means=name == MEANS)
        flops *= channels * n_images / n_threads
        S = functions[name]()
        same = "pytorch_wavelets" not in name
        S = np.asarray(S.cpu() if torch.is_tensor(S) else S)
        S = S.reshape(n_images, -1, *S.shape[-2:])
        ratio = medians[REFERENCE] / median if REFERENCE in medians else math.nan
        error = full_scale_error(S, X, J) if same else math.nan
        memory = peak_bytes(functions[name]) / 2**20 if device == "cpu" else math.nan
        yield [
            f"{side}²×{channels}, J={J}, {n_images} images",
            str(n_threads) if device == "cpu" else device,
            name,
            f"{n_images / median:.4g}",
            f"{ratio:.1f}",
            f"{memory:.1f}",
            *(f"{100 * flops / rate / median:.0f} %" for rate in rates),
            f"{error:.1e}",
        ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    names = [case_name(*case) for case in CASES]
    parser.add_argument("--cases", nargs="+", choices=names, default=names)
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--seconds", type=float, default=6.0, help="per case")
    parser.add_argument("--libraries", nargs="+", choices=PEERS, default=list(PEERS))
    options = parser.parse_args()

    torch.set_num_threads(1)
    rates = machine_rates()
    print(
        f"{datetime.date.today()}, {processor()}, torch {torch.__version__}, "
        f"{_native.describe()}. One core: FFT {rates[0] / 1e9:.0f} GFLOP/s, matrix "
        f"product {rates[1] / 1e9:.0f} GFLOP/s. Ratio: of medians, to {REFERENCE}. "
        "Memory: peak above the output. Error: to the definition in float64 with the "
        "exact π, over the largest coefficient (Kymatio's filters hold 3.1415).\n"
    )
    header = [
        "images", "threads", "library", "images/s", "ratio", "memory, MB",
        "of FFT rate", "of product rate", "error",
    ]  # fmt: skip
    print("|".join(["", *header, ""]))
    print("|".join(["", *["---"] * len(header), ""]))
    runs = [("cpu", n) for n in options.threads]
    runs += [("cuda", 1)] * torch.cuda.is_available()
    for device, n_threads in runs:
        torch.set_num_threads(n_threads)
        for case in CASES:
            if case_name(*case) in options.cases:
                for row in rows_of(
                    case, device, n_threads, options=options, rates=rates
                ):
                    print("|".join(["", *row, ""]), flush=True)


if __name__ == "__main__":
    main()
