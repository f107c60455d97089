"""Pictures of what decided."""

import numpy as np
import pytest
from matplotlib import pyplot
from sklearn.datasets import load_digits
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_scat import PCAAffineClassifier, ScatteringTransformer
from sklearn_scat.attribution import explain
from sklearn_scat.displays import AttributionDisplay


@pytest.fixture
def display():
    X, y = load_digits(return_X_y=True)
    model = make_pipeline(ScatteringTransformer(J=2, L=4), PCAAffineClassifier(5))
    why = explain(model.fit(X[:200], y[:200]), X[200:203])
    yield AttributionDisplay(X[201].reshape(8, 8), why, 1)
    pyplot.close("all")


def test_places_are_drawn_over_the_image_about_zero(display):
    display.plot()
    image, places = display.ax_.get_images()
    np.testing.assert_array_equal(image.get_array(), display.image)
    np.testing.assert_array_equal(places.get_array(), display.places)
    low, high = places.get_clim()
    assert low == -high == -np.abs(display.places).max()
    why = display.attribution
    assert display.places.sum() == pytest.approx(why.decisions[1] - why.bases[1])
    assert str(why.classes[1]) in display.ax_.get_title()


@pytest.mark.parametrize(("order", "n_sectors"), [(1, 2 * 4 * 2), (2, 16 * 2)])
def test_each_path_has_two_opposite_sectors(display, order, n_sectors):
    display.plot_paths(order=order)
    sectors = display.ax_.patches
    assert len(sectors) == n_sectors
    color, opposite = (sectors[i].get_facecolor() for i in (0, 4**order))
    assert color == opposite


def test_shares_of_both_signs_have_opposite_colors(display):
    display.plot_paths()
    shares = display.attribution.parts[0].by_path()[1][1:9]
    faces = [sector.get_facecolor() for sector in display.ax_.patches]
    for ring in range(2):
        for i in range(4):
            red, _, blue, _ = faces[8 * ring + i]
            if abs(shares[4 * ring + i]) > 0.1 * np.abs(shares).max():
                assert (red > blue) == (shares[4 * ring + i] > 0)


def test_what_has_no_places_or_paths_says_so():
    X, y = load_digits(return_X_y=True)
    scattering = ScatteringTransformer(J=1, pooling="mean")
    pooled = make_pipeline(scattering, StandardScaler(), RidgeClassifier())
    why = explain(pooled.fit(X[:100], y[:100]), X[:1])
    with pytest.raises(ValueError, match="pooled"):
        AttributionDisplay(X[0].reshape(8, 8), why).plot()
    pixels = make_pipeline(StandardScaler(), RidgeClassifier())
    why = explain(pixels.fit(X[:100], y[:100]), X[:1])
    with pytest.raises(ValueError, match="pixels"):
        AttributionDisplay(X[0].reshape(8, 8), why).plot_paths()
