import copy
import io
import pickle

import numpy as np
import pytest
import torch

from sklearn_scat import RotoTranslationScattering
from sklearn_scat.filters import cached_morlet_bank
from sklearn_scat.nn import RotoTranslationScattering2d

FORMS = ["rigid", "complete", "separable"]
VARIANTS = [
    {},
    {"form": "separable"},
    {"form": "complete", "L": 4},
    {"L": 5, "K": 2, "max_order": 1},
    {"L": 3, "padding": "zero", "frame": "contractive"},
    {"padding": "periodic", "frame": "tight", "oversampling": 1},
    {"form": "separable", "L": 12, "K": 1, "padding": "zero", "frame": "contractive"},
]


def images(*shape, dtype=torch.float32):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0), dtype=dtype)


@pytest.fixture(params=FORMS)
def small(request):
    return RotoTranslationScattering2d(2, (8, 12), L=4, form=request.param)


@pytest.mark.parametrize("variant", VARIANTS)
def test_layer_equals_the_estimator(variant):
    J, shape = 2, (16, 24)
    x = images(3, 2, *shape)
    estimator = RotoTranslationScattering(
        J=J, image_shape=(2, *shape), output="maps", engine="torch", **variant
    )

    maps = estimator.fit_transform(x.numpy())

    layer = RotoTranslationScattering2d(J, shape, **variant)
    np.testing.assert_allclose(layer(x), maps, rtol=1e-6, atol=1e-6 * maps.max())
    assert np.array_equal(estimator.paths_, layer.paths)
    assert estimator.K_ == layer.K


def test_output_is_channel_major(small):
    x = images(2, 3, 8, 12)

    S = small(x)

    P = len(small.paths)
    assert S.shape == (2, 3 * P, 2, 3)
    for c in range(3):
        torch.testing.assert_close(S[:, c * P : (c + 1) * P], small(x[:, [c]]))


def test_layer_has_no_weights_and_no_state(small):
    assert list(small.parameters()) == []
    assert small.state_dict() == {}
    small.load_state_dict({})
    names = {name for name, _ in small.named_buffers()}
    assert names >= {"psi_hat", "rows_0", "columns_0", "angular_0", "angular_1"}


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, copy.copy, lambda m: pickle.loads(pickle.dumps(m))]
)
def test_copies_compute_the_same(small, duplicate):
    x = images(2, 1, 8, 12)

    copied = duplicate(small)

    assert copied is not small
    assert torch.equal(copied(x), small(x))


def test_layer_survives_torch_save(small):
    file = io.BytesIO()
    torch.save(small, file)
    file.seek(0)

    loaded = torch.load(file, weights_only=False)

    x = images(2, 1, 8, 12)
    assert torch.equal(loaded(x), small(x))


@pytest.mark.filterwarnings("error")
def test_layer_changes_precision(small):
    x = images(2, 1, 8, 12, dtype=torch.float64)
    single = small(x)

    S = small.double()(x)

    assert S.dtype == torch.float64
    torch.testing.assert_close(S.float(), single, rtol=1e-5, atol=1e-6)
    assert small.float()(x).dtype == torch.float32
    with pytest.raises(TypeError, match=r"Call \.float\(\)"):
        small.half()(x)


def test_layer_does_not_touch_the_cached_bank():
    bank = cached_morlet_bank(1, (8, 8), L=4)
    before = bank.psi_hat.copy()

    RotoTranslationScattering2d(1, (4, 4), L=4).double().psi_hat.zero_()

    assert np.array_equal(bank.psi_hat, before)


@pytest.mark.parametrize(
    "shape", [(2, 1, 8, 8), (2, 1, 12, 8), (2, 8, 12), (1, 2, 1, 8, 12)]
)
def test_images_of_wrong_shape_are_an_error(small, shape):
    with pytest.raises(ValueError, match=r"8x12 images.*\(B, C, 8, 12\); got"):
        small(images(*shape))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"J": 4}, "largest J for this size is 3"),
        ({"form": "rotating"}, "form must be one of"),
        ({"max_order": 3}, "max_order must be 0, 1 or 2; got 3"),
        ({"form": "separable", "L": 6}, "L that divides by 4; got L=6"),
        ({"form": "separable", "L": 4, "K": 3}, "largest K for this L is 2"),
    ],
)
def test_wrong_parameters_are_an_error(parameters, message):
    with pytest.raises(ValueError, match=message):
        RotoTranslationScattering2d(**{"J": 1, "shape": (8, 12)} | parameters)


@pytest.mark.parametrize("form", FORMS)
def test_gradient_in_the_images(form):
    layer = RotoTranslationScattering2d(2, (4, 4), L=4, form=form).double()
    x = images(1, 2, 4, 4, dtype=torch.float64).requires_grad_()

    assert torch.autograd.gradcheck(lambda x: layer(x).square().mean((-2, -1)), x)


def test_gradient_at_the_zero_image(small):
    x = torch.zeros(1, 1, 8, 12, requires_grad=True)

    small(x)[:, 1:].sum().backward()

    assert torch.all(x.grad == 0)


def test_gradients_flow_through_a_network(small):
    head = torch.nn.Linear(len(small.paths) * 2 * 3, 2)
    x = images(4, 1, 8, 12).requires_grad_()

    head(small(x).flatten(1)).square().sum().backward()

    for gradient in (x.grad, head.weight.grad):
        assert torch.isfinite(gradient).all()
        assert gradient.abs().sum() > 0


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_layer_keeps_its_precision_under_autocast(small, dtype):
    x = images(2, 1, 8, 12)
    expected = small(x)

    with torch.autocast("cpu", dtype=dtype):
        S = small(x)

    assert torch.equal(S, expected)


def test_layer_prints_its_parameters():
    assert repr(RotoTranslationScattering2d(2, (8, 12))) == (
        "RotoTranslationScattering2d(J=2, shape=(8, 12), K=3, form='rigid', "
        "max_order=2)"
    )
