"""Random changes of batches keep what they should, and batches hold every image."""

import pytest
import torch

from sklearn_scat.augmentation._batches import (
    CHANGES,
    FORMER_NAMES,
    affine,
    composed,
    flip,
    shift,
)


@pytest.fixture(autouse=True)
def generator():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def images(*shape):
    return torch.rand(*shape) * 100 + 5


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("shape", [(6, 3, 12, 9), (4, 1, 1, 2), (2, 5, 1, 1)])
def test_change_keeps_shape_type_and_range(name, shape):
    x = images(*shape).double()
    changed = composed(name)(x.clone())
    assert changed.shape == x.shape
    assert changed.dtype == x.dtype
    assert changed.isfinite().all()
    if name != "strong":
        assert changed.min() >= x.min() - 1e-9
        assert changed.max() <= x.max() + 1e-9


@pytest.mark.parametrize("name", CHANGES)
def test_change_differs_from_image_to_image(name):
    x = images(1, 1, 16, 16).expand(40, 1, 16, 16)
    changed = composed(name)(x)
    assert len({tuple(image.flatten().tolist()) for image in changed}) > 1


@pytest.mark.parametrize("name", ["flip", "shift", "affine"])
def test_image_of_one_value_stays_as_it_is(name):
    x = torch.full((5, 2, 8, 8), 7.0)
    torch.testing.assert_close(composed(name)(x), x)


def test_flip_mirrors_about_half():
    x = images(400, 1, 4, 5)
    mirrored = (flip(x) == x.flip(-1)).all(dim=(1, 2, 3))
    kept = (flip(x) == x).all(dim=(1, 2, 3))
    assert 0.4 < mirrored.float().mean() < 0.6
    assert 0.4 < kept.float().mean() < 0.6


def test_crop_moves_by_an_eighth_at_most_and_all_channels_alike():
    column = torch.arange(32.0).expand(200, 1, 32, 32)
    x = torch.cat([column, column.mT], 1)
    moved = shift(x)
    steps = (moved[:, 0] - x[:, 0])[:, 5:-5, 5:-5].flatten(1)
    assert (steps == steps[:, :1]).all()
    assert set(steps[:, 0].tolist()) == set(range(-4, 5))
    small = images(3, 1, 7, 7)
    assert torch.equal(shift(small), small)


def test_rotation_turns_about_the_centre_without_stretching():
    place = torch.arange(33.0) - 16
    down, right = torch.meshgrid(place, place, indexing="ij")
    disc = ((down**2 + right**2) < 100).float().expand(50, 1, 33, 33)
    turned = affine(disc)
    assert (turned.sum((1, 2, 3)) / disc.sum((1, 2, 3)) - 1).abs().max() < 0.02
    mean = (turned * right).sum((1, 2, 3)) / turned.sum((1, 2, 3))
    assert mean.abs().max() <= 1.05  # a pixel


def test_narrow_images_turn_as_wide_ones():
    line = torch.zeros(1, 1, 41, 21)
    line[:, :, 10:31, 10] = 1
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        narrow = affine(line)
    padded = torch.zeros(1, 1, 41, 41)
    padded[:, :, :, 10:31] = line
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        square = affine(padded)
    torch.testing.assert_close(narrow, square[:, :, :, 10:31], atol=1e-4, rtol=0)


def test_changes_are_made_in_turn():
    seen = []
    change = composed([lambda x: seen.append("a") or x + 1, lambda x: x * 2])
    assert torch.equal(change(torch.ones(2, 1, 1, 1)), torch.full((2, 1, 1, 1), 4.0))
    assert seen == ["a"]


@pytest.mark.parametrize("name", FORMER_NAMES)
def test_former_names_make_the_same_changes(name):
    x = images(4, 1, 16, 16)
    torch.manual_seed(3)
    former = composed(name)(x)
    torch.manual_seed(3)
    assert torch.equal(former, composed(FORMER_NAMES[name])(x))
    assert not torch.equal(former, x)
