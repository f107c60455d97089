"""How far a pixel is felt: the reach of a cascade's filters."""

import numpy as np

from sklearn_scat.filters import FilterBank


def reach(bank: FilterBank, *, max_order: int = 2, tolerance: float = 1e-6) -> int:
    r"""Return how many pixels away an image has no more influence on a coefficient.

    As a modulus moves less than what it is taken of [1]_, images that differ by d give
    coefficients that differ by at most :math:`k * |d|` with
    :math:`k = |\varphi_J| * |\psi_{J-1,\theta}| * |\psi_{J-2,\theta}| \cdots`, one
    wavelet for each order, of the largest scales. Summed over one axis, k is the
    convolution of its filters summed over it; the reach is where the rest of it falls
    below `tolerance`, along the axis and for the orientation where it is widest.

    Parameters
    ----------
    bank : FilterBank
        On a grid of which half a side is more than the reach.
    max_order : int, default=2
        Number of wavelets along the longest path.
    tolerance : float, default=1e-6
        Largest influence of all that is farther away along one axis, in units of the
        largest pixel.

    Returns
    -------
    reach : int
        In pixels; half the grid's longer side where nothing is negligible on it.

    References
    ----------
    .. [1] S. Mallat, "Group invariant scattering", CPAM 65(10), 2012, section 2.1.

    Examples
    --------
    >>> from sklearn_scat.cascade import reach
    >>> from sklearn_scat.filters import morlet_bank
    >>> [reach(morlet_bank(J, (256, 256))) for J in (2, 3, 4)]
    [20, 39, 78]
    """
    scales = [j for j in range(bank.J - 1, bank.J - 1 - max_order, -1) if j >= 0]
    wavelets = [[_summed(psi_hat) for psi_hat in bank.psi_hat[j]] for j in scales]
    low_passes = (bank.phi_hat_rows, bank.phi_hat_columns)
    return max(
        _beyond(_kernel(low_pass, [w[axis] for w in chain]), tolerance)
        for axis, low_pass in enumerate(low_passes)
        for chain in (zip(*wavelets, strict=True) if scales else [()])
    )


def _summed(psi_hat):
    """Return |ψ| summed over columns, and over rows."""
    modulus = np.abs(np.fft.ifft2(psi_hat))
    return modulus.sum(axis=1), modulus.sum(axis=0)


def _kernel(phi_hat, sides):
    """Return the periodic convolution of |φ| and other kernels: (n,)."""
    spectrum = np.fft.fft(np.abs(np.fft.ifft(phi_hat)))
    for side in sides:
        spectrum = spectrum * np.fft.fft(side)
    return np.abs(np.fft.ifft(spectrum))


def _beyond(k, tolerance):
    """Return from which distance on the rest of a periodic kernel is negligible."""
    n = k.size
    distances = np.minimum(np.arange(n), n - np.arange(n))
    mass = np.bincount(distances, weights=k)
    rest = np.cumsum(mass[::-1])[::-1]  # what lies at least so far away
    return int(np.count_nonzero(rest > tolerance))
