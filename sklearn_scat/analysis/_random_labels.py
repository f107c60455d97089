"""Random labels: what a model can memorise."""

from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import clone
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, check_scalar, column_or_1d


@dataclass(frozen=True, eq=False)
class RandomLabels:
    """Accuracies of a model that learned permuted labels.

    Attributes
    ----------
    train_accuracy : ndarray of shape (n_repeats,)
        Share of the permuted labels that the model gives back.
    test_accuracy : ndarray of shape (n_repeats,)
        Share of the test samples' true labels that it gives.
    chance : float
        The test accuracy to expect; 1/K for K classes of one size.
    sigma : float
        Standard deviation to expect of the mean of `test_accuracy`.
    true_train_accuracy, true_test_accuracy : float
        The same model's accuracies after it learned the true labels.
    steps : ndarray of shape (n_repeats,)
        Number of iterations that each fit took, where the model tells it (``n_iter_``),
        else NaN.
    true_steps : float
        The same of the fit to the true labels.
    """

    train_accuracy: np.ndarray
    test_accuracy: np.ndarray
    chance: float
    sigma: float
    true_train_accuracy: float
    true_test_accuracy: float
    steps: np.ndarray
    true_steps: float

    @property
    def deviation(self) -> float:
        """Distance of the mean test accuracy from chance, in sigmas."""
        return float((self.test_accuracy.mean() - self.chance) / self.sigma)


def random_labels(
    estimator: Any,
    X: ArrayLike,
    y: ArrayLike,
    *,
    X_test: ArrayLike,
    y_test: ArrayLike,
    n_repeats: int = 20,
    random_state: int | np.random.RandomState | None = None,
) -> RandomLabels:
    r"""Fit a model to permuted labels, and score what it memorised.

    A model that learns random labels by heart shows that the size of its class of
    functions does not explain its generalisation on the true ones ([1]_, section 2).
    With as many features as samples a *linear* classifier does so already.

    Parameters
    ----------
    estimator : classifier
        Any classifier or pipeline that ends in one; it is cloned for each fit.
        Regularise weakly, for memory is what is measured.
    X : array-like of shape (n, ...)
        Training samples.
    y : array-like of shape (n,)
        Their labels, two different ones at least.
    X_test : array-like of shape (n_test, ...)
        Test samples.
    y_test : array-like of shape (n_test,)
        Their true labels.
    n_repeats : int, default=20
        Number of permutations. Means of fewer scatter more than `sigma` says.
    random_state : int, RandomState instance or None, default=None
        Seed of the permutations.

    Returns
    -------
    memory : RandomLabels
        ``train_accuracy``, ``test_accuracy``, ``chance``, ``sigma``, and the
        accuracies with the true labels.

    Raises
    ------
    ValueError
        When y holds one class only or lengths differ.

    Notes
    -----
    Chance is :math:`p = \sum_k f_k g_k` for the shares f of the classes among the
    training and g among the test labels, and

    .. math:: \sigma^2 = \frac{p (1 - p)}{n_\text{repeats}}
              \Bigl( \frac 1{n_\text{test}} + \frac 1n \Bigr).

    The second term is the draw of the permutation: test samples that resemble one
    training sample are right or wrong together. Training samples that are duplicates
    and get different labels keep the training accuracy below 1.

    References
    ----------
    .. [1] C. Zhang, S. Bengio, M. Hardt, B. Recht and O. Vinyals, "Understanding deep
       learning requires rethinking generalization", ICLR 2017.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from sklearn_scat.analysis import random_labels
    >>> X, y = load_digits(return_X_y=True)
    >>> model = KNeighborsClassifier(1)
    >>> memory = random_labels(model, X[:900], y[:900], X_test=X[900:], y_test=y[900:],
    ...                        random_state=0)
    >>> float(memory.train_accuracy.min()), bool(abs(memory.deviation) < 3)
    (1.0, True)
    """
    check_scalar(n_repeats, "n_repeats", Integral, min_val=1)
    y, y_test = column_or_1d(y), column_or_1d(y_test)
    check_consistent_length(X, y)
    check_consistent_length(X_test, y_test)
    classes, sizes = _counted_classes(y, y_test)
    rng = check_random_state(random_state)
    true = _fit(estimator, X, y, test=(X_test, y_test))
    permuted = np.array(
        [
            _fit(estimator, X, rng.permutation(y), test=(X_test, y_test))
            for _ in range(n_repeats)
        ]
    )
    tested = np.array([np.mean(y_test == c) for c in classes])
    chance = float(sizes @ tested / len(y))
    variance = chance * (1 - chance) * (1 / len(y_test) + 1 / len(y)) / n_repeats
    return RandomLabels(
        train_accuracy=permuted[:, 0],
        test_accuracy=permuted[:, 1],
        chance=chance,
        sigma=float(np.sqrt(variance)),
        true_train_accuracy=true[0],
        true_test_accuracy=true[1],
        steps=permuted[:, 2],
        true_steps=true[2],
    )


def _counted_classes(y, y_test):
    """Return the classes of y and how many labels each has, of two or more."""
    check_classification_targets(y)
    classes, sizes = np.unique(y, return_counts=True)
    if len(classes) < 2:
        raise ValueError(
            f"y holds 1 class, {classes[0]}: its permutations are all the same. Pass "
            "labels of 2 classes at least."
        )
    unseen = np.setdiff1d(y_test, classes)
    if len(unseen):
        raise ValueError(
            f"y_test holds {unseen[0]}, which y does not: no prediction can be right."
        )
    return classes, sizes


def _fit(estimator, X, y, *, test):
    """Training accuracy, test accuracy and number of iterations of one fit."""
    X_test, y_test = test
    model = clone(estimator).fit(X, y)
    train_accuracy = np.mean(model.predict(X) == y)
    test_accuracy = np.mean(model.predict(X_test) == y_test)
    return float(train_accuracy), float(test_accuracy), _n_iter(model)


def _n_iter(model):
    """Return how many iterations the last step of a fitted model took, or NaN."""
    last = model.steps[-1][1] if hasattr(model, "steps") else model
    steps = getattr(last, "n_iter_", None)
    return np.nan if steps is None else float(np.max(steps))
