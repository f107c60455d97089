"""All measurements of the layers of a classifier, each beside its control."""

from typing import NamedTuple

import numpy as np
from sklearn.pipeline import Pipeline

from sklearn_scat import analysis
from sklearn_scat.classifiers import GramMatrix

_NEIGHBORS = 20
_K_MAX = 30
_FEWEST = 4  # images of a class, to hold some out and to balance classes
LABELLED = ("contraction", "separation", "accuracy", "support", "variability")


class Layers(NamedTuple):
    """The representations inside a fitted classifier.

    Attributes
    ----------
    functions : dict of str to callable
        From images (n, …) in the shape that the classifier takes to features (n, p).
    notes : list of str
        What is not seen, and why.
    """

    functions: dict
    notes: list


def representations(model):
    """Return the layers of a fitted classifier: the pixels, and after each step.

    Parameters
    ----------
    model : fitted classifier or pipeline
        Or a search over one.

    Returns
    -------
    layers : Layers
    """

    def pixels(images):
        return np.asarray(images, dtype=np.float64).reshape(len(images), -1)

    functions, notes, before = {"pixels": pixels}, [], lambda images: images
    model = getattr(model, "best_estimator_", model)
    if not isinstance(model, Pipeline):
        notes.append(f"{type(model).__name__} is no pipeline: its steps are not seen.")
        return Layers(functions, notes)
    for name, step in model.steps[:-1]:
        if isinstance(step, GramMatrix):
            break  # inner products with the training images: no representation
        if step not in (None, "passthrough"):
            before = _after(before, step)
        functions[name] = _as_rows(before)
    return Layers(functions, notes)


def _after(before, step):
    """Return a step after those before it, as a function of images."""
    return lambda images: step.transform(before(images))


def _as_rows(function):
    def rows(images):
        values = np.asarray(function(images))
        return values.reshape(len(values), -1)

    return rows


def measure(F, y):
    """Return the measurements of layers by their features alone.

    Parameters
    ----------
    F : dict of str to ndarray of shape (n, p)
        The layers, each in units of its own mean distance.
    y : ndarray of shape (n,)
        Classes.

    Returns
    -------
    results : dict of str to result
        ``contraction``, ``separation``, ``support``, ``dimension``; and ``accuracy``
        and ``variability`` where every class has 4 images.
    """
    n = len(y)
    results = {
        "contraction": analysis.contraction(F, y),
        "separation": analysis.separation(F, y),
        "support": analysis.local_support_vectors(
            F, y, k_max=max(1, min(_K_MAX, n - 1))
        ),
        "dimension": analysis.intrinsic_dimension(F, n_neighbors=_n_neighbors(n)),
    }
    if _smallest_class(y) >= _FEWEST:
        results["accuracy"] = analysis.layer_accuracy(
            F, y, standardize=False, random_state=0
        )
        chosen = _balanced(y)
        results["variability"] = analysis.variability(
            {layer: values[chosen] for layer, values in F.items()}, {"class": y[chosen]}
        )
    return results


def control(F, y, *, random_state=0):
    """Return what the same measurements give where there is nothing to be found.

    Labels are permuted. For the dimension, which needs none, every feature is permuted
    over the images on its own: the same numbers without what they have to do with one
    another.

    Parameters
    ----------
    F, y
        As for :func:`measure`.
    random_state : int, default=0
        Seed of the permutations.

    Returns
    -------
    results : dict of str to result
        Those of :func:`measure`.
    """
    rng = np.random.default_rng(random_state)
    results = measure(F, rng.permutation(y))
    unrelated = {layer: rng.permuted(values, axis=0) for layer, values in F.items()}
    results["dimension"] = analysis.intrinsic_dimension(
        unrelated, n_neighbors=_n_neighbors(len(y))
    )
    return results


def _n_neighbors(n):
    return max(3, min(_NEIGHBORS, n - 2))


def _smallest_class(y):
    return int(np.unique(y, return_counts=True)[1].min())


def _balanced(y):
    """Return the first samples of every class, as many as the smallest class has."""
    each = _smallest_class(y)
    return np.sort(
        np.concatenate([np.flatnonzero(y == label)[:each] for label in np.unique(y)])
    )
