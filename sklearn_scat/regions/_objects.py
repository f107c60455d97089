"""Objects of label images: where they lie, and all that can be wrong with them."""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import find_objects

from sklearn_scat._array_likes import as_array


class Region(NamedTuple):
    """An object of an image.

    Attributes
    ----------
    image : int
        The image in which it lies.
    label : int
        Its number there.
    box : tuple of slice (rows, columns)
        Its bounding box, half open, as `scipy.ndimage.find_objects` gives it.
    area : int
        Number of its pixels.
    """

    image: int
    label: int
    box: tuple
    area: int

    @property
    def sides(self):
        """Height and width of its box."""
        return tuple(side.stop - side.start for side in self.box)


def checked_pairs(images, labels):
    """Return images and their labels as two lists of arrays.

    Parameters
    ----------
    images : array-like of shape (n, H, W) or (n, C, H, W), or list of images
        One image (H, W) or (C, H, W) where `labels` is (H, W).
    labels : array-like of int of shape (n, H, W), or list of (H, W)
        0 is background. Of bool, True is one object.

    Raises
    ------
    ValueError
        If an image has no labels of its own shape, labels are no numbers of objects, or
        an image has no object.
    """
    if getattr(labels, "ndim", 3) == 2:
        images, labels = [images], [labels]
    if len(images) != len(labels):
        raise ValueError(
            f"Every image needs its labels; got {len(images)} images and labels of "
            f"{len(labels)}."
        )
    images = [as_array(image) for image in images]
    labels = [as_array(one) for one in labels]
    for i, (image, own) in enumerate(zip(images, labels, strict=True)):
        _check_shape(i, image, own)
        _check_labels(i, own)
        if image.shape[:-2] != images[0].shape[:-2]:
            raise ValueError(
                f"All images must have as many channels, which come first; image {i} "
                f"has shape {image.shape}, and image 0 {images[0].shape}."
            )
    return images, labels


def _check_shape(i, image, labels):
    """Refuse labels that are not of their image's height and width."""
    shape = getattr(image, "shape", ())
    if len(shape) not in (2, 3) or 0 in shape:
        raise ValueError(
            f"Images must be (H, W) or (C, H, W), with pixels; image {i} has shape "
            f"{shape}."
        )
    if np.shape(labels) == tuple(shape[-2:]):
        return
    raise ValueError(
        f"Labels must be (H, W) as their image is; image {i} has shape {shape}, and "
        f"its labels {np.shape(labels)}{_object_outside(shape[-2:], labels)}."
    )


def _object_outside(sides, labels):
    """Name an object that has a pixel out of its image, if there is one."""
    if np.ndim(labels) != 2 or labels.dtype.kind not in "iu":
        return ""
    height, width = sides
    outside = np.concatenate([labels[height:].ravel(), labels[:, width:].ravel()])
    objects = outside[outside > 0]
    return f": object {objects[0]} lies out of the image" if objects.size else ""


def _check_labels(i, labels):
    """Refuse labels that are no numbers of objects, and those without any object."""
    if labels.dtype.kind not in "biu":
        raise ValueError(
            f"Labels must be integers, or bool for one object; those of image {i} are "
            f"{labels.dtype}: pass labels.astype(int) if they are whole numbers."
        )
    if labels.min() < 0:
        raise ValueError(
            "Labels must be 0 for the background and positive for objects; those of "
            f"image {i} go down to {labels.min()}."
        )
    if not labels.any():
        raise ValueError(
            f"The labels of image {i} hold no object, all are 0: leave the image out."
        )


def find_regions(labels):
    """Return the objects of label images, by image and then by label."""
    return [
        Region(i, label, box, int(np.count_nonzero(own[box] == label)))
        for i, own in enumerate(labels)
        for label, box in _boxes(own)
    ]


def _boxes(labels):
    """Yield the objects of one image as (label, box)."""
    if labels.dtype.kind == "b":
        labels = labels.view(np.uint8)
    names = None
    if labels.max() > labels.size:  # one slot a number would fill the memory
        names, labels = np.unique(labels, return_inverse=True)
        labels = labels.astype(np.intp) + (names[0] > 0)
        names = names[names > 0]
    for i, box in enumerate(find_objects(labels)):
        if box is not None:
            yield int(i + 1 if names is None else names[i]), box
