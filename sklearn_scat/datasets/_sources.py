"""What people keep images in, as a list with one entry an image."""

from pathlib import Path

import numpy as np

from sklearn_scat._array_likes import as_array
from sklearn_scat.datasets._picture import is_path
from sklearn_scat.datasets._reading import (
    NESTED_FOLDERS,
    OTHER_SUFFIXES,
    OUTSIDE_CLASSES,
)

IMAGE_SUFFIXES = frozenset(
    ".bmp .gif .jpeg .jpg .pbm .pgm .png .ppm .tif .tiff .webp".split()
)
SUFFIXES = IMAGE_SUFFIXES | {".dcm", ".fit", ".fits", ".npy"}


def as_sources(X):
    """Return images as a list: paths, bytes, pictures or arrays.

    Parameters
    ----------
    X : list, Series, table of one column, or array
        Of these.

    Returns
    -------
    sources : list

    Raises
    ------
    ValueError
        If it is one image, or a table of several columns.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_scat.datasets._sources import as_sources
    >>> as_sources(pd.DataFrame({"path": ["a.png", "b.png"]}))
    ['a.png', 'b.png']
    """
    if is_path(X) or isinstance(X, bytes) or hasattr(X, "getbands"):
        raise ValueError(f"X is one image, {X!r}; pass a list of images, as [X].")
    if isinstance(X, list | tuple):
        return [_alone(entry) for entry in X]
    if getattr(X, "ndim", 0) in (3, 4) and hasattr(X, "__array__"):
        return list(as_array(X))
    column = np.asarray(X)
    if column.ndim == 2 and column.shape[1] == 1:
        column = column[:, 0]
    if column.ndim != 1:
        raise ValueError(
            f"X of shape {column.shape} is no list of images; pass one column of "
            "paths, in a ColumnTransformer by its name, or images (n, H, W) or "
            "(n, C, H, W)."
        )
    return list(column)


def _alone(entry):
    """Return what a row of one cell holds."""
    is_cell = isinstance(entry, list | tuple) and len(entry) == 1
    return entry[0] if is_cell and is_path(entry[0]) else entry


def list_images(folder, left_aside, *, recursive=False):
    """Return the image files of a folder, sorted by their paths in it.

    Names that begin with a dot are passed over.

    Parameters
    ----------
    folder : Path
        Where to look.
    left_aside : LeftAside
        Gets other files and, unless `recursive`, nested folders.
    recursive : bool, default=False
        Whether nested folders are looked into.

    Returns
    -------
    paths : list of Path
    """
    paths = []
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            if recursive and not path.is_symlink():  # links may lead in circles
                paths += list_images(path, left_aside, recursive=True)
            else:
                left_aside.add(NESTED_FOLDERS, path)
        elif path.suffix.lower() in SUFFIXES and path.is_file():
            paths.append(path)
        else:
            left_aside.add(OTHER_SUFFIXES, path)
    return paths


def list_classes(root, left_aside, *, recursive=False):
    """Return pairs (class name, its image files), sorted.

    Raises
    ------
    ValueError
        If there is no sub-folder, or one without an image.
    """
    inside = sorted(Path(root).iterdir(), key=lambda path: path.name)
    inside = [path for path in inside if not path.name.startswith(".")]
    folders = [path for path in inside if path.is_dir()]
    if not folders:
        raise ValueError(
            f"{root}: no sub-folder; expected one for each class, with its images."
        )
    for path in inside:
        if not path.is_dir():
            left_aside.add(OUTSIDE_CLASSES, path)
    classes = [
        (folder.name, list_images(folder, left_aside, recursive=recursive))
        for folder in folders
    ]
    for folder, (_, files) in zip(folders, classes, strict=True):
        check_any(files, f"{folder}: no image in this class")
    return classes


def check_any(files, what):
    """Raise a ValueError that tells the suffixes where no file has any of them."""
    if not files:
        raise ValueError(
            f"{what}; expected files that end in {', '.join(sorted(SUFFIXES))}, "
            "directly in the folder, or anywhere in it with recursive=True."
        )
