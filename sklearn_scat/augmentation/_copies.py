"""Copies of images that show the same thing: mirrored, moved, turned, slanted."""

import hashlib
from typing import NamedTuple

import numpy as np
from scipy.ndimage import affine_transform

from sklearn_scat._images import group_by_shape
from sklearn_scat.augmentation._amounts import ANGLE, SHEAR_OF_COPIES, SHIFT
from sklearn_scat.augmentation._resampling import resized

_STEPS = ((0, -1), (0, 1), (-1, 0), (1, 0), (-1, -1), (-1, 1), (1, -1), (1, 1))


def flip(images, *, n_copies, amount, rng):
    """Return images mirrored left to right."""
    return [images[..., ::-1]]


def shift(images, *, n_copies, amount, rng):
    """Return images moved by `amount` pixels: along the axes, then the diagonals.

    The border is repeated outwards.
    """
    rows, columns = images.shape[-2:]
    sides = [(0, 0)] * (images.ndim - 2) + [(amount, amount)] * 2
    padded = np.pad(images, sides, mode="edge")
    starts = [(amount * (1 + dy), amount * (1 + dx)) for dy, dx in _STEPS[:n_copies]]
    return [padded[..., y : y + rows, x : x + columns] for y, x in starts]


def affine(images, *, n_copies, amount, rng):
    """Return images under random affine maps about their centres, interpolated.

    Rotations up to 12°, shears up to 0.2 and shifts up to one pixel along each axis,
    uniformly and all times `amount`. The border is repeated outwards.
    """
    copies = []
    for _ in range(n_copies):
        angle, shear, *step = (
            amount
            * rng.uniform(-1, 1, 4)
            * [
                ANGLE,
                SHEAR_OF_COPIES,
                SHIFT,
                SHIFT,
            ]
        )
        copies.append(affine_copy(images, angle=angle, shear=shear, step=step))
    return copies


def affine_copy(images, *, angle, shear, step):
    """Return images turned by `angle` radians, slanted and moved.

    Parameters
    ----------
    images : ndarray of shape (..., H, W)
        Images.
    angle, shear : float
        The pixel u of a copy is that at R(angle)·[[1, shear], [0, 1]]·(u − c) + c +
        step, with c the centre; bilinear between pixels.
    step : sequence of two floats
        Along rows and columns.

    Returns
    -------
    copies : ndarray of shape (..., H, W)
        float64 for float64 images, else float32.
    """
    dtype = np.float64 if images.dtype == np.float64 else np.float32
    cosine, sine = np.cos(angle), np.sin(angle)
    A = np.array([[cosine, -sine], [sine, cosine]]) @ [[1, shear], [0, 1]]
    centre = (np.array(images.shape[-2:]) - 1) / 2
    offset = centre - A @ centre + step
    planes = images.reshape(-1, *images.shape[-2:])
    result = np.empty(planes.shape, dtype)
    for plane, target in zip(planes, result, strict=True):
        affine_transform(plane, A, offset, output=target, order=1, mode="nearest")
    return result.reshape(images.shape)


def dilate(images, *, n_copies, amount, rng):
    """Return images shrunk by √2 to the powers amount, 2·amount, 3·amount and so on.

    Copies are smaller arrays.
    """
    return [resized(images, 2 ** (k * amount / 2)) for k in range(1, n_copies + 1)]


class Kind(NamedTuple):
    """A function that makes copies, and the numbers of copies that it can make."""

    function: object
    n_copies: int  # by default
    legal: str = "1 or more"
    allowed: tuple = ()
    amount: type = float
    random: bool = False


KINDS = {
    "flip": Kind(flip, 1, "1", (1,)),
    "shift": Kind(shift, 4, "4 or 8", (4, 8), int),
    "affine": Kind(affine, 4, random=True),
    "dilate": Kind(dilate, 3),
}


