"""Pictures of organised matrices and layers show the numbers that they are given."""

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

from matplotlib import pyplot

from sklearn_scat import LayerOrganiser, Questionnaire
from sklearn_scat.analysis import transport
from sklearn_scat.datasets import make_questionnaire
from sklearn_scat.displays import (
    HaarDisplay,
    MatrixDisplay,
    TransportDisplay,
    VariationDisplay,
)
from sklearn_scat.questionnaire import mixed_holder, relative_variation


@pytest.fixture(autouse=True)
def close_figures():
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def organised():
    M = make_questionnaire(20, 14, random_state=0).data
    return M, Questionnaire().fit(M)


def test_matrix_display_shows_both_orders_and_both_trees(organised):
    M, questionnaire = organised
    display = MatrixDisplay.from_estimator(questionnaire, M).plot()
    before, after = (np.asarray(ax.images[0].get_array()) for ax in display.ax_)
    np.testing.assert_array_equal(before, M)
    rows, columns = questionnaire.row_order_, questionnaire.column_order_
    np.testing.assert_array_equal(after, M[np.ix_(rows, columns)])
    trees = [ax for ax in display.figure_.axes if ax.collections and not ax.images]
    n_branches = sorted(len(ax.collections[0].get_segments()) for ax in trees[:2])
    wanted = sorted(
        sum(len(tree.folders(level)) for level in range(1, tree.n_levels))
        for tree in (questionnaire.row_tree_, questionnaire.column_tree_)
    )
    assert n_branches == wanted
    display.figure_.draw_without_rendering()


def test_matrix_display_takes_axes_and_names(organised):
    M, questionnaire = organised
    figure, axes = pyplot.subplots(1, 2)
    trees = questionnaire.row_tree_, questionnaire.column_tree_
    names = [f"row {i}" for i in range(20)]
    display = MatrixDisplay(M, *trees, row_names=names).plot(axes)
    assert display.figure_ is figure
    texts = [label.get_text() for label in axes[1].get_yticklabels()]
    assert texts == [names[i] for i in questionnaire.row_order_]


def test_matrix_display_leaves_missing_entries_white(organised):
    M, questionnaire = organised
    M = M.copy()
    M[3, 4] = np.nan
    display = MatrixDisplay.from_estimator(questionnaire, M).plot()
    assert np.ma.getmaskarray(display.ax_[0].images[0].get_array())[3, 4]


def test_haar_display_keeps_all_coefficients_below_the_line(organised):
    _, questionnaire = organised
    trees = questionnaire.row_tree_, questionnaire.column_tree_
    display = HaarDisplay(mixed_holder(questionnaire.coef_, *trees)).plot()
    points, line = display.ax_.lines
    x, y = points.get_data()
    ends, bound = line.get_data()
    slope = np.diff(np.log(bound))[0] / np.diff(np.log(ends))[0]
    assert slope == pytest.approx(1)
    assert np.all(y <= 1.0001 * bound[-1] * x**slope)
    assert "|R|" in display.ax_.get_xlabel()


def test_variation_display_draws_the_ratios():
    x = np.arange(9.0)
    shuffled = np.random.default_rng(0).permutation(9)
    variations = {
        "in order": relative_variation(x),
        "shuffled": relative_variation(x, shuffled),
    }
    display = VariationDisplay(variations).plot()
    heights = [bar.get_height() for bar in display.ax_.patches]
    assert heights == [v.ratio for v in variations.values()]
    assert display.ax_.get_ylabel() == "total variation / random orders"


def test_variation_display_shows_an_organizer():
    X = np.random.default_rng(0).random((30, 6))
    organiser = LayerOrganiser("line").fit(X)
    display = VariationDisplay.from_estimator(organiser).plot()
    heights = [bar.get_height() for bar in display.ax_.patches]
    assert heights == [organiser.variation_before_, organiser.variation_]


@pytest.mark.parametrize("channels", [(), (1,), (3,)])
def test_transport_display_shows_the_nearest_images(channels):
    images = np.random.default_rng(0).random((4, *channels, 5, 5))
    nearest = {s: transport(np.eye(4), axis=1, shift=s).nearest for s in (1, 2)}
    display = TransportDisplay(images, nearest).plot(samples=(0, 3))
    assert display.ax_.shape == (2, 3)
    shown = np.asarray(display.ax_[1, 1].images[0].get_array())
    wanted = images[nearest[1][3]]
    wanted = wanted if not channels else np.moveaxis(wanted, 0, -1).squeeze()
    np.testing.assert_array_equal(shown, wanted)
    assert [ax.get_title() for ax in display.ax_[0]] == ["image", "v +1", "v +2"]
