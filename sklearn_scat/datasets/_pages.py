"""Pages of an opened file, before mode, depth and size."""

from importlib import import_module
from typing import NamedTuple

import numpy as np

MAX_PIXELS = 1 << 26  # 8192², below the size at which Pillow itself refuses
_MAX_VALUES = 1 << 30  # of all bands


class Page(NamedTuple):
    """One image of a file, upright.

    Attributes
    ----------
    pixels : ndarray of shape (bands, H, W)
        Numbers of the file.
    has_alpha : bool
        Whether the last band is transparency.
    """

    pixels: np.ndarray
    has_alpha: bool = False


class Source(NamedTuple):
    """An opened image, whose pages are decoded as they are wanted.

    Attributes
    ----------
    size : (int, int)
        Height and width of the first page, upright.
    n_pages : int
        How many there are.
    page : callable
        ``page(i, all_bands=False)`` returns a :class:`Page`. With all bands, inks and
        colour spaces are not brought to red, green and blue.
    """

    size: tuple
    n_pages: int
    page: object


def check_size(height, width, n_values=0):
    """Refuse images that are huge, or have huge numbers of bands."""
    if height * width > MAX_PIXELS:
        raise ValueError(
            f"it claims {height}×{width} pixels, above the limit of {MAX_PIXELS}"
        )
    if n_values > _MAX_VALUES:
        raise ValueError(f"it claims {n_values} values, more than {_MAX_VALUES}")


def needed(module, *, why, packages):
    """Import a library that not everyone has.

    Raises
    ------
    ImportError
        That says how to get it.
    """
    try:
        return import_module(module)
    except ImportError:
        raise ImportError(f"{why}: python -m pip install {packages}") from None
