"""Images of files: of folders with one sub-folder a class, and without labels."""

import os
from pathlib import Path
from typing import Any, Literal

import numpy as np

from sklearn_scat.datasets._bunch import unlabelled_bunch
from sklearn_scat.datasets._picture import Reading, is_path
from sklearn_scat.datasets._reading import (
    LeftAside,
    check_sizes_of_files,
    read_all,
    stacked,
)
from sklearn_scat.datasets._sources import (
    as_sources,
    check_any,
    list_classes,
    list_images,
)


def load_image_folder(
    path: str | os.PathLike[str],
    *,
    size: tuple[int, int] | None = None,
    crop: bool = False,
    mode: Literal["L", "RGB", "all"] = "L",
    depth: Literal[8, 16, "float"] = 8,
    pages: Literal["first", "all", "bands"] = "first",
    ragged: bool = False,
    recursive: bool = False,
    on_error: Literal["raise", "skip"] = "raise",
    n_jobs: int | None = None,
    verbose: int = 0,
    return_X_y: bool = False,
) -> Any:
    """Images of a folder that has one sub-folder for each class.

    Classes are the sub-folders and images their files, both sorted by name: .bmp, .dcm,
    .fit, .fits, .gif, .jpeg, .jpg, .npy, .pbm, .pgm, .png, .ppm, .tif, .tiff and .webp.
    Names that begin with a dot are passed over. Images come upright, as their
    orientation tag says. One warning counts what else was there and was not read.

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
    mode : {"L", "RGB", "all"}, default="L"
        Grey levels (Rec. 601 luma of colours), red, green and blue, or all bands.
    depth : {8, 16, "float"}, default=8
        The scale of the values: uint8 with white at 255, uint16 with white at 65535, or
        float32 with white at 1 (:func:`read_image`).
    pages : {"first", "all", "bands"}, default="first"
        Of files of several pages, the first; each as an image of its own; or all as the
        bands of one image.
    ragged : bool, default=False
        Allow images of several sizes: ``images`` and ``data`` are then one list of
        arrays and ``image_shape`` is None.
    recursive : bool, default=False
        Read the folders inside a class's too, as images of that class.
    on_error : {"raise", "skip"}, default="raise"
        Whether an image that cannot be read ends the work, or is left out, counted in
        the warning, and listed in ``skipped``.
    n_jobs : int, default=None
        Threads that read, as joblib counts them; None is one.
    verbose : int, default=0
        Whether progress is told on standard error.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    sklearn.utils.Bunch
        ``images`` (n, H, W), or (n, C, H, W) for "RGB" and "all", uint8, uint16 or
        float32; ``data`` the same memory as rows; ``target`` (n,) the name of each
        image's class; ``target_names`` (n_classes,) the sub-folders' names;
        ``image_shape``; ``filenames``; ``skipped``, pairs (file, reason); ``DESCR``.

    Raises
    ------
    FileNotFoundError, NotADirectoryError
        When `path` is missing or no folder.
    ImportError
        When an image needs a library that is not installed (:func:`read_image`).
    ValueError
        When there is no class, a class has no image that can be read, sizes differ and
        neither `size` nor `ragged` is given, or an image is truncated, corrupt, deeper
        than `depth`, of more than 2²⁶ pixels, or smaller than the crop; names the file.

    Warns
    -----
    UserWarning
        Once, with a count of each: other files, nested folders, images that are not
        opaque, further pages, images that cannot be read.

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
    >>> folder.images.shape, folder.target.tolist()
    ((2, 4, 6), ['cork', 'linen'])
    """
    reading = Reading(mode, depth, size, crop, pages)
    left_aside = LeftAside()
    classes = list_classes(path, left_aside, recursive=recursive)
    files = [file for _, files in classes for file in files]
    labels = np.repeat([name for name, _ in classes], [len(f) for _, f in classes])
    batch = _read(
        files,
        reading,
        left_aside,
        ragged=ragged,
        how={"on_error": on_error, "n_jobs": n_jobs, "verbose": verbose},
    )
    left_aside.warn(path)
    target = labels[batch.places]
    _check_no_class_is_lost(path, classes, batch, target=target)
    bunch = _bunch(batch, ragged=ragged)
    bunch.target, bunch.target_names = target, np.array([name for name, _ in classes])
    bunch.DESCR = f"{len(target)} images of {len(classes)} classes from {path}."
    return (bunch.data, bunch.target) if return_X_y else bunch


