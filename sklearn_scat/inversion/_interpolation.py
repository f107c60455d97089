"""Images between two images."""

from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sklearn_scat._array_likes import as_array
from sklearn_scat.inversion._arguments import given_images
from sklearn_scat.inversion._reconstruction import reconstruct
from sklearn_scat.inversion._sharpness import as_sharp, gradient_energy, nearest
from sklearn_scat.inversion._steps import split


@dataclass(frozen=True, eq=False)
class Interpolation:
    """Images on the way from one image to another.

    Attributes
    ----------
    t : ndarray of shape (n_steps,)
        From 0 to 1.
    image : ndarray of shape (n_steps, …)
        Of the coefficients (1 − t) S x0 + t S x1.
    blend : ndarray of shape (n_steps, …)
        (1 − t) x0 + t x1.
    distance, blend_distance : ndarray of shape (n_steps,)
        Euclidean distance of each to the nearest real image. A blur is near to many.
    sharpness, blend_sharpness : ndarray of shape (n_steps,)
        ``Σ|∇x|²`` over ``(1 − t) Σ|∇x0|² + t Σ|∇x1|²``. A blend of two images with
        edges at different places has 1 − 2 t (1 − t), which is 1/2 half-way.
    sharp_distance, blend_sharp_distance : ndarray of shape (n_steps,)
        Distance to the nearest real image of each with its contrast raised, or
        lowered, until its sharpness is 1: both measures in one.
    """

    t: np.ndarray
    image: np.ndarray
    blend: np.ndarray
    distance: np.ndarray
    blend_distance: np.ndarray
    sharpness: np.ndarray
    blend_sharpness: np.ndarray
    sharp_distance: np.ndarray
    blend_sharp_distance: np.ndarray


def interpolate(
    transformer: Any,
    x0: ArrayLike,
    x1: ArrayLike,
    *,
    n_steps: int = 9,
    images: ArrayLike | None = None,
    **parameters: Any,
) -> Interpolation:
    """Images between two images, along a line of scattering coefficients.

    Parameters
    ----------
    transformer : ScatteringTransformer or RotoTranslationScattering
        Fitted, or what else :func:`reconstruct` takes.
    x0, x1 : array-like of shape (H, W) or (C, H, W)
        The two images.
    n_steps : int, default=9
        Number of images, x0 and x1 included.
    images : array-like of m images, default=None
        Real images, to whose nearest distances are measured; None takes x0 and x1.
    **parameters : dict
        For :func:`reconstruct`.

    Returns
    -------
    interpolation : Interpolation
        ``t``, ``image``, ``blend``, and how near and how sharp they are.

    Raises
    ------
    ValueError
        If an image has another shape than the fitted ones, or `n_steps` is below 2.

    References
    ----------
    .. [1] T. Angles and S. Mallat, "Generative networks as inverse problems with
       scattering transforms", ICLR 2018.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_scat import ScatteringTransformer
    >>> from sklearn_scat.inversion import interpolate
    >>> X = load_digits().images
    >>> scattering = ScatteringTransformer(J=1).fit(X)
    >>> between = interpolate(scattering, X[0], X[1], n_steps=3, images=X, max_iter=50)
    >>> between.t, between.image.shape
    (array([0. , 0.5, 1. ]), (3, 8, 8))
    """
    scattering, _ = split(transformer)
    ends = [
        given_images(scattering, np.asarray(as_array(x))[None], name=name)
        for name, x in (("x0", x0), ("x1", x1))
    ]
    ends = np.concatenate(ends)
    real = ends
    if images is not None:
        real = given_images(scattering, images, name="images")
    if transformer is scattering:  # ends are of float64, whatever the engine
        transformer = copy(transformer).set_params(engine="auto")
    S = np.asarray(transformer.transform(ends.reshape(2, -1)))

    def between(weights):
        target = np.tensordot(weights, S, 1)
        return reconstruct(transformer, target, **parameters).image

    return compared(between, ends, n_steps=n_steps, real=real)


def compared(between, ends, *, n_steps, real):
    """Return images between two, beside their blends.

    Parameters
    ----------
    between : callable
        Makes images of weights (n_steps, 2) of the two ends.
    ends : ndarray of shape (2, …)
        The two images.
    n_steps : int
        Number of images.
    real : ndarray of shape (m, …)
        Real images.

    Returns
    -------
    interpolation : Interpolation

    Raises
    ------
    ValueError
        If `n_steps` is below 2.
    """
    if n_steps != int(n_steps) or n_steps < 2:
        raise ValueError(f"n_steps must be a whole number, 2 or more; got {n_steps!r}.")
    t = np.linspace(0, 1, int(n_steps))
    weights = np.stack([1 - t, t], axis=1)
    image, blend = between(weights), np.tensordot(weights, ends, 1)
    energy = weights @ gradient_energy(ends)
    sharpness = [
        gradient_energy(x) / np.where(energy, energy, 1) for x in (image, blend)
    ]
    return Interpolation(
        t,
        image,
        blend,
        nearest(image, real),
        nearest(blend, real),
        *sharpness,
        *(nearest(as_sharp(x, energy), real) for x in (image, blend)),
    )
