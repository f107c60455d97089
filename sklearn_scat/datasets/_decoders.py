"""From the bytes of a file to the bands of its pages, none of them changed.

Pillow reads what it can show without loss; what it would cut to 8 bits goes to a reader
that does not.
"""

import math
from contextlib import contextmanager

import numpy as np

from sklearn_scat._images import looks_channels_last
from sklearn_scat.datasets._deep import DeepTiff, deep_png, deep_ppm, refuse_missing
from sklearn_scat.datasets._pages import Page, Source, check_size
from sklearn_scat.datasets._pixels import upright, white
from sklearn_scat.datasets._science import is_dicom, is_fits, of_dicom, of_fits

# Formats whose depth is known from their headers. Phones' MPO is opened as JPEG.
_FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
_HEAD = 132  # bytes, by which every format is known
_TIFFS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_ORIENTATION, _BITS, _PHOTOMETRIC, _SAMPLE_FORMAT = 274, 258, 262, 339  # tags of TIFF
_WIDTH, _LENGTH, _PLANAR, _SEPARATE = 256, 257, 284, 2
_STRIP_OFFSETS, _ROWS_PER_STRIP = 273, 278
_TILE_WIDTH, _TILE_LENGTH, _TILE_OFFSETS = 322, 323, 324
_TURNED = (5, 6, 7, 8)  # orientations in which height and width change places
_WHITE_IS_ZERO, _UNSIGNED, _UNDEFINED = 0, 1, 4  # their values
# What Pillow's modes are as bands; colours that are none of these become RGB.
_BANDS = {"1": "L", "La": "LA", "PA": "RGBA", "RGBa": "RGBA", "RGBX": "RGB", "P": "RGB"}
_AS_STORED = ("L", "LA", "RGB", "RGBA", "CMYK", "LAB", "HSV", "YCbCr")


@contextmanager
def opened(stream):
    """Open what a stream of bytes holds, by its first bytes.

    Parameters
    ----------
    stream : file
        Seekable.

    Yields
    ------
    source : Source
    """
    head = stream.read(_HEAD)
    stream.seek(0)
    for is_it, read in _OTHERS:
        if is_it(head):
            yield read(stream)
            return
    with _pillow(stream, is_tiff=head[:4] in _TIFFS) as image:
        if image is None:
            yield _of_deep_tiff(stream)
        else:
            yield of_pillow(image)


@contextmanager
def _pillow(stream, *, is_tiff):
    """Open by Pillow; None for a TIFF file of which it knows no such samples."""
    from PIL import Image, UnidentifiedImageError

    try:
        image = Image.open(stream, formats=_FORMATS)
    except UnidentifiedImageError:
        if not is_tiff:
            raise ValueError("no format that is known here") from None
        image = None
    if image is None:
        yield None
        return
    with image:
        yield image


def of_array(array):
    """Return the image that an array is."""
    if array.ndim not in (2, 3) or 0 in array.shape:
        raise ValueError(
            f"an array of shape {array.shape} is no image; expected (H, W) or (C, H, W)"
        )
    if array.ndim == 3 and looks_channels_last((1, *array.shape)):
        raise ValueError(
            f"an array of shape {array.shape} looks like one with the channels last, "
            "and they come first: x.transpose(2, 0, 1)"
        )
    if array.dtype.kind not in "buif":
        raise ValueError(f"an array of {array.dtype} is no image")
    if array.dtype == bool:
        array = np.uint8(array) * np.uint8(white(np.uint8))
    check_size(*array.shape[-2:])
    pixels = array if array.ndim == 3 else array[None]
    return Source(array.shape[-2:], 1, lambda i, all_bands=False: Page(pixels))


def _of_numpy(stream):
    """Return the image that a file of NumPy's holds."""
    return of_array(np.load(stream, allow_pickle=False))


# What knows each format that is not Pillow's by its first bytes, and what reads it.
_OTHERS = (
    (lambda head: head.startswith(b"\x93NUMPY"), _of_numpy),
    (is_dicom, of_dicom),
    (is_fits, of_fits),
)


def of_pillow(image):
    """Return an image of Pillow's."""
    check_size(image.height, image.width)
    if image.format == "TIFF" and not _is_faithful_tiff(image):
        return _of_deep_tiff(image.fp)
    size = (image.height, image.width)
    return Source(
        size[::-1] if _is_turned(image) else size,
        getattr(image, "n_frames", 1),
        lambda i, all_bands=False: _pillow_page(image, i, all_bands=all_bands),
    )


