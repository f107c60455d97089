"""The one shape in which every loader hands out its images."""

import numpy as np
from sklearn.utils import Bunch


def image_bunch(images, target, *, target_names, description, filenames):
    """Images, labels and their names as a Bunch.

    Parameters
    ----------
    images : ndarray of shape (n, H, W) or (n, C, H, W), C-contiguous, or list
        The images; ``data`` becomes the same memory as rows. For images of several
        sizes a list of arrays, which then is ``data`` too, with no ``image_shape``.
    target : array-like of int of shape (n,)
        Index of each image's class in `target_names`.
    target_names : sequence of str
        Names of the classes.
    description : str
        Becomes ``DESCR``.
    filenames : sequence of path-like
        The files that were read.

    Returns
    -------
    sklearn.utils.Bunch
        With ``data``, ``images``, ``target``, ``target_names``,
        ``image_shape``, ``filenames`` and ``DESCR``.
    """
    bunch = unlabelled_bunch(images, description=description, filenames=filenames)
    bunch.target = np.asarray(target, dtype=np.intp)
    bunch.target_names = np.asarray(target_names, dtype=str)
    return bunch


def unlabelled_bunch(images, *, description, filenames):
    """Images without labels as a Bunch; parameters as in :func:`image_bunch`."""
    ragged = isinstance(images, list)
    return Bunch(
        data=images if ragged else images.reshape(len(images), -1),
        images=images,
        image_shape=None if ragged else images.shape[1:],
        filenames=[str(path) for path in filenames],
        DESCR=description,
    )


def check_labels(labels, n_classes, path, *, first=0):
    """Raise a ValueError when a label lies outside first … first + n_classes − 1."""
    last = first + n_classes - 1
    wrong = np.flatnonzero((labels < first) | (labels > last))
    if wrong.size:
        raise ValueError(
            f"{path}: label {labels[wrong[0]]} at position {wrong[0]}; labels lie in "
            f"{first} … {last} ({wrong.size} of {labels.size} do not)."
        )
