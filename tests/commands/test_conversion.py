"""Files of coefficients are what the estimator itself gives."""

import gzip

import numpy as np
import pytest
from PIL import Image

from sklearn_scat import ScatteringTransformer
from sklearn_scat._whole_files import whole_file
from sklearn_scat.commands import _conversion as conversion
from sklearn_scat.commands._conversion import write_features
from sklearn_scat.commands._image_file import open_images

RNG = np.random.default_rng(0)
BYTES = RNG.integers(0, 256, size=(7, 12, 10), dtype=np.uint8)


def idx_bytes(array):
    sides = b"".join(side.to_bytes(4, "big") for side in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sides + array.tobytes()


def write_image_folder(folder, images):
    names = ["b/1.png", "b/0.PNG", "a.png", "c/d/2.bmp", "c/2.png", "z.png", "z2.png"]
    for name, image in zip(names, images, strict=True):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / name)
    (folder / "read.me").write_text("no image")
    (folder / ".hidden.png").write_text("no image")
    return names


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(conversion, "_CHUNK_BYTES", 5000)


def written(path, tmp_path, *, transformer=None, **options):
    transformer = transformer or ScatteringTransformer(J=1)
    write_features(open_images(path, **options), transformer, tmp_path / "out.npy")
    return np.load(tmp_path / "out.npy")


def test_features_of_a_numpy_file(tmp_path, small_chunks):
    images = RNG.normal(size=(7, 12, 10))
    np.save(tmp_path / "x.npy", images)
    found = written(tmp_path / "x.npy", tmp_path)
    expected = ScatteringTransformer(J=1).fit_transform(images)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected.astype(np.float32))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_features_of_an_idx_file(tmp_path, small_chunks, pack):
    (tmp_path / "x").write_bytes(pack(idx_bytes(BYTES)))
    found = written(tmp_path / "x", tmp_path)
    np.testing.assert_array_equal(
        found, ScatteringTransformer(J=1).fit_transform(BYTES)
    )


def test_features_of_a_folder(tmp_path, small_chunks):
    (tmp_path / "in").mkdir()
    names = write_image_folder(tmp_path / "in", BYTES)
    found = written(tmp_path / "in", tmp_path)
    expected = ScatteringTransformer(J=1).fit_transform(BYTES)
    order = (tmp_path / "out.files.txt").read_text().splitlines()
    assert sorted(order) == sorted(names)
    rows = [order.index(name) for name in names]
    np.testing.assert_array_equal(found[rows], expected)


def test_features_of_a_folder_in_color_and_resized(tmp_path):
    (tmp_path / "in").mkdir()
    write_image_folder(tmp_path / "in", BYTES)
    Image.fromarray(BYTES[0, :6]).save(tmp_path / "in" / "small.png")
    found = written(tmp_path / "in", tmp_path, mode="RGB", size=(8, 8))
    assert found.shape == (8, 3 * 9 * 4 * 4)


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_features_do_not_depend_on_the_batch(tmp_path, small_chunks, batch_size):
    np.save(tmp_path / "x.npy", BYTES)
    transformer = ScatteringTransformer(J=1, batch_size=batch_size)
    found = written(tmp_path / "x.npy", tmp_path, transformer=transformer)
    np.testing.assert_array_equal(
        found, ScatteringTransformer(J=1).fit_transform(BYTES)
    )


def test_features_have_their_names_beside_them(tmp_path):
    np.save(tmp_path / "x.npy", BYTES)
    found = written(tmp_path / "x.npy", tmp_path)
    names = (tmp_path / "out.names.txt").read_text().splitlines()
    expected = ScatteringTransformer(J=1).fit(BYTES).get_feature_names_out()
    assert names == expected.tolist()
    assert found.shape[1] == len(names)
    assert {p.name for p in tmp_path.iterdir()} == {"x.npy", "out.npy", "out.names.txt"}


def test_features_report_every_chunk(tmp_path, small_chunks):
    np.save(tmp_path / "x.npy", BYTES)
    done = []
    write_features(
        open_images(tmp_path / "x.npy"),
        ScatteringTransformer(J=1),
        tmp_path / "out.npy",
        progress=done.append,
    )
    assert done == sorted(done)
    assert done[-1] == 7
    assert len(done) > 1


