"""The report: one page that needs nothing beside it."""

from typing import Any

from markupsafe import Markup

from sklearn_scat.experiments._curves import learning_curves_svg
from sklearn_scat.experiments._details import (
    comparisons_html,
    confusions_html,
    stages_html,
    weights_html,
)
from sklearn_scat.experiments._examples_html import examples_html
from sklearn_scat.experiments._pages import Section, joined, page_html, table_html
from sklearn_scat.experiments._summary import accuracy_text

_FOOTER = Markup(
    "Written by <code>sklearn-scat bench</code>; every run is a line of "
    "<code>results.jsonl</code> beside this page."
)


def report_html(summary: Any, data: Any = None) -> str:
    """Return the report of an experiment as one self-contained HTML page.

    Parameters
    ----------
    summary : Summary
        What was asked for and what came out.
    data : ImageSet, default=None
        The images, to show those that runs got wrong.

    Returns
    -------
    html : str
        Learning curves (inline SVG), accuracies, chosen parameters, times, what was
        run with its seeds, versions and machines; paired tests between recipes,
        confusions, times by stage, and linear weights on the paths.
    """
    return page_html(
        f"{summary.case}: accuracy for few training images",
        [
            Section(_introduction(summary)),
            Section(_notes(summary)),
            Section(_figure(summary)),
            Section(_accuracy(summary), "Accuracy (%)"),
            Section(_chosen(summary), "Chosen parameters (in how many draws)"),
            Section(comparisons_html(summary), "Differences between recipes"),
            Section(confusions_html(summary), "Confusions (% of each class)"),
            Section(examples_html(summary, data), "Images"),
            Section(_explained(weights_html(summary)), "Weights of linear classifiers"),
            Section(_seconds(summary), "Seconds a run"),
            Section(stages_html(summary), "Seconds by stage"),
            Section(_estimators(summary), "Classifiers"),
            Section(_warnings(summary), "Warnings of the runs"),
            Section(_environments(summary), "Machine and versions"),
        ],
        footer=_FOOTER,
    )


def _explained(maps):
    """Put before maps of weights what they show."""
    return maps and joined([_WEIGHTS_ARE, maps])


_WEIGHTS_ARE = Markup(
    "<p>Root mean square, over classes, channels and positions, of the weights of "
    "standardised coefficients, by path; the darkest cell is the largest.</p>"
)


def _introduction(summary):
    tests = sorted({record.n_test for record in summary.records})
    n_test = " to ".join(f"{n:,}" for n in sorted({*tests[:1], *tests[-1:]}))
    seeds = ", ".join(map(str, summary.seeds))
    return Markup(
        "<p>{title}. Each point is the mean over {n_draws} draws (seeds {seeds}) of a "
        "training set with the same number of images from every class; all recipes see "
        "the same draws. Parameters are chosen inside the drawn set, and accuracy is "
        "measured on {n_test} images that were not in it. ± is the sample standard "
        "deviation over the draws.</p>"
    ).format(
        title=summary.title,
        n_draws=len(summary.seeds),
        seeds=seeds,
        n_test=n_test or "no",
    )


def _notes(summary):
    if not summary.notes:
        return ""
    items = joined(Markup("<li>{}</li>").format(note) for note in summary.notes)
    return Markup("<ul class='note'>{}</ul>").format(items)


def _figure(summary):
    if not summary.records:
        return ""
    label = f"Learning curves of {', '.join(summary.recipes)}"
    svg = Markup(
        learning_curves_svg(summary).replace(
            "<svg", Markup('<svg role="img" aria-label="{}"').format(label), 1
        )
    )
    caption = "Learning curves. Bars are one standard deviation over the draws."
    return Markup(
        "<figure class='plate'>{}<figcaption>{}</figcaption></figure>"
    ).format(svg, caption)


def _accuracy(summary):
    rows = []
    for n_train in summary.sizes:
        cells = [summary.accuracy(recipe, n_train) for recipe in summary.recipes]
        n_draws = summary.draws(n_train)
        best = max((cell.mean for cell in cells if cell), default=None)
        marked = (
            (accuracy_text(cell, n_draws), "best" if cell and cell.mean == best else "")
            for cell in cells
        )
        rows.append([f"{n_train:,}", *marked])
    asterisk = Markup("<p>* fewer draws than the others; see the notes.</p>")
    is_partial = len(summary.records) < summary.n_runs
    table = table_html(["training images", *summary.recipes], rows)
    return table + (asterisk if is_partial else "")


def _chosen(summary):
    return joined(_chosen_by(summary, recipe) for recipe in summary.recipes)


def _chosen_by(summary, recipe):
    """Return the table of one recipe: a line a training size, a column a parameter."""
    chosen = {n_train: summary.chosen(recipe, n_train) for n_train in summary.sizes}
    names = list(dict.fromkeys(name for choices in chosen.values() for name in choices))
    if not names:
        return ""
    rows = [
        [f"{n_train:,}", *(_counts_text(choices.get(name, {})) for name in names)]
        for n_train, choices in chosen.items()
    ]
    table = table_html(["training images", *names], rows, kind="text")
    return Markup("<h3>{}</h3>\n{}").format(recipe, table)


def _counts_text(counts):
    """Return values with how often each was chosen, the most frequent first."""
    values = sorted(counts.items(), key=lambda item: -item[1])
    return ", ".join(f"{_short(value)} ({n}×)" for value, n in values) or "–"


def _seconds(summary):
    rows = []
    for n_train in summary.sizes:
        times = [summary.seconds(recipe, n_train) for recipe in summary.recipes]
        cells = (f"{t[0]:.2f} + {t[1]:.2f}" if t else "–" for t in times)
        rows.append([f"{n_train:,}", *cells])
    note = Markup(
        "<p>Mean wall-clock time of the whole search with its last fit, + that of "
        "classifying the test images. Runs that were done side by side share the "
        "machine.</p>"
    )
    return note + table_html(["training images", *summary.recipes], rows)


def _estimators(summary):
    part = Markup("<details><summary>{}</summary><pre>{}</pre></details>")
    return joined(part.format(*item) for item in summary.estimators.items())


def _warnings(summary):
    counts: dict[str, dict[str, int]] = {}
    for record in summary.records:
        for text in record.warnings:
            recipes = counts.setdefault(text, {})
            recipes[record.recipe] = recipes.get(record.recipe, 0) + 1
    rows = [
        [text, ", ".join(f"{recipe} ({n}×)" for recipe, n in recipes.items())]
        for text, recipes in counts.items()
    ]
    return table_html(["warning", "runs"], rows, kind="text") if rows else ""


def _environments(summary):
    environments = list(summary.environments.values())
    names = list(dict.fromkeys(name for env in environments for name in env))
    rows = [[name, *(env.get(name, "–") for env in environments)] for name in names]
    header = ["", *summary.environments]
    return table_html(header, rows, kind="text") if rows else ""


def _short(value):
    return f"{value:g}" if isinstance(value, float) else str(value)
