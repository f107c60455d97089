"""CIFAR-10 and CIFAR-100, from their binary versions."""

import os
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sklearn_scat.datasets._arguments import SUBSETS, check_choice
from sklearn_scat.datasets._bunch import check_labels, image_bunch
from sklearn_scat.datasets._home import find_files
from sklearn_scat.datasets._records import read_records

IMAGE_SHAPE = (3, 32, 32)
_SOURCE = "https://www.cs.toronto.edu/~kriz/cifar.html, {archive} (A. Krizhevsky)"

CIFAR10_CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
# Both the superclasses and all hundred classes are numbered alphabetically.
CIFAR100_SUPERCLASSES = {
    "aquatic_mammals": "beaver dolphin otter seal whale",
    "fish": "aquarium_fish flatfish ray shark trout",
    "flowers": "orchid poppy rose sunflower tulip",
    "food_containers": "bottle bowl can cup plate",
    "fruit_and_vegetables": "apple mushroom orange pear sweet_pepper",
    "household_electrical_devices": "clock keyboard lamp telephone television",
    "household_furniture": "bed chair couch table wardrobe",
    "insects": "bee beetle butterfly caterpillar cockroach",
    "large_carnivores": "bear leopard lion tiger wolf",
    "large_man-made_outdoor_things": "bridge castle house road skyscraper",
    "large_natural_outdoor_scenes": "cloud forest mountain plain sea",
    "large_omnivores_and_herbivores": "camel cattle chimpanzee elephant kangaroo",
    "medium_mammals": "fox porcupine possum raccoon skunk",
    "non-insect_invertebrates": "crab lobster snail spider worm",
    "people": "baby boy girl man woman",
    "reptiles": "crocodile dinosaur lizard snake turtle",
    "small_mammals": "hamster mouse rabbit shrew squirrel",
    "trees": "maple_tree oak_tree palm_tree pine_tree willow_tree",
    "vehicles_1": "bicycle bus motorcycle pickup_truck train",
    "vehicles_2": "lawn_mower rocket streetcar tank tractor",
}
_COARSE_INDEX = {
    fine: index
    for index, members in enumerate(CIFAR100_SUPERCLASSES.values())
    for fine in members.split()
}
CIFAR100_COARSE = tuple(CIFAR100_SUPERCLASSES)
CIFAR100_FINE = tuple(sorted(_COARSE_INDEX))
COARSE_OF_FINE = np.array([_COARSE_INDEX[fine] for fine in CIFAR100_FINE])


@dataclass(frozen=True)
class RecordDataset:
    """What is published about a set of records: label bytes, then 3×32×32 pixels."""

    name: str
    folders: tuple
    files: dict  # subset → {file name: number of records}
    n_classes: tuple  # of each label byte
    source: str


CIFAR10 = RecordDataset(
    name="CIFAR-10",
    folders=("cifar-10-batches-bin", "cifar-10"),
    files={
        "train": {f"data_batch_{i}.bin": 10_000 for i in range(1, 6)},
        "test": {"test_batch.bin": 10_000},
    },
    n_classes=(10,),
    source=_SOURCE.format(archive="cifar-10-binary.tar.gz"),
)
CIFAR100 = RecordDataset(
    name="CIFAR-100",
    folders=("cifar-100-binary", "cifar-100"),
    files={"train": {"train.bin": 50_000}, "test": {"test.bin": 10_000}},
    n_classes=(20, 100),
    source=_SOURCE.format(archive="cifar-100-binary.tar.gz"),
)


def load_cifar10(
    subset: Literal["train", "test", "all"] = "train",
    *,
    data_home: str | os.PathLike[str] | None = None,
    return_X_y: bool = False,
) -> Any:
    """CIFAR-10 colour images, from the binary version on disk.

    The files ``data_batch_1.bin`` … ``data_batch_5.bin`` and ``test_batch.bin``
    [1]_ are looked for in ``data_home/cifar-10-batches-bin``,
    ``data_home/cifar-10`` and `data_home`. The version for Python, which is made
    of pickles, is not read.

    Parameters
    ----------
    subset : {"train", "test", "all"}, default="train"
        50,000 training images, 10,000 test images, or both in this order.
    data_home : path-like, default=None
        Folder to look in; None takes the environment variable
        ``SKLEARN_SCAT_DATA``.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    sklearn.utils.Bunch
        ``images`` uint8 (n, 3, 32, 32), channels red, green, blue first; ``data``
        the same memory as rows (n, 3072); ``target`` (n,) integers 0 to 9;
        ``target_names``; ``image_shape`` (3, 32, 32); ``filenames``; ``DESCR``.

    Raises
    ------
    FileNotFoundError
        When a file is missing; says which, where it was looked for, and where it
        comes from.
    ValueError
        When a file has not the published length, or a label is above 9.

    References
    ----------
    .. [1] A. Krizhevsky, "Learning multiple layers of features from tiny images",
       technical report, University of Toronto, 2009, chapter 3.

    Examples
    --------
    >>> from sklearn_scat.datasets import load_cifar10
    >>> try:
    ...     load_cifar10(data_home="/nowhere")
    ... except FileNotFoundError as error:
    ...     print(str(error).splitlines()[0])
    CIFAR-10 was not found. Wanted, in one folder:
    """
    bunch = cifar10_bunch(CIFAR10, subset, data_home)
    return (bunch.data, bunch.target) if return_X_y else bunch


