import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_scat import RotoTranslationScattering, ScatteringTransformer
from sklearn_scat.analysis import flattening, variability
from sklearn_scat.datasets import make_factor_digits


def grid(*sizes):
    columns = np.array(list(itertools.product(*map(range, sizes)))).T
    return dict(zip("abcd", columns, strict=False))


@given(seed=st.integers(0, 1000), replicates=st.integers(1, 3))
def test_variability_shares_sum_to_one(seed, replicates):
    rng = np.random.default_rng(seed)
    factors = {k: np.tile(v, replicates) for k, v in grid(3, 2, 4).items()}
    F = rng.normal(size=(24 * replicates, 5))
    for interactions in (False, True):
        result = variability(F, factors, interactions=interactions)
        total = result.share.sum(axis=1) + result.residual
        np.testing.assert_allclose(total, 1)
        assert (result.share >= 0).all()


def test_variability_of_additive_features_leaves_no_residual(rng):
    factors = grid(5, 7)
    a, b = rng.normal(size=(5, 300)), rng.normal(size=(7, 300))
    F = a[factors["a"]] + b[factors["b"]] + 10
    result = variability(F, factors)
    assert result.residual[0] < 1e-12
    effects = result.effects["features"]
    np.testing.assert_allclose(effects["a"], a - a.mean(0), atol=1e-12)
    np.testing.assert_allclose(effects["b"], b - b.mean(0), atol=1e-12)
    spread = a.var(axis=0).sum(), b.var(axis=0).sum()
    np.testing.assert_allclose(result.share[0], np.array(spread) / sum(spread))


