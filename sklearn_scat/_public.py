"""The public place of a class: that from which users import it."""

import sys
from types import FunctionType


def settle(package):
    """Let what a package exports bear the package's name, not that of a private file.

    It is what `repr`, pickles, files of models and the documentation say of a class or
    function, so that none of them has to follow when a file is renamed.

    Parameters
    ----------
    package : str
        A package of sklearn_scat, being imported: ``__name__`` in its index.

    Examples
    --------
    >>> from sklearn_scat.classifiers import DecisionSum
    >>> DecisionSum.__module__
    'sklearn_scat.classifiers'
    """
    module = sys.modules[package]
    for name in module.__all__:
        value = getattr(module, name)
        own = getattr(value, "__module__", None) or ""
        if isinstance(value, type | FunctionType) and own.startswith(f"{package}."):
            value.__module__ = package
