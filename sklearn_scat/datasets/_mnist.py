"""MNIST and Fashion-MNIST, from their IDX files."""

import os
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sklearn_scat.datasets._arguments import SUBSETS, check_choice
from sklearn_scat.datasets._bunch import check_labels, image_bunch
from sklearn_scat.datasets._home import find_files
from sklearn_scat.datasets._idx import read_idx_bytes


@dataclass(frozen=True)
class IdxDataset:
    """What is published about a data set in MNIST's four files.

    The counts of each class are part of it since several data sets use these
    same file names: read from the wrong folder, they would pass as each other.
    """

    name: str
    folders: tuple
    image_shape: tuple
    class_counts: dict  # subset → images of each class
    target_names: tuple
    source: str
    description: str


MNIST = IdxDataset(
    name="MNIST",
    folders=("mnist", "MNIST"),
    image_shape=(28, 28),
    class_counts={
        "train": (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949),
        "test": (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009),
    },
    target_names=tuple("0123456789"),
    source="http://yann.lecun.com/exdb/mnist/ (Y. LeCun, C. Cortes, C. J. C. Burges)",
    description="MNIST handwritten digits: 60,000 + 10,000 images of 28×28, grey "
    "levels 0 (paper) to 255 (ink).",
)
FASHION_MNIST = IdxDataset(
    name="Fashion-MNIST",
    folders=("fashion-mnist", "FashionMNIST"),
    image_shape=(28, 28),
    class_counts={"train": (6000,) * 10, "test": (1000,) * 10},
    target_names=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    source="https://github.com/zalandoresearch/fashion-mnist, or Debian's package "
    "dataset-fashion-mnist, which lays it in /usr/share/datasets/fashion-mnist",
    description="Fashion-MNIST articles of clothing: 60,000 + 10,000 images of "
    "28×28, grey levels 0 (background) to 255.",
)


def load_mnist(
    subset: Literal["train", "test", "all"] = "train",
    *,
    data_home: str | os.PathLike[str] | None = None,
    return_X_y: bool = False,
) -> Any:
    """MNIST digits, from the IDX files on disk.

    The files ``train-images-idx3-ubyte``, ``train-labels-idx1-ubyte`` and the same
    with ``t10k`` [1]_, gzipped (``.gz``) or not, are looked for in
    ``data_home/mnist``, ``data_home/MNIST`` and `data_home`.

    Parameters
    ----------
    subset : {"train", "test", "all"}, default="train"
        60,000 training digits, 10,000 test digits, or both in this order.
    data_home : path-like, default=None
        Folder to look in; None takes the environment variable
        ``SKLEARN_SCAT_DATA``.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    sklearn.utils.Bunch
        ``images`` uint8 (n, 28, 28), 0 to 255; ``data`` the same memory as rows
        (n, 784); ``target`` (n,) integers 0 to 9; ``target_names``;
        ``image_shape`` (28, 28); ``filenames``; ``DESCR``.

    Raises
    ------
    FileNotFoundError
        When a file is missing; says which, where it was looked for, and where it
        comes from.
    ValueError
        When a file is truncated, corrupt, or not MNIST's (shape, labels, number
        of digits of each class).

    References
    ----------
    .. [1] Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning
       applied to document recognition", Proceedings of the IEEE 86(11), 1998,
       section III.A.

    Examples
    --------
    >>> from sklearn_scat.datasets import load_mnist
    >>> try:
    ...     load_mnist(data_home="/nowhere")
    ... except FileNotFoundError as error:
    ...     print(str(error).splitlines()[0])
    MNIST was not found. Wanted, in one folder:
    """
    return load_idx_dataset(MNIST, subset, data_home, return_X_y=return_X_y)


def load_fashion_mnist(
    subset: Literal["train", "test", "all"] = "train",
    *,
    data_home: str | os.PathLike[str] | None = None,
    return_X_y: bool = False,
) -> Any:
    """Fashion-MNIST articles of clothing, from the IDX files on disk.

    The files bear MNIST's names and are looked for in
    ``data_home/fashion-mnist``, ``data_home/FashionMNIST`` and `data_home` [1]_.

    Parameters
    ----------
    subset : {"train", "test", "all"}, default="train"
        60,000 training images, 10,000 test images, or both in this order.
    data_home : path-like, default=None
        Folder to look in; None takes the environment variable
        ``SKLEARN_SCAT_DATA``. Debian's package ``dataset-fashion-mnist`` lays the
        files in ``/usr/share/datasets/fashion-mnist``.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    sklearn.utils.Bunch
        ``images`` uint8 (n, 28, 28), 0 to 255; ``data`` the same memory as rows
        (n, 784); ``target`` (n,) integers 0 to 9; ``target_names``;
        ``image_shape`` (28, 28); ``filenames``; ``DESCR``.

    Raises
    ------
    FileNotFoundError
        When a file is missing; says which, where it was looked for, and where it
        comes from.
    ValueError
        When a file is truncated, corrupt, or not Fashion-MNIST's (shape, labels,
        number of images of each class).

    References
    ----------
    .. [1] H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for
       benchmarking machine learning algorithms", arXiv:1708.07747, 2017, section 2.

    Examples
    --------
    >>> from sklearn_scat.datasets import load_fashion_mnist
    >>> try:
    ...     load_fashion_mnist(data_home="/nowhere")
    ... except FileNotFoundError as error:
    ...     print(str(error).splitlines()[0])
    Fashion-MNIST was not found. Wanted, in one folder:
    """
    return load_idx_dataset(FASHION_MNIST, subset, data_home, return_X_y=return_X_y)


def load_idx_dataset(published, subset, data_home, *, return_X_y=False):
    """Load MNIST's files of a data set; hold them against what is `published`."""
    check_choice(subset, "subset", SUBSETS)
    parts = ("train", "test") if subset == "all" else (subset,)
    paths = find_files(
        published.name,
        [names for part in parts for names in _file_names(part)],
        folders=published.folders,
        data_home=data_home,
        source=published.source,
    )
    pairs = zip(paths[::2], paths[1::2], strict=True)
    read = [
        _read_pair(published, part, pair)
        for part, pair in zip(parts, pairs, strict=True)
    ]
    images, labels = (
        column[0] if len(column) == 1 else np.concatenate(column)
        for column in zip(*read, strict=True)
    )
    bunch = image_bunch(
        images,
        labels,
        target_names=published.target_names,
        description=f"{published.description} From {published.source}.",
        filenames=paths,
    )
    return (bunch.data, bunch.target) if return_X_y else bunch


def _file_names(part):
    """Names of the image file and of the label file: official, or unpacked."""
    prefix = {"train": "train", "test": "t10k"}[part]
    return [
        tuple(
            f"{prefix}-{kind}{separator}idx{ndim}-ubyte{suffix}"
            for separator in "-."
            for suffix in (".gz", "")
        )
        for kind, ndim in (("images", 3), ("labels", 1))
    ]


def _read_pair(published, part, pair):
    image_path, label_path = pair
    counts = published.class_counts[part]
    n_images = sum(counts)
    labels = read_idx_bytes(label_path, (n_images,))
    check_labels(labels, len(counts), label_path)
    found = tuple(np.bincount(labels, minlength=len(counts)).tolist())
    if found != counts:
        raise ValueError(
            f"{label_path}: not the {part} labels of {published.name}: expected "
            f"{counts} images of each class, got {found}. Other data sets use the "
            f"same file names."
        )
    return read_idx_bytes(image_path, (n_images, *published.image_shape)), labels
