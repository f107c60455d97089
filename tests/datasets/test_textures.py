import numpy as np
import pytest

from sklearn_scat.datasets import make_textures

KERNELS = ("blob", "bar", "ripple", "ring")


def only(kind, n_samples, **options):
    return make_textures(n_samples, kinds=[kind], random_state=0, **options)[0]


def spectrum(images):
    """Mean periodogram, (H, W)."""
    return np.mean(np.abs(np.fft.fft2(images)) ** 2, axis=0) / images[0].size


def orientation(images):
    """For each image its main orientation: the axis of its spectrum's inertia."""
    energy = np.abs(np.fft.fft2(images)) ** 2
    y = np.fft.fftfreq(images.shape[1])[:, None]
    x = np.fft.fftfreq(images.shape[2])
    doubled = (energy * (x + 1j * y) ** 2).sum((1, 2))
    strength = np.abs(doubled) / (energy * (x**2 + y**2)).sum((1, 2))
    return np.angle(doubled) / 2, strength


def test_make_textures_returns_balanced_classes():
    images, y = make_textures(19, image_shape=(16, 24), random_state=0)
    assert images.shape == (19, 16, 24) and images.dtype == np.float32
    np.testing.assert_array_equal(np.bincount(y), [3, 3, 3, 2, 2, 2, 2, 2])


def test_make_textures_have_mean_zero_and_variance_one():
    for kernel in KERNELS:
        for noise in ("gaussian", "points"):
            images = only(f"{noise}-{kernel}", 200)
            np.testing.assert_allclose(images.mean((1, 2)), 0, atol=1e-6)
            assert abs(images.var() - 1) < 0.08


@pytest.mark.parametrize("rotate", [False, True])
@pytest.mark.parametrize("kernel", KERNELS)
def test_make_textures_pairs_share_a_spectrum_and_differ_in_kurtosis(kernel, rotate):
    n = 400
    gaussian = only(f"gaussian-{kernel}", n, rotate=rotate, image_shape=(32, 32))
    points = only(f"points-{kernel}", n, rotate=rotate, image_shape=(32, 32))
    one, other = spectrum(gaussian), spectrum(points)
    # each frequency is a mean of n exponential-like variables: relative error n^-1/2
    assert np.abs(one - other).sum() / one.sum() < 4 * np.sqrt(2 / n)
    kurtosis = [np.mean(x**4) / np.mean(x**2) ** 2 for x in (gaussian, points)]
    assert abs(kurtosis[0] - 3) < 0.3
    assert kurtosis[1] > 3.4


@pytest.mark.parametrize("rotate", [False, True])
@pytest.mark.parametrize("kernel", ["ripple", "ring"])
def test_make_textures_oscillate_at_the_wavelength(kernel, rotate):
    images = only(f"gaussian-{kernel}", 200, wavelength=10.0, rotate=rotate)
    energy = spectrum(images)
    y, x = np.fft.fftfreq(64)[:, None], np.fft.fftfreq(64)
    radius = np.hypot(y, x)
    assert abs((energy * radius).sum() / energy.sum() - 1 / 10) < 0.02


@pytest.mark.parametrize("kernel", ["bar", "ripple"])
def test_make_textures_vary_along_the_horizontal_unless_rotated(kernel):
    fixed, strength = orientation(only(f"gaussian-{kernel}", 40))
    assert (strength > 0.5).all() and np.abs(fixed).max() < 0.3
    turned, strength = orientation(only(f"gaussian-{kernel}", 200, rotate=True))
    assert (strength > 0.5).all()
    counts, _ = np.histogram(turned, bins=4, range=(-np.pi / 2, np.pi / 2))
    assert counts.sum() == 200 and counts.min() > 25


@pytest.mark.parametrize("kernel", ["blob", "ring"])
def test_make_textures_isotropic_kernels_have_no_orientation(kernel):
    energy = spectrum(only(f"gaussian-{kernel}", 400))
    np.testing.assert_allclose(
        energy.sum(0)[:32], energy.sum(1)[:32], atol=0.1 * energy.sum(0).max()
    )


def test_make_textures_are_set_by_their_seed():
    once, y_once = make_textures(16, image_shape=(16, 16), random_state=5)
    again, y_again = make_textures(16, image_shape=(16, 16), random_state=5)
    other, _ = make_textures(16, image_shape=(16, 16), random_state=6)
    np.testing.assert_array_equal(once, again)
    np.testing.assert_array_equal(y_once, y_again)
    assert (once != other).any()


def test_make_textures_y_is_the_position_in_kinds():
    kinds = ["points-blob", "gaussian-blob"]
    images, y = make_textures(400, kinds=kinds, random_state=0)
    skewness = [np.mean(images[y == k] ** 3) for k in (0, 1)]
    assert skewness[0] > 0.5 > abs(skewness[1])


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"n_samples": 0}, ValueError, "n_samples"),
        ({"image_shape": (0, 8)}, ValueError, "image_shape"),
        ({"wavelength": 3.9}, ValueError, "wavelength"),
        ({"wavelength": 65.0}, ValueError, "wavelength"),
        ({"kinds": []}, ValueError, "at least one"),
        ({"kinds": "gaussian-bar"}, ValueError, "not a list"),
        ({"kinds": ["plaid"]}, ValueError, "'plaid' is not one of gaussian-blob"),
        ({"kinds": ["points-bar"] * 2}, ValueError, "twice"),
    ],
)
def test_make_textures_names_a_bad_argument(options, error, message):
    with pytest.raises(error, match=message):
        make_textures(**options)
