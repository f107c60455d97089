"""Many images: read in threads, the unreadable skipped on request, the rest counted."""

from contextlib import closing
from itertools import pairwise

import numpy as np
from sklearn.utils.parallel import Parallel, delayed

from sklearn_scat._compat import warn
from sklearn_scat._progress import Progress
from sklearn_scat.datasets._arguments import check_choice
from sklearn_scat.datasets._picture import (
    FURTHER_PAGES,
    TRANSPARENCY,
    is_path,
    read_picture,
    size_of,
)

ON_ERROR = ("raise", "skip")
OUTSIDE_CLASSES = "outside classes"
OTHER_SUFFIXES = "other suffixes"
NESTED_FOLDERS = "nested folders"
UNREADABLE = "unreadable"
_REFUSALS = (ValueError, OSError)  # of one image; all else ends the work
_KINDS = {  # what each is called, and what reads it
    OUTSIDE_CLASSES: ("files beside the folders of classes", ""),
    OTHER_SUFFIXES: ("files with other suffixes", ""),
    NESTED_FOLDERS: ("nested folders", "; recursive=True reads them"),
    TRANSPARENCY: ("transparency, read as opaque", "; mode='all' keeps it"),
    FURTHER_PAGES: ("pages after the first", "; pages= takes them"),
    UNREADABLE: ("images that cannot be read", ""),
}


class LeftAside:
    """What was there and was not read, by its kind.

    Examples
    --------
    >>> from sklearn_scat.datasets._reading import OTHER_SUFFIXES, LeftAside
    >>> left = LeftAside()
    >>> left.add(OTHER_SUFFIXES, "notes.txt")
    >>> left.add(OTHER_SUFFIXES, "labels.csv")
    >>> str(left)
    'files with other suffixes: 2 (notes.txt, …)'
    """

    def __init__(self):
        self._names = {}

    def add(self, kind, name):
        """Count one, and keep its name."""
        self._names.setdefault(kind, []).append(str(name))

    def __str__(self):
        parts = []
        for kind, (title, advice) in _KINDS.items():
            names = self._names.get(kind, [])
            if names:
                first = names[0] + (", …" if len(names) > 1 else "")
                parts.append(f"{title}: {len(names)} ({first}{advice})")
        return "; ".join(parts)

    def warn(self, where):
        """Warn once, of all that was counted, if there is any."""
        if self._names:
            warn(f"{where}: left aside: {self}.")


class Batch:
    """Images that were read.

    Parameters
    ----------
    names : list of str
        What the sources are called.
    left_aside : LeftAside
        Gets what is not read.

    Attributes
    ----------
    images : list of ndarray
        In the order of the sources.
    places : list of int
        The source of each.
    skipped : list of (str, str)
        Names and reasons of the sources that could not be read.
    """

    def __init__(self, names, left_aside):
        self._names, self._left_aside = names, left_aside
        self.images, self.places, self.skipped = [], [], []

    @property
    def names(self):
        """What the source of each image is called."""
        return [self._names[place] for place in self.places]

    def take(self, i, picture):
        """Add what was read of source i."""
        self.images += picture.images
        self.places += [i] * len(picture.images)
        for kind in picture.left_aside:
            self._left_aside.add(kind, self._names[i])

    def skip(self, i, error):
        """Note that source i could not be read."""
        self.skipped.append((self._names[i], str(error)))
        self._left_aside.add(UNREADABLE, error)


def names_of(sources):
    """Return what errors call the sources: their paths or their positions."""
    return [str(s) if is_path(s) else f"image {i}" for i, s in enumerate(sources)]


def read_all(sources, reading, left_aside, *, on_error, n_jobs=None, verbose=0):
    """Read images, one after the other or in threads.

    Parameters
    ----------
    sources : list
        Paths, bytes, pictures or arrays.
    reading : Reading
        How.
    left_aside : LeftAside
        Gets what is not read.
    on_error : {"raise", "skip"}
        What is done with an image that cannot be read.
    n_jobs : int, default=None
        Threads, as joblib counts them.
    verbose : int, default=0
        Whether progress is told on standard error.

    Returns
    -------
    batch : Batch
    """
    check_choice(on_error, "on_error", ON_ERROR)
    names = names_of(sources)
    tell = Progress("read", len(sources)) if verbose else lambda done: None
    calls = (
        delayed(_attempt)(source, reading, name)
        for source, name in zip(sources, names, strict=True)
    )
    pool = Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")
    batch = Batch(names, left_aside)
    with closing(pool(calls)) as outcomes:
        for i, outcome in enumerate(outcomes):
            if not isinstance(outcome, Exception):
                batch.take(i, outcome)
            elif on_error == "skip":
                batch.skip(i, outcome)
            else:
                raise outcome
            tell(i + 1)
    return batch


def _attempt(source, reading, name):
    """Return the picture, or why there is none."""
    try:
        return read_picture(source, reading, name=name)
    except _REFUSALS as error:
        return error


def stacked(images, names):
    """Return images as one array, freeing them on the way.

    Raises
    ------
    ValueError
        If their shapes differ.
    """
    check_equal([image.shape for image in images], names)
    stack = np.empty((len(images), *images[0].shape), images[0].dtype)
    for i in range(len(images)):
        stack[i], images[i] = images[i], None
    return stack


def check_equal(shapes, names):
    """Raise a ValueError that names the first two images whose shapes differ."""
    for (first, a), (second, b) in pairwise(zip(names, shapes, strict=True)):
        if a[:-2] != b[:-2]:
            raise ValueError(
                f"Images have different bands: {first} has the shape {a}, {second} "
                f"{b}. Give mode='L' or mode='RGB'."
            )
        if a != b:
            n_sizes = len({shape[-2:] for shape in shapes})
            height, width = np.min([shape[-2:] for shape in shapes], axis=0)
            raise ValueError(
                f"Images have {n_sizes} different sizes: {first} is {a[-2]}×{a[-1]} "
                f"(height×width), {second} is {b[-2]}×{b[-1]}. Give size=(height, "
                f"width) to resize all, with crop=True to cut out the middle (the "
                f"smallest sides are {height}×{width}), or ragged=True for a list of "
                f"arrays."
            )


def check_sizes_of_files(paths, *, on_error):
    """Compare the sizes in the headers, before any image is decoded."""
    sizes, names = [], []
    for path in paths:
        try:
            sizes.append(size_of(path))
            names.append(path)
        except _REFUSALS:
            if on_error == "raise":
                raise
    check_equal(sizes, names)
