import pickle

import numpy as np
import pytest

from sklearn_scat.datasets import load_cifar10, load_cifar100
from sklearn_scat.datasets._cifar import (
    CIFAR10,
    CIFAR100,
    CIFAR100_COARSE,
    CIFAR100_FINE,
    CIFAR100_SUPERCLASSES,
    COARSE_OF_FINE,
    RecordDataset,
    cifar10_bunch,
    cifar100_bunch,
    read_cifar,
)

TOY10 = RecordDataset(
    name="TOY",
    folders=("toy",),
    files={"train": {"a.bin": 3, "b.bin": 2}, "test": {"c.bin": 1}},
    n_classes=(10,),
    source="toys.example",
)
TOY100 = RecordDataset(
    name="TOY",
    folders=("toy",),
    files={"train": {"train.bin": 3}, "test": {"test.bin": 1}},
    n_classes=(20, 100),
    source="toys.example",
)


def write_records(path, labels):
    """Records of the given label bytes and random pixels; returns the pixels."""
    labels = np.asarray(labels, np.uint8)
    pixels = np.random.default_rng(len(labels)).integers(
        0, 256, (len(labels), 3072), dtype=np.uint8
    )
    path.write_bytes(np.hstack([labels, pixels]).tobytes())
    return pixels.reshape(-1, 3, 32, 32)


@pytest.fixture
def cifar10_folder(tmp_path):
    images = [
        write_records(tmp_path / "a.bin", [[9], [0], [4]]),
        write_records(tmp_path / "b.bin", [[1], [2]]),
        write_records(tmp_path / "c.bin", [[7]]),
    ]
    return tmp_path, images


def test_cifar10_joins_its_files_in_order(cifar10_folder):
    folder, images = cifar10_folder
    train = cifar10_bunch(TOY10, "train", folder)
    np.testing.assert_array_equal(train.images, np.concatenate(images[:2]), strict=True)
    np.testing.assert_array_equal(train.target, [9, 0, 4, 1, 2])
    assert np.shares_memory(train.data, train.images)
    assert train.data.shape == (5, 3072)
    assert train.image_shape == (3, 32, 32)
    whole = cifar10_bunch(TOY10, "all", folder)
    np.testing.assert_array_equal(whole.images, np.concatenate(images))
    np.testing.assert_array_equal(whole.target, [9, 0, 4, 1, 2, 7])


def test_cifar10_channels_are_red_green_blue_planes(tmp_path):
    record = np.zeros(3073, np.uint8)
    record[1 : 1 + 1024] = 200  # the format stores red first, then green, then blue
    record[1 + 1024 + 32 * 5 + 7] = 9  # green, row 5, column 7
    (tmp_path / "c.bin").write_bytes(record.tobytes())
    image = cifar10_bunch(TOY10, "test", tmp_path).images[0]
    assert (image[0] == 200).all()
    assert np.argwhere(image[1:]).tolist() == [[0, 5, 7]]


@pytest.mark.parametrize(
    ("cut", "came"), [(3072, "0 records and 3072"), (3074, "1 records and 1")]
)
def test_cifar10_refuses_another_length(tmp_path, cut, came):
    (tmp_path / "c.bin").write_bytes(bytes(cut))
    with pytest.raises(
        ValueError, match=rf"c\.bin: expected 1 records of 3073.*{came} bytes"
    ):
        cifar10_bunch(TOY10, "test", tmp_path)


def test_cifar10_refuses_a_label_out_of_range_and_names_its_file(tmp_path):
    write_records(tmp_path / "a.bin", [[0], [1], [2]])
    write_records(tmp_path / "b.bin", [[9], [10]])
    with pytest.raises(ValueError, match=r"b\.bin: label 10 at position 1.* 0 … 9"):
        cifar10_bunch(TOY10, "train", tmp_path)


def test_cifar10_names_the_one_file_that_is_missing(cifar10_folder):
    folder, _ = cifar10_folder
    (folder / "b.bin").unlink()
    with pytest.raises(FileNotFoundError, match=r"lacks b\.bin\n"):
        cifar10_bunch(TOY10, "train", folder)


