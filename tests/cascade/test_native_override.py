"""SKLEARN_SCAT_NATIVE switches the native kernel off, or chooses its instructions."""

import os
import subprocess
import sys

import pytest

from sklearn_scat.cascade import _native


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
        "from sklearn_scat.cascade import _native\n"
        "assert not _native.available() and not _native.instruction_sets()\n"
        "try:\n    _native.plan(None, [], [], max_order=0)\n"
        "except RuntimeError as error:\n    print(error)\n"
        "print(_native.describe())",
        override,
    )
    first, second = said.splitlines()
    assert first == second
    assert override in first or "could not be imported" in first


@pytest.mark.skipif(
    not _native.available(), reason=f"no kernel to test: {_native.describe()}"
)
def test_override_chooses_instructions():
    slowest = _native.instruction_sets()[-1]
    code = "from sklearn_scat.cascade import _native; print(_native.describe())"
    assert _run(code, slowest) == f"native ({slowest})\n"
