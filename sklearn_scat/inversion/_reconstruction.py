"""Images of given coefficients."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state

from sklearn_scat._array_likes import as_array
from sklearn_scat.inversion._arguments import (
    check_numbers,
    chosen_paths,
    given_images,
    given_maps,
    given_starts,
)
from sklearn_scat.inversion._descent import best_descent
from sklearn_scat.inversion._objective import Modules, Objective
from sklearn_scat.inversion._steps import split, undo


@dataclass(frozen=True, eq=False)
class Reconstruction:
    """Images that have given scattering coefficients.

    Attributes
    ----------
    image : ndarray of shape (n, H, W) or (n, C, H, W)
        The images.
    loss : ndarray of shape (n, n_iterations + 1)
        Of each iteration over all paths, the start first; the last value repeats where
        an image needed fewer. It never rises.
    error : ndarray of shape (n,)
        Distance of the image's coefficients to those given, over the norm of these.
    psnr : ndarray of shape (n,) or None
        Peak signal-to-noise ratio to the reference images, in decibels.
    reference : ndarray of the shape of `image`, or None
        The images that were compared with.
    """

    image: np.ndarray
    loss: np.ndarray
    error: np.ndarray
    psnr: np.ndarray | None
    reference: np.ndarray | None


def reconstruct(
    transformer: Any,
    S: ArrayLike,
    *,
    reference: ArrayLike | None = None,
    orders: Sequence[int] | None = None,
    init: Literal["average", "noise"] | ArrayLike = "average",
    n_restarts: int = 1,
    tv: float = 0.0,
    max_iter: int = 300,
    data_range: float | None = None,
    random_state: int | np.random.RandomState | None = 0,
    verbose: int = 0,
) -> Reconstruction:
    r"""Images whose scattering coefficients are the given ones.

    .. math:: \hat x = \arg\min_x \tfrac12 \sum_p w_p \|S_p x - S_p\|^2
              + \mu \sum_u |\nabla x(u)|

    by L-BFGS, from coarse to fine: first the averages alone, from a constant, then
    with the paths of the largest scale, and of one finer scale after another. The
    weight :math:`w_p` is one over the root mean square of the path, over that of the
    largest; it changes no solution, and saves half of the iterations. The problem is
    not convex: a local minimum is found, near the image for small J.

    Parameters
    ----------
    transformer : ScatteringTransformer or RotoTranslationScattering
        Fitted, on images of one size. Or a NormalizedScattering of one, or a pipeline
        that begins with one of these, whose other steps have an `inverse_transform`,
        as scalers and PCA.
    S : array-like of shape (n, C·P·h·w) or (n, C·P, h, w)
        Coefficients of n images, or features, as of `transform`.
    reference : array-like of n images, default=None
        The true images, to compare with.
    orders : sequence of int, default=None
        The orders to use; None takes all.
    init : {"average", "noise"} or array-like of n images, default="average"
        Where to begin. "average": as above. "noise": noise of the mean and the energy
        that the coefficients tell, all scales at once. Images: these, all at once.
    n_restarts : int, default=1
        Descents for each image, of which the one of the least loss is kept. All but
        the first begin with more noise.
    tv : float, default=0.0
        The weight μ of the total variation, in the units of the coefficients. Where
        information is missing it prefers flat regions.
    max_iter : int, default=300
        Iterations of a descent: from "average" a sixth of them for each coarser scale.
    data_range : float, default=None
        Range of values for the ratio; None takes that of `reference`.
    random_state : int, RandomState instance or None, default=0
        Draws where to begin.
    verbose : int, default=0
        Above 0, report progress on standard error.

    Returns
    -------
    reconstruction : Reconstruction
        ``image``, ``loss``, ``error``, ``psnr``, ``reference``.

    Raises
    ------
    TypeError
        If `transformer` is none of this package, or a step has no inverse.
    ValueError
        If S or `reference` has another shape than the transformer's, an order is not
        there, or a number is out of range.

    Notes
    -----
    Computed in float32 by the native kernel and its gradient, where they apply and the
    transformer's `engine` is "auto" or "native"; in float64 otherwise. `error` is
    measured in float64.

    Values below 0 that a normalisation cannot have made, as an interpolation may hold,
    are taken as they come.

    References
    ----------
    .. [1] J. Bruna and S. Mallat, "Audio texture synthesis with scattering moments",
       arXiv:1311.0407, 2013.
    .. [2] T. Angles and S. Mallat, "Generative networks as inverse problems with
       scattering transforms", ICLR 2018.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_scat import ScatteringTransformer
    >>> from sklearn_scat.inversion import reconstruct
    >>> X = load_digits().images[:2]
    >>> scattering = ScatteringTransformer(J=1).fit(X)
    >>> result = reconstruct(scattering, scattering.transform(X), reference=X)
    >>> result.image.shape, bool((result.error < 0.1).all())
    ((2, 8, 8), True)
    """
    scattering, steps = split(transformer)
    descent = {"max_iter": max_iter, "n_restarts": n_restarts}
    check_numbers(tv=tv, data_range=data_range, **descent)
    maps = given_maps(scattering, undo(steps, as_array(S)))
    chosen = chosen_paths(scattering.paths_["order"], orders)
    if reference is not None:
        reference = given_images(
            scattering, reference, name="reference", n_images=len(maps)
        )
    descents = _descents(
        scattering,
        maps,
        given_starts(scattering, init, len(maps)),
        objective={"chosen": chosen, "tv": tv},
        descent=descent,
        rng=check_random_state(random_state),
        verbose=verbose,
    )
    return _reconstruction(scattering, descents, reference, data_range=data_range)


def _reconstruction(scattering, descents, reference, *, data_range):
    """Return what descents came to, beside the reference."""
    image = np.stack([d.x.reshape(scattering.image_shape_) for d in descents])
    losses = [d.loss for d in descents]
    length = max(map(len, losses))
    return Reconstruction(
        image=image,
        loss=np.stack([np.pad(a, (0, length - len(a)), mode="edge") for a in losses]),
        error=np.array([d.error for d in descents]),
        psnr=None if reference is None else _psnr(image, reference, data_range),
        reference=reference,
    )


def _descents(scattering, maps, starts, *, objective, descent, rng, verbose):
    """Return the best descent of each image."""
    modules, paths = Modules(scattering), scattering.paths_
    return [
        best_descent(
            Objective(modules, target, paths=paths, **objective),
            start,
            rng,
            name=f"image {i + 1}/{len(maps)}" if verbose else None,
            **descent,
        )
        for i, (target, start) in enumerate(zip(maps, starts, strict=True))
    ]


def _psnr(image, reference, data_range):
    """Return the peak signal-to-noise ratios in decibels: (n,)."""
    peak = np.ptp(reference) if data_range is None else data_range
    axes = tuple(range(1, image.ndim))
    square = ((image - reference) ** 2).mean(axis=axes)
    with np.errstate(divide="ignore"):
        return 20 * np.log10(peak or 1.0) - 10 * np.log10(square)
