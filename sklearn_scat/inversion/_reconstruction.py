"""Images of given coefficients."""

from dataclasses import dataclass

import numpy as np
from sklearn.utils import check_random_state

from sklearn_scat.inversion._arguments import (
    check_numbers,
    check_transformer,
    chosen_paths,
    given_images,
    given_maps,
)
from sklearn_scat.inversion._descent import Objective, descend
from sklearn_scat.transformers._module import ScatteringFeatures


@dataclass(frozen=True, eq=False)
class Reconstruction:
    """Images that have given scattering coefficients.

    Attributes
    ----------
    image : ndarray of shape (n, H, W) or (n, C, H, W)
        The images.
    loss : ndarray of shape (n, n_iterations + 1)
        Of each iteration, the start first; the last value repeats where an image
        needed fewer. It never rises.
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
    transformer,
    S,
    *,
    reference=None,
    orders=None,
    tv=0.0,
    max_iter=300,
    data_range=None,
    random_state=0,
    verbose=0,
):
    r"""Images whose scattering coefficients are the given ones.

    .. math:: \hat x = \arg\min_x \tfrac12 \sum_p w_p \|S_p x - S_p\|^2
              + \mu \sum_u |\nabla x(u)|

    by L-BFGS from noise of the energy that the coefficients tell, in float64. The
    weight :math:`w_p` is one over the root mean square of the path, over that of the
    largest; it changes no solution, and saves half of the iterations. The problem is
    not convex: a local minimum is found, near the image for small J.

    Parameters
    ----------
    transformer : ScatteringTransformer or RotoTranslationScattering
        Fitted, on images of one size.
    S : array-like of shape (n, C·P·h·w) or (n, C·P, h, w)
        Coefficients of n images, as of `transform`.
    reference : array-like of n images, default=None
        The true images, to compare with.
    orders : sequence of int, default=None
        The orders to use; None takes all.
    tv : float, default=0.0
        The weight μ of the total variation, in the units of the coefficients. Where
        information is missing it prefers flat regions.
    max_iter : int, default=300
        Iterations for each image.
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
        If `transformer` is none of this package.
    ValueError
        If S or `reference` has another shape than the transformer's, an order is not
        there, or a number is out of range.

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
    check_transformer(transformer)
    check_numbers(tv, max_iter, data_range)
    maps = given_maps(transformer, S)
    chosen = chosen_paths(transformer.paths_["order"], orders)
    if reference is not None:
        reference = given_images(
            transformer, reference, name="reference", n_images=len(maps)
        )
    descents = _descents(
        transformer,
        maps,
        chosen=chosen,
        tv=tv,
        max_iter=max_iter,
        rng=check_random_state(random_state),
        verbose=verbose,
    )
    image = np.stack([d.x.reshape(transformer.image_shape_) for d in descents])
    losses = [d.loss for d in descents]
    length = max(map(len, losses))
    return Reconstruction(
        image=image,
        loss=np.stack([np.pad(a, (0, length - len(a)), mode="edge") for a in losses]),
        error=np.array([d.error for d in descents]),
        psnr=None if reference is None else _psnr(image, reference, data_range),
        reference=reference,
    )


def _descents(transformer, maps, *, chosen, tv, max_iter, rng, verbose):
    """Return the descent of each image."""
    module, order = ScatteringFeatures(transformer), transformer.paths_["order"]
    return [
        descend(
            Objective(module, target, order=order, chosen=chosen, tv=tv),
            rng,
            max_iter=max_iter,
            name=f"image {i + 1}/{len(maps)}" if verbose else None,
        )
        for i, target in enumerate(maps)
    ]


def _psnr(image, reference, data_range):
    """Return the peak signal-to-noise ratios in decibels: (n,)."""
    peak = np.ptp(reference) if data_range is None else data_range
    axes = tuple(range(1, image.ndim))
    square = ((image - reference) ** 2).mean(axis=axes)
    with np.errstate(divide="ignore"):
        return 20 * np.log10(peak or 1.0) - 10 * np.log10(square)
