"""What comes out: features, maps, means, their names and their places."""

import math
import re

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_scat import RotoTranslationScattering, ScatteringTransformer

BOTH = [ScatteringTransformer, RotoTranslationScattering]
each = pytest.mark.parametrize("Scattering", BOTH)

VARIANTS = [
    {},
    {"J": 0},
    {"J": 3, "L": 4},
    {"max_order": 0},
    {"max_order": 1, "L": 12},
    {"oversampling": 1},
    {"J": 1, "padding": "periodic"},
    {"padding": "zero", "frame": "tight"},
]
variants = pytest.mark.parametrize("variant", VARIANTS, ids=str)


def noise(*shape, dtype=np.float32):
    return np.random.default_rng(0).normal(size=shape).astype(dtype)


@each
@variants
def test_features_are_maps_in_one_row(Scattering, variant):
    X = noise(3, 2, 12, 20)
    scattering = Scattering(**variant).fit(X)
    C, P, h, w = scattering.output_shape_
    features = scattering.transform(X)
    maps = scattering.set_params(output="maps").transform(X)
    assert C == 2
    assert P == len(scattering.paths_)
    assert maps.shape == (3, C * P, h, w)
    assert features.shape == (3, C * P * h * w)
    assert_array_equal(features, maps.reshape(3, -1))


@each
@variants
def test_mean_pooling_is_the_mean_of_maps(Scattering, variant):
    X = noise(3, 2, 12, 20, dtype=np.float64)
    maps = Scattering(output="maps", **variant).fit_transform(X)
    pooled = Scattering(pooling="mean", **variant).fit(X)
    assert pooled.output_shape_[2:] == (1, 1)
    assert_allclose(pooled.transform(X), maps.mean(axis=(2, 3)), rtol=1e-12, atol=1e-13)
    pooled_maps = pooled.set_params(output="maps").transform(X)
    assert pooled_maps.shape == (*maps.shape[:2], 1, 1)


@each
@variants
@pytest.mark.parametrize("pooling", [None, "mean"])
@pytest.mark.parametrize("channels", [1, 3])
def test_feature_names_say_channel_path_and_place(
    Scattering, variant, pooling, channels
):
    X = np.zeros((1, channels, 8, 12))
    scattering = Scattering(pooling=pooling, **variant).fit(X)
    C, P, h, w = scattering.output_shape_
    names = scattering.get_feature_names_out()
    assert names.dtype == object
    assert len(set(names)) == len(names) == math.prod(scattering.output_shape_)
    assert len(names) == scattering.transform(X).shape[1]
    for name, (c, p, y, x) in zip(names, np.ndindex(C, P, h, w), strict=True):
        assert name.startswith(f"c{c}_s" if channels > 1 else "s")
        assert name.endswith("" if pooling else f"_y{y}_x{x}")
        assert f"s{scattering.paths_['order'][p]}" in name


def test_feature_names_spell_the_paths():
    scattering = ScatteringTransformer(J=2, L=3, max_order=3).fit(np.zeros((1, 8, 12)))
    names = scattering.get_feature_names_out().reshape(-1, 2, 3)
    for path, of_path in zip(scattering.paths_, names, strict=True):
        steps = [
            f"_j{path[f'j{m}']}_t{path[f'theta{m}']}"
            for m in range(1, path["order"] + 1)
        ]
        expected = f"s{path['order']}" + "".join(steps)
        assert of_path[0, 0] == expected + "_y0_x0"
        assert of_path[1, 2] == expected + "_y1_x2"


