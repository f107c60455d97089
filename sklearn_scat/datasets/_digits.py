"""scikit-learn's 8×8 digits, enlarged to a size that wavelets can work on."""

from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils.validation import check_scalar

from sklearn_scat.datasets._bunch import image_bunch


def load_digits_images(
    *, scale: int = 3, pad: int = 4, return_X_y: bool = False
) -> Any:
    """scikit-learn's 1,797 handwritten digits, enlarged and padded.

    Each 8×8 digit is enlarged `scale` times by bilinear interpolation and framed
    with `pad` zeros on each side; the defaults give 32×32. Each output pixel is
    looked up at its centre: pixel i of the enlarged side stands at (i + ½)/scale − ½
    on the 8-pixel side, held within the first and last pixel's centre. With an
    odd `scale` every original pixel reappears unchanged, in the middle of its block.

    Parameters
    ----------
    scale : int, default=3
        Factor of enlargement; 1 leaves the pixels as they are.
    pad : int, default=4
        Zeros on each side, as MNIST's 28×28 digits are padded to 32×32 in [1]_.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    sklearn.utils.Bunch
        ``images`` float32 (1797, H, W) with H = W = 8·scale + 2·pad, 0 to 16 as in
        :func:`sklearn.datasets.load_digits`; ``data`` the same memory as rows;
        ``target`` (1797,) integers 0 to 9; ``target_names``; ``image_shape``;
        ``filenames`` (empty); ``DESCR``.

    References
    ----------
    .. [1] J. Bruna, S. Mallat, "Invariant scattering convolution networks", IEEE
       TPAMI 35(8), 2013, "Handwritten digit recognition".

    Examples
    --------
    >>> from sklearn_scat.datasets import load_digits_images
    >>> digits = load_digits_images()
    >>> digits.images.shape, digits.data.shape
    ((1797, 32, 32), (1797, 1024))
    """
    from sklearn.datasets import load_digits

    check_scalar(scale, "scale", Integral, min_val=1)
    check_scalar(pad, "pad", Integral, min_val=0)
    digits = load_digits()
    enlarge = _bilinear_numerators(digits.images.shape[1], scale)
    # integers until the one division, so that each value is rounded once
    enlarged = enlarge @ digits.images @ enlarge.T / (2 * scale) ** 2
    frame = ((0, 0), (pad, pad), (pad, pad))
    bunch = image_bunch(
        np.pad(enlarged, frame).astype(np.float32),
        digits.target,
        target_names=[str(name) for name in digits.target_names],
        description=f"scikit-learn's 8×8 handwritten digits (UCI, test part of the "
        f"NIST optical recognition set), values 0 to 16, enlarged ×{scale} "
        f"(bilinear) and padded by {pad}.",
        filenames=[],
    )
    return (bunch.data, bunch.target) if return_X_y else bunch


def _bilinear_numerators(n, scale):
    """Interpolation matrix (n·scale, n), times 2·scale, which makes it integer."""
    centre = 2 * np.arange(n * scale) + 1 - scale  # (i + ½)/scale − ½, times 2·scale
    centre = np.clip(centre, 0, 2 * scale * (n - 1))
    distance = np.abs(centre[:, None] - 2 * scale * np.arange(n))
    return np.maximum(2 * scale - distance, 0).astype(float)
