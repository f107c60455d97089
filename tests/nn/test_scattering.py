import copy
import io
import pickle

import numpy as np
import pytest
import torch

from sklearn_scat import ScatteringTransformer
from sklearn_scat.cascade import Grid, path_table, scattering, wavelet_operators
from sklearn_scat.filters import cached_morlet_bank
from sklearn_scat.nn import Scattering2d

VARIANTS = [
    {},
    {"L": 5, "max_order": 3},
    {"padding": "zero", "frame": "contractive"},
    {"padding": "periodic", "frame": "tight", "oversampling": 1},
]


def images(*shape, dtype=torch.float32):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0), dtype=dtype)


@pytest.fixture
def small():
    return Scattering2d(2, (8, 12), L=2)


@pytest.mark.parametrize("variant", VARIANTS)
def test_scattering2d_equals_the_function(variant):
    J, shape = 3, (32, 24)
    x = images(2, 3, *shape)
    grid_parameters = {
        k: v for k, v in variant.items() if k in ("padding", "oversampling")
    }
    grid = Grid(shape, J, **grid_parameters)
    bank = cached_morlet_bank(
        J, grid.padded, L=variant.get("L", 8), frame=variant.get("frame", "none")
    )
    max_order = variant.get("max_order", 2)

    S = Scattering2d(J, shape, **variant)(x)

    operators = wavelet_operators(bank, grid, max_order=max_order, like=x)
    expected = scattering(x.flatten(0, 1), operators).reshape(2, -1, *grid.output)
    torch.testing.assert_close(S, expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("variant", VARIANTS)
def test_scattering2d_equals_the_estimator(variant):
    J, shape = 2, (16, 24)
    x = images(3, 2, *shape)
    estimator = ScatteringTransformer(
        J=J, image_shape=(2, *shape), output="maps", engine="torch", **variant
    )

    maps = estimator.fit_transform(x.numpy())

    S = Scattering2d(J, shape, **variant)(x)
    np.testing.assert_allclose(S, maps, rtol=1e-6, atol=1e-7)
    assert np.array_equal(estimator.paths_, Scattering2d(J, shape, **variant).paths)


def test_scattering2d_output_is_channel_major():
    layer = Scattering2d(2, (16, 16))
    x = images(2, 3, 16, 16)

    S = layer(x)

    P = len(path_table(2, 8))
    assert S.shape == (2, 3 * P, 4, 4)
    for c in range(3):
        torch.testing.assert_close(S[:, c * P : (c + 1) * P], layer(x[:, [c]]))


def test_scattering2d_has_no_weights_and_no_state(small):
    assert list(small.parameters()) == []
    assert small.state_dict() == {}
    small.load_state_dict({})
    assert {name for name, _ in small.named_buffers()} >= {"psi_hat", "rows_0"}


def test_scattering2d_adds_nothing_to_a_network_state():
    net = torch.nn.Sequential(Scattering2d(1, (4, 4), L=2), torch.nn.Conv2d(3, 2, 1))

    assert set(net.state_dict()) == {"1.weight", "1.bias"}


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, copy.copy, lambda m: pickle.loads(pickle.dumps(m))]
)
def test_scattering2d_copies_compute_the_same(small, duplicate):
    x = images(2, 1, 8, 12)

    copied = duplicate(small)

    assert copied is not small
    assert torch.equal(copied(x), small(x))
    assert copied.grid == small.grid
    assert np.array_equal(copied.paths, small.paths)


def test_scattering2d_survives_torch_save(small):
    file = io.BytesIO()
    torch.save(small, file)
    file.seek(0)

    loaded = torch.load(file, weights_only=False)

    x = images(2, 1, 8, 12)
    assert torch.equal(loaded(x), small(x))


def test_scattering2d_changes_precision(transform):
    layer = Scattering2d(2, (16, 16))
    x = images(2, 1, 16, 16, dtype=torch.float64)

    double = layer.to(torch.float64)
    assert double is layer
    S = double(x)

    assert S.dtype == torch.float64
    # filters of a float32 layer hold 24 bits
    np.testing.assert_allclose(S, transform(x, 2), rtol=1e-5, atol=1e-6)
    assert layer.float()(x).dtype == torch.float32


