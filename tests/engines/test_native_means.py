"""The native kernel's means are those of the maps that the definition makes."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_scat import RotoTranslationScattering, ScatteringTransformer
from sklearn_scat.cascade import FORMS, Grid, Wavelet2d, path_table, scattering
from sklearn_scat.engines import WEIGHTS, _native
from sklearn_scat.filters import morlet_bank

needs_kernel = pytest.mark.skipif(
    not _native.available(), reason=f"no kernel to test: {_native.describe()}"
)
KINDS = ["plain", "rigid", "separable"]  # "complete" adds to what a plan computes
DOUBLE = torch.empty(0, dtype=torch.float64)


def built(kind, shape, J, *, L=4, padding="reflect"):
    """Return the grid, the bank, the circle, and how many paths there are."""
    grid = Grid(shape, J, padding)
    bank = morlet_bank(J, grid.padded, L=L)
    if kind == "plain":
        return grid, bank, None, len(path_table(J, L, 2))
    circle = FORMS[kind].circle(L, 2)
    return grid, bank, circle, len(FORMS[kind].path_table(J, L, 2, max_order=2))


def native_means(kind, x, J, *, n_threads=1, instructions=None, **variant):
    grid, bank, circle, paths = built(kind, x.shape[1:], J, **variant)
    rotation = None if circle is None else WEIGHTS[kind](circle)
    plan = _native.plan(
        bank,
        grid,
        max_order=2,
        rotation=rotation,
        mean=True,
        instructions=instructions,
    )
    out = np.full((len(x), paths, 1, 1), np.nan, np.float32)
    plan.apply(x, out, n_threads=n_threads)
    return out


def means_of_maps(kind, x, J, **variant):
    grid, bank, circle, _ = built(kind, x.shape[1:], J, **variant)
    W = Wavelet2d.from_bank(grid, bank, like=DOUBLE)
    operators = [W] * 3 if circle is None else FORMS[kind].operators(W, circle)
    maps = scattering(torch.from_numpy(x.astype(float)), operators).numpy()
    return maps.mean((2, 3), keepdims=True)


@st.composite
def settings_of_a_transform(draw):
    kind = draw(st.sampled_from(KINDS))
    shape = draw(st.tuples(*[st.integers(1, 96)] * 2))
    J = draw(st.integers(0, min(min(shape).bit_length() - 1, 4)))
    padding = draw(st.sampled_from(["reflect", "zero", "periodic"]))
    if padding == "periodic":
        shape = tuple(max(n >> J, 1) << J for n in shape)
    L = draw(st.sampled_from([4, 8, 12] if kind == "separable" else [2, 3, 5, 8]))
    return kind, shape, J, {"L": L, "padding": padding}


@needs_kernel
@settings(max_examples=60, deadline=None, derandomize=True)
@given(drawn=settings_of_a_transform(), seed=st.integers(0, 99))
def test_native_means_equal_those_of_the_definition(drawn, seed):
    kind, shape, J, variant = drawn
    x = np.random.default_rng(seed).standard_normal((2, *shape)).astype(np.float32)
    expected = means_of_maps(kind, x, J, **variant)
    scale = np.abs(expected).max() + np.abs(x).mean() / x[0].size
    for instructions in _native.instruction_sets():
        S = native_means(kind, x, J, **variant, instructions=instructions)
        assert np.abs(S - expected).max() <= 1e-6 * scale


@needs_kernel
@pytest.mark.parametrize("shape", [(2, 20_000), (20_000, 2)])
def test_means_of_long_sides_keep_their_digits(shape):
    """Summed one after another, float32 would lose two."""
    x = 1 + np.random.default_rng(0).random((1, *shape), dtype=np.float32)

    S = native_means("plain", x, 1, L=2)

    expected = means_of_maps("plain", x, 1, L=2)
    np.testing.assert_allclose(S, expected, rtol=0, atol=3e-7 * expected.max())


@needs_kernel
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("shape", "J"), [((28, 28), 2), ((67, 43), 3)])
def test_bits_of_means_do_not_depend_on_batch_or_threads(rng, kind, shape, J):
    x = rng.random((5, *shape), dtype=np.float32)
    alone = np.concatenate([native_means(kind, image[None], J) for image in x])
    for n_threads in (1, 2, 5):
        together = native_means(kind, x, J, n_threads=n_threads)
        assert together.tobytes() == alone.tobytes()


@needs_kernel
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
@pytest.mark.parametrize("instructions", _native.instruction_sets())
def test_what_overflows_stays_in_its_image(rng, kind, value, instructions):
    """Vectors have lanes beyond the last row, which hold what an image before left."""
    x = rng.random((3, 29, 21), dtype=np.float32)
    clean = native_means(kind, x, 2, instructions=instructions)
    x[1, 5, 5] = value

    S = native_means(kind, x, 2, instructions=instructions)

    assert not np.isfinite(S[1]).all()
    np.testing.assert_array_equal(S[[0, 2]], clean[[0, 2]])


@needs_kernel
def test_plans_of_means_refuse_maps_and_gradients(rng):
    grid, bank, _, paths = built("plain", (8, 8), 1)
    plan = _native.plan(bank, grid, max_order=2, mean=True)
    x, maps = rng.random((1, 8, 8), np.float32), np.empty((1, paths, 4, 4), np.float32)
    with pytest.raises(ValueError, match=r"the plan has maps \(n, 5, 1, 1\); out is"):
        plan.apply(x, maps, n_threads=1)
    means = np.empty((1, paths, 1, 1), np.float32)
    with pytest.raises(ValueError, match="a plan of means has no gradient"):
        plan.apply_backward(x, means, np.empty_like(x), n_threads=1)
    fitting = _native.plan_arguments(
        bank,
        grid,
        max_order=2,
        rotation=None,
        mean=True,
        instructions=_native.instruction_sets()[0],
    )
    with pytest.raises(ValueError, match="4 outputs of rows do not fit: a map has one"):
        _native.build(**fitting | {"outputs": (4, 1)})


@needs_kernel
@pytest.mark.parametrize(
    "Scattering", [ScatteringTransformer, RotoTranslationScattering]
)
def test_pooled_transformers_agree_in_all_engines(rng, Scattering):
    x = rng.random((3, 2, 24, 20), dtype=np.float32)
    maps = Scattering(J=2, L=4, engine="torch", output="maps").fit_transform(x)
    expected = maps.mean((2, 3), dtype=float)
    for engine in ("native", "torch"):
        S = Scattering(J=2, L=4, engine=engine, pooling="mean").fit_transform(x)
        np.testing.assert_allclose(S, expected, rtol=0, atol=5e-7 * expected.max())
