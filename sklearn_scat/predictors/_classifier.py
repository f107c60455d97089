"""A classifier of images that chooses how."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin

from sklearn_scat._compat import fit_context
from sklearn_scat._images import checked_images
from sklearn_scat.augmentation._classifier import check_targets
from sklearn_scat.classifiers._temperature import fit_temperature, probabilities
from sklearn_scat.predictors._base import RecipeChooser
from sklearn_scat.predictors._candidates import Task
from sklearn_scat.predictors._comparison import Comparison, feature_folder
from sklearn_scat.predictors._samples import dealt_folds


class ScatteringClassifier(ClassifierMixin, RecipeChooser):
    r"""Classify images by the recipe that folds of the training images choose.

    What one would try for images of their number, size and kind is compared inside the
    training images: linear, affine and Gaussian kernel classifiers of scattering
    coefficients, for images of 48 pixels or more also the classifiers of textures, for
    up to 1,000 small images in colour a kernel between patches, and, where there are
    few images, the best of these with copies of the images. Each image is transformed
    once, whatever is compared.

    Parameters
    ----------
    recipe : str or sequence of str, default="auto"
        "auto" compares what suits. Or the name of one of
        :data:`sklearn_scat.recipes.RECIPES`, ``module:function`` of one's own, or
        several names to compare.
    n_folds : int, default=5
        Most folds; a class with fewer images is absent from some, and the only image of
        a class is always learned from. Images that come more than once are held out
        together.
    image_shape : tuple (H, W) or (C, H, W), default=None
        Shape of one image, for rows of flattened pixels. None takes the shape from the
        array, and rows for squares.
    cache : path-like, default=None
        A directory that keeps the coefficients, see :mod:`sklearn_scat.feature_cache`:
        an interrupted `fit` goes on where it stopped. None keeps them while `fit` runs.
    random_state : int, RandomState instance or None, default=0
        For recipes that draw. Folds follow from the images alone, in whichever order
        they come.
    verbose : int, default=0
        Above 0, `fit` reports its progress on standard error.

    Attributes
    ----------
    recipe_ : str
        What was chosen.
    reason_ : str
        A sentence: its share of right predictions in the folds, and what came next.
    cv_results_ : dict of list
        ``recipe``, ``params``, ``mean_test_score`` and ``std_test_score`` (share of
        held-out images that were right), ``loss`` (log loss of their probabilities),
        ``time`` in seconds: a line for each that was compared.
    estimator_ : classifier
        The chosen recipe, fitted to all images; its classes are indices of `classes_`.
    temperature_ : float
        What decisions are divided by in `predict_proba`; 1 where there were no folds.
    held_out_proba_ : ndarray of shape (n, n_classes)
        Probabilities of the training images, each by the folds that had not seen it;
        NaN where it was never held out.
    classes_ : ndarray of shape (n_classes,)
        Class labels.
    landmarks_ : ndarray of shape (n_landmarks, 64)
        Features of at most 500 training images, on 64 random directions.
    nearest_distance_ : float
        The distance that 99 % of these do not exceed to the nearest other.
    image_shape_ : tuple
        (H, W) or (C, H, W); the smallest sides where images differ in size.
    pixel_range_ : tuple of float
        The smallest and the largest value of a sample of the images.
    size_range_ : tuple of tuple (H, W)
        The smallest and the largest height and width of the images.
    n_features_in_ : int
        Pixels (times channels) of one image, where all have one shape.
    feature_names_in_ : ndarray of str
        Names of the columns, where `fit` saw some.

    See Also
    --------
    sklearn_scat.recipes : What is compared.

    Notes
    -----
    Of the recipes whose share of right predictions is within one standard error of the
    largest, that of the least log loss is chosen: shares of a few hundred images differ
    by chance, and probabilities tell more of each image.

    The score of the chosen recipe in `cv_results_` is the largest of several, and
    therefore a little too good; an outer cross-validation is not.

    Images of several sizes, and those with sides of more than 96 pixels, are brought to
    one size, of at most 96 pixels, before all recipes but those of textures. Where
    weights differ, or images come several times, recipes that take no weights are left
    out: those of textures.

    References
    ----------
    J. Bruna and S. Mallat, "Invariant scattering convolution networks", IEEE TPAMI
    35(8), 2013. For the probabilities: C. Guo, G. Pleiss, Y. Sun and K. Weinberger,
    "On calibration of modern neural networks", ICML 2017, section 4.2.

    Examples
    --------
    >>> from sklearn_scat import ScatteringClassifier
    >>> from sklearn_scat.datasets import load_digits_images
    >>> X, y = load_digits_images(return_X_y=True)
    >>> model = ScatteringClassifier("scat_linear").fit(X[:100], y[:100])
    >>> bool(model.score(X[100:300], y[100:300]) > 0.9)
    True
    """

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Compare recipes by folds, and fit the best to all images.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Training images, or a list of several sizes.
        y : array-like of shape (n,)
            Class labels, at least two different ones.
        sample_weight : array-like of shape (n,), default=None
            One of weight k counts as k images, one of weight 0 as none.

        Returns
        -------
        self : ScatteringClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            If y holds one class, a recipe is not known, or takes no weights where they
            are given.
        """
        found = checked_images(self, X, reset=True, several=True)
        labels = check_targets(found.as_given(), y)
        classes, targets = np.unique(labels, return_inverse=True)
        samples, places = self._samples(found, targets, sample_weight)
        present, targets = np.unique(samples.targets, return_inverse=True)
        self.classes_ = classes[present]
        if len(present) < 2:
            raise ValueError(
                f"{type(self).__name__} needs images of at least 2 classes; y holds "
                f"1 class, {self.classes_[0]}."
            )
        samples = samples._replace(targets=targets)
        task = Task(
            self.image_shape_,
            self._are_alike,
            n_images=len(targets),
            n_classes=len(present),
            seed=self._seed(),
        )
        fold = dealt_folds(targets, self.n_folds)
        with feature_folder(self.cache) as folder:
            comparison = Comparison(
                samples, fold, class_scores, _share_right, _log_loss_and_error, folder
            )
            best = self._choose(task, comparison, task.recipes)
        self.temperature_ = _temperature(best.held_out, samples)
        self.held_out_proba_ = np.full((len(places), len(present)), np.nan, np.float32)
        if best.held_out is not None:
            p = probabilities(best.held_out, self.temperature_)
            self.held_out_proba_[places >= 0] = p[places[places >= 0]]
        return self

    def decision_function(self, X: ArrayLike) -> NDArray[Any]:
        """Return the decisions of the chosen recipe.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images, of any sizes in a list if `fit` saw several.

        Returns
        -------
        scores : ndarray of shape (n, n_classes) or (n,)
            The larger the likelier; with two classes, positive for the second.
        """
        scores = self._scores(X)
        return scores[:, 1] - scores[:, 0] if len(self.classes_) == 2 else scores

    def predict_proba(self, X: ArrayLike) -> NDArray[Any]:
        """Return probabilities of the classes.

        They are the softmax of the decisions, divided by the `temperature_` that suits
        the images that the folds held out.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images.

        Returns
        -------
        p : ndarray of shape (n, n_classes)
            In the order of `classes_`; rows sum to 1.
        """
        return probabilities(self._scores(X), self.temperature_)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the class of the largest decision of every image.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images.

        Returns
        -------
        y : ndarray of shape (n,)
            Class labels.
        """
        best = self._scores(X).argmax(axis=1)
        return self.classes_[best]

    def _scores(self, X):
        """Return one number for each class: (n, K)."""
        images = self._images(X)
        return class_scores(self.estimator_, images)


def class_scores(estimator, images):
    """Return decisions, or logarithms of probabilities, one a class: (n, K)."""
    if hasattr(estimator, "decision_function"):
        scores = np.asarray(estimator.decision_function(images))
    else:
        tiny = np.finfo(np.float64).tiny
        scores = np.log(np.maximum(estimator.predict_proba(images), tiny))
    if scores.ndim == 1:
        return np.column_stack([-scores / 2, scores / 2])
    return scores


def _share_right(scores, labels, weight):
    """Return the share of samples whose own class has the largest score."""
    return np.average(scores.argmax(axis=1) == labels, weights=weight)


def _temperature(scores, samples):
    """Return the temperature of held-out scores; 1 where nothing was held out."""
    if scores is None:
        return 1.0
    return fit_temperature(*_held_out(scores, samples))


def _log_loss_and_error(scores, samples):
    """Return the log loss of held-out scores, and the standard error of their share."""
    scores, labels, weight = _held_out(scores, samples)
    p = probabilities(scores, fit_temperature(scores, labels, weight))
    own = np.maximum(p[np.arange(len(labels)), labels], np.finfo(float).tiny)
    share = _share_right(scores, labels, weight)
    error = np.sqrt(share * (1 - share) / len(labels))
    return float(np.average(-np.log(own), weights=weight)), float(error)


def _held_out(scores, samples):
    """Return scores, labels and weights of the samples that a fold held out."""
    own = np.isfinite(scores).all(axis=1)
    weight = None if samples.weight is None else samples.weight[own]
    return scores[own], samples.targets[own], weight
