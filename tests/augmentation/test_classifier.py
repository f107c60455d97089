import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from sklearn_scat import AugmentedClassifier, ScatteringTransformer


def same(images, rng):
    return [images]


def noisy(images, rng):
    return [images + rng.normal(size=images.shape) for _ in range(2)]


# L-BFGS of older scikit-learn makes newer SciPy warn
LOGISTIC = LogisticRegression(solver="newton-cholesky")


class Recorder(ClassifierMixin, BaseEstimator):
    """Keep what it is given; decide by the sums of pixels, weighted by position."""

    def fit(self, X, y, **fit_params):
        self.X_, self.y_, self.fit_params_ = X, y, fit_params
        self.classes_ = np.unique(y)
        return self

    def decision_function(self, X):
        X = X.reshape(len(X), -1)
        positions = np.arange(1.0, 1 + X.shape[1])
        return np.stack([X @ positions**p for p in range(len(self.classes_))], axis=1)

    def predict(self, X):
        return self.classes_[self.decision_function(X).argmax(axis=1)]


@pytest.fixture
def images():
    return np.random.default_rng(0).uniform(size=(6, 3, 5, 4))


LABELS = np.array(["a", "b", "c"] * 2)


def test_mirror_images_follow_the_images(images):
    fitted = AugmentedClassifier(Recorder()).fit(images, LABELS)
    given = fitted.estimator_
    assert_array_equal(given.X_, np.concatenate([images, images[..., ::-1]]))
    assert_array_equal(given.y_, np.tile(LABELS, 2))
    assert fitted.n_blocks_ == 2
    assert_array_equal(fitted.classes_, ["a", "b", "c"])


@pytest.mark.parametrize("amount", [1, 2])
def test_shifted_copies_repeat_the_border(amount, images):
    shift = AugmentedClassifier(Recorder(), "shift", n_copies=8, amount=amount)
    blocks = shift.fit(images, LABELS).estimator_.X_.reshape(9, *images.shape)
    rows, columns = np.arange(5), np.arange(4)
    seen = set()
    for block in blocks:
        for dy in (-amount, 0, amount):
            for dx in (-amount, 0, amount):
                y, x = np.clip(rows + dy, 0, 4), np.clip(columns + dx, 0, 3)
                if np.array_equal(block, images[:, :, y[:, None], x]):
                    seen.add((dy, dx))
    assert len(seen) == 9
    sides = shift.set_params(n_copies=None).fit(images, LABELS).estimator_.X_
    assert_array_equal(sides, np.concatenate(blocks[:5]))


def test_decisions_are_summed_over_copies(images):
    fitted = AugmentedClassifier(Recorder()).fit(images, LABELS)
    inner = fitted.estimator_
    expected = inner.decision_function(images)
    expected = expected + inner.decision_function(images[..., ::-1])
    assert_allclose(fitted.decision_function(images), expected)
    chosen = np.array(["a", "b", "c"])[expected.argmax(axis=1)]
    assert_array_equal(fitted.predict(images), chosen)
    fitted.set_params(test_copies=False)
    alone = inner.decision_function(images)
    assert_allclose(fitted.decision_function(images), alone)
    assert_array_equal(fitted.predict(images), inner.predict(images))


def test_two_classes_have_one_decision():
    X, y = load_digits(n_class=2, return_X_y=True)
    X, y = X[:100], np.array(["no", "yes"])[y[:100]]
    fitted = AugmentedClassifier(SVC(), "shift").fit(X, y)
    scores = fitted.decision_function(X)
    assert scores.shape == (100,)
    assert_array_equal(fitted.predict(X), np.where(scores > 0, "yes", "no"))


def test_probabilities_are_averaged_where_there_are_no_decisions():
    X, y = load_digits(return_X_y=True)
    fitted = AugmentedClassifier(KNeighborsClassifier(), "flip").fit(X[:300], y[:300])
    assert not hasattr(fitted, "decision_function")
    test = X[300:330]
    mirrored = test.reshape(-1, 8, 8)[..., ::-1].reshape(-1, 64)
    inner = fitted.estimator_.predict_proba
    expected = (inner(test) + inner(mirrored)) / 2
    assert_allclose(fitted.predict_proba(test), expected)
    assert_array_equal(fitted.predict(test), expected.argmax(axis=1))


