"""Stability: how far a representation moves when the image is deformed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state

from sklearn_scat.analysis._deformation import random_diffeomorphism
from sklearn_scat.analysis._images import check_stack, named_representations


@dataclass(frozen=True, eq=False)
class RelativeStability:
    """Sensitivity to deformations, beside that to noise and to other images.

    Attributes
    ----------
    layers : tuple of str
        Names of the representations.
    displacement : ndarray of shape (n_displacements,)
        Typical displacements at the centre, in pixels.
    R : ndarray of shape (n_layers, n_displacements)
        Squared change by deformations over that by noise of the same norm.
    D : ndarray of shape (n_layers, n_displacements)
        The same over the squared distance between two different images.
    """

    headline: ClassVar[tuple[str, ...]] = ("R",)

    layers: Sequence[str]
    displacement: np.ndarray
    R: np.ndarray
    D: np.ndarray


@dataclass(frozen=True, eq=False)
class DilationStability:
    """Relative change of a representation when a wave packet is dilated.

    Attributes
    ----------
    layers : tuple of str
        Names of the representations.
    dilation : ndarray of shape (n_dilations,)
        The dilations ε: the packet is read at u·(1 − ε).
    distance : ndarray of shape (n_layers, n_dilations)
        Distance to the packet's representation, over its norm.
    slope : ndarray of shape (n_layers,)
        The largest distance/ε: the Lipschitz constant that was met.
    """

    headline: ClassVar[tuple[str, ...]] = ("slope",)

    layers: Sequence[str]
    dilation: np.ndarray
    distance: np.ndarray
    slope: np.ndarray


def relative_stability(
    represent: Any,
    X: ArrayLike,
    *,
    displacement: float | Sequence[float] = 1.0,
    cut: int = 3,
    random_state: int | np.random.RandomState | None = 0,
) -> RelativeStability:
    r"""How much a representation moves by deformations, beside noise.

    .. math:: R_f = \frac{\mathbb{E} \|f(\tau x) - f(x)\|^2}
              {\mathbb{E} \|f(x + \eta) - f(x)\|^2}, \qquad
              D_f = \frac{\mathbb{E} \|f(\tau x) - f(x)\|^2}
              {\mathbb{E} \|f(x) - f(z)\|^2}

    with :math:`\tau` of :func:`random_diffeomorphism`, :math:`\eta` white with
    :math:`\|\eta\| = \|\tau x - x\|` *for every image*, and x, z two different images.
    A representation that ignores deformations more than other changes of the same
    size has :math:`R_f < 1`; the pixels themselves have 1.

    Parameters
    ----------
    represent : callable, fitted transformer, or mapping of names to such
        From images to arrays of n rows, maps or features.
    X : array-like of shape (n, H, W) or (n, C, H, W)
        Two images or more. Remove their mean if brightness is not to count in D.
    displacement : float or sequence of float, default=1.0
        Typical displacements, in pixels.
    cut : int, default=3
        The largest frequency of the fields.
    random_state : int, RandomState instance or None, default=0
        Draws the fields and the noise, the same for all representations.

    Returns
    -------
    stability : RelativeStability
        ``R``, ``D``, ``displacement``. 0 where nothing moves; infinite where only the
        denominator vanishes.

    Raises
    ------
    ValueError
        If X are not two images or more, a displacement is out of range, or a
        representation does not return a row an image.

    Notes
    -----
    In [1]_ the noise has the norm of the mean displacement. Where images differ in
    how far they move, that alone takes the R of the pixels away from 1.

    References
    ----------
    .. [1] L. Petrini, A. Favero, M. Geiger and M. Wyart, "Relative stability toward
       diffeomorphisms indicates performance in deep nets", NeurIPS 2021, equation (4).

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.analysis import relative_stability
    >>> X = np.random.default_rng(0).normal(size=(8, 16, 16)).cumsum(1).cumsum(2)
    >>> relative_stability(lambda x: x, X).R.round(6)
    array([[1.]])
    """
    functions = named_representations(represent)
    X = check_stack(X, min_samples=2)
    displacement = np.atleast_1d(np.asarray(displacement, dtype=float))
    rng = check_random_state(random_state)
    moved, noisy, apart = [], [], []
    at_rest = {name: f(X) for name, f in functions.items()}
    for delta in displacement:
        deformed = random_diffeomorphism(X, float(delta), cut=cut, random_state=rng)
        noise = _noise_like(deformed - X, rng)
        moved.append([_change(f(deformed), at_rest[n]) for n, f in functions.items()])
        noisy.append([_change(f(X + noise), at_rest[n]) for n, f in functions.items()])
    apart = [_mean_square_distance(rows) for rows in at_rest.values()]
    moved, noisy = np.transpose(moved), np.transpose(noisy)  # (n_layers, n_deltas)
    return RelativeStability(
        layers=tuple(functions),
        displacement=displacement,
        R=_ratio(moved, noisy),
        D=_ratio(moved, np.array(apart)[:, None]),
    )


def dilation_stability(
    represent: Any,
    *,
    dilations: Sequence[float] = (0.01, 0.02, 0.04, 0.08),
    size: int = 64,
    width: float = 10.0,
) -> DilationStability:
    r"""How much a representation moves when a wave packet is slightly dilated.

    The packet :math:`e^{-|u|^2 / 2w^2} \cos(\tfrac{3\pi}{4} u_2)` is drawn from its
    formula at :math:`(1 - \varepsilon) u`. A dilation moves its frequency in proportion
    to :math:`\varepsilon`, by more than its bandwidth soon: the modulus of the Fourier
    transform, though it ignores shifts, finds no overlap any more. Wavelets are wider
    at high frequencies, and move little ([1]_, section 2).

    Parameters
    ----------
    represent : callable, fitted transformer, or mapping of names to such
        From images (n, size, size) to arrays of n rows.
    dilations : sequence of float, default=(0.01, 0.02, 0.04, 0.08)
        :math:`\varepsilon`, between −1 and 1, not 0.
    size : int, default=64
        The side of the images, in pixels.
    width : float, default=10.0
        The width w of the packet, in pixels.

    Returns
    -------
    stability : DilationStability
        ``dilation``, ``distance``, ``slope``.

    Raises
    ------
    ValueError
        If a dilation, the size or the width is out of range.

    References
    ----------
    .. [1] S. Mallat, "Group invariant scattering", CPAM 65(10), 2012.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.analysis import dilation_stability
    >>> modulus = lambda images: np.abs(np.fft.fft2(images))
    >>> bool(dilation_stability({"Fourier modulus": modulus}).slope[0] > 10)
    True
    """
    functions = named_representations(represent)
    dilation = np.asarray(dilations, dtype=float)
    if dilation.ndim != 1 or not dilation.size or not np.all(_in_range(dilation)):
        raise ValueError(
            f"dilations must be numbers between −1 and 1, not 0; got {dilations!r}."
        )
    if size < 1 or not width > 0:
        raise ValueError(
            f"size and width must be positive; got size={size}, width={width}."
        )
    packets = np.stack([_packet(size, width, e) for e in (0.0, *dilation)])
    rows = [f(packets) for f in functions.values()]
    distance = np.stack([np.linalg.norm(r[1:] - r[0], axis=1) for r in rows])
    norm = np.array([[np.linalg.norm(r[0])] for r in rows])
    distance = _ratio(distance, norm)
    slope = (distance / np.abs(dilation)).max(axis=1)
    return DilationStability(tuple(functions), dilation, distance, slope)


def _packet(size, width, dilation):
    """Return the wave packet at (1 − ε)u: (size, size)."""
    u1, u2 = (1 - dilation) * (np.indices((size, size)) - size / 2)
    window = np.exp(-(u1**2 + u2**2) / (2 * width**2))
    return window * np.cos(3 * np.pi / 4 * u2)


def _in_range(dilation):
    """Tell which dilations are defined."""
    return np.isfinite(dilation) & (np.abs(dilation) < 1) & (dilation != 0)


def _noise_like(change, rng):
    """Return white noise with, image by image, the norm of a change."""
    noise = rng.standard_normal(change.shape)
    axes = tuple(range(1, change.ndim))
    sizes = [np.sqrt((a**2).sum(axis=axes, keepdims=True)) for a in (change, noise)]
    return noise * (sizes[0] / sizes[1])


def _change(rows, before):
    """Return the mean squared distance of rows to those before."""
    return ((rows - before) ** 2).sum(axis=1).mean()


def _mean_square_distance(rows):
    """Return the mean squared distance over pairs of different rows."""
    return 2 * rows.var(axis=0, ddof=1).sum()


def _ratio(moved, scale):
    """Return moved/scale, 0 where nothing moved, infinite where scale alone is 0."""
    scale = np.broadcast_to(scale, np.shape(moved))
    still = np.where(np.asarray(moved) > 0, np.inf, 0.0)
    return np.divide(moved, scale, out=still, where=scale > 0)
