import gzip
import struct

import numpy as np
import pytest

from sklearn_scat.datasets import load_fashion_mnist, load_mnist
from sklearn_scat.datasets._mnist import (
    FASHION_MNIST,
    MNIST,
    IdxDataset,
    load_idx_dataset,
)

TOY = IdxDataset(
    name="TOY",
    folders=("toy",),
    image_shape=(3, 2),
    class_counts={"train": (2, 1, 2), "test": (1, 1, 0)},
    target_names=("a", "b", "c"),
    source="toys.example",
    description="Toys.",
)
TRAIN, TEST = np.array([2, 0, 1, 2, 0]), np.array([1, 0])


def idx(values):
    shape = values.shape
    header = struct.pack(f">BBBB{len(shape)}I", 0, 0, 8, len(shape), *shape)
    return header + values.astype(np.uint8).tobytes()


def write_set(folder, prefix, labels, *, image_shape=(3, 2), pack=bytes, suffix=""):
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(len(labels))
    images = rng.integers(0, 256, (len(labels), *image_shape), dtype=np.uint8)
    image_path = folder / f"{prefix}-images-idx3-ubyte{suffix}"
    label_path = folder / f"{prefix}-labels-idx1-ubyte{suffix}"
    image_path.write_bytes(pack(idx(images)))
    label_path.write_bytes(pack(idx(labels)))
    return images


def test_load_idx_dataset_returns_one_memory_as_images_and_rows(tmp_path):
    images = write_set(tmp_path / "toy", "train", TRAIN)
    bunch = load_idx_dataset(TOY, "train", tmp_path)
    np.testing.assert_array_equal(bunch.images, images, strict=True)
    np.testing.assert_array_equal(bunch.data, images.reshape(5, 6), strict=True)
    assert np.shares_memory(bunch.data, bunch.images)
    np.testing.assert_array_equal(bunch.target, TRAIN, strict=True)
    assert bunch.target_names.tolist() == ["a", "b", "c"]
    assert bunch.image_shape == (3, 2)
    assert [name.rsplit("/", 1)[1] for name in bunch.filenames] == [
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
    ]
    assert "toys.example" in bunch.DESCR


def test_load_idx_dataset_all_is_train_then_test(tmp_path):
    train = write_set(tmp_path, "train", TRAIN)
    test = write_set(tmp_path, "t10k", TEST, pack=gzip.compress, suffix=".gz")
    bunch = load_idx_dataset(TOY, "all", tmp_path)
    np.testing.assert_array_equal(bunch.images, np.concatenate([train, test]))
    np.testing.assert_array_equal(bunch.target, np.concatenate([TRAIN, TEST]))
    assert np.shares_memory(bunch.data, bunch.images)


def test_load_idx_dataset_needs_only_the_files_of_its_subset(tmp_path):
    test = write_set(tmp_path, "t10k", TEST)
    data, target = load_idx_dataset(TOY, "test", tmp_path, return_X_y=True)
    np.testing.assert_array_equal(data, test.reshape(2, 6))
    np.testing.assert_array_equal(target, TEST)
    with pytest.raises(FileNotFoundError, match="train-images-idx3-ubyte"):
        load_idx_dataset(TOY, "train", tmp_path)


def test_load_idx_dataset_refuses_a_label_out_of_range(tmp_path):
    write_set(tmp_path, "train", np.array([2, 0, 1, 3, 0]))
    with pytest.raises(ValueError, match=r"label 3 at position 3.* 0 … 2"):
        load_idx_dataset(TOY, "train", tmp_path)


def test_load_idx_dataset_refuses_another_sets_labels(tmp_path):
    write_set(tmp_path, "train", np.array([2, 0, 1, 1, 0]))
    with pytest.raises(ValueError, match=r"\(2, 1, 2\).*got \(2, 2, 1\)"):
        load_idx_dataset(TOY, "train", tmp_path)


def test_load_idx_dataset_refuses_another_number_of_labels_or_images(tmp_path):
    write_set(tmp_path, "train", TRAIN[:4])
    with pytest.raises(ValueError, match=r"labels.*\(5,\).*\(4,\)"):
        load_idx_dataset(TOY, "train", tmp_path)
    labels = (tmp_path / "train-labels-idx1-ubyte").name
    (tmp_path / labels).write_bytes(idx(TRAIN))
    with pytest.raises(ValueError, match=r"images.*\(5, 3, 2\).*\(4, 3, 2\)"):
        load_idx_dataset(TOY, "train", tmp_path)


def test_load_idx_dataset_refuses_another_image_shape(tmp_path):
    write_set(tmp_path, "train", TRAIN, image_shape=(2, 3))
    with pytest.raises(ValueError, match=r"\(5, 3, 2\).*\(5, 2, 3\)"):
        load_idx_dataset(TOY, "train", tmp_path)


@pytest.mark.parametrize("load", [load_mnist, load_fashion_mnist])
def test_load_mnist_refuses_an_unknown_subset(load, tmp_path):
    with pytest.raises(ValueError, match=r"subset='valid'.*'train', 'test', 'all'"):
        load("valid", data_home=tmp_path)


@pytest.mark.parametrize(
    ("load", "published", "folder"),
    [
        (load_mnist, MNIST, "mnist"),
        (load_fashion_mnist, FASHION_MNIST, "fashion-mnist"),
    ],
)
def test_load_mnist_reads_the_published_sizes(load, published, folder, tmp_path):
    labels = np.repeat(np.arange(10), published.class_counts["test"])
    images = write_set(tmp_path / folder, "t10k", labels, image_shape=(28, 28))
    bunch = load("test", data_home=tmp_path)
    np.testing.assert_array_equal(bunch.images, images, strict=True)
    assert bunch.data.shape == (10_000, 784)
    assert len(bunch.target_names) == 10


def test_load_mnist_tells_fashion_mnist_by_its_labels(tmp_path):
    labels = np.repeat(np.arange(10), 1000)
    write_set(tmp_path, "t10k", labels, image_shape=(28, 28))
    assert len(load_fashion_mnist("test", data_home=tmp_path).target) == 10_000
    with pytest.raises(ValueError, match="not the test labels of MNIST"):
        load_mnist("test", data_home=tmp_path)


@pytest.mark.parametrize("published", [MNIST, FASHION_MNIST])
def test_published_counts_sum_to_the_published_sizes(published):
    assert sum(published.class_counts["train"]) == 60_000
    assert sum(published.class_counts["test"]) == 10_000


def test_load_fashion_mnist_names_debians_package_when_missing(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"dataset-fashion-mnist.*/usr/share/datasets"
    ):
        load_fashion_mnist(data_home=tmp_path)
