"""Good images alone: distances, thresholds, and where an image is odd."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.metrics import roc_auc_score

import sklearn_scat
from sklearn_scat import PatchGaussian, ScatteringTransformer
from sklearn_scat.displays import ScoreMapDisplay
from sklearn_scat.predictors._patch_gaussian import conformal_threshold
from sklearn_scat.predictors._patches import (
    at_pixels,
    centres,
    shrunk,
    tied_gaussian,
)

SIZE = (32, 40)


def parts(n, rng):
    """Return images of one part: a ring, lit and noisy a little differently."""
    y, x = np.indices(SIZE)
    ring = np.exp(-((np.hypot(y - 16, x - 20) - 9) ** 2) / 6)
    light = rng.uniform(0.8, 1.2, (n, 1, 1))
    return 0.2 + light * ring + rng.normal(0, 0.03, (n, *SIZE))


def scratched(images, rows=slice(5, 14), column=30):
    images = images.copy()
    images[:, rows, column] += 0.4
    return images


@pytest.fixture(scope="module")
def good():
    return parts(70, np.random.default_rng(0))


@pytest.fixture(scope="module")
def fitted(good):
    return PatchGaussian().fit(good[:50])


def test_distances_are_those_of_the_gaussian_density(rng):
    patches = rng.normal(size=(30, 2, 3, 4)) @ rng.normal(size=(4, 4))
    gaussian = tied_gaussian(patches)
    covariance = shrunk((patches - gaussian.mean).reshape(-1, 4), "auto")
    covariance = covariance * gaussian.scale[1, 2] ** 2
    density = multivariate_normal(gaussian.mean[1, 2], covariance)
    d = gaussian.distances(patches)[:, 1, 2]
    constant = 4 * np.log(2 * np.pi) + np.linalg.slogdet(covariance)[1]
    np.testing.assert_allclose(-2 * density.logpdf(patches[:, 1, 2]) - constant, d**2)


def test_tied_covariance_is_the_mean_of_those_of_the_positions(rng):
    patches = rng.normal(size=(50, 2, 2, 3)) * [1, 2, 3] + rng.normal(size=(2, 2, 3))
    whitening = tied_gaussian(patches, shrinkage=0.0).whitening
    own = [np.cov(patches[:, i, j].T, bias=True) for i in (0, 1) for j in (0, 1)]
    inverse = np.linalg.inv(np.mean(own, axis=0))
    np.testing.assert_allclose(whitening @ whitening.T, inverse, rtol=1e-9)


def test_places_that_vary_more_are_forgiven_more(rng):
    scale = np.array([[0.1, 1.0], [3.0, 0.5]])
    patches = rng.normal(size=(500, 2, 2, 3)) * scale[:, :, None]
    gaussian = tied_gaussian(patches)
    ratio = gaussian.scale / scale
    np.testing.assert_allclose(ratio / ratio.mean(), 1, rtol=0.1)
    squares = gaussian.distances(patches) ** 2
    np.testing.assert_allclose(
        squares.mean(axis=0), np.full((2, 2), squares.mean()), rtol=1e-9
    )
    assert tied_gaussian(patches, aligned=False).scale.shape == (1, 1)


def test_unshrunk_distances_do_not_depend_on_the_units_of_features(rng):
    patches = rng.normal(size=(40, 2, 2, 3))
    mixed = patches @ rng.normal(size=(3, 3)) + 7
    first, second = (
        tied_gaussian(p, shrinkage=0.0).distances(p) for p in (patches, mixed)
    )
    np.testing.assert_allclose(first, second, rtol=1e-6)


def test_fully_shrunk_distances_are_plain_ones(rng):
    patches = rng.normal(size=(40, 2, 2, 3)) * [1, 5, 9]
    gaussian = tied_gaussian(patches, aligned=False, shrinkage=1.0)
    mean = patches.mean(axis=(0, 1, 2))
    np.testing.assert_allclose(gaussian.mean, mean[None, None])
    np.testing.assert_allclose(
        gaussian.distances(patches),
        np.linalg.norm(patches - mean, axis=-1)
        / np.sqrt(np.mean((patches - mean) ** 2)),
    )


def test_what_does_not_vary_has_a_unit_and_no_nan():
    same = np.ones((5, 2, 2, 3))
    gaussian = tied_gaussian(same)
    assert np.all(gaussian.distances(same) == 0)
    np.testing.assert_allclose(gaussian.distances(same + 2), 2 * np.sqrt(3))
    partly = same * np.arange(5)[:, None, None, None] ** [1, 0, 0]
    assert np.isfinite(tied_gaussian(partly, shrinkage=0.0).distances(same)).all()
    partly[:, 0, 0] = 1  # one place that does not vary
    assert np.isfinite(tied_gaussian(partly).distances(partly)).all()


@pytest.mark.parametrize(("size", "J"), [((32, 40), 3), ((29, 50), 2)])
@pytest.mark.parametrize("padding", ["reflect", "zero"])
def test_averages_are_centred_where_it_is_said(size, J, padding):
    scattering = ScatteringTransformer(
        J=J, max_order=0, output="maps", padding=padding, image_shape=size
    ).fit(np.zeros((1, *size)))
    rows, columns = centres(scattering._grid())
    y, x = rows[1], columns[-2]
    image = np.zeros((1, *size))
    image[0, y, x] = 1
    maps = scattering.transform(image)[0, 0]
    assert np.unravel_index(maps.argmax(), maps.shape) == (1, len(columns) - 2)


def test_maps_are_interpolated_between_their_places(rng):
    places = np.array([0, 4, 8]), np.array([2, 6])
    plane = 3.0 * places[0][:, None] - 2.0 * places[1]
    values = at_pixels(plane[None], places, (9, 9))[0]
    y, x = np.indices((9, 9))
    np.testing.assert_allclose(values[:, 2:7], (3 * y - 2 * x)[:, 2:7], atol=1e-12)
    np.testing.assert_allclose(values[:, :2], values[:, [2]] * [1, 1])


def test_oddest_place_is_that_of_the_defect(good, fitted):
    bad = scratched(good[50:])
    maps = fitted.score_map(bad)
    assert maps.shape == (20, *SIZE)
    np.testing.assert_allclose(maps.max(axis=(1, 2)), -fitted.score_samples(bad))
    peaks = np.array([np.unravel_index(m.argmax(), SIZE) for m in maps])
    assert np.mean(np.abs(peaks - (9, 30)) <= 2**fitted.scattering_.scattering_.J) > 0.9


def test_defects_are_told_from_good_images(good, fitted):
    new, bad = good[50:], scratched(good[50:])
    scores = fitted.score_samples(np.concatenate([new, bad]))
    assert roc_auc_score(np.repeat([1, 0], 20), scores) > 0.95
    assert np.mean(fitted.predict(new) == 1) >= 0.8
    assert np.mean(fitted.predict(bad) == -1) > 0.8


def test_one_good_image_in_n_plus_1_is_below_the_threshold(rng):
    scores = rng.normal(size=(4000, 21))
    alarms = [new < conformal_threshold(known) for *known, new in scores]
    assert abs(np.mean(alarms) - 1 / 21) < 3 * np.sqrt(1 / 21 / 4000)
    # of many, one in a hundred
    scores = rng.normal(size=(4000, 400))
    alarms = [new < conformal_threshold(known) for *known, new in scores]
    assert abs(np.mean(alarms) - 0.01) < 3 * np.sqrt(0.01 / 4000)


def test_threshold_of_auto_is_of_images_that_were_held_out(good):
    # The Gaussian has fewer patches than features: what it learned from looks better.
    detector = PatchGaussian(contamination=0.02).fit(good[:12])
    honest = PatchGaussian(n_folds=3).fit(good[:12])
    assert honest.offset_ < detector.offset_
    held_out = good[:12:3]
    others = np.delete(good[:12], np.s_[::3], axis=0)
    apart = PatchGaussian().fit(others)
    assert honest.offset_ <= apart.score_samples(held_out).min() + 0.05 * abs(
        honest.offset_
    )


def test_brightness_of_all_images_does_not_matter(good, fitted):
    brighter = PatchGaussian().fit(3 * good[:50])
    np.testing.assert_allclose(
        brighter.score_samples(3 * good[50:]),
        fitted.score_samples(good[50:]),
        rtol=1e-6,
    )
    assert brighter.offset_ == pytest.approx(fitted.offset_, rel=1e-6)


def test_without_positions_a_shift_changes_nothing(rng):
    X = rng.random((12, 16, 16))
    scattering = ScatteringTransformer(J=2, L=4, padding="periodic")
    X_shifted = np.roll(X, (4, 8), axis=(1, 2))
    free = PatchGaussian(scattering, aligned=False).fit(X)
    np.testing.assert_allclose(
        free.score_samples(X_shifted), free.score_samples(X), rtol=1e-6
    )
    bound = PatchGaussian(scattering).fit(X)
    gap = np.abs(bound.score_samples(X_shifted) - bound.score_samples(X))
    assert np.median(gap) > 0.1


def test_missing_grain_is_found_where_the_covariance_is_shrunk(rng):
    grain = rng.normal(size=(60, 48, 48))
    bad = grain[40:].copy()
    bad[:, 12:28, 20:36] *= 0.4
    new = rng.normal(size=(20, 48, 48))
    detector = PatchGaussian(
        ScatteringTransformer(J=2), aligned=False, shrinkage=1.0
    ).fit(grain[:40])
    scores = detector.score_samples(np.concatenate([new, bad]))
    assert roc_auc_score(np.repeat([1, 0], 20), scores) > 0.95


def test_mean_reduction_takes_all_positions(good, fitted):
    mean = PatchGaussian(reduction="mean").fit(good[:50])
    d = mean.score_map(good[50:])
    rows, columns = centres(mean.scattering_.scattering_._grid())
    at_centres = d[:, rows[:, None], columns]
    np.testing.assert_allclose(-mean.score_samples(good[50:]), at_centres.mean((1, 2)))
    assert np.all(mean.score_samples(good[50:]) > fitted.score_samples(good[50:]))


@pytest.mark.parametrize("form", ["rows", "colour"])
def test_model_is_saved_without_pickle(good, tmp_path, form):
    X, detector = good[:12], PatchGaussian(ScatteringTransformer(J=2, L=3))
    if form == "rows":
        X = X.reshape(12, -1)
        detector.set_params(image_shape=SIZE, scattering__L=4)
    elif form == "colour":
        X = np.stack([X, X**2, 1 - X], axis=1)
    detector.fit(X)
    assert detector.scattering_.scattering_.L == (4 if form == "rows" else 3)
    sklearn_scat.save(tmp_path / "detector.scat", detector)
    loaded = sklearn_scat.load(tmp_path / "detector.scat")
    np.testing.assert_array_equal(loaded.score_map(X), detector.score_map(X))
    assert loaded.offset_ == detector.offset_


def test_what_cannot_be_learned_from_is_refused(good):
    with pytest.raises(ValueError, match="two or more"):
        PatchGaussian().fit(good[:1])
    with pytest.raises(ValueError, match="pooling='mean'"):
        PatchGaussian(ScatteringTransformer(pooling="mean")).fit(good[:5])


def test_display_draws_the_scores_over_the_image(good, fitted):
    bad = scratched(good[50:51])[0]
    display = ScoreMapDisplay.from_estimator(fitted, bad).plot()
    _, overlay = display.ax_.images
    np.testing.assert_array_equal(overlay.get_array(), fitted.score_map(bad[None])[0])
    assert display.threshold == -fitted.offset_
    assert len(display.ax_.collections) == 1  # the contour
    plain = ScoreMapDisplay.from_estimator(fitted, good[0])
    assert plain.scores.max() < plain.threshold
    usual = plain.plot()
    assert not usual.ax_.collections
    assert usual.ax_.images[1].get_clim()[1] == pytest.approx(display.threshold)


def test_display_refuses_scores_of_another_size(good):
    with pytest.raises(ValueError, match="same sides"):
        ScoreMapDisplay(good[0], np.zeros((3, 3)))
