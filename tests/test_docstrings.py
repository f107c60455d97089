"""What the reference shows is complete: numpydoc's checks, on every public name."""

import dataclasses
import importlib
import inspect
import re
from functools import cache
from pathlib import Path

import pytest

# Needs torch, as the reference has its modules too.
numpydoc = pytest.importorskip(
    "numpydoc.validate", reason="numpydoc comes with the extra `docs`"
)

REFERENCE = Path(__file__).parents[1] / "docs" / "api.rst"
OFF = {  # of numpydoc's checks, and why
    "ES01": "a summary that says all is not extended",
    "EX01": "results are shown by the example of the function that gives them",
    "PR04": "parameters that are those of another name stand in one line, without type",
    "PR08": "a description may begin with a number or a formula",
    "RT02": "what is returned has a name, in the letters of the formula",
    "RT03": "name and shape may say all",
    "RT04": "as PR08",
    "SA01": "links stand in the sentence that says why one would follow them",
    "SS02": "a summary may begin with a formula, as that of haar_entropy",
    "SS05": "what is named by a quantity says what it is; 'Images' is no third person",
}
# All recipes take the same three; methods do by their contracts, in one line.
SIGNATURE = ("PR01", "RT01", "YD01")


def in_the_reference():
    """Yield the public name of everything that the reference has a page of."""
    module = "sklearn_scat"
    for line in REFERENCE.read_text(encoding="utf-8").splitlines():
        if line.startswith(".. currentmodule:: "):
            module = line.split()[-1]
        elif re.fullmatch(r"   \w+", line):
            yield f"{module}.{line.strip()}"


def look_up(name):
    module, _, last = name.rpartition(".")
    return getattr(importlib.import_module(module), last)


def methods(kind):
    """Return the names of a class's public methods and properties written here."""
    members = {
        name: inspect.unwrap(
            getattr(value, "fget", None) or getattr(value, "__func__", value)
        )
        for name, value in inspect.getmembers_static(kind)
        if not name.startswith("_")
    }
    return [
        name
        for name, value in members.items()
        if inspect.isfunction(value) and value.__module__.startswith("sklearn_scat.")
    ]


NAMES = [name for name in in_the_reference() if callable(look_up(name))]
METHODS = [
    f"{name}.{method}"
    for name in NAMES
    if inspect.isclass(look_up(name))
    for method in methods(look_up(name))
]


@cache
def complaints(name):
    """Return what numpydoc complains of, texts by code."""
    return dict(numpydoc.validate(name)["errors"])


def faults(name, *also_off):
    off = {*OFF, *also_off}
    return {code: text for code, text in complaints(name).items() if code not in off}


def described(kind):
    """Return what the sections on parameters and attributes of a class describe."""
    doc = numpydoc.Validator(numpydoc.get_doc_object(kind)).doc
    entries = [*doc["Parameters"], *doc["Attributes"]]
    return {name.strip() for entry in entries for name in entry.name.split(",")}


def test_the_reference_is_read():
    assert {"sklearn_scat.ScatteringTransformer", "sklearn_scat.nn.Hybrid"} <= {*NAMES}
    assert "sklearn_scat.ScatteringTransformer.fit" in METHODS


@pytest.mark.parametrize("name", NAMES)
def test_numpydoc_finds_nothing_missing(name):
    if dataclasses.is_dataclass(kind := look_up(name)):
        fields = {field.name for field in dataclasses.fields(kind) if field.init}
        assert fields - described(kind) == set()
        assert not faults(name, "PR01")  # as attributes count too
    elif name.startswith("sklearn_scat.recipes."):
        assert not faults(name, *SIGNATURE)
    else:
        assert not faults(name)


def test_numpydoc_finds_nothing_missing_in_methods():
    found = {name: faults(name, *SIGNATURE) for name in METHODS}
    assert not {name: left for name, left in found.items() if left}


@pytest.mark.parametrize("code", OFF)
def test_a_check_is_off_only_where_it_would_complain(code):
    assert any(code in complaints(name) for name in [*NAMES, *METHODS])
