"""From images to files of their coefficients, in bounded memory."""

import csv
import math
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from sklearn_scat._public import needed
from sklearn_scat._whole_files import whole_file, write_text

_CHUNK_BYTES = 2**25  # of coefficients between two looks at the progress


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
    >>> from sklearn_scat.commands._conversion import write_features
    >>> from sklearn_scat.commands._image_file import open_images
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.save(Path(folder) / "x.npy", np.zeros((5, 8, 8)))
    ...     images = open_images(Path(folder) / "x.npy")
    ...     out = Path(folder) / "s.npy"
    ...     shape = write_features(images, ScatteringTransformer(J=1), out)
    ...     shape, np.load(out).shape
    ((5, 144), (5, 144))
    """
    out = Path(out)
    features = fitted_names(transformer, images)
    shape = images.n_images, len(features)
    with whole_file(out) as partial:
        np.lib.format.open_memmap(partial, mode="w+", dtype=np.float32, shape=shape)
        for start, stop, rows in _parts(images, transformer, progress):
            # opened anew, so that written pages do not add up in this process
            np.lib.format.open_memmap(partial, mode="r+")[start:stop] = rows
    write_names(out, features, images=images, names=names)
    return shape


def write_table(images, transformer, out, *, progress=None):
    """Write the coefficients of images as a table, with a column for each name.

    Parameters
    ----------
    images : ImageFile
        What to transform, a part at a time.
    transformer : ScatteringTransformer
        Fitted here on the first image.
    out : path-like
        Ends in ``.csv`` or ``.parquet``. The first column is ``file``, or the position
        ``image`` where images have no files; the others are float32, which a CSV file
        holds in as many digits as bring it back. It appears when it is complete.
    progress : callable, default=None
        Called with the number of images done.

    Returns
    -------
    shape : (int, int)
        Rows, and columns of coefficients.

    Raises
    ------
    ImportError
        If ``.parquet`` is asked for and pyarrow is not installed.
    ValueError
        As of `write_features`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from sklearn_scat import ScatteringTransformer
    >>> from sklearn_scat.commands._conversion import write_table
    >>> from sklearn_scat.commands._image_file import open_images
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.save(Path(folder) / "x.npy", np.ones((2, 8, 8)))
    ...     images, out = open_images(Path(folder) / "x.npy"), Path(folder) / "s.csv"
    ...     shape = write_table(images, ScatteringTransformer(J=1, pooling="mean"), out)
    ...     out.read_text().splitlines()[0][:26]
    'image,s0,s1_j0_t0,s1_j0_t1'
    """
    out = Path(out)
    rows_into = _rows_into_parquet if out.suffix == ".parquet" else _rows_into_csv
    features = fitted_names(transformer, images)
    columns = ["file" if images.files else "image", *features]
    with whole_file(out) as partial, rows_into(partial, columns) as write:
        for start, stop, rows in _parts(images, transformer, progress):
            keys = images.files[start:stop] or range(start, stop)
            write(keys, rows)
    return images.n_images, len(features)


@contextmanager
def _rows_into_csv(path, columns):
    """Give a function that appends keys and rows (b, n) to a new CSV file."""
    with open(path, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)

        def write(keys, rows):
            for key, row in zip(keys, rows.astype(np.float32), strict=True):
                writer.writerow([key, *map(str, row)])

        yield write


@contextmanager
def _rows_into_parquet(path, columns):
    """Give a function that appends keys and rows (b, n) to a new parquet file."""
    needed("pyarrow", what="A parquet file", packages="pyarrow")
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    first = (columns[0], pyarrow.string() if columns[0] == "file" else pyarrow.int64())
    schema = pyarrow.schema([first, *((c, pyarrow.float32()) for c in columns[1:])])
    with ParquetWriter(path, schema) as writer:

        def write(keys, rows):
            values = np.ascontiguousarray(rows.T, np.float32)
            writer.write_table(pyarrow.table([list(keys), *values], schema=schema))

        yield write


def fitted_names(transformer, images):
    """Fit a transformer to the first of the images, and return its features' names."""
    if not images.n_images:
        raise ValueError("there is no image.")
    return transformer.fit(_finite(images, 0, 1)).get_feature_names_out()


def features_of(images, transformer):
    """Return the coefficients of all images as float32, or name the one that has none.

    Raises
    ------
    ValueError
        If an image holds NaN or infinity, or has coefficients beyond float32.
    """
    rows = transformer.transform(_finite(images, 0, images.n_images))
    _check_range(rows, images)
    return rows.astype(np.float32, copy=False)


def _parts(images, transformer, progress):
    """Yield (start, stop, coefficients) of some images after the other."""
    step = images_at_once(transformer)
    for start in range(0, images.n_images, step):
        stop = min(start + step, images.n_images)
        yield start, stop, features_of(images.part(start, stop), transformer)
        if progress:
            progress(stop)


def _finite(images, start, stop):
    """Return images, none of which holds NaN or infinity."""
    pixels = images.read(start, stop)
    if pixels.dtype.kind == "f":
        is_finite = np.isfinite(pixels).reshape(len(pixels), -1).all(axis=1)
        if not is_finite.all():
            name = images.name(start + int(is_finite.argmin()))
            raise ValueError(f"{name} holds NaN or infinity; replace these pixels.")
    return pixels


def _check_range(rows, images):
    """Refuse coefficients that float32, in which they are written, does not hold."""
    fits = (np.abs(rows) <= np.finfo(np.float32).max).all(axis=1)
    if not fits.all():
        i = int(fits.argmin())
        raise ValueError(
            f"{images.name(i)} has a coefficient of "
            f"{np.abs(rows[i]).max():.3g}, beyond what float32 holds, in which they "
            "are written; divide its pixels."
        )


def images_at_once(transformer):
    """Return how many images make a chunk of coefficients."""
    n_features = math.prod(transformer.output_shape_)
    fitting = max(1, _CHUNK_BYTES // (4 * n_features))
    batch = transformer.batch_size
    return fitting if batch == "auto" else max(fitting // batch, 1) * batch


def write_names(out, features, *, images, names=None):
    """Write the names of features, and of images that have some, beside a file."""
    _write_lines(names or out.with_suffix(".names.txt"), features)
    if images.files:
        _write_lines(out.with_suffix(".files.txt"), images.files)


def _write_lines(path, lines):
    write_text(path, "".join(f"{line}\n" for line in lines))
