"""Images brought to one size before a recipe."""

import numpy as np
import pytest

from sklearn_scat.recipes import SmallestSides, at_size, resized_to, scat_linear


def waves(H, W, *, k=2):
    """Return a cosine of k half periods along each side, sampled H by W times."""
    y, x = (np.cos(np.pi * k * (np.arange(n) + 0.5) / n) for n in (H, W))
    return 3 + y[:, None] * x


@pytest.mark.parametrize("shape", [(40, 60), (16, 12), (33, 20)])
def test_slow_waves_are_the_same_at_another_size(shape):
    rows = resized_to([waves(*shape)], (20, 24))
    np.testing.assert_allclose(rows, waves(20, 24).reshape(1, -1), atol=1e-12)


def test_fast_waves_are_dropped_not_aliased():
    rows = resized_to([waves(40, 40, k=30)], (20, 20))
    np.testing.assert_allclose(rows, 3, atol=1e-12)


def test_rows_and_images_give_the_same():
    X = np.random.default_rng(0).normal(size=(3, 2, 12, 10)).astype(np.float32)
    rows = resized_to(X.reshape(3, -1), (6, 6), image_shape=(2, 12, 10))
    np.testing.assert_array_equal(rows, resized_to(list(X), (6, 6)))
    assert rows.shape == (3, 72)
    assert rows.dtype == np.float32


def test_recipe_learns_from_images_of_several_sizes():
    sizes = [(20, 24), (30, 36), (40, 30), (24, 24)] * 5
    X = [waves(*size, k=2 + 4 * (i % 2)) for i, size in enumerate(sizes)]
    y = np.arange(20) % 2
    model = at_size(scat_linear, (16, 16))(SmallestSides((20, 24)), 10, 0)
    assert model.fit(X[:12], y[:12]).score(X[12:], y[12:]) == 1
