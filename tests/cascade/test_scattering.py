import tracemalloc

import numpy as np
import pytest
import torch

from sklearn_scat.cascade import (
    Coefficients,
    Grid,
    modulus,
    path_table,
    scattering,
    scattering_tiles,
    wavelet_operators,
)
from sklearn_scat.filters import FRAMES, cached_morlet_bank

IMAGES = [
    # shape, J, L, max_order
    ((28, 28), 2, 8, 2),
    ((32, 32), 1, 8, 2),
    ((32, 32), 2, 8, 2),
    ((32, 32), 3, 8, 2),
    ((32, 32), 4, 3, 2),
    ((32, 32), 5, 2, 1),
    ((33, 40), 3, 3, 2),
    ((20, 48), 2, 6, 2),
    ((31, 31), 3, 6, 2),
    ((64, 64), 3, 3, 2),
    ((20, 48), 3, 16, 1),
    ((8, 8), 3, 16, 2),
    ((13, 9), 2, 16, 2),
    ((16, 16), 3, 3, 3),
    ((17, 24), 4, 2, 4),
    ((16, 16), 4, 3, 0),
    ((5, 7), 0, 8, 2),
    ((1, 9), 0, 3, 1),
    ((2, 3), 1, 5, 2),
    ((9, 30), 2, 1, 2),
]


def operators_of(shape, J, *, L=8, max_order=2, dtype=torch.float64, **variant):
    grid = Grid(shape, J, **variant)
    bank = cached_morlet_bank(J, grid.padded, L=L)
    return wavelet_operators(
        bank, grid, max_order=max_order, like=torch.empty(0, dtype=dtype)
    )


@pytest.mark.parametrize(("shape", "J", "L", "max_order"), IMAGES)
def test_scattering_equals_its_definition(
    oracle, transform, rng, shape, J, L, max_order
):
    x = rng.standard_normal(shape)

    S = transform(x, J, L=L, max_order=max_order)[0]

    expected = oracle.Oracle(shape, J, L, max_order)(x)
    np.testing.assert_allclose(S, expected, rtol=0, atol=1e-10 * abs(expected).max())


PADDINGS = ["reflect", "zero", "periodic"]
# of a frame, a padding and an oversampling every two together
VARIANTS = [
    (frame, PADDINGS[(i + k) % 3], oversampling)
    for i, frame in enumerate(FRAMES)
    for k, oversampling in enumerate([0, 1, 2, 4])
]


@pytest.mark.parametrize(("frame", "padding", "oversampling"), VARIANTS)
def test_scattering_variants_equal_their_definition(
    oracle, transform, rng, frame, padding, oversampling
):
    shape, J, L = (16, 24), 3, 3
    variant = {"padding": padding, "oversampling": oversampling}
    x = rng.standard_normal(shape)

    S = transform(x, J, L=L, frame=frame, **variant)[0]

    expected = oracle.Oracle(shape, J, L, 2, frame=frame, **variant)(x)
    np.testing.assert_allclose(S, expected, rtol=0, atol=1e-12 * abs(expected).max())


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("padding", ["reflect", "zero"])
def test_scattering_of_third_order_variants_equals_definition(
    oracle, transform, rng, frame, padding
):
    x = rng.standard_normal((11, 18))

    S = transform(x, 3, L=3, max_order=3, frame=frame, padding=padding, oversampling=1)

    expected = oracle.Oracle((11, 18), 3, 3, 3, padding, frame, 1)(x)
    np.testing.assert_allclose(S[0], expected, rtol=0, atol=1e-12 * abs(expected).max())


@pytest.mark.parametrize(("shape", "J"), [((28, 28), 2), ((33, 40), 3), ((32, 32), 5)])
def test_scattering_in_single_precision(transform, rng, shape, J):
    x = rng.random((3, *shape))

    single = transform(x, J, dtype=torch.float32)
    double = transform(x, J)

    assert single.dtype == np.float32
    np.testing.assert_allclose(single, double, rtol=1e-5, atol=1e-6 * double.max())