def load_images(
    source: Any,
    *,
    size: Any = None,
    crop: bool = False,
    mode: str = "L",
    depth: int = 8,
    pages: str = "first",
    ragged: bool = False,
    recursive: bool = False,
    on_error: str = "raise",
    n_jobs: Any = None,
    verbose: int = 0,
) -> Any:
    """Images without labels, of a folder or a list.

    Parameters
    ----------
    source : path-like, or list, Series or one column of a table
        A folder, whose image files are read, sorted by name; or images: paths, the
        bytes of files, pictures of Pillow's, or arrays (H, W) or (C, H, W).
    size, crop, mode, depth, pages, ragged
        As in :func:`load_image_folder`.
    recursive : bool, default=False
        Read the folders inside a folder too.
    on_error, n_jobs, verbose
        As in :func:`load_image_folder`.

    Returns
    -------
    sklearn.utils.Bunch
        ``images`` (n, H, W), or (n, C, H, W) for "RGB" and "all", uint8, uint16 or
        float32; ``data`` the same memory as rows; ``image_shape``; ``filenames`` of the
        images ("image 3" for one that is no file); ``places`` (n,) the position of each
        in the list of what was there to read; ``skipped``, pairs (file, reason);
        ``DESCR``.

    Raises
    ------
    FileNotFoundError, ImportError, ValueError
        As :func:`load_image_folder` does.

    Warns
    -----
    UserWarning
        Once, with a count of what was left aside.

    Examples
    --------
    >>> import numpy as np
    >>> from PIL import Image
    >>> from sklearn_scat.datasets import load_images
    >>> images = [Image.new("RGB", (6, 4), "white"), np.zeros((4, 6), np.uint8)]
    >>> load_images(images).images.shape
    (2, 4, 6)
    """
    reading = Reading(mode, depth, size, crop, pages)
    left_aside = LeftAside()
    if is_path(source):
        where = source
        sources = list_images(Path(source), left_aside, recursive=recursive)
        check_any(sources, f"{source}: no image in it")
    else:
        where = "images"
        sources = as_sources(source)
    batch = _read(
        sources,
        reading,
        left_aside,
        ragged=ragged,
        how={"on_error": on_error, "n_jobs": n_jobs, "verbose": verbose},
    )
    left_aside.warn(where)
    if not batch.images:
        raise ValueError(f"{where}: none of {len(sources)} images could be read.")
    bunch = _bunch(batch, ragged=ragged)
    bunch.places = np.array(batch.places)
    bunch.DESCR = f"{len(batch.places)} images from {where}."
    return bunch


def _read(sources, reading, left_aside, *, ragged, how):
    """Read images, after a look at the headers of files that must be alike."""
    must_be_alike = reading.size is None and not ragged and reading.pages == "first"
    if must_be_alike:
        files = [source for source in sources if is_path(source)]
        check_sizes_of_files(files, on_error=how["on_error"])
    return read_all(sources, reading, left_aside, **how)


def _bunch(batch, *, ragged):
    """Return what was read, without labels."""
    images = batch.images if ragged else stacked(batch.images, batch.names)
    bunch = unlabelled_bunch(images, description="", filenames=batch.names)
    bunch.skipped = batch.skipped
    return bunch


def _check_no_class_is_lost(path, classes, batch, *, target):
    """Raise a ValueError where nothing of a class could be read."""
    lost = sorted({name for name, _ in classes} - set(target))
    if lost:
        raise ValueError(
            f"{path}: no image of {', '.join(lost)} could be read: {batch.skipped[0]}"
        )
