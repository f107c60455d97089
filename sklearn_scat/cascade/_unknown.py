"""Pixels that nobody knows: filled before the cascade, averaged over after it."""

from scipy.ndimage import distance_transform_edt


def fill_unknown(x, known):
    """Give each unknown pixel the value of the nearest known one.

    The edges of what is known go on straight into what is not, where an average of it
    would make a step: wavelets see less of the fill.

    Parameters
    ----------
    x : ndarray of shape (..., M, N)
        Images; what unknown pixels hold, be it NaN, does not matter.
    known : ndarray of bool of shape (M, N)
        The same pixels for all of them; one at least.

    Returns
    -------
    x : ndarray of shape (..., M, N)
        The images themselves if all is known, else a new array.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.cascade import fill_unknown
    >>> x = np.array([[1.0, np.nan, np.nan, 4.0]])
    >>> fill_unknown(x, np.isfinite(x))
    array([[1., 1., 4., 4.]])
    """
    if known.all():
        return x
    rows, columns = distance_transform_edt(
        ~known, return_distances=False, return_indices=True
    )
    return x[..., rows, columns]
