"""Shapes that compiled code takes for granted, and that a file may have otherwise.

scikit-learn hands the arrays of a fitted machine or of neighbours to code that does not
look at their sides: what `fit` made always agrees.
"""

import sys

import numpy as np
from sklearn.base import is_classifier

_MACHINES = ("SVC", "NuSVC", "SVR", "NuSVR", "OneClassSVM")


def check_shapes(estimator):
    """Refuse a fitted estimator of whose arrays compiled code would read past the end.

    Parameters
    ----------
    estimator : object
        What a bundle holds, at any depth.

    Raises
    ------
    ValueError
        If its arrays do not fit each other.
    """
    if _is_machine(estimator) and hasattr(estimator, "support_"):
        _check_machine(estimator)
    if hasattr(estimator, "_fit_X") and hasattr(estimator, "n_samples_fit_"):
        _check_neighbours(estimator)
    if hasattr(estimator, "cluster_centers_"):
        centres = estimator.cluster_centers_
        _expect(estimator, "cluster_centers_", (len(centres), _n_features(estimator)))


def _is_machine(estimator):
    """Tell whether an estimator is a support vector machine, or derived from one."""
    svm = sys.modules.get("sklearn.svm")  # no estimator is one where it is not loaded
    return svm and isinstance(estimator, tuple(getattr(svm, m) for m in _MACHINES))


def _check_machine(machine):
    """Compare the arrays of a support vector machine.

    Of K classes and n support vectors there are K(K − 1)/2 pairs, each with an
    intercept, and K − 1 coefficients for every vector; a regression counts as a pair.
    """
    counts = np.asarray(machine._n_support)
    n, n_classes = len(machine.support_), 2
    if is_classifier(machine):
        n_classes = len(machine.classes_)
        _require(machine, counts.min() >= 0 and counts.sum() == n, "_n_support")
    pairs = n_classes * (n_classes - 1) // 2
    _expect(machine, "_n_support", (n_classes,))
    _expect(machine, "support_", (n,))
    for name in ("dual_coef_", "_dual_coef_"):
        _expect(machine, name, (n_classes - 1, n))
    for name in ("intercept_", "_intercept_"):
        _expect(machine, name, (pairs,))
    for name in ("_probA", "_probB"):
        if np.size(getattr(machine, name)):
            _expect(machine, name, (pairs,))
    is_kernel_given = machine.kernel == "precomputed"
    vectors = (0, 0) if is_kernel_given else (n, _n_features(machine))
    _expect(machine, "support_vectors_", vectors)
    if is_kernel_given:
        _require(
            machine, _are_indices(machine.support_, _n_features(machine)), "support_"
        )


def _check_neighbours(neighbours):
    """Compare the images to which the nearest are found, and what is known of them."""
    n = neighbours.n_samples_fit_
    _require(neighbours, n > 0, "n_samples_fit_")  # compiled code divides by it
    _expect(neighbours, "_fit_X", (n, _n_features(neighbours)))
    known = getattr(neighbours, "_y", None)
    if known is None:
        return
    _require(neighbours, len(known) == n, "_y")
    if is_classifier(neighbours):
        classes = neighbours.classes_
        several = classes if neighbours.outputs_2d_ else [classes]
        _require(neighbours, np.size(known) == n * len(several), "_y")
        columns = np.reshape(known, (n, len(several))).T
        for column, names in zip(columns, several, strict=True):
            _require(neighbours, _are_indices(column, len(names)), "_y")


def _n_features(estimator):
    return estimator.n_features_in_


def _are_indices(values, n):
    return values.dtype.kind in "iu" and np.all((values >= 0) & (values < n))


def _expect(estimator, name, shape):
    found = getattr(estimator, name).shape
    _require(estimator, found == shape, f"{name} of shape {found}, not {shape},")


def _require(estimator, fits, name):
    if not fits:
        raise ValueError(f"{name} of {type(estimator).__name__} does not fit the rest")
