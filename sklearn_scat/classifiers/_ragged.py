"""Lists of arrays of different sizes, laid end to end where they are stored.

A file takes some hundred bytes for every array, and time: a thousand short ones take
far more than their numbers.
"""

import math
from itertools import chain, islice

import numpy as np


def laid_out(lists):
    """Return lists of arrays of one dtype and dimension as three arrays.

    Parameters
    ----------
    lists : list of list of ndarray
        At least one array.

    Returns
    -------
    layout : dict of str to ndarray
        ``numbers`` (n,), of one array after the other; ``shapes``, a row for each
        array; ``counts`` of arrays for each list.
    """
    arrays = list(chain(*lists))
    return {
        "numbers": np.concatenate([array.ravel() for array in arrays]),
        "shapes": np.array([array.shape for array in arrays]),
        "counts": np.array([len(one) for one in lists]),
    }


def gathered(layout):
    """Return the lists of arrays of `laid_out`.

    Raises
    ------
    ValueError
        If the arrays of the layout do not fit each other.
    """
    numbers, shapes, counts = (layout[k] for k in ("numbers", "shapes", "counts"))
    if shapes.ndim != 2 or not shapes.size or shapes.min() < 0:
        raise ValueError(f"arrays of the shapes {shapes} were not laid out")
    ends = np.cumsum([math.prod(shape) for shape in shapes.tolist()])
    if ends[-1] != len(numbers) or counts.sum() != len(shapes):
        raise ValueError(
            f"{ends[-1]} numbers of {len(shapes)} arrays are not the {len(numbers)} of "
            f"{counts.sum()} that were laid out"
        )
    arrays = (
        part.reshape(shape)
        for part, shape in zip(np.split(numbers, ends[:-1]), shapes, strict=True)
    )
    return [list(islice(arrays, count)) for count in counts.tolist()]
