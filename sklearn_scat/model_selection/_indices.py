"""What splitters ask of lists of sample indices."""

import numpy as np


def count_samples(X):
    """Return the number of samples of an array, a table or a list."""
    return X.shape[0] if hasattr(X, "shape") else len(X)


def check_indices(indices, n_samples, name):
    """Return indices of samples as an array, each sample at most once."""
    indices = np.asarray(indices)
    if indices.ndim != 1 or not len(indices) or indices.dtype.kind not in "iu":
        raise ValueError(
            f"{name} is of shape {indices.shape} and type {indices.dtype}; pass a list "
            "of integers that is not empty."
        )
    outside = indices[(indices < 0) | (indices >= n_samples)]
    if len(outside):
        raise ValueError(
            f"{name} holds index {outside[0]}; X has {n_samples} samples, numbered 0 "
            f"to {n_samples - 1}."
        )
    values, counts = np.unique(indices, return_counts=True)
    if len(values) < len(indices):
        raise ValueError(f"{name} holds index {values[counts.argmax()]} twice.")
    return indices
