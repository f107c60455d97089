"""Images inside a page: small PNG files as part of its text."""

import base64
import io

import numpy as np
from markupsafe import Markup

_LARGEST_SIDE = 128  # pixels, of a picture in a page
_SHOWN_SIDE = 112  # at which small pictures are shown
_SPEAKS_FOR = np.array([230, 97, 1])  # orange and violet, for all kinds of vision
_SPEAKS_AGAINST = np.array([94, 60, 153])


def thumbnail(image, value_range, *, text):
    """Return an image as an ``<img>`` that refers to nothing outside itself.

    Parameters
    ----------
    image : ndarray of shape (H, W) or (C, H, W)
        Of other than three channels, their mean is shown.
    value_range : (float, float)
        Values of black and white.
    text : str
        What it shows, for those who cannot see it.

    Returns
    -------
    html : Markup
    """
    return _img(_pixels(image, value_range), text)


def heat_over(image, places, value_range, *, text):
    """Return an image under the shares of its places, as an ``<img>``.

    Parameters
    ----------
    image : ndarray of shape (H, W) or (C, H, W)
        The image.
    places : ndarray of shape (H, W)
        Shares: orange above 0, violet below, the fainter the smaller.
    value_range : (float, float)
        Values of black and white.
    text : str
        What it shows.

    Returns
    -------
    html : Markup
    """
    grey = _pixels(image, value_range).mean(axis=2, keepdims=True)
    size = np.abs(places) / (np.abs(places).max() or 1.0)
    color = np.where((places > 0)[..., None], _SPEAKS_FOR, _SPEAKS_AGAINST)
    alpha = 0.8 * size[..., None]
    return _img((grey * (1 - alpha) + color * alpha).astype(np.uint8), text)


def _pixels(image, value_range):
    """Return bytes (H, W, 3)."""
    image = np.asarray(image, np.float64)
    if image.ndim == 3 and len(image) != 3:
        image = image.mean(axis=0)
    image = image.transpose(1, 2, 0) if image.ndim == 3 else image[..., None]
    low, high = value_range
    levels = np.clip((image - low) / ((high - low) or 1.0), 0, 1) * 255
    return np.broadcast_to(levels.round().astype(np.uint8), (*image.shape[:2], 3))


def _img(pixels, text):
    from PIL import Image

    picture = Image.fromarray(np.ascontiguousarray(pixels))
    picture.thumbnail((_LARGEST_SIDE, _LARGEST_SIDE))
    stream = io.BytesIO()
    picture.save(stream, "PNG", optimize=True)
    data = base64.b64encode(stream.getvalue()).decode()
    factor = _SHOWN_SIDE / max(picture.size)
    width, height = (max(1, round(factor * side)) for side in picture.size)
    kind = "fine" if factor > 1 else "smooth"
    return Markup(
        "<img class='{}' width='{}' height='{}' alt='{}' title='{}' "
        "src='data:image/png;base64,{}'>"
    ).format(kind, width, height, text, text, data)
