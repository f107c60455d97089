"""What is compared: recipes, with every setting that they would search themselves."""

from dataclasses import dataclass, field
from typing import Any

from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, ParameterGrid

from sklearn_scat._parameters import parameters
from sklearn_scat.recipes import (
    RECIPES,
    REGRESSIONS,
    SmallestSides,
    at_size,
    find_recipe,
)

_SMALLEST_SIDE = 8  # pixels, below which there is nothing to scatter
_LARGEST_SIDE = 96  # pixels of an image that is scattered to maps
_TEXTURE_SIDE = 48  # of the smallest image that four sizes can be made of
_FEW_IMAGES = 300  # above, the best recipe of textures takes minutes
_MANY_IMAGES = 3000  # above, linear and affine classifiers take minutes
_MOST_ROWS = 6000  # images and copies whose kernel matrix takes a second
# Colour images whose local kernel matrix takes seconds, with mirror images too.
_LOCAL_IMAGES, _LOCAL_SIDE = 1000, 48
_OF_SIZES = {"textures_affine", "textures_multiscale", "scat_moments", "moments_rbf"}


@dataclass(frozen=True)
class Candidate:
    """One way to learn.

    Parameters
    ----------
    recipe : str
        Its name.
    params : dict
        What the recipe would have searched, by its own names.
    estimator : estimator
        Unfitted.
    """

    recipe: str
    estimator: Any
    params: dict = field(default_factory=dict)

    def __str__(self):
        settings = ", ".join(f"{name}={value:g}" for name, value in self.params.items())
        return f"{self.recipe} ({settings})" if settings else self.recipe


def candidates_of(recipe, estimator):
    """Return a candidate for every point of the search that an estimator holds.

    Parameters
    ----------
    recipe : str
        Name.
    estimator : estimator
        Unfitted; a `GridSearchCV`, or with one among its parts, or with none.

    Returns
    -------
    candidates : list of Candidate

    Examples
    --------
    >>> from sklearn_scat.predictors._candidates import candidates_of
    >>> from sklearn_scat.recipes import scat_rbf
    >>> print(candidates_of("scat_rbf", scat_rbf((28, 28), 10, 0))[0])
    scat_rbf (alpha=0.003, sigma=0.7)
    """
    if isinstance(estimator, GridSearchCV):
        points = ParameterGrid(estimator.param_grid)
        return [Candidate(recipe, _at(estimator, point), point) for point in points]
    for parameter in parameters(estimator):
        if isinstance(search := parameter.value, GridSearchCV):
            return [
                Candidate(
                    recipe,
                    clone(estimator).set_params(**{parameter.name: _at(search, point)}),
                    point,
                )
                for point in ParameterGrid(search.param_grid)
            ]
    return [Candidate(recipe, estimator)]


def _at(search, point):
    """Return the estimator of a search at one point of its grid."""
    return clone(search.estimator).set_params(**point)


@dataclass(frozen=True)
class Task:
    """What the training images are like.

    Parameters
    ----------
    image_shape : tuple (H, W) or (C, H, W)
        Of one image, or the smallest sides.
    are_alike : bool
        Whether all have that shape.
    n_images : int
        How many are learned from.
    n_classes : int
        Their classes; 1 where values are learned.
    seed : int
        For whatever is random.
    """

    image_shape: tuple
    are_alike: bool
    n_images: int
    n_classes: int
    seed: int = 0

    @property
    def n_per_class(self):
        """Images of a class, where one fold in five is held out."""
        return max(1, 4 * self.n_images // (5 * self.n_classes))

    def recipes(self):
        """Return the names of the recipes that suit size, kind and number."""
        shorter = min(self.image_shape[-2:])
        if shorter < _SMALLEST_SIDE:
            return ["pixels", "pixels_svm"]
        names = ["scat_rbf"]
        if self.n_images <= _MANY_IMAGES:
            names = ["scat_rbf", "scat_linear", "scat_affine"]
        if self._suits_local_kernel():
            names.append("scat_local")
        if shorter >= _TEXTURE_SIDE:
            few = self.n_images <= _FEW_IMAGES
            names.append("textures_affine" if few else "textures_multiscale")
            names.append("scat_moments")
        return names

    def _suits_local_kernel(self):
        """Tell whether images are in colour, small, and not too many."""
        is_colour = len(self.image_shape) == 3 and self.are_alike
        is_small = max(self.image_shape[-2:]) <= _LOCAL_SIDE
        return is_colour and is_small and self.n_images <= _LOCAL_IMAGES

    def regressions(self):
        """Return the names of the recipes of values that suit."""
        shorter = min(self.image_shape[-2:])
        if shorter < _SMALLEST_SIDE:
            return ["pixels_ridge"]
        names = ["values_linear", "values_rbf"]
        return [*names, "moments_rbf"] if shorter >= _TEXTURE_SIDE else names

    def copied(self, name):
        """Return the name of a recipe's variant with copies, or None if too many."""
        copied = f"{name}_aug"
        if copied not in RECIPES or min(self.image_shape[-2:]) < _SMALLEST_SIDE:
            return None
        n_copies = 12 if len(self.image_shape) == 2 else 1
        return copied if self.n_images * (1 + n_copies) <= _MOST_ROWS else None

    def build(self, name):
        """Return the candidates of a recipe by its name, or ``module:function``."""
        recipe = REGRESSIONS.get(name) or find_recipe(name)
        shape = tuple(self.image_shape)
        if name in _OF_SIZES:
            shape = shape if self.are_alike else SmallestSides(shape)
        elif not self.are_alike or max(shape[-2:]) > _LARGEST_SIDE:
            recipe = at_size(recipe, _working_size(shape[-2:]))
            shape = shape if self.are_alike else SmallestSides(shape)
        estimator = recipe(shape, self.n_per_class, self.seed)
        return candidates_of(name, estimator)


def _working_size(size):
    """Return the sides of images that are stretched to one size, the longer 96 at most.

    Examples
    --------
    >>> _working_size((480, 640)), _working_size((30, 40))
    ((72, 96), (30, 40))
    """
    factor = max(1, max(size) / _LARGEST_SIDE)
    return tuple(max(1, round(side / factor)) for side in size)
