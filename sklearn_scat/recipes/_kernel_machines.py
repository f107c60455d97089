"""Gaussian kernel machines; folds of the images choose their width and penalty."""

from sklearn_scat.recipes._folds import searched

_GRID = {"alpha": [0.003, 0.03, 0.3], "sigma": [0.7, 1.0, 1.5, 2.0, 3.0]}
# Where nothing is searched: what the folds inside smaller draws chose most often. So
# these saw labels of other draws than the one that they are used for.
_GREY = {"alpha": 0.003, "sigma": 2.0}
_COLOUR = {"alpha": 0.03, "sigma": 1.0}
# Of selected features: the best on other training images of MNIST and of CIFAR-10, for
# draws of 200 to 1,000.
_GREY_SELECTED = {"alpha": 0.03, "sigma": 1.5}
_COLOUR_SELECTED = {"alpha": 0.1, "sigma": 1.0}
_SEARCHED_ROWS = 400  # of a class: 75 fits on 4,000 rows take a minute
_RIDGE_ROWS = 2000  # of a class, of whose ten the kernel matrix takes 3 GB
_LANDMARKS = 15_000


def is_searched(n_per_class, n_rows):
    """Tell whether there are folds, and time, to choose parameters.

    Parameters
    ----------
    n_per_class : int
        Training images of each class.
    n_rows : int
        The same with copies.

    Examples
    --------
    >>> from sklearn_scat.recipes._kernel_machines import is_searched
    >>> is_searched(1, 13), is_searched(30, 390), is_searched(1000, 1000)
    (False, True, False)
    """
    return n_per_class > 1 and n_rows <= _SEARCHED_ROWS


def kernel_machine(image_shape, n_per_class, random_state, *, n_rows):
    """Return what is fitted under a Gaussian kernel, unfitted, and a name for it.

    Ridge regression whose width and penalty folds choose; above 400 rows of a class
    they are those that were chosen most often by folds inside smaller draws, and above
    2,000 the kernels are centred at 15,000 landmarks. (Support vector machines were
    less accurate: 0.78 % of 10,000 digits wrong, one against one, or 0.67 %, one
    against the rest, where ridge regression has 0.50 %, all on digits held out of the
    training set.)

    Parameters
    ----------
    image_shape : tuple (H, W) or (C, H, W)
        Shape of one image.
    n_per_class, random_state, n_rows
        As of recipes.

    Returns
    -------
    step : (str, estimator)
    """
    if not is_searched(n_per_class, n_rows):
        settings = _GREY if len(image_shape) == 2 else _COLOUR
        return "ridge", _fixed(settings, n_rows, random_state)
    from sklearn_scat.classifiers import MeanNormRidge

    return "ridge", searched(
        MeanNormRidge(), _GRID, n_per_class=n_per_class, random_state=random_state
    )


def selected_machine(image_shape, random_state, *, n_rows):
    """Return what is fitted to selected features, unfitted, and a name for it.

    It searches nothing. The labels of all rows have selected the features, so that
    folds of them would promise too much.

    Parameters
    ----------
    image_shape : tuple (H, W) or (C, H, W)
        Shape of one image.
    random_state, n_rows
        As of recipes.

    Returns
    -------
    step : (str, estimator)
    """
    settings = _GREY_SELECTED if len(image_shape) == 2 else _COLOUR_SELECTED
    return "ridge", _fixed(settings, n_rows, random_state)


def _fixed(settings, n_rows, random_state):
    """Return ridge regression, with landmarks where rows are many."""
    from sklearn_scat.classifiers import MeanNormRidge

    if n_rows <= _RIDGE_ROWS:
        return MeanNormRidge(**settings)
    return MeanNormRidge(**settings, n_landmarks=_LANDMARKS, random_state=random_state)
