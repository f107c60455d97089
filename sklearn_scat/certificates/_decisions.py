"""What decides at the end of a pipeline, and how far its input may move before.

A decision has ``classes``, ``decide(z)`` and ``limits(z, index)``: the change of z that
the class of that index is certain to bear.
"""

from copy import copy
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import (
    LogisticRegression,
    LogisticRegressionCV,
    Perceptron,
    RidgeClassifier,
    RidgeClassifierCV,
    SGDClassifier,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import SVC, LinearSVC

from sklearn_scat.certificates._affine_steps import AffineMap, text
from sklearn_scat.classifiers import MeanNormRidge, PCAAffineClassifier
from sklearn_scat.classifiers._affine_spaces import Spaces, squared_distances

_LINEAR = (
    LinearDiscriminantAnalysis,
    LinearSVC,
    LogisticRegression,
    LogisticRegressionCV,
    Perceptron,
    RidgeClassifier,
    RidgeClassifierCV,
    SGDClassifier,
)


class Limits(NamedTuple):
    """How far z may move before the class of a sample changes: arrays (n,)."""

    margin: np.ndarray  # over the class that is nearest to winning
    slope: np.ndarray  # by how much that margin changes with z, at most
    distance: np.ndarray  # of z, negative or 0 where the class does not win


class NearestRival(NamedTuple):
    """Margins over every class and what z they bear, of which the least counts."""

    margins: np.ndarray  # (n, K)
    slopes: np.ndarray  # (n, K)
    distances: np.ndarray  # (n, K)

    def limits(self, index):
        """Return those of the rival that is nearest, of the classes of an index."""
        rows, distances = np.arange(len(index)), self.distances.copy()
        distances[rows, index] = np.inf
        k = distances.argmin(axis=1)
        return Limits(*(a[rows, k] for a in (self.margins, self.slopes, distances)))


def _over_slopes(margins, slopes):
    """Return margins / slopes; where nothing changes the margin, its sign decides."""
    certain = np.where(margins > 0, np.inf, -np.inf)
    return np.divide(margins, slopes, out=certain, where=slopes > 0)


@dataclass(frozen=True, eq=False)
class LinearScores:
    """Take the class of the largest score W z + c.

    Attributes
    ----------
    classes : ndarray of shape (K,)
    scores : AffineMap
        To K numbers.
    """

    classes: np.ndarray
    scores: AffineMap

    def decide(self, z):
        """Return the index of the class of each row."""
        return self.scores(z).argmax(axis=1)

    def limits(self, z, index):
        """Return (f_y − f_k) / ‖w_y − w_k‖ for the class k that is nearest."""
        scores, W = self.scores(z), self.scores.weight
        margins = scores[np.arange(len(z)), index, None] - scores  # (n, K)
        slopes = np.linalg.norm(W[:, None] - W, axis=2)[index]
        return NearestRival(margins, slopes, _over_slopes(margins, slopes)).limits(
            index
        )


@dataclass(frozen=True, eq=False)
class PairVotes:
    """Take the class that wins most pairs, of equal ones the first.

    Attributes
    ----------
    classes : ndarray of shape (K,)
    scores : AffineMap
        To K (K − 1) / 2 numbers, positive where the first class of a pair wins.
    """

    classes: np.ndarray
    scores: AffineMap

    def decide(self, z):
        """Return the index of the class of each row."""
        return self._votes(self.scores(z) > 0).sum(axis=1).argmax(axis=1)

    def limits(self, z, index):
        """Return the distance to the last of the pairs that must turn.

        A class k passes y when enough pairs turn: those that y won cost it a vote,
        those that k lost give it one, and the pair of both counts twice. The nearest
        ones turn first.
        """
        scores = self.scores(z)
        norms = np.linalg.norm(self.scores.weight, axis=1)
        far = np.abs(_over_slopes(np.abs(scores), np.broadcast_to(norms, scores.shape)))
        ballots = self._votes(scores > 0)  # (n, pairs, K)
        found = [
            self._limits(b, d, y) for b, d, y in zip(ballots, far, index, strict=True)
        ]
        last, distance = np.array(found).T
        rows = (np.arange(len(z)), last.astype(int))
        return Limits(
            np.sign(distance) * np.abs(scores[rows]), norms[rows[1]], distance
        )

    def _limits(self, ballot, far, y):
        """Return the pair that decides, and its distance, of one sample."""
        nearest = (0, np.inf)
        order, pairs = np.argsort(far, kind="stable"), self._pairs
        for k in range(len(self.classes)):
            if k == y:
                continue
            lead = ballot[:, y].sum() - ballot[:, k].sum()
            needed = lead + (k > y)  # of equal votes the first class wins
            if needed <= 0:
                return int(order[0]), -far[order[0]]
            lost = (pairs == k).any(axis=1) & ~ballot[:, k]
            turned = np.cumsum((ballot[:, y].astype(int) + lost)[order])
            last = order[np.searchsorted(turned, needed)]
            if far[last] < nearest[1]:
                nearest = int(last), far[last]
        return nearest

    def _votes(self, first_wins):
        """Return which class each pair votes for: (n, pairs, K) of bool."""
        winner = np.where(first_wins, *self._pairs.T)
        return winner[..., None] == np.arange(len(self.classes))

    @property
    def _pairs(self):
        """The classes of each pair: (K (K − 1) / 2, 2)."""
        return np.array(list(combinations(range(len(self.classes)), 2)))


@dataclass(frozen=True, eq=False)
class NearestSpace:
    """Take the class of the nearest affine space.

    Attributes
    ----------
    classes : ndarray of shape (K,)
    spaces : Spaces
        In float64.
    """

    classes: np.ndarray
    spaces: Spaces

    def decide(self, z):
        """Return the index of the class of each row."""
        return squared_distances(z, self.spaces).argmin(axis=1)

    def limits(self, z, index):
        """Return half the difference of two distances, each of which has slope 1."""
        distances = np.sqrt(np.maximum(squared_distances(z, self.spaces), 0))
        margins = distances - distances[np.arange(len(z)), index, None]
        slopes = np.full_like(margins, 2.0)
        return NearestRival(margins, slopes, margins / 2).limits(index)


@dataclass(frozen=True, eq=False)
class KernelScores:
    """Take the class of the largest output of a fitted `MeanNormRidge`.

    Attributes
    ----------
    classes : ndarray of shape (K,)
    machine : MeanNormRidge
        With numbers in float64.
    """

    classes: np.ndarray
    machine: MeanNormRidge

    def decide(self, z):
        """Return the index of the class of each row."""
        return self.machine._scores(z).argmax(axis=1)

    def limits(self, z, index):
        r"""Return the distance at which the kernel's features can have moved enough.

        Outputs are linear in features of which those of z and z' differ by at most
        :math:`\sqrt{2 - 2 \exp(-\gamma \|z - z'\|^2 / c)}`, with c copies in z, the
        square root being concave.
        """
        machine = self.machine
        scores = machine._scores(z)
        margins = scores[np.arange(len(z)), index, None] - scores
        moved = _over_slopes(margins, self._norms()[index])  # of features
        with np.errstate(divide="ignore"):  # they never move by √2
            nats = -np.log(np.maximum(1 - moved**2 / 2, 0))
        distances = np.sign(moved) * np.sqrt(machine.n_copies / machine.gamma_ * nats)
        slopes = np.sqrt(2 * machine.gamma_ / machine.n_copies) * self._norms()[index]
        return NearestRival(margins, slopes, distances).limits(index)

    def _norms(self):
        """Return the norms of differences of two outputs' weights: (K, K)."""
        a = self.machine.dual_coef_
        gram = a.T @ self.machine._kernel(self.machine.samples_) @ a
        squares = np.diag(gram)[:, None] + np.diag(gram) - 2 * gram
        return np.sqrt(np.maximum(squares, 0))


def decision(classifier):
    """Return what a fitted classifier does.

    Raises
    ------
    TypeError
        If nothing is known of how far its input may move.
    """
    kind = type(classifier)
    if kind in _LINEAR:
        return _linear(classifier)
    if kind in _OTHERS:
        return _OTHERS[kind](classifier)
    raise TypeError(
        f"{text(classifier)} is no linear classifier, nor one of "
        f"{', '.join(kind.__name__ for kind in _OTHERS)}: there is no certificate."
    )


def _linear(classifier):
    """Return the scores of a classifier with weights for every class, or for two."""
    return _of_weights(classifier, classifier.coef_, classifier.intercept_)


def _of_weights(classifier, W, c):
    """Return scores of rows of weights, one row for two classes."""
    W = np.atleast_2d(np.asarray(W, dtype=np.float64))
    c = np.asarray(c, dtype=np.float64) * np.ones(len(W))
    if len(classifier.classes_) == 2:
        # the decision is the second score, over none for the first
        W, c = np.vstack([np.zeros_like(W), W]), np.concatenate([[0.0], c])
    if len(W) != len(classifier.classes_):
        raise TypeError(f"{text(classifier)} has no weights for every class.")
    return LinearScores(classifier.classes_, AffineMap(W, c))


def _svc(classifier):
    """Return a linear support vector machine's score, or its votes."""
    if classifier.kernel != "linear":
        raise TypeError(f"SVC(kernel={classifier.kernel!r}) is no linear classifier.")
    if len(classifier.classes_) == 2:
        return _linear(classifier)
    if classifier.break_ties:
        raise TypeError("SVC(break_ties=True) compares sums; take break_ties=False.")
    W, c = (np.asarray(a) for a in (classifier.coef_, classifier.intercept_))
    return PairVotes(classifier.classes_, AffineMap(W, c))


def _one_against_rest(classifier):
    """Return the scores of linear classifiers of one class each."""
    if classifier.multilabel_:
        raise TypeError("OneVsRestClassifier of several labels makes no one decision.")
    parts = [decision(part) for part in classifier.estimators_]
    if not all(isinstance(part, LinearScores) for part in parts):
        raise TypeError(
            f"OneVsRestClassifier of {text(classifier.estimators_[0])} has no "
            "certificate; those of linear classifiers have."
        )
    maps = [part.scores for part in parts]
    W = np.array([scores.weight[1] for scores in maps])
    return _of_weights(classifier, W, [scores.offset[1] for scores in maps])


def _affine_spaces(classifier):
    """Return the spaces of a `PCAAffineClassifier`."""
    means, components = (
        a.astype(np.float64) for a in (classifier.means_, classifier.components_)
    )
    return NearestSpace(
        classifier.classes_, Spaces(means, components, classifier.ranks_)
    )


def _kernel_ridge(classifier):
    """Return the outputs of a `MeanNormRidge`."""
    machine = copy(classifier)
    machine.samples_ = machine.samples_.astype(np.float64)
    machine.mean_ = machine.mean_.astype(np.float64)
    return KernelScores(classifier.classes_, machine)


_OTHERS = {
    SVC: _svc,
    OneVsRestClassifier: _one_against_rest,
    PCAAffineClassifier: _affine_spaces,
    MeanNormRidge: _kernel_ridge,
}
