"""Cases: which images, and which training sizes, draws and recipes by default."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sklearn_scat.experiments._published import (
    load_cifar10_case,
    load_cifar100_case,
    load_digits_case,
    load_fashion_mnist_case,
    load_folder_case,
    load_kth_tips_case,
    load_mnist_case,
    load_rotated_mnist_case,
    load_stl10_case,
    load_textures_case,
)
from sklearn_scat.recipes import look_up

_LARGE = 5000  # images from which one draw or two say enough


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
        Training sizes: images in total, the same number from every class. None given
        means 1, 2, 5, 10, … of each class, up to half of what the smallest has.
    n_seeds : int
        Draws of every size.
    recipes : tuple of str
        Names of recipes, as on the command line.
    n_seeds_large : int, default=None
        Draws of the sizes from 5,000 on, which differ less. None takes `n_seeds`.
    fetch : str, default=None
        The function of :mod:`sklearn_scat.datasets` that downloads its files, if any.

    Examples
    --------
    >>> from sklearn_scat.experiments import CASES
    >>> CASES["digits"].recipes
    ('scattering', 'pixels', 'pca')
    """

    name: str
    title: str
    load: Callable
    sizes: tuple
    n_seeds: int
    recipes: tuple
    n_seeds_large: int | None = None
    fetch: str | None = None

    def seeds(self, n_train: int) -> Any:
        """Return the seeds of the draws of one size."""
        n = self.n_seeds
        if n_train >= _LARGE and self.n_seeds_large is not None:
            n = self.n_seeds_large
        return tuple(range(n))

    def download(self, data_home: Any = None) -> Any:
        """Download the files that are not on disk yet; return their folder.

        Raises
        ------
        ValueError
            If the files have to be brought by hand.
        OSError
            If they cannot be downloaded.
        """
        from sklearn_scat import datasets

        if self.fetch is None:
            raise ValueError(
                f"The images of {self.name} are not downloaded; name the folder of "
                "their files by --data."
            )
        files = getattr(datasets, self.fetch)("all", data_home=data_home).filenames
        return str(Path(files[0]).parent)


def default_sizes(data: Any) -> tuple[int, ...]:
    """Return the sizes for images of which nothing is known: 1, 2, 5, 10, … a class.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.experiments import ImageSet
    >>> from sklearn_scat.experiments import default_sizes
    >>> default_sizes(ImageSet(np.zeros((24, 8, 8)), np.repeat([0, 1], 12)))
    (2, 4, 10)
    """
    counts = np.unique(data.target, return_counts=True)[1]
    half = max(1, int(counts.min()) // 2)
    shares = (m * 10**e for e in range(4) for m in (1, 2, 5))
    return tuple(share * len(counts) for share in shares if share <= half)


_DIGIT_RECIPES = ("scat_affine", "scat_rbf", "scat_linear", "pixels_svm")
_TEXTURE_RECIPES = ("textures_affine", "rt_affine", "rt_affine_aug")
_COLOUR_RECIPES = ("scat_rbf_aug", "scat_linear", "pixels_svm")

CASES = {
    case.name: case
    for case in (
        Case(
            name="digits",
            title="scikit-learn's 8×8 digits, enlarged ×3 and padded to 32×32",
            load=load_digits_case,
            sizes=(20, 50, 100, 200, 500),
            n_seeds=5,
            recipes=("scattering", "pixels", "pca"),
        ),
        Case(
            name="mnist",
            title="MNIST's digits, 28×28 padded to 32×32",
            load=load_mnist_case,
            fetch="fetch_mnist",
            sizes=(300, 1000, 2000, 5000, 10_000),
            n_seeds=5,
            n_seeds_large=2,
            recipes=_DIGIT_RECIPES,
        ),
        Case(
            name="fashion-mnist",
            title="Fashion-MNIST's articles of clothing, 28×28 padded to 32×32",
            load=load_fashion_mnist_case,
            fetch="fetch_fashion_mnist",
            sizes=(300, 1000, 2000, 5000, 10_000),
            n_seeds=5,
            n_seeds_large=2,
            recipes=_DIGIT_RECIPES,
        ),
        Case(
            name="rotated-mnist",
            title="12,000 of MNIST's digits, turned by random angles and padded to "
            "32×32; its test digits, turned alike",
            load=load_rotated_mnist_case,
            fetch="fetch_mnist",
            sizes=(1000, 12_000),
            n_seeds=3,
            n_seeds_large=1,
            recipes=("scat_affine", "scat_rbf"),
        ),
        Case(
            name="cifar10",
            title="CIFAR-10's colour images of 32×32",
            load=load_cifar10_case,
            fetch="fetch_cifar10",
            sizes=(100, 500, 1000),
            n_seeds=5,
            n_seeds_large=1,
            recipes=_COLOUR_RECIPES,
        ),
        Case(
            name="cifar100",
            title="CIFAR-100's colour images of 32×32, in a hundred classes",
            load=load_cifar100_case,
            sizes=(500, 1000, 2000),
            n_seeds=3,
            n_seeds_large=1,
            recipes=_COLOUR_RECIPES,
        ),
        Case(
            name="stl10",
            title="STL-10's colour images of 96×96; sizes of 1,000 are its folds",
            load=load_stl10_case,
            sizes=(1000,),
            n_seeds=10,
            n_seeds_large=1,
            recipes=_COLOUR_RECIPES,
        ),
        Case(
            name="kth-tips",
            title="KTH-TIPS's ten materials, 810 grey images of about 200×200",
            load=load_kth_tips_case,
            sizes=(50, 200, 400),
            n_seeds=10,
            recipes=_TEXTURE_RECIPES,
        ),
        Case(
            name="textures",
            title="Grey textures of any sizes in a folder, one sub-folder a class",
            load=load_textures_case,
            sizes=(),
            n_seeds=10,
            recipes=_TEXTURE_RECIPES,
        ),
        Case(
            name="folder",
            title="The images of a folder, one sub-folder a class",
            load=load_folder_case,
            sizes=(),
            n_seeds=5,
            n_seeds_large=1,
            recipes=("scat_affine", "scat_linear", "pixels_svm"),
        ),
    )
}


def find_case(name: str) -> Any:
    """Return a case by its name, or by ``module:name`` in the user's own code.

    Raises
    ------
    ValueError
        If there is none.

    Examples
    --------
    >>> from sklearn_scat.experiments import find_case
    >>> find_case("digits").sizes
    (20, 50, 100, 200, 500)
    """
    case = look_up(name, CASES, kind="case")
    if not isinstance(case, Case):
        raise ValueError(f"{name} is a {type(case).__name__}, not a Case.")
    return case