def test_variability_splits_interactions_off(rng):
    factors = grid(3, 4, 2)
    joint = rng.normal(size=(3, 4, 6))
    F = joint[factors["a"], factors["b"]]
    plain = variability(F, factors)
    result = variability(F, factors, interactions=True)
    assert result.factors == ("a", "b", "c", "a × b", "a × c", "b × c")
    np.testing.assert_allclose(result.share[:, :3], plain.share)
    np.testing.assert_allclose(result.share[0, 3], plain.residual[0])
    assert result.residual[0] < 1e-12 and not result.share[0, 4:].round(12).any()
    effect = result.effects["features"]["a × b"].reshape(3, 4, 6)
    np.testing.assert_allclose(effect.sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(effect.sum(axis=1), 0, atol=1e-12)
    assert result.levels["a × b"].shape == (12, 2)


def test_variability_does_not_mind_the_order_of_samples(rng):
    factors, F = grid(4, 3), rng.normal(size=(12, 3))
    order = rng.permutation(12)
    first = variability(F, factors)
    second = variability(F[order], pd.DataFrame(factors).iloc[order])
    np.testing.assert_allclose(second.share, first.share)
    np.testing.assert_allclose(
        second.effects["features"]["b"], first.effects["features"]["b"]
    )


def test_variability_dimension_counts_components(rng):
    factors = grid(9, 8)
    directions = np.linalg.qr(rng.normal(size=(40, 8)))[0].T
    angle = 2 * np.pi * factors["a"] / 9  # a circle: two components
    circle = np.column_stack([np.cos(angle), np.sin(angle)]) @ directions[:2]
    spread = np.eye(8)[factors["b"]] @ directions  # a simplex: seven, equal
    result = variability({"both": circle + spread, "one": circle}, factors)
    np.testing.assert_array_equal(result.dimension, [[2, 7], [2, 0]])
    half = variability(circle + spread, factors, energy=0.5)
    np.testing.assert_array_equal(half.dimension, [[1, 4]])


def test_variability_of_shuffled_labels_is_that_of_chance(rng):
    factors, F = grid(10, 20), rng.normal(size=(200, 2))
    shares = [
        variability(F, pd.DataFrame(factors).iloc[rng.permutation(200)]).share[0]
        for _ in range(100)
    ]
    np.testing.assert_allclose(np.mean(shares, axis=0), [9 / 199, 19 / 199], rtol=0.2)


def test_variability_of_constant_features_is_zero():
    result = variability(np.full((12, 3), 0.1), grid(3, 4))
    assert not result.share.any() and not result.residual.any()
    assert not result.dimension.any()


def test_variability_takes_a_factor_of_one_value(rng):
    result = variability(rng.normal(size=(4, 3)), grid(1, 4))
    np.testing.assert_allclose(result.share, [[0, 1]], atol=1e-12)
    assert result.dimension[0, 0] == 0


def test_variability_names_what_is_wrong(rng):
    factors, F = grid(3, 4), rng.normal(size=(12, 3))
    short = {k: v[:-1] for k, v in factors.items()}
    with pytest.raises(ValueError, match=r"a: 3, b: 4 values.*0 to 1 times"):
        variability(F[:-1], short)
    with pytest.raises(ValueError, match="11 values for 12 samples"):
        variability(F, short)
    with pytest.raises(ValueError, match="not a mapping"):
        variability(F, factors["a"])
    with pytest.raises(ValueError, match="NaN"):
        variability(F * np.nan, factors)
    with pytest.raises(ValueError, match="energy"):
        variability(F, factors, energy=2)


def measured(factor, n_levels=None):
    """Pixels, and two scatterings averaged over positions, under a factor."""
    images, factors = make_factor_digits(factor, n_levels=n_levels)
    networks = {
        "scattering": ScatteringTransformer(2, padding="periodic", pooling="mean"),
        "roto": RotoTranslationScattering(2, padding="periodic", pooling="mean"),
    }
    layers = {"pixels": images.reshape(len(images), -1)}
    layers |= {name: net.fit_transform(images) for name, net in networks.items()}
    return layers, factors, variability(layers, factors)


def test_variability_under_rotation_falls_from_pixels_to_roto_translation():
    layers, factors, result = measured("rotation", 8)
    pixels, scattering, roto = result.share[:, 1]
    assert pixels > 0.3 > 3 * scattering and scattering > roto
    # what identifies the digit rises instead
    assert (np.diff(result.share[:, 0]) > 0).all()
    flat = flattening(layers, factors["digit"]).flatness
    assert (np.diff(flat) > 0).all()


def test_variability_under_quarter_turns_is_none_for_roto_translation():
    _, _, result = measured("rotation", 4)
    # samples lie at even pixels, and those of a turned image at odd ones
    assert result.share[2, 1] < 1e-4 and result.residual[2] < 1e-3
    assert result.share[1, 1] > 0.01 and result.share[0, 1] > 0.3


def test_variability_under_translation_is_none_for_means_of_scattering():
    _, _, result = measured("translation")
    assert result.share[0, 1] > 0.3
    assert (result.share[1:, 1] + result.residual[1:] < 1e-3).all()


def test_variability_under_scale_remains():
    """The control: neither network is built to be invariant to scale."""
    _, _, result = measured("scale")
    assert (result.share[1:, 1] > 0.8).all()


def test_flattening_is_the_share_of_principal_components(rng):
    F = rng.normal(size=(40, 6))
    orbit = np.repeat(np.arange(4), 10)
    result = flattening(F, orbit, n_components=6)
    for o in range(4):
        eigenvalues = np.linalg.eigvalsh(np.cov(F[orbit == o].T))[::-1]
        expected = eigenvalues.cumsum() / eigenvalues.sum()
        np.testing.assert_allclose(result.orbits[0, o], expected)
    np.testing.assert_allclose(result.share, result.orbits.mean(axis=1))
    np.testing.assert_allclose(result.flatness, 1)


def test_flattening_of_planes_is_one(rng):
    F = rng.normal(size=(30, 2)) @ rng.normal(size=(2, 50))
    layers = {"plane": F, "curved": np.abs(F), "point": np.ones((30, 1))}
    result = flattening(layers, np.zeros(30), n_components=2)
    np.testing.assert_allclose(result.flatness[[0, 2]], 1)
    assert result.flatness[1] < 0.999


def test_flattening_has_no_more_components_than_points(rng):
    result = flattening(rng.normal(size=(4, 9)), [0, 0, 1, 1], n_components=5)
    np.testing.assert_allclose(result.share, 1)
    with pytest.raises(ValueError, match="n_components"):
        flattening(np.eye(3), [0, 0, 1], n_components=0)
    with pytest.raises(ValueError, match="inconsistent"):
        flattening(np.eye(3), [0, 1])