def test_a_failed_conversion_leaves_the_old_file_and_no_other(tmp_path, small_chunks):
    images = np.zeros((7, 12, 10))
    images[5, 0, 0] = np.nan
    np.save(tmp_path / "x.npy", images)
    (tmp_path / "out.npy").write_bytes(b"old")
    with pytest.raises(ValueError, match="NaN"):
        written(tmp_path / "x.npy", tmp_path)
    assert (tmp_path / "out.npy").read_bytes() == b"old"
    assert {path.name for path in tmp_path.iterdir()} == {"x.npy", "out.npy"}


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e39])
@pytest.mark.parametrize("place", [0, 5])
def test_an_image_whose_coefficients_float32_cannot_hold_is_named(
    tmp_path, small_chunks, value, place
):
    images = np.zeros((7, 12, 10))
    images[place] = value
    np.save(tmp_path / "x.npy", images)
    with pytest.raises(ValueError, match=f"image {place} (has|holds)"):
        written(tmp_path / "x.npy", tmp_path)
    assert not (tmp_path / "out.npy").exists()


def test_a_file_that_holds_nan_is_named(tmp_path):
    pixels = np.zeros((2, 12, 10), np.float32)
    pixels[1, 3, 3] = np.nan
    for i, image in enumerate(pixels):
        Image.fromarray(image).save(tmp_path / f"{i}.tif")
    with pytest.raises(ValueError, match=r"1\.tif holds NaN"):
        written(tmp_path, tmp_path / "..", depth="float")


def test_a_folder_is_read_at_its_depth_and_other_files_are_counted(tmp_path):
    (tmp_path / "in").mkdir()
    deep = RNG.integers(0, 65536, (2, 12, 10), np.uint16)
    for i, image in enumerate(deep):
        Image.fromarray(image).save(tmp_path / "in" / f"{i}.png")
    (tmp_path / "in" / "notes.txt").write_text("no image")
    with pytest.raises(ValueError, match=r"0\.png.*depth=16"):
        written(tmp_path / "in", tmp_path)
    found = written(tmp_path / "in", tmp_path, depth=16)
    expected = ScatteringTransformer(J=1).fit_transform(deep)
    np.testing.assert_array_equal(found, expected)
    assert open_images(tmp_path / "in").n_passed_over == 1


def test_whole_file_is_not_seen_before_it_is_complete(tmp_path):
    path = tmp_path / "file.txt"
    with whole_file(path) as partial:
        partial.write_text("new")
        assert not path.exists()
    assert path.read_text() == "new"
    with pytest.raises(KeyboardInterrupt), whole_file(path) as partial:
        partial.write_text("half")
        raise KeyboardInterrupt
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not an IDX file"),
        (b"\x93NUMPY garbage", "cannot be read as an array"),
        (idx_bytes(BYTES)[:-1], "bytes"),
        (gzip.compress(idx_bytes(BYTES))[:-9], "truncated or corrupt"),
        (idx_bytes(BYTES[0, 0]), "no stack of images"),
        (idx_bytes(BYTES[:0]), "no image"),
    ],
)
def test_open_images_refuses_what_holds_none(tmp_path, content, message):
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        written(tmp_path / "x", tmp_path)


def test_open_images_reads_no_pickle(tmp_path):
    np.save(tmp_path / "x.npy", np.array([{}, None]), allow_pickle=True)
    with pytest.raises(ValueError, match="cannot be read as an array"):
        open_images(tmp_path / "x.npy")


def test_open_images_names_images_of_another_size(tmp_path):
    write_image_folder(tmp_path, BYTES)
    Image.fromarray(BYTES[0, :6]).save(tmp_path / "small.png")
    with pytest.raises(ValueError, match=r"small.png is 6×10; .*--size HEIGHT,WIDTH"):
        open_images(tmp_path)


def test_open_images_refuses_an_empty_folder(tmp_path):
    with pytest.raises(ValueError, match="no image in it"):
        open_images(tmp_path)
