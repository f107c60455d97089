"""An experiment: plan it, do what is missing, and write down what came out."""

import os
import shutil
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sklearn.base import BaseEstimator

from sklearn_scat._whole_files import write_text
from sklearn_scat.experiments._cases import Case, default_sizes
from sklearn_scat.experiments._environment import n_cores, remember_environment
from sklearn_scat.experiments._plan import build, plan_runs
from sklearn_scat.experiments._progress import Progress
from sklearn_scat.experiments._records import RecordFolder
from sklearn_scat.experiments._report import report_html
from sklearn_scat.experiments._runs import Failure, Place
from sklearn_scat.experiments._summary import Summary, records_csv
from sklearn_scat.experiments._workers import do_runs
from sklearn_scat.recipes import find_recipe

_MOST_JOBS = 8  # each holds torch and the images
_LONG_TEXT = 100_000


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during an experiment; says what is kept and how to go on."""


@dataclass(frozen=True)
class Experiment:
    """What to run.

    Parameters
    ----------
    case : Case
        Which images.
    sizes : tuple of int, default=None
        Training sizes; None takes the case's, or those that suit the images.
    n_seeds : int, default=None
        Draws of each size, with the seeds 0 … n_seeds − 1; None takes the case's,
        which may be fewer for large sizes.
    recipes : tuple of str, default=None
        Recipes by name or ``module:function``; None takes the case's.
    data_home : str, default=None
        Where the case finds its files.

    Examples
    --------
    >>> from sklearn_scat.experiments import Experiment
    >>> from sklearn_scat.experiments import find_case
    >>> Experiment(find_case("digits"), sizes=(50,)).seeds
    (0, 1, 2, 3, 4)
    """

    case: Case
    sizes: tuple | None = None
    n_seeds: int | None = None
    recipes: tuple | None = None
    data_home: str | None = None
    seeds: tuple = field(init=False)

    def __post_init__(self):
        """Fill in what the case says, each size and recipe once."""
        case = self.case
        sizes = tuple(sorted(set(self.sizes or case.sizes)))
        object.__setattr__(self, "sizes", sizes)
        recipes = tuple(dict.fromkeys(self.recipes or case.recipes))
        object.__setattr__(self, "recipes", recipes)
        seeds = max((self.seeds_of(n) for n in sizes), key=len, default=())
        object.__setattr__(self, "seeds", seeds)

    def seeds_of(self, n_train: int) -> Any:
        """Return the seeds of the draws of one size."""
        if self.n_seeds is None:
            return self.case.seeds(n_train)
        return tuple(range(self.n_seeds))


def run_experiment(
    experiment: Experiment,
    out: str | os.PathLike[str],
    *,
    n_jobs: int | None = None,
    stream: Any = None,
) -> Summary:
    """Do the runs that `out` has no record of, then write the table and the report.

    Parameters
    ----------
    experiment : Experiment
        What to run.
    out : path-like
        Folder for ``results.jsonl``, ``results.csv``, ``report.html`` and
        ``environments.json``; ``failures.log`` if runs failed. Records that are there
        are taken if everything that decides their result is the same.
    n_jobs : int, default=None
        Processes; None takes one for each core, up to 8.
    stream : file, default=None
        Where progress is told; None is standard error.

    Returns
    -------
    summary : Summary
        Its records are those of this experiment alone, whatever else `out` holds.

    Raises
    ------
    ValueError
        If the experiment cannot be run, or another process holds `out`.
    ChildProcessError
        If a process was killed. All runs that ended are kept.
    Interrupted
        On Ctrl-C. All runs that ended are kept.

    Examples
    --------
    >>> import io, tempfile
    >>> from sklearn_scat.experiments import Experiment, run_experiment
    >>> from sklearn_scat.experiments import find_case
    >>> experiment = Experiment(
    ...     find_case("digits"), sizes=(20,), n_seeds=1, recipes=("pixels",)
    ... )
    >>> with tempfile.TemporaryDirectory() as out:
    ...     summary = run_experiment(experiment, out, stream=io.StringIO())
    >>> summary.records[0].n_test
    1777
    """
    data = experiment.case.load(experiment.data_home)
    if not experiment.sizes:
        experiment = replace(experiment, sizes=default_sizes(data))
    recipes = {name: find_recipe(name) for name in experiment.recipes or ()}
    runs = _plan(experiment, data, recipes)
    with RecordFolder(out) as folder:
        key, environments = remember_environment(folder.folder)
        missing = [run for run in runs if run.key not in folder.records]
        progress = Progress(missing, stream)
        _tell_start(progress, folder, runs)
        with _scratch(folder.folder) as scratch:
            outcomes = do_runs(
                missing,
                experiment.case,
                data,
                recipes=recipes,
                place=Place(key, str(scratch), experiment.data_home),
                n_jobs=n_jobs or min(n_cores(), _MOST_JOBS),
            )
            failures = _keep(outcomes, folder, progress)
        *_, largest = experiment.sizes or ()
        summary = _summarise(
            experiment,
            [folder.records[run.key] for run in runs if run.key in folder.records],
            estimators=_estimator_texts(recipes, data, n_train=largest),
            environments=environments,
            notes=[*failures, *_left_out(folder, runs)],
        )
        write_text(folder.folder / "results.csv", records_csv(summary.records))
        write_text(folder.folder / "report.html", report_html(summary, data))
    return summary


def _plan(experiment, data, recipes):
    """Return the runs of an experiment: of large sizes perhaps fewer draws."""
    runs = plan_runs(
        experiment.case.name,
        data,
        recipes=recipes,
        sizes=experiment.sizes,
        seeds=experiment.seeds,
    )
    return [run for run in runs if run.seed in experiment.seeds_of(run.n_train)]


def _estimator_texts(recipes, data, *, n_train):
    """Return the estimator of every recipe for one training size, as text, by name."""
    return {
        name: estimator_text(build(recipe, data, n_train=n_train, seed=0))
        for name, recipe in recipes.items()
    }


def estimator_text(estimator):
    """Return an unfitted estimator with all that was set, as text."""
    if isinstance(estimator, BaseEstimator):
        return estimator.__repr__(N_CHAR_MAX=_LONG_TEXT)
    return repr(estimator)


def _keep(outcomes, folder, progress):
    """Write down outcomes as they come; return what failed, a line each."""
    failures = []
    try:
        with closing(outcomes):
            for run, outcome in outcomes:
                failures += _keep_one(run, outcome, folder=folder, progress=progress)
    except KeyboardInterrupt:
        raise Interrupted(f"interrupted: {_what_is_kept(folder)}") from None
    except BrokenProcessPool as error:
        raise ChildProcessError(
            f"a process of this run was killed, perhaps for its memory (--jobs 1 takes "
            f"less): {_what_is_kept(folder)}"
        ) from error
    finally:
        progress.end()
    return failures


def _keep_one(run, outcome, *, folder, progress):
    """Write down one outcome; return a line if it is a failure."""
    if not isinstance(outcome, Failure):
        folder.append(outcome)
        progress(run, f"{100 * outcome.accuracy:.2f} %")
        return []
    _log_failure(folder.folder / "failures.log", run, outcome)
    progress(run, f"failed: {outcome.message}")
    return [f"{run} failed: {outcome.message}"]


def _what_is_kept(folder):
    return (
        f"{len(folder.records)} runs are kept in {folder.path}; the same command goes "
        f"on from there."
    )


def _log_failure(path, run, failure):
    with open(path, "a", encoding="utf-8") as stream:
        stream.write(f"{run}\n{failure.traceback}\n")


@contextmanager
def _scratch(folder):
    """Give an empty folder for intermediate results, gone at the end.

    One that a killed process left is emptied first: the lock says that nobody is
    using it.
    """
    path = folder / ".scratch"
    shutil.rmtree(path, ignore_errors=True)
    try:
        path.mkdir()
    except FileExistsError as error:
        raise ValueError(
            f"{path} is in the place of a folder for intermediate results. Remove it, "
            "or give another --out."
        ) from error
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _tell_start(progress, folder, runs):
    """Say what was found, and what will be done."""
    for damage in folder.damaged:
        progress.note(f"damaged record, set aside, to be done again: {damage}")
    for note in _left_out(folder, runs):
        progress.note(note)
    n_found = sum(run.key in folder.records for run in runs)
    found = f", {n_found} of them found in {folder.path}" if n_found else ""
    progress.note(f"{len(runs)} runs{found}")


def _left_out(folder, runs):
    """Say how many records are of these runs, but with other settings."""
    keys = {run.key for run in runs}
    names = {key[:-1] for key in keys}
    n = sum(key[:-1] in names and key not in keys for key in folder.records)
    if not n:
        return []
    return [
        f"{n} records in {folder.path} were made with other settings (images, "
        f"estimator, grid or version): they are kept there, and left out here"
    ]


def _summarise(experiment, records, *, estimators, environments, notes):
    """Return the summary of the records of an experiment."""
    used = dict.fromkeys(record.environment for record in records)
    if len(used) > 1:
        notes = [*notes, f"the runs were made in {len(used)} environments (see below)"]
    return Summary(
        case=experiment.case.name,
        title=experiment.case.title,
        recipes=experiment.recipes,
        sizes=experiment.sizes,
        seeds=experiment.seeds,
        n_draws={n: len(experiment.seeds_of(n)) for n in experiment.sizes},
        records=tuple(records),
        estimators=estimators,
        environments={key: environments.get(key, {}) for key in used},
        notes=tuple(notes),
    )
