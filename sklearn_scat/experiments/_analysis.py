"""What a classifier's representations do with a data set: all measurements at once."""

import warnings
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.exceptions import ConvergenceWarning

from sklearn_scat import analysis
from sklearn_scat.experiments._measurements import control, measure, representations
from sklearn_scat.recipes import find_recipe

_ATTACKED = 20  # images; each takes up to a second
_STAGES = (
    "layers",
    "measurements",
    "control",
    "stability",
    "random labels",
    "certificates",
)


@dataclass(frozen=True, eq=False)
class Analysis:
    """Measurements of the representations inside a fitted classifier.

    Attributes
    ----------
    case, title, recipe : str
        The data set, and the recipe of the classifier; "" for one's own.
    n_train, n_test : int
        Images fitted, 0 if unknown, and measured on.
    accuracy : float
        On the images measured on.
    estimator : str
        The fitted classifier, as text.
    layers : tuple of str
        Pixels, then the steps before the classifier.
    results : dict of str to result
        ``contraction``, ``separation``, ``support`` and ``dimension``; ``accuracy`` and
        ``variability`` where each class has 4 images; ``stability`` of images;
        ``random_labels`` where training images are known; ``certificate`` and
        ``attack``, the latter with torch, where there are certificates for the
        classifier.
    controls : dict of str to result
        The same by permuted labels, or for the dimension with features permuted one by
        one: what there is to see where nothing is.
    pixel_range : float
        Largest less smallest pixel.
    notes : list of str
        What could not be measured, and why; what went wrong in fitting.
    """

    case: str
    title: str
    recipe: str
    n_train: int
    n_test: int
    accuracy: float
    estimator: str
    layers: tuple
    results: dict
    controls: dict = field(default_factory=dict)
    pixel_range: float = 1.0
    notes: list = field(default_factory=list)


def analyse(
    model: Any,
    X: ArrayLike,
    y: ArrayLike,
    *,
    X_train: ArrayLike | None = None,
    y_train: ArrayLike | None = None,
    n_repeats: int = 3,
    image_shape: Sequence[int] | None = None,
    title: str = "",
    progress: Callable[..., Any] | None = None,
) -> Analysis:
    """Measure what the steps of a fitted classifier do with images.

    Every layer is divided by one number, the root of its mean squared distance, and
    nothing else: isometries change no measurement.

    Parameters
    ----------
    model : fitted classifier
        A pipeline, to see its steps; or a search over one.
    X : array-like of shape (n, features), (n, H, W) or (n, C, H, W)
        Images that the model was not fitted to, in a shape that it takes.
    y : array-like of shape (n,)
        Their classes.
    X_train, y_train : array-like, default=None
        Images and classes that it was fitted to: clones of the model are then fitted
        to permuted labels (:func:`~sklearn_scat.analysis.random_labels`).
    n_repeats : int, default=3
        How many; 0 leaves random labels out.
    image_shape : (H, W) or (C, H, W), default=None
        Where X are rows: the images that they are, to be deformed. None takes the one
        that the first step of the model was fitted to, if it has one.
    title : str, default=""
        What the images are.
    progress : callable, default=None
        Called with the number of stages done, of 6, and the name of the next.

    Returns
    -------
    analysis : Analysis

    Raises
    ------
    ValueError
        If there are fewer than 6 images, or one class only.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.decomposition import PCA
    >>> from sklearn.linear_model import RidgeClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_scat.experiments import analyse
    >>> X, y = load_digits(return_X_y=True)
    >>> model = make_pipeline(PCA(), RidgeClassifier()).fit(X[:500], y[:500])
    >>> found = analyse(model, X[500:700], y[500:700])
    >>> pixels, turned = found.results["contraction"].ratio
    >>> bool(abs(turned - pixels) < 1e-9)
    True
    """
    X, y = np.asarray(X), np.asarray(y)
    if len(X) < 6:
        raise ValueError(f"{len(X)} images are too few to measure; pass 6 or more.")
    train = None if X_train is None or not n_repeats else (X_train, y_train)
    shape, stages = image_shape or _shape_of(X, model), _Stages(progress)
    measured = _measured(
        model, X, y, train=train, n_repeats=n_repeats, shape=shape, stages=stages
    )
    return Analysis(
        case="",
        title=title,
        recipe="",
        n_train=0 if X_train is None else len(np.asarray(y_train)),
        n_test=len(X),
        accuracy=float(np.mean(model.predict(X) == y)),
        estimator=repr(model),
        pixel_range=float(np.max(X) - np.min(X)),
        **measured,
    )


def _measured(model, X, y, *, train, n_repeats, shape, stages):
    """Return layers, results, controls and notes of all stages, by name."""
    stages.next()
    functions, notes = representations(model)
    F = analysis.rescale({name: f(X) for name, f in functions.items()})
    stages.next()
    results = measure(F, y)
    stages.next()
    controls = control(F, y)
    stages.next()
    results |= _stability(functions, X, shape, notes=notes)
    stages.next()
    if train is not None:
        results |= _random_labels(
            model, train, (X, y), n_repeats=n_repeats, notes=notes
        )
    stages.next()
    results |= _certificates(model, X, y, notes=notes)
    stages.end()
    return {
        "layers": tuple(functions),
        "results": results,
        "controls": controls,
        "notes": notes,
    }


