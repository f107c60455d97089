"""Records brought together: accuracy, chosen parameters and times over the seeds."""

import csv
import io
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

_COLUMNS = (
    "case",
    "recipe",
    "n_train",
    "seed",
    "accuracy",
    "n_test",
    "params",
    "fit_time",
    "score_time",
    "settings",
    "environment",
)


@dataclass(frozen=True)
class Spread:
    """Mean and sample standard deviation over n draws.

    Examples
    --------
    >>> from sklearn_scat.experiments import Spread
    >>> print(Spread.of([90.0, 92.0]))
    91.00 ± 1.41
    >>> print(Spread.of([90.0]))
    90.00
    """

    mean: float
    std: float
    n: int

    @classmethod
    def of(cls, values: Any) -> Self:
        """Return the spread of a list of numbers; std is NaN for one number."""
        std = float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")
        return cls(float(np.mean(values)), std, len(values))

    def __str__(self):
        return f"{self.mean:.2f} ± {self.std:.2f}" if self.n > 1 else f"{self.mean:.2f}"


@dataclass(frozen=True)
class Summary:
    """An experiment: what was asked for, and the records that came.

    Parameters
    ----------
    case, title : str
        The case's name, and what its images are.
    recipes : tuple of str
        Recipes, in the order asked for.
    sizes : tuple of int
        Training sizes.
    seeds : tuple of int
        Seeds of the draws.
    records : tuple of Record
        One for each run that came through.
    estimators : dict of str to str
        Every recipe's unfitted estimator as text.
    environments : dict of str to dict
        Versions and machines of the records.
    notes : tuple of str
        What a reader must know: failed runs, records left out.
    n_draws : dict of int to int
        Draws by training size, where they are fewer than the seeds.
    """

    case: str
    title: str
    recipes: tuple
    sizes: tuple
    seeds: tuple
    records: tuple
    estimators: dict = field(default_factory=dict)
    environments: dict = field(default_factory=dict)
    notes: tuple = ()
    n_draws: dict = field(default_factory=dict)

    @property
    def n_runs(self) -> int:
        """How many records there are when nothing is missing."""
        return len(self.recipes) * sum(map(self.draws, self.sizes))

    def draws(self, n_train: int) -> Any:
        """Return how many draws of one size were asked for."""
        return self.n_draws.get(n_train, len(self.seeds))

    def of(self, recipe: str, n_train: int) -> Any:
        """Return the records of one recipe and training size."""
        return [r for r in self.records if (r.recipe, r.n_train) == (recipe, n_train)]

    def accuracy(self, recipe: str, n_train: int) -> Any:
        """Return the accuracy in percent as a :class:`Spread`, None without records."""
        values = [100 * record.accuracy for record in self.of(recipe, n_train)]
        return Spread.of(values) if values else None

    def seconds(self, recipe: str, n_train: int) -> Any:
        """Return mean seconds (fit, test) of a run, None without records."""
        records = self.of(recipe, n_train)
        if not records:
            return None
        times = [(record.fit_time, record.score_time) for record in records]
        return tuple(np.mean(times, axis=0).tolist())

    def chosen(self, recipe: str, n_train: int) -> Any:
        """Return, by parameter, how often each value was chosen: dict of Counters."""
        choices: dict[str, Counter] = {}
        for record in self.of(recipe, n_train):
            for name, value in record.params.items():
                choices.setdefault(name, Counter())[value] += 1
        return choices


def accuracy_table(summary: Summary) -> str:
    """Return the table of accuracies as text.

    Parameters
    ----------
    summary : Summary
        What to tabulate.

    Returns
    -------
    table : str
        A line a training size, a column a recipe; percent, mean ± standard deviation
        over the seeds. An asterisk marks means over fewer seeds than asked for.
    """
    rows = [["n_train", *summary.recipes]]
    for n_train in summary.sizes:
        cells = [summary.accuracy(recipe, n_train) for recipe in summary.recipes]
        n_draws = summary.draws(n_train)
        rows.append([str(n_train), *(accuracy_text(cell, n_draws) for cell in cells)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(lines)


def accuracy_text(cell, n_draws):
    """Return one accuracy of a table as text."""
    if cell is None:
        return "–"
    return f"{cell}*" if cell.n < n_draws else str(cell)


def records_csv(records: Any) -> str:
    """Return records as CSV, one line each; chosen parameters as JSON in one column.

    Examples
    --------
    >>> from sklearn_scat.experiments import Record
    >>> from sklearn_scat.experiments import records_csv
    >>> record = Record("digits", "pca", 50, 0, 0.8, 1747, {}, 1.5, 0.1, "5f", "a0")
    >>> print(records_csv([record]).splitlines()[1])
    digits,pca,50,0,0.8,1747,{},1.5,0.1,5f,a0
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for record in records:
        row = {name: getattr(record, name) for name in _COLUMNS}
        writer.writerow({**row, "params": json.dumps(record.params)}.values())
    return text.getvalue()
