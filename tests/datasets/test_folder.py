import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from sklearn_scat.datasets import load_image_folder
from sklearn_scat.datasets._pages import MAX_PIXELS

RNG = np.random.default_rng(0)


def save(path, pixels, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path


def random_pixels(*shape):
    return RNG.integers(0, 256, shape, dtype=np.uint8)


def png_that_claims(width, height):
    """A PNG header of the given size with hardly any data behind it."""

    def chunk(kind, body):
        crc = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0"))
    return b"\x89PNG\r\n\x1a\n" + data + chunk(b"IEND", b"")


@pytest.fixture
def grey(tmp_path):
    """Two classes, two images of 5×7 each; returns the folder and the pixels."""
    pixels = [random_pixels(5, 7) for _ in range(4)]
    names = ("b/2.png", "b/1.PNG", "a/x.bmp", "a/y.tif")
    for name, image in zip(names, pixels, strict=True):
        save(tmp_path / name, image)
    return tmp_path, pixels


def test_load_image_folder_sorts_classes_and_files(grey):
    root, (b2, b1, ax, ay) = grey
    folder = load_image_folder(root)
    np.testing.assert_array_equal(folder.images, [ax, ay, b1, b2], strict=True)
    assert folder.target.tolist() == ["a", "a", "b", "b"]
    assert folder.target_names.tolist() == ["a", "b"]
    assert folder.filenames == [
        str(root / name) for name in ("a/x.bmp", "a/y.tif", "b/1.PNG", "b/2.png")
    ]


def test_load_image_folder_images_and_rows_are_one_memory(grey):
    folder = load_image_folder(grey[0])
    assert folder.data.shape == (4, 35)
    assert np.shares_memory(folder.data, folder.images)
    assert folder.image_shape == (5, 7)
    data, target = load_image_folder(grey[0], return_X_y=True)
    np.testing.assert_array_equal(data, folder.data)
    np.testing.assert_array_equal(target, folder.target)


def test_load_image_folder_passes_over_what_is_no_image(grey):
    root, _ = grey
    (root / "notes.txt").write_text("beside the classes")
    (root / "a" / "README").write_text("in a class")
    (root / "a" / "._x.png").write_bytes(b"hidden")
    (root / ".cache").mkdir()
    with pytest.warns(UserWarning, match=r"suffixes: 1 \(.*README\)") as caught:
        assert len(load_image_folder(root).images) == 4
    (warning,) = caught
    assert "beside the folders of classes: 1 (" in str(warning.message)
    assert warning.filename == __file__


def test_load_image_folder_rgb_is_channel_first(tmp_path):
    pixels = random_pixels(5, 7, 3)
    save(tmp_path / "a" / "1.png", pixels)
    folder = load_image_folder(tmp_path, mode="RGB")
    np.testing.assert_array_equal(folder.images[0], pixels.transpose(2, 0, 1))
    assert folder.image_shape == (3, 5, 7)
    assert np.shares_memory(folder.data, folder.images)


def test_load_image_folder_grey_of_colour_is_luma(tmp_path):
    pixels = np.zeros((1, 3, 3), np.uint8)
    pixels[0, [0, 1, 2], [0, 1, 2]] = 255  # red, green, blue
    save(tmp_path / "a" / "1.png", pixels)
    luma = load_image_folder(tmp_path).images[0, 0]
    np.testing.assert_allclose(luma / 255, [0.299, 0.587, 0.114], atol=0.5 / 255)


def test_load_image_folder_reads_palettes_with_transparency(tmp_path):
    image = Image.fromarray(random_pixels(5, 7)).convert("P")
    (tmp_path / "a").mkdir()
    image.save(tmp_path / "a" / "1.png", transparency=bytes(range(256)))
    expected = np.asarray(image.convert("L"))
    with pytest.warns(UserWarning, match=r"opaque: 1 \(.*1\.png; mode='all'"):
        images = load_image_folder(tmp_path).images
    np.testing.assert_array_equal(images[0], expected)


def test_load_image_folder_names_the_first_files_that_differ(grey):
    root, _ = grey
    save(root / "b" / "0.png", random_pixels(4, 9))
    save(root / "c" / "0.png", random_pixels(8, 8))
    with pytest.raises(ValueError, match="3 different sizes") as caught:
        load_image_folder(root)
    message = str(caught.value)
    assert f"{root / 'a' / 'y.tif'} is 5×7" in message
    assert f"{root / 'b' / '0.png'} is 4×9" in message
    assert "4×7" in message  # the largest crop that fits them all
    for option in ("size=(height, width)", "crop=True", "ragged=True"):
        assert option in message


def test_load_image_folder_ragged_is_a_list_of_arrays(tmp_path):
    first, second = random_pixels(5, 7), random_pixels(4, 9)
    save(tmp_path / "a" / "1.png", first)
    save(tmp_path / "a" / "2.png", second)
    folder = load_image_folder(tmp_path, ragged=True)
    assert isinstance(folder.images, list) and folder.data is folder.images
    np.testing.assert_array_equal(folder.images[0], first)
    np.testing.assert_array_equal(folder.images[1], second)
    assert folder.image_shape is None and folder.target.tolist() == ["a", "a"]


def test_load_image_folder_size_stretches_and_averages(tmp_path):
    left_white = np.repeat(np.uint8([[255, 0]]), [4, 12], axis=1).repeat(8, axis=0)
    save(tmp_path / "a" / "1.png", left_white)
    save(tmp_path / "a" / "2.png", np.full((5, 5), 77, np.uint8))
    images = load_image_folder(tmp_path, size=(3, 4)).images
    assert images.shape == (2, 3, 4)
    assert (images[1] == 77).all()
    assert (np.diff(images[0].astype(int), axis=1) <= 0).all()
    assert abs(images[0].mean() - 255 / 4) < 10


def test_load_image_folder_crop_cuts_out_the_middle(tmp_path):
    wide, tall = random_pixels(4, 9), random_pixels(8, 3)
    save(tmp_path / "a" / "1.png", wide)
    save(tmp_path / "a" / "2.png", tall)
    images = load_image_folder(tmp_path, size=(4, 3), crop=True).images
    np.testing.assert_array_equal(images, [wide[:, 3:6], tall[2:6]])


def test_load_image_folder_refuses_to_crop_a_smaller_image(tmp_path):
    save(tmp_path / "a" / "1.png", random_pixels(4, 9))
    with pytest.raises(ValueError, match=r"1\.png: .*4×9 .*size=\(5, 5\)"):
        load_image_folder(tmp_path, size=(5, 5), crop=True)


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "tif"])
@pytest.mark.parametrize("options", [{}, {"size": (4, 4)}, {"ragged": True}])
def test_load_image_folder_names_a_truncated_image(tmp_path, suffix, options):
    good = save(tmp_path / "a" / f"1.{suffix}", random_pixels(64, 64))
    bad = good.with_name(f"2.{suffix}")
    content = good.read_bytes()
    bad.write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match=rf"2\.{suffix}: cannot be read"):
        load_image_folder(tmp_path, **options)


