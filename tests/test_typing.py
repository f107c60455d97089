"""Who checks types finds them on every public name, on those that come late too."""

import ast
import importlib
import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sklearn.base import BaseEstimator

import sklearn_scat

# Needs torch, without which the names that come late cannot be looked at.
HOME = Path(sklearn_scat.__file__).parent
PACKAGES = sorted(
    f"sklearn_scat.{file.parent.name}" for file in HOME.glob("[a-z]*/__init__.py")
)
# What somebody writes who uses the package and checks the types of their own code.
USER = """
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import sklearn_scat
from sklearn_scat import (
    AugmentedClassifier,
    DilationAverage,
    ImageReader,
    LayerOrganiser,
    LocalKernelRidge,
    MeanNormRidge,
    MeanNormSVC,
    NormalizedScattering,
    OrthogonalLeastSquares,
    PCAAffineClassifier,
    PixelRangeWarning,
    Questionnaire,
    RotoTranslationScattering,
    ScatteringClassifier,
    ScatteringRegressor,
    ScatteringTransformer,
    load,
    save,
)
from sklearn_scat.analysis import Contraction, contraction, layer_features
from sklearn_scat.cascade import Grid, path_table, scattering, wavelet_operators
from sklearn_scat.classifiers import DecisionSum
from sklearn_scat.displays import FilterBankDisplay
from sklearn_scat.engines import choose_engine
from sklearn_scat.filters import FilterBank, littlewood_paley, morlet_bank
from sklearn_scat.model_selection import compare_paired
from sklearn_scat.questionnaire import PartitionTree, dyadic_tree


def features(images: NDArray[np.float32]) -> NDArray[Any]:
    scattering = ScatteringTransformer(
        J=3, output="maps", pooling=None, padding="zero", frame="tight", engine="auto"
    )
    rotation = RotoTranslationScattering(J=2, form="separable", device="cpu")
    rotation.fit(images).transform(images)
    normalized = NormalizedScattering(scattering, method="log", eps=1e-3)
    return np.asarray(normalized.fit(images).transform(images))


def bank(J: int, side: int) -> FilterBank:
    grid = Grid((side, side), J)
    made: FilterBank = morlet_bank(J, grid.padded, frame="contractive")
    images = np.zeros((2, side, side), np.float32)
    operators = wavelet_operators(made, grid, max_order=2)
    assert scattering(images, operators).shape[1] == len(path_table(J, 8))
    FilterBankDisplay(made).plot(level=0.5)
    assert littlewood_paley(made).max() < 2
    print(choose_engine("auto", grid, max_order=2, dtype=images.dtype, device="cpu"))
    return made


def classify(path: Path, X: NDArray[np.float32], y: NDArray[np.int_]) -> float:
    classifiers: list[Any] = [
        MeanNormRidge(), MeanNormSVC(), PCAAffineClassifier(), LocalKernelRidge(),
        ScatteringClassifier(), OrthogonalLeastSquares(),
        AugmentedClassifier(MeanNormRidge(), "affine", random_state=0),
    ]
    for classifier in classifiers:
        save(path, classifier.fit(X, y))
    chosen = load(path)
    ScatteringRegressor().fit(X, y)
    DilationAverage(ScatteringTransformer(pooling="mean")).fit(X)
    print(DecisionSum(chosen, chosen), ImageReader(), PixelRangeWarning)
    found: Contraction = contraction(layer_features(chosen, X), y)
    tree: PartitionTree = dyadic_tree(np.arange(8))
    print(Questionnaire().fit(X), LayerOrganiser(), tree.n_levels, found)
    print(compare_paired([1.0, 0.5], [0.0, 1.0]), sklearn_scat.__version__)
    return float(chosen.score(X, y))
"""
WRONG = """
from sklearn_scat import ScatteringTransformer
ScatteringTransformer(padding="mirror")
"""


def names_of(package):
    return [getattr(importlib.import_module(package), n) for n in public(package)]


def public(package):
    return importlib.import_module(package).__all__


def signatures():
    """Yield the public functions, and the constructors and methods of classes."""
    for package in ["sklearn_scat", *PACKAGES]:
        for name, value in zip(public(package), names_of(package), strict=True):
            if inspect.isclass(value):
                methods = inspect.getmembers(value, inspect.isroutine)
                yield from (
                    (f"{package}.{name}.{part}", method)
                    for part, method in methods
                    if part == "__init__" or not part.startswith("_")
                )
            elif inspect.isroutine(value):
                yield f"{package}.{name}", value


