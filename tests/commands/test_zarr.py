"""Arrays of zarr are gone on with, by one writer at a time, and by workers that die."""

import os
import signal

import distributed
import numpy as np
import pytest
import zarr
from PIL import Image

from sklearn_scat import ScatteringTransformer
from sklearn_scat.__main__ import main
from sklearn_scat._whole_files import sole_writer
from sklearn_scat.commands import _transform, _zarr
from sklearn_scat.commands._image_file import open_images
from sklearn_scat.commands._zarr import write_zarr

BYTES = np.random.default_rng(0).integers(0, 256, (23, 12, 10), np.uint8)
BYTES[:6] = 0  # whose coefficients are zeros, in chunks of their own


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("x.npy", BYTES)
    return tmp_path


def write(out, chunk=4, J=1, **options):
    images = open_images("x.npy")
    return write_zarr(images, ScatteringTransformer(J), out, chunk=chunk, **options)


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_zarr_holds_what_the_estimator_gives(here):
    assert write("out.zarr") == (23, 9 * 6 * 5)
    model = ScatteringTransformer(J=1).fit(BYTES)
    out = zarr.open("out.zarr", mode="r")
    assert (out.dtype, out.chunks[0]) == (np.float32, 4)
    np.testing.assert_array_equal(out[:], model.transform(BYTES))
    names = (here / "out.names.txt").read_text().split()
    assert names == model.get_feature_names_out().tolist()
    assert len(contents(here / "out.zarr")) == 1 + 6
    assert {p.name for p in here.iterdir()} == {"x.npy", "out.zarr", "out.names.txt"}


class Interrupted(Exception):
    """Ends a writer in the middle."""


@pytest.mark.parametrize("after", [4, 12, 23])
def test_begun_output_is_gone_on_with_to_the_same_bytes(here, monkeypatch, after):
    write("whole.zarr")

    def stop(done):
        if done >= after:
            raise Interrupted

    with pytest.raises(Interrupted):
        write("out.zarr", progress=stop)
    (here / "out.zarr/c/left.partial").write_text("by one that was killed")
    computed, features_of = [], _zarr.features_of

    def count(images, transformer):
        computed.append(images.first)
        return features_of(images, transformer)

    monkeypatch.setattr(_zarr, "features_of", count)
    done = []
    write("out.zarr", progress=done.append)
    assert computed == list(range(after + 1 if after == 23 else after, 23, 4))
    assert done == [min(first + 4, 23) for first in computed]
    assert contents(here / "out.zarr") == contents(here / "whole.zarr")


@pytest.mark.parametrize("change", ["chunk", "parameter", "images", "other", "file"])
def test_output_of_other_work_is_refused_and_left_alone(here, change):
    out = here / "out.zarr"
    if change == "other":
        zarr.create_array(out, shape=(3,), dtype="f4")
    elif change == "file":
        out.mkdir()
        (out / "mine.txt").write_text("not to be lost")
    else:
        write(out)
    if change == "images":
        np.save("x.npy", BYTES[::-1])
    before = contents(out)
    options = {"chunk": {"chunk": 5}, "parameter": {"J": 2}}.get(change, {})
    with pytest.raises(FileExistsError, match="give another name, or remove it"):
        write(out, **options)
    assert contents(out) == before


def test_second_writer_of_one_output_is_refused(here):
    with sole_writer(here / "out.zarr"):
        with pytest.raises(FileExistsError, match=r"out\.zarr is being written by"):
            write("out.zarr")
        write("other.zarr")
    write("out.zarr")
    assert not [path for path in here.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("value", [np.nan, 1e39])
def test_image_that_has_no_coefficients_is_named_by_its_place_in_all(here, value):
    images = np.zeros(BYTES.shape)
    images[14] = value
    np.save("x.npy", images)
    with pytest.raises(ValueError, match=r"image 14 (holds NaN|has a coefficient)"):
        write("out.zarr")


def test_workers_of_dask_may_be_killed(here, monkeypatch):
    """Files of a folder, two processes, one of them killed after the first chunk."""
    (here / "in").mkdir()
    for i, image in enumerate(BYTES):
        Image.fromarray(image).save(here / "in" / f"{i:02}.png")
    command = "transform in --J 1 --chunk 1 --zarr"
    assert main(f"{command} whole.zarr".split()) == 0
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    )
    with cluster, distributed.Client(cluster) as client:
        workers = list(client.run(os.getpid).values())

        def kill(done):
            if workers:
                os.kill(workers.pop(), signal.SIGKILL)
                workers.clear()

        monkeypatch.setattr(_transform, "Progress", lambda *of: kill)
        address = cluster.scheduler_address
        assert main(f"{command} out.zarr --scheduler {address}".split()) == 0
        assert not workers
    assert contents(here / "out.zarr") == contents(here / "whole.zarr")
    files = (here / "out.files.txt").read_text().split()
    assert files == [f"{i:02}.png" for i in range(23)]


def test_command_writes_zarr_and_tells_how_to_go_on(here, capsys, monkeypatch):
    command = "transform x.npy --zarr out.zarr --J 1 --chunk 4 --names n.txt --quiet"
    arguments = command.split()

    def interrupt(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(_zarr, "features_of", interrupt)
        assert main(arguments) == 130
    assert "the same command goes on with out.zarr" in capsys.readouterr().err
    assert main(arguments) == 0
    assert capsys.readouterr().out == "out.zarr: float32 23×270\n"
    assert len((here / "n.txt").read_text().split()) == 270
    write("whole.zarr")
    assert contents(here / "out.zarr") == contents(here / "whole.zarr")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("out.npy --workers 2", "go with --zarr"),
        ("out.npy --chunk 2", "go with --zarr"),
        ("out.csv --scheduler tcp://nowhere:1", "go with --zarr"),
        ("out.csv --names names.txt", "--names goes with"),
        ("out.txt", r"must end in .npy, .csv or .parquet"),
        ("--zarr x.npy", "is the input"),
        ("out.npy --zarr out.zarr", "give one of them"),
        ("--out out.csv out.npy", "give one of them"),
        ("--zarr no/where/out.zarr", "no/where"),
    ],
)
def test_command_refuses_what_does_not_go_together(here, capsys, options, message):
    assert main(f"transform x.npy {options}".split()) == 2
    assert message in capsys.readouterr().err
