r"""Gradients of decisions, averaged along the straight line from a reference.

A decision D, the value of a class minus that of its runner-up, satisfies

.. math:: D(u) - D(r) = \sum_i (u_i - r_i) \int_0^1 \partial_i D(r + t (u - r))\, dt,

and the terms of this sum are the shares. The integrals are in closed form for linear,
quadratic and Gaussian decisions.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import erf
from sklearn.svm import SVC

from sklearn_scat.classifiers import MeanNormRidge, MeanNormSVC, PCAAffineClassifier


class Pair(NamedTuple):
    """For every image the indices of its class, and of the runner-up: (n,) each."""

    first: np.ndarray
    second: np.ndarray

    @property
    def signs(self):
        """1 where the second class of two was decided for, else −1: (n, 1)."""
        return np.where(self.first > self.second, 1.0, -1.0)[:, None]

    def tiled(self, n):
        """Return the pair of images that come n times, one set after the other."""
        return Pair(np.tile(self.first, n), np.tile(self.second, n))


class Decision(NamedTuple):
    """A decision function of a fitted classifier.

    Attributes
    ----------
    origin : ndarray of shape (q,)
        The mean of the training samples, as far as the classifier keeps it.
    mean_gradients : callable
        ``mean_gradients(u, r, pair)`` of (n, q), (q,) gives (n, q).
    values : callable
        ``values(u, pair)`` gives D: (n,).
    """

    origin: np.ndarray
    mean_gradients: object
    values: object


def decision_of(classifier):
    """Return the decision function of a classifier, or None if it is not known."""
    if isinstance(classifier, PCAAffineClassifier):
        return _affine(classifier)
    if isinstance(classifier, MeanNormRidge):
        return _kernel_ridge(classifier)
    if isinstance(classifier, MeanNormSVC):
        return _mean_norm_svc(classifier)
    if isinstance(classifier, SVC):
        return _svc(classifier)
    if hasattr(classifier, "coef_") and hasattr(classifier, "intercept_"):
        return _linear(classifier)
    return None


def _linear(classifier):
    """Return w·u + b, with the weights of the class minus those of the runner-up."""
    coef = np.atleast_2d(np.asarray(classifier.coef_, np.float64))
    intercept = np.ravel(np.asarray(classifier.intercept_, np.float64))

    def weights(pair):
        if len(coef) == 1:
            return pair.signs * coef, pair.signs[:, 0] * intercept
        return coef[pair.first] - coef[pair.second], (
            intercept[pair.first] - intercept[pair.second]
            if len(intercept) > 1
            else np.zeros(len(pair.first))
        )

    def values(u, pair):
        w, b = weights(pair)
        return np.einsum("ij,ij->i", u, w) + b

    return Decision(
        np.zeros(coef.shape[1]), lambda u, r, pair: weights(pair)[0], values
    )


def _affine(classifier):
    """Return e_second(u) − e_first(u), differences of squared distances.

    These are quadratic, so that their mean gradient is that of both ends.
    """

    def residuals(x, k):
        V = classifier.components_[k, : classifier.ranks_[k]].astype(np.float64)
        x = x - classifier.means_[k].astype(np.float64)
        return x - (x @ V.T) @ V

    def summed(x, pair, of):
        total = np.zeros(np.shape(of(x[:1], 0))[1:])
        total = np.zeros((len(x), *total.shape))
        for members, sign in ((pair.second, 1.0), (pair.first, -1.0)):
            for k in np.unique(members):
                own = members == k
                total[own] += sign * of(x[own], k)
        return total

    def mean_gradients(u, r, pair):
        ends = np.broadcast_to(r, u.shape)
        return summed(u, pair, residuals) + summed(ends, pair, residuals)

    def values(u, pair):
        return summed(u, pair, lambda x, k: (residuals(x, k) ** 2).sum(axis=1))

    return Decision(
        classifier.means_.mean(axis=0, dtype=np.float64), mean_gradients, values
    )


def _kernel_ridge(ridge):
    """Return the outputs of kernel ridge regression, over all copies of a row."""
    centres = ridge.samples_.astype(np.float64)
    n_copies = centres.shape[1]
    centres = centres.reshape(-1, centres.shape[2])  # (N·copies, q)
    duals = np.repeat(ridge.dual_coef_, n_copies, axis=0) / n_copies**2
    mean = np.tile(ridge.mean_.astype(np.float64), n_copies)

    def weights(pair):
        if duals.shape[1] == 2:
            sides = pair.signs[:, 0]
            return sides[:, None] * duals[:, 1], sides * ridge.intercept_[1]
        return (duals[:, pair.first] - duals[:, pair.second]).T, (
            ridge.intercept_[pair.first] - ridge.intercept_[pair.second]
        )

    def mean_gradients(u, r, pair):
        parts = (u - mean, np.broadcast_to(r - mean, u.shape))
        u, r = (part.reshape(len(part), n_copies, -1) for part in parts)
        a = weights(pair)[0]
        gradients = [
            gaussian_mean_gradients(
                u[:, i], r[0, i], centres=centres, weights=a, gamma=ridge.gamma_
            )
            for i in range(n_copies)
        ]
        return np.concatenate(gradients, axis=1)

    def values(u, pair):
        a, b = weights(pair)
        parts = (u - mean).reshape(len(u), n_copies, -1)
        return b + sum(
            (a * np.exp(-ridge.gamma_ * _squares(parts[:, i], centres))).sum(axis=1)
            for i in range(n_copies)
        )

    return Decision(mean, mean_gradients, values)


def _mean_norm_svc(svm):
    """Return the decision between two classes of a machine of centred samples."""
    mean = svm.mean_.astype(np.float64)
    inner = _gaussian_machine(svm.svc_, svm.support_vectors_, svm.gamma_)
    return Decision(
        mean,
        lambda u, r, pair: inner.mean_gradients(u - mean, r - mean, pair),
        lambda u, pair: inner.values(u - mean, pair),
    )


def _svc(svc):
    """Return the decision between two classes of scikit-learn's machine, or None."""
    if svc.kernel == "rbf":
        return _gaussian_machine(svc, svc.support_vectors_, svc._gamma)
    if svc.kernel not in ("linear", "precomputed"):
        return None
    n_columns = svc.shape_fit_[1]
    if svc.kernel == "linear":
        vectors = np.asarray(svc.support_vectors_, np.float64)
    else:
        vectors = np.zeros((len(svc.support_), n_columns))
        vectors[np.arange(len(vectors)), svc.support_] = 1

    def values(u, pair):
        a, b = pair_weights(svc, pair)
        return np.einsum("ij,ij->i", u, a @ vectors) + b

    return Decision(
        np.zeros(n_columns),
        lambda u, r, pair: pair_weights(svc, pair)[0] @ vectors,
        values,
    )


