"""The public place of a class, that from which users import it; and late imports."""

import pkgutil
import sys
from functools import cache
from importlib import import_module
from types import FunctionType

_PAGE = (
    "https://sklearn-scat.github.io/sklearn_scat/generated/"
    "{estimator_module}.{estimator_name}.html"
)


def settle(package, *, with_torch=(), late=()):
    """Let what a package exports bear the package's name, not that of a private file.

    It is what `repr`, pickles, files of models and the documentation say of a class or
    function, so that none of them has to follow when a file is renamed. The "?" of an
    estimator's HTML representation leads to its page under that name.

    Parameters
    ----------
    package : str
        A package of sklearn_scat, being imported: ``__name__`` in its index.
    with_torch : mapping of str to str, default=()
        Names whose files need torch, and these files: they are imported when they are
        asked for, so that the rest of the package works without it.
    late : mapping of str to str, default=()
        Names that are imported when they are asked for, and their packages or files:
        so that whoever wants a transformer does not wait for classifiers.

    Examples
    --------
    >>> from sklearn_scat.classifiers import DecisionSum
    >>> DecisionSum.__module__
    'sklearn_scat.classifiers'
    """
    module = sys.modules[package]
    files = dict(with_torch) | dict(late)
    top = package.partition(".")[0]
    above = getattr(sys.modules[top], "__all__", ())
    for name in module.__all__:
        if name not in files:
            _move(getattr(module, name), top if name in above else package)

    def find(name):
        if name not in files:
            if name in _public_modules(package):
                return import_module(f"{package}.{name}")
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        if name in with_torch:
            needed("torch", what=f"{package}.{name}")
        value = getattr(import_module(f"{package}.{files[name]}"), name)
        _move(value, package)
        setattr(module, name, value)
        return value

    if files:
        module.__getattr__ = find
        module.__dir__ = lambda: sorted({*vars(module), *files})


@cache
def _public_modules(package):
    """Return the names of a package's modules that users may import.

    They are looked for once: some libraries ask every module for hundreds of names.
    """
    found = pkgutil.iter_modules(sys.modules[package].__path__)
    return {module.name for module in found if not module.name.startswith("_")}


def needed(module, *, what, packages="torch skorch"):
    """Import a module that the package works without, or say what needs it.

    Parameters
    ----------
    module : str
        As "torch".
    what : str
        The user's word for what needs it.
    packages : str, default="torch skorch"
        What to install.

    Raises
    ------
    ImportError
        If it is not installed, in a sentence that says what to do.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        missing = (error.name or module).partition(".")[0]
        raise ImportError(
            f"{what} needs {missing}, which is not installed here: "
            f"python -m pip install {packages}",
            name=missing,
        ) from error


def _move(value, package):
    """Let a class or function of a private file say that it is the package's."""
    own = getattr(value, "__module__", None) or ""
    if isinstance(value, type | FunctionType) and own.startswith(f"{package}."):
        value.__module__ = package
        if hasattr(value, "_doc_link_module"):  # scikit-learn's HTML links there
            value._doc_link_module = "sklearn_scat"
            value._doc_link_template = _PAGE
