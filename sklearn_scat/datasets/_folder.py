"""Folders of images, one sub-folder a class."""

from itertools import pairwise
from pathlib import Path

import numpy as np

from sklearn_scat.datasets._arguments import check_choice, check_side_lengths
from sklearn_scat.datasets._bunch import image_bunch

IMAGE_SUFFIXES = frozenset(
    ".bmp .gif .jpeg .jpg .pbm .pgm .png .ppm .tif .tiff .webp".split()
)
_EIGHT_BIT_MODES = frozenset(
    "1 L LA La P PA RGB RGBA RGBa RGBX CMYK YCbCr HSV LAB".split()
)
_MAX_PIXELS = 1 << 26  # 8192², below the size at which Pillow itself refuses


def load_image_folder(
    path, *, size=None, crop=False, mode="L", ragged=False, return_X_y=False
):
    """Images of a folder that has one sub-folder for each class.

    Classes are the sub-folders and images their files, both sorted by name. Names
    that begin with a dot are passed over, and so are files without the suffix of
    an image (.bmp, .gif, .jpeg, .jpg, .pbm, .pgm, .png, .ppm, .tif, .tiff, .webp).
    Pixels are taken as stored: no orientation tag is applied, transparency is
    dropped, and of several frames the first is read.

    Parameters
    ----------
    path : path-like
        The folder.
    size : (int, int), default=None
        Height and width that every image is brought to: stretched by Pillow's
        bilinear filter, which averages where it shrinks. None leaves sizes alone,
        and they must be equal.
    crop : bool, default=False
        Cut the middle of `size` out of each image rather than stretch it, which
        keeps the scale of textures.
    mode : {"L", "RGB"}, default="L"
        Grey levels (Rec. 601 luma of colours) or red, green and blue.
    ragged : bool, default=False
        Allow images of several sizes: ``images`` and ``data`` are then one list of
        arrays and ``image_shape`` is None.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    sklearn.utils.Bunch
        ``images`` uint8 (n, H, W), or (n, 3, H, W) for "RGB"; ``data`` the same
        memory as rows; ``target`` (n,) index of the class; ``target_names`` the
        sub-folders' names; ``image_shape``; ``filenames``; ``DESCR``.

    Raises
    ------
    FileNotFoundError, NotADirectoryError
        When `path` is missing or no folder.
    ValueError
        When there is no class, a class has no image, sizes differ and neither
        `size` nor `ragged` is given, or an image is truncated, corrupt, deeper than
        8 bits, of more than 2²⁶ pixels, or smaller than the crop; names the file.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from PIL import Image
    >>> from sklearn_scat.datasets import load_image_folder
    >>> with tempfile.TemporaryDirectory() as root:
    ...     for name in ("cork", "linen"):
    ...         (Path(root) / name).mkdir()
    ...         Image.new("L", (6, 4)).save(Path(root) / name / "1.png")
    ...     folder = load_image_folder(root)
    >>> folder.images.shape, folder.target_names.tolist()
    ((2, 4, 6), ['cork', 'linen'])
    """
    check_choice(mode, "mode", ("L", "RGB"))
    if size is not None:
        size = check_side_lengths(size, "size")
    if crop and size is None:
        raise ValueError("crop=True needs size=(height, width), got size=None.")
    classes = _list_classes(Path(path))
    paths = [file for _, files in classes for file in files]
    target = np.repeat(np.arange(len(classes)), [len(files) for _, files in classes])
    if size is None and not ragged:
        _check_equal_sizes(paths)
    decoded = (read_image(file, mode=mode, size=size, crop=crop) for file in paths)
    images = list(decoded) if ragged else _stack(decoded, len(paths))
    names = [name for name, _ in classes]
    description = f"{len(paths)} images of {len(names)} classes from {path}, 0 to 255."
    bunch = image_bunch(
        images,
        target,
        target_names=names,
        description=description,
        filenames=paths,
    )
    return (bunch.data, bunch.target) if return_X_y else bunch


def _list_classes(root):
    """Pairs (class name, its image files), sorted."""
    folders = sorted(
        (p for p in root.iterdir() if p.is_dir() and not p.name.startswith(".")),
        key=lambda p: p.name,
    )
    if not folders:
        raise ValueError(
            f"{root}: no sub-folder; expected one for each class, with its images."
        )
    return [(folder.name, _list_images(folder)) for folder in folders]


