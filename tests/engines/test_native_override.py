"""SKLEARN_SCAT_NATIVE switches the native kernel off, or chooses its instructions."""

import sys

import numpy as np
import pytest

from sklearn_scat import RotoTranslationScattering, ScatteringTransformer, engines
from sklearn_scat.engines import _native


@pytest.fixture
def process(monkeypatch):
    """What a process starts with; it is asked once, and here anew on both sides."""
    _native._load.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    _native._load.cache_clear()


@pytest.mark.parametrize("override", ["off", "sse9"])
def test_override_falls_back(process, override):
    process.setenv("SKLEARN_SCAT_NATIVE", override)
    assert not _native.available()
    assert not _native.instruction_sets()
    with pytest.raises(RuntimeError) as error:
        _native.plan(None, None, max_order=0)
    assert str(error.value) == _native.describe()
    assert override in _native.describe() or "imported" in _native.describe()


class Broken:
    """Finds the kernel, which cannot be imported."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "sklearn_scat.engines._kernel":
            raise ImportError("the kernel is of another machine")


def falls_back(Scattering, shape):
    """Check that the definition computes; return why the kernel does not."""
    X = np.random.default_rng(0).random((3, *shape), np.float32)
    maps = [Scattering(engine=e).fit_transform(X) for e in ("auto", "definition")]
    np.testing.assert_array_equal(*maps)
    with pytest.raises(ValueError, match="does not apply") as error:
        Scattering(engine="native").fit_transform(X)
    return str(error.value)


def test_kernel_that_cannot_be_imported_leaves_the_definition(process):
    process.delenv("SKLEARN_SCAT_NATIVE", raising=False)
    process.delitem(sys.modules, "sklearn_scat.engines._kernel", raising=False)
    process.delattr(engines, "_kernel", raising=False)
    process.setattr(sys, "meta_path", [Broken, *sys.meta_path])
    reason = "the kernel is of another machine"
    assert reason in _native.describe()
    # sizes of which no other test leaves an engine behind
    assert reason in falls_back(ScatteringTransformer, (12, 11))


@pytest.mark.parametrize(
    "Scattering", [ScatteringTransformer, RotoTranslationScattering]
)
def test_transformer_falls_back_where_the_kernel_is_off(process, Scattering):
    process.setenv("SKLEARN_SCAT_NATIVE", "off")
    assert "SKLEARN_SCAT_NATIVE=off" in falls_back(Scattering, (11, 13))


@pytest.mark.skipif(
    not _native.available(), reason=f"no kernel to test: {_native.describe()}"
)
def test_override_chooses_instructions(process):
    for instructions in _native.instruction_sets():
        process.setenv("SKLEARN_SCAT_NATIVE", instructions)
        _native._load.cache_clear()
        assert _native.describe() == f"native ({instructions})"
