"""The recipes again, with copies of the images."""

import functools

from sklearn_scat.recipes._baselines import daisy, pixels_svm
from sklearn_scat.recipes._image_shape import SmallestSides
from sklearn_scat.recipes._local import scat_local, scat_local_features
from sklearn_scat.recipes._rotation import rt_affine, rt_ols_rbf
from sklearn_scat.recipes._scattering import (
    scat_affine,
    scat_linear,
    scat_ols_rbf,
    scat_rbf,
)

_N_COPIES = (2, 12)  # fewest and most copies of a grey image
_N_DILATED = 3


def n_affine_copies(n_per_class, n_rows):
    """Return how many copies of a grey image are worth their time.

    Parameters
    ----------
    n_per_class : int
        Images of each class.
    n_rows : int
        Images and copies together that a class should have.

    Examples
    --------
    >>> from sklearn_scat.recipes._copied import n_affine_copies
    >>> n_affine_copies(30, 5000), n_affine_copies(1000, 5000)
    (12, 4)
    """
    fewest, most = _N_COPIES
    return max(fewest, min(most, n_rows // n_per_class - 1))


def augmented(recipe, *, n_rows=2000, mirrored=None):
    """Return a recipe that learns from copies of images too, and decides by them.

    Colour images are mirrored; grey ones are turned up to 12°, sheared and moved by up
    to a pixel, the more often the fewer there are; those of several sizes, textures,
    are shrunk by √2, 2 and 2√2. No copy of a validation image is
    learned from, see :class:`sklearn_scat.AugmentedClassifier`.

    Parameters
    ----------
    recipe : callable
        ``recipe(image_shape, n_per_class, random_state, n_rows=...)``, the last being
        the images and copies of a class.
    n_rows : int, default=2000
        How many of these to aim at, for grey images.
    mirrored : str, default=None
        The parameter of what the recipe returns that has it compare mirror images
        itself, instead of learning from them as copies.

    Returns
    -------
    augmented : callable
        The same with copies; its name ends in ``_aug``.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> RECIPES["scat_rbf_aug"]((3, 32, 32), 10, 0).copies
    'flip'
    >>> RECIPES["scat_affine_aug"]((32, 32), 10, 0).copies
    'affine'
    >>> RECIPES["scat_local_aug"]((3, 32, 32), 10, 0).mirrored
    True
    """

    @functools.wraps(recipe)
    def with_copies(image_shape, n_per_class, random_state):
        from sklearn_scat.augmentation import AugmentedClassifier

        copies, n_copies, stated = "flip", 1, image_shape
        if isinstance(image_shape, SmallestSides):
            copies, n_copies, stated = "dilate", _N_DILATED, None
        elif len(image_shape) == 2:
            copies, n_copies = "affine", n_affine_copies(n_per_class, n_rows)
        elif mirrored:
            model = recipe(image_shape, n_per_class, random_state)
            return model.set_params(**{mirrored: True})
        n_made = n_per_class * (1 + n_copies)
        return AugmentedClassifier(
            recipe(image_shape, n_per_class, random_state, n_rows=n_made),
            copies,
            n_copies=n_copies,
            image_shape=stated,
            random_state=random_state,
        )

    with_copies.__name__ = with_copies.__qualname__ = f"{recipe.__name__}_aug"
    first, _, rest = recipe.__doc__.partition(".")
    with_copies.__doc__ = f"{first}; with copies.{rest}"
    return with_copies


daisy_aug = augmented(daisy)
pixels_svm_aug = augmented(pixels_svm)
# Affine spaces of 5,000 images and copies of a class are fitted in a minute or two.
rt_affine_aug = augmented(rt_affine, n_rows=5000)
rt_ols_rbf_aug = augmented(rt_ols_rbf)
scat_affine_aug = augmented(scat_affine, n_rows=5000)
scat_linear_aug = augmented(scat_linear)
scat_ols_rbf_aug = augmented(scat_ols_rbf)
scat_rbf_aug = augmented(scat_rbf)

scat_local_features_aug = augmented(scat_local_features, mirrored="features__mirrored")
# whose kernel compares all pairs of rows
scat_local_aug = augmented(scat_local, n_rows=400, mirrored="mirrored")
