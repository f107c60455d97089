"""The native roto-translation layer computes what the torch operators define."""

import os
import signal
import threading

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_scat import RotoTranslationScattering
from sklearn_scat.cascade import (
    Grid,
    Wavelet2d,
    rigid_operators,
    rigid_path_table,
    scattering,
    separable_operators,
    separable_path_table,
)
from sklearn_scat.engines import (
    _native,
    native_engine,
    rigid_weights,
    separable_weights,
)
from sklearn_scat.filters import circle_bank, morlet_bank

DOUBLE = torch.empty(0, dtype=torch.float64)

needs_kernel = pytest.mark.skipif(
    not _native.available(), reason=f"no kernel to test: {_native.describe()}"
)
FORMS = {
    "rigid": (rigid_operators, rigid_weights, rigid_path_table),
    "separable": (separable_operators, separable_weights, separable_path_table),
}


def circle_of(form, L, K, frame="none"):
    if form == "rigid":
        return circle_bank(K, 2 * L, frame=frame)
    return circle_bank(K, L, frame=frame, conjugate=True)


def built(form, shape, J, *, L=8, K=2, max_order=2, frame="none", padding="reflect"):
    """Return the grid, the bank and the circle, and the plan's other arguments."""
    grid = Grid(shape, J, padding=padding)
    bank = morlet_bank(J, grid.padded, L=L, frame=frame)
    circle = circle_of(form, L, K, frame)
    weights = FORMS[form][1](circle)
    maps = (len(FORMS[form][2](J, L, K, max_order=max_order)), *grid.output)
    return grid, bank, circle, {"max_order": max_order, "rotation": weights}, maps


def native_plan(form, shape, J, *, instructions=None, **variant):
    grid, bank, _, options, maps = built(form, shape, J, **variant)
    return _native.plan(bank, grid, **options, instructions=instructions), maps


def apply(plan, maps, x, *, n_threads=1):
    out = np.full((len(x), *maps), np.nan, np.float32)
    plan.apply(x, out, n_threads=n_threads)
    return out


def in_torch(form, x, J, *, max_order=2, **variant):
    grid, bank, circle, _, _ = built(
        form, x.shape[1:], J, max_order=max_order, **variant
    )
    W = Wavelet2d.from_bank(grid, bank, like=DOUBLE)
    operators = FORMS[form][0](W, circle, max_order=max_order)
    return scattering(torch.from_numpy(x.astype(float)), operators).numpy()


@st.composite
def settings_of_a_transform(draw):
    form = draw(st.sampled_from(sorted(FORMS)))
    shape = draw(st.tuples(*[st.integers(1, 96)] * 2))
    J = draw(st.integers(0, min(min(shape).bit_length() - 1, 4)))
    if form == "rigid":
        L = draw(st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16]))
        K = draw(st.integers(0, (2 * L).bit_length() - 1))
    else:
        L = draw(st.sampled_from([4, 8, 12, 16]))
        K = draw(st.integers(0, (L & -L).bit_length() - 1))
    padding = draw(st.sampled_from(["reflect", "zero", "periodic"]))
    if padding == "periodic":
        shape = tuple(max(n >> J, 1) << J for n in shape)
    frame = draw(st.sampled_from(["none", "contractive"]))
    order = draw(st.sampled_from([0, 1, 2, 2, 2]))
    variant = {"L": L, "K": K, "padding": padding, "frame": frame, "max_order": order}
    return form, shape, J, variant


@needs_kernel
@settings(max_examples=100, deadline=None, derandomize=True)
@given(drawn=settings_of_a_transform(), n=st.integers(1, 3), seed=st.integers(0, 99))
def test_native_rotation_equals_torch(drawn, n, seed):
    form, shape, J, variant = drawn
    x = np.random.default_rng(seed).standard_normal((n, *shape)).astype(np.float32)
    expected = in_torch(form, x, J, **variant)
    for instructions in _native.instruction_sets():
        plan, maps = native_plan(form, shape, J, **variant, instructions=instructions)
        assert maps == expected.shape[1:]
        S = apply(plan, maps, x)
        assert np.abs(S - expected).max() <= 1e-6 * np.abs(expected).max()


