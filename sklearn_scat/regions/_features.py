"""A table of the features of objects."""

import math
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed

from sklearn_scat._batches import float_dtype
from sklearn_scat.regions._crops import crop_sides, cut
from sklearn_scat.regions._objects import checked_pairs, find_regions
from sklearn_scat.transformers import RotoTranslationScattering, ScatteringTransformer

_BATCH_BYTES = 2**24  # of the maps of crops that are computed at once
BOX_COLUMNS = ("min_row", "min_col", "max_row", "max_col")


def region_features(
    images: ArrayLike,
    labels: ArrayLike,
    transformer: Any = None,
    *,
    n_jobs: int | None = None,
) -> Any:
    r"""Return the scattering coefficients of every object under a mask, as a table.

    Each object is cut out with its bounding box, all other pixels of this crop are
    given the value of the object's nearest one, and the maps S of the crop are averaged
    where the object is:

    .. math:: \frac{\sum_u (\varphi_J * m)(u)\, S(u)}{\sum_u (\varphi_J * m)(u)},

    m being 1 on the object and 0 elsewhere, and u the samples of the maps, every
    :math:`2^J` pixels: an average normalised by what is known [1]_. Nothing else in the
    image changes an object's row, nor does its place.

    Parameters
    ----------
    images : array-like of shape (n, H, W) or (n, C, H, W), or list of images
        Of several sizes in a list. One image (H, W) or (C, H, W) where `labels` is
        (H, W). Values are taken as they are.
    labels : array-like of int of shape (n, H, W), or list of arrays (H, W)
        The object of each pixel, 0 for none. Of bool, what is True is one object.
    transformer : ScatteringTransformer or RotoTranslationScattering, default=None
        Says what is computed, fitted or not. None is ``ScatteringTransformer()``. Its
        `pooling` may be None or "mean": both average over the object.
    n_jobs : int, default=None
        Threads that share the objects, as everywhere in scikit-learn.

    Returns
    -------
    table : pandas.DataFrame, or structured ndarray where pandas is not installed
        One row an object, by image and then by label. Columns ``image`` (its position),
        ``label``, ``area`` (pixels), ``min_row``, ``min_col``, ``max_row``, ``max_col``
        (the bounding box, half open, as of `scipy.ndimage.find_objects`), then the
        features under the names of their paths.

    Raises
    ------
    ValueError
        If labels are not of their image's shape, not integers or negative, an object
        lies out of its image, an image has no object, an object's pixel is not finite,
        or the transformer's :math:`2^J` is larger than an image.

    See Also
    --------
    RegionFeatures : The same as an estimator.

    Notes
    -----
    An object of any size has a row. Wavelets larger than the object see mostly the
    fill: of an object of one pixel order 0 is its value, and all else vanishes. `area`
    is there to select by.

    Crops have a few sizes, so that objects share filters, and are computed in batches.
    The mean over an object that is the whole image is that of ``pooling="mean"``.

    References
    ----------
    .. [1] H. Knutsson and C.-F. Westin, "Normalized and differential convolution",
       CVPR 1993, equation (4).

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat import ScatteringTransformer, region_features
    >>> image = np.random.default_rng(0).random((64, 64))
    >>> labels = np.zeros((64, 64), int)
    >>> labels[5:25, 10:30], labels[40:60, 8:30] = 1, 2
    >>> table = region_features(image, labels, ScatteringTransformer(J=2))
    >>> table.shape, table.columns[7], table.columns[87]
    ((2, 88), 's0', 's2_j0_t7_j1_t7')
    >>> table[["label", "area", "min_row", "min_col", "max_row", "max_col"]]
       label  area  min_row  min_col  max_row  max_col
    0      1   400        5       10       25       30
    1      2   440       40        8       60       30
    """
    images, labels = checked_pairs(images, labels)
    regions = find_regions(labels)
    own = maps_of(transformer)
    S = object_features(own, regions, pairs=(images, labels), n_jobs=n_jobs)
    return _table(regions, S, names=feature_names(own, images[0]))


def maps_of(transformer):
    """Return a transformer of the same maps, unfitted, which pools nothing.

    Raises
    ------
    ValueError
        If it is none of this package, or has a pooling that is no mean.
    """
    if transformer is None:
        transformer = ScatteringTransformer()
    if not isinstance(transformer, ScatteringTransformer | RotoTranslationScattering):
        raise ValueError(
            "transformer must be a ScatteringTransformer or RotoTranslationScattering; "
            f"got {type(transformer).__name__}. What comes after it takes the features."
        )
    if transformer.pooling not in (None, "mean"):
        raise ValueError(
            "Objects have means of maps: transformer.pooling must be None or 'mean'; "
            f"got {transformer.pooling!r}."
        )
    own = clone(transformer).set_output(transform="default")
    return own.set_params(
        pooling=None, output="maps", image_shape=None, dtype=None, verbose=0
    )


