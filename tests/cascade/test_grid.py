import numpy as np
import pytest

from sklearn_scat.cascade import Grid
from sklearn_scat.filters import FRAMES, morlet_bank

SHAPES = [(28, 28), (32, 32), (33, 40), (20, 48), (31, 31), (30, 17), (64, 64)]


@pytest.mark.parametrize(
    ("shape", "J", "padded", "output"),
    [
        ((28, 28), 2, (36, 36), (7, 7)),
        ((32, 32), 1, (36, 36), (16, 16)),
        ((32, 32), 5, (96, 96), (1, 1)),
        ((33, 40), 3, (48, 56), (4, 5)),
        ((20, 48), 2, (28, 56), (5, 12)),
        ((31, 31), 3, (40, 40), (3, 3)),
        ((30, 30), 2, (36, 36), (7, 7)),
        ((5, 7), 0, (7, 9), (5, 7)),
        ((1, 9), 0, (3, 11), (1, 9)),
    ],
)
def test_grid_sizes(shape, J, padded, output):
    grid = Grid(shape, J=J)

    assert grid.padded == padded
    assert grid.output == output


@pytest.mark.parametrize("J", range(6))
@pytest.mark.parametrize("n", [32, 33, 47, 63, 64])
def test_grid_output_side_is_the_number_of_whole_windows(n, J):
    assert Grid((n, n), J=J).output == (n // 2**J, n // 2**J)
    assert Grid((n, n), J=J, padding="zero").output == (n // 2**J, n // 2**J)
    for oversampling in range(J + 2):
        side = n // 2**J * 2 ** min(oversampling, J)
        assert Grid((n, n), J=J, oversampling=oversampling).output == (side, side)


def test_grid_periodic_pads_nothing():
    grid = Grid((24, 40), J=3, padding="periodic")

    assert grid.padded == (24, 40)
    assert grid.output == (3, 5)


@pytest.mark.parametrize("J", [2, 3])
@pytest.mark.parametrize("shape", SHAPES)
def test_grid_reflects_like_numpy(rng, shape, J):
    grid = Grid(shape, J=J)
    x = rng.standard_normal(shape)
    before = [(p - n) // 2 for n, p in zip(shape, grid.padded, strict=True)]
    after = [-(-(p - n) // 2) for n, p in zip(shape, grid.padded, strict=True)]

    rows, columns = grid.gathers()

    expected = np.pad(x, list(zip(before, after, strict=True)), mode="reflect")
    np.testing.assert_array_equal(x[rows][:, columns], expected)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 8, 13])
def test_grid_reflection_longer_than_the_image_goes_on(oracle, n):
    grid = Grid((n, n), J=n.bit_length() - 1)

    rows, _ = grid.gathers()

    top = (grid.padded[0] - n) // 2
    expected = [oracle.bounce(u - top, n) for u in range(grid.padded[0])]
    np.testing.assert_array_equal(rows, expected)


def test_grid_zero_padding_marks_the_outside():
    rows, columns = Grid((5, 6), J=1, padding="zero").gathers()

    assert rows.tolist() == [-1, 0, 1, 2, 3, 4, -1, -1]
    assert columns.tolist() == [-1, -1, 0, 1, 2, 3, 4, 5, -1, -1]


@pytest.mark.parametrize("J", [1, 2, 3])
@pytest.mark.parametrize("n", [30, 31, 32, 33, 37])
def test_grid_output_samples_lie_on_their_pixels(transform, n, J):
    """The first lies at row ⌈(n mod 2^J) / 2⌉, the next 2^J further."""
    q = 2**J
    first = -(-(n % q) // 2)
    for i in (0, 1, n // q - 1):
        x = np.zeros((n, n))
        x[first + i * q, n // 2] = 1

        S0 = transform(x, J, max_order=0, padding="zero")[0, 0]

        assert S0.sum(1).argmax() == i
        column = S0.sum(1) / S0.sum(1).max()
        if 0 < i < n // q - 1:  # symmetric about the pixel
            assert column[i - 1] == pytest.approx(column[i + 1], rel=1e-9)


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("J", [0, 1, 3])
@pytest.mark.parametrize("oversampling", [0, 1, 4])
def test_grid_averages_keep_the_mean(frame, J, oversampling):
    grid = Grid((33, 40), J=J, oversampling=oversampling)
    bank = morlet_bank(J, grid.padded, L=3, frame=frame)

    averages = grid.averages(bank)

    assert len(averages) == max(J - 1 - oversampling, 0) + 1
    mean_rows, mean_columns = bank.phi_hat_rows[0], bank.phi_hat_columns[0]
    for r, (A, B) in enumerate(averages):
        assert A.shape == (grid.output[0], grid.padded[0] >> r)
        assert B.shape == (grid.output[1], grid.padded[1] >> r)
        np.testing.assert_allclose(A.sum(1), mean_rows, rtol=1e-12)
        np.testing.assert_allclose(B.sum(1), mean_columns, rtol=1e-12)


@pytest.mark.parametrize(
    ("shape", "largest"), [((8, 8), 3), ((7, 30), 2), ((1, 9), 0), ((31, 64), 4)]
)
@pytest.mark.parametrize("padding", ["reflect", "zero", "periodic"])
def test_grid_window_larger_than_the_image_is_an_error(shape, largest, padding):
    with pytest.raises(ValueError, match=rf"largest J for this size is {largest}\b"):
        Grid(shape, J=largest + 1, padding=padding)


def test_grid_error_names_window_and_size():
    with pytest.raises(ValueError, match=r"J=6 .* 2\^J pixels.* 32x48 images.* is 5"):
        Grid((32, 48), J=6)


@pytest.mark.parametrize("shape", [(28, 32), (32, 28), (33, 33)])
def test_grid_periodic_sides_that_do_not_divide_are_an_error(shape):
    with pytest.raises(ValueError, match=rf"2\^J = 8; got {shape[0]}x{shape[1]}"):
        Grid(shape, J=3, padding="periodic")


@pytest.mark.parametrize("shape", SHAPES)
def test_grid_largest_window_is_legal(shape):
    J = min(shape).bit_length() - 1

    assert min(Grid(shape, J=J).output) == min(shape) // 2**J >= 1
