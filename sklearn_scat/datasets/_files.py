"""Single image files, read as they are wanted."""

import os
from typing import Any, Literal

from numpy.typing import NDArray

from sklearn_scat._compat import warn
from sklearn_scat.datasets._picture import Reading, read_picture, size_of
from sklearn_scat.datasets._reading import stacked


def image_size(path: str | os.PathLike[str]) -> tuple[int, int]:
    """Return the height and the width of an image's file, by its header alone.

    Parameters
    ----------
    path : path-like
        The file.

    Returns
    -------
    size : (int, int)
        In pixels, with the image upright.

    Raises
    ------
    OSError
        If it cannot be opened.
    ValueError
        If it cannot be read as an image.

    Examples
    --------
    >>> import io
    >>> from PIL import Image
    >>> from sklearn_scat.datasets import image_size
    >>> file = io.BytesIO()
    >>> Image.new("L", (6, 4)).save(file, "PNG")
    >>> image_size(file.getvalue())
    (4, 6)
    """
    return size_of(path)


def read_image(
    path: str | os.PathLike[str] | bytes,
    *,
    mode: Literal["L", "RGB", "all"] = "L",
    depth: Literal[8, 16, "float"] = 8,
    size: tuple[int, int] | None = None,
    crop: bool = False,
    pages: Literal["first", "all", "bands"] = "first",
) -> NDArray[Any]:
    """Return the image of a file as an array, upright.

    Parameters
    ----------
    path : path-like or bytes
        BMP, GIF, JPEG, PBM, PGM, PNG, PPM, TIFF or WebP, known by their content, or one
        image as NumPy's ``.npy``, (H, W) or (C, H, W), DICOM or FITS; or the bytes of
        such a file. An orientation tag of EXIF or TIFF is applied; FITS keeps the order
        of its rows, and DICOM is in the units of its modality.
    mode : {"L", "RGB", "all"}, default="L"
        Grey levels (Rec. 601 luma of colours), red, green and blue, or all bands:
        transparency, the four inks of CMYK, and the bands of a multispectral file.
    depth : {8, 16, "float"}, default=8
        The scale of the values. 8: uint8, white is 255; deeper files are refused. 16:
        uint16, white is 65535; values of 8 bits are multiplied by 257. "float":
        float32, white is 1; floating-point, signed and 32-bit numbers, which have no
        white, are as they are stored.
    size : (int, int), default=None
        Height and width that it is resized to, by Pillow's bilinear filter, which
        averages where it shrinks.
    crop : bool, default=False
        Whether the middle of that size is cut out instead.
    pages : {"first", "all", "bands"}, default="first"
        Of a file of several pages or frames, the first; all, as an array with one axis
        more; or all as the bands of one image, as of channels that a microscope stores
        one by one.

    Returns
    -------
    pixels : ndarray of shape (H, W) for "L", (3, H, W) or (C, H, W)
        Of uint8, uint16 or float32, as `depth` says; for ``pages="all"`` with one more
        axis in front.

    Raises
    ------
    OSError
        If it cannot be opened.
    ImportError
        If it has colours of 16 bits, or other samples that Pillow does not read as they
        are, and tifffile and imagecodecs are not installed; so for DICOM and pydicom,
        FITS and astropy.
    ValueError
        If it cannot be read as an image, is deeper than `depth`, is of more than 2²⁶
        pixels, or is smaller than what is cut out.

    Warns
    -----
    UserWarning
        If pixels that are not opaque, or further pages, were left aside.

    Notes
    -----
    How samples of 8 and 16 bits share one scale is that of the PNG specification, third
    edition, section 12.4, "Sample depth scaling".

    Examples
    --------
    >>> import io
    >>> import numpy as np
    >>> from PIL import Image
    >>> from sklearn_scat.datasets import read_image
    >>> file = io.BytesIO()
    >>> Image.fromarray(np.full((4, 6), 1000, np.uint16)).save(file, "PNG")
    >>> read_image(file.getvalue(), depth=16).max()
    np.uint16(1000)
    """
    reading = Reading(mode, depth, size, crop, pages)
    picture = read_picture(path, reading)
    if picture.left_aside:
        left = " and ".join(sorted(picture.left_aside))
        warn(f"{_short(path)}: {left} left aside; mode='all' or pages= reads more.")
    if pages != "all":
        return picture.images[0]
    names = [f"page {i} of {_short(path)}" for i in range(len(picture.images))]
    return stacked(picture.images, names)


def _short(path):
    return "an image" if isinstance(path, bytes | bytearray | memoryview) else path
