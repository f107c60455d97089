"""The built documentation that these tests look at, where one was built."""

import os
from pathlib import Path

import pytest

VARIABLE = "SKLEARN_SCAT_BUILT_DOCS"


@pytest.fixture(scope="session")
def built():
    """The folder of the built pages."""
    if not (folder := os.environ.get(VARIABLE)):
        pytest.skip(f"no built documentation was given: {VARIABLE}=docs/_build/html")
    folder = Path(folder).resolve()
    assert (folder / "index.html").is_file(), f"no page was built in {folder}"
    return folder