def feature_names(own, image):
    """Return the names of the features of objects in an image."""
    one = clone(own).set_params(pooling="mean")
    sides = [2 ** int(own.J)] * 2
    return one.fit(np.zeros((1, *image.shape[:-2], *sides))).get_feature_names_out()


class _Batch(NamedTuple):
    """Objects whose crops have one size, and their places among all."""

    sides: tuple
    places: list


def object_features(own, regions, *, pairs, n_jobs=None):
    """Return the means of the maps of objects, by a transformer of maps: (n, C·P)."""
    images, labels = pairs

    def compute(batch):
        crops = [
            cut(region, images[region.image], labels[region.image], sides=batch.sides)
            for region in (regions[place] for place in batch.places)
        ]
        pixels, masks = (np.stack(part) for part in zip(*crops, strict=True))
        return averages(own, pixels.astype(dtype, copy=False), masks)

    dtype = np.result_type(*(float_dtype(image.dtype) for image in images))
    batches = _batches(own, regions, images=images)
    parts = Parallel(n_jobs=n_jobs, prefer="threads")(map(delayed(compute), batches))
    S = np.empty((len(regions), parts[0].shape[1]), dtype)
    for batch, part in zip(batches, parts, strict=True):
        S[batch.places] = part
    return S


def _batches(own, regions, *, images):
    """Return the objects by the size of their crops, a few megabytes of maps each."""
    places = {}
    for i, region in enumerate(regions):
        sides = crop_sides(region, images[region.image].shape[-2:], J=int(own.J))
        places.setdefault(sides, []).append(i)
    channels = math.prod(images[0].shape[:-2])
    return [
        _Batch(sides, group[start : start + size])
        for sides, group in places.items()
        for size in [_BATCH_BYTES // _maps_bytes(own, channels, sides=sides) or 1]
        for start in range(0, len(group), size)
    ]


def _maps_bytes(own, channels, *, sides):
    """Return the bytes of the maps of one crop, in float64."""
    J, L = int(own.J), int(own.L)
    paths = sum(math.comb(J, m) * L**m for m in range(int(own.max_order) + 1))
    return 8 * channels * paths * math.prod(sides) * 4 ** int(own.oversampling) // 4**J


def averages(own, pixels, masks):
    """Return the averages of the maps of crops over their masks: (b, C·P).

    The weights φ_J * m are the coefficients of order 0 of the masks themselves.

    Parameters
    ----------
    own : transformer
        Of maps.
    pixels : ndarray of shape (b, h, w) or (b, C, h, w)
        Crops.
    masks : ndarray of bool of shape (b, h, w)
        Of the objects.
    """
    S = clone(own).fit(pixels).transform(pixels)
    padding = "reflect" if own.padding == "zero" else own.padding
    blur = clone(own).set_params(max_order=0, padding=padding)
    weights = blur.fit_transform(masks.astype(pixels.dtype))[:, 0]
    means = np.einsum("bphw,bhw->bp", S, weights)
    return means / weights.sum(axis=(1, 2))[:, None]


def _table(regions, S, *, names):
    """Return objects and their features as a table."""
    columns = _descriptions(regions) | dict(zip(names.tolist(), S.T, strict=True))
    if find_spec("pandas") is None:
        dtype = [(name, column.dtype) for name, column in columns.items()]
        table = np.empty(len(regions), dtype)
        for name, column in columns.items():
            table[name] = column
        return table
    import pandas as pd

    return pd.DataFrame(columns)


def _descriptions(regions):
    """Return what tells objects apart, column by column."""
    labels = [region.label for region in regions]
    large = max(labels) > np.iinfo(np.int64).max
    boxes = [
        (rows.start, columns.start, rows.stop, columns.stop)
        for rows, columns in (region.box for region in regions)
    ]
    return {
        "image": np.array([region.image for region in regions]),
        "label": np.array(labels, np.uint64 if large else np.int64),
        "area": np.array([region.area for region in regions]),
        **dict(zip(BOX_COLUMNS, np.array(boxes).T, strict=True)),
    }