@pytest.mark.parametrize("labels", ["fine", "coarse"])
def test_cifar100_offers_both_labels(tmp_path, labels):
    fine = np.array([99, 0, 54])
    both = np.column_stack([COARSE_OF_FINE[fine], fine])
    images = write_records(tmp_path / "train.bin", both)
    bunch = cifar100_bunch(TOY100, "train", tmp_path, labels=labels)
    np.testing.assert_array_equal(bunch.images, images, strict=True)
    np.testing.assert_array_equal(bunch.fine_target, fine)
    np.testing.assert_array_equal(bunch.coarse_target, both[:, 0])
    np.testing.assert_array_equal(bunch.target, bunch[f"{labels}_target"])
    names = {"fine": ["worm", "apple"], "coarse": CIFAR100_COARSE[13:3:-9]}[labels]
    assert bunch.target_names[bunch.target[:2]].tolist() == list(names)


def test_cifar100_refuses_a_class_under_a_foreign_superclass(tmp_path):
    write_records(tmp_path / "test.bin", [[0, 0]])
    with pytest.raises(
        ValueError, match="'apple' but superclass 'aquatic_mammals', expected 'fruit"
    ):
        cifar100_bunch(TOY100, "test", tmp_path, labels="fine")


@pytest.mark.parametrize("record", [[20, 0], [0, 100]])
def test_cifar100_refuses_either_label_out_of_range(tmp_path, record):
    write_records(tmp_path / "test.bin", [record])
    with pytest.raises(ValueError, match=rf"test\.bin: label {max(record)} "):
        cifar100_bunch(TOY100, "test", tmp_path, labels="fine")


def test_cifar100_has_twenty_superclasses_of_five():
    assert len(CIFAR100_FINE) == 100
    np.testing.assert_array_equal(np.bincount(COARSE_OF_FINE), [5] * 20)
    assert list(CIFAR100_SUPERCLASSES) == sorted(CIFAR100_SUPERCLASSES)


def test_load_cifar_expects_the_published_files(tmp_path):
    for published, record_bytes in ((CIFAR10, 3073), (CIFAR100, 3074)):
        counts = {k: sum(f.values()) for k, f in published.files.items()}
        assert counts == {"train": 50_000, "test": 10_000}
        assert record_bytes == len(published.n_classes) + 3072
    (tmp_path / "test_batch.bin").write_bytes(bytes(3073))
    with pytest.raises(ValueError, match="expected 10000 records of 3073 bytes"):
        load_cifar10("test", data_home=tmp_path)
    (tmp_path / "test.bin").write_bytes(bytes(3074))
    with pytest.raises(ValueError, match="expected 10000 records of 3074 bytes"):
        load_cifar100("test", data_home=tmp_path)


def test_load_cifar10_reads_a_file_of_published_length(tmp_path):
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    with (folder / "test_batch.bin").open("wb") as stream:
        stream.truncate(10_000 * 3073)  # zeros that take no room on disk
    data, target = load_cifar10("test", data_home=tmp_path, return_X_y=True)
    assert data.shape == (10_000, 3072) and data.dtype == np.uint8
    assert not target.any()


def test_load_cifar_never_reads_the_pickled_version(tmp_path):
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    for name in ("data_batch_1", "test_batch", "test_batch.bin"):
        (folder / name).write_bytes(pickle.dumps({b"data": 0}))
    with pytest.raises(FileNotFoundError, match="cifar-10-binary"):
        load_cifar10("test", data_home=tmp_path)


@pytest.mark.parametrize("load", [load_cifar10, load_cifar100])
def test_load_cifar_refuses_an_unknown_subset(load):
    with pytest.raises(ValueError, match="subset='dev'"):
        load("dev")


def test_load_cifar100_refuses_unknown_labels():
    with pytest.raises(ValueError, match=r"labels='medium'.*'fine', 'coarse'"):
        load_cifar100(labels="medium")


def test_read_cifar_reads_block_by_block_what_it_reads_at_once(tmp_path):
    n = 6000  # more than one block of records
    write_records(tmp_path / "big.bin", np.arange(n)[:, None] % 10)
    published = RecordDataset("BIG", (), {"test": {"big.bin": n}}, (10,), "nowhere")
    images, labels, _ = read_cifar(published, "test", tmp_path)
    raw = np.frombuffer((tmp_path / "big.bin").read_bytes(), np.uint8).reshape(n, 3073)
    np.testing.assert_array_equal(labels, raw[:, :1])
    np.testing.assert_array_equal(images.reshape(n, -1), raw[:, 1:])
