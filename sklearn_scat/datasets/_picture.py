"""One image: from a path, bytes, a picture or an array to an array as it is wanted."""

import io
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sklearn_scat._array_likes import as_array, is_image
from sklearn_scat.datasets._arguments import check_choice, check_side_lengths
from sklearn_scat.datasets._decoders import of_array, of_pillow, opened
from sklearn_scat.datasets._pixels import (
    DEPTHS,
    MODES,
    at_depth,
    in_mode,
    middle,
    stretched,
    white,
)

PAGES = ("first", "all", "bands")
TRANSPARENCY, FURTHER_PAGES = "transparency", "further pages"


@dataclass(frozen=True)
class Reading:
    """How images are read; :func:`read_image` says what each means."""

    mode: str = "L"
    depth: int | str = 8
    size: tuple | None = None
    crop: bool = False
    pages: str = "first"

    def __post_init__(self):
        """Refuse what cannot be meant."""
        check_choice(self.mode, "mode", MODES)
        check_choice(self.depth, "depth", DEPTHS)
        check_choice(self.pages, "pages", PAGES)
        if self.size is not None:
            object.__setattr__(self, "size", check_side_lengths(self.size, "size"))
        elif self.crop:
            raise ValueError("crop=True needs size=(height, width), got size=None.")

    def __call__(self, pixels):
        """Return decoded pixels (C, H, W) at the mode, depth and size."""
        pixels = at_depth(in_mode(pixels, self.mode), self.depth)
        if self.size is None:
            return np.ascontiguousarray(pixels)
        return (middle if self.crop else stretched)(pixels, self.size)


class Picture(NamedTuple):
    """What was read of one source.

    Attributes
    ----------
    images : list of ndarray of shape (H, W) or (C, H, W)
        One, or with ``pages="all"`` one a page.
    left_aside : frozenset of str
        What was there and was not read.
    """

    images: list
    left_aside: frozenset


def read_picture(source, reading, *, name=None):
    """Read one image.

    Parameters
    ----------
    source : path-like, bytes, picture of Pillow's, or array-like
        The image.
    reading : Reading
        How.
    name : str, default=None
        What errors call it; None takes the path.

    Returns
    -------
    picture : Picture

    Raises
    ------
    OSError
        If a file cannot be opened.
    ImportError
        If a library is wanted that is not there.
    ValueError
        If it cannot be read as an image.
    """
    with named_errors(source, name), _opened(source) as image:
        wanted = 1 if reading.pages == "first" else image.n_pages
        pages = [image.page(i, reading.mode == "all") for i in range(wanted)]
        left_aside = {FURTHER_PAGES} if wanted < image.n_pages else set()
        if reading.mode != "all":
            left_aside |= {TRANSPARENCY for page in pages if _is_transparent(page)}
            pages = [page._replace(pixels=_opaque(page)) for page in pages]
        images = [reading(page.pixels) for page in pages]
        return Picture(_arranged(images, reading), frozenset(left_aside))


def size_of(source, *, name=None):
    """Return the height and width of an image, by its header alone where it has one."""
    with named_errors(source, name), _opened(source) as image:
        return tuple(int(side) for side in image.size)


def is_path(source):
    """Tell a path from other sources of images."""
    return isinstance(source, str | os.PathLike)


@contextmanager
def named_errors(source, name):
    """Let whatever a decoder raises name the image."""
    name = name or (str(source) if is_path(source) else f"a {type(source).__name__}")
    try:
        yield
    except MemoryError:
        raise
    except ImportError as error:
        raise ImportError(f"{name}: {error}") from error
    except OSError as error:
        if error.filename is not None:  # access to the file, rather than its content
            raise
        raise _unreadable(name, error) from error
    except Exception as error:  # decoders raise a dozen types
        raise _unreadable(name, error) from error


def _unreadable(name, error):
    return ValueError(f"{name}: cannot be read as an image: {error}")


@contextmanager
def _opened(source):
    """Open an image, whatever it comes as."""
    if is_path(source):
        with open(source, "rb") as stream, opened(stream) as image:
            yield image
    elif isinstance(source, bytes | bytearray | memoryview):
        with opened(io.BytesIO(source)) as image:
            yield image
    elif hasattr(source, "getbands"):  # a picture of Pillow's
        yield of_pillow(source)
    elif is_image(source):
        yield of_array(as_array(source))
    else:
        raise ValueError(
            f"{source!r} is no path, bytes, picture or array (H, W) or (C, H, W)"
        )


def _is_transparent(page):
    """Tell whether some pixel is not opaque."""
    if not page.has_alpha:
        return False
    opaque = white(page.pixels.dtype) or 1
    return bool((page.pixels[-1] != opaque).any())


def _opaque(page):
    """Return the bands of a page without that of transparency."""
    return page.pixels[:-1] if page.has_alpha else page.pixels


def _arranged(images, reading):
    """Return the pages (C, H, W) of a file as images, or as bands of one."""
    if reading.pages == "bands":
        return [np.concatenate(images)]
    return [image[0] for image in images] if reading.mode == "L" else images