def _list_images(folder):
    files = sorted(
        (
            p
            for p in folder.iterdir()
            if p.suffix.lower() in IMAGE_SUFFIXES
            and p.is_file()
            and not p.name.startswith(".")
        ),
        key=lambda p: p.name,
    )
    if not files:
        raise ValueError(
            f"{folder}: no image in this class; expected files that end in "
            f"{', '.join(sorted(IMAGE_SUFFIXES))}, directly in the folder."
        )
    return files


def _check_equal_sizes(paths):
    """Compare the sizes in the headers, before any image is decoded."""
    sizes = [image_size(path) for path in paths]
    for (first, a), (second, b) in pairwise(zip(paths, sizes, strict=True)):
        if a != b:
            n_sizes = len(set(sizes))
            raise ValueError(
                f"Images have {n_sizes} different sizes: {first} is {a[0]}×{a[1]} "
                f"(height×width), {second} is {b[0]}×{b[1]}. Give size=(height, width) "
                f"to resize all, with crop=True to cut out the middle (the smallest "
                f"sides are {min(s[0] for s in sizes)}×{min(s[1] for s in sizes)}), or "
                f"ragged=True for a list of arrays."
            )


def image_size(path):
    """Return the height and the width of an image's file, by its header alone.

    Parameters
    ----------
    path : path-like
        The file.

    Returns
    -------
    size : (int, int)
        In pixels.

    Raises
    ------
    OSError
        If it cannot be opened.
    ValueError
        If it cannot be read as an image.
    """
    return _with_image(path, lambda image: (image.height, image.width))


def read_image(path, *, mode="L", size=None, crop=False):
    """Return the image of a file, as bytes.

    Parameters
    ----------
    path : path-like
        The file, in a format that Pillow reads.
    mode : {"L", "RGB"}, default="L"
        Grey levels, or red, green and blue.
    size : (int, int), default=None
        Height and width that it is resized to.
    crop : bool, default=False
        Whether the middle of that size is cut out instead.

    Returns
    -------
    pixels : ndarray of uint8 of shape (H, W) or (3, H, W)

    Raises
    ------
    OSError
        If it cannot be opened.
    ValueError
        If it cannot be read as an image of 8 bits a channel, or is smaller than what
        is cut out.
    """
    image = _with_image(path, lambda image: _to_mode(image, mode))
    if size is not None:
        image = _cut_middle(image, size, path) if crop else _stretch(image, size)
    pixels = np.asarray(image)
    return pixels if mode == "L" else np.moveaxis(pixels, -1, 0)


def _with_image(path, read):
    """`read` of the opened image; whatever a decoder raises names the file."""
    from PIL import Image

    with open(path, "rb") as stream:  # errors of access stay OSErrors
        try:
            with Image.open(stream) as image:
                _check_pixels(image)
                return read(image)
        except MemoryError:
            raise
        except Exception as error:  # decoders raise a dozen types
            raise ValueError(f"{path}: cannot be read as an image: {error}") from error


def _check_pixels(image):
    """Refuse images that are huge, or that Pillow would clip."""
    if image.width * image.height > _MAX_PIXELS:
        raise ValueError(
            f"it claims {image.height}×{image.width} pixels, above the limit of "
            f"{_MAX_PIXELS}"
        )
    if image.mode not in _EIGHT_BIT_MODES:
        raise ValueError(
            f"its pixels have more than 8 bits (Pillow's mode {image.mode}), which "
            "would be clipped at 255; rescale them to 8 bits first"
        )


def _to_mode(image, mode):
    if "transparency" in image.info:  # else Pillow warns of a lossy conversion
        image = image.convert("RGBA")
    return image.convert(mode)


def _stretch(image, size):
    from PIL import Image

    return image.resize(size[::-1], Image.Resampling.BILINEAR)


def _cut_middle(image, size, path):
    top, left = (image.height - size[0]) // 2, (image.width - size[1]) // 2
    if min(top, left) < 0:
        raise ValueError(
            f"{path}: {image.height}×{image.width} pixels (height×width) are fewer "
            f"than the crop size={size}."
        )
    return image.crop((left, top, left + size[1], top + size[0]))


def _stack(decoded, n):
    """Array (n, ...) filled image by image, made once the first is decoded."""
    first = next(decoded)
    images = np.empty((n, *first.shape), np.uint8)
    images[0] = first
    for i, image in enumerate(decoded, start=1):
        images[i] = image
    return images
