"""Rows of pixels as shuffled batches of tensors."""

import numpy as np
import torch


class LabelledImages(torch.utils.data.Dataset):
    """Rows of pixels of any dtype, as images in float32 with the codes of classes.

    Parameters
    ----------
    rows : ndarray of shape (n, features)
        Pixels; may be a memory map, which is read batch by batch.
    codes : ndarray of shape (n,)
        Classes, 0 … K − 1.
    image_shape : tuple (C, H, W)
        Shape of one image.
    weight : ndarray of shape (n,), default=None
        Weights of the images in the loss; those of weight 0 are left out.
    chosen : ndarray of int, default=None
        Those of the rows that are meant; None is all.
    """

    def __init__(self, rows, codes, image_shape, *, weight=None, chosen=None):
        self.rows, self.codes, self.image_shape = rows, codes, image_shape
        self.weight = weight
        if chosen is None:
            chosen = np.arange(len(rows)) if weight is None else np.flatnonzero(weight)
        self.chosen = chosen

    def __len__(self):
        return len(self.chosen)

    def part(self, chosen):
        """Return some of the images, without a copy of their pixels."""
        return type(self)(
            *(self.rows, self.codes, self.image_shape),
            weight=self.weight,
            chosen=self.chosen[chosen],
        )

    def __getitem__(self, i):
        images, codes = self.take([i])
        return images[0], codes[0]

    def take(self, indices):
        """Return some images (b, C, H, W) and their classes (b,)."""
        indices = self.chosen[indices]
        images = np.ascontiguousarray(self.rows[indices], dtype=np.float32)
        images = images.reshape(len(images), *self.image_shape)
        return torch.from_numpy(images), torch.from_numpy(self.codes[indices])

    def batch(self, indices):
        """Return what a net takes: some images, beside their weights, and classes."""
        images, codes = self.take(indices)
        if self.weight is None:
            return images, codes
        weight = torch.from_numpy(self.weight[self.chosen[indices]]).float()
        return {"x": images, "sample_weight": weight}, codes


class ImageBatches:
    """Batches of a :class:`LabelledImages`, in another order at every pass.

    A last batch of a single image joins the one before it: batch normalisation would
    have no variance to divide by.

    Parameters
    ----------
    images : LabelledImages
        The images.
    batch_size : int
        Images of a batch.
    seed : int, default=None
        Draws the order; None keeps it.
    """

    def __init__(self, images, batch_size, *, seed=None):
        self.images, self.batch_size = images, batch_size
        self.generator = None if seed is None else np.random.default_rng(seed)

    def __len__(self):
        return len(batch_starts(len(self.images), self.batch_size))

    def __iter__(self):
        n = len(self.images)
        order = (
            np.arange(n) if self.generator is None else self.generator.permutation(n)
        )
        starts = batch_starts(n, self.batch_size)
        for chosen in np.split(order, starts[1:]):
            yield self.images.batch(chosen)


def batch_starts(n, batch_size):
    """Return where batches of `n` images begin.

    Examples
    --------
    >>> from sklearn_scat.neural._image_batches import batch_starts
    >>> batch_starts(9, 4), batch_starts(10, 4), batch_starts(1, 4)
    ([0, 4], [0, 4, 8], [0])
    """
    starts = list(range(0, n, batch_size))
    if batch_size > 1 and len(starts) > 1 and n - starts[-1] == 1:
        starts.pop()
    return starts
