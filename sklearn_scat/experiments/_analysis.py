"""What a classifier's representations do with a data set: all measurements at once."""

from dataclasses import dataclass, field

import numpy as np
from sklearn.pipeline import Pipeline

from sklearn_scat.classifiers import GramMatrix
from sklearn_scat.recipes import find_recipe

_ATTACKED = 20  # images; each takes up to a second
_NEIGHBORS = 20


@dataclass(frozen=True, eq=False)
class Analysis:
    """Measurements of the representations inside a fitted classifier.

    Attributes
    ----------
    case, title, recipe : str
        The data set, and the recipe of the classifier.
    n_train, n_test : int
        Images.
    accuracy : float
        On the test images.
    estimator : str
        The fitted classifier, as text.
    layers : tuple of str
        Pixels, then the steps before the classifier.
    results : dict of str to result
        ``contraction``, ``separation``, ``accuracy``, ``support``, ``dimension`` and
        ``stability``; ``certificate`` and ``attack`` where the classifier is linear.
    notes : list of str
        What could not be measured, and why.
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
    notes: list = field(default_factory=list)


def analyse_case(case, *, recipe, n_train=300, n_test=200, data_home=None):
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
    >>> found = analyse_case(digits, recipe="pixels", n_train=100, n_test=60)
    >>> found.layers[0], bool(found.accuracy > 0.5)
    ('pixels', True)
    """
    from sklearn_scat.certificates import certified_radius, minimal_perturbation

    images, target, test_images, test_target = _draw(
        case.load(data_home), n_train, n_test
    )
    shape = images.shape[1:]
    per_class = int(np.unique(target, return_counts=True)[1].min())
    model = find_recipe(recipe)(shape, per_class, 0)
    model.fit(images.reshape(len(images), -1), target)
    functions, notes = _representations(model)
    results = _measured(functions, test_images, test_target)
    rows = test_images.reshape(len(test_images), -1)
    try:
        results["certificate"] = certified_radius(model, rows, test_target)
        some = slice(0, _ATTACKED)
        results["attack"] = minimal_perturbation(model, rows[some], test_target[some])
    except TypeError as error:
        notes.append(f"No certificate and no attack: {error}")
    return Analysis(
        case=case.name,
        title=case.title,
        recipe=recipe,
        n_train=len(images),
        n_test=len(rows),
        accuracy=float(np.mean(model.predict(rows) == test_target)),
        estimator=repr(model),
        layers=tuple(functions),
        results=results,
        notes=notes,
    )


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


def _representations(model):
    """Return a function of images for the pixels and for each step, and notes."""

    def pixels(images):
        return images.reshape(len(images), -1)

    functions, notes, before = {"pixels": pixels}, [], pixels
    model = getattr(model, "best_estimator_", model)
    if not isinstance(model, Pipeline):
        notes.append(f"{type(model).__name__} is no pipeline: its steps are not seen.")
        return functions, notes
    for name, step in model.steps[:-1]:
        if isinstance(step, GramMatrix):
            break  # inner products with the training images: no representation
        before = _after(before, step)
        functions[name] = before
    return functions, notes


def _after(before, step):
    """Return a step after those before it, as a function of images."""
    if step in (None, "passthrough"):
        return before

    def rows(images):
        values = np.asarray(step.transform(before(images)))
        return values.reshape(len(values), -1)

    return rows


def _measured(functions, images, target):
    """Return the measurements of every layer."""
    from sklearn_scat import analysis

    F = {name: f(images) for name, f in functions.items()}
    F = analysis.standardize(F)
    smallest = int(np.unique(target, return_counts=True)[1].min())
    k_max = max(1, min(30, len(images) - 1))
    neighbors = min(_NEIGHBORS, len(images) - 2)
    results = {
        "contraction": analysis.contraction(F, target),
        "separation": analysis.separation(F, target),
        "support": analysis.local_support_vectors(F, target, k_max=k_max),
        "dimension": analysis.intrinsic_dimension(F, n_neighbors=neighbors),
        "stability": analysis.relative_stability(
            functions, images, displacement=min(1.0, min(images.shape[-2:]) / 10)
        ),
    }
    if smallest >= 4:
        results["accuracy"] = analysis.layer_accuracy(F, target, random_state=0)
    return results
