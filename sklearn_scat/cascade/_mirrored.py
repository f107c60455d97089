"""The Lipschitz bound under reflection: what lies past the sides hardly counts.

A mirror repeats a pixel near a corner four times, which doubles the norm of an image;
but averages past the sides are dropped, so that the network sees little of the copies.
Weights over the positions of every map say how much of it is seen.
"""

import math

import numpy as np
from scipy.sparse.linalg import LinearOperator, eigsh

from sklearn_scat.cascade._arrays import fft2, ifft2
from sklearn_scat.cascade._low_pass import averaging_matrix
from sklearn_scat.cascade._operators import Wavelet2d, aliases, multiply_fold

FAILURE = 1e-9  # chance that an eigenvalue is more than its bound
_KRYLOV = 80  # dimension of the Krylov spaces: bounds within 1.5 % for 10⁵ pixels
_FLOOR = 1e-3  # of the largest weight: no position may weigh nothing
_LARGEST_GRID = 2**18  # pixels: half a minute on one core; matrices of low-passes
_LARGEST_SIDE = 512  # averages: matrices of low-passes up to some megabytes


def is_in_reach(grid):
    """Tell whether a mirror is there, and the images are of a size to work through."""
    return (
        grid.padding == "reflect"
        and math.prod(grid.padded) <= _LARGEST_GRID
        and max(grid.output) <= _LARGEST_SIDE
    )


class MirroredNetwork:
    r"""Bound a network's constant by weights :math:`w(v)` over positions.

    Of two maps :math:`U, U'` of the scale j everything that follows differs by at most
    :math:`\sum_v w_j(v)\, |U(v) - U'(v)|^2`. From the last order to the first, with the
    matrix A of averages, cropped, and gains g,

    .. math:: H_j = A^\top A + \sum_{j' > j} \sum_\theta \psi_{j',\theta}^\top\,
              \mathrm{diag}(w_{j'})\, \psi_{j',\theta} \preceq
              \lambda\, \mathrm{diag}(v) =: \mathrm{diag}(w_j) / g^2

    for any v > 0 and the largest eigenvalue λ of
    :math:`\mathrm{diag}(v)^{-1/2} H_j\, \mathrm{diag}(v)^{-1/2}`. The bound's square is
    that of :math:`P^\top H P`, with P the mirror, over the whole network.

    Parameters
    ----------
    bank : FilterBank
        Filters on the padded grid.
    grid : Grid
        Where the samples lie.
    """

    def __init__(self, bank, grid):
        self.grid = grid
        self.W = Wavelet2d.from_bank(grid, bank, like=np.empty(0))
        samples = {"crop": grid.crop}
        self.averages = [
            [
                averaging_matrix(phi, n_out, step=grid.step(r), **samples)
                for phi, n_out in zip(pair, grid.output, strict=True)
            ]
            for r, pair in enumerate(grid.low_passes(bank))
        ]

    def bound(self, gains):
        """Return B, given the gain of what follows the modulus of each order."""
        J = self.grid.J
        weights = [None] * J  # nothing follows the last order
        for gain in reversed(gains):
            weights = [gain**2 * self._weights(j, weights) for j in range(J)]
        energy = largest_eigenvalue(self._of_images(weights), self.grid.shape)
        return math.sqrt(energy)

    def _weights(self, j, weights):
        """Return w_j, up to its gain, from those of the larger scales."""
        r, later = self.grid.resolution(j), weights[j + 1 :]
        if not later or later[0] is None:
            return self._of_averages(r)
        v = self._shape(r, j + 1, weights)
        root = np.sqrt(v)

        def normalized(U):
            return self._energy(U / root, r, j + 1, weights=weights) / root

        return largest_eigenvalue(normalized, v.shape) * v

    def _of_averages(self, r):
        """Return w with AᵀA ≼ diag(w) at a resolution: the row sums of |A|ᵀ|A|.

        For (Σ a_v U_v)² ≤ Σ |a_v| Σ |a_v| U_v², in every row a of A.
        """
        rows, columns = (np.abs(A).T @ np.abs(A).sum(1) for A in self.averages[r])
        return np.multiply.outer(rows, columns)

    def _shape(self, r, first, weights):
        """Return v: the weights of larger scales, blurred as far as wavelets reach."""
        v = 0
        for j in range(first, self.grid.J):
            reach = np.square(np.abs(ifft2(self.W.bands[j, r] + 0j))).sum(0)
            k = 2 ** (self.grid.resolution(j) - r)
            spread = np.zeros_like(reach)
            spread[::k, ::k] = weights[j] * k**2 / reach.sum()
            v = v + ifft2(fft2(spread) * fft2(reach).conj()).real
        return np.maximum(v, _FLOOR * v.max())

    def _energy(self, U, r, first, *, weights):
        """Return H U, for maps at a resolution and the scales `first` and above."""
        A, B = self.averages[r]
        energy = A.T @ (A @ U @ B.T) @ B
        if first >= self.grid.J or weights[first] is None:
            return energy
        spectrum, later = fft2(U)[None], 0
        for j in range(first, self.grid.J):
            psi_hat = self.W.bands[j, r]
            k = 2 ** (self.grid.resolution(j) - r)
            V = ifft2(multiply_fold(spectrum, psi_hat, k))
            V_hat = fft2(weights[j] * V) * k**2
            later = later + _unfold(V_hat, psi_hat, k)
        return energy + ifft2(later).real

    def _of_images(self, weights):
        """Return the function of images x ↦ Pᵀ H P x."""
        rows, columns = self.grid.gathers()

        def energy(x):
            U = self._energy(x[rows][:, columns], 0, 0, weights=weights)
            folded = _gathered(U, rows, len(x))
            return _gathered(folded.T, columns, x.shape[1]).T

        return energy


