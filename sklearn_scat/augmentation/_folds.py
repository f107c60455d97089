"""Folds that keep the copies of an image together."""

from collections.abc import Iterator
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.model_selection import check_cv

from sklearn_scat._parameters import is_estimator, parameters
from sklearn_scat.model_selection._folds import dealt_folds


class CopiesSplit:
    """Split images by another splitter: copies in training, images alone in tests.

    Rows are n images, then n first copies of them, and so on. Folds are those of the
    images; all copies of a training image join it, those of a test image are left out.
    The training rows are ordered in the same way, so that they can be split again.

    Parameters
    ----------
    cv : int, None, splitter or iterable
        As scikit-learn takes it; None is 5. An integer means shuffled stratified folds,
        no more than the largest class has images. The only image of a class is always
        learned from.
    n_blocks : int
        1 + the number of copies.
    seed : int
        Shuffles the folds of an integer.
    """

    def __init__(self, cv: Any, *, n_blocks: int, seed: int) -> None:
        self.cv = 5 if cv is None else cv
        self.n_blocks = n_blocks
        self.seed = seed

    def split(self, X: Any, y: Any, groups: Any = None) -> Iterator[Any]:
        """Yield the training and test rows of every fold."""
        n = self._count(X, y)
        blocks = n * np.arange(self.n_blocks)[:, None]
        groups = None if groups is None else groups[:n]
        for train, test in self._splitter(y[:n]).split(X[:n], y[:n], groups):
            yield (blocks + train).ravel(), test

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of folds."""
        n = self._count(X, y)
        groups = None if groups is None else groups[:n]
        return self._splitter(y[:n]).get_n_splits(X[:n], y[:n], groups)

    def _splitter(self, y):
        """Return what splits the images."""
        if isinstance(self.cv, Integral):
            return check_cv(dealt_folds(y, self.cv, self.seed), y)
        return check_cv(self.cv, y, classifier=True)

    def _count(self, X, y):
        """Return the number of images; check that the other rows are copies."""
        n, rest = divmod(_n_rows(X), self.n_blocks)
        blocks = None if rest else np.asarray(y).reshape(self.n_blocks, n)
        if rest or (blocks != blocks[:1]).any():
            raise ValueError(
                f"The {_n_rows(X)} rows to be cross-validated are not "
                f"{self.n_blocks} copies of the same images: a step before chose or "
                "reordered them. Put AugmentedClassifier inside the search, after that "
                "step."
            )
        return n


def _n_rows(X):
    """Return the number of rows of an array, a sparse matrix or a list."""
    return X.shape[0] if hasattr(X, "shape") else len(X)


def keep_copies_together(estimator, *, n_blocks, seed):
    """Give every `cv` inside an estimator the knowledge of copies; return it.

    Parameters
    ----------
    estimator : estimator
        Changed in place.
    n_blocks, seed : int
        As of `CopiesSplit`.
    """
    splits = {
        parameter.name: CopiesSplit(parameter.value, n_blocks=n_blocks, seed=seed)
        for parameter in parameters(estimator)
        if parameter.key == "cv"
        and is_estimator(parameter.holder)
        and not isinstance(parameter.value, str)
    }
    return estimator.set_params(**splits)


def repeat_rows(fit_params, *, n, n_blocks):
    """Repeat what has n rows for the copies; weights must, and None is left out."""
    weights = fit_params.pop("sample_weight", None)
    if weights is not None:
        fit_params["sample_weight"] = weights = np.asarray(weights, float)
        if weights.shape != (n,):
            raise ValueError(
                f"sample_weight must have one weight for each of the {n} images; got "
                f"an array of shape {weights.shape}."
            )
    return {
        name: np.concatenate([np.asarray(value)] * n_blocks)
        if hasattr(value, "__len__") and not isinstance(value, str) and len(value) == n
        else value
        for name, value in fit_params.items()
    }
