"""Translation scattering as nodes of a graph, without a Fourier transform.

Along one axis every linear step is a matrix: padding, the discrete Fourier transform,
its inverse and the low-pass. Complex matrices act as two real ones.
"""

from itertools import product

import numpy as np

from sklearn_scat.cascade._low_pass import averaging_matrix, mean_weights
from sklearn_scat.cascade._real_operators import dft_matrix, inverse_dft_matrix


def scattering_nodes(graph, x, transformer):
    """Add the coefficients of images.

    Parameters
    ----------
    graph : Graph
        What to add to.
    x : str
        Images (N, …), of the fitted shape.
    transformer : ScatteringTransformer
        Fitted.

    Returns
    -------
    S : str
        Maps (N, C, P, h, w), as `output_shape_` says.
    """
    cascade = _Cascade(graph, transformer)
    S = cascade.maps(x)  # (N·C, P, h, w)
    reduction = transformer._reduction()
    if reduction is not None:
        S = _averaged_paths(graph, S, reduction.average, sides=cascade.sides)
    if transformer.pooling == "moments":
        S = _moments(graph, S)
    return graph.reshape(S, (-1, *transformer.output_shape_))


class _Cascade:
    """The nodes of one transformer.

    Parameters
    ----------
    graph : Graph
        What to add to.
    transformer : ScatteringTransformer
        Fitted.
    """

    def __init__(self, graph, transformer):
        self.graph = graph
        self.grid = transformer._grid()
        self.max_order = int(transformer.max_order)
        self.table = transformer._path_table()
        self.L = int(transformer.L)
        self.is_mean = transformer._is_pooled_in_cascade
        self.sides = (1, 1) if self.is_mean else self.grid.output
        (self.W,) = set(transformer._layers(np.empty(0)))
        self.passes = self.grid.low_passes(transformer._bank(self.grid))
        self.padding = [padding_matrix(pixels) for pixels in self.grid.gathers()]

    def maps(self, x):
        """Return the coefficients (N·C, P, h, w) of images."""
        x = self.graph.reshape(x, (-1, 1, *self.grid.shape))
        rows, columns = self._averages(0)
        P_rows, P_columns = self.padding
        S = separable(self.graph, x, (rows @ P_rows, columns @ P_columns))
        found = {(): S}
        if self.max_order:
            F = [dft_matrix(len(P)) @ P for P in self.padding]
            spectrum = complex_separable(self.graph, (x, None), F)
            self._details(spectrum, (), found)
        return self._in_order(found)

    def _details(self, spectrum, scales, found):
        """Add the averages of all that follows from the spectrum of some scales."""
        first = scales[-1] + 1 if scales else 0
        for j in range(first, self.grid.J):
            path, r = (*scales, j), self.grid.resolution(j)
            U = self._modulus(spectrum, path)
            found[path] = separable(self.graph, U, self._averages(r))
            if len(path) < self.max_order and j + 1 < self.grid.J:
                sides = (n >> r for n in self.grid.padded)
                F = list(map(dft_matrix, sides))
                U_hat = complex_separable(self.graph, (U, None), F)
                self._details(U_hat, path, found)

    def _modulus(self, spectrum, path):
        """Return |U * ψ_j| for the last scale of a path, subsampled: (N, Lᵐ, m, n)."""
        *before, j = path
        graph, r, n_maps = self.graph, self.grid.resolution(j), self.L ** len(path)
        resolution = self.grid.resolution(before[-1]) if before else 0
        psi_hat = graph.constant(self.W.bands[j, resolution])
        k = 2 ** (r - resolution)
        m, n = (side >> r for side in self.grid.padded)
        folded = []
        for part in spectrum:
            part = graph.node("Unsqueeze", part, graph.constant([2], np.int64))
            product = graph.multiply(part, psi_hat)
            product = graph.reshape(product, (0, n_maps, k, m, k, n))
            folded.append(graph.reduce("Sum", product, (2, 4)))
        inverses = [inverse_dft_matrix(side) for side in (m, n)]
        return modulus(graph, complex_separable(graph, folded, inverses))

    def _averages(self, r):
        """Return the matrices (h, m), (w, n) of the low-pass at a resolution."""
        where = {"step": self.grid.step(r), "crop": self.grid.crop}
        pairs = zip(self.passes[r], self.grid.output, strict=True)
        if self.is_mean:
            return [mean_weights(phi, n_out, **where)[None] for phi, n_out in pairs]
        return [averaging_matrix(phi, n_out, **where) for phi, n_out in pairs]

    def _in_order(self, found):
        """Return all maps as the path table orders them."""
        scales = sorted(found, key=lambda path: (len(path), path))
        made = [
            path_of(js, thetas, self.max_order)
            for js in scales
            for thetas in product(range(self.L), repeat=len(js))
        ]
        place = {path: i for i, path in enumerate(made)}
        S = self.graph.concat([found[js] for js in scales], axis=1)
        return self.graph.gather(S, [place[tuple(p)] for p in self.table.tolist()], 1)


