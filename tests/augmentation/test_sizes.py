"""Copies of other sizes, and copies of images of several sizes."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline

from sklearn_scat import (
    AugmentedClassifier,
    NormalizedScattering,
    PCAAffineClassifier,
    ScatteringTransformer,
)
from sklearn_scat.augmentation._resampling import resized
from sklearn_scat.datasets import make_textures
from sklearn_scat.feature_cache import _directory as feature_cache

SHAPES = [(24, 24), (24, 30), (21, 24)]
KINDS = ["gaussian-blob", "gaussian-bar", "points-blob"]


class Recorder(ClassifierMixin, BaseEstimator):
    """Keep what it is given; decide by means of pixels."""

    def fit(self, X, y):
        self.X_, self.y_ = X, y
        self.classes_ = np.unique(y)
        return self

    def decision_function(self, X):
        means = np.array([np.mean(image) for image in X])
        return np.stack([means**p for p in range(len(self.classes_))], axis=1)

    def predict(self, X):
        return self.classes_[self.decision_function(X).argmax(axis=1)]


@pytest.fixture
def images():
    rng = np.random.default_rng(0)
    return [rng.normal(size=SHAPES[i % 3]).astype(np.float32) for i in range(6)]


LABELS = np.array([0, 1, 2, 0, 1, 2])


def textures(n, seed):
    """Return textures of three kinds, seen from several distances, in any size."""
    images, y = make_textures(n, kinds=KINDS, image_shape=(64, 64), random_state=seed)
    factors = np.random.default_rng(seed).uniform(1, 2, n)
    pairs = zip(images, factors, strict=True)
    return [resized(image[None], factor)[0] for image, factor in pairs], y


def pipeline(**parameters):
    """Return a classifier that takes any size."""
    scattering = ScatteringTransformer(J=3, L=4, pooling="mean", **parameters)
    return make_pipeline(
        NormalizedScattering(scattering), PCAAffineClassifier(n_components=3)
    )


@pytest.mark.parametrize("form", ["list", "array", "rows"])
def test_dilated_copies_are_smaller(form, images):
    X = {"list": images, "array": np.stack(images[::3])}
    X["rows"] = X["array"].reshape(2, -1)
    y = LABELS if form == "list" else np.array([0, 1])
    model = AugmentedClassifier(Recorder(), "dilate", n_copies=2).fit(X[form], y)
    assert model.n_blocks_ == 3
    given = model.estimator_.X_
    assert isinstance(given, list)
    assert given[0].shape == (24, 24)
    assert given[len(y)].shape == (17, 17)
    assert given[2 * len(y)].shape == (12, 12)
    np.testing.assert_array_equal(model.estimator_.y_, np.tile(y, 3))


def test_amount_is_the_step_in_half_octaves(images):
    model = AugmentedClassifier(Recorder(), "dilate", n_copies=1, amount=2)
    model.fit(images, LABELS)
    np.testing.assert_array_equal(
        model.estimator_.X_[6], resized(images[0][None], 2.0)[0]
    )


def test_decisions_are_summed_over_sizes(images):
    model = AugmentedClassifier(Recorder(), "dilate").fit(images, LABELS)
    blocks = [[resized(x, 2 ** (k / 2)) for x in images] for k in range(4)]
    expected = sum(model.estimator_.decision_function(block) for block in blocks)
    np.testing.assert_allclose(model.decision_function(images), expected, rtol=1e-5)
    alone = AugmentedClassifier(Recorder(), "dilate", test_copies=False)
    np.testing.assert_array_equal(
        alone.fit(images, LABELS).predict(images),
        alone.estimator_.predict(images),
    )


@pytest.mark.parametrize("copies", ["flip", "shift", "affine", lambda x, rng: [-x]])
def test_every_kind_of_copy_takes_several_sizes(copies, images):
    model = AugmentedClassifier(Recorder(), copies, random_state=0)
    given = model.fit(images, LABELS).estimator_.X_
    assert [x.shape for x in given] == [x.shape for x in images] * model.n_blocks_
    same = AugmentedClassifier(Recorder(), copies, random_state=0)
    first = same.fit(np.stack(images[::3]), LABELS[:2]).estimator_.X_
    for block in range(model.n_blocks_):
        np.testing.assert_array_equal(given[6 * block], first[2 * block])


def test_fitted_sizes_do_not_matter_to_decisions():
    X, y = textures(30, 0)
    X_test, _ = textures(10, 1)
    model = AugmentedClassifier(pipeline(), "dilate", n_copies=2).fit(X, y)
    together = model.decision_function(X_test)
    alone = [model.decision_function([x])[0] for x in X_test]
    np.testing.assert_allclose(together, alone, rtol=1e-4)
    assert model.image_shape_[0] < 64
    assert not hasattr(model, "n_features_in_")


def test_copies_of_several_sizes_go_through_folds_and_searches():
    X, y = textures(36, 0)
    model = AugmentedClassifier(pipeline(), "dilate", n_copies=1)
    assert cross_val_score(model, X, y, cv=3).mean() > 0.7
    grid = {"pcaaffineclassifier__n_components": [0, 3]}
    inside = AugmentedClassifier(
        GridSearchCV(pipeline(), grid, cv=3), "dilate", n_copies=1
    ).fit(X, y)
    around = GridSearchCV(
        AugmentedClassifier(pipeline(), "dilate", n_copies=1),
        {f"estimator__{name}": values for name, values in grid.items()},
        cv=3,
    ).fit(X, y)
    assert inside.estimator_.cv.n_blocks == 2
    assert inside.score(X, y) > 0.7
    assert around.score(X, y) > 0.7


def test_copies_of_a_test_image_are_not_learned_from(images):
    class Folds(Recorder):
        seen: list = []  # noqa: RUF012

        def fit(self, X, y):
            Folds.seen.append({x.tobytes() for x in X})
            return super().fit(X, y)

    search = GridSearchCV(Folds(), {}, cv=2)
    AugmentedClassifier(search, "dilate", n_copies=1).fit(images, [0, 1] * 3)
    small = [resized(x, 2**0.5) for x in images]
    for seen in Folds.seen[:2]:
        held_out = [x for x in images if x.tobytes() not in seen]
        assert held_out
        for x, copy in zip(images, small, strict=True):
            assert (x.tobytes() in seen) == (copy.tobytes() in seen)


def test_every_image_of_every_scale_is_transformed_once(tmp_path):
    X, y = textures(12, 0)
    model = AugmentedClassifier(pipeline(cache=tmp_path), "dilate", n_copies=1)
    cross_val_score(model, X, y, cv=2)
    model.fit(X, y).predict(X)
    assert feature_cache.info(tmp_path).computed == 24


def test_shapes_that_contradict_are_errors(images):
    stated = AugmentedClassifier(Recorder(), image_shape=(24, 24))
    with pytest.raises(ValueError, match="Leave out image_shape"):
        stated.fit(images, LABELS)
    blind = make_pipeline(ScatteringTransformer(), LogisticRegression())
    with pytest.raises(ValueError, match=r"differ in shape.*pooling='mean'"):
        AugmentedClassifier(blind, "dilate").fit(np.stack(images[::3]), [0, 1])
    with pytest.raises(ValueError, match="Image 1 has shape"):
        AugmentedClassifier(Recorder()).fit([images[0], images[1][0]], [0, 1])
