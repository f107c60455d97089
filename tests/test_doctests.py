"""The examples of the documentation say what the installed package does."""

import doctest
import importlib
import importlib.util
import inspect
from pathlib import Path

import pytest

import sklearn_scat

HOME = Path(importlib.util.find_spec("sklearn_scat").origin).parent
MODULES = [
    ".".join(["sklearn_scat", *file.relative_to(HOME).with_suffix("").parts])
    for file in sorted(HOME.rglob("*.py"))
    if ">>>" in file.read_text(encoding="utf-8")
]
PUBLIC = [
    getattr(sklearn_scat, name)
    for name in sklearn_scat.__all__
    if not name.startswith("_")
]


@pytest.mark.parametrize("module", MODULES)
def test_examples_give_what_they_say(module, capsys):
    loaded = importlib.import_module(module.removesuffix(".__init__"))
    failed, tried = doctest.testmod(loaded, optionflags=doctest.ELLIPSIS)
    assert tried
    assert not failed, capsys.readouterr().out


@pytest.mark.parametrize("public", PUBLIC, ids=lambda public: public.__name__)
def test_public_objects_show_an_example_and_their_parameters(public):
    docstring = inspect.getdoc(public)
    assert ">>> " in docstring
    for name in inspect.signature(public).parameters:
        starts = (f"\n{name} : ", f"\n{name}, ", f"\n**{name} : ")
        assert any(start in docstring for start in starts), name


@pytest.mark.parametrize("public", PUBLIC, ids=lambda public: public.__name__)
def test_public_methods_are_documented(public):
    methods = inspect.getmembers(public, inspect.isfunction)
    bare = [name for name, m in methods if name[0] != "_" and not inspect.getdoc(m)]
    assert not bare
