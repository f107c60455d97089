"""From files to images, as a step before scattering."""

import math
from numbers import Integral
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import check_is_fitted

from sklearn_scat._compat import fit_context
from sklearn_scat.datasets._picture import Reading, read_picture
from sklearn_scat.datasets._pixels import MODES
from sklearn_scat.datasets._reading import (
    ON_ERROR,
    LeftAside,
    names_of,
    read_all,
    stacked,
)
from sklearn_scat.datasets._sources import as_sources


class ImageReader(
    TransformerMixin,
    BaseEstimator,
    auto_wrap_output_keys=None,  # type: ignore[call-arg]
):
    """Read images from paths, bytes, pictures or arrays.

    Stands before scattering in a pipeline, and in a
    :class:`~sklearn.compose.ColumnTransformer` on the column of a table that holds
    paths.

    Parameters
    ----------
    size : (int, int), default=None
        Height and width that every image is brought to: stretched by Pillow's bilinear
        filter, which averages where it shrinks. None leaves sizes alone; where they
        differ, the images come as a list, which scattering takes under
        ``pooling="mean"``.
    crop : bool, default=False
        Cut the middle of `size` out of each image rather than stretch it.
    mode : {"L", "RGB", "all"}, default="L"
        Grey levels (Rec. 601 luma of colours), red, green and blue, or all bands.
    depth : {8, 16, "float"}, default=8
        The scale of the values: uint8 with white at 255, uint16 with white at 65535, or
        float32 with white at 1 (:func:`~sklearn_scat.datasets.read_image`).
    pages : {"first", "bands"}, default="first"
        Of files of several pages, the first, or all as the bands of one image.
    on_error : {"raise", "skip"}, default="raise"
        What is done with an image that cannot be read. "skip" leaves it out, with a
        warning: rows then are fewer than X has, so that `y` and other columns no longer
        match; :func:`~sklearn_scat.datasets.load_images` says which.
    n_jobs : int, default=None
        Threads that read, as joblib counts them; None is one.
    verbose : int, default=0
        Whether progress is told on standard error.

    Attributes
    ----------
    image_shape_ : tuple of int
        Shape of the first image that `fit` saw, (H, W) or (C, H, W).

    See Also
    --------
    sklearn_scat.datasets.load_image_folder : Images and labels of a folder.

    Examples
    --------
    >>> import io
    >>> from PIL import Image
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_scat import ImageReader, ScatteringTransformer
    >>> files = [io.BytesIO(), io.BytesIO()]
    >>> for file, side in zip(files, (40, 50), strict=True):
    ...     Image.new("RGB", (side, side)).save(file, "JPEG")
    >>> pipeline = make_pipeline(ImageReader(size=(32, 32)), ScatteringTransformer(J=3))
    >>> pipeline.fit_transform([file.getvalue() for file in files]).shape
    (2, 3472)
    """

    _parameter_constraints: ClassVar[dict] = {
        "size": [None, "array-like"],
        "crop": ["boolean"],
        "mode": [StrOptions(set(MODES))],
        "depth": [Integral, StrOptions({"float"})],
        "pages": [StrOptions({"first", "bands"})],
        "on_error": [StrOptions(set(ON_ERROR))],
        "n_jobs": [None, Integral],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        size: tuple[int, int] | None = None,
        *,
        crop: bool = False,
        mode: Literal["L", "RGB", "all"] = "L",
        depth: Literal[8, 16, "float"] = 8,
        pages: Literal["first", "bands"] = "first",
        on_error: Literal["raise", "skip"] = "raise",
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
        self.size = size
        self.crop = crop
        self.mode = mode
        self.depth = depth
        self.pages = pages
        self.on_error = on_error
        self.n_jobs = n_jobs
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Read the first image that can be read, for its shape.

        Parameters
        ----------
        X : list, Series, table of one column, or array
            Images: paths, the bytes of files, pictures of Pillow's, or arrays (H, W) or
            (C, H, W).
        y : object, default=None
            Ignored.

        Returns
        -------
        self : ImageReader
        """
        sources = as_sources(X)
        if not sources:
            raise ValueError("X is empty: there is no image to read.")
        self.image_shape_ = self._first(sources).shape
        return self

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Read images.

        Parameters
        ----------
        X : list, Series, table of one column, or array
            As in `fit`.

        Returns
        -------
        images : ndarray of shape (n, H, W) or (n, C, H, W), or list of ndarray
            Of uint8, uint16 or float32, as `depth` says. A list where sizes differ.

        Raises
        ------
        OSError, ImportError, ValueError
            If an image cannot be read (:func:`~sklearn_scat.datasets.read_image`), or
            has other bands than `fit` saw; names it.

        Warns
        -----
        UserWarning
            Once, with a count of each: images that are not opaque, further pages,
            images that cannot be read.
        """
        check_is_fitted(self)
        sources = as_sources(X)
        left_aside = LeftAside()
        batch = read_all(
            sources,
            self._reading(),
            left_aside,
            on_error=self.on_error,
            n_jobs=self.n_jobs,
            verbose=self.verbose,
        )
        left_aside.warn("ImageReader")
        if not batch.images:
            raise ValueError(f"none of {len(sources)} images could be read.")
        self._check_bands(batch)
        if len({image.shape for image in batch.images}) > 1:
            return batch.images
        return stacked(batch.images, batch.names)

    def _reading(self):
        """Return how images are read."""
        return Reading(self.mode, self.depth, self.size, self.crop, self.pages)

    def _first(self, sources):
        """Return the first image that can be read."""
        reading, names = self._reading(), names_of(sources)
        for source, name in zip(sources, names, strict=True):
            try:
                return read_picture(source, reading, name=name).images[0]
            except (ValueError, OSError):
                if self.on_error == "raise":
                    raise
        raise ValueError(f"none of {len(sources)} images could be read.")

    def _check_bands(self, batch):
        """Compare the bands of images with those that `fit` saw."""
        for image, name in zip(batch.images, batch.names, strict=True):
            if image.shape[:-2] != self.image_shape_[:-2]:
                raise ValueError(
                    f"{name} has the shape {image.shape}, and fit saw "
                    f"{self.image_shape_}: as many bands are wanted."
                )

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[Any]:
        """Return the names of the pixels of one image, of the shape that `fit` saw.

        Parameters
        ----------
        input_features : object, default=None
            Ignored.

        Returns
        -------
        names : ndarray of str of shape (n_pixels,)
        """
        check_is_fitted(self)
        n_pixels = math.prod(self.image_shape_)
        return np.array([f"pixel{i}" for i in range(n_pixels)], dtype=object)

    def set_output(self, *, transform: Any = None) -> Self:
        """Do nothing: images are no table, and stay arrays.

        So that a pipeline, whose last step makes a table, can be told to.

        Parameters
        ----------
        transform : object, default=None
            Ignored.

        Returns
        -------
        self : ImageReader
        """
        return self

    def __sklearn_tags__(self):
        """Take strings and images rather than tables of numbers."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.input_tags.string = True
        return tags
