"""Tables, pictures and pages say what the records say."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure

from sklearn_scat.experiments import (
    Record,
    Spread,
    Summary,
    accuracy_table,
    clock,
    draw_learning_curves,
    learning_curves_svg,
    report_html,
)

NASTY = "<script>alert('&')</script>"


def make_summary(**changes):
    records = [
        Record(
            case="toy",
            recipe=recipe,
            n_train=n_train,
            seed=seed,
            accuracy=accuracy,
            n_test=100,
            params={"C": 0.1 if seed else 0.01, "J": 3},
            fit_time=1.0 + seed,
            score_time=0.25,
            settings="00",
            environment="a1",
        )
        for recipe, base in (("pixels", 0.8), ("pca", 0.7))
        for n_train in (20, 50)
        for seed, accuracy in enumerate((base, base + 0.02, base + 0.04))
    ]
    summary = Summary(
        case="toy",
        title="Toys",
        recipes=("pixels", "pca"),
        sizes=(20, 50),
        seeds=(0, 1, 2),
        records=tuple(records),
        estimators={"pixels": "Pixels()", "pca": "PCA()"},
        environments={"a1": {"numpy": "2.0"}},
    )
    return replace(summary, **changes)


def test_spread_is_mean_and_sample_standard_deviation():
    values = [80.0, 82.0, 84.0]
    spread = Spread.of(values)
    assert (spread.mean, spread.std, spread.n) == (82.0, 2.0, 3)
    assert str(spread) == "82.00 ± 2.00"
    assert np.isnan(Spread.of([1.0]).std)


def test_accuracy_table_has_a_line_a_size():
    header, *lines = accuracy_table(make_summary()).splitlines()
    assert header.split() == ["n_train", "pixels", "pca"]
    assert [line.split()[0] for line in lines] == ["20", "50"]
    assert all("82.00 ± 2.00" in line and "72.00 ± 2.00" in line for line in lines)
    assert len({len(line) for line in (header, *lines)}) == 1


def test_accuracy_table_marks_means_of_fewer_draws_and_gaps():
    summary = make_summary()
    some = [r for r in summary.records if (r.recipe, r.n_train) != ("pca", 50)]
    table = accuracy_table(replace(summary, records=tuple(some[1:])))
    assert "83.00 ± 1.41*" in table
    assert table.splitlines()[2].endswith("–")


def test_summary_counts_chosen_parameters_and_times():
    summary = make_summary()
    assert summary.chosen("pca", 50) == {"C": {0.01: 1, 0.1: 2}, "J": {3: 3}}
    assert summary.seconds("pca", 50) == (2.0, 0.25)
    assert summary.seconds("nothing", 50) is None


def test_learning_curves_have_the_accuracies_and_their_deviations():
    axes = Figure().add_subplot()
    draw_learning_curves(make_summary(), axes)
    assert axes.get_legend_handles_labels()[1] == ["pixels", "pca"]
    for container, mean in zip(axes.containers, (82, 72), strict=True):
        line, _, (bars,) = container
        np.testing.assert_allclose(np.array(line.get_ydata(), float), mean)
        np.testing.assert_allclose(
            np.array(line.get_xdata(), float), [20, 50], rtol=0.02
        )
        heights = [np.ptp(segment[:, 1]) for segment in bars.get_segments()]
        np.testing.assert_allclose(heights, 4)
    colors = {container[0].get_color() for container in axes.containers}
    markers = {container[0].get_marker() for container in axes.containers}
    assert len(colors) == len(markers) == 2
    assert "accuracy" in axes.get_ylabel()
    assert "training images" in axes.get_xlabel()


def test_learning_curves_repeat_byte_for_byte():
    assert learning_curves_svg(make_summary()) == learning_curves_svg(make_summary())


def test_report_needs_nothing_beside_it():
    page = report_html(make_summary())
    page = page.replace('<link rel="icon" href="data:,">', "")  # asks for no icon
    assert re.findall(r"<(?:script|link|img|iframe)", page) == []
    assert re.findall(r"(?:src|href)\s*=\s*[\"'](?!#)", page) == []
    assert "@import" not in page
    assert re.findall(r"url\((?!#)", page) == []


def test_report_shows_what_was_measured():
    page = report_html(make_summary(notes=("one run failed",)))
    text = re.sub(r"<svg.*</svg>", "", page, flags=re.DOTALL)
    for wanted in (
        "82.00 ± 2.00",
        "seeds 0, 1, 2",
        "0.1 (2×), 0.01 (1×)",
        "2.00 + 0.25",
        "one run failed",
        "Pixels()",
        "numpy",
    ):
        assert wanted in text, wanted


def test_report_is_well_formed():
    page = report_html(make_summary())
    body = page[page.index("<body>") : page.index("</body>") + len("</body>")]
    root = ElementTree.fromstring(body)
    assert len(list(root.iter("table"))) == 6
    assert len(list(root.iter("{http://www.w3.org/2000/svg}svg"))) == 1


def test_report_escapes_what_users_name():
    summary = make_summary(
        case=NASTY,
        title=NASTY,
        recipes=(NASTY,),
        notes=(NASTY,),
        estimators={NASTY: NASTY},
        environments={NASTY: {NASTY: NASTY}},
    )
    records = tuple(
        replace(record, recipe=NASTY, params={NASTY: NASTY}, warnings=(NASTY,))
        for record in summary.records[:3]
    )
    page = report_html(replace(summary, records=records))
    assert "<script" not in page
    assert page.count("alert(") > 8


def test_report_of_nothing_says_so_without_a_picture():
    page = report_html(make_summary(records=(), notes=("all runs failed",)))
    assert "<svg" not in page
    assert "all runs failed" in page


def test_report_bold_marks_the_best_of_a_row():
    best = re.findall(r"class='best'>([^<]*)<", report_html(make_summary()))
    assert best == ["82.00 ± 2.00"] * 2


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (59.6, "1:00"), (3600, "1:00:00")]
)
def test_clock_reads_like_a_clock(seconds, text):
    assert clock(seconds) == text