def test_scattering2d_takes_the_default_dtype():
    assert Scattering2d(1, (4, 4)).psi_hat.dtype == torch.float32
    torch.set_default_dtype(torch.float64)
    try:
        layer = Scattering2d(2, (16, 16))
    finally:
        torch.set_default_dtype(torch.float32)
    assert layer.psi_hat.dtype == torch.float64


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.float64])
def test_scattering2d_converts_images_to_its_precision(small, dtype):
    x = (images(2, 1, 8, 12) * 255).to(dtype)

    S = small(x)

    assert S.dtype == torch.float32
    torch.testing.assert_close(S, small(x.float()))


def test_scattering2d_reads_any_memory_format(small):
    x = images(2, 3, 8, 12)

    S = small(x)

    torch.testing.assert_close(small(x.to(memory_format=torch.channels_last)), S)
    torch.testing.assert_close(small(x.mT.contiguous().mT), S)


def test_scattering2d_does_not_touch_the_cached_bank():
    bank = cached_morlet_bank(1, (8, 8), L=3)
    before = bank.psi_hat.copy()
    layer = Scattering2d(1, (4, 4), L=3)

    layer.double().psi_hat.zero_()

    assert np.array_equal(bank.psi_hat, before)


@pytest.mark.parametrize(
    "shape", [(2, 1, 8, 8), (2, 1, 12, 8), (2, 8, 12), (8, 12), (1, 2, 1, 8, 12)]
)
def test_scattering2d_of_wrong_shape_is_an_error(small, shape):
    message = rf"8x12 images.*\(B, C, 8, 12\); got \({shape[0]}, "

    with pytest.raises(ValueError, match=message):
        small(images(*shape))


def test_scattering2d_of_too_large_a_window_is_an_error():
    with pytest.raises(ValueError, match="largest J for this size is 3"):
        Scattering2d(4, (8, 12))


def test_scattering2d_gradient_in_the_images():
    layer = Scattering2d(1, (2, 4), L=2).double()
    x = images(1, 2, 2, 4, dtype=torch.float64).requires_grad_()

    assert torch.autograd.gradcheck(layer, x)


def test_scattering2d_gradient_at_the_zero_image(small):
    x = torch.zeros(1, 1, 8, 12, requires_grad=True)

    small(x)[:, 1:].sum().backward()

    assert torch.all(x.grad == 0)


def test_scattering2d_gradients_flow_through_a_network(small):
    head = torch.nn.Linear(9 * 2 * 3, 2)
    x = images(4, 1, 8, 12).requires_grad_()

    head(small(x).flatten(1)).square().sum().backward()

    for gradient in (x.grad, head.weight.grad):
        assert torch.isfinite(gradient).all()
        assert gradient.abs().sum() > 0


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_scattering2d_keeps_its_precision_under_autocast(small, dtype):
    x = images(2, 1, 8, 12)
    expected = small(x)

    with torch.autocast("cpu", dtype=dtype):
        S = small(x)
        of_half = small(x.to(dtype))
        head = torch.nn.functional.linear(S.flatten(1), torch.ones(3, 54))

    assert torch.equal(S, expected)
    assert of_half.dtype == torch.float32
    torch.testing.assert_close(of_half, expected, rtol=0, atol=0.02)
    assert head.dtype == dtype


def test_scattering2d_leaves_global_torch_state(small):
    def state():
        return (
            torch.get_num_threads(),
            torch.get_default_dtype(),
            torch.is_grad_enabled(),
            torch.is_autocast_enabled("cpu"),
            torch.get_rng_state().tolist(),
        )

    before = state()
    Scattering2d(2, (8, 12))
    small(images(1, 1, 8, 12))

    assert state() == before


def test_scattering2d_prints_its_parameters():
    assert repr(Scattering2d(2, (8, 12))) == (
        "Scattering2d(J=2, shape=(8, 12), max_order=2)"
    )
