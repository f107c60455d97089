"""Find a case or a recipe by its name, or by `module:name` in the user's own code."""

import importlib
import os
import sys
from typing import Any


def look_up(name: str, known: dict[str, Any], *, kind: str) -> Any:
    """Return what a name on the command line stands for.

    Parameters
    ----------
    name : str
        A key of `known`, or ``module:attribute``. Modules are looked for where Python
        looks for them, and then in the current directory.
    known : dict
        What is built in.
    kind : str
        What is looked for, as errors call it.

    Returns
    -------
    found : object

    Raises
    ------
    ValueError
        If the name is not known, or the module or its attribute is missing.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> from sklearn_scat.recipes import look_up
    >>> look_up("pixels", RECIPES, kind="recipe").__name__
    'pixels'
    >>> look_up("operator:add", RECIPES, kind="recipe")(1, 2)
    3
    """
    if name in known:
        return known[name]
    module_name, colon, attribute = name.partition(":")
    if not (colon and module_name and attribute):
        raise ValueError(
            f"no {kind} is called {name!r}; there are {', '.join(known)}, and your own "
            f"as module:name."
        )
    return _attribute(_import(module_name, kind), attribute, kind)


def _import(module_name, kind):
    """Import a module, from the current directory if it is nowhere else."""
    here = os.getcwd()
    if here not in sys.path:
        sys.path.append(here)  # last, so that it hides no installed module
    try:
        return importlib.import_module(module_name)
    except Exception as error:  # the user's module may raise anything
        raise ValueError(
            f"the module {module_name!r} of a {kind} cannot be imported: "
            f"{type(error).__name__}: {error}"
        ) from error


def _attribute(module, attribute, kind):
    """Return an attribute of the user's module, or say that it is missing."""
    try:
        return getattr(module, attribute)
    except AttributeError as error:
        raise ValueError(
            f"the module {module.__name__!r} has no {kind} called {attribute!r}."
        ) from error
