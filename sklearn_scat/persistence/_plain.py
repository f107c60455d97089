"""Estimators of plain nodes, made without skops.

Whoever imports skops waits for all of scikit-learn, which it looks through for the
types that it trusts. Most models of this package are described by nodes of a few kinds
and by types that are known without looking: these are made here, to the same result.
One node of another kind or type, and skops says what may be made.
"""

import inspect
import io
import json
import zipfile
from importlib import import_module

import numpy as np
import sklearn
from sklearn.base import BaseEstimator

from sklearn_scat.persistence._nodes import KEYS, name_of, place
from sklearn_scat.persistence._schema import SCHEMA, all_nodes
from sklearn_scat.persistence._types import TRUSTED

_CONTAINERS = {"DictNode": dict, "ListNode": list, "SetNode": set, "TupleNode": tuple}
_BUILT_IN = {f"builtins.{kind.__name__}" for kind in _CONTAINERS.values()}
_TRUSTED = frozenset(TRUSTED)


def plain_estimator(data):
    """Return what the estimator's part of a bundle describes, or None.

    Parameters
    ----------
    data : bytes
        The archive that skops wrote, after all checks of `checked_estimator`.

    Returns
    -------
    made : object or None
        None where a node is not plain: nothing was made or called then.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        schema = json.loads(archive.read(SCHEMA))
        if not all(map(is_plain, all_nodes(schema))):
            return None
        return _Maker(archive).make(schema)


def is_plain(node):
    """Tell whether a node builds data, or names what is trusted without skops."""
    loader = node["__loader__"]
    if loader in _CONTAINERS:
        return name_of(node) == f"builtins.{_CONTAINERS[loader].__name__}"
    if loader == "NdArrayNode":  # those of objects are lists of nodes
        return node["type"] == "numpy" and name_of(node) in KEYS | {"numpy.ndarray"}
    if loader == "ObjectNode":
        return name_of(node) in _TRUSTED or is_public_estimator(*place(node))
    if loader == "TypeNode":
        return name_of(node) in _TRUSTED | KEYS | _BUILT_IN
    if loader == "FunctionNode":
        return name_of(node) in _TRUSTED or _is_of_numpy(*place(node))
    return loader == "JsonNode"


def _is_of_numpy(module, function):
    """Tell whether NumPy exports a function that works element by element."""
    return module == "numpy" and isinstance(getattr(np, function, None), np.ufunc)


def is_public_estimator(module, class_name):
    """Tell whether scikit-learn exports a class of a module as an estimator.

    Public packages of scikit-learn alone are imported to look.

    Examples
    --------
    >>> from sklearn_scat.persistence._plain import is_public_estimator
    >>> is_public_estimator("sklearn.linear_model._ridge", "RidgeClassifierCV")
    True
    >>> is_public_estimator("sklearn.linear_model._ridge", "_BaseRidge")
    False
    """
    root, _, rest = module.partition(".")
    public = rest.partition(".")[0]
    if root != "sklearn" or public not in sklearn.__all__:
        return False
    package = getattr(sklearn, public)
    if class_name not in getattr(package, "__all__", ()):
        return False
    found = vars(package).get(class_name)  # experimental ones are not there at once
    return (
        isinstance(found, type)
        and issubclass(found, BaseEstimator)
        and not inspect.isabstract(found)
        and found.__module__ == module
    )


class _Maker:
    """Makes what plain nodes describe, that of one number once."""

    def __init__(self, archive):
        self._archive = archive
        self._made = {}

    def make(self, node):
        """Return what a node describes."""
        number = node.get("__id__")
        if number and number in self._made:
            return self._made[number]
        loader = node["__loader__"]
        made = getattr(self, f"_of_{loader}")(node)
        if number:
            self._made[number] = made
        return made

    def _of_JsonNode(self, node):
        return json.loads(node["content"])

    def _of_ListNode(self, node):
        return [self.make(item) for item in node["content"]]

    def _of_TupleNode(self, node):
        return tuple(self._of_ListNode(node))

    def _of_SetNode(self, node):
        return set(self._of_ListNode(node))

    def _of_DictNode(self, node):
        kinds = self.make(node["key_types"])
        items = zip(kinds, node["content"].items(), strict=True)
        return {kind(key): self.make(value) for kind, (key, value) in items}

    def _of_NdArrayNode(self, node):
        stream = io.BytesIO(self._archive.read(node["file"]))
        array = np.lib.format.read_array(stream, allow_pickle=False)
        return (
            array
            if name_of(node) == "numpy.ndarray"
            else self._of_TypeNode(node)(array)
        )

    def _of_TypeNode(self, node):
        module, attribute = place(node)
        return getattr(import_module(module), attribute)

    _of_FunctionNode = _of_TypeNode

    def _of_ObjectNode(self, node):
        kind = self._of_TypeNode(node)
        instance = kind.__new__(kind)
        content = node.get("content")
        attributes = None if content is None else self.make(content)
        if attributes is None:
            return instance
        if hasattr(instance, "__setstate__"):
            instance.__setstate__(attributes)
        else:
            vars(instance).update(attributes)
        return instance
