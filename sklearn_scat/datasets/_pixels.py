"""Pixels of one image (C, H, W): their mode, depth, size and orientation."""

import numpy as np

_LUMA = (0.299, 0.587, 0.114)  # Rec. 601
# The same in 16 bits, as Pillow has it: the sum is 2¹⁶, so that grey stays as it is.
_WHOLE_LUMA = (19595, 38470, 7471)
_LUMA_BITS = 16
DEPTHS = (8, 16, "float")
MODES = ("L", "RGB", "all")
_WIDENED = 257  # 65535 / 255: white stays white


def white(dtype):
    """Return the value of white among stored numbers, None where they have no white.

    Examples
    --------
    >>> from sklearn_scat.datasets._pixels import white
    >>> white("uint8"), white("uint16"), white("float32")
    (255, 65535, None)
    """
    dtype = np.dtype(dtype)
    return int(np.iinfo(dtype).max) if dtype in (np.uint8, np.uint16) else None


def in_mode(pixels, mode):
    """Return the pixels (C, H, W) as grey levels, in red, green and blue, or all bands.

    Raises
    ------
    ValueError
        If there are neither one band nor three, and grey or colours are wanted.
    """
    bands = len(pixels)
    if mode == "all" or (mode, bands) in {("L", 1), ("RGB", 3)}:
        return pixels
    if bands not in (1, 3):
        raise ValueError(
            f"it has {bands} bands, which are neither grey nor red, green and blue; "
            "mode='all' takes them as they are"
        )
    return luma(pixels)[None] if mode == "L" else np.repeat(pixels, 3, axis=0)


def luma(pixels):
    """Return the grey levels (H, W) of red, green and blue: Rec. 601, in their dtype.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.datasets._pixels import luma
    >>> luma(np.full((3, 1, 1), 65535, np.uint16)).item()
    65535
    """
    if white(pixels.dtype) is None:
        grey = np.tensordot(_LUMA, pixels.astype(np.float64), 1)
        return grey.astype(np.result_type(pixels.dtype, np.float32))
    weights = np.array(_WHOLE_LUMA, np.uint32)[:, None, None]
    half = 1 << (_LUMA_BITS - 1)
    grey = (weights * pixels).sum(axis=0, dtype=np.uint32) + half
    return (grey >> _LUMA_BITS).astype(pixels.dtype)


def at_depth(pixels, depth):
    """Return pixels with white at 255, at 65535, or at 1; or numbers without a white.

    Raises
    ------
    ValueError
        If the depth cannot hold them.
    """
    top = white(pixels.dtype)
    if depth == "float" and top is not None:
        return np.float32(pixels) / np.float32(top)
    if depth == "float":
        return _as_floats(pixels)
    if top is None or top > (1 << depth) - 1:
        wider = "depth='float'" if top is None else "depth=16 or depth='float'"
        held = f"are {pixels.dtype}" if top is None else "have more than 8 bits"
        raise ValueError(
            f"its pixels {held}, which depth={depth} would cut; {wider} reads them"
        )
    if depth == 16 and top == 255:
        return np.uint16(pixels) * np.uint16(_WIDENED)
    return pixels


def _as_floats(pixels):
    """Return numbers without a white in float32, as they are stored."""
    finite = pixels[np.isfinite(pixels)]
    largest = np.abs(finite, dtype=np.float64).max(initial=0)
    if largest > np.finfo(np.float32).max:
        raise ValueError(f"its pixels reach {largest:.3g}, beyond what float32 holds")
    return pixels.astype(np.float32)


def stretched(pixels, size):
    """Return pixels (C, H, W) brought to a size by Pillow's bilinear filter."""
    from PIL import Image

    exact = pixels if pixels.dtype == np.uint8 else pixels.astype(np.float32)
    bands = [
        Image.fromarray(band).resize(size[::-1], Image.Resampling.BILINEAR)
        for band in exact
    ]
    resized = np.stack([np.asarray(band) for band in bands])
    if pixels.dtype == np.uint16:
        resized = np.clip(np.rint(resized), 0, white(np.uint16))
    return resized.astype(pixels.dtype)


def middle(pixels, size):
    """Return the middle of pixels (C, H, W).

    Raises
    ------
    ValueError
        If they are fewer than that.
    """
    height, width = pixels.shape[1:]
    top, left = (height - size[0]) // 2, (width - size[1]) // 2
    if min(top, left) < 0:
        raise ValueError(
            f"{height}×{width} pixels (height×width) are fewer than the crop "
            f"size={size}"
        )
    return pixels[:, top : top + size[0], left : left + size[1]]


def upright(pixels, orientation):
    """Return pixels (..., H, W) turned as the orientation tag of EXIF and TIFF asks.

    Parameters
    ----------
    pixels : ndarray of shape (..., H, W)
        As stored.
    orientation : int
        1 to 8; where the first row and column of what is stored belong. Anything else
        means 1, upright.

    References
    ----------
    TIFF 6.0 Specification, Adobe 1992, section 8, "Orientation".
    """
    if orientation in (5, 6, 7, 8):
        pixels = np.swapaxes(pixels, -1, -2)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[..., ::-1, :]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[..., ::-1]
    return pixels
