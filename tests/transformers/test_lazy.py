"""Arrays of files and of dask are read part by part, and give the same numbers."""

import re

import dask
import dask.array as da
import h5py
import numpy as np
import pytest
import xarray as xr
import zarr
from numpy.testing import assert_array_equal

from sklearn_scat import (
    NormalizedScattering,
    RotoTranslationScattering,
    ScatteringTransformer,
    _array_likes,
)
from sklearn_scat.transformers import _path_statistics, _sizes

N = 23
TRANSFORMERS = [
    ScatteringTransformer(J=1, L=4),
    ScatteringTransformer(J=1, L=4, pooling="mean", dtype="float16"),
    RotoTranslationScattering(J=1, L=4, output="maps"),
    NormalizedScattering(ScatteringTransformer(J=1, L=4), method="sqrt"),
    NormalizedScattering(ScatteringTransformer(J=1, L=4), method="standard"),
]
each = pytest.mark.parametrize("model", TRANSFORMERS, ids=str)


def images_of(shape, dtype=np.uint8):
    return np.random.default_rng(0).integers(0, 255, (N, *shape)).astype(dtype)


def in_hdf5(images, folder, chunks=(4, 8, 8)):
    file = h5py.File(folder / "x.h5", "w")
    return file.create_dataset("x", data=images, chunks=chunks)


def in_zarr(images, folder, chunks=(5, 8, 8)):
    x = zarr.create_array(
        folder / "x.zarr", shape=images.shape, dtype=images.dtype, chunks=chunks
    )
    x[:] = images
    return x


def in_a_memory_map(images, folder):
    np.save(folder / "x.npy", images)
    return np.load(folder / "x.npy", mmap_mode="r")


def in_dask(images, folder):
    return da.from_array(images, chunks=(6, 4, 8))


def in_xarray(images, folder):
    return xr.DataArray(images)


LAZY = {
    "h5py": in_hdf5,
    "h5py in one piece": lambda images, folder: in_hdf5(images, folder, None),
    "zarr": in_zarr,
    "memory map": in_a_memory_map,
    "dask": in_dask,
    "xarray": in_xarray,
}


@pytest.fixture(params=[1, 2**25], ids=["a chunk at a time", "32 MB"])
def block_bytes(request, monkeypatch):
    monkeypatch.setattr(_array_likes, "_BLOCK_BYTES", request.param)


