"""Labelled images, as cases load them."""

from dataclasses import dataclass

import numpy as np

from sklearn_scat.recipes import SmallestSides


@dataclass(frozen=True)
class ImageSet:
    """Labelled images to draw from, and to test on.

    Parameters
    ----------
    images : ndarray of shape (n, H, W) or (n, C, H, W)
        Training images are drawn from these. Or (n,), of objects: arrays of any sizes.
    target : ndarray of shape (n,)
        Their classes: numbers or strings.
    test_images : ndarray of shape (m, H, W) or (m, C, H, W), default=None
        What accuracy is measured on. None takes all that were not drawn.
    test_target : ndarray of shape (m,), default=None
        Their classes.
    folds : ndarray of int of shape (n_folds, n_train), default=None
        Published training sets: positions of the images of each. For a training size
        of n_train they take the place of draws, fold by seed.

    Raises
    ------
    ValueError
        If the numbers of images and of classes differ, a class is tested that no
        training image has, or a fold holds positions that there are not.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.experiments import ImageSet
    >>> ImageSet(np.zeros((4, 8, 8)), np.array([0, 1, 0, 1])).image_shape
    (8, 8)
    """

    images: np.ndarray
    target: np.ndarray
    test_images: np.ndarray | None = None
    test_target: np.ndarray | None = None
    folds: np.ndarray | None = None

    def __post_init__(self):
        """Compare the lengths, the classes and the folds."""
        _check_labels("images", self.images, self.target)
        if self.test_images is not None:
            _check_labels("test images", self.test_images, self.test_target)
            _check_classes(self.target, self.test_target)
        if self.folds is not None and not np.all(
            (self.folds >= 0) & (self.folds < len(self.images))
        ):
            raise ValueError(
                f"folds hold positions up to {np.max(self.folds)}; there are "
                f"{len(self.images)} training images."
            )

    @property
    def image_shape(self) -> tuple[int, ...]:
        """(H, W) or (C, H, W); :class:`SmallestSides` of images of any sizes."""
        if self.is_ragged:
            sides = np.min([image.shape[-2:] for image in self.images], axis=0)
            return SmallestSides((*self.images[0].shape[:-2], *map(int, sides)))
        return tuple(int(side) for side in self.images.shape[1:])

    @property
    def is_ragged(self) -> bool:
        """Whether images are objects, of any sizes."""
        return self.images.dtype.hasobject

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(np.unique(self.target))


def _check_classes(target, test_target):
    unknown = np.setdiff1d(np.unique(test_target), np.unique(target))
    if len(unknown):
        raise ValueError(
            f"test images are of class {unknown[0]}, which no training image has."
        )


def _check_labels(kind, images, target):
    n = "none" if target is None else len(target)
    if n != len(images):
        raise ValueError(f"there are {len(images)} {kind}, and {n} labels for them.")