@pytest.mark.parametrize("content", [b"", b"not an image", b"\x89PNG\r\n\x1a\n"])
def test_load_image_folder_names_a_file_that_is_no_image(tmp_path, content):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.png").write_bytes(content)
    with pytest.raises(ValueError, match=r"1\.png: cannot be read as an image"):
        load_image_folder(tmp_path)


@pytest.mark.parametrize("side", [2**13 + 1, 10_000, 2**15])
@pytest.mark.parametrize("options", [{}, {"size": (4, 4)}, {"ragged": True}])
def test_load_image_folder_refuses_a_decompression_bomb(tmp_path, side, options):
    assert side**2 > MAX_PIXELS
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "bomb.png").write_bytes(png_that_claims(side, side))
    with pytest.raises(ValueError, match=r"bomb\.png.*(limit|exceeds)"):
        load_image_folder(tmp_path, **options)


def test_load_image_folder_refuses_deep_pixels_rather_than_clip_them(tmp_path):
    save(tmp_path / "a" / "1.png", np.full((4, 4), 1000, np.uint16))
    with pytest.raises(ValueError, match=r"1\.png.*more than 8 bits.*depth=16"):
        load_image_folder(tmp_path)


def test_load_image_folder_refuses_a_folder_without_classes(tmp_path):
    save(tmp_path / "1.png", random_pixels(4, 4))
    with pytest.raises(ValueError, match="no sub-folder"):
        load_image_folder(tmp_path)


def test_load_image_folder_refuses_a_class_without_images(grey):
    root, _ = grey
    (root / "empty" / "nested").mkdir(parents=True)
    with pytest.raises(ValueError, match=r"empty: no image in this class"):
        load_image_folder(root)


def test_load_image_folder_of_a_missing_folder_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"):
        load_image_folder(tmp_path / "absent")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"mode": "rgb"}, ValueError, "mode='rgb'.*'L', 'RGB'"),
        ({"size": 32}, ValueError, "size=32 is not a pair"),
        ({"size": (32,)}, ValueError, "is not a pair"),
        ({"size": (0, 4)}, ValueError, r"size\[0\]"),
        ({"size": (4, 4.0)}, TypeError, r"size\[1\]"),
        ({"crop": True}, ValueError, "crop=True needs size="),
    ],
)
def test_load_image_folder_names_a_bad_argument(grey, options, error, message):
    with pytest.raises(error, match=message):
        load_image_folder(grey[0], **options)