def _is_turned(image):
    """Tell whether height and width change places, without decoding any pixel.

    Pillow itself does so for TIFF; and to look for a tag behind the pixels of a PNG
    file it would decode these.
    """
    if image.format == "TIFF" or (image.format == "PNG" and "exif" not in image.info):
        return False
    return _orientation(image) in _TURNED


def _orientation(image):
    return image.getexif().get(_ORIENTATION, 1)


def _is_faithful_tiff(image):
    """Tell whether Pillow gives the samples of a TIFF file as they are stored."""
    bits = image.tag_v2.get(_BITS, (1,))
    formats = set(image.tag_v2.get(_SAMPLE_FORMAT, (_UNSIGNED,)))
    is_unsigned = formats <= {_UNSIGNED, _UNDEFINED}
    if max(bits) <= 8:
        return is_unsigned
    return len(bits) == 1 and not (is_unsigned and bits[0] > 16)


def _pillow_page(image, i, *, all_bands):
    """Decode a page, by Pillow if it loses nothing."""
    if image.format != "TIFF" or image.n_frames > 1:
        image.seek(i)
        check_size(image.height, image.width)
    if image.format == "TIFF":
        _check_segments(image)
    deep = _deep_decoder(image)
    if deep is not None:
        pixels, has_alpha = deep(image)
        return Page(upright(pixels, _orientation(image)), has_alpha)
    return _shown(image, all_bands=all_bands)


def _check_segments(image):
    """Refuse a TIFF page that lacks strips or tiles, which Pillow fills with zeros."""
    tags = image.tag_v2
    width, height = tags[_WIDTH], tags[_LENGTH]
    if _TILE_OFFSETS in tags:
        n_there, rows = len(tags[_TILE_OFFSETS]), tags[_TILE_LENGTH]
        n_across = math.ceil(width / tags[_TILE_WIDTH])
    else:
        n_there, rows = len(tags[_STRIP_OFFSETS]), tags.get(_ROWS_PER_STRIP, height)
        n_across = 1
    n_planes = len(tags.get(_BITS, (1,))) if tags.get(_PLANAR) == _SEPARATE else 1
    refuse_missing(n_there, n_across * math.ceil(height / rows) * n_planes)


def _deep_decoder(image):
    """Return what decodes colours of more than 8 bits, None where Pillow does."""
    if not getattr(image, "tile", None) or image.mode not in _AS_STORED:
        return None
    arguments = image.tile[0][3]
    if image.format == "PNG" and str(arguments).endswith(";16B"):
        return deep_png
    if image.format == "PPM" and isinstance(arguments, tuple) and arguments[1] > 255:
        return deep_ppm
    return None


def _shown(image, *, all_bands):
    """Return the bands of an image that Pillow reads as it is."""
    from PIL import ImageOps

    is_white_zero = _is_white_zero(image)
    wide = image.format in ("PNG", "PPM") and image.mode == "I"
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith(("I", "F")):
        pixels = np.asarray(image)[None]
        if wide or image.mode.startswith("I;16"):
            pixels = pixels.astype(np.uint16)
        return Page(white(np.uint16) - pixels if is_white_zero else pixels)
    image = image.convert(_bands(image, all_bands=all_bands))
    pixels = np.atleast_3d(np.asarray(image))
    return Page(np.moveaxis(pixels, -1, 0), image.mode in ("LA", "RGBA"))


def _is_white_zero(image):
    """Tell 16-bit samples that grow towards black, which Pillow does not turn round."""
    if image.format != "TIFF" or not image.mode.startswith("I;16"):
        return False
    return image.tag_v2.get(_PHOTOMETRIC) == _WHITE_IS_ZERO


def _bands(image, *, all_bands):
    """Return the mode of Pillow's that has the bands of an image."""
    mode = _BANDS.get(image.mode, image.mode)
    if "transparency" in image.info:  # of one colour, or of each in a palette
        return "LA" if mode == "L" else "RGBA"
    if mode in _AS_STORED[:4] or (all_bands and mode in _AS_STORED):
        return mode
    return "RGB"


def _of_deep_tiff(stream):
    """Return a TIFF file of samples that Pillow does not know, or cuts."""
    tiff = DeepTiff(stream)
    for size, n_values in tiff.sizes():
        check_size(*size, n_values)
    size, _ = tiff.sizes()[0]
    is_turned = tiff.orientation(0) in _TURNED

    def page(i, all_bands=False):
        pixels, has_alpha = tiff.pixels(i)
        return Page(upright(pixels, tiff.orientation(i)), has_alpha)

    return Source(size[::-1] if is_turned else size, tiff.n_pages, page)
