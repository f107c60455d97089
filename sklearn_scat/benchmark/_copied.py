"""The recipes again, with copies of the images."""

import functools

# Digits: rows of pixels and copies together that a class should have, and the fewest
# and most copies of an image.
_ROWS_PER_CLASS = 2500
_N_COPIES = (4, 12)


def n_affine_copies(n_per_class):
    """Return how many copies of a digit are worth their time.

    Examples
    --------
    >>> from sklearn_scat.benchmark._copied import n_affine_copies
    >>> n_affine_copies(30), n_affine_copies(1000)
    (12, 4)
    """
    fewest, most = _N_COPIES
    return max(fewest, min(most, _ROWS_PER_CLASS // n_per_class - 1))


def augmented(recipe):
    """Return a recipe that learns from copies of images too, and decides by them.

    Colour images are mirrored; grey ones are turned up to 12°, sheared and moved by up
    to a pixel, the more often the fewer there are. No copy of a validation image is
    learned from, see :class:`sklearn_scat.augmentation.AugmentedClassifier`.

    Parameters
    ----------
    recipe : callable
        ``recipe(image_shape, n_per_class, random_state)``.

    Returns
    -------
    augmented : callable
        The same with copies; its name ends in ``_aug``.

    Examples
    --------
    >>> from sklearn_scat.benchmark import RECIPES
    >>> RECIPES["scat_rbf_aug"]((3, 32, 32), 10, 0).copies
    'flip'
    >>> RECIPES["scat_affine_aug"]((32, 32), 10, 0).copies
    'affine'
    """

    @functools.wraps(recipe)
    def with_copies(image_shape, n_per_class, random_state):
        from sklearn_scat.augmentation import AugmentedClassifier

        copies = {"copies": "flip", "n_copies": 1}
        if len(image_shape) == 2:
            copies = {"copies": "affine", "n_copies": n_affine_copies(n_per_class)}
        n_rows = n_per_class * (1 + copies["n_copies"])
        return AugmentedClassifier(
            recipe(image_shape, n_per_class, random_state, n_rows=n_rows),
            **copies,
            image_shape=image_shape,
            random_state=random_state,
        )

    with_copies.__name__ = with_copies.__qualname__ = f"{recipe.__name__}_aug"
    return with_copies
