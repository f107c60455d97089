"""Sections of the report beyond accuracy: confusions, stages, comparisons, weights."""

from itertools import combinations
from typing import Any

import numpy as np
from markupsafe import Markup

from sklearn_scat.experiments._judgement_html import confusion_svg
from sklearn_scat.experiments._pages import joined, table_html
from sklearn_scat.experiments._path_map import path_map_svg
from sklearn_scat.model_selection import compare_paired

_MOST_CLASSES = 20  # whose confusions make a table that can be read
_MOST_CONFUSED = 20


def paired_differences(summary: Any) -> Any:
    """Compare all pairs of recipes on the draws that both have.

    Parameters
    ----------
    summary : Summary
        Records to compare.

    Returns
    -------
    differences : list of (int, str, str, PairedComparison)
        Training size, two recipes, and the comparison of their accuracies in percent;
        only where they share two draws or more.
    """
    found = []
    for n_train in summary.sizes:
        scores = {
            recipe: {r.seed: 100 * r.accuracy for r in summary.of(recipe, n_train)}
            for recipe in summary.recipes
        }
        for first, second in combinations(summary.recipes, 2):
            seeds = sorted(scores[first].keys() & scores[second].keys())
            if len(seeds) < 2:
                continue
            pair = [
                [scores[recipe][seed] for seed in seeds] for recipe in (first, second)
            ]
            found.append((n_train, first, second, compare_paired(*pair)))
    return found


def comparisons_html(summary):
    """Return the paired tests between recipes, a line each."""
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
    header = ["training images", "recipes", "difference", "95 %", "p", "draws"]
    note = Markup(
        "<p>Student's paired test on the same draws, accuracy in points. Draws overlap "
        "and share test images, so that p is too small rather than too large.</p>"
    )
    return note + table_html(header, rows)


def stages_html(summary):
    """Return mean seconds a run in the representation, in fitting, in predicting."""
    rows = []
    for n_train in summary.sizes:
        for recipe in summary.recipes:
            times = [record.times for record in summary.of(recipe, n_train)]
            times = [time for time in times if time]
            if times:
                means = [
                    np.mean([time.get(stage, 0) for time in times])
                    for stage in ("transform", "fit", "predict")
                ]
                cells = (f"{mean:.2f}" for mean in means)
                rows.append([f"{n_train:,}", recipe, *cells])
    if not rows:
        return ""
    note = Markup(
        "<p>Mean seconds a run: in the representation of training and test images "
        "(those that an earlier run had computed are read), in all else of fitting "
        "with its search, and in all else of classifying the test images.</p>"
    )
    header = ["training images", "recipe", "transform", "fit", "predict"]
    return note + table_html(header, rows)


def confusions_html(summary):
    """Return what was taken for what, recipe by recipe, at the largest size."""
    return joined(_confusion(summary, m) for m in summary.recipes)


def weights_html(summary):
    """Return the weights of linear recipes on the paths, at the largest size."""
    return joined(_weights(summary, m) for m in summary.recipes)


def _largest(summary, recipe, name):
    """Return the largest size with values of a field, and these values."""
    for n_train in reversed(summary.sizes):
        values = [getattr(record, name) for record in summary.of(recipe, n_train)]
        values = [value for value in values if value]
        if values:
            return n_train, values
    return None, []


def _confusion(summary, recipe):
    n_train, found = _largest(summary, recipe, "confusion")
    if not found:
        return ""
    classes = found[0]["classes"]
    counts = np.sum([one["counts"] for one in found if one["classes"] == classes], 0)
    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    if len(classes) <= _MOST_CLASSES:
        rows = [
            [name, *((f"{x:.1f}", "best" if i == k else "") for i, x in enumerate(row))]
            for k, (name, row) in enumerate(zip(classes, shares, strict=True))
        ]
        picture = Markup("<div class='wide'>{}</div>").format(
            confusion_svg(classes, counts)
        )
        table = picture + table_html(["true \\ taken for (%)", *classes], rows)
    else:
        table = _most_confused(classes, shares)
    part = Markup("<details><summary>{}, {:,} training images</summary>{}</details>")
    return part.format(recipe, n_train, table)


def _most_confused(classes, shares):
    wrong = shares - np.diag(np.diag(shares))
    order = np.argsort(wrong, axis=None)[::-1][:_MOST_CONFUSED]
    rows = [
        [classes[true], classes[taken], f"{wrong[true, taken]:.1f}"]
        for true, taken in zip(*np.unravel_index(order, wrong.shape), strict=True)
    ]
    return table_html(["class", "taken for", "% of the class"], rows, kind="text")


def _weights(summary, recipe):
    n_train, found = _largest(summary, recipe, "weights")
    if not found:
        return ""
    paths = found[0]["paths"]
    alike = [one["sizes"] for one in found if one["paths"] == paths]
    label = f"{recipe}, {n_train:,} training images"
    svg = path_map_svg(paths, np.mean(alike, axis=0), label=f"Weights of {label}")
    return Markup("<h3>{}</h3><div class='wide plate'>{}</div>").format(label, svg)
