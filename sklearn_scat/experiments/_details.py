"""Sections of the report beyond accuracy: confusions, stages, comparisons, weights."""

from html import escape
from itertools import combinations

import numpy as np

from sklearn_scat.experiments._path_map import path_map_svg
from sklearn_scat.experiments._tables import table_html
from sklearn_scat.model_selection import compare_paired

_MOST_CLASSES = 20  # whose confusions make a table that can be read
_MOST_CONFUSED = 20


def paired_differences(summary):
    """Compare all pairs of methods on the draws that both have.

    Parameters
    ----------
    summary : Summary
        Records to compare.

    Returns
    -------
    differences : list of (int, str, str, PairedComparison)
        Training size, two methods, and the comparison of their accuracies in percent;
        only where they share two draws or more.
    """
    found = []
    for n_train in summary.sizes:
        scores = {
            method: {r.seed: 100 * r.accuracy for r in summary.of(method, n_train)}
            for method in summary.methods
        }
        for first, second in combinations(summary.methods, 2):
            seeds = sorted(scores[first].keys() & scores[second].keys())
            if len(seeds) < 2:
                continue
            pair = [
                [scores[method][seed] for seed in seeds] for method in (first, second)
            ]
            found.append((n_train, first, second, compare_paired(*pair)))
    return found


def comparisons_html(summary):
    """Return the paired tests between methods, a line each."""
    rows = [
        [
            f"{n_train:,}",
            f"{first} − {second}",
            f"{c.difference:+.2f} ± {c.std_difference:.2f}",
            f"{c.interval[0]:+.2f} … {c.interval[1]:+.2f}",
            f"{c.p_value:.2g}",
            str(c.n),
        ]
        for n_train, first, second, c in paired_differences(summary)
    ]
    if not rows:
        return ""
    header = ["training images", "methods", "difference", "95 %", "p", "draws"]
    note = (
        "<p>Student's paired test on the same draws, accuracy in points. Draws overlap "
        "and share test images, so that p is too small rather than too large.</p>"
    )
    return note + table_html(header, rows)


def stages_html(summary):
    """Return mean seconds a run in the representation, in fitting, in predicting."""
    rows = []
    for n_train in summary.sizes:
        for method in summary.methods:
            times = [record.times for record in summary.of(method, n_train)]
            times = [time for time in times if time]
            if times:
                means = [
                    np.mean([time.get(stage, 0) for time in times])
                    for stage in ("transform", "fit", "predict")
                ]
                cells = (f"{mean:.2f}" for mean in means)
                rows.append([f"{n_train:,}", method, *cells])
    if not rows:
        return ""
    note = (
        "<p>Mean seconds a run: in the representation of training and test images "
        "(those that an earlier run had computed are read), in all else of fitting "
        "with its search, and in all else of classifying the test images.</p>"
    )
    header = ["training images", "method", "transform", "fit", "predict"]
    return note + table_html(header, rows)


def confusions_html(summary):
    """Return what was taken for what, method by method, at the largest size."""
    return "\n".join(filter(None, (_confusion(summary, m) for m in summary.methods)))


def weights_html(summary):
    """Return the weights of linear methods on the paths, at the largest size."""
    return "\n".join(filter(None, (_weights(summary, m) for m in summary.methods)))


def _largest(summary, method, name):
    """Return the largest size with values of a field, and these values."""
    for n_train in reversed(summary.sizes):
        values = [getattr(record, name) for record in summary.of(method, n_train)]
        values = [value for value in values if value]
        if values:
            return n_train, values
    return None, []


def _confusion(summary, method):
    n_train, found = _largest(summary, method, "confusion")
    if not found:
        return ""
    classes = found[0]["classes"]
    counts = np.sum([one["counts"] for one in found if one["classes"] == classes], 0)
    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    heading = f"<summary>{escape(method)}, {n_train:,} training images</summary>"
    if len(classes) <= _MOST_CLASSES:
        rows = [
            [name, *((f"{x:.1f}", "best" if i == k else "") for i, x in enumerate(row))]
            for k, (name, row) in enumerate(zip(classes, shares, strict=True))
        ]
        table = table_html(["true \\ taken for (%)", *classes], rows)
    else:
        table = _most_confused(classes, shares)
    return f"<details>{heading}{table}</details>"


def _most_confused(classes, shares):
    wrong = shares - np.diag(np.diag(shares))
    order = np.argsort(wrong, axis=None)[::-1][:_MOST_CONFUSED]
    rows = [
        [classes[true], classes[taken], f"{wrong[true, taken]:.1f}"]
        for true, taken in zip(*np.unravel_index(order, wrong.shape), strict=True)
    ]
    return table_html(["class", "taken for", "% of the class"], rows, kind="text")


def _weights(summary, method):
    n_train, found = _largest(summary, method, "weights")
    if not found:
        return ""
    paths = found[0]["paths"]
    alike = [one["sizes"] for one in found if one["paths"] == paths]
    label = f"{method}, {n_train:,} training images"
    svg = path_map_svg(paths, np.mean(alike, axis=0), label=f"Weights of {label}")
    return f"<h3>{escape(label)}</h3><div class='wide'>{svg}</div>"