@each
@pytest.mark.parametrize("kind", LAZY)
def test_lazy_images_give_what_their_array_gives(model, kind, block_bytes, tmp_path):
    images = images_of((8, 8))
    expected = model.fit_transform(images)
    lazy = LAZY[kind](images, tmp_path)
    for result in (model.fit(lazy).transform(lazy), model.fit_transform(lazy)):
        assert result.dtype == expected.dtype
        np.testing.assert_allclose(np.asarray(result), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("shape", [(64,), (3, 8, 8)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", ["h5py in one piece", "memory map", "xarray"])
def test_rows_and_channels_are_read_lazily_too(shape, dtype, kind, tmp_path):
    images = images_of(shape, dtype)
    model = ScatteringTransformer(J=1)
    expected = model.fit_transform(images)
    lazy = LAZY[kind](images, tmp_path)
    assert_array_equal(model.fit_transform(lazy), expected)
    assert model.n_features_in_ == np.prod(shape)


class Counting:
    """An array that notes which rows are read of it."""

    def __init__(self, images):
        self.images = images
        self.shape, self.dtype = images.shape, images.dtype
        self.read = []

    def __getitem__(self, rows):
        self.read.append(rows)
        return self.images[rows]

    def __array__(self, dtype=None, copy=None):
        raise AssertionError("the whole array is read")


@each
def test_no_lazy_array_is_read_whole(model, monkeypatch):
    monkeypatch.setattr(_array_likes, "_BLOCK_BYTES", 1)
    monkeypatch.setattr(_sizes, "_SAMPLE", 4)
    monkeypatch.setattr(_path_statistics, "_SLICE", 500)
    images = Counting(images_of((8, 8)))
    model.fit(images)
    model.transform(images, out=np.empty_like(model.transform(images.images)))
    read = [len(range(*rows.indices(N))) for rows in images.read]
    assert max(read) < N
    assert sum(read) >= N


@pytest.mark.parametrize("model", TRANSFORMERS[:3], ids=str)
def test_fit_reads_a_sample_and_transform_every_chunk_once(model, monkeypatch):
    monkeypatch.setattr(_array_likes, "_BLOCK_BYTES", 1)
    monkeypatch.setattr(_sizes, "_SAMPLE", 3)
    images = Counting(images_of((8, 8)))
    images.chunks = (5, 8, 8)
    model.fit(images)
    assert sum(len(range(*rows.indices(N))) for rows in images.read) == 3
    assert model.pixel_range_[0] >= images.images.min()
    images.read.clear()
    out = Writing(model.transform(images.images), rows=2)
    images.read.clear()
    model.transform(images, out=out)
    everything = [rows for rows in images.read if rows.start % 5 == 0][-5:]
    assert [(s.start, s.stop) for s in everything] == [
        (0, 5),
        (5, 10),
        (10, 15),
        (15, 20),
        (20, 23),
    ]


class Writing:
    """An array of a file: rows are written into it by slices, and nothing else."""

    def __init__(self, like, *, rows):
        self.array = np.full_like(like, 7)
        self.shape, self.dtype, self.chunks = like.shape, like.dtype, (rows,)
        self.written = []

    def __setitem__(self, rows, values):
        self.written.append((rows.start, rows.stop))
        self.array[rows] = values


@each
@pytest.mark.parametrize("rows", [1, 4, 100])
def test_results_are_written_in_whole_chunks(model, rows, monkeypatch):
    monkeypatch.setattr(_array_likes, "_BLOCK_BYTES", 1)
    images = images_of((8, 8))
    expected = model.fit_transform(images)
    out = Writing(expected, rows=rows)
    assert model.transform(images, out=out) is out
    np.testing.assert_allclose(out.array, expected, rtol=1e-6, atol=1e-6)
    starts = list(range(0, N, rows))
    assert out.written == [(start, min(start + rows, N)) for start in starts]


@each
@pytest.mark.parametrize("library", ["h5py", "zarr", "sharded zarr", "memory map"])
def test_results_go_from_file_to_file(model, library, tmp_path):
    images = images_of((8, 8))
    expected = model.fit_transform(images)
    like = {"shape": expected.shape, "dtype": expected.dtype}
    if library == "h5py":
        out = h5py.File(tmp_path / "out.h5", "w").create_dataset("S", **like)
    elif library == "memory map":
        out = np.lib.format.open_memmap(tmp_path / "out.npy", "w+", **like)
    else:
        chunks = (3, *expected.shape[1:])
        shards = (6, *expected.shape[1:]) if "sharded" in library else None
        like |= {"chunks": chunks, "shards": shards}
        out = zarr.create_array(tmp_path / "out.zarr", **like)
    assert model.transform(in_hdf5(images, tmp_path), out=out) is out
    np.testing.assert_allclose(out[:], expected, rtol=1e-6, atol=1e-6)


def test_images_of_several_sizes_are_written_into_a_file(tmp_path):
    images = [np.full(shape, 1.0 + i) for i, shape in enumerate([(8, 8), (9, 8)] * 3)]
    model = ScatteringTransformer(J=1, pooling="mean")
    expected = model.fit_transform(images)
    out = zarr.create_array(
        tmp_path / "out.zarr", shape=expected.shape, dtype=expected.dtype
    )
    model.transform(images, out=out)
    assert_array_equal(out[:], expected)


@each
def test_results_that_do_not_fit_are_refused(model, tmp_path):
    images = images_of((8, 8))
    model.fit(images)
    for out in (Writing(np.zeros((N, 3), "f4"), rows=5), da.zeros((N, 3)), [1.0]):
        with pytest.raises(ValueError, match="out must be an array of shape"):
            model.transform(images, out=out)


@pytest.mark.parametrize("kind", ["h5py", "memory map", "zarr"])
def test_an_image_that_is_not_finite_is_named(kind, tmp_path):
    images = images_of((8, 8), np.float32)
    model = ScatteringTransformer(J=1).fit(images)
    images[17, 2, 3] = np.nan
    with pytest.raises(ValueError, match=f"Image 17 of {N}: it contains NaN"):
        model.transform(LAZY[kind](images, tmp_path))


@pytest.mark.parametrize("kind", LAZY)
def test_lazy_images_of_another_shape_are_refused(kind, tmp_path):
    model = ScatteringTransformer(J=1).fit(np.zeros((2, 10, 10)))
    with pytest.raises(ValueError, match=re.escape("X has images of shape (8, 8)")):
        model.transform(LAZY[kind](images_of((8, 8)), tmp_path))


def test_another_scale_of_a_file_is_warned_of(tmp_path):
    model = ScatteringTransformer(J=1).fit(images_of((8, 8)) / 255)
    with pytest.warns(UserWarning, match="bring both to one scale"):
        model.transform(in_hdf5(images_of((8, 8)), tmp_path))


def test_progress_of_a_file_is_that_of_the_whole(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(_array_likes, "_BLOCK_BYTES", 1)
    model = ScatteringTransformer(J=1, verbose=1).fit(images_of((8, 8)))
    model.transform(in_hdf5(images_of((8, 8)), tmp_path))
    assert f"{N}/{N} images" in capsys.readouterr().err


@each
def test_nobody_computes_an_array_of_dask_before_it_is_asked_for(model):
    def refuse(block):
        raise AssertionError("computed")

    images = images_of((8, 8))
    expected = model.fit_transform(images)
    X = da.from_array(images, chunks=(10, 4, 8))
    result = model.transform(X.map_blocks(refuse, dtype=X.dtype, meta=X._meta))
    assert (result.shape, result.dtype) == (expected.shape, expected.dtype)
    assert result.chunks[0] == (10, 10, 3)
    with pytest.raises(AssertionError, match="computed"):
        result.compute(scheduler="synchronous")
    later = model.transform(X)
    model.fit(images[:, :6, :6])  # does not change what was asked for before
    assert_array_equal(later[4:15].compute(scheduler="threads").shape[0], 11)
    np.testing.assert_allclose(later, expected, rtol=1e-6, atol=1e-6)


def test_arrays_of_dask_may_have_empty_chunks_and_must_know_their_length():
    images = images_of((8, 8))
    model = ScatteringTransformer(J=1).fit(images)
    X = da.from_array(images, chunks=(10, 8, 8))
    wanted = X[X[:, 0, 0] > images[:, 0, 0].max() - 1]
    with pytest.raises(ValueError, match="compute_chunk_sizes"):
        model.transform(wanted)
    wanted.compute_chunk_sizes()
    assert 0 in wanted.chunks[0]
    expected = model.transform(images[images[:, 0, 0] == images[:, 0, 0].max()])
    assert_array_equal(model.transform(wanted), expected)


def test_pipelines_of_scattering_stay_lazy_in_dask():
    images = images_of((8, 8))
    scattering = ScatteringTransformer(J=1).fit(images)
    X = da.from_array(images, chunks=(10, 8, 8))
    means = scattering.transform(X).mean(axis=0)
    assert dask.is_dask_collection(means)
    expected = scattering.transform(images).mean(axis=0)
    np.testing.assert_allclose(means.compute(), expected, rtol=1e-5)


@pytest.mark.parametrize("chunked", [False, True])
def test_coordinates_of_xarray_are_kept(chunked):
    images = xr.DataArray(
        images_of((8, 8)),
        dims=("time", "y", "x"),
        coords={"time": np.arange(N) * 10, "site": ("time", np.arange(N) % 3)},
    )
    scattering = ScatteringTransformer(J=1).fit(images)
    expected = scattering.transform(images.values)
    if chunked:
        images = images.chunk(time=7)
    S = xr.apply_ufunc(
        scattering.transform,
        images,
        input_core_dims=[["y", "x"]],
        output_core_dims=[["feature"]],
        dask="allowed",
    ).assign_coords(feature=scattering.get_feature_names_out())
    assert (S.chunks is not None) is chunked
    assert_array_equal(S.sel(time=50), expected[5])
    assert_array_equal(S.coords["site"], np.arange(N) % 3)
    assert_array_equal(S.sel(feature="s0_y0_x0"), expected[:, 0])
