"""Triton kernels around the FFTs of the cascade; Triton is imported by `kernels`."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

tl: Any = None  # triton.language, from the first call of `kernels` on


def interpreted():
    """Say whether Triton is told to interpret kernels, on any device.

    Returns
    -------
    interpreted : bool
        Whether the environment variable ``TRITON_INTERPRET`` is on.
    """
    return os.environ.get("TRITON_INTERPRET", "").lower() in {"1", "on", "true", "yes"}


def average_warps(height, width):
    """Return the warps of a program of `modulus_average`.

    Parameters
    ----------
    height, width : int
        Sides of what a program averages to.

    Returns
    -------
    warps : int
        As few as leave no variant a register spilled on sm_80 and sm_90.
    """
    return 8 if height * width > 16 * 16 else 4


@cache
def kernels(interpret):
    """Return the kernels, to compile or, as `interpreted()` says, to interpret.

    Parameters
    ----------
    interpret : bool
        `interpreted()`: what Triton reads of the environment at this moment.

    Returns
    -------
    multiply_fold, modulus_average : triton kernels
        Launched as ``kernel[grid](...)``.
    """
    global tl
    import triton
    import triton.language

    tl = triton.language
    # How many maps there are, and where they go, changes from launch to launch: one
    # compilation serves them all.
    return (
        triton.jit(multiply_fold, do_not_specialize=["groups"]),
        triton.jit(
            modulus_average,
            do_not_specialize=["angles", "inner", "paths", "first", "stride"],
            do_not_specialize_on_alignment=["moduli", "S"],
        ),
    )


def multiply_fold(
    spectra,  # (G, m, n // 2 + 1, 2): half the spectra of real maps
    filters,  # (L, m, n): real
    out,  # (G, L, m / k, n / k, 2)
    groups,  # G
    m,
    n,
    L,
    k: tl.constexpr,
    ANGLES: tl.constexpr,  # L, up to the next power of 2
    BLOCK: tl.constexpr,
):
    """Multiply a spectrum with L filters, and sum the k×k aliases of each product.

    One program computes a block of frequencies of one map at all angles, so that the
    spectrum is read once.
    """
    # Neighbouring programs share the filters. Both indices are on the one axis of a
    # launch that may be long.
    group = (tl.program_id(0) % groups).to(tl.int64)
    rows, columns = m // k, n // k
    half = n // 2 + 1
    bins = tl.program_id(0) // groups * BLOCK + tl.arange(0, BLOCK)
    kept = bins < rows * columns
    row, column = bins // columns, bins % columns
    angle = tl.arange(0, ANGLES)[:, None]
    wanted = (angle < L) & kept[None, :]
    part = tl.arange(0, 2)
    real = tl.full([ANGLES, BLOCK], 0.0, tl.float32)
    imaginary = tl.full([ANGLES, BLOCK], 0.0, tl.float32)
    for alias in range(k * k):
        u = row + (alias // k) * rows
        v = column + (alias % k) * columns
        # The other half: X[u, v] is the conjugate of X[−u, −v].
        mirrored = v >= half
        source = tl.where(mirrored, (m - u) % m, u) * half
        source += tl.where(mirrored, n - v, v)
        pair = tl.load(
            spectra + group * (2 * m * half) + 2 * source[:, None] + part[None, :],
            mask=kept[:, None],
            other=0.0,
        )
        x, y = tl.split(pair)
        y = tl.where(mirrored, -y, y)
        psi = tl.load(
            filters + angle * (m * n) + (u * n + v)[None, :], mask=wanted, other=0.0
        )
        real += x[None, :] * psi
        imaginary += y[None, :] * psi
    target = angle * (rows * columns) + bins[None, :]
    target = (group * L * rows * columns + target) * 2
    tl.store(
        out + target[:, :, None] + part[None, None, :],
        tl.join(real, imaginary),
        mask=wanted[:, :, None],
    )


def modulus_average(
    values,  # (G, m, n, 2), or (G, m, n) where they are real
    moduli,  # (G, m, n): written where KEEP
    S,  # (B, paths, h, w), with G = B · angles · inner
    low_rows,  # (h, m)
    low_columns,  # (n, w): transposed
    m,
    n,
    h,
    w,
    angles,
    inner,
    paths,
    first,
    stride,
    COMPLEX: tl.constexpr,
    KEEP: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
    HEIGHT: tl.constexpr,
    WIDTH: tl.constexpr,
):
    """Write U = |V| for the next FFT, and A U Bᵀ to its place among the paths.

    One program computes a block of the average of one map (all of it, up to 64²); the
    first of a map writes the modulus. Map (b, t1, t2) is path
    ``first + stride · t1 + t2`` of image b.
    """
    group = tl.program_id(0).to(tl.int64)
    top = tl.program_id(1) * HEIGHT + tl.arange(0, HEIGHT)
    left = tl.program_id(2) * WIDTH + tl.arange(0, WIDTH)
    part_of_average = tl.program_id(1) + tl.program_id(2)
    part = tl.arange(0, 2)
    average = tl.full([HEIGHT, WIDTH], 0.0, tl.float32)
    for start in range(0, m, ROWS):
        row = start + tl.arange(0, ROWS)
        blurred = tl.full([ROWS, WIDTH], 0.0, tl.float32)
        for begin in range(0, n, COLUMNS):
            column = begin + tl.arange(0, COLUMNS)
            kept = (row < m)[:, None] & (column < n)[None, :]
            place = group * m * n + row[:, None] * n + column[None, :]
            if COMPLEX:
                pair = tl.load(
                    values + 2 * place[:, :, None] + part[None, None, :],
                    mask=kept[:, :, None],
                    other=0.0,
                )
                x, y = tl.split(pair)
                U = tl.sqrt_rn(x * x + y * y)
            else:
                U = tl.load(values + place, mask=kept, other=0.0)
            if KEEP:
                if part_of_average == 0:
                    tl.store(moduli + place, U, mask=kept)
            b = tl.load(
                low_columns + column[:, None] * w + left[None, :],
                mask=(column < n)[:, None] & (left < w)[None, :],
                other=0.0,
            )
            blurred = tl.dot(U, b, blurred, input_precision="tf32x3")
        a = tl.load(
            low_rows + top[:, None] * m + row[None, :],
            mask=(top < h)[:, None] & (row < m)[None, :],
            other=0.0,
        )
        average = tl.dot(a, blurred, average, input_precision="tf32x3")
    path = first + stride * (group // inner % angles) + group % inner
    place = (group // (angles * inner) * paths + path) * h * w
    place = place + top[:, None] * w + left[None, :]
    tl.store(S + place, average, mask=(top < h)[:, None] & (left < w)[None, :])