def lacks(function):
    """Return the parameters of a function that have no annotation, and "return"."""
    function = inspect.unwrap(function)
    signature = inspect.signature(function)
    bare = [p.name for p in signature.parameters.values() if p.annotation is p.empty]
    bare = [name for name in bare if name not in ("self", "cls")]
    if signature.return_annotation is inspect.Signature.empty:
        bare.append("return")
    return bare


def is_written_here(function):
    """Tell a function of this package from one that is inherited or generated."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return code is not None and code.co_filename.startswith(str(HOME))


def test_what_is_public_is_annotated():
    made = {name: f for name, f in signatures() if is_written_here(f)}
    assert "sklearn_scat.ScatteringTransformer.__init__" in made
    assert len(made) > 400
    bare = {name: missing for name, f in made.items() if (missing := lacks(f))}
    assert not bare, "\n".join(f"{n}: {', '.join(names)}" for n, names in bare.items())


def test_texts_that_are_chosen_among_are_literals():
    """What a constraint lists, the annotation lists too."""
    from sklearn.utils._param_validation import StrOptions

    wrong = []
    estimators = {
        v
        for p in ["sklearn_scat", *PACKAGES]
        for v in names_of(p)
        if inspect.isclass(v) and issubclass(v, BaseEstimator)
    }
    for estimator in estimators:
        parameters = inspect.signature(estimator).parameters
        for name, allowed in getattr(estimator, "_parameter_constraints", {}).items():
            options = {
                o for a in allowed if isinstance(a, StrOptions) for o in a.options
            }
            options -= {"morlet"} if name == "frame" else set()  # a former name
            text = str(parameters[name].annotation) if name in parameters else None
            if text is not None and text != "typing.Any":
                missing = [o for o in options if f"'{o}'" not in text]
                wrong += [f"{estimator.__name__}.{name}: {missing}"] if missing else []
    assert not wrong, "\n".join(sorted(wrong))


@pytest.mark.parametrize("package", PACKAGES)
def test_names_that_come_late_are_there_for_those_who_check_types(package):
    file = HOME / package.removeprefix("sklearn_scat.") / "__init__.py"
    tree = ast.parse(file.read_text(encoding="utf-8"))
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert set(public(package)) <= imported


def test_the_marker_is_shipped():
    assert (HOME / "py.typed").exists()
    import tomllib

    project = Path(__file__).parents[1] / "pyproject.toml"
    data = tomllib.loads(project.read_text("utf-8"))["tool"]["setuptools"]
    assert "py.typed" in data["package-data"]["sklearn_scat"]


# Large packages, which say nothing of ours.
SETTINGS = """
[mypy]
strict = true
[mypy-torch.*,matplotlib.*,scipy.*,PIL.*,pandas.*,skorch.*,dask.*,jinja2.*]
follow_imports = skip
"""


def check(folder, *command):
    """Return what a checker of types says of users' files that lie elsewhere."""
    for name, code in (("user", USER), ("wrong", WRONG)):
        (folder / f"{name}.py").write_text(code, encoding="utf-8")
    (folder / "mypy.ini").write_text(SETTINGS)
    place = str(HOME.parent)
    installed = HOME.parent.name == "site-packages"  # where mypy wants no path to it
    paths = {} if installed else {"PYTHONPATH": place, "MYPYPATH": place}
    return subprocess.run(
        [sys.executable, "-m", *command, "user.py", "wrong.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | paths,
    ).stdout


def test_mypy_finds_in_users_files_what_is_wrong_and_no_more(tmp_path):
    found = check(tmp_path, "mypy", "--no-incremental").splitlines()
    assert [line.partition(": ")[0] for line in found[:-1]] == ["wrong.py:3"], found
    assert 'Argument "padding"' in found[0]


def test_pyright_finds_in_users_files_what_is_wrong_and_no_more(tmp_path):
    pytest.importorskip("pyright", reason="pyright is not installed")
    found = check(tmp_path, "pyright")
    assert "1 error," in found, found
    assert "wrong.py:3" in found
