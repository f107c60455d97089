"""Unknown pixels: what does not matter, what is averaged, and what is refused."""

import numpy as np
import pytest
from sklearn.base import clone

from sklearn_scat import (
    NormalizedScattering,
    RotoTranslationScattering,
    ScatteringTransformer,
    load,
    save,
)
from sklearn_scat.cascade import Grid, KnownWavelet2d, Wavelet2d
from sklearn_scat.filters import morlet_bank

KINDS = {
    "maps": ScatteringTransformer(J=2, L=4),
    "mean": ScatteringTransformer(J=2, L=4, pooling="mean"),
    "moments": ScatteringTransformer(J=2, L=4, pooling="moments"),
    "isotropic": ScatteringTransformer(J=2, L=4, orientation_pooling=True),
    "zero": ScatteringTransformer(J=2, L=4, padding="zero"),
    "periodic": ScatteringTransformer(J=2, L=4, padding="periodic", oversampling=1),
    "rigid": RotoTranslationScattering(J=2, L=4),
    "separable": RotoTranslationScattering(J=2, L=4, form="separable"),
    "order 3": ScatteringTransformer(J=3, L=2, max_order=3, pooling="mean"),
}


def ignoring(transformer):
    return clone(transformer).set_params(missing="ignore")


@pytest.fixture
def images():
    return np.random.default_rng(0).normal(size=(5, 24, 32)) + 2


@pytest.fixture
def holes(images):
    """The images, of which the second and the fourth lack pixels."""
    holes = images.copy()
    holes[1, 3:9, 10:30] = np.nan
    holes[3][np.random.default_rng(1).random((24, 32)) < 0.3] = np.nan
    return holes


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", KINDS)
def test_images_that_lack_nothing_are_computed_as_ever(kind, images, holes, dtype):
    images, holes = images.astype(dtype), holes.astype(dtype)
    model = KINDS[kind].fit(images)
    expected = model.transform(images)
    own = ignoring(model).fit(holes)
    np.testing.assert_array_equal(own.transform(images), expected)
    complete = [0, 2, 4]
    found = own.transform(holes)
    alone = model.transform(images[complete])
    np.testing.assert_array_equal(own.transform(images[complete]), alone)
    np.testing.assert_allclose(found[complete], alone, rtol=1e-5, atol=1e-6)
    assert np.isfinite(found).all()
    assert np.abs(found - expected)[[1, 3]].max() > 1e-2


# zeros around a constant image make edges
@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"zero"}))
def test_constant_images_are_constant_where_pixels_lack_too(kind, images, holes):
    constant = np.full_like(images, 3)
    model = ignoring(KINDS[kind]).fit(constant)
    expected = model.transform(constant)
    found = model.transform(np.where(np.isnan(holes), np.nan, constant))
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("padding", ["reflect", "zero", "periodic"])
def test_order_0_is_the_normalised_average_of_the_known_pixels(padding, holes):
    """φ * (c x) over φ * c, summed pixel by pixel, with φ's own samples."""
    x = holes[1]
    model = ScatteringTransformer(
        J=2, max_order=0, padding=padding, output="maps", missing="ignore"
    ).fit(x[None])
    found = model.transform(x[None])[0, 0]
    grid = Grid(x.shape, 2, padding)
    bank = morlet_bank(2, grid.padded)
    (A, B), known = grid.averages(bank)[0], np.isfinite(x)
    rows, columns = grid.gathers()
    inside = np.logical_and.outer(rows >= 0, columns >= 0)
    continued = np.where(inside, x[np.ix_(rows, columns)], 0)
    c = np.isfinite(continued)
    expected = A @ np.where(c, continued, 0) @ B.T / (A @ c @ B.T)
    near = A @ c @ B.T > 0.3
    assert near.mean() > 0.8
    assert not known.all()
    np.testing.assert_allclose(found[near], expected[near], atol=1e-2)


