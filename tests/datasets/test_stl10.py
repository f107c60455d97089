import numpy as np
import pytest

from sklearn_scat.datasets import load_stl10
from sklearn_scat.datasets._stl10 import PUBLISHED, Stl10Counts, read_stl10

TOY = Stl10Counts(images={"train": 4, "test": 3}, n_folds=2, fold_size=3)
PIXELS = 3 * 96 * 96


@pytest.fixture
def folder(tmp_path):
    for part, labels in (("train", [1, 10, 3, 1]), ("test", [2, 2, 5])):
        rng = np.random.default_rng(len(labels))
        pixels = rng.integers(0, 256, (len(labels), PIXELS), dtype=np.uint8)
        (tmp_path / f"{part}_X.bin").write_bytes(pixels.tobytes())
        (tmp_path / f"{part}_y.bin").write_bytes(bytes(labels))
    (tmp_path / "fold_indices.txt").write_text("3 0 1 \n2 1 0 \n")
    return tmp_path


def test_stl10_turns_columns_into_rows(folder):
    image = np.zeros((3, 96, 96), np.uint8)
    image[2, 5, 70] = 7  # blue, row 5, column 70
    stored = np.zeros(PIXELS, np.uint8)
    stored[2 * 96 * 96 + 70 * 96 + 5] = 7  # column-major: rows run fastest
    raw = np.stack([stored, np.zeros_like(stored), np.zeros_like(stored)])
    (folder / "test_X.bin").write_bytes(raw.tobytes())
    bunch = read_stl10(TOY, "test", folder)
    np.testing.assert_array_equal(bunch.images[0], image)
    assert not bunch.images[1:].any()


def test_stl10_counts_classes_from_zero(folder):
    bunch = read_stl10(TOY, "train", folder)
    np.testing.assert_array_equal(bunch.target, [0, 9, 2, 0])
    assert bunch.target_names[[0, 9, 2]].tolist() == ["airplane", "truck", "car"]


def test_stl10_images_and_rows_are_one_memory(folder):
    bunch = read_stl10(TOY, "train", folder)
    assert bunch.images.shape == (4, 3, 96, 96) and bunch.images.dtype == np.uint8
    assert bunch.images.flags.c_contiguous
    assert bunch.data.shape == (4, PIXELS)
    assert np.shares_memory(bunch.data, bunch.images)
    assert bunch.image_shape == (3, 96, 96)


def test_stl10_all_is_train_then_test(folder):
    whole = read_stl10(TOY, "all", folder)
    parts = [read_stl10(TOY, part, folder) for part in ("train", "test")]
    for name in ("images", "target"):
        np.testing.assert_array_equal(
            whole[name], np.concatenate([part[name] for part in parts])
        )


def test_stl10_folds_come_with_the_training_images_only(folder):
    for subset in ("train", "all"):
        folds = read_stl10(TOY, subset, folder).folds
        np.testing.assert_array_equal(folds, [[3, 0, 1], [2, 1, 0]])
        assert folds.dtype == np.intp
    (folder / "fold_indices.txt").unlink()
    assert "folds" not in read_stl10(TOY, "test", folder)
    with pytest.raises(FileNotFoundError, match=r"lacks fold_indices\.txt"):
        read_stl10(TOY, "train", folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected 2 lines, got 0"),
        ("0 1 2\n", "expected 2 lines, got 1"),
        ("0 1 2\n" * 3, "expected 2 lines, got 3"),
        ("0 1 2\n0 1\n", "line 2: expected 3 positions, got 2"),
        ("0 1 2\n0 1 4\n", "line 2: b'4' is no position in 0 … 3"),
        ("0 1 -1\n0 1 2\n", "line 1: b'-1' is no position"),
        ("0 1 2.0\n0 1 2\n", r"line 1: b'2\.0' is no position"),
        ("0 1 " + "9" * 5000 + "\n0 1 2\n", "line 1: b'9999"),
        ("0 1 ²\n0 1 2\n", "line 1: .* is no position"),
        ("0 1 2 " * 200_000, "1200000 bytes, expected 2 lines"),
    ],
)
def test_stl10_refuses_malformed_folds(folder, text, message):
    (folder / "fold_indices.txt").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=rf"fold_indices\.txt.*{message}"):
        read_stl10(TOY, "train", folder)


@pytest.mark.parametrize("label", [0, 11, 255])
def test_stl10_refuses_a_label_out_of_range(folder, label):
    (folder / "test_y.bin").write_bytes(bytes([2, label, 5]))
    with pytest.raises(
        ValueError, match=rf"test_y\.bin: label {label} at position 1.* 1 … 10"
    ):
        read_stl10(TOY, "test", folder)


@pytest.mark.parametrize("name", ["test_X.bin", "test_y.bin"])
@pytest.mark.parametrize("change", [-1, 1])
def test_stl10_refuses_another_length(folder, name, change):
    content = (folder / name).read_bytes()
    (folder / name).write_bytes((content + b"\1")[: len(content) + change])
    with pytest.raises(
        ValueError, match=rf"{name}: expected 3 .*got {len(content) + change} bytes"
    ):
        read_stl10(TOY, "test", folder)


def test_load_stl10_expects_the_published_sizes(folder):
    assert PUBLISHED.images == {"train": 5000, "test": 8000}
    assert (PUBLISHED.n_folds, PUBLISHED.fold_size) == (10, 1000)
    with pytest.raises(ValueError, match="expected 8000 records"):
        load_stl10("test", data_home=folder)


def test_load_stl10_says_where_the_set_comes_from(tmp_path):
    with pytest.raises(FileNotFoundError, match="acoates/stl10") as caught:
        load_stl10(data_home=tmp_path)
    assert str(tmp_path / "stl10_binary") in str(caught.value)


def test_load_stl10_refuses_an_unknown_subset():
    with pytest.raises(ValueError, match="subset='unlabeled'"):
        load_stl10("unlabeled")
