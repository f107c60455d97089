"""Training images, each once: what comes several times counts by its weight."""

import hashlib
from typing import NamedTuple

import numpy as np


class Samples(NamedTuple):
    """Distinct images with their targets, in an order that their pixels decide.

    Attributes
    ----------
    images : ndarray of shape (n, features), or list of ndarray
        Rows of pixels where all have one shape, else images.
    targets : ndarray of shape (n,)
        Indices of classes, or values.
    weight : ndarray of shape (n,), or None
        None where all weigh 1.
    """

    images: object
    targets: np.ndarray
    weight: np.ndarray | None

    def part(self, indices):
        """Return the samples of some indices."""
        weight = None if self.weight is None else self.weight[indices]
        return Samples(self.images_of(indices), self.targets[indices], weight)

    def images_of(self, indices):
        """Return the images of some indices, in the form of all."""
        if isinstance(self.images, np.ndarray):
            return self.images[indices]
        return [self.images[i] for i in indices]


def distinct_samples(images, targets, weight):
    """Return samples of positive weight, of equal ones the first with all their weight.

    So that a copy of a test image is never learned from, whichever folds are drawn, and
    that an image of weight k counts as k images. Images of one content and several
    targets stay apart.

    Parameters
    ----------
    images : ndarray of shape (n, ...), or list of ndarray
        Images.
    targets : ndarray of shape (n,)
        Numbers.
    weight : ndarray of shape (n,), or None
        Not negative.

    Returns
    -------
    samples : Samples
        Sorted by a hash of the images.
    places : ndarray of int of shape (n,)
        Where each given image is among them; −1 for those of weight 0.
    """
    weight = np.ones(len(targets)) if weight is None else weight
    keys = np.array([_key(*pair) for pair in zip(images, targets, strict=True)])
    kept = np.flatnonzero(weight > 0)
    _, first, inverse = np.unique(keys[kept], return_index=True, return_inverse=True)
    total = np.bincount(inverse, weights=weight[kept])
    alike = isinstance(images, np.ndarray)
    samples = Samples(
        images.reshape(len(images), -1) if alike else images, targets, None
    )
    own = samples.part(kept[first])
    places = np.full(len(keys), -1)
    places[kept] = inverse
    return own if np.all(total == 1) else own._replace(weight=total), places


def dealt_folds(classes, n_folds):
    """Return the fold of every sample, each class dealt out evenly.

    Parameters
    ----------
    classes : ndarray of int of shape (n,)
        In an order that says nothing.
    n_folds : int
        Most folds; there are no more than the largest class has samples.

    Returns
    -------
    fold : ndarray of int of shape (n,)
        −1 for the only sample of a class, which is always learned from.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.predictors._samples import dealt_folds
    >>> dealt_folds(np.array([0, 1, 0, 1, 2]), 5).tolist()
    [0, 0, 1, 1, -1]
    """
    counts = np.bincount(classes)
    n_folds = min(n_folds, counts.max())
    fold = np.empty(len(classes), int)
    fold[np.argsort(classes, kind="stable")] = np.arange(len(classes)) % n_folds
    fold[counts[classes] == 1] = -1
    return fold


def _key(image, target):
    """Return a hash of an image, its form and its target."""
    form = repr((image.shape, image.dtype.str, target.item()))
    digest = hashlib.blake2b(form.encode(), digest_size=16)
    digest.update(np.ascontiguousarray(image))
    return digest.hexdigest()
