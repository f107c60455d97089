"""The nodes by which skops describes an estimator: which of them build data alone.

A node names a class or function, and most nodes call what they name: a list is made by
``list([...])``, an array of one number by ``numpy.float64(...)``. Where that name is
one of those below, what comes of it is data. ``ObjectNode``, ``FunctionNode`` and
``TypeNode`` alone may bear any name that is trusted, for they call nothing: the first
makes an object without its ``__init__`` and sets its attributes.
"""

import json

import numpy as np

from sklearn_scat.persistence._files import BundleError

_PROTOCOL = 2  # of skops 0.16, the first that is required; earlier ones call more
_MAX_POOL = 2**10  # numbers that a random generator keeps; 4 by default
_NUMBERS = {f"numpy.{t.__name__}" for t in np.sctypeDict.values()} - {
    "numpy.object_",
    "numpy.void",  # of a number, it makes as many bytes
}
KEYS = {
    *("builtins.str", "builtins.int", "builtins.float", "builtins.bool"),
    *_NUMBERS,
}
_ANY = None
_BUILDERS = {
    "BytearrayNode": {"builtins.bytearray"},
    "BytesNode": {"builtins.bytes"},
    "DTypeNode": {"numpy.dtype"},
    "DictNode": {
        "builtins.dict",
        "collections.OrderedDict",
        "sklearn.utils._bunch.Bunch",
    },
    "FunctionNode": _ANY,
    "JsonNode": _ANY,  # makes no use of it
    "ListNode": {"builtins.list"},
    "MaskedArrayNode": {"numpy.ma.MaskedArray", "numpy.ma.core.MaskedArray"},
    "NdArrayNode": {"numpy.ndarray", *_NUMBERS},
    "ObjectNode": _ANY,
    "RandomGeneratorNode": {"numpy.random._generator.Generator"},
    "RandomStateNode": {"numpy.random.mtrand.RandomState"},
    "SetNode": {"builtins.set"},
    "SliceNode": {"builtins.slice"},
    "SparseMatrixNode": _ANY,  # makes no use of it
    "TupleNode": {"builtins.tuple"},
    "TypeNode": _ANY,
}


def place(node):
    """Return the module and the class that a node names."""
    return node.get("__module__"), node.get("__class__")


def refuse_calls(nodes, path, *, trusted):
    """Refuse nodes that call what they name, unless that makes data.

    Parameters
    ----------
    nodes : list of dict
        All nodes of a schema, its root first.
    path : path-like
        For messages.
    trusted : sequence of str
        Names that may be called.

    Raises
    ------
    BundleError
        If something would be called.
    """
    protocol = nodes[0]["protocol"]
    if type(protocol) is not int or protocol < _PROTOCOL:
        raise BundleError(
            f"{path} is in the format {protocol!r} of skops; {_PROTOCOL} is the first "
            "that is read."
        )
    for node in nodes:
        name, loader = name_of(node), node["__loader__"]
        if name not in trusted and not _builds_data(node, name):
            raise BundleError(
                f"{path} would call {name} while it is loaded ({loader}). If you know "
                f"where it comes from, pass trusted=[{name!r}]."
            )
    _refuse_two_meanings(nodes, path)


def name_of(node):
    """Return the name that a node bears, as it is trusted."""
    return ".".join(map(str, place(node)))


def _builds_data(node, name):
    loader = node["__loader__"]
    names = _BUILDERS.get(loader, set())
    if names is not _ANY and name not in names:
        return False
    if loader == "DictNode":
        return _has_plain_keys(node)
    return loader != "RandomGeneratorNode" or _has_small_pool(node)


def _has_plain_keys(node):
    """Tell whether the types of the keys, which are called, are texts and numbers."""
    types = node["key_types"]
    return name_of(types) == "builtins.list" and all(
        kind["__loader__"] == "TypeNode" and name_of(kind) in KEYS
        for kind in types["content"]
    )


def _has_small_pool(node):
    """Tell whether a random generator is to keep as many numbers as usual."""
    size = json.loads(node["content"]["seed_seq"]["content"]["pool_size"]["content"])
    return type(size) is int and size <= _MAX_POOL


def _refuse_two_meanings(nodes, path):
    """Refuse numbers of nodes that stand for two: the first is built for both."""
    keys = {id(n["key_types"]) for n in nodes if isinstance(n.get("key_types"), dict)}
    seen: dict = {}
    for node in nodes:
        number = node.get("__id__")
        meaning = _meaning(node, is_of_keys=id(node) in keys)
        if number and seen.setdefault(number, meaning) != meaning:
            raise BundleError(f"{path} has two parts of the number {number}.")


def _meaning(node, *, is_of_keys):
    """Return what nodes of one number must share.

    The types of a dictionary's keys are a list that has no other place; texts and
    numbers are read out of the nodes before these are built.
    """
    content = node.get("content")
    own = id(node) if is_of_keys else None
    text = content if isinstance(content, str) else None
    return node["__loader__"], place(node), own, text
