"""A regressor of images that chooses how."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_consistent_length, column_or_1d

from sklearn_scat._compat import fit_context
from sklearn_scat._images import checked_images
from sklearn_scat.predictors._base import RecipeChooser
from sklearn_scat.predictors._candidates import Task
from sklearn_scat.predictors._comparison import Comparison, feature_folder
from sklearn_scat.predictors._samples import dealt_folds


class ScatteringRegressor(RegressorMixin, RecipeChooser):
    r"""Predict values from images, by the recipe that folds of these images choose.

    Ridge regression of scattering coefficients and ridge regression under a Gaussian
    kernel are compared inside the training images, for images of 48 pixels or more also
    under moments of the maps; the smallest error of held-out images decides. Each image
    is transformed once, whatever is compared.

    Parameters
    ----------
    recipe : str or sequence of str, default="auto"
        "auto" compares what suits. Or one or several of "values_linear", "values_rbf"
        and "moments_rbf", or ``module:function`` of one's own.
    n_folds : int, default=5
        Folds, if there are as many images. Images that come more than once are held out
        together.
    image_shape : tuple (H, W) or (C, H, W), default=None
        Shape of one image, for rows of flattened pixels. None takes the shape from the
        array, and rows for squares.
    cache : path-like, default=None
        A directory that keeps the coefficients, see :mod:`sklearn_scat.feature_cache`.
        None keeps them while `fit` runs.
    random_state : int, RandomState instance or None, default=0
        For recipes that draw.
    verbose : int, default=0
        Above 0, `fit` reports its progress on standard error.

    Attributes
    ----------
    recipe_ : str
        What was chosen.
    reason_ : str
        A sentence: its R² in the folds, and what came next.
    cv_results_ : dict of list
        ``recipe``, ``params``, ``mean_test_score`` and ``std_test_score`` (R² of
        held-out images), ``loss`` (their mean squared error), ``time`` in seconds.
    estimator_ : regressor
        The chosen recipe, fitted to all images; it predicts (y − mean_) / scale_.
    mean_, scale_ : float
        Mean and standard deviation of the training values.
    error_ : float
        Root of the mean squared error of held-out images, in the units of y; NaN where
        there were no folds.
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
    ScatteringClassifier : The same for classes.

    References
    ----------
    T. Hastie, R. Tibshirani and J. Friedman, "The Elements of Statistical Learning",
    2nd edition, Springer, 2009, sections 3.4.1 and 5.8.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat import ScatteringRegressor
    >>> from sklearn_scat.datasets import load_digits_images
    >>> X, _ = load_digits_images(return_X_y=True)
    >>> ink = (X > 8).mean(axis=1)
    >>> model = ScatteringRegressor("values_linear").fit(X[:100], ink[:100])
    >>> bool(model.score(X[100:300], ink[100:300]) > 0.5)
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
            Values.
        sample_weight : array-like of shape (n,), default=None
            One of weight k counts as k images, one of weight 0 as none.

        Returns
        -------
        self : ScatteringRegressor
            The fitted regressor.
        """
        found = checked_images(self, X, reset=True, several=True)
        y = column_or_1d(y, warn=True, dtype=np.float64)
        check_consistent_length(np.empty(found.n), y)
        if not np.isfinite(y).all():
            raise ValueError("y contains NaN or infinity: leave those images out.")
        samples, _ = self._samples(found, y, sample_weight)
        values, weight = samples.targets, samples.weight
        self.mean_ = float(np.average(values, weights=weight))
        spread = np.sqrt(np.average((values - self.mean_) ** 2, weights=weight))
        self.scale_ = float(spread) or 1.0
        samples = samples._replace(targets=(values - self.mean_) / self.scale_)
        n = len(values)
        task = Task(
            self.image_shape_,
            self._are_alike,
            n_images=n,
            n_classes=1,
            seed=self._seed(),
        )
        fold = dealt_folds(np.zeros(n, int), self.n_folds)
        with feature_folder(self.cache) as folder:
            comparison = Comparison(
                samples, fold, _values, _share_explained, _squared_error, folder
            )
            best = self._choose(task, comparison, task.regressions)
        loss = best.loss if np.isfinite(best.loss) else np.nan
        self.error_ = float(np.sqrt(loss) * self.scale_)
        return self

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the value of every image.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images, of any sizes in a list if `fit` saw several.

        Returns
        -------
        y : ndarray of shape (n,)
            In the units of the training values.
        """
        images = self._images(X)
        return _values(self.estimator_, images) * self.scale_ + self.mean_


def _values(estimator, images):
    """Return predicted values: (n,)."""
    return np.asarray(estimator.predict(images), np.float64).ravel()


def _share_explained(values, targets, weight):
    """Return R², or the negated squared error of a fold of one image."""
    if len(targets) < 2:
        return -float((values - targets)[0] ** 2)
    return r2_score(targets, values, sample_weight=weight)


def _squared_error(held_out, samples):
    """Return the mean squared error of held-out values; the least of all is chosen."""
    own = np.isfinite(held_out)
    weight = None if samples.weight is None else samples.weight[own]
    squares = (held_out[own] - samples.targets[own]) ** 2
    return float(np.average(squares, weights=weight)), np.inf
