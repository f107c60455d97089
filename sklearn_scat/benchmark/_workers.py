"""Do runs, here or in several processes that end with this one."""

import multiprocessing
import os
import signal
import tempfile
import threading
import time
import traceback
import warnings
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait

import numpy as np
from sklearn.base import clone

from sklearn_scat.benchmark._environment import n_cores
from sklearn_scat.benchmark._plan import build
from sklearn_scat.benchmark._recipes import find_recipe
from sklearn_scat.benchmark._records import Record

_THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


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
    from sklearn_scat.model_selection import BalancedSubsetSplit

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
    with tempfile.TemporaryDirectory(dir=place.scratch) as memory:
        estimator = with_storage(
            build(recipe, data, run.n_train, run.seed),
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
            if data.test_images is None:
                test, truth = rows[rest], data.target[rest]
            else:
                test = data.test_images.reshape(len(data.test_images), -1)
                truth = data.test_target
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


def do_runs(runs, case, data, *, recipes, place, n_jobs):
    """Do runs and give each one's outcome as it comes.

    Parameters
    ----------
    runs : list of Run
        In the order in which to start them.
    case : Case
        Loads the images in other processes.
    data : ImageSet
        Its images, for this process.
    recipes : dict of str to callable
        By name, for this process; others look them up again.
    place : Place
        Where to do them.
    n_jobs : int
        Processes. 1 works in this one.

    Yields
    ------
    run : Run
    outcome : Record or Failure

    Raises
    ------
    concurrent.futures.process.BrokenProcessPool
        If a process was killed.
    """
    if n_jobs == 1 or len(runs) < 2:
        for run in runs:
            yield run, _attempt(run, data, recipes[run.method], place)
        return
    with _pool(min(n_jobs, len(runs)), case, place) as submit:
        futures = {future: run for run, future in submit(runs)}
        for future in as_completed(futures):
            yield futures[future], future.result()


def _attempt(run, data, recipe, place):
    """Return the record of a run, or what it raised."""
    try:
        return do_run(run, data, recipe=recipe, place=place)
    except Exception as error:  # a recipe may raise anything; other runs go on
        message = f"{type(error).__name__}: {_one_line(error)}"
        return Failure(message, traceback.format_exc())


@contextmanager
def _pool(n_jobs, case, place):
    """Give a function that starts runs in `n_jobs` processes, which all end here."""
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        n_jobs,
        mp_context=multiprocessing.get_context("spawn"),  # torch does not survive fork
        initializer=_start_worker,
        initargs=(case, place),
    )

    def submit(runs):
        with _limited_threads(n_jobs), _no_interrupts():
            return [(run, pool.submit(_do_in_worker, run)) for run in runs]

    finished = False
    try:
        yield submit
        finished = True
    finally:
        if not finished:  # do not wait for runs that nobody wants any more
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _limited_threads(n_jobs):
    """Let processes started in this block share the cores, unless the user said how."""
    share = str(max(1, n_cores() // n_jobs))
    added = [name for name in _THREAD_LIMITS if name not in os.environ]
    os.environ.update(dict.fromkeys(added, share))
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]


@contextmanager
def _no_interrupts():
    """Start processes that Ctrl-C does not reach: this one ends them itself."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_worker(case, place):
    """Load the images once, and end when the process that started this one does."""
    parent = multiprocessing.parent_process()
    assert parent is not None  # this is a started process

    def follow():
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
    _Worker.data = case.load(place.data_home)
    _Worker.place = place


class _Worker:
    """What a worker process keeps between runs."""

    data = None
    place = None


def _do_in_worker(run):
    """Return the outcome of a run, in a worker process."""
    return _attempt(run, _Worker.data, find_recipe(run.method), _Worker.place)


def _plain(params):
    """Return chosen parameters as what JSON can hold."""
    return {name: _plain_value(value) for name, value in params.items()}


def _plain_value(value):
    value = value.item() if isinstance(value, np.generic) else value
    return value if isinstance(value, str | int | float | bool | None) else repr(value)


def _one_line(text):
    return " ".join(str(text).split())
