"""SKLEARN_SCAT_NATIVE switches the native kernel off, or chooses its instructions."""

import os
import subprocess
import sys

import pytest

from sklearn_scat.engines import _native


def _run(code, override):
    environment = {**os.environ, "SKLEARN_SCAT_NATIVE": override}
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.parametrize("override", ["off", "sse9"])
def test_override_falls_back(override):
    said = _run(
        "from sklearn_scat.engines import _native\n"
        "assert not _native.available() and not _native.instruction_sets()\n"
        "try:\n    _native.plan(None, None, max_order=0)\n"
        "except RuntimeError as error:\n    print(error)\n"
        "print(_native.describe())",
        override,
    )
    first, second = said.splitlines()
    assert first == second
    assert override in first or "could not be imported" in first


_BROKEN = """
import sys

class Broken:
    def find_spec(self, name, path=None, target=None):
        if name == "sklearn_scat.engines._kernel":
            raise ImportError("the kernel is of another machine")

sys.meta_path.insert(0, Broken())
"""


def test_kernel_that_cannot_be_imported_leaves_the_definition():
    said = _run(
        f"{_BROKEN}\n"
        "import numpy as np\n"
        "from sklearn_scat import ScatteringTransformer\n"
        "from sklearn_scat.engines import _native\n"
        "print(_native.describe())\n"
        "x = np.random.default_rng(0).random((3, 12, 12), np.float32)\n"
        "engines = ('auto', 'definition')\n"
        "maps = [ScatteringTransformer(engine=e).fit_transform(x) for e in engines]\n"
        "assert (maps[0] == maps[1]).all()\n"
        "try:\n    ScatteringTransformer(engine='native').fit_transform(x)\n"
        "except ValueError as error:\n    print(error)",
        "",
    )
    assert said.count("the kernel is of another machine") == 2


@pytest.mark.skipif(
    not _native.available(), reason=f"no kernel to test: {_native.describe()}"
)
def test_override_chooses_instructions():
    slowest = _native.instruction_sets()[-1]
    code = "from sklearn_scat.engines import _native; print(_native.describe())"
    assert _run(code, slowest) == f"native ({slowest})\n"
