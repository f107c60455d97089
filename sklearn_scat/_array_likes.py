"""What is taken for an array: read at once, part by part, or left in its library."""

import math
from numbers import Integral

import numpy as np
from scipy import sparse
from sklearn import get_config
from sklearn.utils import check_array

from sklearn_scat._compat import convert_to_numpy

_BLOCK_BYTES = 2**25  # read and written at once, where chunks are no larger
_SAMPLE_BYTES = 2**24
_RUNS = 8  # of neighbours in a sample: each touches few chunks of a file


def as_array(X):
    """Turn what NumPy can read into arrays; leave tables to scikit-learn.

    Raises
    ------
    ValueError
        If values are masked, which nothing here would notice.
    """
    if hasattr(X, "detach") or stays_in_library(X):  # one of torch stays in none
        return to_numpy(X)
    if np.ma.is_masked(X):
        raise ValueError(
            f"X of shape {X.shape} has masked values, and nothing here knows which: "
            "fill them first, as by X.filled(X.mean()), or let a scattering do without "
            "them, by missing='ignore'."
        )
    is_row = getattr(X, "ndim", 2) == 1 and getattr(X, "dtype", None) == np.dtype("O")
    if is_row:  # a pandas Series too: perhaps images, one by one
        images = list(np.asarray(X))
        return images if all(is_image(image) for image in images) else X
    if isinstance(X, list | tuple):
        return X if any(is_image(image) for image in X) else np.asarray(X)
    is_table = hasattr(X, "columns") or hasattr(X, "iloc") or sparse.issparse(X)
    return np.asarray(X) if _is_readable(X) and not is_table else X


def part_by_part(X):
    """Leave arrays that are better read part by part; make others NumPy's."""
    return X if is_lazy(X) else as_array(X)


def in_library(X):
    """Leave arrays that scikit-learn is to leave in their library, too."""
    return plain_array(X) if stays_in_library(X) else part_by_part(X)


def one_by_one(X):
    """Return images that were given one by one as a list of arrays, or None.

    Rows of pixels, and lists of lists, are no images.
    """
    if not isinstance(X, list | tuple) or not any(is_image(image) for image in X):
        return None
    return [np.asarray(_of_picture(image)) for image in X]


def is_image(value):
    """Tell an image, of two axes or three, from a row and from a number."""
    if hasattr(value, "getbands"):  # a picture of pillow, known without importing it
        return True
    return _is_readable(value) and getattr(value, "ndim", 0) > 1


def _is_readable(value):
    """Tell what NumPy reads as an array."""
    return hasattr(value, "__array__") or hasattr(value, "__array_interface__")


def _of_picture(image):
    """Return one image as an array, the bands of a picture first."""
    if hasattr(image, "getbands"):
        pixels = np.asarray(image)
        return np.moveaxis(pixels, -1, 0) if pixels.ndim == 3 else pixels
    return as_array(image)


def is_lazy(X):
    """Tell an array that is better read part by part: of a file, or yet to be computed.

    A memory map; or what has a shape, a dtype of numbers and rows to be read by slices,
    but no memory that NumPy could share, as arrays of h5py, zarr and dask.
    """
    if isinstance(X, LazyRows):
        return True
    shape, dtype = getattr(X, "shape", None), getattr(X, "dtype", None)
    if not isinstance(dtype, np.dtype) or dtype.kind not in "buif":
        return False
    if len(shape) not in (2, 3, 4) or 0 in shape or not hasattr(X, "__getitem__"):
        return False
    if isinstance(X, np.ndarray):
        return isinstance(X, np.memmap)
    in_memory = ("__array_interface__", "__dlpack__", "columns", "iloc")
    return not sparse.issparse(X) and not any(hasattr(X, name) for name in in_memory)


def is_graph(X):
    """Tell an array of dask: a graph of tasks that nobody has computed yet."""
    return hasattr(X, "__dask_graph__") and hasattr(X, "numblocks")


def finiteness(allow_nan):
    """Return what scikit-learn's checks of arrays of numbers are to accept."""
    finite = "allow-nan" if allow_nan else True
    return {"dtype": "numeric", "ensure_all_finite": finite}


