"""What arguments of the command line may be, and what they are then."""

import argparse


def whole_number(text):
    """Return a whole number from 1 on."""
    return _number(text, low=1)


def batch_size(text):
    """Return a whole number from 1 on, or "auto"."""
    return text if text == "auto" else whole_number(text)


def count(text):
    """Return a whole number from 0 on."""
    return _number(text, low=0)


def _number(text, *, low):
    try:
        number = int(text)
    except ValueError:
        number = low - 1
    if number < low:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number from {low} on"
        )
    return number


def whole_numbers(text):
    """Return whole numbers from 1 on, separated by commas."""
    return tuple(whole_number(part) for part in text.split(","))


def depth(text):
    """Return 8, 16 or "float"."""
    depths = {"8": 8, "16": 16, "float": "float"}
    if text not in depths:
        raise argparse.ArgumentTypeError(f"{text!r} is not 8, 16 or float")
    return depths[text]


def shape(text):
    """Return the shape of one image, (H, W) or (C, H, W)."""
    shape = whole_numbers(text)
    if len(shape) not in (2, 3):
        raise argparse.ArgumentTypeError(f"{text!r} is not H,W or C,H,W")
    return shape


def size(text):
    """Return a height and a width."""
    size = whole_numbers(text)
    if len(size) != 2:
        raise argparse.ArgumentTypeError(f"{text!r} is not H,W")
    return size


def names(text):
    """Return names, separated by commas."""
    names = tuple(part.strip() for part in text.split(","))
    if not all(names):
        raise argparse.ArgumentTypeError(f"{text!r} has an empty name")
    return names
