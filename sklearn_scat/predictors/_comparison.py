"""Candidates compared by folds; each image is transformed once, by the cache."""

import os
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, clone

from sklearn_scat._parameters import parts
from sklearn_scat.predictors._candidates import Candidate
from sklearn_scat.predictors._weighting import fit_weighted


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

    def outcome(self, candidate):
        """Return what a candidate gives, fold by fold."""
        start, held_out, scores = time.perf_counter(), None, []
        for f in range(self.fold.max() + 1):
            test = np.flatnonzero(self.fold == f)
            model = self.fitted(candidate, np.flatnonzero(self.fold != f))
            own = self.samples.part(test)
            found = self.results(model, own.images)
            if held_out is None:
                held_out = np.full((len(self.fold), *found.shape[1:]), np.nan)
            held_out[test] = found
            scores.append(self.score(found, own.targets, own.weight))
        seconds = time.perf_counter() - start
        loss, error = np.inf, 0.0
        if held_out is not None:
            loss, error = self.judge(held_out, self.samples)
        return Outcome(candidate, held_out, np.array(scores), loss, error, seconds)

    def fitted(self, candidate, indices=None):
        """Return a candidate fitted to some samples, or to all."""
        samples = self.samples if indices is None else self.samples.part(indices)
        estimator = keep_features(clone(candidate.estimator), self.cache)
        return fit_weighted(estimator, samples)


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
