"""A slow scattering transform, from its definition, that shares nothing with ours.

Filters are summed in space over 25 periods, convolutions are plain circular sums and
every spectrum is a sum over exponentials: numpy, float64 and no FFT. Compare numbers
with it; never import the package here.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise, product

import numpy as np


@dataclass(frozen=True)
class Oracle:
    """The transform of one image size, by definition."""

    shape: tuple
    J: int
    L: int = 8
    max_order: int = 2
    padding: str = "reflect"
    frame: str = "none"
    oversampling: int = 0

    @property
    def padded(self):
        """The grid on which the filters live."""
        q = 2**self.J
        if self.padding == "periodic":
            return self.shape
        return tuple((n // q + 2) * q for n in self.shape)

    @cached_property
    def filters(self):
        """(ψ of shape (J, L, M_p, N_p), φ of shape (M_p, N_p)), complex, in space."""
        psi, phi = morlet_filters(self.J, self.L, self.padded)
        return framed(psi, phi, self.frame)

    def pad(self, x):
        """Continue the image, one pixel after another."""
        top, left = ((p - n) // 2 for p, n in zip(self.padded, self.shape, strict=True))
        whole = np.zeros(self.padded)
        for u1, u2 in np.ndindex(*self.padded):
            v1, v2 = u1 - top, u2 - left
            if self.padding == "reflect":
                v1, v2 = bounce(v1, self.shape[0]), bounce(v2, self.shape[1])
            if 0 <= v1 < self.shape[0] and 0 <= v2 < self.shape[1]:
                whole[u1, u2] = x[v1, v2]
        return whole

    def resolution(self, j):
        """Return log2 of the sampling step of a map of scale j."""
        return max(j - self.oversampling, 0)

    def convolve(self, U, h, resolution, target):
        """(U * h) at the resolution of U, sampled at the resolution `target`."""
        return circular(U, low_frequencies(h, resolution), 2 ** (target - resolution))

    def average(self, U, resolution):
        """Blur with φ, subsample, drop the padding."""
        target = self.resolution(self.J)
        S = self.convolve(U, self.filters[1], resolution, target).real
        if self.padding == "periodic":
            return S
        dense = 2 ** min(self.oversampling, self.J)
        h, w = ((n >> self.J) * dense for n in self.shape)
        return S[dense : dense + h, dense : dense + w]

    def __call__(self, x):
        """Return the coefficients of one image: (M, N) to (P, h, w)."""
        psi, _ = self.filters
        U = {(): (self.pad(x), 0)}
        S = [self.average(*U[()])]
        for _ in range(self.max_order):
            deeper = {}
            for path, (values, resolution) in U.items():
                first = path[-1][0] + 1 if path else 0
                for j, theta in product(range(first, self.J), range(self.L)):
                    r = self.resolution(j)
                    V = self.convolve(values, psi[j, theta], resolution, r)
                    deeper[(*path, (j, theta))] = (np.abs(V), r)
            U = deeper  # in lexicographic order, as the loops go
            S += [self.average(*u) for u in U.values()]
        return np.stack(S)


def paths(J, L, max_order):
    """Return the paths ((j1, t1), (j2, t2), …) in the order of the coefficients."""
    found = []
    for order in range(max_order + 1):
        steps = product(range(J), range(L))
        found += [p for p in combinations(steps, order) if rises(p)]
    return found


def rises(path):
    """Say whether the scales along the path increase strictly."""
    return all(a[0] < b[0] for a, b in pairwise(path))


def bounce(v, n):
    """Return the pixel of 0 … n − 1 that a mirror walk of v steps ends on."""
    if n == 1:
        return 0
    while not 0 <= v < n:
        v = -v if v < 0 else 2 * (n - 1) - v
    return v


def gabor(shape, sigma, theta, xi, slant):
    """G(u; σ, θ, ξ, s), summed over the shifts by −2 … 2 periods."""
    M, N = shape
    total = np.zeros(shape, dtype=complex)
    for k1, k2 in product(range(-2, 3), repeat=2):
        u1 = (np.arange(M) + k1 * M)[:, None]
        u2 = (np.arange(N) + k2 * N)[None, :]
        p = u1 * np.cos(theta) + u2 * np.sin(theta)
        o = -u1 * np.sin(theta) + u2 * np.cos(theta)
        total += np.exp(-(p**2 + (slant * o) ** 2) / (2 * sigma**2) + 1j * xi * p)
    return total * slant / (2 * np.pi * sigma**2)


def morlet_filters(J, L, shape):
    """ψ_{j,t} = G − K·G(ξ = 0), of mean zero, and φ; both with a real spectrum."""
    psi = np.empty((J, L, *shape), dtype=complex)
    for j, t in product(range(J), range(L)):
        theta = (int(L - L / 2 - 1) - t) * np.pi / L
        sigma, xi, slant = 0.8 * 2**j, 3 * np.pi / 4 / 2**j, 4 / L
        wave = gabor(shape, sigma, theta, xi, slant)
        envelope = gabor(shape, sigma, theta, 0.0, slant)
        psi[j, t] = wave - wave.sum() / envelope.sum() * envelope
    phi = gabor(shape, 0.8 * 2.0 ** (J - 1), 0.0, 0.0, 1.0)
    return hermitian(psi), hermitian(phi)


def hermitian(h):
    """Return the filter whose spectrum is the real part of that of h."""
    return (h + np.conj(at_minus(h))) / 2


def at_minus(a):
    """Return a(−u), or a(−ω), on the torus of the last two axes."""
    for axis in (-2, -1):
        a = np.take(a, -np.arange(a.shape[axis]), axis=axis, mode="wrap")
    return a


def framed(psi, phi, frame):
    """Normalise the filters as the frame says."""
    if frame != "none" or len(psi) == 0:
        phi = phi / phi.sum()
    if frame == "none" or len(psi) == 0:
        return psi, phi
    psi_hat, phi_hat = spectrum(psi).real, spectrum(phi).real
    E = ((psi_hat**2 + at_minus(psi_hat) ** 2) / 2).sum((0, 1))
    room = 1 - phi_hat**2
    E[0, 0], room[0, 0] = 1, 0  # the mean is left to φ
    if frame == "contractive":
        away = np.ones(E.shape, dtype=bool)
        away[0, 0] = False
        return psi / np.sqrt((E[away] / room[away]).max()), phi
    return inverse_spectrum(psi_hat * np.sqrt(room / E)), phi


def waves(n, frequencies):
    """exp(−2πi k u / n) for the frequencies k and the samples u = 0 … n − 1."""
    return np.exp(-2j * np.pi * np.outer(frequencies, np.arange(n)) / n)


def spectrum(h):
    """ĥ(k) = Σ_u h(u) exp(−2πi k·u / n)."""
    M, N = h.shape[-2:]
    return waves(M, np.arange(M)) @ h @ waves(N, np.arange(N)).T


def inverse_spectrum(h_hat):
    """h(u) = mean over k of ĥ(k) exp(2πi k·u / n)."""
    M, N = h_hat.shape[-2:]
    E1, E2 = waves(M, np.arange(M)), waves(N, np.arange(N))
    return E1.conj() @ h_hat @ E2.conj().T / (M * N)


def low_frequencies(h, resolution):
    """Return the filter, on the grid 2^r times coarser, of the same low spectrum."""
    if not resolution:
        return h
    sides = []
    for n in h.shape:
        m = n >> resolution
        k = np.arange(-(m // 2), (m + 1) // 2)  # −Nyquist once
        sides.append(waves(m, k).conj().T @ waves(n, k) / m)
    return sides[0] @ h @ sides[1].T


def circular(x, h, step):
    """Σ_u x(u) h(v − u) on the torus, for the v on a grid of the given step."""
    M, N = x.shape
    v2, u2 = np.arange(0, N, step)[:, None], np.arange(N)[None, :]
    y = np.zeros((M // step, N // step), dtype=complex)
    for d in range(M):  # v1 − u1 = d
        rows = x[(np.arange(0, M, step) - d) % M]
        y += rows @ h[d][(v2 - u2) % N].T
    return y
