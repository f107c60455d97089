"""What a fitted estimator chose, and what its linear weights look at."""

import numpy as np


def chosen_parameters(estimator):
    """Return what an estimator, or a part of it, chose from its training images.

    Parameters
    ----------
    estimator : estimator
        Fitted: a search, a pipeline, a classifier with copies, or a classifier that
        searches by itself.

    Returns
    -------
    params : dict of str to object

    Examples
    --------
    >>> from sklearn.linear_model import RidgeClassifierCV
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_scat.experiments._fitted import chosen_parameters
    >>> model = make_pipeline(RidgeClassifierCV([1.0])).fit([[0], [1]], [0, 1])
    >>> chosen_parameters(model)
    {'ridgeclassifiercv__alpha': 1.0}
    """
    if hasattr(estimator, "best_params_"):
        return estimator.best_params_
    if hasattr(estimator, "estimator_"):
        return chosen_parameters(estimator.estimator_)
    if hasattr(estimator, "steps"):
        return {
            f"{name}__{key}": value
            for name, step in estimator.steps
            for key, value in chosen_parameters(step).items()
        }
    return dict(_chosen_by_itself(estimator))


def path_weights(estimator):
    """Return how much a linear classifier looks at each path of a scattering.

    Its weights are taken back through rotations and scaling to standardised features;
    a path's is the root mean square over classes, channels and positions, divided by
    that over all paths.

    Parameters
    ----------
    estimator : estimator
        Fitted.

    Returns
    -------
    weights : dict
        ``paths``, a list of (j1, theta1, j2, theta2) with −1 where absent, and
        ``sizes``, a list of as many numbers. Empty if the estimator is no scattering of
        up to two orders before a linear classifier.
    """
    pipeline = _innermost(estimator)
    steps = [step for _, step in getattr(pipeline, "steps", [])]
    if not steps or not hasattr(steps[0], "paths_"):
        return {}
    coef = getattr(steps[-1], "coef_", None)
    if coef is None:
        return {}
    for step in reversed(steps[1:-1]):
        if getattr(step, "components_", None) is not None:
            coef = coef @ step.components_
    names = ("j1", "theta1", "j2", "theta2")
    table, shape = steps[0].paths_, steps[0].output_shape_
    is_plain = set(table.dtype.names) == {"order", *names} or (
        set(table.dtype.names) == {"order", *names[:2]}
    )
    if not is_plain or coef.shape[1] != np.prod(shape):
        return {}
    maps = coef.reshape(len(coef), *shape)  # (K, C, P, h, w)
    sizes = np.sqrt(np.mean(maps**2, axis=(0, 1, 3, 4), dtype=float))
    overall = np.sqrt(np.mean(sizes**2))
    sizes = sizes / overall if overall > 0 else sizes
    paths = [
        [int(path[name]) if name in table.dtype.names else -1 for name in names]
        for path in table
    ]
    return {"paths": paths, "sizes": [round(float(size), 4) for size in sizes]}


def _innermost(estimator):
    """Return the fitted pipeline inside searches and classifiers with copies."""
    for name in ("best_estimator_", "estimator_"):
        if hasattr(estimator, name):
            return _innermost(getattr(estimator, name))
    return estimator


def _chosen_by_itself(estimator):
    """Yield what a classifier searched: among `alphas` its `alpha_`, by "cv" the rest.

    So do scikit-learn's, as LogisticRegressionCV with `Cs` and `l1_ratios`, and ours.
    """
    for name, given in estimator.get_params(deep=False).items():
        chosen = name if isinstance(given, str) and given == "cv" else name[:-1]
        several = name.endswith("s") and given is not None
        if (chosen == name or several) and hasattr(estimator, f"{chosen}_"):
            yield chosen, getattr(estimator, f"{chosen}_")