@needs_kernel
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("shape", "J"), [((62, 58), 1), ((118, 26), 2), ((64, 128), 5)]
)
def test_native_rotation_takes_primes_and_deep_trees(rng, form, shape, J):
    x = rng.standard_normal((1, *shape)).astype(np.float32)
    plan, maps = native_plan(form, shape, J)
    expected = in_torch(form, x, J)
    S = apply(plan, maps, x)
    assert np.abs(S - expected).max() <= 1e-6 * np.abs(expected).max()


@needs_kernel
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("shape", "J"), [((28, 28), 2), ((67, 43), 3)])
def test_bits_do_not_depend_on_batch_or_threads(rng, form, shape, J):
    plan, maps = native_plan(form, shape, J)
    x = rng.random((7, *shape), dtype=np.float32)
    one_by_one = np.concatenate([apply(plan, maps, image[None]) for image in x])
    for n_threads in (1, 2, 5):
        together = apply(plan, maps, x, n_threads=n_threads)
        assert together.tobytes() == one_by_one.tobytes()


@needs_kernel
@pytest.mark.parametrize("form", FORMS)
def test_nan_stays_in_its_image(rng, form):
    plan, maps = native_plan(form, (32, 20), 2)
    x = rng.random((3, 32, 20), dtype=np.float32)
    clean = apply(plan, maps, x)
    x[1, 5, 5] = np.nan
    S = apply(plan, maps, x)
    assert np.isnan(S[1]).any()
    np.testing.assert_array_equal(S[[0, 2]], clean[[0, 2]])


@needs_kernel
@pytest.mark.parametrize("form", FORMS)
def test_constant_and_zero_images_have_order_zero_alone(form):
    plan, maps = native_plan(form, (16, 16), 2)
    x = np.stack([np.zeros((16, 16)), np.full((16, 16), 3)]).astype(np.float32)
    S = apply(plan, maps, x)
    np.testing.assert_allclose(S[1, 0], 3, rtol=1e-4)
    assert np.all(S[0] == 0)
    assert np.abs(S[1, 1:]).max() <= 1e-5


@needs_kernel
@pytest.mark.parametrize("form", FORMS)
def test_native_engine_writes_the_maps_of_channels(rng, form):
    grid, bank, _, options, maps = built(form, (24, 20), 2)
    x = rng.standard_normal((2, 3, 24, 20)).astype(np.float32)
    out = np.full((2, 3, *maps), np.nan, np.float32)
    native_engine(bank, grid, **options)(x, out)
    expected = in_torch(form, x.reshape(6, 24, 20), 2).reshape(out.shape)
    assert np.abs(out - expected).max() <= 1e-6 * np.abs(expected).max()


@needs_kernel
def test_plan_refuses_angular_filters_that_do_not_fit():
    grid, bank, _, options, _ = built("rigid", (8, 8), 1, L=4)
    relative, weights = options["rotation"]

    def build(rotation, max_order=2):
        return _native.plan(bank, grid, max_order=max_order, rotation=rotation)

    with pytest.raises(ValueError, match="1 to 32 angular filters; got 0"):
        build((relative, []))
    with pytest.raises(ValueError, match="angular filter 1 is 4 x 3 x 4"):
        build((relative, [weights[0], weights[1][:, 1:]]))
    with pytest.raises(ValueError, match="angular filter 0 is 0 x 4 x 4"):
        build((relative, [weights[0][:0]]))
    with pytest.raises(ValueError, match="angular filter 0 is 8 x 4 x 4"):
        build((relative, [np.tile(weights[0], (2, 1, 1))]))
    with pytest.raises(ValueError, match="with 3 axes"):
        build((relative, [weights[0][0]]))
    with pytest.raises(ValueError, match="angular filters hold NaN"):
        build((relative, [np.full_like(weights[0], np.nan)]))
    with pytest.raises(ValueError, match="max_order is 3"):
        build((relative, weights), max_order=3)


@needs_kernel
def test_plan_with_angular_filters_has_no_gradient(rng):
    plan, maps = native_plan("rigid", (8, 8), 1, L=4)
    x = rng.random((1, 8, 8), dtype=np.float32)
    with pytest.raises(ValueError, match="angular filters has no gradient"):
        plan.apply_backward(x, apply(plan, maps, x), np.empty_like(x), n_threads=1)


@needs_kernel
def test_plans_are_kept_apart_by_their_angular_filters():
    grid, bank, _, options, _ = built("rigid", (12, 8), 1)
    bank.psi_hat.flags.writeable = False
    relative, weights = options["rotation"]

    def build(rotation):
        return _native.plan(bank, grid, max_order=2, rotation=rotation)

    assert build((relative, weights)) is build((relative, weights))
    assert build((relative, weights)) is not build((False, weights))
    assert build((relative, weights)) is not build((relative, weights[:-1]))
    assert build((relative, weights)) is not build(None)


