"""Scores, compression, denoising, missing answers, variation."""

import numpy as np
import pytest

from sklearn_scat.datasets import make_questionnaire
from sklearn_scat.questionnaire import (
    compression_curve,
    denoise,
    dyadic_tree,
    fill_missing,
    haar_entropy,
    inverse_tensor_haar,
    mixed_holder,
    organise,
    random_tree,
    random_tree_pairs,
    relative_variation,
    tensor_haar,
)


def test_haar_entropy_lies_between_one_coefficient_and_all():
    C = np.zeros((4, 9))
    assert haar_entropy(C) == 0
    C[2, 3] = -7
    assert haar_entropy(C) == 1
    assert haar_entropy(np.full((4, 9), 0.3)) == pytest.approx(6)


@pytest.mark.parametrize("alpha", [0.3, 0.5, 1.0])
def test_mixed_holder_finds_the_exponent_of_a_matrix_made_so(alpha):
    tree = dyadic_tree(64)
    shares = mixed_holder(np.zeros((64, 64)), tree, tree).support
    rng = np.random.default_rng(0)
    C = 64 * rng.choice([-2.0, 2.0], shares.shape) * shares ** (alpha + 0.5)
    decay = mixed_holder(C, tree, tree, alpha=alpha)
    assert decay.exponent == pytest.approx(alpha)
    assert decay.constant == pytest.approx(2)


def test_mixed_holder_of_a_constant_has_no_exponent():
    C = tensor_haar(np.ones((4, 4)), dyadic_tree(4), dyadic_tree(4))
    decay = mixed_holder(C, dyadic_tree(4), dyadic_tree(4))
    assert decay.constant < 1e-12
    assert np.isnan(decay.exponent)


def test_compression_curve_is_the_error_of_the_kept_coefficients():
    rng = np.random.default_rng(0)
    M = rng.standard_normal((6, 5))
    trees = random_tree(6, random_state=0), random_tree(5, random_state=1)
    C = tensor_haar(M, *trees)
    curve = compression_curve(C)
    for k in (0, 1, 7, 29, 30):
        kept = C * (np.abs(C) >= np.sort(np.abs(C), axis=None)[::-1][: k or 1][-1])
        if k == 0:
            kept = 0 * C
        error = np.linalg.norm(inverse_tensor_haar(kept, *trees) - M)
        assert curve[k] == pytest.approx(error / np.linalg.norm(M), abs=1e-7)
    assert np.all(np.diff(curve) <= 0)
    assert not compression_curve(np.zeros((2, 2))).any()


def noisy_questionnaire():
    return make_questionnaire(64, 48, noise=0.5, random_state=0)


def error(M, answers):
    return np.sqrt(np.mean((M - answers.expectation) ** 2))


def test_denoise_removes_noise_and_more_so_over_several_trees():
    answers = noisy_questionnaire()
    found = organise(answers.data)
    trees = found.row_tree, found.column_tree
    pairs = random_tree_pairs(answers.data, trees, n_pairs=8, random_state=0)
    one = error(denoise(answers.data, pairs[:1]), answers)
    many = error(denoise(answers.data, pairs), answers)
    assert many < one < 0.6 * error(answers.data, answers)
    assert many < 0.4 * error(answers.data, answers)


def test_denoise_without_noise_changes_nothing():
    M = noisy_questionnaire().data
    pair = random_tree(64, random_state=0), random_tree(48, random_state=0)
    np.testing.assert_allclose(denoise(M, [pair], sigma=0), M, atol=1e-10)


def test_denoise_keeps_the_mean():
    M = 5 + np.random.default_rng(0).standard_normal((16, 16))
    quiet = denoise(M, [(dyadic_tree(16), dyadic_tree(16))], sigma=100)
    np.testing.assert_allclose(quiet, M.mean())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1.0]], []), "at least one pair"),
        (([[np.nan]], [(dyadic_tree(1), dyadic_tree(1))]), "fill_missing"),
    ],
)
def test_denoise_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        denoise(*arguments)
    with pytest.raises(ValueError, match="sigma=-1"):
        denoise([[1.0]], [(dyadic_tree(1), dyadic_tree(1))], sigma=-1)


def test_missing_answers_are_filled_from_alike_people_and_questions():
    answers = make_questionnaire(64, 48, missing=0.3, random_state=0)
    missing = np.isnan(answers.data)
    found = organise(answers.data)
    filled = fill_missing(answers.data, found.row_tree, found.column_tree)
    assert np.array_equal(filled[~missing], answers.data[~missing])
    column_means = np.broadcast_to(np.nanmean(answers.data, axis=0), missing.shape)
    wrong = np.abs(filled - answers.expectation)[missing].mean()
    naive = np.abs(column_means - answers.expectation)[missing].mean()
    assert wrong < 0.3 * naive


def test_fill_missing_of_nothing_is_zero():
    M = np.full((3, 2), np.nan)
    assert not fill_missing(M, dyadic_tree(3), dyadic_tree(2)).any()


def test_relative_variation_is_one_on_average_over_orders():
    x = np.random.default_rng(0).standard_normal((9, 40))
    rng = np.random.default_rng(1)
    ratios = [relative_variation(x, rng.permutation(9)).ratio for _ in range(200)]
    assert np.mean(ratios) == pytest.approx(1, abs=0.01)


def test_relative_variation_counts_the_last_step_on_a_circle():
    x = np.arange(5.0)
    assert relative_variation(x).total == 4
    assert relative_variation(x, circular=True).total == 8
    assert relative_variation(x, [4, 3, 2, 1, 0]).total == 4


def test_relative_variation_of_equal_things_is_one():
    assert relative_variation(np.ones((4, 3))).ratio == 1
    assert relative_variation(np.ones((1, 3))).ratio == 1


def test_relative_variation_refuses_no_order():
    with pytest.raises(ValueError, match="no permutation"):
        relative_variation([1.0, 2.0], [0, 0])
    with pytest.raises(ValueError, match="n_permutations=0"):
        relative_variation([1.0, 2.0], n_permutations=0)


def test_noise_is_estimated_as_it_is(rng):
    """Without sigma, denoising does what it does with that of the noise."""
    tree, sigma = dyadic_tree(64), 0.3
    pairs = [(tree, tree)]
    smooth = np.add.outer(np.sin(np.arange(64) / 9), np.cos(np.arange(64) / 11))
    M = smooth + sigma * rng.normal(size=(64, 64))

    found = denoise(M, pairs)

    def distance(factor):
        return np.linalg.norm(found - denoise(M, pairs, sigma=factor * sigma))

    nearest = min(np.arange(0.5, 1.6, 0.05), key=distance)
    assert 0.9 < nearest < 1.1
