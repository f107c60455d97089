"""The report's details are those of the records."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from scipy import stats

from sklearn_scat.cascade import path_table
from sklearn_scat.experiments import (
    Record,
    Summary,
    paired_differences,
    path_map_svg,
    report_html,
)

ACCURACIES = {"a": (0.8, 0.85, 0.9), "b": (0.7, 0.8, 0.75)}
PATHS = [
    [int(path[name]) for name in ("j1", "theta1", "j2", "theta2")]
    for path in path_table(3, 4, 2)
]


def make_record(recipe, seed, accuracy, **details):
    return Record(
        "toy", recipe, 20, seed, accuracy, 100, {}, 2.0, 1.0, "00", "a1", (), **details
    )


def make_summary(details=None):
    records = [
        make_record(recipe, seed, accuracy, **(details or {}))
        for recipe, accuracies in ACCURACIES.items()
        for seed, accuracy in enumerate(accuracies)
    ]
    return Summary("toy", "Toys", ("a", "b"), (20, 50), (0, 1, 2), tuple(records))


def body_of(summary):
    page = report_html(summary)
    return ElementTree.fromstring(
        page[page.index("<body>") : page.index("</body>") + len("</body>")]
    )


def test_differences_are_those_of_a_paired_test():
    ((n_train, first, second, found),) = paired_differences(make_summary())
    assert (n_train, first, second, found.n) == (20, "a", "b", 3)
    assert found.difference == pytest.approx(10)
    expected = stats.ttest_rel(*ACCURACIES.values()).pvalue
    assert found.p_value == pytest.approx(expected)


def test_differences_take_only_draws_that_both_methods_have():
    summary = make_summary()
    fewer = tuple(r for r in summary.records if (r.recipe, r.seed) != ("b", 0))
    ((*_, found),) = paired_differences(replace(summary, records=fewer))
    assert found.n == 2
    assert found.difference == pytest.approx(10)
    single = tuple(r for r in summary.records if r.recipe == "a" or r.seed == 1)
    assert paired_differences(replace(summary, records=single)) == []


def test_report_has_confusions_in_percent_of_the_true_class():
    confusion = {"classes": ["cat", "dog"], "counts": [[3, 1], [0, 4]]}
    page = report_html(make_summary({"confusion": confusion}))
    row = re.search(r"<th scope='row'>cat</th>(.*?)</tr>", page)[1]
    assert re.findall(r">([\d.]+)<", row) == ["75.0", "25.0"]


def test_report_lists_the_most_confused_of_many_classes():
    counts = np.eye(30, dtype=int) * 9
    counts[4, 7] = 1
    classes = [f"class {k}" for k in range(30)]
    confusion = {"classes": classes, "counts": counts.tolist()}
    page = report_html(make_summary({"confusion": confusion}))
    expected = "<th scope='row'>class 4</th><td>class 7</td><td>10.0</td>"
    assert page.count(expected) == 2  # of either recipe


def test_report_has_mean_times_by_stage():
    times = {"transform": 1.25, "fit": 0.5, "predict": 0.125}
    page = report_html(make_summary({"times": times}))
    assert "<td>a</td><td>1.25</td><td>0.50</td><td>0.12</td>" in page


def test_report_draws_weights_on_the_paths():
    weights = {"paths": PATHS, "sizes": [1.0] * len(PATHS)}
    body = body_of(make_summary({"weights": weights}))
    svgs = list(body.iter("{http://www.w3.org/2000/svg}svg"))
    assert len(svgs) == 3  # learning curves, and one of each recipe


def test_report_without_details_has_no_sections_for_them():
    page = report_html(make_summary())
    for heading in ("Confusions", "Weights of", "Seconds by stage"):
        assert heading not in page
    assert "Differences between recipes" in page


def test_path_map_has_a_cell_for_each_wavelet_path_the_largest_darkest():
    sizes = np.arange(len(PATHS), dtype=float)
    root = ElementTree.fromstring(path_map_svg(PATHS, sizes, label="<weights>"))
    cells = list(root.iter("{http://www.w3.org/2000/svg}rect"))
    assert len(cells) == 3 * 4 + 3 * 4 * 4
    places = {(cell.get("x"), cell.get("y"), cell.get("width")) for cell in cells}
    assert len(places) == len(cells)
    assert cells[-1].get("fill") == "rgb(0,68,136)"
    assert root.get("aria-label") == "<weights>"


def test_path_map_of_no_weights_is_white():
    svg = path_map_svg(PATHS, np.zeros(len(PATHS)), label="")
    assert set(re.findall(r"rgb\([^)]*\)", svg)) == {"rgb(255,255,255)"}


def test_pictures_of_a_run_are_those_of_its_images():
    from sklearn_scat.experiments import ImageSet, Record
    from sklearn_scat.experiments._examples_html import _fits, _run, judgement_of

    images = np.arange(5 * 4).reshape(5, 2, 2).astype(np.uint8)
    record = Record(
        *("toy", "pca", 2, 0, 0.5, 3, {}, 1.0, 0.1, "5f", "a0"),
        confusion={"classes": ["a", "b"], "counts": [[1, 1], [0, 1]]},
        predictions={
            "truth": [0, 0, 1],
            "predicted": [0, 1, 1],
            "probability": [0.9, 0.8, 0.6],
            "index": [1, 3, 4],
        },
    )
    assert Record.from_line(record.to_line()) == record
    judgement = judgement_of(record)
    assert judgement.confusion().tolist() == record.confusion["counts"]
    assert judgement.mistakes().tolist() == [1]
    assert judgement.most_typical(0) == 0
    assert judgement.most_doubtful(0) == 1
    data = ImageSet(images, np.array([0, 0, 1, 0, 1]))
    html = str(_run(record, judgement, data))
    assert html.count("image 3<") >= 1
    assert "image 2<" not in html
    beside = {**record.predictions, "neighbors": [[1, [2, 0]]]}
    html = str(_run(replace(record, predictions=beside), judgement, data))
    assert html.index("near: <b>1</b>") < html.index("near: <b>0</b>")
    assert "learned image 2<" in html
    assert _fits(replace(record, predictions=beside), data)
    beside["neighbors"] = [[1, [5]]]  # of other images
    assert not _fits(replace(record, predictions=beside), data)
