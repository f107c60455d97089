"""What the transform does to shifts, turns, mirrors, scalings and deformations."""

import numpy as np
import pytest
import torch

from sklearn_scat.cascade import path_table

PADDINGS = ["reflect", "zero", "periodic"]


def relative(a, b):
    return float(np.linalg.norm(a - b) / np.linalg.norm(b))


def turned(J, L, change):
    """The permutation that takes each path to that of the changed orientations."""
    table = path_table(J, L)
    where = {tuple(row): i for i, row in enumerate(table.tolist())}

    def image(row):
        order, j1, t1, j2, t2 = row
        t1, t2 = (change(t) % L if t >= 0 else t for t in (t1, t2))
        return where[order, j1, t1, j2, t2]

    return [image(row) for row in table.tolist()]


@pytest.mark.parametrize("J", [1, 2, 3])
@pytest.mark.parametrize("windows", [(1, 0), (0, -2), (3, 1)])
def test_circular_shift_by_windows_shifts_the_maps(transform, rng, J, windows):
    x = rng.standard_normal((32, 48))
    shift = [2**J * k for k in windows]

    S = transform(x, J, L=6, padding="periodic")
    moved = transform(np.roll(x, shift, (0, 1)), J, L=6, padding="periodic")

    np.testing.assert_allclose(moved, np.roll(S, windows, (2, 3)), atol=1e-14)
    np.testing.assert_allclose(moved.mean((2, 3)), S.mean((2, 3)), atol=1e-15)


def test_circular_shift_by_less_than_a_window_moves_the_means_little(transform, rng):
    x = rng.standard_normal((32, 32))

    means = transform(x, 3, padding="periodic").mean((2, 3))
    moved = transform(np.roll(x, 3, 0), 3, padding="periodic").mean((2, 3))

    assert 0 < relative(moved, means) < 0.05


