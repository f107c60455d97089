"""Shares of places in the decisions of a kernel that compares patches."""

import numpy as np

from sklearn_scat._images import checked_images
from sklearn_scat.attribution._columns import Block

_IMAGES = 100  # whose patches are held at once


def local_kernel_shares(model, images, pair):
    r"""Return blocks, shares, bases and decisions of a local kernel's decisions.

    With the coefficients :math:`a_k` of the training images, those of the class less
    those of the runner-up,

    .. math:: D(x) = b + \sum_p s_p(x), \qquad
              s_p(x) = \sum_k a_k \sum_q w(p - q)\, \kappa(x_p, z_{k,q}),

    so that the share of a patch is exact. It is divided evenly among the samples of the
    maps that the patch covers.

    Parameters
    ----------
    model : LocalKernelRidge
        Fitted.
    images : array-like of images
        Those of the pair, then those of the reference, if any: the mean of whose shares
        is taken off.
    pair : Pair
        Class and runner-up of each image.

    Returns
    -------
    blocks : tuple of Block
        Of every transformer and side of patches: one channel, no paths, (h, w).
    values : ndarray of shape (n, sum of h·w)
        Shares.
    bases, decisions : ndarray of shape (n,)
        b, with the reference's shares; b with the images' own.
    """
    images = checked_images(model, images, reset=False).as_given()
    starts = range(0, len(images), _IMAGES)
    parts = [_class_maps(model, images[i : i + _IMAGES]) for i in starts]
    n = len(pair.first)
    blocks, values = [], []
    bases = _towards(np.tile(model.intercept_, (n, 1)), pair)
    decisions = bases
    for maps in map(np.concatenate, zip(*parts, strict=True)):  # (n + m, K, h, w)
        own = _towards(maps[:n], pair)
        mean = np.zeros_like(own)
        if len(maps) > n:
            mean = _towards(np.repeat(maps[n:].mean(axis=0)[None], n, axis=0), pair)
        blocks.append(
            Block(_name(model, len(blocks)), None, (1, 1, *own.shape[1:]), True)
        )
        values.append((own - mean).reshape(n, -1))
        decisions = decisions + own.sum(axis=(1, 2))
        bases = bases + mean.sum(axis=(1, 2))
    return tuple(blocks), np.hstack(values), bases, decisions


def _class_maps(model, images):
    """Return what places add to the outputs: (n, K, h, w) for every kernel."""
    found = []
    n_kernels = sum(map(len, model.kernels_))
    for scattering, kernels in zip(model.scatterings_, model.kernels_, strict=True):
        copies = model._copies(scattering, images)
        for kernel in kernels:
            maps = kernel.place_outputs(copies, model.dual_coef_ / n_kernels)
            mirrored = (m[..., ::-1] for m in maps[1:])
            found.append(sum(mirrored, start=maps[0]))
    return found


def _towards(values, pair):
    """Return values (n, K, ...) of the class less those of the runner-up: (n, ...).

    Of two classes, that of the second, counted towards the class, as decisions are.
    """
    rows = np.arange(len(pair.first))
    if values.shape[1] == 2:
        signs = pair.signs.reshape(-1, *[1] * (values.ndim - 2))
        return signs * values[:, 1]
    return values[rows, pair.first] - values[rows, pair.second]


def _name(model, i):
    """Return the name of a kernel: the side of its patches, and which maps."""
    sizes = [(m, k.patch_size) for m, ks in enumerate(model.kernels_) for k in ks]
    m, size = sizes[i]
    several = f" of maps {m + 1}" if len(model.kernels_) > 1 else ""
    return f"patches {size}×{size}{several}"
