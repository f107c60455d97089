"""Checks of arguments that several loaders share."""

from numbers import Integral

from sklearn.utils.validation import check_scalar

SUBSETS = ("train", "test", "all")


def check_choice(value, name, choices):
    """Raise a ValueError that lists `choices` when `value` is none of them."""
    if not isinstance(value, str | Integral) or value not in choices:
        listed = ", ".join(repr(choice) for choice in choices)
        raise ValueError(f"{name}={value!r} is not one of {listed}.")


def check_side_lengths(value, name):
    """Return `value` as (H, W), two integers of at least 1."""
    try:
        height, width = value
    except (TypeError, ValueError):
        raise ValueError(
            f"{name}={value!r} is not a pair (height, width) of integers."
        ) from None
    check_scalar(height, f"{name}[0]", Integral, min_val=1)
    check_scalar(width, f"{name}[1]", Integral, min_val=1)
    return int(height), int(width)
