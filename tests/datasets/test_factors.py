import numpy as np
import pytest

from sklearn_scat.datasets import (
    load_digits_images,
    make_factor_digits,
    make_factor_rectangles,
)


@pytest.mark.parametrize("factor", ["rotation", "translation", "scale"])
def test_make_factor_digits_fills_its_grid_once(factor):
    images, factors = make_factor_digits(factor)
    assert images.dtype == np.float32 and images.shape[1:] == (32, 32)
    digits, levels = factors["digit"], factors[factor]
    assert len(images) == len(digits) == len(levels)
    cells = set(zip(digits.tolist(), levels.tolist(), strict=True))
    assert len(cells) == len(images) == len(set(digits)) * len(set(levels))


@pytest.mark.parametrize("factor", ["rotation", "translation", "scale"])
def test_make_factor_digits_has_the_digits_themselves(factor):
    images, factors = make_factor_digits(factor, n_per_class=1)
    levels = np.unique(factors[factor])
    identity = {"rotation": 0, "translation": 12, "scale": 1.0}[factor]
    here = np.isclose(factors[factor], levels[np.abs(levels - identity).argmin()])
    digits = load_digits_images()
    first = [np.flatnonzero(digits.target == c)[0] for c in range(10)]
    np.testing.assert_allclose(images[here], digits.images[first], atol=1e-5)


def test_make_factor_digits_quarter_turns_are_exact():
    images, factors = make_factor_digits("rotation")
    upright = images[factors["rotation"] == 0]
    for quarter in range(4):
        turned = images[factors["rotation"] == 90 * quarter]
        np.testing.assert_array_equal(turned, np.rot90(upright, quarter, axes=(1, 2)))


def test_make_factor_digits_translations_lose_nothing():
    images, factors = make_factor_digits("translation")
    for digit in range(20):
        mass = images[factors["digit"] == digit].sum((1, 2))
        np.testing.assert_allclose(mass, mass[0], rtol=1e-6)
    assert len(np.unique(images[:25].reshape(25, -1), axis=0)) == 25


def test_make_factor_digits_scales_the_area():
    images, factors = make_factor_digits("scale", n_levels=3)
    small, large = (
        images[factors["scale"] == s].sum((1, 2)) for s in (0.6, factors["scale"][2])
    )
    np.testing.assert_allclose(small / large, (0.6 / 1.2) ** 2, rtol=0.1)


def test_make_factor_digits_refuses_what_it_has_not():
    with pytest.raises(ValueError, match="'rotation', 'translation', 'scale'"):
        make_factor_digits("colour")
    with pytest.raises(ValueError, match="the translations are 25"):
        make_factor_digits("translation", n_levels=3)
    with pytest.raises(ValueError, match="n_levels"):
        make_factor_digits("scale", n_levels=0)
    with pytest.raises(ValueError, match="n_per_class"):
        make_factor_digits(n_per_class=175)


def test_make_factor_rectangles_keep_their_area_and_stay_inside():
    images, factors = make_factor_rectangles(60)
    assert images.shape == (1300, 60, 60)
    np.testing.assert_allclose((1 - images).sum((1, 2)), 16**2, rtol=1e-5)
    assert images.min() == 0 and images.max() == 1
    assert {len(np.unique(factors[name])) for name in factors} == {13, 100}


def test_make_factor_rectangles_have_the_aspects_named():
    images, factors = make_factor_rectangles(150, n_shapes=3, n_shifts=1)
    for image, shape in zip(images, factors["shape"], strict=True):
        height = (image.min(axis=1) == 0).sum()
        width = (image.min(axis=0) == 0).sum()
        assert (height, width) == (40 * 2**shape, 40 / 2**shape)


def test_make_factor_rectangles_move_by_their_step():
    images, factors = make_factor_rectangles(150, n_shapes=1, n_shifts=3)
    np.testing.assert_array_equal(factors["translation"], np.arange(9))
    np.testing.assert_array_equal(images[4], np.roll(images[0], (6, 6), (0, 1)))
    np.testing.assert_array_equal(images[1], np.roll(images[0], 6, 1))


def test_make_factor_rectangles_refuses_sizes_out_of_range():
    with pytest.raises(ValueError, match="size"):
        make_factor_rectangles(14)
    with pytest.raises(ValueError, match="n_shifts"):
        make_factor_rectangles(n_shifts=11)