class LazyRows:
    """Rows of pixels that are read when they are wanted, and checked then.

    Parameters
    ----------
    source : array-like of shape (n, ...)
        As `is_lazy` knows them.
    allow_nan : bool, default=False
        Whether a value may be NaN.

    Raises
    ------
    ValueError
        If nobody knows yet how many rows there are.
    """

    ndim = 2

    def __init__(self, source, *, allow_nan=False):
        self.source, self.dtype = source, np.dtype(source.dtype)
        self.allow_nan = allow_nan
        n, *sides = source.shape
        if n != n:  # dask's word for unknown
            raise ValueError(
                "The array of dask does not know how many images it has: call "
                "X.compute_chunk_sizes() first."
            )
        self.shape = (int(n), math.prod(int(side) for side in sides))

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, rows):
        """Read the rows of a slice, as an array (b, features).

        Raises
        ------
        ValueError
            If a value is infinite, or NaN where none is allowed; names the image.
        """
        part = np.asarray(self.source[rows])
        part = part.reshape(len(part), self.shape[1])
        try:
            return check_array(part, input_name="X", **finiteness(self.allow_nan))
        except ValueError as error:
            place = rows.indices(len(self))[0]
            wrong = np.isinf(part) if self.allow_nan else ~np.isfinite(part)
            place += int(wrong.any(axis=1).argmax())
            reason = str(error).replace("Input X", "it")
            raise ValueError(f"Image {place} of {len(self)}: {reason}") from error

    def sample(self, most):
        """Read about `most` rows, or fewer large ones, from all over the array."""
        row_bytes = self.dtype.itemsize * self.shape[1]
        most = min(len(self), most, max(1, _SAMPLE_BYTES // row_bytes))
        run = math.ceil(most / _RUNS)
        starts = np.linspace(0, len(self) - run, math.ceil(most / run)).astype(int)
        return np.concatenate([self[start : start + run] for start in starts.tolist()])


def read_blocks(rows, out, *, row_bytes):
    """Yield slices that cover rows, each with what is read there.

    Whole chunks are read and written, about 32 MB of them at once, or one where it is
    larger. Where chunks of the two do not go together, those that are read are kept
    whole, so that none is read twice.

    Parameters
    ----------
    rows : LazyRows, array-like or list
        What is read, n rows.
    out : array-like of shape (n, ...)
        What is going to be written.
    row_bytes : int
        Of a row of both together.
    """
    fitting = max(1, _BLOCK_BYTES // max(row_bytes, 1))
    read, written = (_rows_per_chunk(array) for array in (_source(rows), out))
    unit = math.lcm(read, written)
    if unit > max(fitting, read, written):
        unit = read
    for block in _slices(0, n_rows(rows), _whole_units(unit, fitting)):
        pixels = rows[block]
        for part in _slices(block.start, block.stop, _whole_units(written, fitting)):
            yield part, pixels[part.start - block.start : part.stop - block.start]


def n_rows(X):
    """Return how many rows there are; arrays of zarr have no length."""
    return int(X.shape[0]) if hasattr(X, "shape") else len(X)


def _whole_units(unit, most):
    """Return how many rows make as many units as fit, and one at least."""
    return unit * max(1, most // unit)


def _slices(start, stop, step):
    for first in range(start, stop, step):
        yield slice(first, min(first + step, stop))


def _source(rows):
    return rows.source if isinstance(rows, LazyRows) else rows


def _rows_per_chunk(array):
    """Return how many rows are stored together; 1 where they are one by one."""
    chunks = getattr(array, "shards", None) or getattr(array, "chunks", None)
    if not chunks:
        return 1
    first = chunks[0]  # of dask, the length of each
    return int(first if isinstance(first, Integral) else max(first))


def array_library(X):
    """Return the name of an array's library, as "torch"; "numpy" for all that is none.

    Arrays of Dask are computed into NumPy's.
    """
    if isinstance(X, np.ndarray | list | tuple):
        return "numpy"
    import array_api_compat

    if not array_api_compat.is_array_api_obj(X) or array_api_compat.is_dask_array(X):
        return "numpy"
    name = array_api_compat.array_namespace(X).__name__
    return name.removeprefix("array_api_compat.").partition(".")[0]


def stays_in_library(X):
    """Tell an array of another library that scikit-learn is to leave in it."""
    return get_config()["array_api_dispatch"] and array_library(X) != "numpy"


def plain_array(X):
    """Return an array of another library without its gradient, as `wide_floats` does.

    Raises
    ------
    ValueError
        If its numbers are complex, which scikit-learn does not see in all libraries.
    """
    import array_api_compat

    X = X.detach() if hasattr(X, "detach") else X
    if array_api_compat.array_namespace(X).isdtype(X.dtype, "complex floating"):
        raise ValueError(f"Complex data not supported: X is of {X.dtype}.")
    return wide_floats(X)


def wide_floats(x):
    """Return an array of any library, its floats of fewer than 32 bits as float32."""
    import array_api_compat

    xp = array_api_compat.array_namespace(x)
    small = xp.isdtype(x.dtype, "real floating") and xp.finfo(x.dtype).bits < 32
    return xp.astype(x, xp.float32) if small else x


def flattened(X):
    """Return an array (n, …) of any library as rows (n, features)."""
    shape = (X.shape[0], math.prod(X.shape[1:]))
    if isinstance(X, np.ndarray):
        return X.reshape(shape)
    import array_api_compat

    return array_api_compat.array_namespace(X).reshape(X, shape)


def on_cpu(x):
    """Tell whether an array of any library lies in the memory of the processor."""
    import array_api_compat

    return "cpu" in str(array_api_compat.device(x)).lower()


def to_numpy(x):
    """Return an array of any library as one of NumPy, which shares memory if it can.

    Floats of fewer than 32 bits become float32.
    """
    if isinstance(x, np.ndarray):
        return x
    if hasattr(x, "detach"):  # a torch tensor, known without importing torch
        x = x.detach().cpu().resolve_conj().resolve_neg()
        small = x.dtype.itemsize < 4 and x.is_floating_point()
        return (x.float() if small else x).numpy()
    import array_api_compat

    return convert_to_numpy(x, array_api_compat.array_namespace(x))
