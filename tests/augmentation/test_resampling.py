"""Images at other sizes keep what the new size can hold, and nothing else."""

import numpy as np
import pytest

from sklearn_scat.augmentation._resampling import resized

ROOT = 2**0.5


def cosine(shape, k):
    """Return a product of the k-th cosines of a mirrored image."""
    u, v = (np.cos(np.pi * k * (np.arange(n) + 0.5) / n) for n in shape)
    return u[:, None] * v


@pytest.mark.parametrize(
    ("shape", "new"), [((20, 30), (14, 21)), ((3, 2), (2, 1)), ((1, 1), (1, 1))]
)
def test_sides_are_divided_and_rounded(shape, new):
    assert resized(np.zeros((2, *shape)), ROOT).shape == (2, *new)


def test_constants_and_means_stay():
    rng = np.random.default_rng(0)
    np.testing.assert_allclose(resized(np.full((1, 9, 7), 3.0), ROOT), 3.0)
    x = rng.normal(size=(4, 25, 31))
    np.testing.assert_allclose(resized(x, 1.7).mean((1, 2)), x.mean((1, 2)))


def test_low_frequencies_are_sampled_and_high_ones_dropped():
    low, high = cosine((40, 40), 5)[None], cosine((40, 40), 25)[None]
    np.testing.assert_allclose(resized(low, 2), cosine((20, 20), 5)[None], atol=1e-12)
    np.testing.assert_allclose(resized(high, 2), 0, atol=1e-12)


def test_enlarging_is_undone_by_shrinking():
    x = np.random.default_rng(0).normal(size=(2, 12, 16))
    np.testing.assert_allclose(resized(resized(x, 0.5), 2), x, atol=1e-12)


@pytest.mark.parametrize(
    ("given", "kept"), [(np.uint8, np.float32), (np.float64, np.float64)]
)
def test_bytes_are_not_rounded(given, kept):
    x = np.arange(48).reshape(1, 6, 8).astype(given)
    assert resized(x, 2).dtype == kept
    assert np.any(resized(x, 2) % 1)