def test_scattering_of_one_image_equals_its_row_of_a_batch(transform, rng):
    x = rng.random((7, 28, 28))

    batch = transform(x, 2, dtype=torch.float32)

    for i in (0, 3, 6):
        alone = transform(x[i], 2, dtype=torch.float32)[0]
        np.testing.assert_allclose(alone, batch[i], rtol=1e-6, atol=1e-7)


def test_scattering_reads_any_strides_and_writes_none(rng):
    operators = operators_of((16, 24), 2, L=3)
    wide = torch.tensor(rng.random((3, 24, 32)))
    x = wide.mT[:, ::2, :]  # (3, 16, 24), strided and transposed
    before = wide.clone()

    S = scattering(x, operators)

    torch.testing.assert_close(S, scattering(x.contiguous(), operators))
    assert torch.equal(wide, before)


def test_scattering_tiles_keep_leading_axes(rng):
    operators = operators_of((16, 16), 2, L=3)
    x = torch.tensor(rng.random((2, 3, 4, 16, 16)))

    S = scattering_tiles(x, operators)

    assert S.shape == (2, 3, 4, len(path_table(2, 3)), 4, 4)
    expected = scattering(x.reshape(-1, 16, 16), operators)
    torch.testing.assert_close(S.flatten(0, 2), expected)


def test_scattering_tiles_of_many_images_equal_one_batch(rng):
    operators = operators_of((64, 64), 2)  # 5 images fill a tile at this size
    x = torch.tensor(rng.random((7, 64, 64)))

    tiles = scattering_tiles(x, operators)

    torch.testing.assert_close(tiles, scattering(x, operators))


def test_modulus_agrees_with_and_without_gradients(rng):
    parts = rng.standard_normal((2, 5, 6, 7)) * 10.0 ** rng.integers(-9, 9, (5, 6, 7))
    parts[:, 0] = 0
    values = torch.complex(*torch.tensor(parts))
    V = Coefficients(values, (1,), 2)

    tracked = modulus(V)
    with torch.no_grad():
        untracked = modulus(V)

    np.testing.assert_allclose(tracked.values, np.abs(values.numpy()), rtol=1e-15)
    torch.testing.assert_close(untracked.values, tracked.values, rtol=1e-15, atol=0)
    assert (untracked.scales, untracked.resolution) == ((1,), 2)
    assert torch.equal(values, torch.complex(*torch.tensor(parts)))


def test_scattering_agrees_with_and_without_gradients(rng):
    operators = operators_of((16, 24), 3, L=4)
    x = torch.tensor(rng.random((2, 16, 24)))

    with torch.no_grad():
        plain = scattering(x, operators)
    with torch.inference_mode():
        inference = scattering(x, operators)
    tracked = scattering(x.requires_grad_(), operators)

    assert tracked.requires_grad
    assert not plain.requires_grad
    torch.testing.assert_close(tracked.detach(), plain, rtol=1e-13, atol=1e-14)
    torch.testing.assert_close(inference.clone(), plain, rtol=1e-13, atol=1e-14)


def test_scattering_leaves_global_torch_state(rng):
    operators = operators_of((16, 16), 2, L=3, dtype=torch.float32)
    x = torch.rand(2, 16, 16)

    def state():
        return (
            torch.get_num_threads(),
            torch.get_num_interop_threads(),
            torch.get_default_dtype(),
            torch.is_grad_enabled(),
            torch.are_deterministic_algorithms_enabled(),
            torch.get_rng_state().tolist(),
        )

    before = state()
    scattering(x, operators)
    scattering_tiles(x, operators)

    assert state() == before


def test_scattering_of_wrong_precision_is_an_error(rng):
    operators = operators_of((16, 16), 2, L=3, dtype=torch.float32)

    with pytest.raises(ValueError, match=r"torch.float32.*torch.float64.*like=images"):
        scattering(torch.tensor(rng.random((1, 16, 16))), operators)
    with pytest.raises(ValueError, match=r"of torch in.*of numpy in"):
        scattering(rng.random((1, 16, 16)), operators)


def test_a_large_image_takes_less_than_64_megabytes_above_its_coefficients():
    grid = Grid((512, 512), J=5)
    operators = wavelet_operators(cached_morlet_bank(5, grid.padded), grid)
    x = np.zeros((1, 512, 512), np.float32)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        S = scattering(x, operators)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak - before - S.nbytes < 64e6
