"""STL-10, from its binary version."""

import os
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from sklearn_scat.datasets._arguments import SUBSETS, check_choice
from sklearn_scat.datasets._bunch import check_labels, image_bunch
from sklearn_scat.datasets._home import find_files
from sklearn_scat.datasets._records import read_records

IMAGE_SHAPE = (3, 96, 96)
CLASSES = (
    "airplane",
    "bird",
    "car",
    "cat",
    "deer",
    "dog",
    "horse",
    "monkey",
    "ship",
    "truck",
)
_SOURCE = (
    "https://cs.stanford.edu/~acoates/stl10/, stl10_binary.tar.gz "
    "(A. Coates, H. Lee, A. Y. Ng)"
)
_MAX_FOLD_BYTES = 1 << 20  # ten lines of a thousand short numbers take 50 kB


@dataclass(frozen=True)
class Stl10Counts:
    """How many images and folds are published."""

    images: dict = field(default_factory=lambda: {"train": 5000, "test": 8000})
    n_folds: int = 10
    fold_size: int = 1000


PUBLISHED = Stl10Counts()


def load_stl10(
    subset: Literal["train", "test", "all"] = "train",
    *,
    data_home: str | os.PathLike[str] | None = None,
    return_X_y: bool = False,
) -> Any:
    """STL-10 colour images and their training folds, from the binary version.

    The files ``train_X.bin``, ``train_y.bin``, ``test_X.bin``, ``test_y.bin`` and
    ``fold_indices.txt`` [1]_ are looked for in ``data_home/stl10_binary``,
    ``data_home/stl10`` and `data_home`. The files hold columns of pixels one after
    another; the images returned are turned to rows. The unlabelled images are not
    read.

    Parameters
    ----------
    subset : {"train", "test", "all"}, default="train"
        5,000 training images, 8,000 test images, or both in this order.
    data_home : path-like, default=None
        Folder to look in; None takes the environment variable
        ``SKLEARN_SCAT_DATA``.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    sklearn.utils.Bunch
        ``images`` uint8 (n, 3, 96, 96), channels red, green, blue first; ``data``
        the same memory as rows (n, 27648); ``target`` (n,) integers 0 to 9 (one
        less than in the files); ``target_names``; ``folds`` (10, 1000), the
        positions among the training images of each predefined training fold (not
        with subset="test"); ``image_shape`` (3, 96, 96); ``filenames``; ``DESCR``.

    Raises
    ------
    FileNotFoundError
        When a file is missing; says which, where it was looked for, and where it
        comes from.
    ValueError
        When a file has not the published length, a label lies outside 1 … 10, or
        the folds are not ten lines of a thousand positions.

    References
    ----------
    .. [1] A. Coates, H. Lee, A. Y. Ng, "An analysis of single-layer networks in
       unsupervised feature learning", AISTATS 2011, where the set is introduced.

    Examples
    --------
    >>> from sklearn_scat.datasets import load_stl10
    >>> try:
    ...     load_stl10(data_home="/nowhere")
    ... except FileNotFoundError as error:
    ...     print(str(error).splitlines()[0])
    STL-10 was not found. Wanted, in one folder:
    """
    bunch = read_stl10(PUBLISHED, subset, data_home)
    return (bunch.data, bunch.target) if return_X_y else bunch


def read_stl10(counts, subset, data_home):
    """STL-10's Bunch, held against the published `counts`."""
    check_choice(subset, "subset", SUBSETS)
    parts = ("train", "test") if subset == "all" else (subset,)
    names = [f"{part}_{kind}.bin" for part in parts for kind in "Xy"]
    if "train" in parts:
        names.append("fold_indices.txt")
    paths = find_files(
        "STL-10",
        [(name,) for name in names],
        folders=("stl10_binary", "stl10"),
        data_home=data_home,
        source=_SOURCE,
    )
    path_of = dict(zip(names, paths, strict=True))
    sizes = [counts.images[part] for part in parts]
    images = np.empty((sum(sizes), *IMAGE_SHAPE), np.uint8)
    labels = np.empty(sum(sizes), np.uint8)
    stop = 0
    for part, size in zip(parts, sizes, strict=True):
        start, stop = stop, stop + size
        _read_labels(path_of[f"{part}_y.bin"], labels[start:stop])
        _read_images(path_of[f"{part}_X.bin"], images[start:stop])
    bunch = image_bunch(
        images,
        labels,
        target_names=CLASSES,
        description="STL-10: 5,000 + 8,000 labelled colour images of 96×96 in ten "
        f"classes, channels first, 0 to 255. From {_SOURCE}.",
        filenames=paths,
    )
    if "train" in parts:
        bunch.folds = _read_folds(path_of["fold_indices.txt"], counts)
    return bunch


def _read_images(path, out):
    for rows, records in read_records(path, len(out), int(np.prod(IMAGE_SHAPE))):
        # stored (C, W, H): the row index runs fastest
        out[rows] = records.reshape(-1, *IMAGE_SHAPE).transpose(0, 1, 3, 2)


def _read_labels(path, out):
    for rows, records in read_records(path, len(out), 1):
        out[rows] = records[:, 0]
    check_labels(out, len(CLASSES), path, first=1)
    out -= 1


def _read_folds(path, counts):
    """Positions (n_folds, fold_size) among the training images."""
    size = path.stat().st_size
    if size > _MAX_FOLD_BYTES:
        raise ValueError(
            f"{path}: {size} bytes, expected {counts.n_folds} lines of "
            f"{counts.fold_size} positions (under {_MAX_FOLD_BYTES} bytes)."
        )
    lines = path.read_bytes().split(b"\n")
    folds = [line.split() for line in lines if line.strip()]
    if len(folds) != counts.n_folds:
        raise ValueError(f"{path}: expected {counts.n_folds} lines, got {len(folds)}.")
    n_train = counts.images["train"]
    for i, fold in enumerate(folds, start=1):
        if len(fold) != counts.fold_size:
            raise ValueError(
                f"{path}, line {i}: expected {counts.fold_size} positions, got "
                f"{len(fold)}."
            )
        wrong = [t for t in fold if not _is_position(t, n_train)]
        if wrong:
            raise ValueError(
                f"{path}, line {i}: {wrong[0][:20]!r} is no position in 0 … "
                f"{n_train - 1}."
            )
    return np.array(folds).astype(np.intp)


def _is_position(text, n):
    return text.isdigit() and len(text) <= 9 and int(text) < n
