"""Cases: which images, and which training sizes, draws and recipes by default."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sklearn_scat.benchmark._lookup import look_up


@dataclass(frozen=True)
class ImageSet:
    """Labelled images to draw from, and to test on.

    Parameters
    ----------
    images : ndarray of shape (n, H, W) or (n, C, H, W)
        Training images are drawn from these.
    target : ndarray of shape (n,)
        Their classes: numbers or strings.
    test_images : ndarray of shape (m, H, W) or (m, C, H, W), default=None
        What accuracy is measured on. None takes all that were not drawn.
    test_target : ndarray of shape (m,), default=None
        Their classes.

    Raises
    ------
    ValueError
        If the numbers of images and of classes differ.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.benchmark import ImageSet
    >>> ImageSet(np.zeros((4, 8, 8)), np.array([0, 1, 0, 1])).image_shape
    (8, 8)
    """

    images: np.ndarray
    target: np.ndarray
    test_images: np.ndarray | None = None
    test_target: np.ndarray | None = None

    def __post_init__(self):
        """Compare the lengths."""
        _check_labels("images", self.images, self.target)
        if self.test_images is not None:
            _check_labels("test images", self.test_images, self.test_target)

    @property
    def image_shape(self):
        """(H, W) or (C, H, W)."""
        return tuple(int(side) for side in self.images.shape[1:])

    @property
    def n_classes(self):
        """Number of classes."""
        return len(np.unique(self.target))


@dataclass(frozen=True)
class Case:
    """A data set with the experiment that is usual on it.

    Parameters
    ----------
    name : str
        As in the records.
    title : str
        As in the report: what the images are.
    load : callable
        ``load(data_home)`` returns an :class:`ImageSet`. A function of a module, so
        that other processes can load the same images.
    sizes : tuple of int
        Training sizes: images in total, the same number from every class.
    n_seeds : int
        Draws of every size.
    recipes : tuple of str
        Names of recipes, as on the command line.

    Examples
    --------
    >>> from sklearn_scat.benchmark import CASES
    >>> CASES["digits"].recipes
    ('scattering', 'pixels', 'pca')
    """

    name: str
    title: str
    load: Callable
    sizes: tuple
    n_seeds: int
    recipes: tuple


def _check_labels(kind, images, target):
    n = "none" if target is None else len(target)
    if n != len(images):
        raise ValueError(f"there are {len(images)} {kind}, and {n} labels for them.")


def load_digits_case(data_home=None):
    """Return the 1,797 digits that come with scikit-learn, at 32×32."""
    from sklearn_scat.datasets import load_digits_images

    digits = load_digits_images()
    return ImageSet(digits.images, digits.target)


CASES = {
    "digits": Case(
        name="digits",
        title="scikit-learn's 8×8 digits, enlarged ×3 and padded to 32×32",
        load=load_digits_case,
        sizes=(20, 50, 100, 200, 500),
        n_seeds=5,
        recipes=("scattering", "pixels", "pca"),
    ),
}


def find_case(name):
    """Return a case by its name, or by ``module:name`` in the user's own code.

    Raises
    ------
    ValueError
        If there is none.

    Examples
    --------
    >>> from sklearn_scat.benchmark import find_case
    >>> find_case("digits").sizes
    (20, 50, 100, 200, 500)
    """
    case = look_up(name, CASES, kind="case")
    if not isinstance(case, Case):
        raise ValueError(f"{name} is a {type(case).__name__}, not a Case.")
    return case