@needs_kernel
def test_interrupt_stops_the_work(rng):
    plan, maps = native_plan("rigid", (64, 64), 3)
    x = np.broadcast_to(rng.random((1, 64, 64), dtype=np.float32), (1000, 64, 64))
    x = x.copy()
    out = np.zeros((len(x), *maps), np.float32)
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        while True:
            plan.apply(x, out, n_threads=2)
    timer.join()
    np.testing.assert_array_equal(apply(plan, maps, x[:1]), apply(plan, maps, x[1:2]))


@pytest.mark.parametrize("form", FORMS)
def test_transformer_takes_the_engine_that_applies(form):
    X = np.random.default_rng(0).random((2, 24, 24), dtype=np.float32)
    options = {"form": form, "output": "maps"}
    in_torch = RotoTranslationScattering(engine="torch", **options).fit_transform(X)
    auto = RotoTranslationScattering(**options).fit(X)
    np.testing.assert_allclose(auto.transform(X), in_torch, atol=1e-6 * in_torch.max())
    native = RotoTranslationScattering(engine="native", **options).fit(X)
    with pytest.raises(ValueError, match=r"engine='native' does not apply.*float64"):
        native.transform(X.astype(np.float64))
    if _native.available():
        np.testing.assert_array_equal(native.transform(X), auto.transform(X))
    dense = RotoTranslationScattering(engine="native", oversampling=1, **options)
    with pytest.raises(ValueError, match="samples critically"):
        dense.fit(X).transform(X)


@needs_kernel
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"L": 5, "K": 2, "padding": "zero", "output": "maps"},
        {"pooling": "mean"},
        {"pooling": "moments", "J": 1},
        {"max_order": 1},
    ],
    ids=str,
)
def test_complete_form_is_native_too(rng, parameters):
    x = rng.random((4, 2, 20, 24)).astype(np.float32)
    model = RotoTranslationScattering(form="complete", **parameters).fit(x)
    assert model._engine(np.dtype(np.float32), "cpu") == "native"
    S = model.transform(x)
    for engine in ("definition", "torch"):
        exact = model.set_params(engine=engine).transform(x.astype(float))
        np.testing.assert_allclose(S, exact, atol=5e-7 * np.abs(exact).max())
    model.set_params(engine="auto", batch_size=3)
    assert np.array_equal(model.transform(x), S)


@pytest.mark.parametrize("pooling", [None, "mean", "moments"])
def test_complete_form_has_the_paths_of_the_rigid_one(rng, pooling):
    x = rng.random((3, 20, 24)).astype(np.float32)
    complete, rigid = (
        RotoTranslationScattering(J=2, K=2, form=form, pooling=pooling).fit(x)
        for form in ("complete", "rigid")
    )
    angular = (complete.paths_["order"] == 2) & (complete.paths_["j2"] < 0)
    assert angular.sum() == 2 * 2
    assert np.array_equal(complete.paths_[~angular], rigid.paths_)
    names = complete.get_feature_names_out()
    assert len(set(names)) == len(names) == complete.transform(x).shape[1]
    S = complete.transform(x).reshape(3, len(angular), -1)
    others = rigid.transform(x).reshape(3, len(rigid.paths_), -1)
    np.testing.assert_allclose(S[:, ~angular], others, rtol=1e-5)
    assert np.all(S[:, angular].max(axis=(0, 2)) > 0)


def test_angular_paths_see_one_orientation_and_not_all_alike():
    """A grating has energy along angles; a spike has nearly none."""
    grating = np.broadcast_to(np.cos(np.arange(32) * np.pi / 2), (32, 32))
    spike = np.zeros((32, 32))
    spike[16, 16] = 1
    model = RotoTranslationScattering(
        J=2, form="complete", pooling="mean", padding="periodic"
    ).fit(grating[None])
    paths = model.paths_
    S = model.transform(np.stack([grating, spike]))
    first = (paths["order"] == 1) & (paths["j1"] == 0)
    angular = (paths["order"] == 2) & (paths["j2"] < 0) & (paths["j1"] == 0)
    ratios = S[:, angular].sum(axis=1) / S[:, first][:, 0]
    assert ratios[0] > 5 * ratios[1]
