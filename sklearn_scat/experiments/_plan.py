"""The runs of an experiment, each with a fingerprint of all that decides its result."""

import hashlib
import inspect
import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

import sklearn_scat
from sklearn_scat.recipes import RECIPES

# Parameters that change how a result is computed, and not the result.
_NEUTRAL = {"batch_size", "cache", "memory", "n_jobs", "pre_dispatch", "verbose"}
_PLAIN = (str, int, float, bool, type(None))


@dataclass(frozen=True)
class Run:
    """One classifier, fitted on one drawn training set.

    Parameters
    ----------
    case, recipe : str
        Names of the case and of the recipe.
    n_train : int
        Training images in total.
    seed : int
        Of the draw, and of the recipe.
    settings : str
        Fingerprint of the images, the recipe's unfitted estimator and the version.

    Examples
    --------
    >>> from sklearn_scat.experiments import Run
    >>> Run("digits", "pixels", 50, 0, settings="5f0c").key
    ('digits', 'pixels', 50, 0, '5f0c')
    """

    case: str
    recipe: str
    n_train: int
    seed: int
    settings: str

    @property
    def key(self) -> Any:
        """What tells records apart: all of the fields."""
        return tuple(asdict(self).values())

    def __str__(self):
        return f"{self.recipe} n={self.n_train} seed={self.seed}"


def plan_runs(
    name: str,
    data: Any,
    *,
    recipes: Mapping[str, Callable[..., Any]],
    sizes: Iterable[int],
    seeds: Iterable[int],
) -> list[Run]:
    """Return the runs of an experiment, seed by seed, largest training sets first.

    Parameters
    ----------
    name : str
        Of the case.
    data : ImageSet
        Its images.
    recipes : dict of str to callable
        The recipes by name.
    sizes : iterable of int
        Training sizes.
    seeds : iterable of int
        Seeds of the draws.

    Returns
    -------
    runs : list of Run

    Raises
    ------
    ValueError
        If a training size cannot be drawn with as many images from every class.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> from sklearn_scat.experiments import find_case
    >>> from sklearn_scat.experiments import plan_runs
    >>> data = find_case("digits").load(None)
    >>> runs = plan_runs("digits", data, recipes=RECIPES, sizes=[20, 50], seeds=[0])
    >>> [str(run) for run in runs[:3]]
    ['scattering n=50 seed=0', 'pixels n=50 seed=0', 'pca n=50 seed=0']
    """
    for n_train in sizes:
        _check_size(n_train, data)
        _check_folds(n_train, data, seeds)
    images = data_fingerprint(data)
    return [
        Run(
            name,
            recipe_name,
            n_train,
            seed,
            settings=_settings(
                images, build(recipe, data, n_train=n_train, seed=seed), recipe
            ),
        )
        for seed in seeds
        for n_train in sorted(sizes, reverse=True)
        for recipe_name, recipe in recipes.items()
    ]


def build(recipe, data, *, n_train, seed):
    """Return a recipe's unfitted estimator for one training size and seed."""
    return recipe(data.image_shape, n_train // data.n_classes, seed)


def data_fingerprint(data):
    """Return a fingerprint of images and labels, as 16 hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=8)
    for name in ("images", "target", "test_images", "test_target", "folds"):
        array = getattr(data, name)
        if array is None:
            continue
        array = np.ascontiguousarray(array)
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        if array.dtype.hasobject and array.size and np.ndim(array[0]) > 1:
            for image in array:
                digest.update(f"{image.dtype.str} {image.shape}".encode())
                digest.update(np.ascontiguousarray(image))
        elif array.dtype.hasobject:
            digest.update(repr(array.tolist()).encode())
        else:
            digest.update(array.reshape(-1).view(np.uint8))
    return digest.hexdigest()


def describe(thing: Any) -> Any:
    """Return what an estimator is made of, as what JSON can hold.

    Classes and parameters, to any depth; parameters that change only how a result is
    computed, such as ``n_jobs``, are left out.

    Examples
    --------
    >>> from sklearn.svm import LinearSVC
    >>> from sklearn_scat.experiments import describe
    >>> describe(LinearSVC(C=0.1))["C"]
    0.1
    """
    if isinstance(thing, np.ndarray | np.generic):
        return describe(thing.tolist())
    if isinstance(thing, float) and not math.isfinite(thing):
        return repr(thing)
    if isinstance(thing, _PLAIN):
        return thing
    if isinstance(thing, dict):
        return {str(key): describe(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple | set | frozenset):
        parts = [describe(part) for part in thing]
        return sorted(parts, key=repr) if isinstance(thing, set | frozenset) else parts
    if callable(thing) and hasattr(thing, "__qualname__"):
        return f"{thing.__module__}.{thing.__qualname__}"
    return _describe_object(thing)


def _describe_object(thing):
    """Describe an estimator by its parameters, and what is none by its attributes."""
    if hasattr(thing, "get_params"):
        parts = thing.get_params(deep=False)
    else:
        parts = getattr(thing, "__dict__", {})
    kind = type(thing)
    package = kind.__module__.partition(".")[0]  # private modules move
    described = {k: describe(v) for k, v in parts.items() if k not in _NEUTRAL}
    return {"class": f"{package}.{kind.__qualname__}", **described}


def _settings(images, estimator, recipe):
    """Return the fingerprint of what decides a result, as 16 hexadecimal digits."""
    content = [images, describe(estimator), sklearn_scat.__version__, _source(recipe)]
    text = json.dumps(content, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _source(recipe):
    """Return the text of the user's own file, so that an edit makes new runs."""
    if recipe in RECIPES.values():
        return None
    try:
        path = inspect.getsourcefile(recipe)
    except TypeError:  # built in, or an object that is called like a function
        return None
    return Path(path).read_text(encoding="utf-8") if path else None


def _check_folds(n_train, data, seeds):
    """Refuse seeds for which there is no published training set of this size."""
    if not has_folds(data, n_train) or max(seeds) < len(data.folds):
        return
    raise ValueError(
        f"there are {len(data.folds)} published training sets of {n_train} images; "
        f"got {max(seeds) + 1} seeds."
    )


def has_folds(data, n_train):
    """Tell whether training sets of a size are published, not drawn."""
    return data.folds is not None and data.folds.shape[1] == n_train


def takes_all(data, n_train):
    """Tell whether a size is that of all training images, test images being others."""
    return data.test_images is not None and n_train == len(data.images)


def _check_size(n_train, data):
    """Refuse a size that no draw of as many images from every class can have."""
    if has_folds(data, n_train) or takes_all(data, n_train):
        return
    classes, counts = np.unique(data.target, return_counts=True)
    n_classes = len(classes)
    # without test images of their own, one image of every class must be left
    most = n_classes * int(counts.min() - (data.test_images is None))
    if most < n_classes:
        raise ValueError(
            f"class {classes[counts.argmin()]} has {counts.min()} images: too few to "
            f"train and to test on."
        )
    if n_train % n_classes == 0 and n_classes <= n_train <= most:
        return
    nearest = min(max(round(n_train / n_classes), 1) * n_classes, most)
    whole = "" if data.test_images is None else f"; {len(data.images)} takes all"
    raise ValueError(
        f"a training size of {n_train} cannot be drawn: there are {n_classes} classes, "
        f"so sizes are multiples of {n_classes} up to {most}; the nearest is "
        f"{nearest}{whole}."
    )
