"""Images of a file or a folder, read when they are wanted and by whoever wants them."""

from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from sklearn_scat._public import needed

_NUMPY_MAGIC = b"\x93NUMPY"
_HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
_GZIP_MAGIC = b"\x1f\x8b"
_ZARR_FILES = ("zarr.json", ".zarray", ".zgroup")


class ArrayReader:
    """Read rows of an array in a file, which is opened when it is first read.

    Parameters
    ----------
    open_array : callable
        Returns the array. What goes to another process is this, and not the array.
    first : int, default=0
        Where these rows begin.
    """

    def __init__(self, open_array, first=0):
        self.open_array, self.first = open_array, first

    @cached_property
    def array(self):
        """The array, open."""
        return self.open_array()

    def __reduce__(self):
        return type(self), (self.open_array, self.first)

    def __call__(self, start, stop):
        return np.asarray(self.array[self.first + start : self.first + stop])

    def part(self, start, stop):
        """Return a reader of some of the rows."""
        return type(self)(self.open_array, self.first + start)


@dataclass(frozen=True)
class FolderReader:
    """Read images of files.

    Parameters
    ----------
    paths : tuple of Path
        The files.
    how : dict
        Options of :func:`sklearn_scat.datasets.load_images`.
    """

    paths: tuple
    how: dict

    def __call__(self, start, stop):
        from sklearn_scat.datasets import load_images

        return load_images(list(self.paths[start:stop]), **self.how).images

    def part(self, start, stop):
        """Return a reader of some of the files."""
        return replace(self, paths=self.paths[start:stop])


@dataclass(frozen=True)
class ImageFile:
    """Images that are read when they are wanted.

    Parameters
    ----------
    n_images : int
        How many there are.
    read : ArrayReader or FolderReader
        ``read(start, stop)`` returns these as an array, rows or images.
    files : tuple of str
        Names of the images' files, where each has its own.
    n_passed_over : int
        Other files in the folder.
    first : int
        Position of the first image, where these are a part of others.
    """

    n_images: int
    read: ArrayReader | FolderReader
    files: tuple = ()
    n_passed_over: int = 0
    first: int = 0

    def name(self, i):
        """Return what errors call an image."""
        return self.files[i] if self.files else f"image {self.first + i}"

    def part(self, start, stop):
        """Return some of the images, which another process may read."""
        return ImageFile(
            stop - start,
            self.read.part(start, stop),
            self.files[start:stop],
            first=self.first + start,
        )


def open_images(path, *, dataset=None, mode="L", depth=8, size=None, n_jobs=None):
    """Open a folder of images, or a file of NumPy, HDF5, zarr or IDX.

    Parameters
    ----------
    path : path-like
        A folder: all images in it and its sub-folders, sorted by path. Or an array of
        zarr, or a file: NumPy's, HDF5 or IDX, the latter gzipped or not; recognised by
        content. A gzipped file is read whole, others as they are needed.
    dataset : str, default=None
        Of HDF5 and zarr: the name of the array. None takes the only one.
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
    >>> from sklearn_scat.commands._image_file import open_images
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.save(Path(folder) / "x.npy", np.zeros((5, 8, 8)))
    ...     open_images(Path(folder) / "x.npy").n_images
    5
    """
    from sklearn_scat._array_likes import n_rows

    path = Path(path)
    is_zarr = any((path / name).is_file() for name in _ZARR_FILES)
    if path.is_dir() and not is_zarr:
        return _open_folder(path, size=size, mode=mode, depth=depth, n_jobs=n_jobs)
    opened = ArrayReader(partial(open_array, path.absolute(), dataset))
    shape = opened.array.shape
    if len(shape) not in (2, 3, 4):
        raise ValueError(
            f"{path}: an array of shape {shape} is no stack of images; expected "
            f"(n, features), (n, H, W) or (n, C, H, W)."
        )
    return ImageFile(n_rows(opened.array), opened)


def open_array(path, dataset=None):
    """Return the array of a file of NumPy, HDF5, zarr or IDX, mapped where it can be.

    Parameters
    ----------
    path : Path
        The file, or the folder of zarr.
    dataset : str, default=None
        The name of an array in it. None takes the only one.
    """
    if path.is_dir():
        zarr = needed("zarr", what=str(path), packages="zarr")
        return _only_array(zarr.open(path, mode="r"), path, dataset)
    with open(path, "rb") as stream:
        magic = stream.read(len(_HDF5_MAGIC))
    if magic == _HDF5_MAGIC:
        h5py = needed("h5py", what=str(path), packages="h5py")
        return _only_array(h5py.File(path, "r"), path, dataset)
    return _open_mapped(path, magic)


def _open_mapped(path, magic):
    """Return the array of a file of NumPy or IDX."""
    from sklearn_scat.datasets import read_idx

    if not magic.startswith(_NUMPY_MAGIC):
        is_gzip = magic.startswith(_GZIP_MAGIC)
        return read_idx(path, mmap_mode=None if is_gzip else "r")
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError as error:
        raise ValueError(f"{path}: cannot be read as an array: {error}") from error


def _only_array(opened, path, dataset):
    """Return the array of a name in a file; of no name the only one."""
    if hasattr(opened, "shape"):  # zarr opens an array where the path is one
        return opened
    names = sorted(name for name in opened if hasattr(opened[name], "shape"))
    if dataset is None and len(names) == 1:
        return opened[names[0]]
    if dataset is None or dataset not in opened:
        raise ValueError(
            f"{path} holds the arrays {', '.join(names) or '(none)'}: say which, as by "
            "--dataset NAME."
        )
    return opened[dataset]


def _open_folder(folder, *, size, **how):
    """Return the images of a folder and its sub-folders, sorted by path."""
    from sklearn_scat.datasets import IMAGE_SUFFIXES

    folder = folder.absolute()
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
    names = tuple(path.relative_to(folder).as_posix() for path in paths)
    reader = FolderReader(tuple(paths), {"size": size, **how})
    return ImageFile(len(paths), reader, names, len(files) - len(paths))


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