def _gaussian_machine(svc, vectors, gamma):
    """Return the decision between two classes of a machine of a Gaussian kernel."""
    vectors = np.asarray(vectors, np.float64)

    def mean_gradients(u, r, pair):
        a = pair_weights(svc, pair)[0]
        return gaussian_mean_gradients(u, r, centres=vectors, weights=a, gamma=gamma)

    def values(u, pair):
        a, b = pair_weights(svc, pair)
        return (a * np.exp(-gamma * _squares(u, vectors))).sum(axis=1) + b

    return Decision(np.zeros(vectors.shape[1]), mean_gradients, values)


def pair_weights(svc, pair):
    """Return coefficients (n, n_support) and intercepts (n,) between two classes.

    Of K classes, the support vectors of class i bear in row j − 1 of ``dual_coef_``
    their coefficients against a later class j, and in row j those against an earlier
    one; the decision is positive for the earlier class, of two classes for the later.
    """
    n_classes, starts = len(svc.classes_), np.cumsum([0, *svc.n_support_])
    coef = np.zeros((len(pair.first), starts[-1]))
    intercepts = np.zeros(len(pair.first))
    order = {}
    for i in range(n_classes):
        for j in range(i + 1, n_classes):
            order[i, j] = len(order)
    for row, (first, second) in enumerate(zip(*pair, strict=True)):
        i, j = sorted((int(first), int(second)))
        sign = 1.0 if first == i else -1.0
        if n_classes == 2:
            sign = -sign
        own, other = slice(starts[i], starts[i + 1]), slice(starts[j], starts[j + 1])
        coef[row, own] = sign * svc.dual_coef_[j - 1, own]
        coef[row, other] = sign * svc.dual_coef_[i, other]
        intercepts[row] = sign * svc.intercept_[order[i, j]]
    return coef, intercepts


def gaussian_mean_gradients(u, r, *, centres, weights, gamma):
    r"""Return gradients of sums of Gaussians, averaged from r to each u.

    With :math:`\delta = u - r` and :math:`k(t) = \exp(-\gamma\|r + t\delta - s\|^2)`
    for a centre s, the mean gradient of the kernel is

    .. math:: -2\gamma\Bigl[(r - s) \int_0^1 k\,dt + \delta \int_0^1 t\,k\,dt\Bigr].

    The first integral is a difference of error functions, and the second follows from
    :math:`\int_0^1 k' dt = k(1) - k(0)`.

    Parameters
    ----------
    u : ndarray of shape (n, q)
        Samples.
    r : ndarray of shape (q,)
        The reference.
    centres : ndarray of shape (N, q)
        Of the Gaussians.
    weights : ndarray of shape (n, N)
        Of the Gaussians, for each sample.
    gamma : float
        :math:`\gamma`.

    Returns
    -------
    gradients : ndarray of shape (n, q)
    """
    delta = u - r
    A = np.einsum("ij,ij->i", delta, delta)[:, None]  # (n, 1)
    A = np.where(A > 0, A, 1.0)  # where u is r, shares are 0 anyway
    b = delta @ (r - centres).T  # (n, N)
    at_r, at_u = (np.exp(-gamma * _squares(x, centres)) for x in (r[None], u))
    nearest = _squares(r[None], centres) - b**2 / A  # of the line, squared distances
    root = np.sqrt(gamma * A)
    ends = erf(root * (1 + b / A)) - erf(root * b / A)
    zeroth = (
        np.exp(-gamma * np.maximum(nearest, 0)) * np.sqrt(np.pi) / (2 * root) * ends
    )
    first = ((at_r - at_u) / (2 * gamma) - b * zeroth) / A
    a0 = weights * zeroth
    a1 = (weights * first).sum(axis=1, keepdims=True)
    along = a0.sum(axis=1, keepdims=True) * r - a0 @ centres
    return -2 * gamma * (along + a1 * delta)


def _squares(x, centres):
    """Return the squared distances of rows to centres: (n, N)."""
    squares = np.einsum("ij,ij->i", x, x)[:, None] - 2 * x @ centres.T
    return np.maximum(squares + np.einsum("ij,ij->i", centres, centres), 0)
