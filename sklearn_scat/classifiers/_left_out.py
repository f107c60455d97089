"""What ridge regression says of samples that it is not fitted to, in closed form."""

import numpy as np
import scipy.linalg


def left_out_outputs(kernel, targets, *, alphas, folds):
    r"""Return the outputs for the samples of every fold, fitted without that fold.

    With :math:`C = (K + \alpha)^{-1}`, what a fit to all but the samples F says of them
    is :math:`y_F - (C_{FF})^{-1} (C y)_F`.

    Parameters
    ----------
    kernel : ndarray of shape (n, n)
        K, symmetric and positive semidefinite.
    targets : ndarray of shape (n, n_outputs)
        y, of mean 0 if an intercept is added that the folds share.
    alphas : array-like of float
        Penalties.
    folds : list of (ndarray of int, ndarray of int)
        What is left out, and which of these are looked at.

    Returns
    -------
    outputs : ndarray of shape (n_alphas, n_looked_at, n_outputs)
        Fold after fold.

    References
    ----------
    R. Rifkin and R. Lippert, "Notes on regularized least squares",
    MIT-CSAIL-TR-2007-025, for single samples.
    """
    values, vectors = scipy.linalg.eigh(kernel)
    values = np.maximum(values, 0)
    return np.stack(
        [
            _outputs(vectors, 1 / (values + alpha), targets, folds=folds)
            for alpha in alphas
        ]
    )


def _outputs(vectors, inverses, targets, *, folds):
    """Return the outputs of all folds, given the eigenvalues of C under one penalty."""
    errors = vectors @ (inverses[:, None] * (vectors.T @ targets))
    outputs = []
    for out, seen in folds:
        C = (vectors[out] * inverses) @ vectors[out].T
        residual = np.linalg.solve(C, errors[out])
        outputs.append((targets[out] - residual)[np.isin(out, seen)])
    return np.concatenate(outputs)