@pytest.mark.parametrize("theta", [0, 2, 5])
def test_column_of_a_name_answers_to_its_wavelet(theta):
    """A wave along one angle and at one place stands out in that path's column."""
    side, L, j = 32, 8, 1
    bank_angle = (L // 2 - 1 - theta) * np.pi / L
    y, x = np.mgrid[:side, :side]
    frequency = 0.75 * np.pi / 2**j
    wave = np.cos(frequency * (np.cos(bank_angle) * y + np.sin(bank_angle) * x))
    wave *= np.exp(-((y - 10) ** 2 + (x - 22) ** 2) / 40)
    scattering = ScatteringTransformer(J=2, L=L).fit(wave[None])
    S = scattering.transform(wave[None])[0]
    names = scattering.get_feature_names_out()
    first = np.array([name.startswith("s1_") for name in names])
    loudest = names[first][S[first].argmax()]
    assert re.fullmatch(rf"s1_j{j}_t{theta}_y[23]_x[56]", loudest)


@each
def test_colour_channels_are_scattered_one_by_one(Scattering):
    X = noise(4, 3, 16, 16)
    together = Scattering(output="maps").fit_transform(X).reshape(4, 3, -1, 4, 4)
    for c in range(3):
        alone = Scattering(output="maps").fit_transform(X[:, c])
        assert_allclose(together[:, c], alone, rtol=1e-5, atol=1e-6)


@each
def test_fit_stores_the_shapes_that_come_out(Scattering):
    X = noise(2, 3, 13, 22)
    scattering = Scattering(J=2).fit(X)
    assert scattering.image_shape_ == (3, 13, 22)
    assert scattering.n_features_in_ == 3 * 13 * 22
    assert scattering.J_ == 2
    assert scattering.output_shape_ == (3, len(scattering.paths_), 3, 5)
    assert all(type(n) is int for n in scattering.output_shape_)


@each
@pytest.mark.parametrize("engine", ["auto", "torch"])
@pytest.mark.parametrize("kind", [np.int64, np.int8, np.uint8])
def test_numpy_integers_are_integers(Scattering, engine, kind):
    """Grids of parameters are often made by NumPy, whose small integers overflow."""
    X = noise(3, 32, 36)
    integers = {"J": 4, "L": 4, "max_order": 1, "oversampling": 1, "batch_size": 2}
    expected = Scattering(engine=engine, **integers).fit(X)
    as_numpy = {name: kind(value) for name, value in integers.items()}
    came = Scattering(engine=engine, **as_numpy).fit(X)
    assert came.output_shape_ == expected.output_shape_
    assert list(map(type, came.output_shape_)) == [int] * 4
    assert_array_equal(came.paths_, expected.paths_)
    assert_array_equal(came.transform(X), expected.transform(X))


@pytest.mark.parametrize("max_order", range(5))
def test_number_of_paths_is_that_of_increasing_scales(max_order):
    J, L = 3, 2
    scattering = ScatteringTransformer(J, L, max_order).fit(np.zeros((1, 8, 8)))
    expected = sum(math.comb(J, m) * L**m for m in range(max_order + 1))
    assert len(scattering.paths_) == expected
    assert len(scattering.paths_.dtype.names) == 1 + 2 * max_order
    assert np.isfinite(scattering.transform(noise(2, 8, 8))).all()


@each
@pytest.mark.parametrize("batch_size", [1, 2, 3, 1000])
@pytest.mark.parametrize("engine", ["auto", "torch"])
def test_batch_size_does_not_matter(Scattering, batch_size, engine):
    X = noise(7, 16, 16)
    reference = Scattering(engine=engine).fit_transform(X)
    S = Scattering(engine=engine, batch_size=batch_size).fit_transform(X)
    assert_allclose(S, reference, rtol=1e-5, atol=1e-6)


@each
@pytest.mark.parametrize("engine", ["auto", "torch"])
def test_images_are_independent(Scattering, engine):
    X = noise(7, 16, 16)
    order = np.random.default_rng(1).permutation(7)
    scattering = Scattering(engine=engine).fit(X)
    S = scattering.transform(X)
    assert_allclose(scattering.transform(X[order]), S[order], rtol=1e-5, atol=1e-6)
    for i in (0, 6):
        alone = scattering.transform(X[i : i + 1])
        assert_allclose(alone, S[i : i + 1], rtol=1e-5, atol=1e-6)


@each
def test_precisions_agree(Scattering):
    X = noise(4, 16, 16)
    single = Scattering().fit_transform(X)
    double = Scattering().fit_transform(X.astype(np.float64))
    assert (single.dtype, double.dtype) == (np.float32, np.float64)
    assert_allclose(single, double, rtol=1e-4, atol=1e-5)


@each
@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_tables_carry_the_names(Scattering, container):
    X = noise(3, 8, 8)
    scattering = Scattering().fit(X)
    expected = scattering.transform(X)
    table = scattering.set_output(transform=container).transform(X)
    assert type(table).__module__.startswith(container)
    assert list(table.columns) == list(scattering.get_feature_names_out())
    assert_array_equal(table.to_numpy(), expected)


@each
@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_maps_go_into_no_table(Scattering, container):
    X = noise(3, 8, 8)
    scattering = Scattering(output="maps").fit(X).set_output(transform=container)
    with pytest.raises(ValueError, match=rf"\(\d+, 2, 2\).*no {container} table"):
        scattering.transform(X)
    scattering.set_output(transform="default")
    assert scattering.transform(X).ndim == 4