def test_logistic_probabilities_agree_with_the_decisions():
    X, y = load_digits(return_X_y=True)
    model = clone(LOGISTIC).set_params(C=1e-3)
    fitted = AugmentedClassifier(model, "shift").fit(X[:200], y[:200])
    probabilities = fitted.predict_proba(X[200:300])
    logits = fitted.decision_function(X[200:300]) / fitted.n_blocks_
    expected = np.exp(logits - logits.max(axis=1, keepdims=True))
    expected /= expected.sum(axis=1, keepdims=True)
    assert_allclose(probabilities, expected, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("copies", ["flip", "shift", "affine", noisy])
def test_copies_depend_on_the_image_and_the_seed_alone(copies, images):
    def blocks(X, seed):
        classifier = AugmentedClassifier(Recorder(), copies, random_state=seed)
        X_all = classifier.fit(X, LABELS[: len(X)]).estimator_.X_
        return X_all.reshape(-1, *X.shape)

    whole = blocks(images, 0)
    assert_array_equal(blocks(images, 0), whole)
    assert_array_equal(blocks(images[::-1], 0), whole[:, ::-1])
    assert_array_equal(blocks(images[2:5], 0), whole[:, 2:5])
    same_values = blocks(images.astype(np.float32).astype(float), 0)
    assert_allclose(same_values, whole, atol=1e-5)
    if copies not in ("flip", "shift"):
        assert (blocks(images, 1)[1:] != whole[1:]).any(axis=(2, 3, 4)).all()
        assert len(np.unique((whole[1] - whole[0]).sum(axis=(1, 2, 3)))) == 6


@pytest.mark.parametrize("copies", ["flip", "shift", "affine", noisy])
def test_decision_does_not_depend_on_other_test_images(copies, images):
    fitted = AugmentedClassifier(Recorder(), copies, random_state=0)
    fitted.fit(images, LABELS)
    scores = fitted.decision_function(images)
    assert_allclose(fitted.decision_function(images[::-1]), scores[::-1])
    assert_allclose(fitted.decision_function(images[3:4]), scores[3:4])


def test_affine_copies_move_little():
    y, x = np.indices((28, 28)) - 13.5
    image = np.exp(-((y - 3) ** 2 + (x + 4) ** 2) / 18)[None]
    moved = AugmentedClassifier(Recorder(), "affine", n_copies=50, random_state=0)
    copies = moved.fit(np.repeat(image, 2, 0), [0, 1]).estimator_.X_[2::2]

    def centre(copy):
        return np.array([(copy * y).sum(), (copy * x).sum()]) / copy.sum()

    steps = np.array([centre(copy) - centre(image[0]) for copy in copies])
    # 12° of a radius 5, a shear of 0.2 over 4 pixels and one pixel, along an axis
    assert np.abs(steps).max() < 5 * np.sin(np.deg2rad(12)) + 0.8 + 1 + 0.2
    assert (steps.std(axis=0) > 0.3).all()
    assert_allclose(steps.mean(axis=0), 0, atol=0.6)
    still = moved.set_params(amount=1e-9).fit(image.repeat(2, 0), [0, 1])
    assert_allclose(still.estimator_.X_[2:], image.repeat(100, 0), atol=1e-6)


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32, np.float64])
def test_copies_keep_the_scale_of_the_values(dtype):
    X = np.full((4, 6, 6), 200, dtype)
    for copies in ("flip", "shift", "affine"):
        fitted = AugmentedClassifier(Recorder(), copies).fit(X, [0, 1, 0, 1])
        assert_allclose(fitted.estimator_.X_, 200, rtol=1e-6)


@pytest.mark.parametrize("form", ["rows", "stack", "channels"])
def test_estimator_gets_the_form_of_fit(form, images):
    shapes = {"rows": (60,), "stack": (15, 4), "channels": (3, 5, 4)}
    X = images.reshape(6, *shapes[form])
    image_shape = (3, 5, 4) if form == "rows" else None
    fitted = AugmentedClassifier(Recorder(), image_shape=image_shape).fit(X, LABELS)
    assert fitted.estimator_.X_.shape == (12, *shapes[form])
    scores = fitted.decision_function(X)
    assert_allclose(fitted.decision_function(X.reshape(6, 60)), scores)
    assert_allclose(fitted.decision_function(X.reshape(6, 60).tolist()), scores)


