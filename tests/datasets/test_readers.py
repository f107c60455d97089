"""Every reader gives every format at every depth and mode, or says what would."""

import io
import struct
import sys
import zlib
from functools import partial

import numpy as np
import pandas as pd
import pytest
import tifffile
from astropy.io import fits
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

from sklearn_scat import ImageReader
from sklearn_scat.datasets import (
    image_size,
    load_image_folder,
    load_images,
    read_image,
)

RNG = np.random.default_rng(0)
LUMA = np.array([0.299, 0.587, 0.114])
WHITE = {8: 255, 16: 65535, "float": 1}
DTYPE = {8: np.uint8, 16: np.uint16, "float": np.float32}


def noise(dtype, *shape):
    """Return pixels (H, W, bands) over the whole range of a dtype."""
    if np.dtype(dtype).kind == "f":
        return RNG.normal(scale=1000, size=shape).astype(dtype)
    info = np.iinfo(dtype)
    return RNG.integers(info.min, info.max, shape, dtype, endpoint=True)


def pillow(pixels, kind, **options):
    stream = io.BytesIO()
    Image.fromarray(pixels.squeeze()).save(stream, kind, **options)
    return stream.getvalue()


def png(pixels):
    """Write a PNG file of 16 bits a sample, by its specification."""

    def chunk(kind, body):
        crc = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)

    height, width, bands = pixels.shape
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[bands]
    header = struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0)
    lines = b"".join(b"\0" + line.astype(">u2").tobytes() for line in pixels)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines))
    return b"\x89PNG\r\n\x1a\n" + parts + chunk(b"IEND", b"")


def netpbm(pixels, *, plain=False):
    height, width, bands = pixels.shape
    maximum = np.iinfo(pixels.dtype).max
    number = {1: 5, 3: 6}[bands] - (3 if plain else 0)
    header = f"P{number}\n# made by a test\n{width} {height}\n{maximum}\n".encode()
    if plain:
        return header + "\n".join(map(str, pixels.ravel())).encode() + b"\n"
    return header + pixels.astype(pixels.dtype.newbyteorder(">")).tobytes()


def tiff(pixels, **options):
    stream = io.BytesIO()
    colour = "rgb" if pixels.shape[-1] in (3, 4) else "minisblack"
    pixels = pixels[..., 0] if pixels.shape[-1] == 1 else pixels
    if options.get("planarconfig") == "separate":
        pixels = np.moveaxis(pixels, -1, 0)
    tifffile.imwrite(stream, pixels, **{"photometric": colour, **options})
    return stream.getvalue()


def npy(pixels):
    stream = io.BytesIO()
    np.save(stream, np.moveaxis(pixels, -1, 0))
    return stream.getvalue()


def dicom(pixels, **elements):
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = pixels.shape
    is_colour = pixels.shape[-1] == 3
    dataset.PhotometricInterpretation = "RGB" if is_colour else "MONOCHROME2"
    if is_colour:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = dataset.BitsStored = 8 * pixels.itemsize
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    dataset.PixelData = pixels.tobytes()
    for name, value in elements.items():
        setattr(dataset, name, value)
    stream = io.BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def fits_file(pixels):
    stream = io.BytesIO()
    fits.writeto(stream, np.moveaxis(pixels, -1, 0).squeeze())
    return stream.getvalue()


def sample(dtype, bands, write, **options):
    """Return pixels (H, W, bands) and a file of them."""
    pixels = noise(dtype, 9, 12, bands)
    return pixels, write(pixels, **options)


