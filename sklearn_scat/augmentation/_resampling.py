"""Images at other sizes, without aliasing."""

import numpy as np
from scipy.fft import dct


def resized(images, factor):
    """Return images whose sides are divided by a factor, and rounded.

    Their cosine series are cut off (or continued by zeros, where the factor is less
    than 1): all frequencies that the new size can hold are kept, and all others
    dropped, so that nothing is aliased. Images are mirrored at their borders.

    Parameters
    ----------
    images : ndarray of shape (..., H, W)
        Images.
    factor : float
        Positive.

    Returns
    -------
    resized : ndarray of shape (..., round(H/factor), round(W/factor))
        float64 for float64 images, else float32. Sides are at least 1.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.augmentation._resampling import resized
    >>> resized(np.full((1, 20, 30), 5.0), 2**0.5).shape
    (1, 14, 21)
    """
    dtype = np.float64 if images.dtype == np.float64 else np.float32
    A, B = (
        resampling_matrix(side, max(1, round(side / factor))).astype(dtype)
        for side in images.shape[-2:]
    )
    return np.matmul(A, images.astype(dtype, copy=False) @ B.T)


def resampling_matrix(n, m):
    """Return A (m, n): the first min(n, m) terms of a cosine series, sampled anew.

    Examples
    --------
    >>> from sklearn_scat.augmentation._resampling import resampling_matrix
    >>> resampling_matrix(4, 2).sum(axis=1).round(12).tolist()
    [1.0, 1.0]
    """
    k = min(n, m)
    analysis = dct(np.eye(n), axis=0, norm="ortho")[:k]  # (k, n)
    synthesis = dct(np.eye(m), axis=0, norm="ortho")[:k].T  # (m, k)
    return synthesis @ analysis * np.sqrt(m / n)  # constants stay as they are
