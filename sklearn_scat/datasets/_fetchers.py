"""Data sets that are downloaded where they are not on disk yet."""

import os
from typing import Any, Literal

from sklearn_scat.datasets._cifar import load_cifar10
from sklearn_scat.datasets._download import (
    CIFAR10_FILES,
    FASHION_MNIST_FILES,
    MNIST_FILES,
    download,
    download_home,
)
from sklearn_scat.datasets._mnist import load_fashion_mnist, load_mnist


def fetch_mnist(
    subset: Literal["train", "test", "all"] = "train",
    *,
    data_home: str | os.PathLike[str] | None = None,
    return_X_y: bool = False,
) -> Any:
    """MNIST digits, downloaded at the first call: 11 MB.

    The files are those of their authors [1]_, from mirrors of PyTorch and Google, held
    against their published contents by SHA-256.

    Parameters
    ----------
    subset : {"train", "test", "all"}, default="train"
        60,000 training digits, 10,000 test digits, or both in this order.
    data_home : path-like, default=None
        Folder to look in, and to write to; None takes the environment variable
        ``SKLEARN_SCAT_DATA``, or else ``sklearn_scat`` in scikit-learn's home of data.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    sklearn.utils.Bunch
        As of :func:`load_mnist`.

    Raises
    ------
    OSError
        If a file is not there and cannot be downloaded, or is not the published one.
    ValueError
        When a file on disk is not MNIST's.

    References
    ----------
    .. [1] Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning
       applied to document recognition", Proceedings of the IEEE 86(11), 1998,
       section III.A.

    Examples
    --------
    >>> from sklearn_scat.datasets import fetch_mnist
    >>> X, y = fetch_mnist(return_X_y=True)  # doctest: +SKIP
    """
    load, files = load_mnist, MNIST_FILES
    return _fetched(load, files, subset, data_home=data_home, return_X_y=return_X_y)


def fetch_fashion_mnist(
    subset: Literal["train", "test", "all"] = "train",
    *,
    data_home: str | os.PathLike[str] | None = None,
    return_X_y: bool = False,
) -> Any:
    """Fashion-MNIST articles of clothing, downloaded at the first call: 30 MB.

    The files are those of their authors [1]_, held against their published contents by
    SHA-256.

    Parameters
    ----------
    subset : {"train", "test", "all"}, default="train"
        60,000 training images, 10,000 test images, or both in this order.
    data_home : path-like, default=None
        Folder to look in, and to write to; None takes the environment variable
        ``SKLEARN_SCAT_DATA``, or else ``sklearn_scat`` in scikit-learn's home of data.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    sklearn.utils.Bunch
        As of :func:`load_fashion_mnist`.

    Raises
    ------
    OSError
        If a file is not there and cannot be downloaded, or is not the published one.
    ValueError
        When a file on disk is not Fashion-MNIST's.

    References
    ----------
    .. [1] H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for
       benchmarking machine learning algorithms", arXiv:1708.07747, 2017, section 2.

    Examples
    --------
    >>> from sklearn_scat.datasets import fetch_fashion_mnist
    >>> X, y = fetch_fashion_mnist(return_X_y=True)  # doctest: +SKIP
    """
    load, files = load_fashion_mnist, FASHION_MNIST_FILES
    return _fetched(load, files, subset, data_home=data_home, return_X_y=return_X_y)


def fetch_cifar10(
    subset: Literal["train", "test", "all"] = "train",
    *,
    data_home: str | os.PathLike[str] | None = None,
    return_X_y: bool = False,
) -> Any:
    """CIFAR-10 colour images, downloaded at the first call: 170 MB.

    The archive is its author's binary version [1]_, held against its published contents
    by SHA-256; its six files stay, 184 MB.

    Parameters
    ----------
    subset : {"train", "test", "all"}, default="train"
        50,000 training images, 10,000 test images, or both in this order.
    data_home : path-like, default=None
        Folder to look in, and to write to; None takes the environment variable
        ``SKLEARN_SCAT_DATA``, or else ``sklearn_scat`` in scikit-learn's home of data.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    sklearn.utils.Bunch
        As of :func:`load_cifar10`.

    Raises
    ------
    OSError
        If the archive cannot be downloaded, or is not the published one.
    ValueError
        When a file on disk is not CIFAR-10's.

    References
    ----------
    .. [1] A. Krizhevsky, "Learning multiple layers of features from tiny images",
       technical report, University of Toronto, 2009, chapter 3.

    Examples
    --------
    >>> from sklearn_scat.datasets import fetch_cifar10
    >>> X, y = fetch_cifar10(return_X_y=True)  # doctest: +SKIP
    """
    load, files = load_cifar10, CIFAR10_FILES
    return _fetched(load, files, subset, data_home=data_home, return_X_y=return_X_y)


def _fetched(load, remote, subset, *, data_home, return_X_y):
    """Load a data set, downloading it before if its files are missing."""
    settings = {"data_home": download_home(data_home), "return_X_y": return_X_y}
    try:
        return load(subset, **settings)
    except FileNotFoundError:
        download(remote, settings["data_home"])
    return load(subset, **settings)
