import numpy as np
import pytest

from sklearn_scat.datasets import make_rotated


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (6, 9, 9), dtype=np.uint8)


@pytest.mark.parametrize("quarter", [-1, 0, 1, 2, 3])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_make_rotated_quarter_turns_are_exact(images, quarter, dtype):
    images = images.astype(dtype)
    rotated, angles = make_rotated(images, angles=(90 * quarter, 90 * quarter))
    expected = np.rot90(images, quarter, axes=(1, 2))
    np.testing.assert_array_equal(rotated, expected, strict=True)
    np.testing.assert_array_equal(angles, np.full(6, 90.0 * quarter))


def test_make_rotated_turns_channels_together(images):
    colour = np.stack([images, images[::-1]], axis=1)
    rotated, angles = make_rotated(colour, random_state=3)
    first, same = make_rotated(images, random_state=3)
    np.testing.assert_array_equal(angles, same)
    np.testing.assert_array_equal(rotated[:, 0], first)


def test_make_rotated_is_set_by_its_seed(images):
    once, _ = make_rotated(images, random_state=1)
    again, _ = make_rotated(images, random_state=1)
    other, _ = make_rotated(images, random_state=2)
    np.testing.assert_array_equal(once, again)
    assert (once != other).any()


def test_make_rotated_first_images_do_not_depend_on_how_many_follow(images):
    whole, _ = make_rotated(images, random_state=1)
    part, _ = make_rotated(images[:2], random_state=1)
    np.testing.assert_array_equal(whole[:2], part)


def test_make_rotated_angles_are_uniform_between_their_bounds():
    _, angles = make_rotated(np.zeros((4000, 1, 1)), angles=(-30, 50), random_state=0)
    assert -30 <= angles.min() < -29 and 49 < angles.max() <= 50
    quartiles = np.quantile(angles, [0.25, 0.5, 0.75])
    np.testing.assert_allclose(quartiles, [-10, 10, 30], atol=3)


def test_make_rotated_default_covers_the_circle():
    _, angles = make_rotated(np.zeros((1000, 1, 1)), random_state=0)
    counts, _ = np.histogram(angles, bins=8, range=(0, 360))
    assert counts.sum() == 1000 and counts.min() > 80


def test_make_rotated_turns_a_disc_into_itself():
    y, x = np.mgrid[-16:17, -16:17]
    disc = np.exp(-(x**2 + y**2) / 50.0)
    rotated, _ = make_rotated(np.stack([disc] * 5), random_state=0)
    np.testing.assert_allclose(rotated, np.stack([disc] * 5), atol=0.01)


def test_make_rotated_interpolates_between_neighbours(images):
    rotated, _ = make_rotated(images.astype(float), random_state=0)
    assert rotated.min() >= 0 and rotated.max() <= images.max()
    rounded, _ = make_rotated(images, random_state=0)
    assert np.abs(rounded - rotated).max() <= 0.5 + 1e-9


def test_make_rotated_brings_in_zeros_from_outside():
    rotated, _ = make_rotated(np.full((1, 9, 9), 5.0), angles=(45, 45))
    assert rotated[0, 0, 0] == 0 and rotated[0, 4, 4] == 5


def test_make_rotated_leaves_its_input_and_takes_read_only(images):
    images.setflags(write=False)
    before = images.copy()
    rotated, _ = make_rotated(images, random_state=0)
    np.testing.assert_array_equal(images, before)
    assert rotated.flags.writeable


@pytest.mark.parametrize("shape", [(9, 9), (2, 3, 4, 5, 6)])
def test_make_rotated_refuses_other_shapes(shape):
    with pytest.raises(ValueError, match=r"expected \(n, H, W\)"):
        make_rotated(np.zeros(shape))


@pytest.mark.parametrize("angles", [90, (90,), (10, 5), (0, np.nan), (0, np.inf), "ab"])
def test_make_rotated_names_bad_angles(images, angles):
    with pytest.raises(ValueError, match="angles="):
        make_rotated(images, angles=angles)
