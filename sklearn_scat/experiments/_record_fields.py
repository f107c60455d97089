"""What the fields of a record may hold: that of which a report can be made."""

import math
import reprlib

_MANY = 2**63  # images, or seconds: beyond, sums overflow
_FINEST = 2**10  # index of a scale or an orientation


def check_field(name, value):
    """Refuse a value that a field of a record cannot have.

    Parameters
    ----------
    name : str
        Of the field.
    value : object
        As JSON gives it, of the field's type.

    Raises
    ------
    ValueError
        If the report could not be made of it.
    """
    if name not in _FIELDS:
        return
    words, fits = _FIELDS[name]
    if not fits(value):
        raise ValueError(f"{name}={reprlib.repr(value)} is not {words}")


def _is_number(value):
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) < _MANY


def _is_count(value):
    return _is_number(value) and isinstance(value, int) and value >= 0


def _is_share(value):
    return _is_number(value) and 0 <= value <= 1


def _is_plain(value):
    is_finite = not isinstance(value, float) or math.isfinite(value)
    return is_finite and isinstance(value, str | int | float | bool | None)


def _all(fits):
    """Return the test of a list, or of the values of an object."""

    def all_fit(values):
        return all(map(fits, values.values() if isinstance(values, dict) else values))

    return all_fit


def _is_list(values, fits, length=None):
    """Tell a list of a length, each of whose values fits."""
    right_length = isinstance(values, list) and length in (None, len(values))
    return right_length and all(map(fits, values))


def _is_confusion(value):
    if not value:
        return True
    classes, counts = value.get("classes"), value.get("counts")
    if not _is_list(classes, lambda name: isinstance(name, str)) or not classes:
        return False
    n = len(classes)
    return _is_list(counts, lambda row: _is_list(row, _is_count, n), n)


def _is_path(value):
    return _is_list(
        value, lambda i: _is_number(i) and isinstance(i, int) and -1 <= i < _FINEST, 4
    )


def _is_weights(value):
    if not value:
        return True
    paths, sizes = value.get("paths"), value.get("sizes")
    if not _is_list(paths, _is_path) or not paths:
        return False
    return _is_list(sizes, lambda size: _is_number(size) and size >= 0, len(paths))


def _is_predictions(value):
    if not value:
        return True
    predicted = value.get("predicted")
    if not _is_list(predicted, _is_count):
        return False
    n = len(predicted)
    return (
        _is_list(value.get("truth"), _is_count, n)
        and _is_list(value.get("probability"), _is_share)
        and len(value["probability"]) in (0, n)
        and _is_list(value.get("index"), _is_count)
        and len(value["index"]) in (0, n)
        and _is_list(value.get("neighbors", []), _is_neighbors)
    )


def _is_neighbors(value):
    """Tell a pair of a position, and of a list of positions."""
    is_pair = isinstance(value, list) and len(value) == 2
    return is_pair and _is_count(value[0]) and _is_list(value[1], _is_count)


_NUMBER = "a number", _is_number
_COUNT = "a number of things", _is_count
_FIELDS = {
    "n_train": _COUNT,
    "seed": _COUNT,
    "n_test": _COUNT,
    "fit_time": _NUMBER,
    "score_time": _NUMBER,
    "accuracy": ("a number within 0 and 1", _is_share),
    "params": ("texts and finite numbers by name", _all(_is_plain)),
    "times": ("numbers by name", _all(_is_number)),
    "warnings": ("a list of texts", _all(lambda text: isinstance(text, str))),
    "confusion": ("classes and a square of counts", _is_confusion),
    "weights": ("paths and as many sizes", _is_weights),
    "predictions": ("lists of one length", _is_predictions),
}