def _unfold(V_hat, psi_hat, k):
    """Return Σ_θ ψ̂·unfold(V̂), the adjoint of `multiply_fold`: (m, n)."""
    unfolded = np.empty(psi_hat.shape[1:], V_hat.dtype)
    whole, parts = aliases(unfolded, k), aliases(psi_hat, k)
    for alias, psi in zip(whole, parts, strict=True):
        np.einsum("tmn,tmn->mn", psi, V_hat, out=alias)
    return unfolded


def _gathered(U, pixels, n):
    """Add up the rows that repeat the same pixel: (n, …)."""
    x = np.zeros((n, *U.shape[1:]))
    np.add.at(x, pixels, U)
    return x


def largest_eigenvalue(H, shape):
    r"""Bound the largest eigenvalue of a positive operator on arrays of a shape.

    After k steps of Lanczos from a random start on n numbers, the largest Ritz value ξ
    is below :math:`(1 - \varepsilon) \lambda` with a probability of at most
    :math:`1.648 \sqrt n\, e^{-\sqrt\varepsilon (2k - 1)}` [1]_. ε is taken so that this
    is 10⁻⁹, and :math:`\xi / (1 - \varepsilon)` is returned. Up to n = k the
    eigenvalues are computed.

    References
    ----------
    .. [1] J. Kuczyński and H. Woźniakowski, "Estimating the largest eigenvalue by the
       power and Lanczos algorithms with a random start", SIAM J. Matrix Anal. Appl.
       13(4), 1992, theorem 4.2.
    """
    n = math.prod(shape)

    def flat(x):
        return H(x.reshape(shape)).ravel()

    if n <= _KRYLOV:
        return np.linalg.eigvalsh(np.array([flat(e) for e in np.eye(n)]))[-1]
    start = np.random.default_rng(0).standard_normal(n)
    operator = LinearOperator((n, n), matvec=flat, dtype=np.float64)
    (ritz,) = eigsh(
        operator, 1, v0=start, ncv=_KRYLOV, tol=1e-2, return_eigenvectors=False
    )
    root = math.log(1.648 * math.sqrt(n) / FAILURE) / (2 * _KRYLOV - 1)
    return ritz / (1 - root**2)
