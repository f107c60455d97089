"""From images to an array of zarr, chunk by chunk: by this process or by dask's."""

import hashlib
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from sklearn_scat._public import needed
from sklearn_scat._whole_files import sole_writer
from sklearn_scat.commands._conversion import (
    features_of,
    fitted_names,
    images_at_once,
    write_names,
)

_PACKAGES = "'dask[array,distributed]' zarr"


def write_zarr(
    images,
    transformer,
    out,
    *,
    client=None,
    chunk=None,
    names=None,
    progress=None,
):
    """Write the coefficients of images to an array of zarr, or go on writing them.

    Every chunk is computed as a whole and appears as a whole; those that are there are
    not computed again. So it may be interrupted, killed, and begun again, on another
    machine too: the same bytes come of it where the same engine computes.

    Parameters
    ----------
    images : ImageFile
        What to transform, a chunk at a time.
    transformer : ScatteringTransformer
        Fitted here on the first image.
    out : path-like
        A folder, new or begun by this function; float32 of shape (n, features), NaN
        where nothing is computed yet. The files ``.names.txt`` (one feature a line)
        and, for folders, ``.files.txt`` (one image a line) get the same stem.
    client : distributed.Client, default=None
        Whose workers compute; they must find images and `out` under the same paths.
        None computes here.
    chunk : int, default=None
        Images a chunk. None takes 32 MB of coefficients.
    names : path-like, default=None
        Another place for the names of the features.
    progress : callable, default=None
        Called with the number of images done.

    Returns
    -------
    shape : (int, int)
        Of the array.

    Raises
    ------
    FileExistsError
        If another process is writing it, or it is there and of another kind.
    ImportError
        If zarr is not installed.
    ValueError
        If there is no image, the images do not suit the transformer, one holds NaN or
        infinity, or one has coefficients beyond float32; names the image.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from sklearn_scat import ScatteringTransformer
    >>> from sklearn_scat.commands._image_file import open_images
    >>> from sklearn_scat.commands._zarr import write_zarr
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.save(Path(folder) / "x.npy", np.zeros((5, 8, 8)))
    ...     images, out = open_images(Path(folder) / "x.npy"), Path(folder) / "s.zarr"
    ...     write_zarr(images, ScatteringTransformer(J=1), out, chunk=2)
    (5, 144)
    """
    out = Path(out).absolute()
    zarr = needed("zarr", what="--zarr", packages=_PACKAGES)
    features = fitted_names(transformer, images)
    shape = images.n_images, len(features)
    chunk = min(chunk or images_at_once(transformer), images.n_images)
    with sole_writer(out):
        work = {"work": _fingerprint(images, transformer, chunk)}
        array = _open_or_create(zarr, out, shape=shape, chunk=chunk, work=work)
        blocks = _missing_blocks(array)
        done = shape[0] - sum(stop - start for start, stop in blocks)
        for n_images in _computed(
            images, blocks, out=out, transformer=transformer, client=client
        ):
            done += n_images
            if progress:
                progress(done)
        write_names(out, features, images=images, names=names)
    return shape


def _fingerprint(images, transformer, chunk):
    """Return a text that stands for all that decides the bytes of an output."""
    first = images.read(0, 1)
    digest = hashlib.blake2b(digest_size=16)
    known = (images.n_images, images.files, first.dtype.str, first.shape, chunk)
    for part in (repr(known), transformer._cache_key()):
        digest.update(part.encode())
    digest.update(np.ascontiguousarray(first))
    return digest.hexdigest()


def _open_or_create(zarr, out, *, shape, chunk, work):
    """Return the array of an output; an error where it is not that of this work."""
    for left in out.glob("**/*.partial"):  # by writers that were killed
        left.unlink(missing_ok=True)
    if not out.exists() or not any(path.is_file() for path in out.rglob("*")):
        return zarr.create_array(
            out,
            shape=shape,
            chunks=(chunk, shape[1]),
            dtype=np.float32,
            fill_value=np.nan,
            attributes=work,
            dimension_names=("image", "feature"),
        )
    if (out / "zarr.json").is_file():
        array = zarr.open(out, mode="r+")
        if array.attrs.get("work") == work["work"]:
            return array
    raise FileExistsError(
        f"{out} is there, and is not what these images, options and size of chunks "
        "come to: give another name, or remove it."
    )


def _missing_blocks(array):
    """Return (start, stop) of the rows of each chunk that is not there."""
    chunk, name = array.chunks[0], array.metadata.encode_chunk_key
    starts = range(0, array.shape[0], chunk)
    return [
        (start, min(start + chunk, array.shape[0]))
        for i, start in enumerate(starts)
        if not (array.store.root / name((i, 0))).exists()
    ]


def _computed(images, blocks, *, out, transformer, client):
    """Write the rows of blocks; yield how many images each has, when it is written."""
    parts = (images.part(*block) for block in blocks)
    if client is None:
        for (start, _), part in zip(blocks, parts, strict=True):
            yield _write_rows(start, part, out=out, transformer=transformer)
        return
    from distributed import KilledWorker, as_completed

    starts = [start for start, _ in blocks]
    futures = client.map(
        _write_rows, starts, list(parts), out=out, transformer=transformer, pure=False
    )
    try:
        for _, n_images in as_completed(futures, with_results=True):
            yield n_images
    except KilledWorker as error:
        raise ChildProcessError(
            "several workers died over one chunk of images: is their memory too small? "
            "Take a smaller --chunk, or fewer of them."
        ) from error


def _write_rows(start, images, *, out, transformer):
    """Write the coefficients of images into the rows of an array; return how many."""
    import zarr

    rows = features_of(images, transformer)
    zarr.open_array(out, mode="r+")[start : start + len(rows)] = rows
    return len(rows)


@contextmanager
def dask_client(scheduler, *, n_workers=1):
    """Give a client of dask, or None where one process is enough.

    Parameters
    ----------
    scheduler : str or None
        Address of a scheduler, as ``tcp://node1:8786``. None starts processes here.
    n_workers : int, default=1
        How many.

    Raises
    ------
    ImportError
        If dask is not installed.
    OSError
        If no scheduler answers.
    """
    if scheduler is None and n_workers == 1:
        yield None
        return
    what = "--scheduler" if scheduler else "--workers"
    distributed = needed("distributed", what=what, packages=_PACKAGES)
    if scheduler is None:
        cluster = distributed.LocalCluster(
            n_workers=n_workers, threads_per_worker=1, dashboard_address=None
        )
        with cluster, distributed.Client(cluster) as client:
            yield client
        return
    try:
        client = distributed.Client(scheduler)
    except OSError as error:
        raise OSError(f"no scheduler of dask answers at {scheduler}.") from error
    with client:
        yield client
