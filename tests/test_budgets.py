"""Files and functions are short, flat and named for what they hold."""

import ast
import importlib.util
from functools import cache
from pathlib import Path

import pytest

HOME = Path(importlib.util.find_spec("sklearn_scat").origin).parent
MODULES = {
    ".".join(["sklearn_scat", *file.relative_to(HOME).with_suffix("").parts]): file
    for file in sorted(HOME.rglob("*.py"))
}

# A fused kernel may run longer, and takes its arguments in its launcher's order.
BUDGETED = [module for module in MODULES if "triton" not in module]


@cache
def source_lines(module):
    return MODULES[module].read_text(encoding="utf-8").splitlines()


@cache
def tree(module):
    return ast.parse("\n".join(source_lines(module)))


@cache
def functions(module):
    """Return the functions of a module, those inside others too."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(tree(module)) if isinstance(node, kinds)]


def refuse(found):
    """Fail with what was found, module by module, if anything was."""
    lines = [f"{m}: {sorted(what)}" for m, what in found.items() if what]
    if lines:
        pytest.fail("\n".join(lines))


def test_modules_are_named_for_what_they_hold():
    banned = {"util", "utils", "helper", "helpers", "common", "misc"}
    words = {m: set(m.replace("_", ".").split(".")) for m in MODULES}
    refuse({m: w & banned for m, w in words.items()})


def test_files_have_at_most_250_lines_of_code():
    refuse({m: [n] for m in MODULES if (n := code_lines(m)) > 250})


def test_functions_have_at_most_40_lines_of_code():
    refuse(
        {m: [f.name for f in functions(m) if code_lines(m, f) > 40] for m in BUDGETED}
    )


def code_lines(module, node=None):
    """Return how many lines of a module, or of a part of it, are code.

    Blank lines, comments and docstrings are none.
    """
    node = node or tree(module)
    first, last = getattr(node, "lineno", 1), getattr(node, "end_lineno", None)
    lines = source_lines(module)[first - 1 : last]
    text = docstring_lines(node)
    return sum(
        bool(line.strip()) and not line.lstrip().startswith("#") and i not in text
        for i, line in enumerate(lines, start=first)
    )


def docstring_lines(node):
    """Return the numbers of the lines of docstrings in a node."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    first = (
        part.body[0]
        for part in ast.walk(node)
        if isinstance(part, documented) and ast.get_docstring(part) is not None
    )
    return {i for text in first for i in range(text.lineno, text.end_lineno + 1)}


def test_functions_take_at_most_three_positional_arguments():
    refuse({m: [f.name for f in functions(m) if positional(f) > 3] for m in BUDGETED})


def positional(function):
    """Return the number of arguments before the star, the object itself apart."""
    arguments = function.args.posonlyargs + function.args.args
    return sum(a.arg not in {"self", "cls"} for a in arguments)


def test_functions_nest_at_most_three_blocks():
    refuse({m: [f.name for f in functions(m) if depth(f) > 3] for m in BUDGETED})


def depth(node):
    """Return how many blocks stand inside each other; a function begins anew."""
    blocks = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match)
    scopes = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, scopes):
            continue
        elif_ = isinstance(node, ast.If) and [child] == node.orelse
        step = isinstance(child, blocks) and not (elif_ and isinstance(child, ast.If))
        deepest = max(deepest, depth(child) + step)
    return deepest
