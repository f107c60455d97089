"""Candidates compared by folds; each image is transformed once, by the cache."""

import os
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline

from sklearn_scat._parameters import parts
from sklearn_scat.predictors._candidates import Candidate
from sklearn_scat.predictors._weighting import fit_weighted, transformed_by_fit

_LONG = 10**6  # letters of a pipeline's text, which is never cut


@dataclass(frozen=True)
class Outcome:
    """What a candidate gave for samples that it had not learned from.

    Parameters
    ----------
    candidate : Candidate
        What was fitted.
    held_out : ndarray of shape (n, ...)
        Results; NaN for samples that were never held out.
    scores : ndarray of shape (n_folds,)
        Of each fold; larger is better.
    loss : float
        Of all held-out results; smaller is better.
    standard_error : float
        Of the mean score: what lies within it of the best is taken for as good.
    seconds : float
        Time of all folds.
    """

    candidate: Candidate
    held_out: np.ndarray
    scores: np.ndarray
    loss: float
    standard_error: float
    seconds: float

    @property
    def mean(self):
        """The mean score; NaN without folds."""
        return float(np.mean(self.scores)) if len(self.scores) else float("nan")


@dataclass(frozen=True)
class Comparison:
    """How candidates are compared.

    Parameters
    ----------
    samples : Samples
        Training images.
    fold : ndarray of int of shape (n,)
        The fold of each; −1 where it is always learned from.
    results : callable
        ``results(estimator, images)`` gives an array (n, ...).
    score : callable
        ``score(results, targets, weight)`` of a fold; larger is better.
    judge : callable
        ``judge(held_out, samples)`` gives a loss, and the standard error of the score.
    cache : str
        Folder of features.
    """

    samples: Any
    fold: np.ndarray
    results: Any
    score: Any
    judge: Any
    cache: str

    def outcomes(self, candidates):
        """Return what candidates give that share all steps but the last.

        What these steps make of images is computed once a fold.

        Parameters
        ----------
        candidates : list of Candidate
            Of one group of :func:`sharing`.

        Returns
        -------
        outcomes : list of Outcome
        """
        seconds, scores = np.zeros(len(candidates)), [[] for _ in candidates]
        held_out: list = [None for _ in candidates]
        for f in range(self.fold.max() + 1):
            watch = time.perf_counter()
            train, test = self._features(candidates[0], f)
            seconds += (time.perf_counter() - watch) / len(candidates)
            for i, candidate in enumerate(candidates):
                watch = time.perf_counter()
                last = clone(flattened(candidate.estimator)[-1][1])
                last = fit_weighted(keep_features(last, self.cache), train)
                found = self.results(last, test.images)
                if held_out[i] is None:
                    held_out[i] = np.full((len(self.fold), *found.shape[1:]), np.nan)
                held_out[i][self.fold == f] = found
                scores[i].append(self.score(found, test.targets, test.weight))
                seconds[i] += time.perf_counter() - watch
        return [
            self._outcome(*parts)
            for parts in zip(candidates, held_out, scores, seconds, strict=True)
        ]

    def _features(self, candidate, f):
        """Return what the first steps make of a fold's two parts, fitted to the first.

        The first is what is learned from, the second what is held out.
        """
        train, test = (
            self.samples.part(np.flatnonzero(own))
            for own in (self.fold != f, self.fold == f)
        )
        steps = flattened(candidate.estimator)[:-1]
        if not steps:
            return train, test
        first = keep_features(clone(Pipeline(steps)), self.cache)
        images = transformed_by_fit(first, train)
        return (
            train._replace(images=images),
            test._replace(images=first.transform(test.images)),
        )

    def _outcome(self, candidate, held_out, *of_folds):
        """Return the outcome of results, of scores by folds, and of the time taken."""
        scores, seconds = of_folds
        loss, error = np.inf, 0.0
        if held_out is not None:
            loss, error = self.judge(held_out, self.samples)
        return Outcome(
            candidate, held_out, np.array(scores), loss, error, float(seconds)
        )

    def fitted(self, candidate, indices=None):
        """Return a candidate fitted to some samples, or to all."""
        samples = self.samples if indices is None else self.samples.part(indices)
        estimator = keep_features(clone(candidate.estimator), self.cache)
        return fit_weighted(estimator, samples)


def flattened(estimator):
    """Return the steps of a pipeline, those of one that is its last step as its own.

    Another estimator is the only step.
    """
    if not isinstance(estimator, Pipeline):
        return [("estimator", estimator)]
    *first, (name, last) = estimator.steps
    if not isinstance(last, Pipeline):
        return [*first, (name, last)]
    return [*first, *((f"{name}-{inner}", step) for inner, step in flattened(last))]


def sharing(candidates):
    """Return candidates in groups that share all steps but the last, in their order."""
    groups: dict = {}
    for candidate in candidates:
        first = flattened(candidate.estimator)[:-1]
        key = Pipeline(first).__repr__(N_CHAR_MAX=_LONG) if first else id(candidate)
        groups.setdefault(key, []).append(candidate)
    return list(groups.values())


def keep_features(estimator, cache):
    """Set the folder of features of all parts of an estimator, fitted or not."""
    for part in parts(estimator):
        if isinstance(part, BaseEstimator) and "cache" in vars(part):
            part.cache = cache
    return estimator


@contextmanager
def feature_folder(cache):
    """Give a folder for features: the user's, or one for the time of a block."""
    if cache is not None:
        yield os.fspath(cache)
        return
    with tempfile.TemporaryDirectory(prefix="sklearn-scat-") as folder:
        yield folder


def best_of(outcomes):
    """Return the outcome of the least loss among those as good as the best.

    These have a mean score within one standard error of the largest.
    """
    highest = max(outcomes, key=lambda outcome: np.nan_to_num(outcome.mean, nan=-1e300))
    if not len(highest.scores):
        return outcomes[0]
    good = [o for o in outcomes if o.mean >= highest.mean - highest.standard_error]
    return min(good, key=lambda outcome: outcome.loss)


def table_of(outcomes):
    """Return outcomes as columns: a dict of lists, which makes a table."""
    return {
        "recipe": [o.candidate.recipe for o in outcomes],
        "params": [dict(o.candidate.params) for o in outcomes],
        "mean_test_score": [o.mean for o in outcomes],
        "std_test_score": [
            float(np.std(o.scores)) if len(o.scores) else float("nan") for o in outcomes
        ],
        "loss": [o.loss for o in outcomes],
        "time": [round(o.seconds, 3) for o in outcomes],
    }


def reason_of(best, outcomes):
    """Return a sentence that says what was chosen, and what came next."""
    if not len(best.scores):
        return f"{best.candidate}: too few images for folds, nothing was compared."
    others = [o for o in outcomes if o.candidate.recipe != best.candidate.recipe]
    text = f"{best.candidate}: {_figures(best)} in {len(best.scores)} folds"
    if not others:
        return f"{text}."
    runner_up = best_of(others)
    return f"{text}; next {runner_up.candidate}, {_figures(runner_up)}."


def _figures(outcome):
    return f"{outcome.mean:.3f} (loss {outcome.loss:.3f})"
