import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from sklearn_scat.analysis import contraction, standardize


@pytest.fixture
def blobs(rng):
    y = rng.integers(0, 3, 90)
    return rng.normal(size=(90, 25)) + 4 * np.eye(25)[y], y


def test_contraction_is_the_mean_over_pairs(blobs):
    F, y = blobs
    result = contraction(F, y)
    distances = cdist(F, F)
    for c in range(3):
        expected = distances[np.ix_(y == c, y == c)].mean()
        np.testing.assert_allclose(result.within[0, c], expected)
    between = distances[y[:, None] != y].mean()
    np.testing.assert_allclose(result.between, [between])
    np.testing.assert_allclose(result.ratio, [result.within.mean() / between])


def test_contraction_has_a_leading_axis_of_layers(blobs):
    F, y = blobs
    result = contraction({"deep": F[:, :4], "wide": F}, y)
    assert result.layers == ("deep", "wide")
    assert result.spectrum.shape == (2, 3, 25)
    alone = contraction(F, y)
    assert alone.layers == ("features",)
    np.testing.assert_allclose(alone.within[0], result.within[1])
    np.testing.assert_allclose(alone.spectrum[0], result.spectrum[1])
    assert not result.spectrum[0, :, 4:].any()


@given(seed=st.integers(0, 1000), scale=st.floats(0.1, 100))
def test_contraction_ratio_ignores_scale_shift_and_rotation(seed, scale):
    rng = np.random.default_rng(seed)
    F, y = rng.normal(size=(20, 5)), np.arange(20) % 4
    rotation, _ = np.linalg.qr(rng.normal(size=(5, 5)))
    first, second = contraction(F, y), contraction(scale * F @ rotation + 3, y)
    np.testing.assert_allclose(second.ratio, first.ratio)
    np.testing.assert_allclose(second.within, scale * first.within)
    np.testing.assert_allclose(second.spectrum, scale**2 * first.spectrum, atol=1e-9)
    np.testing.assert_allclose(second.effective_dimension, first.effective_dimension)


def test_contraction_spectrum_is_that_of_the_covariance(blobs):
    F, y = blobs
    result = contraction(F, y)
    for c in range(3):
        eigenvalues = np.linalg.eigvalsh(np.cov(F[y == c].T, bias=True))[::-1]
        np.testing.assert_allclose(result.spectrum[0, c], eigenvalues, atol=1e-12)
    np.testing.assert_allclose(result.cumulated[..., -1], 1)
    assert (np.diff(result.cumulated) >= 0).all()


def test_contraction_effective_dimension_counts_directions():
    axes = np.concatenate([np.eye(6), -np.eye(6)])
    F = np.pad(axes, ((12, 0), (0, 0)))  # a point, then six directions
    result = contraction(F, np.repeat([0, 1], 12))
    np.testing.assert_allclose(result.effective_dimension, [[0, 6]])
    np.testing.assert_allclose(result.cumulated[0, 0], 1)


def test_contraction_of_points_that_coincide_is_zero():
    result = contraction(np.ones((4, 2)), [0, 0, 1, 1])
    assert not result.within.any() and result.ratio == 0


def test_contraction_takes_a_class_of_one():
    result = contraction([[0.0], [1.0], [5.0]], ["a", "a", "b"])
    np.testing.assert_allclose(result.within, [[0.5, 0]])
    np.testing.assert_allclose(result.effective_dimension, [[1, 0]])


def test_contraction_names_what_is_wrong(blobs):
    F, y = blobs
    with pytest.raises(ValueError, match="1 class"):
        contraction(F, np.zeros(90))
    with pytest.raises(ValueError, match="inconsistent"):
        contraction(F, y[:-1])
    with pytest.raises(ValueError, match="NaN"):
        contraction(np.where(F > 5, np.nan, F), y)
    with pytest.raises(ValueError, match="differ in their samples"):
        contraction({"a": F, "b": F[:-1]}, y)
    with pytest.raises(ValueError, match="empty mapping"):
        contraction({}, y)
    with pytest.raises(ValueError, match="2D"):
        contraction(F[:, 0], y)


def test_standardize_uses_the_training_samples(rng):
    train = {"a": rng.normal(3, 2, (50, 4)), "b": rng.normal(size=(50, 2))}
    test = {"a": rng.normal(3, 2, (9, 4)), "b": rng.normal(size=(9, 2))}
    result = standardize(test, train)
    for layer in train:
        expected = (test[layer] - train[layer].mean(0)) / train[layer].std(0)
        np.testing.assert_allclose(result[layer], expected)


def test_standardize_only_centres_what_is_constant():
    F = np.column_stack([np.full(10, 0.1), np.arange(10.0), np.zeros(10)])
    result = standardize(F)
    assert np.abs(result[:, [0, 2]]).max() < 1e-12
    np.testing.assert_allclose(result.std(axis=0), [0, 1, 0], atol=1e-12)


def test_standardize_refuses_other_layers(rng):
    F = rng.normal(size=(5, 3))
    with pytest.raises(ValueError, match="must agree"):
        standardize(F, F[:, :2])
    with pytest.raises(ValueError, match="must agree"):
        standardize({"a": F}, {"b": F})
