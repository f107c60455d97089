"""Rows in blocks, images and then their copies: split, weighted and joined again."""

from numbers import Integral

import numpy as np
from scipy.special import softmax
from sklearn.model_selection import check_cv
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    assert_all_finite,
    check_consistent_length,
    column_or_1d,
)


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

    def __init__(self, cv, *, n_blocks, seed):
        self.cv = 5 if cv is None else cv
        self.n_blocks = n_blocks
        self.seed = seed

    def split(self, X, y, groups=None):
        """Yield the training and test rows of every fold."""
        n = self._count(X, y)
        blocks = n * np.arange(self.n_blocks)[:, None]
        groups = None if groups is None else groups[:n]
        for train, test in self._splitter(y[:n]).split(X[:n], y[:n], groups):
            yield (blocks + train).ravel(), test

    def get_n_splits(self, X=None, y=None, groups=None):
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


def check_targets(images, y):
    """Return class labels, one for each image."""
    y = column_or_1d(y, warn=True)
    assert_all_finite(y, input_name="y")
    check_classification_targets(y)
    check_consistent_length(images, y)
    return y


def dealt_folds(y, n_folds, seed):
    """Return (train, test) of shuffled folds to which every class is dealt round."""
    _, labels, counts = np.unique(y, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(y))
    order = order[np.argsort(labels[order], kind="stable")]
    order = order[counts[labels[order]] > 1]
    n_folds = min(n_folds, counts.max())
    fold = np.full(len(y), -1)
    fold[order] = np.arange(len(order)) % n_folds
    return [
        (np.flatnonzero(fold != f), np.flatnonzero(fold == f))
        for f in range(n_folds)
        if np.any(fold == f)
    ]


def joined(blocks):
    """Return all images of blocks: an array if they have one shape, else a list."""
    shapes = {getattr(block, "shape", (0,))[1:] for block in blocks}
    if len(shapes) == 1 and isinstance(blocks[0], np.ndarray):
        return np.concatenate(blocks)
    return [image for block in blocks for image in block]


def chunks(images, n_bytes):
    """Yield slices of images, an array or a list, of about so many bytes."""
    largest = max((images[i].nbytes for i in range(len(images))), default=1)
    size = max(1, n_bytes // max(1, largest))
    for start in range(0, len(images), size):
        yield images[start : start + size]


def keep_copies_together(estimator, *, n_blocks, seed):
    """Give every `cv` inside an estimator the knowledge of copies; return it.

    Parameters
    ----------
    estimator : estimator
        Changed in place.
    n_blocks, seed : int
        As of `CopiesSplit`.
    """
    for name, cv in estimator.get_params(deep=True).items():
        if name.split("__")[-1] == "cv" and not isinstance(cv, str):
            split = CopiesSplit(cv, n_blocks=n_blocks, seed=seed)
            estimator.set_params(**{name: split})
    return estimator


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
    for name, shape in estimator.get_params(deep=True).items():
        if name.split("__")[-1] != "image_shape" or shape is None:
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
