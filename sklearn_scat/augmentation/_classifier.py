"""Classifiers that learn from copies of their images, and decide by them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from numbers import Real
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils import check_random_state, get_tags
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    assert_all_finite,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
)

from sklearn_scat._array_likes import as_array
from sklearn_scat._compat import fit_context
from sklearn_scat._images import checked_images
from sklearn_scat._parameters import is_estimator, parameters, whole
from sklearn_scat.augmentation._copies import KINDS, chunks, joined, make_copies
from sklearn_scat.augmentation._folds import keep_copies_together, repeat_rows

__all__ = ["AugmentedClassifier"]

_CHUNK_BYTES = 2**26  # of images whose copies are decided on at once


def _inner_has(method):
    """Return the check that the fitted or the given estimator has a method."""

    def check(self):
        getattr(getattr(self, "estimator_", self.estimator), method)
        return True

    return check


class AugmentedClassifier(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):
    """Fit a classifier to images and copies of them; sum its decisions over copies.

    Copies show what must not matter: a mirrored object is the same object, and a digit
    that is turned a little the same digit. They are made inside `fit`, of the training
    images alone, so that in a cross-validation around this classifier no copy of a
    test image is learned from.

    Nor is it in one inside: wherever `estimator` or its parts have a parameter `cv`, as
    searches do and :class:`~sklearn_scat.PCAAffineClassifier`, folds are folds
    of images: copies of training images are learned from, test images are taken
    alone. Only a part that holds out rows in another way, such as early stopping with
    a `validation_fraction`, may have learned from copies of them.

    Parameters
    ----------
    estimator : classifier
        Of images in the form that `fit` is given, for instance a pipeline that begins
        with a scattering transformer. It needs `decision_function` or `predict_proba`.
    copies : {"flip", "shift", "affine", "dilate"} or callable, default="flip"
        What is added to every image:

        - "flip": its mirror image, left to right;
        - "shift": the image moved by `amount` pixels, to the four sides, or to the
          four corners too;
        - "affine": random rotations up to 12°, shears up to 0.2 and shifts up to one
          pixel, all times `amount`, bilinear between pixels;
        - "dilate": the image shrunk by :math:`2^{a/2}, 2^{2a/2}, 2^{3a/2} …`, a being
          `amount`, as textures are seen from further away [2]_. Copies are smaller:
          `estimator` is given a list of images, and must take several sizes;
        - a function ``f(images, rng)`` of an array (1, H, W) or (1, C, H, W) and a
          :class:`numpy.random.Generator`, which returns a sequence of arrays of the
          same shape. It is called for one image at a time.

        The copies of an image depend on its values and on `random_state`, and on no
        other image, so that a cache of features meets them again in other folds.
        Pixels from outside repeat the border.
    test_copies : bool, default=True
        Sum decisions over a test image and its copies; False takes the image alone.
    n_copies : int, default=None
        Copies of an image. None is 1 for "flip", 4 for "shift" (or 8), 4 for
        "affine" and 3 for "dilate" (or any number). A callable returns as many as it
        likes.
    amount : float, default=1
        How far "shift", "affine" and "dilate" go.
    image_shape : tuple (H, W) or (C, H, W), default=None
        Shape of one image, for rows of flattened pixels. None takes the shape from the
        array, and rows for squares.
    random_state : int, RandomState instance or None, default=None
        Draws random copies, and shuffles the folds of an integer `cv` inside.

    Attributes
    ----------
    estimator_ : classifier
        The fitted classifier.
    classes_ : ndarray of shape (n_classes,)
        Class labels.
    image_shape_ : tuple
        (H, W) or (C, H, W); the smallest sides where images differ in size.
    n_blocks_ : int
        How many rows `estimator_` was given for each image.
    seed_ : int
        What `random_state` gave.
    n_features_in_ : int
        Pixels (times channels) of one image.
    feature_names_in_ : ndarray of str
        Names of the columns, where `fit` saw some.

    References
    ----------
    .. [1] P. Y. Simard, D. Steinkraus and J. C. Platt, "Best practices for
       convolutional neural networks applied to visual document analysis", ICDAR 2003.
    .. [2] L. Sifre and S. Mallat, "Rotation, scaling and deformation invariant
       scattering for texture discrimination", CVPR 2013.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.svm import SVC
    >>> from sklearn_scat import AugmentedClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> X, y, X_test, y_test = X[:50], y[:50], X[1000:], y[1000:]
    >>> svm = SVC(C=10)
    >>> moved = AugmentedClassifier(svm, "shift")
    >>> moved.fit(X, y).score(X_test, y_test) > svm.fit(X, y).score(X_test, y_test)
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        "estimator": [HasMethods(["fit", "predict"])],
        "copies": [StrOptions(set(KINDS)), callable],
        "test_copies": ["boolean"],
        "n_copies": [None, whole(1)],
        "amount": [Interval(Real, 0, None, closed="neither")],
        "image_shape": [None, "array-like"],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator: Any,
        copies: Literal["flip", "shift", "affine", "dilate"]
        | Callable[..., Any] = "flip",
        *,
        test_copies: bool = True,
        n_copies: int | None = None,
        amount: float = 1,
        image_shape: Sequence[int] | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.estimator = estimator
        self.copies = copies
        self.test_copies = test_copies
        self.n_copies = n_copies
        self.amount = amount
        self.image_shape = image_shape
        self.random_state = random_state

    @fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        **fit_params: Any,
    ) -> Self:
        """Fit the classifier to images and their copies.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Training images, or a list of several sizes. The classifier gets the same
            form.
        y : array-like of shape (n,)
            Class labels.
        sample_weight : array-like of shape (n,), default=None
            Weights of images, which their copies share.
        **fit_params : dict
            Handed on; arrays of n rows, as `groups` of a search, with the copies.

        Returns
        -------
        self : AugmentedClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            If the estimator, or a part of it, states another image shape, or the
            classifier gives no decisions to sum.
        """
        found = checked_images(self, X, reset=True, several=True)
        images, self.image_shape_ = found.as_given(), found.shape
        y = check_targets(images, y)
        alike = isinstance(images, np.ndarray) and self.copies != "dilate"
        self._flat = alike and getattr(as_array(X), "ndim", 2) == 2
        self.seed_ = int(check_random_state(self.random_state).randint(2**31))
        estimator = clone(self.estimator)
        check_stated_shapes(estimator, self.image_shape_)
        if self.test_copies:
            deciding_method(estimator)
        blocks = self._blocks(images)
        self.n_blocks_ = len(blocks)
        fit_params["sample_weight"] = sample_weight
        keep_copies_together(estimator, n_blocks=len(blocks), seed=self.seed_)
        self.estimator_ = estimator.fit(
            joined(blocks),
            np.concatenate([y] * len(blocks)),
            **repeat_rows(fit_params, n=len(images), n_blocks=len(blocks)),
        )
        self.classes_ = self.estimator_.classes_
        return self

    @available_if(_inner_has("decision_function"))
    def decision_function(self, X: ArrayLike) -> NDArray[Any]:
        """Return the decisions of the classifier, summed over copies.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images.

        Returns
        -------
        scores : ndarray of shape (n,) or (n, n_classes)
            As the classifier gives them.
        """
        return self._sum("decision_function", X)

    @available_if(_inner_has("predict_proba"))
    def predict_proba(self, X: ArrayLike) -> NDArray[Any]:
        """Return the mean over copies of the classifier's probabilities.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images.

        Returns
        -------
        probabilities : ndarray of shape (n, n_classes)
            The geometric mean, scaled to sum to 1, where the classifier has decisions:
            logistic models add decisions as they multiply probabilities. The arithmetic
            mean of other classifiers' probabilities.
        """
        check_is_fitted(self)
        logistic = deciding_method(self.estimator_) == "decision_function"
        mean = geometric_mean if logistic else arithmetic_mean
        score = self.estimator_.predict_proba
        return self._over_chunks(lambda blocks: mean(map(score, blocks)), X)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the class of the largest sum of decisions, else of probabilities.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images.

        Returns
        -------
        y : ndarray of shape (n,)
            Without `test_copies`, what the classifier predicts.
        """
        check_is_fitted(self)
        if not self.test_copies:
            return self._over_chunks(lambda blocks: self.estimator_.predict(*blocks), X)
        scores = self._sum(deciding_method(self.estimator_), X)
        return chosen_classes(scores, self.classes_)

    def _sum(self, method, X):
        """Return the sum over blocks of what a method of the classifier gives."""
        check_is_fitted(self)
        score = getattr(self.estimator_, method)
        return self._over_chunks(lambda blocks: sum(map(score, blocks)), X)

    def _over_chunks(self, function, X):
        """Apply a function of blocks to X, some images at a time."""
        images = checked_images(self, X, reset=False, several=True).as_given()
        parts = chunks(images, _CHUNK_BYTES)
        return np.concatenate(
            [function(self._blocks(part, self.test_copies)) for part in parts]
        )

    def _blocks(self, images, copied=True):
        """Return images, and their copies one after the other, in the form fitted."""
        blocks = [images]
        if copied:
            settings = {"n_copies": self.n_copies, "amount": self.amount}
            blocks += make_copies(images, self.copies, seed=self.seed_, **settings)
        if self._flat and isinstance(images, np.ndarray):
            return [block.reshape(len(block), -1) for block in blocks]
        return blocks

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator).classifier_tags
        # scikit-learn's test draws blobs on a plane, whose mirror images are others'
        tags.classifier_tags = replace(inner, multi_label=False, poor_score=True)
        return tags


def check_targets(images, y):
    """Return class labels, one for each image."""
    y = column_or_1d(y, warn=True)
    assert_all_finite(y, input_name="y")
    check_classification_targets(y)
    check_consistent_length(images, y)
    return y


def deciding_method(estimator):
    """Return the name of the method whose results are summed over copies."""
    for name in ("decision_function", "predict_proba"):
        if hasattr(estimator, name):
            return name
    raise ValueError(
        f"{type(estimator).__name__} has neither decision_function nor predict_proba "
        "to sum over copies. Pass test_copies=False, or another estimator."
    )


def chosen_classes(scores, classes):
    """Return the classes of the largest scores, (n,) or (n, n_classes)."""
    if scores.ndim == 1:
        return classes[(scores > 0).astype(int)]
    if scores.shape[1] != len(classes):
        raise ValueError(
            f"The classifier gives {scores.shape[1]} decisions for {len(classes)} "
            "classes; it must give one for each, as by decision_function_shape='ovr'."
        )
    return classes[scores.argmax(axis=1)]


def check_stated_shapes(estimator, image_shape):
    """Refuse an estimator with a part whose `image_shape` is another one."""
    ours = tuple(image_shape)
    for name, key, shape, holders in parameters(estimator):
        if key != "image_shape" or shape is None or not is_estimator(holders[-1]):
            continue
        if (1, *shape)[-3:] != (1, *ours)[-3:]:
            raise ValueError(
                f"The images have shape {ours}, but {name}={tuple(shape)} in the "
                f"estimator. Pass image_shape={tuple(shape)} here too."
            )


def arithmetic_mean(probabilities):
    """Return the mean of arrays (n, n_classes)."""
    return np.mean(list(probabilities), axis=0)


def geometric_mean(probabilities):
    """Return the geometric mean of arrays (n, n_classes), its rows of sum 1."""
    tiny = np.finfo(np.float64).tiny
    logarithms = [np.log(np.maximum(p, tiny)) for p in probabilities]
    return softmax(np.mean(logarithms, axis=0), axis=1)