def test_shift_by_one_pixel_changes_half_as_much_at_twice_the_scale(
    transform, natural_crops
):
    changes = []
    for J in (1, 2, 3, 4):
        S = transform(natural_crops, J, padding="periodic")
        moved = transform(np.roll(natural_crops, 1, 2), J, padding="periodic")
        changes.append(relative(moved, S))

    assert relative(np.roll(natural_crops, 1, 2), natural_crops) > changes[0]
    ratios = np.array(changes[1:]) / changes[:-1]
    assert np.all(ratios < 0.75)
    assert np.all(np.array(changes) < 0.7 / 2.0 ** np.arange(1, 5) + 0.05)


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("L", [2, 6, 8])
def test_quarter_turn_turns_maps_and_orientations(transform, natural_crops, padding, L):
    J, x = 2, natural_crops[0, :32, :32]
    variant = {"L": L, "padding": padding, "oversampling": J}

    S = transform(x, J, **variant)[0]
    of_turned = transform(np.rot90(x), J, **variant)[0]

    expected = np.rot90(S, axes=(1, 2))[turned(J, L, lambda t: t + L // 2)]
    assert relative(of_turned, expected) < 1e-12
    assert relative(of_turned, np.rot90(S, axes=(1, 2))) > 0.1


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("L", [1, 3, 5, 8])
def test_mirror_mirrors_maps_and_orientations(transform, natural_crops, padding, L):
    """u1 → −u1 takes θ to −θ mod π, which the L angles hold as well."""
    J, x = 2, natural_crops[0, :32, :40]
    variant = {"L": L, "padding": padding, "oversampling": J}

    S = transform(x, J, **variant)[0]
    of_mirrored = transform(x[::-1], J, **variant)[0]

    zero_angle = int(L - L / 2 - 1)  # the index of θ = 0
    expected = S[turned(J, L, lambda t: 2 * zero_angle - t)][:, ::-1]
    assert relative(of_mirrored, expected) < 1e-12


@pytest.mark.parametrize("padding", PADDINGS)
def test_transposition_of_non_square_images(transform, natural_crops, padding):
    """Rows for columns takes θ to π/2 − θ."""
    J, L, x = 2, 8, natural_crops[0, :32, :40]
    variant = {"L": L, "padding": padding}

    S = transform(x, J, **variant)[0]
    of_transposed = transform(x.T, J, **variant)[0]

    expected = np.swapaxes(S[turned(J, L, lambda t: 2 * 3 - 4 - t)], 1, 2)
    assert relative(of_transposed, expected) < 1e-12


@pytest.mark.parametrize("scale", [255.0, -1.0, 1e-3, 0.0])
@pytest.mark.parametrize("padding", PADDINGS)
def test_scattering_is_homogeneous(transform, rng, scale, padding):
    x = rng.standard_normal((24, 32))

    S = transform(x, 2, padding=padding)
    scaled = transform(scale * x, 2, padding=padding)

    bound = 1e-13 * max(abs(scale), 1e-3)
    np.testing.assert_allclose(scaled[:, 0], scale * S[:, 0], atol=bound)
    np.testing.assert_allclose(scaled[:, 1:], abs(scale) * S[:, 1:], atol=bound)


@pytest.mark.parametrize("J", [0, 1, 2, 3])
@pytest.mark.parametrize("value", [1.0, -3.0, 255.0])
@pytest.mark.parametrize("padding", ["reflect", "periodic"])
@pytest.mark.parametrize(
    ("dtype", "rounding"), [(torch.float32, 1e-6), (torch.float64, 1e-13)]
)
def test_constant_image_gives_order_zero_alone(
    transform, J, value, padding, dtype, rounding
):
    S = transform(np.full((24, 32), value), J, padding=padding, dtype=dtype)[0]

    mean_of_phi = 1 + 1.3e-5 * (J == 1)  # aliasing, where the frame is "none"
    np.testing.assert_allclose(
        S[0], value * mean_of_phi, rtol=rounding + 1e-6 * (J == 1)
    )
    assert np.abs(S[1:]).max(initial=0) <= rounding * abs(value)


@pytest.mark.parametrize("padding", PADDINGS)
def test_adding_a_constant_changes_order_zero_alone(transform, rng, padding):
    x = rng.standard_normal((16, 16))

    S = transform(x, 2, padding=padding, frame="contractive")
    lifted = transform(x + 5, 2, padding=padding, frame="contractive")

    if padding == "zero":  # the constant ends at the sides of the image
        assert relative(lifted[:, 1:], S[:, 1:]) > 0.1
    else:
        np.testing.assert_allclose(lifted[:, 0], S[:, 0] + 5, atol=1e-13)
        np.testing.assert_allclose(lifted[:, 1:], S[:, 1:], atol=1e-13)


@pytest.mark.parametrize("padding", PADDINGS)
def test_zero_image_gives_zero(transform, padding):
    S = transform(np.zeros((2, 16, 24)), 2, padding=padding)

    assert np.all(S == 0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_coefficients_are_finite_and_nearly_positive(transform, natural_crops, dtype):
    """Averages of moduli by a positive filter, but for its decimation."""
    for J in (1, 2, 3, 4):
        S = transform(natural_crops, J, dtype=dtype)
        assert np.isfinite(S).all()
        assert S[:, 1:].min() > -1e-4 * S.max()


@pytest.mark.parametrize("padding", ["reflect", "periodic"])
@pytest.mark.parametrize("J", [2, 3])
def test_decimation_errors_are_bounded(transform, natural_crops, padding, J):
    """Relative L2 distance to all maps at every pixel, sampled at the end."""
    order = path_table(J, 8)["order"]
    crops = natural_crops[::3]  # one of each photograph
    dense = transform(crops, J, padding=padding, oversampling=J)
    bounds = {0: (1.6e-2, 2.2e-2), 1: (2e-3, 2e-3), J + 1: (1e-15, 1e-15)}

    for oversampling, bound in bounds.items():
        step = 2 ** (J - min(oversampling, J))
        S = transform(crops, J, padding=padding, oversampling=oversampling)
        expected = dense[..., ::step, ::step]
        for m in (1, 2):
            maps = order == m
            assert relative(S[:, maps], expected[:, maps]) <= bound[m - 1]
        if oversampling == 0:
            assert relative(S[:, order > 0], expected[:, order > 0]) > 1e-3


def packet(n, dilation):
    """A cosine along the rows under a Gaussian window, dilated about its middle."""
    u = (np.arange(n) - n // 2) * (1 - dilation)
    window = np.exp(-(u**2) / (2 * 10**2))
    return np.outer(window * np.cos(0.75 * np.pi * u), window)


def test_dilation_moves_coefficients_in_proportion(transform):
    """Lipschitz in the deformation, where the Fourier modulus is not."""
    n, J = 128, 4
    x = packet(n, 0)
    S, spectrum = transform(x, J), np.abs(np.fft.fft2(x))

    for dilation in (0.01, 0.02, 0.04):
        y = packet(n, dilation)
        # in the norm of maps sampled every 2^J pixels, relative to the image
        moved = 2**J * np.linalg.norm(transform(y, J) - S) / np.linalg.norm(x)
        of_spectrum = relative(np.abs(np.fft.fft2(y)), spectrum)
        assert moved <= 3 * dilation
        assert of_spectrum >= 5 * moved
