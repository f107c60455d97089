"""What skops would make of a file: looked at, and bounded, before it makes anything."""

import io
import json
import zipfile

from sklearn_scat.persistence._files import BundleError, array_bytes
from sklearn_scat.persistence._former import FORMER
from sklearn_scat.persistence._nodes import place, refuse_calls

SCHEMA = "schema.json"
_MAX_DEPTH = 200
_MAX_GROWTH = 100  # of memory over the file: sparse matrices are compressed
_FREE_BYTES = 2**26
# Functions that `fit` makes of the parameters, and that only `fit` uses.
_MADE_AGAIN = {"_loss_function_"}
_NOTHING = {
    "__class__": "str",
    "__module__": "builtins",
    "__loader__": "JsonNode",
    "content": "null",
    "is_json": True,
}


def as_written(data):
    """Return the estimator's part without what needs no place in a file.

    That is the loss functions of `SGDClassifier` and its like, which `fit` makes again:
    they are no data, and skops would call them; and the indentation of the schema.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        schema = json.loads(archive.read(SCHEMA))
    for node in all_nodes(schema):
        for name in _MADE_AGAIN & _content(node).keys():
            if node["content"][name].get("__loader__") == "LossNode":
                node["content"][name] = _NOTHING
    return _with_schema(data, schema)


def checked_estimator(data, path, *, trusted, max_bytes):
    """Return the estimator's part with today's names, if it may be made.

    Parameters
    ----------
    data : bytes
        The archive that skops wrote.
    path : path-like
        For messages.
    trusted : sequence of str
        Names that may be called.
    max_bytes : int
        Largest size of all that is made.

    Returns
    -------
    data : bytes
        The same where no class has moved.

    Raises
    ------
    BundleError
        If something would be called, or more be made than the file's size allows.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        schema = json.loads(archive.read(SCHEMA))
        nodes = list(all_nodes(schema))
        refuse_calls(nodes, path, trusted=trusted)
        limit = min(max_bytes, _FREE_BYTES + _MAX_GROWTH * len(data))
        _refuse_too_much(archive, nodes, path, limit=limit)
    moved = [node for node in nodes if place(node) in FORMER]
    for node in moved:
        node["__module__"], node["__class__"] = FORMER[place(node)]
    return _with_schema(data, schema) if moved else data


def network_weights(data):
    """Return the type and shape of every array of the networks in an estimator's part.

    Returns
    -------
    weights : dict of str to (str, tuple)
        ``"0.conv1.weight"`` is the array ``conv1.weight`` of the first network.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        nodes = all_nodes(json.loads(archive.read(SCHEMA)))
        found = {}
        for node in nodes:
            weights = _content(node).get("weights_")
            arrays = _content(weights) if isinstance(weights, dict) else {}
            if arrays and all("file" in array for array in arrays.values()):
                found.setdefault(tuple(a["file"] for a in arrays.values()), arrays)
        return {
            f"{number}.{name}": array_bytes(archive, array["file"])[1:]
            for number, arrays in enumerate(found.values())
            for name, array in arrays.items()
        }


def _content(node):
    """Return the content of a node if it is a dictionary, else an empty one."""
    content = node.get("content")
    return content if isinstance(content, dict) else {}


def all_nodes(schema):
    """Yield the nodes of a schema, from the root on."""
    waiting = [(schema, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > _MAX_DEPTH:
            raise ValueError(f"it is nested more than {_MAX_DEPTH} deep")
        if isinstance(value, dict):
            if "__loader__" in value:
                yield value
            waiting += [(part, depth + 1) for part in value.values()]
        elif isinstance(value, list):
            waiting += [(part, depth + 1) for part in value]


def _refuse_too_much(archive, nodes, path, *, limit):
    """Refuse arrays that together, each as often as it is made, pass a limit."""
    made = {(node["file"], node.get("__id__")) for node in nodes if "file" in node}
    total = sum(array_bytes(archive, file)[0] for file, _ in made)
    if total > limit:
        raise BundleError(
            f"{path} claims {total:,} bytes of arrays, more than the {limit:,} that "
            "its size and max_bytes allow."
        )


def _with_schema(data, schema):
    """Return an archive with another schema."""
    changed = io.BytesIO()
    text = json.dumps(schema, separators=(",", ":"))
    with (
        zipfile.ZipFile(io.BytesIO(data)) as before,
        zipfile.ZipFile(changed, "w", zipfile.ZIP_STORED) as after,
    ):
        for info in before.infolist():
            same = info.filename != SCHEMA
            content = before.read(info) if same else text.encode()
            after.writestr(zipfile.ZipInfo(info.filename), content)
    return changed.getvalue()
