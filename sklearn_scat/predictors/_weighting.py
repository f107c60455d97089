"""Weights of samples, handed to every step that takes them."""

import sklearn
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import has_fit_parameter

from sklearn_scat.augmentation import AugmentedClassifier


def weight_parameters(estimator, weight):
    """Return what `fit` is given, by name, so that samples weigh.

    Parameters
    ----------
    estimator : estimator
        A pipeline, whose steps may be pipelines, or learn from copies.
    weight : ndarray of shape (n,)

    Returns
    -------
    parameters : dict
        Empty where nothing takes weights.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import Normalizer
    >>> from sklearn_scat.predictors._weighting import weight_parameters
    >>> weight_parameters(make_pipeline(Normalizer(), Ridge()), [1, 2])
    {'ridge__sample_weight': [1, 2]}
    """
    if isinstance(estimator, AugmentedClassifier):
        return weight_parameters(estimator.estimator, weight)
    if isinstance(estimator, Pipeline):
        return {
            f"{name}__{key}": value
            for name, step in estimator.steps
            for key, value in weight_parameters(step, weight).items()
        }
    if has_fit_parameter(estimator, "sample_weight"):
        return {"sample_weight": weight}
    return {}


def takes_weights(estimator):
    """Tell whether what decides takes weights of samples."""
    while isinstance(estimator, Pipeline | AugmentedClassifier):
        if isinstance(estimator, Pipeline):
            estimator = estimator.steps[-1][1]
        else:
            estimator = estimator.estimator
    return has_fit_parameter(estimator, "sample_weight")


def fit_weighted(estimator, samples):
    """Fit an estimator to samples, by their weights where they have any."""
    return _weighted(estimator, "fit", samples)


def transformed_by_fit(transformer, samples):
    """Fit a transformer likewise, and return what it makes of the samples."""
    return _weighted(transformer, "fit_transform", samples)


def _weighted(estimator, method, samples):
    """Call a method that fits, with the weights that the samples have."""
    settings = {}
    if samples.weight is not None:
        settings = weight_parameters(estimator, samples.weight)
    with sklearn.config_context(enable_metadata_routing=False):
        fit = getattr(estimator, method)
        return fit(samples.images, samples.targets, **settings)