FILES = {
    "8.png": sample("u1", 1, pillow, kind="PNG"),
    "8-colour.png": sample("u1", 3, pillow, kind="PNG"),
    "16.png": sample("u2", 1, png),
    "16-colour.png": sample("u2", 3, png),
    "8.bmp": sample("u1", 1, pillow, kind="BMP"),
    "8-colour.bmp": sample("u1", 3, pillow, kind="BMP"),
    "8-colour.webp": sample("u1", 3, pillow, kind="WEBP", lossless=True),
    "8.gif": sample("u1", 1, pillow, kind="GIF"),
    "8.pgm": sample("u1", 1, netpbm),
    "8-colour.ppm": sample("u1", 3, netpbm),
    "16.pgm": sample("u2", 1, netpbm),
    "16-colour.ppm": sample("u2", 3, netpbm),
    "16-colour-plain.ppm": sample("u2", 3, netpbm, plain=True),
    "8.tif": sample("u1", 1, tiff),
    "8-colour.tif": sample("u1", 3, tiff),
    "8-planar.tif": sample("u1", 3, tiff, planarconfig="separate"),
    "16.tif": sample("u2", 1, tiff),
    "16-big-endian.tif": sample("u2", 1, tiff, byteorder=">"),
    "16-colour.tif": sample("u2", 3, tiff),
    "16-colour-big-endian.tif": sample("u2", 3, tiff, byteorder=">"),
    "16-colour-planar.tif": sample("u2", 3, tiff, planarconfig="separate"),
    "16-colour-lzw.tif": sample("u2", 3, tiff, compression="lzw"),
    "16-colour-deflate.tif": sample("u2", 3, tiff, compression="zlib", predictor=True),
    "16-big.tif": sample("u2", 1, tiff, bigtiff=True),
    "signed-8.tif": sample("i1", 1, tiff),
    "signed-16.tif": sample("i2", 1, tiff),
    "unsigned-32.tif": sample("u4", 1, tiff),
    "half.tif": sample("f2", 1, tiff),
    "float.tif": sample("f4", 1, tiff),
    "float-colour.tif": sample("f4", 3, tiff),
    "double.tif": sample("f8", 1, tiff),
    "5-bands-8.tif": sample("u1", 5, tiff, planarconfig="contig"),
    "5-bands-16.tif": sample("u2", 5, tiff, planarconfig="contig"),
    "8.npy": sample("u1", 1, npy),
    "8-colour.npy": sample("u1", 3, npy),
    "16-colour.npy": sample("u2", 3, npy),
    "float-colour.npy": sample("f4", 3, npy),
    "8.dcm": sample("u1", 1, dicom),
    "8-colour.dcm": sample("u1", 3, dicom),
    "16.dcm": sample("u2", 1, dicom),
    "signed-16.dcm": sample("i2", 1, dicom),
    "8.fits": sample("u1", 1, fits_file),
    "16.fits": sample("u2", 1, fits_file),
    "16-colour.fit": sample("u2", 3, fits_file),
    "signed-16.fits": sample("i2", 1, fits_file),
    "float.fits": sample("f4", 1, fits_file),
    "double-5-bands.fits": sample("f8", 5, fits_file),
    "5-bands-float.npy": sample("f8", 5, npy),
}


def of_path(path, **options):
    return read_image(path, **options)


def of_bytes(path, **options):
    return read_image(path.read_bytes(), **options)


def of_paths(path, **options):
    return load_images([path], **options).images[0]


def of_folder(path, **options):
    return load_images(path.parent, **options).images[0]


def of_classes(path, **options):
    return load_image_folder(path.parent.parent, n_jobs=2, **options).images[0]


def of_column(path, **options):
    table = pd.DataFrame({"path": [str(path)] * 2})
    return ImageReader(n_jobs=2, **options).fit_transform(table)[1]


READERS = [of_path, of_bytes, of_paths, of_folder, of_classes, of_column]


def expected(pixels, *, mode, depth):
    """Return pixels (bands, H, W) by the definitions of modes and depths."""
    bands = np.moveaxis(pixels, -1, 0)
    top = np.iinfo(bands.dtype).max if bands.dtype in (np.uint8, np.uint16) else None
    if mode == "L" and len(bands) == 3:
        grey = np.tensordot(LUMA, bands.astype(float), 1)
        bands = grey[None] if top is None else np.rint(grey)[None]
    if mode == "RGB" and len(bands) == 1:
        bands = np.repeat(bands, 3, axis=0)
    return bands * (1 if top is None else WHITE[depth] / top)


