#!/usr/bin/env bash
# The native kernel, maps and means, forward and backward, under AddressSanitizer and
# UndefinedBehaviorSanitizer, on random draws of sizes, filters and paddings, for every
# instruction set of this processor.
#
#     bash benchmarks/sanitize.sh [seconds]
#
# Needs GCC with its sanitizers' libraries, and numpy.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
include=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
# Vectors in registers are left alone, or the templates take minutes to compile: every
# access to memory is still checked.
flags=(-O1 -g1 -std=c++17 -fPIC -fno-math-errno -fno-omit-frame-pointer -Wno-psabi
       -fsanitize=address,undefined -fno-sanitize=null,alignment,object-size
       -fno-sanitize-recover=all -fno-sanitize-address-use-after-scope
       --param asan-stack=0 -I"$include")

jobs=()
for source in sklearn_scat/engines/native/*.cpp; do
    "${CXX:-g++}" "${flags[@]}" -c "$source" -o "$work/$(basename "$source").o" &
    jobs+=($!)
done
for job in "${jobs[@]}"; do
    wait "$job"
done
"${CXX:-g++}" -shared -pthread -fsanitize=address,undefined "$work"/*.o \
    -o "$work/_kernel.abi3.so"

LD_PRELOAD="$("${CXX:-g++}" -print-file-name=libasan.so) $("${CXX:-g++}" -print-file-name=libstdc++.so)" \
ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 \
    "$python" - "$work" "${1:-60}" <<'PYTHON'
import sys
import time

import numpy as np

sys.path.insert(0, sys.argv[1])
import _kernel

rng = np.random.default_rng(0)


def even_low_passes(n, J):
    """Random even low-passes, narrow ones and wide ones, for every resolution."""
    for r in range(max(J, 1)):
        m = n >> r
        phi = rng.random(m) * (rng.random(m) < 0.7)
        phi = phi + phi[-np.arange(m)]
        distance = np.minimum(np.arange(m), m - np.arange(m))
        yield phi * (distance <= m * rng.choice([0.1, 0.5])) / m


def averaging_matrix(phi, n_out, k):
    """The matrix of a low-pass, from its definition."""
    first = (phi.size // k - n_out) // 2
    at = k * (first + np.arange(n_out))[:, None] - np.arange(phi.size)
    return phi[at % phi.size]


def mean_weights(matrix):
    """The weights of the mean of what an averaging matrix makes."""
    return np.ascontiguousarray(matrix.mean(0))


def gather(n, n_padded):
    """A padding by random pixels and zeros that still uses the last pixel."""
    index = rng.integers(-1, n, n_padded)
    index[rng.integers(n_padded)] = n - 1
    return index.astype(np.intc)


def crop(a, m, n):
    rows, columns = (np.r_[0 : (k + 1) // 2, -(k // 2) : 0] for k in (m, n))
    return a[rows][:, columns]


def fold(a, m, n):
    k, l = a.shape[0] // m, a.shape[1] // n
    return a.reshape(k, m, l, n).mean((0, 2))


def cascade(x, psi, averages, order):
    """The transform from its definition, in float64."""
    J, L, M, N = psi.shape

    def low(U, r):
        return averages[r][0] @ U @ averages[r][1].T

    S, S2 = [low(x, 0)], []
    for j in range(J if order else 0):
        for t in range(L):
            U = abs(np.fft.ifft2(fold(np.fft.fft2(x) * psi[j, t], M >> j, N >> j)))
            S.append(low(U, j))
            for i in range(j + 1, J if order == 2 else 0):
                for s in range(L):
                    band = np.fft.fft2(U) * crop(psi[i, s], *U.shape)
                    S2.append(low(abs(np.fft.ifft2(fold(band, M >> i, N >> i))), i))
    return np.array(S + S2)


def rotation_cascade(x, psi, averages, order, rotation):
    """The transform with filters along the first orientations, in float64."""
    J, L, M, N = psi.shape
    relative, filters = rotation
    filters = [f.view(complex) for f in filters]

    def low(U, r):
        return averages[r][0] @ U @ averages[r][1].T

    def second(U, j, i, t2):
        Z = []
        for t1 in range(L):
            turned = t1 + t2 if relative else t2
            band = np.fft.fft2(U[t1]) * crop(psi[i, turned % L], *U[t1].shape)
            z = np.fft.ifft2(fold(band, M >> i, N >> i))
            Z.append(z.conj() if turned >= L else z)
        x, y = np.real(Z), np.imag(Z)
        for k, f in enumerate(filters):
            A, B = (np.tensordot(f[..., p], w, 1) for p, w in enumerate((x, y)))
            if k == 0:  # a real filter
                A, B = (np.tensordot(f[..., p].real, w, 1) for p, w in ((0, x), (1, y)))
            moduli = [*abs(A + 1j * B), *(abs(A - 1j * B) if k else [])]
            yield from [low(sum(moduli), i)] if relative else [low(u, i) for u in moduli]

    S, S2 = [low(x, 0)], []
    for j in range(J if order else 0):
        U = [abs(np.fft.ifft2(fold(np.fft.fft2(x) * p, M >> j, N >> j))) for p in psi[j]]
        S1 = [low(u, j) for u in U]
        S += [np.mean(S1, axis=0) / 2**0.5] if relative else S1
        deeper = range(j + 1, J if order == 2 else 0)
        if relative:  # by j2, k, t2; else by t2, j2
            for i in deeper:
                S2 += [m for p in zip(*(second(U, j, i, t) for t in range(L))) for m in p]
        else:
            S2 += [m for t in range(L) for i in deeper for m in second(U, j, i, t)]
    return np.array(S + S2)


def draw_rotation(L):
    """No rotation, or random filters along L angles, relative or absolute."""
    if rng.random() < 0.5:
        return None
    filters = [
        rng.standard_normal((int(rng.integers(1, L + 1)), L, 4)) / L
        for _ in range(int(rng.integers(1, 4)))
    ]
    return bool(rng.random() < 0.5), filters


def pull_back(x, psi, averages, order, g):
    """The gradient in the padded image, and whether every phase is above rounding."""
    J, L, M, N = psi.shape
    sharp = True

    def high(g, r):
        return averages[r][0].T @ g @ averages[r][1]

    def pull(U, filters, gradient, shape):  # gradient: of |V|, from V
        nonlocal sharp
        V = np.fft.ifft2(fold(np.fft.fft2(U) * filters, *shape))
        size = abs(filters).max(initial=0) * np.sqrt(np.mean(U**2))
        sharp &= not V.any() or np.sqrt(np.mean(abs(V) ** 2)) > 1e-2 * size
        phase = np.divide(V, abs(V), out=np.zeros_like(V), where=V != 0)
        tiles = tuple(n // k for n, k in zip(U.shape, shape))
        back = np.fft.fft2(gradient(abs(V)) * phase)
        return np.fft.ifft2(np.tile(back, tiles) * filters).real

    paths = iter(range(1 + J * L, len(g)))
    gradient_x = high(g[0], 0)
    for j in range(J if order else 0):
        for t in range(L):

            def of_first(U, j=j, t=t):
                total = high(g[1 + j * L + t], j)
                for i in range(j + 1, J if order == 2 else 0):
                    for s in range(L):
                        last = high(g[next(paths)], i)
                        band = crop(psi[i, s], *U.shape)
                        total = total + pull(U, band, lambda _: last, (M >> i, N >> i))
                return total

            gradient_x = gradient_x + pull(x, psi[j, t], of_first, (M >> j, N >> j))
    return gradient_x, sharp


end, draws, worst = time.monotonic() + float(sys.argv[2]), 0, 0.0
gradients, worst_gradient = 0, 0.0
while time.monotonic() < end:
    J = int(rng.integers(0, 4))
    L = int(rng.choice([1, 2, 3, 4, 5, 6, 8, 12, 16]))
    order = int(rng.integers(0, 3))
    largest = 96 if rng.random() < 0.8 else 192  # which threads share
    M, N = (int(rng.integers(1, 2 + (largest >> J))) << J for _ in "MN")
    sides = tuple(int(rng.integers(1, n + 1)) for n in (M, N))
    outputs = [int(n >> J) - 2 * int(rng.random() < 0.5 and n >> J > 2) for n in (M, N)]
    psi = rng.standard_normal((J, L, M, N)) * (rng.random((J, L, M, N)) < rng.random())
    if rng.random() < 0.5:
        psi[..., rng.integers(N) :] = 0
    psi = psi.astype(np.float32).astype(float)  # numbers that float32 has
    low_passes = list(zip(*(even_low_passes(n, J) for n in (M, N))))
    averages = [
        [averaging_matrix(phi, o, 1 << (J - r)) for phi, o in zip(pair, outputs)]
        for r, pair in enumerate(low_passes)
    ]
    rows, columns = gather(sides[0], M), gather(sides[1], N)
    x = rng.standard_normal((2, *sides)).astype(np.float32)
    padded = np.where(
        (rows[:, None] < 0) | (columns < 0), 0, x[0][rows][:, columns].astype(float)
    )
    rotation = draw_rotation(L)
    if rotation is None:
        expected = cascade(padded, psi, averages, order)
    else:
        expected = rotation_cascade(padded, psi, averages, order, rotation)
    # Sums of random signs may all but vanish: their terms set the scale too.
    terms = abs(averages[0][0]) @ abs(padded) @ abs(averages[0][1]).T
    scale = max(abs(expected).max(), terms.max(), 1e-9)
    of_padded, sharp, mean = padded, False, bool(rng.random() < 0.3)
    if mean:
        low_passes = [tuple(map(mean_weights, pair)) for pair in averages]
        outputs = 1, 1
        expected = expected.mean((1, 2), keepdims=True)
    elif rotation is None:
        g = rng.standard_normal((2, *expected.shape)).astype(np.float32)
        of_padded, sharp = pull_back(padded, psi, averages, order, g[0])
    kept = np.ix_(rows >= 0, columns >= 0)
    of_x = np.zeros(sides)
    np.add.at(of_x, np.ix_(rows[rows >= 0], columns[columns >= 0]), of_padded[kept])
    norm = max(np.linalg.norm(of_x), 1e-4 * np.linalg.norm(of_padded), 1e-9)
    gradients += sharp
    for name in _kernel.supported():
        plan = _kernel.build(
            *(name, psi, low_passes, rows, columns, sides, tuple(outputs), order),
            rotation,
            mean,
        )
        out = np.full((2, *expected.shape), np.nan, np.float32)
        _kernel.apply(plan, x, out, 3)
        error = abs(out[0] - expected).max() / scale
        worst = max(worst, error)
        drawn = error, J, L, order, M, N, name, rotation and rotation[0], mean
        assert error < 2e-6 and np.isfinite(out).all(), drawn
        if rotation is not None or mean:  # no gradient yet
            continue
        out = np.full((2, *sides), np.nan, np.float32)
        _kernel.apply_backward(plan, x, g, out, 2)
        assert np.isfinite(out).all(), (J, L, order, M, N, name)
        if sharp:
            error = np.linalg.norm(out[0] - of_x) / norm
            worst_gradient = max(worst_gradient, error)
            assert error < 1e-3, (error, "gradient", J, L, order, M, N, name)
    draws += 1
print(f"{draws} draws, {', '.join(_kernel.supported())}; largest error {worst:.1e}")
print(f"{gradients} gradients with sharp phases; largest error {worst_gradient:.1e}")
PYTHON
