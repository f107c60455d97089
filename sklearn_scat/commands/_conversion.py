"""From a file or folder of images to a file of coefficients, in bounded memory."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sklearn_scat._whole_files import whole_file, write_text

_NUMPY_MAGIC = b"\x93NUMPY"
_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK_BYTES = 2**25  # of coefficients between two looks at the progress


@dataclass(frozen=True)
class ImageFile:
    """Images that are read when they are wanted.

    Parameters
    ----------
    n_images : int
        How many there are.
    read : callable
        ``read(start, stop)`` returns these as an array, rows or images.
    files : tuple of str
        Names of the images' files, where each has its own.
    n_passed_over : int
        Other files in the folder.
    """

    n_images: int
    read: Callable
    files: tuple = ()
    n_passed_over: int = 0

    def name(self, i):
        """Return what errors call an image."""
        return self.files[i] if self.files else f"image {i}"


def open_images(path, *, mode="L", depth=8, size=None, n_jobs=None):
    """Open a folder of images, a ``.npy`` file or an IDX file.

    Parameters
    ----------
    path : path-like
        A folder: all images in it and its sub-folders, sorted by path. Or a file:
        NumPy's or IDX, the latter gzipped or not; recognised by content. A gzipped
        file is read whole, others as they are needed.
    mode : {"L", "RGB", "all"}, default="L"
        For a folder: grey levels, red, green and blue, or all bands.
    depth : {8, 16, "float"}, default=8
        For a folder: the scale of the values, with white at 255, 65535 or 1.
    size : (int, int), default=None
        For a folder: height and width that every image is resized to. None leaves
        sizes alone, and they must be equal.
    n_jobs : int, default=None
        For a folder: threads that read it; None is one.

    Returns
    -------
    images : ImageFile

    Raises
    ------
    OSError
        If the path cannot be opened.
    ValueError
        If it holds no images, or images of several sizes.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from sklearn_scat.commands._conversion import open_images
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.save(Path(folder) / "x.npy", np.zeros((5, 8, 8)))
    ...     open_images(Path(folder) / "x.npy").n_images
    5
    """
    path = Path(path)
    if path.is_dir():
        return _open_folder(path, size=size, mode=mode, depth=depth, n_jobs=n_jobs)
    array = _open_array(path)
    if array.ndim not in (2, 3, 4):
        raise ValueError(
            f"{path}: an array of shape {array.shape} is no stack of images; expected "
            f"(n, features), (n, H, W) or (n, C, H, W)."
        )
    return ImageFile(len(array), lambda start, stop: np.asarray(array[start:stop]))


def write_features(images, transformer, out, *, names=None, progress=None):
    """Write the coefficients of images to a ``.npy`` file, and their names.

    Parameters
    ----------
    images : ImageFile
        What to transform, a part at a time.
    transformer : ScatteringTransformer
        Fitted here on the first image.
    out : path-like
        Ends in ``.npy``; float32 of shape (n, features). It appears when it is
        complete; until then the rows go to a hidden file beside it. The files
        ``.names.txt`` (one feature a line) and, for folders, ``.files.txt`` (one
        image a line) get the same stem.
    names : path-like, default=None
        Another place for the names of the features.
    progress : callable, default=None
        Called with the number of images done.

    Returns
    -------
    shape : (int, int)
        Of the array that was written.

    Raises
    ------
    ValueError
        If there is no image, the images do not suit the transformer, one holds NaN or
        infinity, or one has coefficients beyond float32; names the image.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from sklearn_scat import ScatteringTransformer
    >>> from sklearn_scat.commands._conversion import open_images, write_features
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.save(Path(folder) / "x.npy", np.zeros((5, 8, 8)))
    ...     images = open_images(Path(folder) / "x.npy")
    ...     out = Path(folder) / "s.npy"
    ...     shape = write_features(images, ScatteringTransformer(J=1), out)
    ...     shape, np.load(out).shape
    ((5, 144), (5, 144))
    """
    out = Path(out)
    if not images.n_images:
        raise ValueError("there is no image.")
    transformer.fit(_finite(images, 0, 1))
    features = transformer.get_feature_names_out()
    shape = images.n_images, len(features)
    with whole_file(out) as partial:
        np.lib.format.open_memmap(partial, mode="w+", dtype=np.float32, shape=shape)
        step = _images_at_once(transformer, len(features))
        for start in range(0, images.n_images, step):
            stop = min(start + step, images.n_images)
            rows = transformer.transform(_finite(images, start, stop))
            _check_range(rows, images, start)
            # opened anew, so that written pages do not add up in this process
            np.lib.format.open_memmap(partial, mode="r+")[start:stop] = rows
            if progress:
                progress(stop)
    _write_lines(names or out.with_suffix(".names.txt"), features)
    if images.files:
        _write_lines(out.with_suffix(".files.txt"), images.files)
    return shape


def _finite(images, start, stop):
    """Return images, none of which holds NaN or infinity."""
    pixels = images.read(start, stop)
    if pixels.dtype.kind == "f":
        is_finite = np.isfinite(pixels).reshape(len(pixels), -1).all(axis=1)
        if not is_finite.all():
            name = images.name(start + int(is_finite.argmin()))
            raise ValueError(f"{name} holds NaN or infinity; replace these pixels.")
    return pixels


def _check_range(rows, images, start):
    """Refuse coefficients that float32, in which they are written, does not hold."""
    fits = (np.abs(rows) <= np.finfo(np.float32).max).all(axis=1)
    if not fits.all():
        i = int(fits.argmin())
        raise ValueError(
            f"{images.name(start + i)} has a coefficient of "
            f"{np.abs(rows[i]).max():.3g}, beyond what float32 holds, in which they "
            "are written; divide its pixels."
        )


def _images_at_once(transformer, n_features):
    """Return how many images make a chunk of coefficients."""
    fitting = max(1, _CHUNK_BYTES // (4 * n_features))
    batch = transformer.batch_size
    return fitting if batch == "auto" else max(fitting // batch, 1) * batch


def _write_lines(path, lines):
    write_text(path, "".join(f"{line}\n" for line in lines))


def _open_array(path):
    """Return the array of a NumPy or IDX file, mapped where it can be."""
    from sklearn_scat.datasets import read_idx

    with open(path, "rb") as stream:
        magic = stream.read(len(_NUMPY_MAGIC))
    if magic != _NUMPY_MAGIC:
        is_gzip = magic.startswith(_GZIP_MAGIC)
        return read_idx(path, mmap_mode=None if is_gzip else "r")
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError as error:
        raise ValueError(f"{path}: cannot be read as an array: {error}") from error


def _open_folder(folder, *, size, **how):
    """Return the images of a folder and its sub-folders, sorted by path."""
    from sklearn_scat.datasets import IMAGE_SUFFIXES, load_images

    files = [
        path
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    ]
    paths = sorted(path for path in files if path.suffix.lower() in IMAGE_SUFFIXES)
    if not paths:
        raise ValueError(
            f"{folder}: no image in it; expected files that end in "
            f"{', '.join(sorted(IMAGE_SUFFIXES))}."
        )
    if size is None:
        _check_equal_sizes(paths)

    def read(start, stop):
        wanted = paths[start:stop]
        return load_images(wanted, size=size, **how).images

    names = tuple(path.relative_to(folder).as_posix() for path in paths)
    return ImageFile(len(paths), read, names, len(files) - len(paths))


def _check_equal_sizes(paths):
    """Compare the sizes in the headers, before anything is computed."""
    from sklearn_scat.datasets import image_size

    first = image_size(paths[0])
    for path in paths[1:]:
        size = image_size(path)
        if size != first:
            raise ValueError(
                f"images differ in size: {paths[0]} is {first[0]}×{first[1]} "
                f"(height×width), {path} is {size[0]}×{size[1]}; resize them to one "
                f"size, here with --size HEIGHT,WIDTH."
            )
