"""Cases read the published files, and make of them what their titles say."""

import gzip
import struct
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from sklearn_scat.datasets import _cifar, _mnist, _stl10
from sklearn_scat.experiments import CASES, Case, Experiment, ImageSet, default_sizes
from sklearn_scat.experiments import _published as published

N = {"train": 3, "test": 2}  # images of each class


def write_idx(path, values):
    header = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
    path.write_bytes(gzip.compress(header + values.tobytes()))


@pytest.fixture
def digits_folder(tmp_path, monkeypatch, rng):
    for part, stem in (("train", "train"), ("test", "t10k")):
        target = np.tile(np.arange(10, dtype=np.uint8), N[part])
        images = rng.integers(1, 256, (len(target), 28, 28), dtype=np.uint8)
        write_idx(tmp_path / f"{stem}-images-idx3-ubyte.gz", images)
        write_idx(tmp_path / f"{stem}-labels-idx1-ubyte.gz", target)
    counts = {part: (n,) * 10 for part, n in N.items()}
    for name in ("MNIST", "FASHION_MNIST"):
        toy = replace(getattr(_mnist, name), class_counts=counts)
        monkeypatch.setattr(_mnist, name, toy)
    return tmp_path


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_digits_get_a_margin_of_zeros(name, digits_folder):
    data = CASES[name].load(digits_folder)
    assert data.images.shape == (30, 32, 32)
    assert data.test_images.shape == (20, 32, 32)
    assert (data.images[:, 2:-2, 2:-2] > 0).all()
    assert data.images.astype(int).sum() == data.images[:, 2:-2, 2:-2].astype(int).sum()
    assert data.test_target.tolist() == [*range(10)] * 2


def test_turned_digits_are_balanced_and_always_the_same(digits_folder, monkeypatch):
    monkeypatch.setattr(published, "_TURNED", 2)
    one, two = (CASES["rotated-mnist"].load(digits_folder) for _ in range(2))
    assert np.bincount(one.target).tolist() == [2] * 10
    assert one.images.shape == (20, 32, 32) and one.test_images.shape == (20, 32, 32)
    np.testing.assert_array_equal(one.images, two.images)
    straight = CASES["mnist"].load(digits_folder)
    assert not np.array_equal(one.test_images, straight.test_images)


@pytest.mark.parametrize("name", ["CIFAR10", "CIFAR100"])
def test_colour_cases_have_the_published_test_set(name, tmp_path, monkeypatch, rng):
    toy = replace(
        getattr(_cifar, name), files={"train": {"a.bin": 4}, "test": {"b.bin": 2}}
    )
    monkeypatch.setattr(_cifar, name, toy)
    n_labels = len(toy.n_classes)
    for file, labels in (("a.bin", (0, 1, 0, 1)), ("b.bin", (1, 0))):
        records = rng.integers(0, 256, (len(labels), n_labels + 3072), dtype=np.uint8)
        if n_labels == 2:
            fine = np.array(labels)
            records[:, 0] = _cifar.COARSE_OF_FINE[fine]
        records[:, n_labels - 1] = labels
        (tmp_path / file).write_bytes(records.tobytes())
    data = CASES[name.lower()].load(tmp_path)
    assert data.images.shape == (4, 3, 32, 32)
    assert data.test_target.tolist() == [1, 0]
    assert data.folds is None


def test_stl10_comes_with_its_folds(tmp_path, monkeypatch, rng):
    toy = _stl10.Stl10Counts(images={"train": 4, "test": 2}, n_folds=2, fold_size=3)
    monkeypatch.setattr(_stl10, "PUBLISHED", toy)
    for part, labels in (("train", (1, 2, 1, 2)), ("test", (2, 1))):
        pixels = rng.integers(0, 256, (len(labels), 3 * 96 * 96), dtype=np.uint8)
        (tmp_path / f"{part}_X.bin").write_bytes(pixels.tobytes())
        (tmp_path / f"{part}_y.bin").write_bytes(bytes(labels))
    (tmp_path / "fold_indices.txt").write_text("3 0 1\n2 1 0\n")
    data = CASES["stl10"].load(tmp_path)
    assert data.folds.tolist() == [[3, 0, 1], [2, 1, 0]]
    assert data.test_images.shape == (2, 3, 96, 96)


