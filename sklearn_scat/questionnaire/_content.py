"""An order that depends on what rows and columns hold, not on where they stand."""

import numpy as np


def content_order(M):
    """Order the rows of a matrix by their sorted entries.

    The key of a row does not change when columns are permuted. A matrix whose rows and
    columns are brought to this order is the same whatever order they came in, to the
    last bit, unless two rows that differ hold the same numbers.

    Parameters
    ----------
    M : ndarray of shape (n, p)
        The matrix; NaN for missing entries.

    Returns
    -------
    order : ndarray of int of shape (n,)
        Indices that sort the rows.
    """
    keys = np.sort(M, axis=1)  # NaN go last
    return np.lexsort(keys.T[::-1])
