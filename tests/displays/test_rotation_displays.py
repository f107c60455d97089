import numpy as np
import pytest

from sklearn_scat import RotoTranslationScattering, ScatteringTransformer
from sklearn_scat.displays import (
    AngleChangeDisplay,
    CircleBankDisplay,
    OrientationMapDisplay,
)
from sklearn_scat.filters import circle_bank


@pytest.fixture
def axes():
    """Axes of a figure that no screen shows."""
    from matplotlib.figure import Figure

    return Figure().add_subplot()


def test_circle_display_draws_every_filter(axes):
    bank = circle_bank(2, 8)
    display = CircleBankDisplay(bank, period=180).plot(axes)
    assert display.ax_ is axes and display.figure_ is axes.figure
    assert len(axes.lines) == 3
    np.testing.assert_allclose(display.angles, np.arange(-4, 4) * 22.5)
    np.testing.assert_allclose(display.wavelets.sum(axis=1), 0, atol=1e-12)
    assert display.low_pass.real.argmax() == 4  # at angle 0
    assert "degrees" in axes.get_xlabel()


def test_circle_display_draws_spectra(axes):
    CircleBankDisplay(circle_bank(3, 16)).plot_spectrum(axes)
    frequencies, values = axes.lines[-1].get_data()
    assert frequencies[values.argmax()] == 0
    assert len(axes.lines) == 4


X = np.random.default_rng(0).normal(size=(1, 16, 16))


@pytest.mark.parametrize(
    ("scattering", "shapes"),
    [
        (ScatteringTransformer(pooling="mean"), {-1: (8, 8)}),
        (
            RotoTranslationScattering(pooling="mean"),
            dict.fromkeys(range(-1, 3), (1, 8)),
        ),
        (
            RotoTranslationScattering(pooling="mean", form="separable"),
            {-1: (2, 8), 0: (8, 8), 1: (4, 8)},
        ),
    ],
)
def test_orientation_maps_hold_the_coefficients_of_order_2(scattering, shapes):
    S = scattering.fit_transform(X)[0]
    display = OrientationMapDisplay(S, scattering.paths_)
    assert {k: values.shape for k, values in display.maps.items()} == shapes
    paths = scattering.paths_
    narrow = max(shapes)
    of_k = paths["order"] == 2
    of_k &= paths["k"] == narrow if "k" in paths.dtype.names else True
    assert display.maps[narrow].mean() == pytest.approx(S[of_k].mean())
    from matplotlib.figure import Figure

    axes = Figure().subplots(1, len(shapes), squeeze=False)[0]
    display.plot(axes)
    assert all(len(ax.images) == 1 for ax in axes)
    assert "θ₂" in axes[0].get_xlabel()


def test_orientation_maps_refuse_scales_without_paths():
    scattering = ScatteringTransformer(pooling="mean")
    S = scattering.fit_transform(X)[0]
    with pytest.raises(ValueError, match="j1=1 and j2=1"):
        OrientationMapDisplay(S, scattering.paths_, j1=1, j2=1)


def test_angle_changes_are_relative_to_the_first(axes):
    features = {"a": [[3, 4], [3, 9], [3, 4]], "b": [[1, 0], [0, 0], [2, 0]]}
    display = AngleChangeDisplay([0, 10, 20], features, other={"a": [3, 5]})
    np.testing.assert_allclose(display.changes["a"], [0, 1, 0])
    np.testing.assert_allclose(display.changes["b"], [0, 1, 1])
    assert display.distances == {"a": pytest.approx(0.2)}
    display.plot(axes)
    assert len(axes.lines) == 3
    assert "degrees" in axes.get_xlabel()
