import pytest
import torch

from sklearn_scat.nn import LocalContrastNormalization


def images(*shape):
    generator = torch.Generator().manual_seed(0)
    return torch.rand(*shape, generator=generator, dtype=torch.float64)


@pytest.fixture
def lcn():
    return LocalContrastNormalization().double()


def test_local_contrast_does_not_see_brightness_and_contrast(lcn):
    x = images(2, 3, 12, 15)

    torch.testing.assert_close(lcn(0.3 * x + 0.5), lcn(x))


def test_local_contrast_of_a_constant_image_is_zero(lcn):
    assert lcn(torch.full((1, 3, 9, 9), 0.7).double()).abs().max() < 1e-9


def test_local_mean_is_the_mean_of_the_window_at_the_borders_too(lcn):
    x = images(1, 2, 10, 11)
    bump = torch.exp(-0.5 * (torch.arange(-3, 4) / 1.75) ** 2).double()
    window = bump[:, None] * bump

    for i, j in [(0, 0), (5, 5), (9, 3)]:
        rows = slice(max(i - 3, 0), i + 4)
        columns = slice(max(j - 3, 0), j + 4)
        inside = window[3 - min(i, 3) :, 3 - min(j, 3) :][: 10 - max(i - 3, 0)]
        patch = x[0, :, rows, columns].mean(0)
        inside = inside[: patch.shape[0], : patch.shape[1]]
        expected = (inside * patch).sum() / inside.sum()
        torch.testing.assert_close(
            lcn.local_mean(x)[0, 0, i, j], expected, rtol=1e-6, atol=1e-7
        )


def test_local_contrast_brings_deviations_to_one(lcn):
    x = images(1, 3, 40, 40) * torch.linspace(0.1, 1, 40)

    y = lcn(x)

    left, right = y[..., 4:14].std(), y[..., 26:36].std()
    assert 0.8 < left < 1.25
    assert 0.8 < right < 1.25


def test_local_contrast_gradient(lcn):
    x = images(1, 2, 5, 5).requires_grad_()

    assert torch.autograd.gradcheck(lcn, x)


@pytest.mark.parametrize("size", [0, 4, -1])
def test_local_contrast_of_an_even_window_is_an_error(size):
    with pytest.raises(ValueError, match=f"odd number of pixels; got {size}"):
        LocalContrastNormalization(size)
