"""Answers as they come: where values are masked, none was given."""

import numpy as np


def with_gaps(M):
    """Return a masked array with NaN under its mask, and all else as it is."""
    if not np.ma.is_masked(M):
        return M
    return M.astype(np.result_type(M.dtype, np.float32)).filled(np.nan)


def answers(M):
    """Return a matrix of float64, NaN where answers are missing or masked."""
    return np.asarray(with_gaps(M), dtype=np.float64)