def load_cifar100(
    subset: Literal["train", "test", "all"] = "train",
    *,
    labels: Literal["fine", "coarse"] = "fine",
    data_home: str | os.PathLike[str] | None = None,
    return_X_y: bool = False,
) -> Any:
    """CIFAR-100 colour images, from the binary version on disk.

    The files ``train.bin`` and ``test.bin`` [1]_ are looked for in
    ``data_home/cifar-100-binary``, ``data_home/cifar-100`` and `data_home`.

    Parameters
    ----------
    subset : {"train", "test", "all"}, default="train"
        50,000 training images, 10,000 test images, or both in this order.
    labels : {"fine", "coarse"}, default="fine"
        Whether ``target`` is the class (of 100) or the superclass (of 20).
    data_home : path-like, default=None
        Folder to look in; None takes the environment variable
        ``SKLEARN_SCAT_DATA``.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    sklearn.utils.Bunch
        ``images`` uint8 (n, 3, 32, 32), channels red, green, blue first; ``data``
        the same memory as rows (n, 3072); ``target`` and ``target_names`` as
        `labels` says; ``fine_target`` (n,) and ``coarse_target`` (n,) always;
        ``image_shape`` (3, 32, 32); ``filenames``; ``DESCR``.

    Raises
    ------
    FileNotFoundError
        When a file is missing; says which, where it was looked for, and where it
        comes from.
    ValueError
        When a file has not the published length, a label is out of range, or an
        image's superclass is not that of its class.

    References
    ----------
    .. [1] A. Krizhevsky, "Learning multiple layers of features from tiny images",
       technical report, University of Toronto, 2009, chapter 3.

    Examples
    --------
    >>> from sklearn_scat.datasets import load_cifar100
    >>> try:
    ...     load_cifar100(data_home="/nowhere")
    ... except FileNotFoundError as error:
    ...     print(str(error).splitlines()[0])
    CIFAR-100 was not found. Wanted, in one folder:
    """
    check_choice(labels, "labels", ("fine", "coarse"))
    bunch = cifar100_bunch(CIFAR100, subset, data_home, labels=labels)
    return (bunch.data, bunch.target) if return_X_y else bunch


def cifar10_bunch(published, subset, data_home):
    """CIFAR-10's Bunch, from files of the `published` lengths."""
    images, labels, paths = read_cifar(published, subset, data_home)
    return image_bunch(
        images,
        labels[:, 0],
        target_names=CIFAR10_CLASSES,
        description="CIFAR-10: 50,000 + 10,000 colour images of 32×32 in ten "
        f"classes, channels first, 0 to 255. From {published.source}.",
        filenames=paths,
    )


def cifar100_bunch(published, subset, data_home, *, labels):
    """CIFAR-100's Bunch, from files of the `published` lengths."""
    images, both, paths = read_cifar(published, subset, data_home)
    coarse, fine = both.T
    wrong = np.flatnonzero(COARSE_OF_FINE[fine] != coarse)
    if wrong.size:
        i = wrong[0]
        raise ValueError(
            f"{', '.join(map(str, paths))}: image {i} has class "
            f"{CIFAR100_FINE[fine[i]]!r} but superclass {CIFAR100_COARSE[coarse[i]]!r},"
            f" expected {CIFAR100_COARSE[COARSE_OF_FINE[fine[i]]]!r}."
        )
    bunch = image_bunch(
        images,
        fine if labels == "fine" else coarse,
        target_names=CIFAR100_FINE if labels == "fine" else CIFAR100_COARSE,
        description="CIFAR-100: 50,000 + 10,000 colour images of 32×32 in a hundred "
        "classes of twenty superclasses, channels first, 0 to 255. From "
        f"{published.source}.",
        filenames=paths,
    )
    bunch.fine_target = fine.astype(np.intp)
    bunch.coarse_target = coarse.astype(np.intp)
    return bunch


def read_cifar(published, subset, data_home):
    """Images (n, 3, 32, 32), label bytes (n, n_labels) and paths of a subset."""
    check_choice(subset, "subset", SUBSETS)
    parts = ("train", "test") if subset == "all" else (subset,)
    sizes = {name: n for part in parts for name, n in published.files[part].items()}
    paths = find_files(
        published.name,
        [(name,) for name in sizes],
        folders=published.folders,
        data_home=data_home,
        source=published.source,
    )
    n_labels = len(published.n_classes)
    n_pixels = int(np.prod(IMAGE_SHAPE))
    pixels = np.empty((sum(sizes.values()), n_pixels), np.uint8)
    labels = np.empty((len(pixels), n_labels), np.uint8)
    start = 0
    for path, n_records in zip(paths, sizes.values(), strict=True):
        stop = start + n_records
        for rows, records in read_records(path, n_records, n_labels + n_pixels):
            labels[start:stop][rows] = records[:, :n_labels]
            pixels[start:stop][rows] = records[:, n_labels:]
        for column, n_classes in zip(
            labels[start:stop].T, published.n_classes, strict=True
        ):
            check_labels(column, n_classes, path)
        start = stop
    return pixels.reshape(-1, *IMAGE_SHAPE), labels, paths
