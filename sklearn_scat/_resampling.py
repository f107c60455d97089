"""Images at other sizes, without aliasing."""

import numpy as np
from scipy.fft import dctn, idctn


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
    >>> from sklearn_scat._resampling import resized
    >>> resized(np.full((1, 20, 30), 5.0), 2**0.5).shape
    (1, 14, 21)
    """
    dtype = np.float64 if images.dtype == np.float64 else np.float32
    old = images.shape[-2:]
    new = [max(1, round(side / factor)) for side in old]
    kept = tuple(slice(min(pair)) for pair in zip(old, new, strict=True))
    series = dctn(images.astype(dtype), axes=(-2, -1), norm="ortho")
    cut = np.zeros((*images.shape[:-2], *new), dtype)
    cut[(..., *kept)] = series[(..., *kept)]
    scale = np.sqrt(np.prod(new) / np.prod(old))  # so that means stay as they are
    return (idctn(cut, axes=(-2, -1), norm="ortho") * scale).astype(dtype)
