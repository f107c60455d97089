"""The low-pass of a cascade: blur, subsample and crop, along one side at a time.

It is the same at every sample. A side of many samples is therefore averaged in blocks,
which share one matrix: memory grows with the side, and not with its square.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from sklearn_scat.cascade._arrays import beside, namespace

_BLOCK = 512  # averages at once: usual sides take one block, a few MB for longer ones


def low_pass(phi_hat, resolution):
    """Return φ_r, a low-pass in space at steps of 2^r pixels: (n / 2^r,)."""
    return np.fft.ifft(crop_spectrum(phi_hat, resolution)).real.copy()


def crop_spectrum(a_hat, resolution):
    """Keep the 1/2^r lowest frequencies of the last axis, −Nyquist once."""
    n = a_hat.shape[-1] >> resolution
    if not resolution:
        return a_hat
    return np.concatenate([a_hat[..., : n // 2], a_hat[..., -(n // 2) :]], axis=-1)


def averaging_matrix(phi, n_out, *, step, crop):
    """Return A[i, u] = φ[step·(i + crop) − u]: (n_out, n)."""
    samples = step * (np.arange(n_out) + crop)
    return phi[(samples[:, None] - np.arange(phi.size)) % phi.size]


def mean_weights(phi, n_out, *, step, crop):
    """Return a[u] = Σ_i φ[step·(i + crop) − u] / n_out, of the mean of averages: (n,).

    It is a correlation of φ with the places of the averages.
    """
    places = np.zeros(phi.size)
    places[step * (np.arange(n_out) + crop)] = 1 / n_out
    spectrum = np.fft.rfft(places) * np.fft.rfft(phi).conj()
    return np.fft.irfft(spectrum, phi.size)


def block_matrix(phi, n_out, *, step, crop):
    """Return the averaging matrix of a side, or the one of its blocks: (b, width).

    A block of b averages reaches `width` samples u, of which the first is u = 0, and
    row i holds φ[step·i + before − u], within the support of φ.
    """
    if n_out <= _BLOCK:
        return averaging_matrix(phi, n_out, step=step, crop=crop)
    before, after = support(phi)
    width = step * (_BLOCK - 1) + before + 1 + after
    last = step * (_BLOCK - 1)
    lags = np.arange(last + before, before - width, -1)
    within = np.where((-after <= lags) & (lags <= before), phi[lags % phi.size], 0)
    return np.ascontiguousarray(sliding_window_view(within, width)[last::-step])


def support(phi):
    """Return how far φ reaches on either side of 0, up to rounding in float64."""
    n = phi.size
    lags = np.arange(n)
    distances = np.minimum(lags, n - lags)
    significant = np.abs(phi) > np.finfo(np.float64).eps * np.abs(phi).max()
    reach = distances[significant].max(initial=0)
    return min(reach, (n - 1) // 2), min(reach, n // 2)


def average_side(x, matrix, *, n_out, step, crop):
    """Average the last axis by a matrix of `block_matrix`: (…, n) to (…, n_out)."""
    block, width = matrix.shape
    if block == n_out:
        return x @ matrix.mT
    reach = width - step * (block - 1)
    first = step * crop - (reach - 1) // 2
    samples = np.arange(first, first + step * (n_out - 1) + reach) % x.shape[-1]
    xp = namespace(x)
    x = xp.take(x, beside(x, samples, xp.int64), axis=-1)
    starts = range(0, n_out, block)
    sizes = [min(block, n_out - i) for i in starts]
    return xp.concat(
        [
            _average_block(x[..., step * i :], matrix[:size, :], step * (block - size))
            for i, size in zip(starts, sizes, strict=True)
        ],
        axis=-1,
    )


def _average_block(x, matrix, unused):
    """Average the first samples of x by a matrix without its last columns."""
    width = matrix.shape[1] - unused
    return x[..., :width] @ matrix[:, :width].mT