def make_copies(images, copies, *, n_copies, amount, seed):
    """Return copies of every image, which depend on that image and `seed` alone.

    Parameters
    ----------
    images : ndarray of shape (n, H, W) or (n, C, H, W), or list
        Images; a list of arrays (H, W) or (C, H, W) where sizes differ.
    copies : str or callable
        A name among `KINDS`, or a function ``f(images, rng)`` that returns a sequence
        of arrays of the shape of `images`. It gets one image at a time.
    n_copies : int or None
        Copies of an image, for a name.
    amount : float
        How far they may differ, for a name.
    seed : int
        Random numbers for an image are drawn anew from this and a hash of its values
        in float32.

    Returns
    -------
    copies : list of ndarray of the shape of `images`, or list of lists
        Without the images themselves. "dilate" makes smaller ones.

    Raises
    ------
    ValueError
        If `n_copies` or `amount` does not suit the name, or the function returns
        something else.
    """
    if isinstance(images, list):
        settings = {"n_copies": n_copies, "amount": amount, "seed": seed}
        return _of_sizes(images, lambda alike: make_copies(alike, copies, **settings))
    if callable(copies):
        return _one_by_one(images, seed, lambda image, rng: copies(image, rng))
    kind = KINDS[copies]
    n_copies = kind.n_copies if n_copies is None else n_copies
    if kind.allowed and n_copies not in kind.allowed:
        raise ValueError(
            f"copies={copies!r} makes {kind.legal} copies of an image; got "
            f"n_copies={n_copies}."
        )
    if kind.amount is int and amount != int(amount):
        raise ValueError(
            f"copies={copies!r} moves by whole pixels; got amount={amount}."
        )
    settings = {"n_copies": n_copies, "amount": kind.amount(amount)}
    if not kind.random:
        return kind.function(images, rng=None, **settings)
    return _one_by_one(
        images, seed, lambda image, rng: kind.function(image, rng=rng, **settings)
    )


def _one_by_one(images, seed, function):
    """Return copies made by ``function(image[None], rng)``, gathered by copy."""
    made = [
        _check_copies(function(images[i : i + 1], _generator(images[i], seed)), images)
        for i in range(len(images))
    ]
    counts = {len(copies) for copies in made}
    if len(counts) > 1:
        raise ValueError(
            "copies must return as many copies of every image; got "
            f"{min(counts)} of one and {max(counts)} of another."
        )
    return [np.concatenate(copies) for copies in zip(*made, strict=True)]


def _of_sizes(images, function):
    """Return copies of images in a list, by a function of arrays of one shape."""
    blocks = []
    for indices in group_by_shape(images).values():
        made = function(np.stack([images[i] for i in indices]))
        blocks = blocks or [[None] * len(images) for _ in made]
        for block, copies in zip(blocks, made, strict=True):
            for i, copy in zip(indices, copies, strict=True):
                block[i] = copy
    return blocks


def _generator(image, seed):
    """Return random numbers that depend on an image's values and a seed."""
    values = np.ascontiguousarray(image, np.float32)
    digest = hashlib.blake2b(values, digest_size=8).digest()
    return np.random.default_rng([seed, int.from_bytes(digest, "little")])


def _check_copies(copies, images):
    """Return the copies of one image as arrays of its shape."""
    copies = [np.asarray(copy) for copy in copies]
    for copy in copies:
        if copy.shape != (1, *images.shape[1:]):
            raise ValueError(
                f"copies was given images of shape {(1, *images.shape[1:])} and "
                f"returned some of shape {copy.shape}; it must return a sequence of "
                "arrays of the shape that it was given."
            )
    return copies


def joined(blocks):
    """Return all images of blocks: an array if they have one shape, else a list."""
    shapes = {getattr(block, "shape", (0,))[1:] for block in blocks}
    if len(shapes) == 1 and isinstance(blocks[0], np.ndarray):
        return np.concatenate(blocks)
    return [image for block in blocks for image in block]


def chunks(images, n_bytes):
    """Yield slices of images, an array or a list, of about so many bytes."""
    largest = max((images[i].nbytes for i in range(len(images))), default=1)
    size = max(1, n_bytes // max(1, largest))
    for start in range(0, len(images), size):
        yield images[start : start + size]