def analyse_case(
    case: Any,
    *,
    recipe: str,
    n_train: int = 300,
    n_test: int = 200,
    data_home: str | None = None,
    n_repeats: int = 3,
    progress: Callable[..., Any] | None = None,
) -> Analysis:
    """Fit a classifier and measure its representations on other images.

    Parameters
    ----------
    case : Case
        The data set.
    recipe : str
        Name of a recipe, or module:function.
    n_train, n_test : int, default=300 and 200
        Images drawn to fit and to measure on.
    data_home : str, default=None
        Where the files are.
    n_repeats : int, default=3
        Number of fits to permuted labels.
    progress : callable, default=None
        Of :func:`analyse`.

    Returns
    -------
    analysis : Analysis

    Raises
    ------
    ValueError
        If there are fewer images than that.

    Examples
    --------
    >>> from sklearn_scat.experiments import analyse_case, find_case
    >>> digits = find_case("digits")
    >>> found = analyse_case(digits, recipe="pixels", n_train=100, n_test=60,
    ...                      n_repeats=0)
    >>> found.layers[0], bool(found.accuracy > 0.5)
    ('pixels', True)
    """
    X, y, X_test, y_test = _draw(case.load(data_home), n_train, n_test)
    shape = X.shape[1:]
    per_class = int(np.unique(y, return_counts=True)[1].min())
    model = find_recipe(recipe)(shape, per_class, 0)
    rows, rows_test = (images.reshape(len(images), -1) for images in (X, X_test))
    notes: list[str] = []
    with _unconverged(notes, "fitting"):
        model.fit(rows, y)
    found = analyse(
        model,
        rows_test,
        y_test,
        X_train=rows,
        y_train=y,
        n_repeats=n_repeats,
        title=case.title,
        progress=progress,
        image_shape=shape,
    )
    return replace(found, case=case.name, recipe=recipe, notes=notes + found.notes)


class _Stages:
    """Tells of what is being measured."""

    def __init__(self, progress):
        self.progress = progress or (lambda done, name: None)
        self.done = -1

    def next(self):
        """Begin the next stage."""
        self.done += 1
        self.progress(self.done, _STAGES[self.done])

    def end(self):
        """Tell that all are done."""
        self.progress(len(_STAGES), "done")


@contextmanager
def _unconverged(notes, what):
    """Take the warnings of solvers that did not converge for a note."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    found = 0
    for warning in caught:
        if issubclass(warning.category, ConvergenceWarning):
            found += 1
        else:
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )
    if found:
        notes.append(f"In {what} a solver did not converge ({found} times).")


def _shape_of(X, model):
    """Return the shape of an image, or None where it is not known."""
    if X.ndim > 2:
        return X.shape[1:]
    first = model.steps[0][1] if hasattr(model, "steps") else model
    shape = getattr(first, "image_shape_", None)
    return None if shape is None or np.prod(shape) != X.shape[1] else tuple(shape)


def _stability(functions, X, shape, *, notes):
    """Return what deformations do to the layers, beside noise."""
    if shape is None:
        notes.append("No stability: X are rows; pass image_shape to deform images.")
        return {}
    given = X.shape[1:]
    of_images = {
        name: lambda images, f=f: f(images.reshape(len(images), *given))
        for name, f in functions.items()
    }
    images = np.asarray(X, dtype=np.float64).reshape(len(X), *shape)
    displacement = min(1.0, min(shape[-2:]) / 10)
    found = analysis.relative_stability(of_images, images, displacement=displacement)
    return {"stability": found}


def _random_labels(model, train, test, *, n_repeats, notes):
    """Return what clones of a model make of permuted labels."""
    model = getattr(model, "best_estimator_", model)  # no search anew
    with _unconverged(notes, "fitting permuted labels"):
        found = analysis.random_labels(
            model,
            *train,
            X_test=test[0],
            y_test=test[1],
            n_repeats=n_repeats,
            random_state=0,
        )
    return {"random_labels": found}


def _certificates(model, X, y, *, notes):
    """Return certified radii and attacks, where the classifier has them."""
    from sklearn_scat.certificates import certified_radius

    some, found = slice(0, _ATTACKED), {}
    try:
        found["certificate"] = certified_radius(model, X, y)
        from sklearn_scat.certificates import minimal_perturbation

        found["attack"] = minimal_perturbation(model, X[some], y[some])
    except TypeError as error:
        notes.append(f"No certificate and no attack: {error}")
        return {}
    except ImportError as error:
        notes.append(f"No attack: {error}")
    return found


def _draw(data, n_train, n_test):
    """Return images to fit on with their classes, and images to measure on."""
    rng = np.random.RandomState(0)
    train = rng.permutation(len(data.images))
    pool, labels = data.test_images, data.test_target
    if pool is None:
        pool, labels, test = data.images, data.target, train[n_train:]
    else:
        test = rng.permutation(len(pool))
    if len(train) < n_train or len(test) < n_test:
        raise ValueError(
            f"{n_train} images to fit on and {n_test} to measure on are more than the "
            f"{len(data.images)} of the data set; ask for fewer."
        )
    train, test = train[:n_train], test[:n_test]
    X, X_test = data.images[train], pool[test]
    return X, data.target[train], np.asarray(X_test, dtype=np.float64), labels[test]
