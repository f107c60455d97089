"""Features of landmarks against the kernel that they stand for."""

import numpy as np
import pytest

from sklearn_scat import LocalKernelFeatures, ScatteringTransformer, load, save
from sklearn_scat.local_kernels import LocalKernel
from sklearn_scat.local_kernels._features import centres, drawn, inverse_root
from sklearn_scat.local_kernels._patches import whitened_patches


@pytest.fixture
def maps(rng):
    """Maps of a few images, (6, 3, 5, 4)."""
    return rng.uniform(size=(6, 3, 5, 4))


def slow_features(model, maps):
    """Return pooled features by their formula, point by point."""
    fitted, Z = model.patches_, model.landmarks_
    patches = whitened_patches(
        maps,
        fitted.patch_size,
        fitted.boundary,
        axes=fitted.axes_,
        smallest=fitted.smallest_norm_,
    )
    h, w = (side - model.patch_size + 1 for side in maps.shape[2:])
    patches = patches.reshape(h, w, len(maps), -1)
    width, points = (
        model.pooling_width,
        [(h - 1) % model.step / 2, (w - 1) % model.step / 2],
    )
    out = np.zeros((len(maps), *model.map_shape_))
    for a in range(model.map_shape_[1]):
        for b in range(model.map_shape_[2]):
            centre = points[0] + a * model.step, points[1] + b * model.step
            total = 0.0
            for i in range(h):
                for j in range(w):
                    apart = (i - centre[0]) ** 2 + (j - centre[1]) ** 2
                    weight = np.exp(-apart / (2 * width**2))
                    squares = ((patches[i, j][:, None] - Z) ** 2).sum(axis=2)
                    near = np.exp(-fitted.exponent_ * squares / 2)
                    out[:, :, a, b] += weight * near @ model.root_
                    total += weight
            out[:, :, a, b] /= total
    return out


@pytest.mark.parametrize("step", [1, 2, 3])
def test_features_equal_their_formula(step, maps):
    model = LocalKernelFeatures(
        n_landmarks=8, step=step, pooling_width=0.8, output="maps", random_state=0
    ).fit(maps)
    np.testing.assert_allclose(
        model.transform(maps), slow_features(model, maps), atol=1e-10
    )


def test_landmarks_of_all_patches_give_the_kernel_itself(maps):
    # without pooling, inner products of features are the kernel between patches
    model = LocalKernelFeatures(
        n_landmarks=10_000, pooling_width=1e-3, n_components=12, output="maps"
    ).fit(maps)
    features = model.transform(maps)
    patches = model.patches_.patches(maps)
    features = features.transpose(2, 3, 0, 1).reshape(*patches.shape[:2], -1)
    products = np.einsum("pnd,qmd->pnqm", features, features)
    cosines = np.einsum("pnd,qmd->pnqm", patches, patches)
    expected = np.exp(model.patches_.exponent_ * (cosines - 1))
    np.testing.assert_allclose(products, expected, atol=1e-4)


def test_inverse_root_whitens_on_the_span(rng):
    factor = rng.normal(size=(7, 4))
    kernel = factor @ factor.T
    root = inverse_root(kernel)
    projection = root @ kernel @ root
    np.testing.assert_allclose(projection @ projection, projection, atol=1e-9)
    assert np.trace(projection) == pytest.approx(4)


def test_centres_are_of_unit_norm_and_no_more_than_patches(rng):
    patches = rng.normal(size=(3, 20, 5))
    patches /= np.linalg.norm(patches, axis=2, keepdims=True)
    found = centres(patches, 6, np.random.RandomState(0))
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1)
    assert found.shape == (6, 5)
    assert len(centres(patches, 100, np.random.RandomState(0))) == 60


def test_rows_are_the_maps_and_are_named_alike(maps):
    settings = {"n_landmarks": 3, "random_state": 0, "step": 2}
    rows = LocalKernelFeatures(**settings).fit(maps)
    laid_out = LocalKernelFeatures(output="maps", **settings).fit_transform(maps)
    np.testing.assert_array_equal(rows.transform(maps), laid_out.reshape(6, -1))
    names = rows.get_feature_names_out()
    _, h, w = rows.map_shape_
    assert names[w + 1] == "landmark0_1_1"
    assert names[h * w] == "landmark1_0_0"


def test_saved_features_are_alike(maps, tmp_path):
    scattering = ScatteringTransformer(J=1)
    model = LocalKernelFeatures(scattering, n_landmarks=5, random_state=0).fit(maps)
    save(tmp_path / "model.skops", model)
    again = load(tmp_path / "model.skops")
    np.testing.assert_array_equal(again.transform(maps), model.transform(maps))


def test_one_landmark_is_enough(maps):
    features = LocalKernelFeatures(n_landmarks=1, random_state=0).fit_transform(maps)
    assert features.shape == (6, 4 * 3)


def test_mirror_images_have_the_same_features(rng):
    images = rng.uniform(size=(6, 3, 16, 16))
    settings = {"n_landmarks": 5, "step": 2, "random_state": 0}
    scattering = ScatteringTransformer(J=1)
    model = LocalKernelFeatures(scattering, mirrored=True, **settings).fit(images)
    mirrored = images[..., ::-1]
    np.testing.assert_allclose(
        model.transform(mirrored), model.transform(images), rtol=1e-12
    )
    alone = LocalKernelFeatures(scattering, **settings).fit(images)
    pair = alone.transform(images) + alone.transform(mirrored)
    np.testing.assert_allclose(model.transform(images), pair / 2, rtol=1e-12)
    assert np.abs(alone.transform(images) - pair / 2).max() > 1e-3


def test_axes_and_landmarks_are_learned_from_some_of_many_images(rng):
    images = rng.uniform(size=(5000, 1, 4, 4)).astype(np.float32)
    seen = drawn(images, 4000, np.random.RandomState(0))
    assert seen.shape == (4000, 1, 4, 4)
    assert len(np.unique(seen, axis=0)) == 4000
    many = LocalKernelFeatures(n_landmarks=3, random_state=0).fit(images)
    some = LocalKernel()
    some.fit_patches(seen)
    np.testing.assert_array_equal(many.patches_.axes_, some.axes_)
    assert drawn(images, 5000, np.random.RandomState(0)) is images


def test_features_of_many_images_are_those_of_each(rng):
    images = rng.uniform(size=(1100, 1, 4, 4))
    model = LocalKernelFeatures(n_landmarks=3, random_state=0).fit(images[:50])
    features = model.transform(images)
    for i in (0, 499, 500, 1099):
        np.testing.assert_allclose(
            features[i], model.transform(images[i : i + 1])[0], rtol=1e-12
        )


def test_centres_of_very_many_patches_are_sought_among_some(rng):
    patches = rng.normal(size=(200_100, 2))
    found = centres(patches, 3, np.random.RandomState(0))
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1)


def test_one_sample_and_one_axis_make_a_patch(maps):
    model = LocalKernelFeatures(patch_size=1, n_components=1, random_state=0)
    assert model.fit_transform(maps).shape == (6, model.map_shape_[0] * 5 * 4)