def path_of(scales, thetas, max_order):
    """Return the row of a path table: order, j1, theta1, …, −1 where absent."""
    steps = [number for pair in zip(scales, thetas, strict=True) for number in pair]
    return (len(scales), *steps, *[-1] * (2 * (max_order - len(scales))))


def padding_matrix(pixels):
    """Return the matrix that repeats pixels, with rows of 0 for −1: (n_padded, n)."""
    return (pixels[:, None] == np.arange(pixels.max() + 1)).astype(float)


def separable(graph, x, matrices):
    """Return A x Bᵀ for two real matrices and maps (…, m, n)."""
    rows, columns = matrices
    x = graph.matmul(x, graph.constant(columns.T))
    return graph.matmul(graph.constant(rows), x)


def complex_separable(graph, x, matrices):
    """Return A x Bᵀ for two complex matrices.

    Parameters
    ----------
    graph : Graph
        What to add to.
    x : tuple of str
        Real and imaginary part of maps (…, m, n); the latter None where x is real.
    matrices : list of ndarray of shape (m', m), (n', n)
        A and B.

    Returns
    -------
    y : tuple of str
        Real and imaginary part.
    """
    rows, columns = matrices
    B = [graph.constant(part) for part in (columns.T.real, columns.T.imag)]
    A = [graph.constant(part) for part in (rows.real, rows.imag)]
    x = _complex_product(graph, x, B, times=graph.matmul)
    return _complex_product(graph, x, A, times=lambda a, b: graph.matmul(b, a))


def _complex_product(graph, x, y, *, times):
    """Return (a + ib)(c + id), where b may be None."""
    (a, b), (c, d) = x, y
    if b is None:
        return times(a, c), times(a, d)
    real = graph.subtract(times(a, c), times(b, d))
    return real, graph.add(times(a, d), times(b, c))


def modulus(graph, z):
    """Return |z| of a real and an imaginary part."""
    squares = [graph.multiply(part, part) for part in z]
    return graph.node("Sqrt", graph.add(*squares))


def _averaged_paths(graph, S, average, *, sides):
    """Return averages (O, P) over paths of maps (N, P, h, w)."""
    flat = graph.reshape(S, (0, 0, -1))
    flat = graph.matmul(graph.constant(average), flat)
    return graph.reshape(flat, (0, 0, *sides))


def _moments(graph, S):
    """Return mean, minimum, maximum and deviation over space: (N, P, 4, 1)."""
    space = {"axes": (-2, -1), "keepdims": True}
    mean, low, high = (
        graph.reduce(kind, S, **space) for kind in ("Mean", "Min", "Max")
    )
    off = graph.subtract(S, mean)
    variance = graph.reduce("Mean", graph.multiply(off, off), **space)
    return graph.concat([mean, low, high, graph.node("Sqrt", variance)], axis=2)
