"""Do runs, here or in several processes that end with this one."""

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing.connection import wait

from sklearn_scat.experiments._environment import n_cores
from sklearn_scat.experiments._runs import attempt_run
from sklearn_scat.recipes import find_recipe

_THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


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
            yield run, attempt_run(run, data, recipe=recipes[run.recipe], place=place)
        return
    with _pool(min(n_jobs, len(runs)), case, place) as submit:
        futures = {future: run for run, future in submit(runs)}
        for future in as_completed(futures):
            yield futures[future], future.result()


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
    return attempt_run(
        run, _Worker.data, recipe=find_recipe(run.recipe), place=_Worker.place
    )
