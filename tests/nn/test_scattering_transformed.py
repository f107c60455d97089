"""The module under torch's own transformations: func, compile, export."""

import shutil

import pytest
import torch

from sklearn_scat.nn import Scattering2d

# What torch itself warns of while it compiles or differentiates forwards.
ignore_torch_jit = pytest.mark.filterwarnings(
    "ignore:.*torch.jit.*deprecated.*:DeprecationWarning"
)
ignore_grad_of_break = pytest.mark.filterwarnings(
    "ignore:The .grad attribute of a Tensor that is not a leaf:UserWarning"
)
ignore_complex_codegen = pytest.mark.filterwarnings(
    "ignore:Torchinductor does not support code generation for complex:UserWarning"
)


def images(*shape, dtype=torch.float32):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0), dtype=dtype)


@pytest.fixture
def small():
    return Scattering2d(2, (8, 12), L=2)


@pytest.mark.parametrize("axes", [{}, {"in_dims": 1, "out_dims": 1}])
def test_scattering2d_under_vmap(small, axes):
    x = images(3, 2, 2, 8, 12)

    S = torch.func.vmap(small, **axes)(x)

    if axes:
        expected = torch.stack([small(x[:, i]) for i in range(2)], 1)
    else:
        expected = torch.stack([small(one) for one in x])
    torch.testing.assert_close(S, expected)


def test_scattering2d_under_func_grad(small):
    x = images(3, 1, 8, 12)

    def energy(x):
        return small(x).square().sum()

    gradient = torch.func.grad(energy)(x)

    y = x.clone().requires_grad_()
    energy(y).backward()
    torch.testing.assert_close(gradient, y.grad)
    per_sample = torch.func.vmap(torch.func.grad(lambda x: energy(x[None])))(x)
    torch.testing.assert_close(per_sample, gradient)


@ignore_torch_jit
def test_scattering2d_jacobians_agree(small):
    small = small.double()
    x = images(1, 1, 8, 12, dtype=torch.float64)

    backward = torch.func.jacrev(small)(x)

    torch.testing.assert_close(torch.func.jacfwd(small)(x), backward)


def test_scattering2d_under_functional_call(small):
    x = images(2, 1, 8, 12)
    filters = dict(small.named_buffers())
    no_wavelets = filters | {"psi_hat": torch.zeros_like(small.psi_hat)}

    same = torch.func.functional_call(small, filters, (x,))
    averages = torch.func.functional_call(small, no_wavelets, (x,))

    assert torch.equal(same, small(x))
    torch.testing.assert_close(averages[:, 0], small(x)[:, 0])
    assert torch.all(averages[:, 1:] == 0)


@pytest.fixture
def fresh_dynamo():
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


@ignore_torch_jit
@ignore_grad_of_break
def test_scattering2d_traced_computes_the_same(small, fresh_dynamo):
    x = images(2, 1, 8, 12)
    y, z = (x.clone().requires_grad_() for _ in range(2))

    traced = torch.compile(small, backend="aot_eager")

    torch.testing.assert_close(traced(x), small(x))
    traced(y).square().sum().backward()
    small(z).square().sum().backward()
    torch.testing.assert_close(y.grad, z.grad)


@ignore_torch_jit
@ignore_complex_codegen
@pytest.mark.skipif(shutil.which("c++") is None, reason="inductor calls a compiler")
def test_scattering2d_compiled_computes_the_same(fresh_dynamo):
    layer = Scattering2d(1, (4, 4), L=1)
    x = images(2, 1, 4, 4)

    with torch.no_grad():
        S = torch.compile(layer)(x)

    torch.testing.assert_close(S, layer(x))


def test_scattering2d_exports(small):
    x = images(2, 1, 8, 12)

    program = torch.export.export(small, (x,))

    torch.testing.assert_close(program.module()(x), small(x))


@pytest.mark.parametrize("layout", [{}, {"separate_paths": True}])
def test_scattering2d_exports_for_any_number_of_images(layout):
    layer = Scattering2d(2, (4, 4), L=1, **layout)
    number = torch.export.Dim("number")

    program = torch.export.export(
        layer, (images(2, 1, 4, 4),), dynamic_shapes=({0: number},)
    )

    for n in (1, 3, 40):
        x = images(n, 1, 4, 4)
        torch.testing.assert_close(program.module()(x), layer(x))


@pytest.mark.filterwarnings("ignore:.*LeafSpec.*deprecated:FutureWarning")
def test_scattering2d_exports_to_onnx_with_the_filters_it_holds(tmp_path):
    small = Scattering2d(1, (4, 4), L=1)
    pytest.importorskip("onnxscript")
    onnxruntime = pytest.importorskip("onnxruntime")
    with torch.no_grad():
        small.psi_hat *= 2  # others than those of its parameters
    number = torch.export.Dim("number")

    program = torch.onnx.export(
        small.eval(),
        (images(2, 1, 4, 4),),
        dynamo=True,
        dynamic_shapes=({0: number},),
        verbose=False,
    )
    program.save(tmp_path / "scattering.onnx")

    session = onnxruntime.InferenceSession(tmp_path / "scattering.onnx")
    (name,) = (taken.name for taken in session.get_inputs())
    for n in (1, 3, 40):
        x = images(n, 1, 4, 4)
        (found,) = session.run(None, {name: x.numpy()})
        torch.testing.assert_close(
            torch.from_numpy(found), small(x), rtol=1e-4, atol=1e-5
        )
