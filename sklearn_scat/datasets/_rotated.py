"""Images turned by random angles, as in rotated MNIST."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage
from sklearn.utils import check_random_state


def make_rotated(
    images: ArrayLike,
    *,
    angles: tuple[float, float] = (0.0, 360.0),
    random_state: int | np.random.RandomState | None = None,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Each image turned about its centre by an angle drawn uniformly.

    Made from MNIST's digits this is rotated MNIST, after the protocol of [1]_
    (12,000 training digits, 50,000 test digits). Bilinear interpolation; what comes
    in from outside the frame is 0.

    Parameters
    ----------
    images : array-like of shape (n, H, W) or (n, C, H, W)
        The images; the channels of one turn together.
    angles : (float, float), default=(0, 360)
        Bounds of the uniform draw in degrees, counter-clockwise.
    random_state : int, RandomState instance or None, default=None
        Seed of the angles. With an integer the first angles do not depend on how
        many images follow.

    Returns
    -------
    rotated : ndarray of the shape and type of `images`
        The turned images; integers are rounded.
    angles : ndarray of float of shape (n,)
        The angle of each image in degrees.

    Raises
    ------
    ValueError
        When `images` has neither 3 nor 4 axes, or `angles` is no ordered pair of
        finite numbers.

    References
    ----------
    .. [1] H. Larochelle, D. Erhan, A. Courville, J. Bergstra, Y. Bengio, "An
       empirical evaluation of deep architectures on problems with many factors of
       variation", ICML 2007, "Variations on digit recognition".

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.datasets import make_rotated
    >>> rotated, angles = make_rotated([[[1, 2], [3, 4]]], angles=(90, 90))
    >>> rotated
    array([[[2, 4],
            [1, 3]]])
    """
    images = np.asarray(images)
    if images.ndim not in (3, 4):
        raise ValueError(
            f"images of shape {images.shape}: expected (n, H, W) or (n, C, H, W)."
        )
    low, high = _check_angles(angles)
    drawn = check_random_state(random_state).uniform(low, high, len(images))
    rotated = np.empty_like(images, order="C", subok=False)
    for image, angle, turned in zip(images, drawn, rotated, strict=True):
        ndimage.rotate(
            image, angle, axes=(-2, -1), reshape=False, order=1, output=turned
        )
    return rotated, drawn


def _check_angles(angles):
    try:
        low, high = (float(angle) for angle in angles)
    except (TypeError, ValueError):
        low = high = math.nan
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise ValueError(
            f"angles={angles!r} is not a pair (low, high) of finite numbers with "
            f"low <= high, in degrees."
        )
    return low, high
