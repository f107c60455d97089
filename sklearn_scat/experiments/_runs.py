"""One run: draw, search, test."""

import math
import os
import tempfile
import time
import traceback
import warnings
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import numpy as np
from sklearn.base import clone
from sklearn.metrics import confusion_matrix
from sklearn.model_selection._search import BaseSearchCV
from sklearn.pipeline import Pipeline

from sklearn_scat._parameters import is_estimator, parameters
from sklearn_scat.experiments._fitted import chosen_parameters, path_weights
from sklearn_scat.experiments._judgement import Judgement
from sklearn_scat.experiments._neighbors import MOST_MISTAKES, learned_neighbors
from sklearn_scat.experiments._plan import build, has_folds, takes_all
from sklearn_scat.experiments._predictions import largest_probabilities, predictions
from sklearn_scat.experiments._records import Record
from sklearn_scat.experiments._stopwatch import Stopwatch
from sklearn_scat.model_selection import BalancedSubsetSplit


@dataclass(frozen=True)
class Failure:
    """A run that raised: what, in one line, and the whole traceback."""

    message: str
    traceback: str


def training_set(data, n_train, seed):
    """Return the positions of a published training set, of all, or of a balanced draw.

    Parameters
    ----------
    data : ImageSet
        Images and classes.
    n_train, seed : int
        As for :func:`draw`; with published sets of `n_train` images, which of them.

    Returns
    -------
    drawn, rest : ndarray of int
        Positions.
    """
    if has_folds(data, n_train):
        drawn = np.sort(data.folds[seed])
    elif takes_all(data, n_train):
        drawn = np.arange(n_train)
    else:
        return draw(data.target, n_train, seed)
    return drawn, np.setdiff1d(np.arange(len(data.target)), drawn)


def draw(target, n_train, seed):
    """Return a balanced draw: as many of every class, the same for every recipe.

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
    drawn, rest = training_set(data, run.n_train, run.seed)
    rows, classes = as_rows(data.images), np.unique(data.target)
    test, truth = _test_set(data, rows, rest)
    with tempfile.TemporaryDirectory(dir=place.scratch) as memory:
        estimator = with_storage(
            build(recipe, data, n_train=run.n_train, seed=run.seed),
            memory=memory,
            cache=os.path.join(place.scratch, "features"),
        )
        watch = Stopwatch()
        watch.time(estimator)
        with _collected_warnings() as caught:
            start = time.perf_counter()
            estimator.fit(rows[drawn], data.target[drawn])
            fitted, transformed = time.perf_counter(), watch.seconds
            watch.time(estimator)  # what came out of a pipeline's memory too
            predicted, largest = predictions(estimator, test)
            fit_time, score_time = fitted - start, time.perf_counter() - fitted
            in_features = transformed, watch.seconds
            said = _positions(classes, truth=truth, predicted=predicted)
            if largest is None:  # in time that is not counted
                largest = largest_probabilities(estimator, test)
            said["probability"] = _rounded(largest)
            said["index"] = rest.tolist() if data.test_images is None else []
            near = _neighbors(estimator, said, test=test, learned=(rows, drawn))
    return Record(
        **asdict(run),
        accuracy=float(np.mean(predicted == truth)),
        n_test=len(truth),
        params=_plain(chosen_parameters(estimator)),
        fit_time=round(fit_time, 4),
        score_time=round(score_time, 4),
        environment=place.environment,
        warnings=tuple(sorted({_one_line(w.message) for w in caught})),
        times=_stages(fit_time, score_time, in_features),
        confusion=_confusion(truth, predicted, classes),
        weights=path_weights(estimator),
        predictions={**said, "neighbors": near},
    )


def _neighbors(estimator, said, *, test, learned):
    """Return the surest mistakes, with the nearest images that were learned from."""
    rows, drawn = learned
    n_classes = 1 + max(said["truth"] + said["predicted"])
    judgement = Judgement.from_predictions(range(n_classes), said)
    wrong = judgement.mistakes()[:MOST_MISTAKES]
    if not len(wrong):
        return []
    nearest = learned_neighbors(estimator, test[wrong], rows[drawn])
    return [
        [int(i), drawn[own].tolist()] for i, own in zip(wrong, nearest, strict=True)
    ]


def _test_set(data, rows, rest):
    """Return rows and classes of the test images, or of what was not drawn."""
    if data.test_images is None:
        return rows[rest], data.target[rest]
    return as_rows(data.test_images), data.test_target


def _stages(fit_time, score_time, in_features):
    """Return seconds by stage, of those until two points that went into features."""
    until_fitted, in_all = in_features
    return {
        "transform": round(in_all, 4),
        "fit": round(fit_time - until_fitted, 4),
        "predict": round(score_time - (in_all - until_fitted), 4),
    }


def _positions(classes, **labels):
    """Return the positions of labels among the classes, by name."""
    return {
        name: np.searchsorted(classes, values).tolist()
        for name, values in labels.items()
    }


def as_rows(images):
    """Return images as rows of pixels; those of any sizes as they are."""
    return images if images.dtype.hasobject else images.reshape(len(images), -1)


@contextmanager
def _collected_warnings():
    """Give the list of what is warned of in a block."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        # of joblib, on a slow disk: it tells nothing of the result
        warnings.filterwarnings("ignore", message="Persisting input arguments")
        yield caught


def _rounded(probabilities):
    """Return probabilities for a record; [] where there are none."""
    return [] if probabilities is None else np.round(probabilities, 4).tolist()


def _confusion(truth, predicted, classes):
    """Return counts of test images by true class (rows) and predicted class."""
    counts = confusion_matrix(truth, predicted, labels=classes)
    return {"classes": [str(name) for name in classes], "counts": counts.tolist()}


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
        With every parameter ``cache`` set that was None, and every ``memory`` of a
        pipeline inside a search: another pipeline is fitted once.
    """
    estimator = clone(estimator)
    folders = {
        parameter.name: memory if parameter.key == "memory" else cache
        for parameter in parameters(estimator)
        if parameter.value is None and _is_read_again(parameter)
    }
    return estimator.set_params(**folders)


def _is_read_again(parameter):
    """Tell a parameter of storage that pays: `memory` does inside a search alone."""
    *above, holder = parameter.holders
    if parameter.key == "memory" and isinstance(holder, Pipeline):
        return any(isinstance(outer, BaseSearchCV) for outer in above)
    return parameter.key == "cache" and is_estimator(holder)


def attempt_run(run, data, *, recipe, place):
    """Return the record of a run as :func:`do_run` does, or a :class:`Failure`.

    A run whose record could not be read again has failed too.
    """
    try:
        record = do_run(run, data, recipe=recipe, place=place)
        return Record.from_line(record.to_line())
    except (Exception, SystemExit) as error:  # of a recipe; other runs go on
        message = f"{type(error).__name__}: {_one_line(error)}"
        return Failure(message, _writable(traceback.format_exc()))


def _plain(params):
    """Return chosen parameters as what JSON can hold."""
    return {name: _plain_value(value) for name, value in params.items()}


def _plain_value(value):
    if isinstance(value, np.ndarray):
        first = value.flat[0] if value.size else None
        value = first if np.all(value == first) else value.tolist()
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)  # which JSON has no number for
    return value if isinstance(value, str | int | float | bool | None) else repr(value)


def _one_line(text):
    return _writable(" ".join(str(text).split()))


def _writable(text):
    """Return a text that a file in UTF-8 can hold: names of files may be any bytes."""
    return text.encode(errors="backslashreplace").decode()