def test_the_pooled_mean_is_that_of_the_known_pixels(holes):
    x = holes[3]
    mean = ScatteringTransformer(J=2, max_order=0, pooling="mean", missing="ignore")
    periodic = mean.set_params(padding="periodic").fit(x[None])
    assert periodic.transform(x[None])[0, 0] == pytest.approx(np.nanmean(x), abs=1e-2)


@pytest.mark.parametrize("kind", KINDS)
def test_a_texture_is_known_by_a_part_of_it(kind):
    """Half the image unknown moves the features less than a fill by the mean does."""
    rng = np.random.default_rng(0)
    texture = np.repeat(rng.normal(size=(1, 64, 32)), 2, axis=2)
    lacking = texture.copy()
    lacking[:, 8:40] = np.nan
    filled = np.where(np.isnan(lacking), np.nanmean(lacking), lacking)
    model = ignoring(KINDS[kind]).set_params(pooling="mean").fit(texture)
    truth, found, worse = map(model.transform, (texture, lacking, filled))
    assert np.linalg.norm(found - truth) < 0.4 * np.linalg.norm(worse - truth)


def test_channels_lack_pixels_one_by_one(images):
    colors = np.stack([images, 2 * images, 3 * images], axis=1)
    colors[:, 1, 4:9, 4:9] = np.nan
    model = ScatteringTransformer(J=2, L=4, missing="ignore").fit(colors)
    found = model.transform(colors).reshape(5, 3, -1)
    gray = ScatteringTransformer(J=2, L=4, missing="ignore").fit(images)
    for c in range(3):
        expected = gray.transform(colors[:, c])
        np.testing.assert_allclose(found[:, c], expected, atol=1e-9)


def test_engines_agree_and_float32_holds_the_digits(holes):
    pytest.importorskip("torch")
    expected = ignoring(KINDS["maps"]).fit(holes).transform(holes)
    for engine in ("auto", "definition", "torch"):
        model = ignoring(KINDS["maps"]).set_params(engine=engine)
        found = model.fit(holes).transform(holes.astype(np.float32))
        np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("batch_size", [1, 2, "auto"])
def test_batches_change_nothing(holes, batch_size):
    model = ignoring(KINDS["maps"])
    expected = [model.fit(holes).transform(x[None])[0] for x in holes]
    found = model.set_params(batch_size=batch_size).fit(holes).transform(holes)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


def test_masks_lists_rows_and_files_say_the_same(holes, tmp_path):
    model = ignoring(KINDS["mean"])
    expected = model.fit(holes).transform(holes)
    masked = np.ma.masked_invalid(holes)
    file = tmp_path / "holes.npy"
    np.save(file, holes)
    forms = [masked, list(masked), list(holes), np.load(file, mmap_mode="r")]
    for X in forms:
        np.testing.assert_array_equal(model.fit(X).transform(X), expected)
    rows = clone(model).set_params(image_shape=(24, 32))
    rows.fit(holes.reshape(5, -1))
    np.testing.assert_array_equal(rows.transform(masked.reshape(5, -1)), expected)
    sizes = [*masked, np.ones((40, 40))]
    np.testing.assert_array_equal(model.fit(sizes).transform(sizes)[:5], expected)


def test_masked_integers_become_known_and_unknown():
    bytes_ = np.random.default_rng(0).integers(0, 256, (2, 16, 16)).astype(np.uint8)
    masked = np.ma.masked_array(bytes_, mask=np.zeros(bytes_.shape))
    model = ScatteringTransformer(J=1, missing="ignore").fit(masked)
    whole = model.transform(bytes_)
    np.testing.assert_array_equal(model.transform(masked), whole)
    masked[0, 3:5, 3:5] = np.ma.masked
    lacking = model.transform(masked)
    assert not np.array_equal(lacking[0], whole[0])
    np.testing.assert_array_equal(lacking[1], whole[1])
    masked.data[0, 3:5, 3:5] = 99
    np.testing.assert_array_equal(model.transform(masked), lacking)


