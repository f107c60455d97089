"""Features of images as the chosen recipe sees them, and distances between them."""

import numpy as np
from sklearn.decomposition import PCA
from sklearn.metrics import pairwise_distances
from sklearn.pipeline import Pipeline

from sklearn_scat.augmentation import AugmentedClassifier
from sklearn_scat.classifiers import (
    DecisionSum,
    GramMatrix,
    LocalKernelRidge,
    SpanCoordinates,
)

_N_DIRECTIONS = 64  # distances are then right to 12 %, one standard deviation
_USUAL = 0.99  # of the training images


def feature_rows(estimator, images):
    """Return features of images, before what looks at a part of their space alone.

    Parameters
    ----------
    estimator : classifier or regressor
        Fitted: a pipeline, a search, with copies, or a sum of two, of which the first
        counts.
    images : ndarray or list
        In the form that it takes.

    Returns
    -------
    rows : ndarray of shape (n, features)
        Of the images themselves, without copies.
    """
    if hasattr(estimator, "best_estimator_"):
        return feature_rows(estimator.best_estimator_, images)
    if isinstance(estimator, AugmentedClassifier):
        found = estimator._blocks(_unflattened(estimator, images), copied=False)
        return feature_rows(estimator.estimator_, found[0])
    if isinstance(estimator, DecisionSum):
        return feature_rows(estimator.estimators_[0], images)
    if isinstance(estimator, LocalKernelRidge) and estimator.scatterings_[0]:
        images = _unflattened(estimator, images)
        images = estimator.scatterings_[0].transform(images)
    if isinstance(estimator, Pipeline):
        for _, step in estimator.steps[:-1]:
            if step is None or isinstance(step, str):  # "passthrough"
                continue
            if isinstance(step, SpanCoordinates | GramMatrix | PCA):
                return images
            images = step.transform(images)
        return feature_rows(estimator.steps[-1][1], images)
    return np.reshape(np.asarray(images), (len(images), -1))


def projected(rows):
    """Return rows on random directions, the same in every process: (n, 64)."""
    rng = np.random.default_rng(0)
    directions = rng.standard_normal((rows.shape[1], _N_DIRECTIONS), np.float32)
    return rows.astype(np.float32) @ directions / np.sqrt(np.float32(_N_DIRECTIONS))


def nearest_distances(rows, landmarks):
    """Return the distance of every row to the nearest landmark: (n,)."""
    return pairwise_distances(rows, landmarks).min(axis=1)


def usual_distance(landmarks):
    """Return the distance that few landmarks exceed to the nearest other; 1 if 0."""
    if len(landmarks) < 2:
        return 1.0
    distances = pairwise_distances(landmarks)
    np.fill_diagonal(distances, np.inf)
    return float(np.quantile(distances.min(axis=1), _USUAL)) or 1.0


def _unflattened(estimator, images):
    """Return images of the estimator's shape, where rows of pixels come."""
    if isinstance(images, np.ndarray) and images.ndim == 2:
        return images.reshape(len(images), *estimator.image_shape_)
    return images