def test_weights_and_other_rows_go_with_the_copies(images):
    weights, groups = np.arange(6.0), list("aabbcc")
    fitted = AugmentedClassifier(Recorder(), "shift")
    fitted.fit(images, LABELS, sample_weight=weights, groups=groups, verbose=True)
    given = fitted.estimator_.fit_params_
    assert_array_equal(given["sample_weight"], np.tile(weights, 5))
    assert_array_equal(given["groups"], groups * 5)
    assert given["verbose"] is True
    assert "sample_weight" not in fitted.fit(images, LABELS).estimator_.fit_params_


def test_decisions_on_pairs_of_classes_are_an_error():
    X, y = load_digits(return_X_y=True)
    model = AugmentedClassifier(SVC(decision_function_shape="ovo")).fit(X[:99], y[:99])
    with pytest.raises(ValueError, match="45 decisions for 10 classes"):
        model.predict(X[:5])


def test_image_shape_that_a_part_states_otherwise_is_an_error():
    X = np.random.default_rng(0).normal(size=(6, 64))
    model = make_pipeline(ScatteringTransformer(image_shape=(4, 16)), NearestCentroid())
    with pytest.raises(ValueError, match=r"Pass image_shape=\(4, 16\) here too"):
        AugmentedClassifier(model, test_copies=False).fit(X, LABELS)
    agreeing = AugmentedClassifier(
        model.set_params(scatteringtransformer__image_shape=(1, 4, 16)),
        image_shape=(4, 16),
        test_copies=False,
    )
    assert agreeing.fit(X, LABELS).estimator_[0].image_shape_ == (1, 4, 16)


def test_classifier_without_decisions_is_an_error(images):
    class Silent(Recorder):
        decision_function = property()

    with pytest.raises(ValueError, match="neither decision_function nor predict_proba"):
        AugmentedClassifier(Silent()).fit(images, LABELS)


@pytest.mark.parametrize(
    ("copies", "message"),
    [
        (
            lambda x, rng: [x[0]],
            r"\(1, 3, 5, 4\) and returned some of shape \(3, 5, 4\)",
        ),
        (lambda x, rng: [x] * int(x[0, 0, 0, 0] * 10), "as many copies of every image"),
    ],
)
def test_function_that_returns_something_else_is_an_error(copies, message, images):
    with pytest.raises(ValueError, match=message):
        AugmentedClassifier(Recorder(), copies).fit(images, LABELS)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"copies": "rotate"}, "copies"),
        ({"copies": "flip", "n_copies": 2}, "makes 1 copies .* n_copies=2"),
        ({"copies": "shift", "n_copies": 5}, "makes 4 or 8 copies"),
        ({"copies": "shift", "amount": 0.5}, "whole pixels; got amount=0.5"),
        ({"amount": 0}, "amount"),
        ({"n_copies": 0}, "n_copies"),
        ({"image_shape": (5, 5)}, "image"),
    ],
)
def test_illegal_parameter_is_named(parameters, message, images):
    with pytest.raises(ValueError, match=message):
        AugmentedClassifier(Recorder(), **parameters).fit(images, LABELS)


def test_clone_and_refit_forget(images):
    used = AugmentedClassifier(Recorder(), "affine", random_state=0)
    used.fit(images[:3], LABELS[:3])
    used.set_params(copies="flip").fit(images.reshape(6, 15, 4), LABELS)
    fresh = clone(used).fit(images.reshape(6, 15, 4), LABELS)
    assert sorted(vars(used)) == sorted(vars(fresh))
    assert_array_equal(used.estimator_.X_, fresh.estimator_.X_)
    assert used.image_shape_ == (15, 4)


def test_affine_copies_turn_and_slant_up_to_their_amounts():
    """The largest changes of many copies come near 12°, 0.2 and a pixel, not past."""
    from sklearn_scat.augmentation import _copies

    seen = []

    def noted(images, *, angle, shear, step):
        seen.append([abs(angle), abs(shear), *np.abs(step)])
        return images

    rng = np.random.default_rng(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_copies, "affine_copy", noted)
        _copies.affine(np.zeros((1, 8, 8)), n_copies=400, amount=1.0, rng=rng)
        largest = np.max(seen, axis=0)
        bounds = np.array([np.deg2rad(12), 0.2, 1, 1])
        assert np.all(largest <= bounds)
        assert np.all(largest > 0.97 * bounds)
