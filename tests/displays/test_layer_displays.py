from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest

from sklearn_scat import analysis
from sklearn_scat.analysis import Contraction, LayerAccuracy
from sklearn_scat.displays import (
    FactorDisplay,
    LayerCurveDisplay,
    NeighborCurveDisplay,
    SpectrumDisplay,
)


@pytest.fixture
def axes():
    """Axes of a figure that no screen shows."""
    from matplotlib.figure import Figure

    return Figure().add_subplot()


@pytest.fixture
def result():
    return SimpleNamespace(
        layers=("a", "b", "c"),
        headline=("ratio",),
        axes=Contraction.axes | LayerAccuracy.axes,
        ratio=np.array([0.8, 0.5, 0.1]),
        svm=np.array([0.2, 0.4, 0.9]),
        nearest_neighbor=np.array([0.1, 0.3, 0.8]),
        within=np.array([[1.0, 3.0], [2.0, 2.0], [0.0, 1.0]]),
        cumulated=np.linspace(0.1, 1, 3 * 2 * 5).reshape(3, 2, 5),
    )


@pytest.fixture
def factors():
    angles = 2 * np.pi * np.arange(6) / 6
    circle = np.column_stack([np.cos(angles), np.sin(angles), np.zeros(6)])
    return SimpleNamespace(
        layers=("pixels", "net"),
        factors=("digit", "angle"),
        share=np.array([[0.5, 0.2], [0.75, 0.25]]),
        residual=np.array([0.3, 0.0]),
        levels={"digit": np.arange(2), "angle": np.arange(6) * 60.0},
        effects={
            layer: {"digit": np.array([[1.0], [-1.0]]), "angle": scale * circle}
            for layer, scale in (("pixels", 1), ("net", 2))
        },
    )


def test_layer_curve_display_draws_the_headline(result, axes):
    display = LayerCurveDisplay(result).plot(axes)
    assert display.ax_ is axes and display.figure_ is axes.figure
    (line,) = axes.lines
    np.testing.assert_array_equal(line.get_xdata(), [1, 2, 3])
    np.testing.assert_array_equal(line.get_ydata(), result.ratio)
    assert axes.get_xlabel() == "layer"
    assert axes.get_ylabel() == "distance within / between classes"
    assert [text.get_text() for text in axes.get_xticklabels()] == ["a", "b", "c"]
    assert axes.get_legend() is None


def test_layer_curve_display_draws_accuracies_in_percent(result, axes):
    LayerCurveDisplay(result, quantity=("nearest_neighbor", "svm")).plot(axes)
    np.testing.assert_allclose(axes.lines[1].get_ydata(), [20, 40, 90])
    assert axes.get_ylabel() == "accuracy (%)"
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["nearest neighbour", "Gaussian SVM"]


def test_layer_curve_display_compares_results(result, axes):
    other = SimpleNamespace(layers=("x", "y", "z"), ratio=np.ones(3))
    display = LayerCurveDisplay({"trained": result, "random": other}).plot(axes)
    assert list(display.curves) == ["trained", "random"]
    looks = {(line.get_linestyle(), line.get_marker()) for line in axes.lines}
    assert len(looks) == 2


def test_layer_curve_display_draws_a_band_over_classes(result, axes):
    LayerCurveDisplay(result, quantity="within").plot(axes)
    np.testing.assert_allclose(axes.lines[0].get_ydata(), [2, 2, 0.5])
    (band,) = axes.collections
    assert band.get_datalim(axes.transData).ymax == 3


def test_layer_curve_display_names_what_is_wrong(result):
    with pytest.raises(ValueError, match="no quantity 'area'"):
        LayerCurveDisplay(result, quantity="area")
    with pytest.raises(ValueError, match="Name the quantity"):
        LayerCurveDisplay(SimpleNamespace(layers=("a",)))
    with pytest.raises(ValueError, match="empty"):
        LayerCurveDisplay({})
    short = SimpleNamespace(layers=("a",), ratio=np.ones(1))
    with pytest.raises(ValueError, match="1 layers, the first result has 3"):
        LayerCurveDisplay({"long": result, "short": short})


def test_layer_curve_display_makes_a_figure_where_none_is_given(result):
    backend = matplotlib.get_backend()
    matplotlib.use("Agg")
    from matplotlib import pyplot

    try:
        display = LayerCurveDisplay(result).plot()
        assert display.figure_.number in pyplot.get_fignums()
    finally:
        pyplot.close("all")
        matplotlib.use(backend)


def test_spectrum_display_draws_means_over_classes(result, axes):
    display = SpectrumDisplay(result, layers=["a", "c"]).plot(axes)
    assert list(display.curves) == ["a", "c"]
    expected = 100 * result.cumulated[2].mean(axis=0)
    np.testing.assert_allclose(axes.lines[1].get_ydata(), expected)
    assert axes.get_ylabel() == "variance within classes (%)"
    with pytest.raises(ValueError, match="no layer 'd'"):
        SpectrumDisplay(result, layers=["d"])


def test_factor_display_bars_fill_the_whole(factors, axes):
    FactorDisplay(factors).plot(axes)
    heights = np.array([[bar.get_height() for bar in bars] for bars in axes.containers])
    np.testing.assert_allclose(heights.sum(axis=0), [100, 100])
    np.testing.assert_allclose(heights[1], [20, 25])
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["digit", "angle", "residual"]


def test_factor_display_effect_of_a_circle_is_a_circle(factors, axes):
    FactorDisplay(factors).plot_effect("angle", ax=axes)
    points = np.asarray(axes.collections[0].get_offsets())
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 2)
    assert "50 %" in axes.get_xlabel() and "50 %" in axes.get_ylabel()


def test_factor_display_effect_of_one_feature_lies_on_a_line(factors, axes):
    FactorDisplay(factors).plot_effect("digit", layer="pixels", ax=axes)
    points = np.asarray(axes.collections[0].get_offsets())
    np.testing.assert_allclose(points[:, 1], 0)


def test_factor_display_names_what_is_wrong(factors):
    display = FactorDisplay(factors)
    with pytest.raises(ValueError, match="no factor 'size'"):
        display.plot_effect("size")
    with pytest.raises(ValueError, match="no layer 'deep'"):
        display.plot_effect("angle", layer="deep")


def test_results_name_the_axes_of_what_they_draw_first():
    results = [
        value
        for value in vars(analysis).values()
        if isinstance(value, type) and hasattr(value, "axes")
    ]
    assert len(results) > 6
    for result in results:
        assert set(result.headline) <= set(result.axes)


def test_neighbour_curves_draw_shares_against_k(axes):
    F = np.random.default_rng(0).normal(size=(40, 2))
    layers = {"a": F, "b": F[:, :1]}
    result = analysis.local_support_vectors(layers, np.arange(40) % 2, k_max=9)
    display = NeighborCurveDisplay(result).plot(axes)
    for line, name, share in zip(axes.lines, "ab", result.fraction, strict=True):
        assert line.get_label() == name
        np.testing.assert_array_equal(line.get_xdata(), np.arange(1, 10))
        np.testing.assert_allclose(line.get_ydata(), 100 * share)
    assert display.ax_ is axes and "%" in axes.get_ylabel()
