"""Pictures of the bank, the coefficients and what comes back of them."""

from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from sklearn_scat import RotoTranslationScattering, ScatteringTransformer
from sklearn_scat.displays import (
    FilterBankDisplay,
    ReconstructionDisplay,
    ScatteringDisplay,
)
from sklearn_scat.filters import FRAMES, littlewood_paley, morlet_bank


@pytest.fixture
def axes():
    """Axes of a figure that no screen shows."""
    return Figure().add_subplot()


@pytest.fixture
def pyplot():
    backend = matplotlib.get_backend()
    matplotlib.use("Agg")
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")
    matplotlib.use(backend)


def polar():
    return Figure().add_subplot(projection="polar")


@pytest.fixture(scope="module")
def waves():
    """Coefficients of a wave along the columns of an image, of frequency 3π/8."""
    image = np.cos(3 * np.pi / 8 * np.arange(32)) * np.ones((32, 1))
    scattering = ScatteringTransformer(J=3, L=8).fit(image[None])
    return ScatteringDisplay.from_transformer(scattering, image)


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("shape", [(32, 32), (24, 40)])
def test_bank_display_sums_what_the_bank_covers(frame, shape):
    bank = morlet_bank(2, shape, L=5, frame=frame)
    display = FilterBankDisplay(bank)
    np.testing.assert_allclose(display.littlewood_paley, littlewood_paley(bank))


def test_bank_display_names_scales_and_frequencies(axes):
    display = FilterBankDisplay(morlet_bank(3, (32, 32))).plot(axes)
    assert display.ax_ is axes and display.figure_ is axes.figure
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["low-pass", "j=0", "j=1", "j=2"]
    assert "radians per pixel" in axes.get_xlabel()
    assert "radians per pixel" in axes.get_ylabel()


def test_bank_displays_share_axes_for_their_sums(axes):
    for i, frame in enumerate(FRAMES):
        bank = morlet_bank(3, (32, 48), frame=frame)
        FilterBankDisplay(bank).plot_littlewood_paley(axes, curve=i)
    curves = {line.get_label(): line.get_ydata() for line in axes.lines}
    np.testing.assert_allclose(curves["tight"], 1)
    assert curves["contractive"].max() <= 1
    assert len(curves["none"]) == 16


def test_bank_display_shows_every_wavelet(axes):
    FilterBankDisplay(morlet_bank(2, (32, 32), L=6)).plot_wavelets(axes, size=16)
    assert len(axes.get_xticks()) == 6
    assert [t.get_text() for t in axes.get_yticklabels()] == ["j=0", "j=1"]
    (picture,) = axes.images
    assert np.abs(picture.get_array()).max() == pytest.approx(1)


def brightest(ax):
    """The centre (angle, radius) of the brightest sector of a disc."""
    bars = ax.patches
    best = bars[np.argmax([sum(bar.get_facecolor()[:2]) for bar in bars])]
    return best.get_x() + best.get_width() / 2, best.get_y() + best.get_height() / 2


def test_disc_is_brightest_at_the_frequency_of_a_wave(waves):
    ax = polar()
    assert waves.plot(ax).ax_ is ax
    assert len(ax.patches) == 2 * 3 * 8
    angle, radius = brightest(ax)
    assert radius == pytest.approx(0.375)  # the second ring: half of 3π/4
    assert np.abs(np.sin(angle)) < 1e-6  # the wave runs along the horizontal


def test_disc_of_order_two_divides_each_cell(waves):
    ax = polar()
    waves.plot(ax, order=2)
    assert len(ax.patches) == 2 * 64 * 3
    lowest = min(bar.get_y() for bar in ax.patches)
    assert lowest == pytest.approx(0.25)  # j1 = 2 has no greater j2
    assert ax.get_title() == "order 2"


def test_maps_of_order_one_stand_by_scale_and_orientation(waves, axes):
    waves.plot_maps(axes)
    assert [t.get_text() for t in axes.get_yticklabels()] == ["j=0", "j=1", "j=2"]
    assert len(axes.get_xticks()) == 8


def test_discs_refuse_what_they_cannot_show(waves, axes):
    with pytest.raises(ValueError, match="must be polar"):
        waves.plot(axes)
    with pytest.raises(ValueError, match="order must be 1 or 2"):
        waves.plot(polar(), order=3)
    with pytest.raises(ValueError, match="maps must be of shape"):
        ScatteringDisplay(waves.maps[1:], waves.paths)
    X = np.ones((1, 16, 16))
    for transformer in (
        ScatteringTransformer(J=2, orientation_pooling=True),
        ScatteringTransformer(J=0),
        RotoTranslationScattering(J=2),
    ):
        with pytest.raises(ValueError, match="translation scattering"):
            ScatteringDisplay.from_transformer(transformer.fit(X), X[0])


@pytest.mark.parametrize("channels", [(), (2,), (3,)])
def test_reconstruction_display_shows_both_rows(rng, axes, channels):
    image = rng.random((4, *channels, 6, 5))
    result = SimpleNamespace(
        image=image + 0.1, reference=image, psnr=np.full(4, 20.0), error=np.zeros(4)
    )
    ReconstructionDisplay.from_reconstruction(result).plot(axes)
    assert [t.get_text() for t in axes.get_xticklabels()] == ["20.0"] * 4
    rows = [t.get_text() for t in axes.get_yticklabels()]
    assert rows == ["image", "reconstruction"]
    assert "dB" in axes.get_xlabel()
    assert axes.images[0].get_array().shape[:2] == (2 * 6 + 1, 4 * 5 + 3)


def test_reconstruction_display_without_reference_and_of_interpolations(rng, axes):
    image = rng.random((3, 6, 6))
    alone = SimpleNamespace(image=image, reference=None, psnr=None, error=np.ones(3))
    display = ReconstructionDisplay.from_reconstruction(alone)
    assert list(display.rows) == ["reconstruction"]

    way = SimpleNamespace(t=np.linspace(0, 1, 3), image=image, blend=image)
    ReconstructionDisplay.from_interpolation(way).plot(axes)
    assert [t.get_text() for t in axes.get_xticklabels()] == ["0", "0.5", "1"]


def test_reconstruction_display_refuses():
    with pytest.raises(ValueError, match="differ in shape"):
        ReconstructionDisplay({"a": np.ones((1, 2, 2)), "b": np.ones((2, 2, 2))}, "x")
    with pytest.raises(ValueError, match="one for each caption"):
        ReconstructionDisplay({"a": np.ones((1, 2, 2))}, ["x", "y"])


def test_displays_make_their_own_figures(waves, pyplot):
    for draw in (
        waves.plot,
        waves.plot_maps,
        FilterBankDisplay(morlet_bank(1, (8, 8))).plot,
    ):
        assert draw().figure_ is not None
    assert len(pyplot.get_fignums()) == 3
