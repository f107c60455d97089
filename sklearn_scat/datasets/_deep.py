"""Decoders for samples that Pillow does not know, or cuts to 8 bits."""

import io
import math

import numpy as np

from sklearn_scat.datasets._pages import needed

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB = 0, 1, 2  # photometric interpretations of TIFF
_ALPHA = (1, 2)  # extra samples that are transparency
_ORIENTATION = 274
_WHY = (
    "colours of more than 8 bits, and TIFF files of other samples than Pillow's, need "
    "two more libraries"
)
_PACKAGES = "tifffile imagecodecs"


def deep_png(image):
    """Return the bands (C, H, W) of a PNG file of 16 bits, and if one is alpha."""
    imagecodecs = needed("imagecodecs", why=_WHY, packages=_PACKAGES)
    pixels = np.atleast_3d(imagecodecs.png_decode(_content(image)))
    return np.moveaxis(pixels, -1, 0), pixels.shape[-1] in (2, 4)


def deep_ppm(image):
    """Return the bands (3, H, W) of a PPM file of more than 8 bits, without alpha.

    Its raster is that of a grey image three times as wide, which Pillow reads.
    """
    from PIL import Image

    codec, _, offset, (_, maximum) = image.tile[0]
    magic = b"P2" if codec == "ppm_plain" else b"P5"
    header = b"%s %d %d %d\n" % (magic, 3 * image.width, image.height, maximum)
    with Image.open(io.BytesIO(header + _content(image)[offset:])) as grey:
        pixels = np.asarray(grey).astype(np.uint16)
    return np.moveaxis(pixels.reshape(image.height, image.width, 3), -1, 0), False


def _content(image):
    """Return all bytes of the file of an image, which can be loaded after it."""
    place = image.fp.tell()
    image.fp.seek(0)
    content = image.fp.read()
    image.fp.seek(place)
    return content


class DeepTiff:
    """A TIFF file of any samples, by tifffile."""

    def __init__(self, stream):
        stream.seek(0)
        tifffile = needed("tifffile", why=_WHY, packages=_PACKAGES)
        self._pages = tifffile.TiffFile(stream).pages

    @property
    def n_pages(self):
        """How many images it holds."""
        return len(self._pages)

    def sizes(self):
        """Return ((height, width), number of values) of every page."""
        pages = self._pages
        return [((p.imagelength, p.imagewidth), p.size) for p in pages]

    def orientation(self, i):
        """Return the orientation tag of a page."""
        tag = self._pages[i].tags.get(_ORIENTATION)
        return 1 if tag is None else int(tag.value)

    def pixels(self, i):
        """Return the bands (C, H, W) of a page, and whether the last one is alpha."""
        page = self._pages[i]
        if page.axes not in ("YX", "YXS", "SYX"):
            raise ValueError(f"a page has the axes {page.axes}, not rows and columns")
        if page.photometric not in (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB):
            raise ValueError(f"its deep samples are {page.photometric!r}, not colours")
        _check_segments(page)
        pixels = page.asarray(maxworkers=1)
        if page.axes == "YXS":
            pixels = np.moveaxis(pixels, -1, 0)
        pixels = pixels if pixels.ndim == 3 else pixels[None]
        if page.photometric == _WHITE_IS_ZERO and pixels.dtype.kind == "u":
            pixels = np.iinfo(pixels.dtype).max - pixels
        n_colours = 3 if page.photometric == _RGB else 1
        is_alpha = len(pixels) == n_colours + 1 and any(
            int(kind) in _ALPHA for kind in page.extrasamples
        )
        return pixels, is_alpha


def _check_segments(page):
    """Refuse a page that lacks strips or tiles, which tifffile fills with zeros."""
    n_there = sum(count > 0 for count in page.databytecounts)
    refuse_missing(n_there, math.prod(page.chunked))


def refuse_missing(n_there, n_segments):
    """Refuse a page of fewer strips or tiles than its size asks for."""
    if n_there < n_segments:
        raise ValueError(f"a page has {n_there} of its {n_segments} strips or tiles")
