"""Images of every kind of file are read where they are wanted, by others too."""

import pickle

import h5py
import numpy as np
import pytest
import zarr
from PIL import Image

from sklearn_scat.commands._image_file import open_images

BYTES = np.random.default_rng(0).integers(0, 256, (7, 12, 10), np.uint8)


def write_npy(path):
    np.save(path.with_suffix(".npy"), BYTES)
    return path.with_suffix(".npy")


def write_hdf5(path):
    with h5py.File(path, "w") as file:
        file["images"] = BYTES
        file.create_group("notes")
    return path


def write_zarr(path):
    zarr.create_array(path, data=BYTES, chunks=(2, 12, 10))
    return path


def write_zarr_group(path):
    zarr.create_group(path).create_array("images", data=BYTES)
    return path


def write_folder(path):
    path.mkdir()
    for i, image in enumerate(BYTES):
        Image.fromarray(image).save(path / f"{i}.png")
    return path


KINDS = [write_npy, write_hdf5, write_zarr, write_zarr_group, write_folder]


@pytest.mark.parametrize("write", KINDS)
def test_parts_are_small_and_read_the_same_elsewhere(write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    images = open_images(write(tmp_path / "x").relative_to(tmp_path))
    monkeypatch.chdir("/")
    assert images.n_images == len(BYTES)
    part = images.part(1, 6).part(2, 4)
    assert part.name(1) == ("4.png" if images.files else "image 4")
    sent = pickle.dumps(part)
    assert len(sent) < BYTES.nbytes
    for here in (part, pickle.loads(sent)):
        np.testing.assert_array_equal(here.read(0, here.n_images), BYTES[3:5])


@pytest.mark.parametrize("library", ["HDF5", "zarr"])
def test_one_of_several_arrays_is_taken_by_its_name(library, tmp_path):
    path = tmp_path / "x"
    if library == "HDF5":
        with h5py.File(path, "w") as file:
            file["a"], file["b"] = BYTES, BYTES[:3]
    else:
        group = zarr.create_group(path)
        group.create_array("a", data=BYTES)
        group.create_array("b", data=BYTES[:3])
    assert open_images(path, dataset="b").n_images == 3
    for wrong in (None, "c"):
        with pytest.raises(ValueError, match="holds the arrays a, b: say which"):
            open_images(path, dataset=wrong)


def test_array_of_one_axis_is_no_stack_of_images(tmp_path):
    zarr.create_array(tmp_path / "x", data=BYTES[0, 0])
    with pytest.raises(ValueError, match=r"shape \(10,\) is no stack"):
        open_images(tmp_path / "x")
