import numpy as np
import pytest
from sklearn.datasets import load_digits

from sklearn_scat.datasets import load_digits_images


def bilinear(image, y, x):
    """Value of an image at a point, by the textbook formula."""
    top, left = min(int(y), 6), min(int(x), 6)
    dy, dx = y - top, x - left
    above = (1 - dx) * image[top, left] + dx * image[top, left + 1]
    below = (1 - dx) * image[top + 1, left] + dx * image[top + 1, left + 1]
    return (1 - dy) * above + dy * below


def test_load_digits_images_default_is_32_by_32():
    digits = load_digits_images()
    assert digits.images.shape == (1797, 32, 32)
    assert digits.images.dtype == np.float32
    assert digits.data.shape == (1797, 1024)
    assert np.shares_memory(digits.data, digits.images)
    assert digits.image_shape == (32, 32)
    np.testing.assert_array_equal(digits.target, load_digits().target)
    assert digits.target_names.tolist() == list("0123456789")


def test_load_digits_images_pads_with_zeros():
    framed, bare = load_digits_images(pad=4), load_digits_images(pad=0)
    np.testing.assert_array_equal(framed.images[:, 4:-4, 4:-4], bare.images)
    assert framed.images.sum() == bare.images.sum()


def test_load_digits_images_scale_one_changes_nothing():
    digits = load_digits_images(scale=1, pad=0)
    np.testing.assert_array_equal(digits.images, load_digits().images)


@pytest.mark.parametrize("scale", [3, 5])
def test_load_digits_images_keeps_pixels_in_the_middle_of_odd_blocks(scale):
    enlarged = load_digits_images(scale=scale, pad=0).images
    middle = slice(scale // 2, None, scale)
    np.testing.assert_array_equal(enlarged[:, middle, middle], load_digits().images)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_load_digits_images_is_bilinear_between_pixel_centres(scale):
    small = load_digits().images[17]
    large = load_digits_images(scale=scale, pad=0).images[17]
    centre = np.clip((np.arange(8 * scale) + 0.5) / scale - 0.5, 0, 7)
    expected = [[bilinear(small, y, x) for x in centre] for y in centre]
    np.testing.assert_allclose(large, expected, rtol=1e-6)


def test_load_digits_images_keeps_the_range():
    images = load_digits_images().images
    assert images.min() == 0 and images.max() == 16


def test_load_digits_images_return_X_y():
    data, target = load_digits_images(return_X_y=True)
    digits = load_digits_images()
    np.testing.assert_array_equal(data, digits.data)
    np.testing.assert_array_equal(target, digits.target)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"scale": 0}, ValueError),
        ({"scale": 1.5}, TypeError),
        ({"pad": -1}, ValueError),
        ({"pad": "4"}, TypeError),
    ],
)
def test_load_digits_images_names_a_bad_argument(arguments, error):
    (name,) = arguments
    with pytest.raises(error, match=name):
        load_digits_images(**arguments)
