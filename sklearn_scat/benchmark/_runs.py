"""One run: draw, search, test."""

import os
import tempfile
import time
import traceback
import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.base import clone

from sklearn_scat.benchmark._plan import build
from sklearn_scat.benchmark._records import Record
from sklearn_scat.model_selection import BalancedSubsetSplit


@dataclass(frozen=True)
class Failure:
    """A run that raised: what, in one line, and the whole traceback."""

    message: str
    traceback: str


def draw(target, n_train, seed):
    """Return a balanced draw: as many of every class, the same for every method.

    Parameters
    ----------
    target : ndarray of shape (n,)
        Classes.
    n_train : int
        Positions to draw in total.
    seed : int
        The draw depends on it and on `n_train` alone.

    Returns
    -------
    drawn, rest : ndarray of int
        Positions.
    """
    splitter = BalancedSubsetSplit(n_train, n_repeats=1, random_state=seed)
    return next(splitter.split(np.zeros((len(target), 1)), target))


@dataclass(frozen=True)
class Place:
    """Where runs are done.

    Parameters
    ----------
    environment : str
        Key of this machine and its versions, for the records.
    scratch : str
        Folder for what candidates of a search, and searches, share.
    data_home : str, default=None
        Where the case finds its files.
    """

    environment: str
    scratch: str
    data_home: str | None = None


def do_run(run, data, *, recipe, place):
    """Fit a recipe on one draw and measure it on the test images.

    Parameters
    ----------
    run : Run
        What to do.
    data : ImageSet
        Images and classes.
    recipe : callable
        Builds the estimator.
    place : Place
        Where to do it.

    Returns
    -------
    record : Record
    """
    drawn, rest = draw(data.target, run.n_train, run.seed)
    rows = data.images.reshape(len(data.images), -1)
    if data.test_images is None:
        test, truth = rows[rest], data.target[rest]
    else:
        test = data.test_images.reshape(len(data.test_images), -1)
        truth = data.test_target
    with tempfile.TemporaryDirectory(dir=place.scratch) as memory:
        estimator = with_storage(
            build(recipe, data, n_train=run.n_train, seed=run.seed),
            memory=memory,
            cache=os.path.join(place.scratch, "features"),
        )
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            # of joblib, on a slow disk: it tells nothing of the result
            warnings.filterwarnings("ignore", message="Persisting input arguments")
            start = time.perf_counter()
            estimator.fit(rows[drawn], data.target[drawn])
            fitted = time.perf_counter()
            accuracy = np.mean(estimator.predict(test) == truth)
            scored = time.perf_counter()
    return Record(
        case=run.case,
        method=run.method,
        n_train=run.n_train,
        seed=run.seed,
        accuracy=float(accuracy),
        n_test=len(truth),
        params=_plain(getattr(estimator, "best_params_", {})),
        fit_time=round(fitted - start, 4),
        score_time=round(scored - fitted, 4),
        settings=run.settings,
        environment=place.environment,
        warnings=tuple(sorted({_one_line(w.message) for w in caught})),
    )


def with_storage(estimator, *, memory, cache):
    """Return a copy that keeps intermediate results in folders; it gives the same.

    Parameters
    ----------
    estimator : estimator
        Unfitted.
    memory : str
        Where pipelines keep what their steps gave, so that candidates which share
        their first steps compute those once.
    cache : str
        Where transformers keep the features of images, so that each is transformed
        once, whichever folds and draws it is in.

    Returns
    -------
    copy : estimator
        With every parameter ``memory`` and ``cache`` set that was None.
    """
    estimator = clone(estimator)
    folders = {"memory": memory, "cache": cache}
    chosen = {}
    for name, value in estimator.get_params(deep=True).items():
        kind = name.rsplit("__", 1)[-1]
        if value is None and kind in folders:
            chosen[name] = folders[kind]
    return estimator.set_params(**chosen)


def attempt_run(run, data, *, recipe, place):
    """Return the record of a run as :func:`do_run` does, or a :class:`Failure`."""
    try:
        return do_run(run, data, recipe=recipe, place=place)
    except Exception as error:  # a recipe may raise anything; other runs go on
        message = f"{type(error).__name__}: {_one_line(error)}"
        return Failure(message, traceback.format_exc())


def _plain(params):
    """Return chosen parameters as what JSON can hold."""
    return {name: _plain_value(value) for name, value in params.items()}


def _plain_value(value):
    value = value.item() if isinstance(value, np.generic) else value
    return value if isinstance(value, str | int | float | bool | None) else repr(value)


def _one_line(text):
    return " ".join(str(text).split())