@pytest.mark.parametrize(
    "name", sorted(set(CASES) - {"digits", "folder", "kth-tips", "textures"})
)
def test_case_without_its_files_says_so(name, tmp_path):
    with pytest.raises(FileNotFoundError, match="was not found"):
        CASES[name].load(tmp_path)


@pytest.mark.parametrize(("mode", "axes"), [("L", ()), ("RGB", (3,))])
def test_folder_names_its_classes_and_cuts_the_middle(mode, axes, tmp_path, rng):
    for k, name in enumerate(("cork", "linen")):
        (tmp_path / name).mkdir()
        for i in range(2):
            shape = (9 + i, 8 + k, *axes)
            pixels = rng.integers(0, 256, shape, dtype=np.uint8)
            Image.fromarray(pixels, mode).save(tmp_path / name / f"{i}.png")
    data = CASES["folder"].load(tmp_path)
    assert data.images.shape == (4, *axes, 9, 8)
    assert data.target.tolist() == ["cork", "cork", "linen", "linen"]


@pytest.mark.parametrize("inside", ["", "kth-tips", "KTH_TIPS"])
@pytest.mark.parametrize("by_environment", [False, True])
def test_kth_tips_is_found_in_a_folder_of_its_name(
    inside, by_environment, tmp_path, monkeypatch
):
    for name in ("cork", "linen"):
        (tmp_path / inside / name).mkdir(parents=True)
        Image.new("L", (8, 9)).save(tmp_path / inside / name / "1.png")
    monkeypatch.setenv("SKLEARN_SCAT_DATA", str(tmp_path))
    data = CASES["kth-tips"].load(None if by_environment else tmp_path)
    assert data.target.tolist() == ["cork", "linen"]


def test_folder_needs_a_directory():
    with pytest.raises(ValueError, match="needs --data DIR"):
        CASES["folder"].load(None)


def test_default_sizes_leave_half_of_the_smallest_class():
    images = np.zeros((16, 4, 4))
    assert default_sizes(ImageSet(images, np.repeat([0, 1], [6, 10]))) == (2, 4)
    assert default_sizes(ImageSet(images[:2], np.array([0, 1]))) == (2,)


def test_image_set_refuses_classes_that_cannot_be_learned():
    images = np.zeros((2, 4, 4))
    with pytest.raises(ValueError, match="test images are of class c, which no"):
        ImageSet(images, np.array(["a", "b"]), images, np.array(["a", "c"]))


def test_image_set_refuses_folds_of_images_that_are_not_there():
    with pytest.raises(ValueError, match="positions up to 2; there are 2 training"):
        ImageSet(np.zeros((2, 4, 4)), np.array([0, 1]), folds=np.array([[0, 2]]))


def test_case_draws_large_sizes_less_often():
    case = Case("toy", "", None, (10, 5000), 4, ("a",), 2)
    assert (case.seeds(4999), case.seeds(5000)) == ((0, 1, 2, 3), (0, 1))
    experiment = Experiment(case)
    assert experiment.seeds == (0, 1, 2, 3)
    assert experiment.seeds_of(5000) == (0, 1)
    assert Experiment(case, n_seeds=3).seeds_of(5000) == (0, 1, 2)
    assert replace(case, n_seeds_large=None).seeds(5000) == (0, 1, 2, 3)


def test_case_downloads_its_files_and_says_where_they_are(tmp_path, monkeypatch):
    from sklearn.utils import Bunch

    from sklearn_scat import datasets

    asked = []

    def fetch(subset, *, data_home):
        asked.append((subset, data_home))
        return Bunch(filenames=[str(tmp_path / "mnist/images.gz")])

    monkeypatch.setattr(datasets, "fetch_mnist", fetch)
    assert CASES["mnist"].download(tmp_path) == str(tmp_path / "mnist")
    assert asked == [("all", tmp_path)]
    with pytest.raises(ValueError, match=r"digits are not downloaded; .* --data"):
        CASES["digits"].download()