def test_what_follows_takes_it(holes):
    model = NormalizedScattering(ignoring(KINDS["maps"]), method="log").fit(holes)
    assert np.isfinite(model.transform(holes)).all()


def test_arrays_of_torch_come_out_in_torch(holes):
    torch = pytest.importorskip("torch")
    from sklearn import config_context

    X = torch.tensor(holes)
    with config_context(array_api_dispatch=True):
        model = ignoring(KINDS["maps"]).fit(X)
        found = model.transform(X)
        with pytest.raises(ValueError, match="no gradient here"):
            model.transform(X.requires_grad_())
    expected = ignoring(KINDS["maps"]).fit(holes).transform(holes)
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-12)


def test_caches_hold_what_lacks_pixels_apart(images, holes, tmp_path):
    whole = ScatteringTransformer(J=1, cache=tmp_path).fit(images)
    expected = whole.transform(images)
    model = ignoring(whole).fit(holes)
    found = model.transform(holes)
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(model.transform(holes), found)
    np.testing.assert_array_equal(whole.transform(images), expected)
    assert np.abs(found[1] - expected[1]).max() > 1e-2


def test_the_range_of_values_is_that_of_known_pixels(images, holes):
    low, high = ignoring(KINDS["maps"]).fit(holes).pixel_range_
    assert (low, high) == (np.nanmin(holes), np.nanmax(holes))


@pytest.mark.parametrize("kind", ["maps", "rigid"])
def test_unknown_pixels_are_an_error_where_nothing_was_said(kind, images, holes):
    with pytest.raises(ValueError, match="contains NaN"):
        KINDS[kind].fit(holes)
    with pytest.raises(ValueError, match="contains NaN"):
        KINDS[kind].fit(images).transform(holes)
    with pytest.raises(ValueError, match="missing='ignore'"):
        KINDS[kind].fit(np.ma.masked_invalid(holes))


def test_infinity_and_images_without_a_known_pixel_are_errors(images, tmp_path):
    model = ignoring(KINDS["maps"]).fit(images)
    nothing = np.where(np.arange(5)[:, None, None] == 2, np.nan, images)
    with pytest.raises(ValueError, match="has no known pixel"):
        model.transform(nothing)
    infinite = nothing.copy()
    infinite[3, 0, 0] = np.inf
    with pytest.raises(ValueError, match="infinity"):
        model.transform(infinite)
    np.save(tmp_path / "X.npy", infinite)
    with pytest.raises(ValueError, match=r"Image 3 of 5.*infinity"):
        model.transform(np.load(tmp_path / "X.npy", mmap_mode="r"))


def test_a_model_of_before_refuses_as_it_did(images, holes):
    model = ScatteringTransformer(J=1).fit(images)
    del vars(model)["missing"]
    expected = ScatteringTransformer(J=1).fit(images).transform(images)
    np.testing.assert_array_equal(model.transform(images), expected)
    with pytest.raises(ValueError, match="contains NaN"):
        model.transform(holes)


def test_saved_models_remember(holes, tmp_path):
    model = ignoring(KINDS["mean"]).fit(holes)
    save(tmp_path / "model.scat", model)
    again = load(tmp_path / "model.scat")
    np.testing.assert_array_equal(again.transform(holes), model.transform(holes))


def test_the_certainty_of_known_images_is_one():
    grid = Grid((16, 24), J=3)
    W = Wavelet2d.from_bank(grid, morlet_bank(3, grid.padded), like=np.empty(0))
    known = KnownWavelet2d(W, np.ones((1, 16, 24), bool))
    assert [c.shape for c in known.certainties] == [
        (1, *(side // 2**r for side in grid.padded)) for r in range(3)
    ]
    assert all((c == 1).all() for c in known.certainties)
