"""The examples of the documentation say what the installed package does."""

import ast
import doctest
import importlib
import importlib.util
import inspect
import re
from pathlib import Path

import pytest

import sklearn_scat

HOME = Path(importlib.util.find_spec("sklearn_scat").origin).parent
NEEDS_TORCH = re.compile(r"\btorch\b|sklearn_scat.(nn|inversion)\b|ImageClassifier")
ALSO_NEED_TORCH = ("experiments/_analysis.py", "experiments/_plan.py")


def _needs_torch(file):
    """Tell whether examples would need torch, where it is not installed."""
    if importlib.util.find_spec("torch"):
        return False
    if file.relative_to(HOME).as_posix() in ALSO_NEED_TORCH:
        return True
    return bool(NEEDS_TORCH.search(file.read_text(encoding="utf-8")))


MODULES = [
    ".".join(["sklearn_scat", *file.relative_to(HOME).with_suffix("").parts])
    for file in sorted(HOME.rglob("*.py"))
    if ">>>" in file.read_text(encoding="utf-8") and not _needs_torch(file)
]
PUBLIC = [
    getattr(sklearn_scat, name)
    for name in sklearn_scat.__all__
    if not name.startswith("_") and not name.endswith("Warning")
]


def examples(module):
    """Yield the doctests of a file; its classes bear the name of their package."""
    defined = ast.parse(Path(module.__file__).read_text(encoding="utf-8")).body
    names = [node.name for node in defined if hasattr(node, "name")]
    finder = doctest.DocTestFinder(exclude_empty=True)
    for name in names:
        yield from finder.find(getattr(module, name), name, False, vars(module))
    yield from finder.find(module.__doc__ or "", module.__name__, False, vars(module))


@pytest.mark.parametrize("module", MODULES)
def test_examples_give_what_they_say(module, capsys):
    loaded = importlib.import_module(module.removesuffix(".__init__"))
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for test in examples(loaded):
        runner.run(test)
    assert runner.tries
    assert not runner.failures, capsys.readouterr().out


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