def can_hold(pixels, *, mode, depth):
    """Tell whether a mode and a depth can hold pixels."""
    bits = pixels.dtype.itemsize * 8 if pixels.dtype.kind == "u" else 32
    return (mode == "all" or pixels.shape[-1] != 5) and (
        depth == "float" or bits <= depth
    )


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a file into a folder of a class."""

    def write(name, content):
        path = tmp_path / "class" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize("mode", ["L", "RGB", "all"])
@pytest.mark.parametrize("depth", [8, 16, "float"])
@pytest.mark.parametrize("name", FILES)
def test_every_reader_gives_the_values_or_refuses(written, name, depth, mode):
    pixels, content = FILES[name]
    path = written(name, content)
    if not can_hold(pixels, mode=mode, depth=depth):
        for read in READERS:
            with pytest.raises(ValueError, match=r"depth=|bands.*mode='all'"):
                read(path, mode=mode, depth=depth)
        return
    if name.endswith(".gif") and mode == "all":  # palettes are colours
        pixels = np.repeat(pixels, 3, axis=-1)
    values = expected(pixels, mode=mode, depth=depth)
    step = 1 if mode == "L" and pixels.shape[-1] == 3 else 0  # of rounded luma
    step *= WHITE[depth] / 255 if pixels.dtype == np.uint8 else WHITE[depth] / 65535
    for read in READERS:
        image = read(path, mode=mode, depth=depth)
        assert image.dtype == DTYPE[depth], read.__name__
        assert image.shape == (values.shape[1:] if mode == "L" else values.shape)
        np.testing.assert_allclose(
            image, values[0] if mode == "L" else values, rtol=2e-7, atol=step * 1.0001
        )
    assert image_size(path) == pixels.shape[:2]


@pytest.mark.parametrize("kind", ["grey", "colour"])
def test_white_is_zero_is_turned_round_at_every_depth(written, kind):
    for dtype, depth in (("u1", 8), ("u2", 16)):
        pixels = noise(dtype, 9, 12, 1)
        path = written(f"{dtype}.tif", tiff(pixels, photometric="miniswhite"))
        image = read_image(path, depth=depth, mode="L" if kind == "grey" else "RGB")
        turned = np.iinfo(dtype).max - pixels[..., 0]
        np.testing.assert_array_equal(np.atleast_3d(image.T)[..., 0].T, turned)


@pytest.mark.parametrize("bits", [8, 12])
def test_dicom_is_in_the_units_of_its_modality(bits):
    pixels = noise("u1", 9, 12, 1).astype(np.uint8 if bits == 8 else np.uint16)
    stored = {"BitsStored": bits, "HighBit": bits - 1}
    turned = dicom(pixels, PhotometricInterpretation="MONOCHROME1", **stored)
    image = read_image(turned, depth=16 if bits > 8 else 8)
    np.testing.assert_array_equal(image, 2**bits - 1 - pixels[..., 0])
    scaled = dicom(pixels, RescaleSlope="2", RescaleIntercept="-1024", **stored)
    units = read_image(scaled, depth="float")
    np.testing.assert_array_equal(units, 2.0 * pixels[..., 0] - 1024)
    with pytest.raises(ValueError, match="depth='float' reads them"):
        read_image(scaled, depth=16)


def test_frames_and_extensions_are_pages():
    frames = noise("u1", 3, 9, 12)
    film = dicom(frames.reshape(27, 12, 1), Rows=9, NumberOfFrames="3")
    extensions = fits.HDUList([fits.PrimaryHDU(), *map(fits.ImageHDU, frames)])
    stream = io.BytesIO()
    extensions.writeto(stream)
    for content in (film, stream.getvalue()):
        np.testing.assert_array_equal(read_image(content, pages="all"), frames)
    empty = io.BytesIO()
    fits.PrimaryHDU().writeto(empty)
    with pytest.raises(ValueError, match="no image of two or three axes"):
        read_image(empty.getvalue())


def with_orientation(pixels, name, orientation):
    """Return a file whose tag says where its first row and column belong."""
    if name == "deep.tif":
        tag = (274, "H", 1, orientation, True)
        return tiff(pixels, extratags=[tag])
    exif = Image.Exif()
    exif[274] = orientation
    kind = {"jpg": "JPEG", "tif": "TIFF", "png": "PNG", "webp": "WEBP"}[name]
    options = {"lossless": True} if name == "webp" else {}
    return pillow(pixels, kind, exif=exif, **options)


# Where the first row and the first column of what is stored are in the upright image.
SIDES = {
    1: ("top", "left"),
    2: ("top", "right"),
    3: ("bottom", "right"),
    4: ("bottom", "left"),
    5: ("left", "top"),
    6: ("right", "top"),
    7: ("right", "bottom"),
    8: ("left", "bottom"),
}


@pytest.mark.parametrize("orientation", SIDES)
@pytest.mark.parametrize("name", ["jpg", "tif", "png", "webp", "deep.tif"])
def test_images_come_upright(written, name, orientation):
    stored = np.full((40, 24, 3), 128, np.uint8)
    stored[:8] = 255  # the first row
    stored[8:, :8] = 0  # the first column
    if name == "deep.tif":
        stored = stored.astype(np.uint16) * 257
    path = written(f"1.{name}", with_orientation(stored, name, orientation))
    image = read_image(path, depth="float")
    row, column = SIDES[orientation]
    assert image.shape == ((24, 40) if row in ("left", "right") else (40, 24))
    assert image_size(path) == image.shape
    middles = {
        "top": image[3, 10:-10],
        "bottom": image[-4, 10:-10],
        "left": image[10:-10, 3],
        "right": image[10:-10, -4],
    }
    assert middles[row].mean() > 0.9
    assert middles[column].mean() < 0.1


@pytest.mark.parametrize("pixels", [noise("u1", 9, 12, 3), noise("u2", 9, 12, 3)])
def test_an_orientation_behind_the_pixels_of_a_png_is_applied(pixels):
    content = pillow(pixels, "PNG") if pixels.dtype == np.uint8 else png(pixels)
    exif = Image.Exif()
    exif[274] = 6  # a quarter turn
    body = exif.tobytes().removeprefix(b"Exif\0\0")
    crc = struct.pack(">I", zlib.crc32(b"eXIf" + body))
    chunk = struct.pack(">I", len(body)) + b"eXIf" + body + crc
    turned = content[:-12] + chunk + content[-12:]
    image = read_image(turned, depth=16, mode="RGB")
    straight = read_image(content, depth=16, mode="RGB")
    np.testing.assert_array_equal(image, np.rot90(straight, -1, axes=(1, 2)))


@pytest.mark.parametrize("name", ["16-colour.png", "16-colour.ppm", "16-colour.tif"])
def test_pictures_that_are_not_yet_loaded_keep_their_depth(name):
    pixels, content = FILES[name]
    picture = Image.open(io.BytesIO(content))
    image = load_images([picture], mode="RGB", depth=16).images[0]
    np.testing.assert_array_equal(image, np.moveaxis(pixels, -1, 0))


@pytest.mark.parametrize("size", [(4, 5), (20, 30)])
def test_sizes_at_every_depth_agree(size):
    pixels = noise("u1", 9, 12, 3)
    wide = pixels.astype(np.uint16) * 257
    # in 8 bits it is rounded after the rows, and again after the columns
    exact = np.moveaxis(
        np.asarray(Image.fromarray(pixels).resize(size[::-1], Image.BILINEAR)), -1, 0
    )
    read = partial(read_image, mode="RGB", size=size)
    image = read(pillow(pixels, "PNG"))
    np.testing.assert_array_equal(image, exact)
    np.testing.assert_allclose(read(png(wide), depth=16) / 257, exact, atol=1.01)
    of_floats = read(png(wide), depth="float")
    np.testing.assert_allclose(of_floats * 255, exact, atol=1.01)


@pytest.mark.parametrize("depth", [8, 16, "float"])
def test_crop_cuts_the_middle_at_every_depth(depth):
    image = read_image(FILES["8.png"][1], size=(3, 4), crop=True, depth=depth)
    whole = read_image(FILES["8.png"][1], depth=depth)
    np.testing.assert_array_equal(image, whole[3:6, 4:8])


PAGES = [noise(np.uint16, 9, 12) for _ in range(3)]


def paged(kind):
    stream = io.BytesIO()
    if kind == "tiff":
        tifffile.imwrite(stream, np.stack(PAGES), photometric="minisblack")
    elif kind == "deep":
        colours = np.stack([np.stack([page] * 3, -1) for page in PAGES])
        tifffile.imwrite(stream, colours, photometric="rgb")
    else:
        first, *others = (Image.fromarray(np.uint8(page >> 8)) for page in PAGES)
        first.save(stream, kind, save_all=True, append_images=others)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["tiff", "deep", "GIF"])
def test_pages_are_first_all_or_bands(written, kind):
    path = written("1.tif", paged(kind))
    pages = [(page >> 8) * 257 for page in PAGES] if kind == "GIF" else PAGES
    with pytest.warns(UserWarning, match="further pages"):
        first = read_image(path, depth=16)
    np.testing.assert_array_equal(first, pages[0])
    for how in ("all", "bands"):
        np.testing.assert_array_equal(read_image(path, depth=16, pages=how), pages)
    folder = load_image_folder(path.parent.parent, depth=16, pages="all")
    np.testing.assert_array_equal(folder.images, pages)
    assert folder.target.tolist() == ["class"] * 3
    assert folder.filenames == [str(path)] * 3
    assert load_images([path], depth=16, pages="bands").image_shape == (3, 9, 12)


@pytest.mark.parametrize("dtype", ["u1", "u2"])
@pytest.mark.parametrize("bands", [2, 4])
@pytest.mark.parametrize("write", [png, tiff])
def test_transparency_is_dropped_with_a_word_unless_opaque(bands, dtype, write):
    top = np.iinfo(dtype).max
    pixels = noise(dtype, 9, 12, bands)
    pixels[..., -1] = top
    if write is tiff:
        write = partial(tiff, extrasamples=["unassalpha"], planarconfig="contig")
    elif dtype == "u1":
        write = partial(pillow, kind="PNG")
    mode, depth = ("L" if bands == 2 else "RGB"), 8 * pixels.itemsize
    colours = np.moveaxis(pixels[..., :-1], -1, 0).squeeze()
    image = read_image(write(pixels), mode=mode, depth=depth)
    np.testing.assert_array_equal(image, colours)
    pixels[0, 0, -1] = top - 1
    with pytest.warns(UserWarning, match="transparency"):
        image = read_image(write(pixels), mode=mode, depth=depth)
    np.testing.assert_array_equal(image, colours)
    image = read_image(write(pixels), mode="all", depth=depth)
    np.testing.assert_array_equal(image, np.moveaxis(pixels, -1, 0))


@pytest.mark.filterwarnings("ignore:Truncated File Read")  # Pillow's own
@pytest.mark.filterwarnings("ignore:File may have been truncated")  # astropy's
@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_short_is_refused_or_skipped(written, name):
    _, content = FILES[name]
    good = written("0" + name, content)
    header = 2880 if ".fit" in name else 0  # the rest of its block is empty
    bad = written("1" + name, content[: header or len(content) * 2 // 3])
    how = {"mode": "all", "depth": "float"}
    with pytest.raises(ValueError, match="cannot be read as an image") as caught:
        load_images([good, bad], **how)
    assert str(bad) in str(caught.value)
    with pytest.warns(UserWarning, match=r"cannot be read: 1 \("):
        images = load_images([bad, good], on_error="skip", **how)
    assert [file for file, _ in images.skipped] == [str(bad)]
    assert images.filenames == [str(good)] and images.places.tolist() == [1]
    with pytest.warns(UserWarning, match=r"cannot be read: 1 \("):
        folder = load_image_folder(good.parent.parent, on_error="skip", **how)
    assert folder.filenames == [str(good)] and folder.target.tolist() == ["class"]
    assert folder.skipped[0][0] == str(bad)


@pytest.mark.parametrize("tags", [("ImageLength",), ("ImageLength", "RowsPerStrip")])
@pytest.mark.parametrize("name", [n for n in FILES if n.endswith(".tif")])
def test_a_tiff_page_that_claims_more_rows_than_it_has_is_refused(name, tags):
    content = bytearray(FILES[name][1])
    page = tifffile.TiffFile(io.BytesIO(content)).pages[0]
    for tag in tags:
        place, size = page.tags[tag].valueoffset, {3: 2, 4: 4}[page.tags[tag].dtype]
        is_little = page.parent.byteorder == "<"
        content[place if is_little else place + size - 1] = 200
    with pytest.raises(ValueError, match="cannot be read as an image"):
        read_image(bytes(content), mode="all", depth="float")


@pytest.mark.parametrize("dtype", ["u1", "u2"])
@pytest.mark.parametrize("bands", [1, 3])
@pytest.mark.parametrize(
    "options", [{"tile": (16, 16)}, {"rowsperstrip": 2}, {"planarconfig": "separate"}]
)
def test_tiff_files_of_tiles_and_strips_are_whole(dtype, bands, options):
    if bands == 1:
        options = {k: v for k, v in options.items() if k != "planarconfig"}
    pixels = noise(dtype, 40, 50, bands)
    image = read_image(tiff(pixels, **options), mode="all", depth=16)
    expected = np.moveaxis(pixels, -1, 0) * np.uint16(257 if dtype == "u1" else 1)
    np.testing.assert_array_equal(image, expected)


def test_one_warning_counts_all_that_was_left_aside(written):
    good = written("1.png", FILES["8.png"][1])
    written("2.png", pillow(noise("u1", 9, 12, 4), "PNG"))
    written("3.tif", paged("GIF"))
    written("4.png", b"no image")
    written("notes.txt", b"")
    (good.parent / "nested").mkdir()
    (good.parent / "nested" / "5.png").write_bytes(FILES["8.png"][1])
    with pytest.warns(UserWarning) as caught:
        folder = load_images(good.parent, on_error="skip")
    (warning,) = caught
    text = str(warning.message)
    for part in (
        "suffixes: 1",
        "nested folders: 1",
        "opaque: 1",
        "first: 1",
        "read: 1",
    ):
        assert f"{part} (" in text
    assert len(folder.images) == 3
    with pytest.warns(UserWarning) as caught:
        folder = load_images(good.parent, on_error="skip", recursive=True)
    assert len(folder.images) == 4 and "nested" not in str(caught[0].message)


def test_a_class_of_which_nothing_can_be_read_is_an_error(written):
    bad = written("1.png", b"no image")
    with (
        pytest.warns(UserWarning, match="cannot be read"),
        pytest.raises(ValueError, match="no image of class could be read"),
    ):
        load_image_folder(bad.parent.parent, on_error="skip")


def test_a_library_that_is_missing_is_named(written, monkeypatch):
    path = written("1.tif", FILES["16-colour.tif"][1])
    monkeypatch.setitem(sys.modules, "tifffile", None)
    with pytest.raises(ImportError, match=r"1\.tif: .*pip install tifffile"):
        load_images([path], depth=16, on_error="skip")


@pytest.mark.parametrize(
    ("name", "module", "packages"),
    [
        ("16-colour.png", "imagecodecs", "tifffile imagecodecs"),
        ("double.tif", "tifffile", "tifffile imagecodecs"),
        ("8.dcm", "pydicom", "pydicom"),
        ("8.fits", "astropy.io.fits", "astropy"),
    ],
)
def test_what_reads_a_format_is_named_where_it_is_missing(
    name, module, packages, monkeypatch
):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=f"pip install {packages}"):
        read_image(FILES[name][1], depth="float")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"depth": 12}, "depth=12 is not one of 8, 16, 'float'"),
        ({"depth": True}, "depth=True"),
        ({"mode": "grey"}, "mode='grey' is not one of"),
        ({"pages": 2}, "pages=2 is not one of"),
        ({"on_error": "ignore"}, "on_error='ignore' is not one of"),
    ],
)
def test_a_wrong_choice_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        load_images([np.zeros((8, 8))], **options)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((9, 12, 3)), "channels last"),
        (np.zeros(9), "is no path, bytes, picture or array"),
        (np.zeros((2, 3, 9, 12)), "no image"),
        (np.zeros((9, 12), complex), "complex128 is no image"),
        (np.full((9, 12), 1e39), "beyond what float32 holds"),
        (None, "None is no path"),
    ],
)
def test_an_array_that_is_no_image_is_named(array, message):
    with pytest.raises(ValueError, match=message) as caught:
        load_images([np.zeros((9, 12)), array], depth="float", ragged=True)
    assert str(caught.value).startswith("image 1: ")
