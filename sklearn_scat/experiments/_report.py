"""The report: one page that needs nothing beside it."""

from html import escape

from sklearn_scat.experiments._curves import learning_curves_svg
from sklearn_scat.experiments._details import (
    comparisons_html,
    confusions_html,
    stages_html,
    weights_html,
)
from sklearn_scat.experiments._summary import accuracy_text
from sklearn_scat.experiments._tables import table_html

STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #1b1b1b; background: #fff;
       max-width: 60rem; margin: 2rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.6rem; margin-bottom: .2rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
.text tbody th { font-weight: 400; }
p { max-width: 46rem; }
figure { margin: 1.2rem 0; } figure svg { max-width: 100%; height: auto; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .9rem; text-align: right; border-bottom: 1px solid #ddd;
         vertical-align: top; }
thead th { border-bottom: 2px solid #888; white-space: nowrap; }
.text th, .text td { text-align: left; }
.best { font-weight: 700; }
.note { border-left: 4px solid #D55E00; padding-left: .8rem; }
pre { background: #f5f5f5; padding: .8rem; white-space: pre-wrap; font-size: .85rem; }
footer { margin-top: 3rem; color: #555; font-size: .9rem; }
"""


def report_html(summary):
    """Return the report of an experiment as one self-contained HTML page.

    Parameters
    ----------
    summary : Summary
        What was asked for and what came out.

    Returns
    -------
    html : str
        Learning curves (inline SVG), accuracies, chosen parameters, times, what was
        run with its seeds, versions and machines; paired tests between methods,
        confusions, times by stage, and linear weights on the paths.
    """
    title = escape(f"{summary.case}: accuracy for few training images")
    sections = [
        _introduction(summary),
        _notes(summary),
        _figure(summary),
        _section("Accuracy (%)", _accuracy(summary)),
        _section("Chosen parameters (in how many draws)", _chosen(summary)),
        _section("Differences between methods", comparisons_html(summary)),
        _section("Confusions (% of each class)", confusions_html(summary)),
        _section("Weights of linear classifiers", _explained(weights_html(summary))),
        _section("Seconds a run", _seconds(summary)),
        _section("Seconds by stage", stages_html(summary)),
        _section("Classifiers", _estimators(summary)),
        _section("Warnings of the runs", _warnings(summary)),
        _section("Machine and versions", _environments(summary)),
    ]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title><style>{STYLE}</style></head><body>",
            f"<h1>{title}</h1>",
            *filter(None, sections),
            "<footer>Written by <code>sklearn-scat bench</code>; every run is a line "
            "of <code>results.jsonl</code> beside this page.</footer>",
            "</body></html>\n",
        ]
    )


def _explained(maps):
    """Put before maps of weights what they show."""
    return maps and (
        "<p>Root mean square, over classes, channels and positions, of the weights of "
        "standardised coefficients, by path; the darkest cell is the largest.</p>"
        f"{maps}"
    )


def _section(heading, content):
    return content.strip() and f"<h2>{escape(heading)}</h2>\n{content}"


def _introduction(summary):
    tests = sorted({record.n_test for record in summary.records})
    n_test = " to ".join(f"{n:,}" for n in sorted({*tests[:1], *tests[-1:]}))
    seeds = ", ".join(map(str, summary.seeds))
    return (
        f"<p>{escape(summary.title)}. Each point is the mean over {len(summary.seeds)} "
        f"draws (seeds {seeds}) of a training set with the same number of images from "
        f"every class; all methods see the same draws. Parameters are chosen inside "
        f"the drawn set, and accuracy is measured on {n_test or 'no'} images that "
        f"were not in it. ± is the sample standard deviation over the draws.</p>"
    )


def _notes(summary):
    if not summary.notes:
        return ""
    items = "".join(f"<li>{escape(note)}</li>" for note in summary.notes)
    return f"<ul class='note'>{items}</ul>"


def _figure(summary):
    if not summary.records:
        return ""
    label = escape(f"Learning curves of {', '.join(summary.methods)}", quote=True)
    svg = learning_curves_svg(summary).replace(
        "<svg", f'<svg role="img" aria-label="{label}"', 1
    )
    caption = "Learning curves. Bars are one standard deviation over the draws."
    return f"<figure>{svg}<figcaption>{caption}</figcaption></figure>"


def _accuracy(summary):
    rows = []
    for n_train in summary.sizes:
        cells = [summary.accuracy(method, n_train) for method in summary.methods]
        n_draws = summary.draws(n_train)
        best = max((cell.mean for cell in cells if cell), default=None)
        marked = (
            (accuracy_text(cell, n_draws), "best" if cell and cell.mean == best else "")
            for cell in cells
        )
        rows.append([f"{n_train:,}", *marked])
    asterisk = "<p>* fewer draws than the others; see the notes.</p>"
    is_partial = len(summary.records) < summary.n_runs
    table = table_html(["training images", *summary.methods], rows)
    return table + (asterisk if is_partial else "")


def _chosen(summary):
    return "\n".join(_chosen_by(summary, method) for method in summary.methods)


def _chosen_by(summary, method):
    """Return the table of one method: a line a training size, a column a parameter."""
    chosen = {n_train: summary.chosen(method, n_train) for n_train in summary.sizes}
    names = list(dict.fromkeys(name for choices in chosen.values() for name in choices))
    if not names:
        return ""
    rows = [
        [f"{n_train:,}", *(_counts_text(choices.get(name, {})) for name in names)]
        for n_train, choices in chosen.items()
    ]
    table = table_html(["training images", *names], rows, kind="text")
    return f"<h3>{escape(method)}</h3>\n{table}"


def _counts_text(counts):
    """Return values with how often each was chosen, the most frequent first."""
    values = sorted(counts.items(), key=lambda item: -item[1])
    return ", ".join(f"{_short(value)} ({n}×)" for value, n in values) or "–"


def _seconds(summary):
    rows = []
    for n_train in summary.sizes:
        times = [summary.seconds(method, n_train) for method in summary.methods]
        cells = (f"{t[0]:.2f} + {t[1]:.2f}" if t else "–" for t in times)
        rows.append([f"{n_train:,}", *cells])
    note = (
        "<p>Mean wall-clock time of the whole search with its last fit, + that of "
        "classifying the test images. Runs that were done side by side share the "
        "machine.</p>"
    )
    return note + table_html(["training images", *summary.methods], rows)


def _estimators(summary):
    return "\n".join(
        f"<details><summary>{escape(method)}</summary><pre>{escape(text)}</pre>"
        f"</details>"
        for method, text in summary.estimators.items()
    )


def _warnings(summary):
    counts: dict[str, dict[str, int]] = {}
    for record in summary.records:
        for text in record.warnings:
            methods = counts.setdefault(text, {})
            methods[record.method] = methods.get(record.method, 0) + 1
    rows = [
        [text, ", ".join(f"{method} ({n}×)" for method, n in methods.items())]
        for text, methods in counts.items()
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
