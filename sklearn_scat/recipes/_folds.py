"""The folds by which a recipe chooses its parameters, inside the training images."""

from sklearn.model_selection import GridSearchCV, StratifiedKFold

_MAX_FOLDS = 5


def searched(estimator, grid, *, n_per_class, random_state):
    """Return the search of a grid by folds, or the estimator where there are none.

    Parameters
    ----------
    estimator : estimator
        Unfitted, with the parameters that one image a class leaves.
    grid : dict
        As of GridSearchCV.
    n_per_class : int
        Images of each class: folds are as many, up to 5, and need two.
    random_state : int
        Shuffles the folds.
    """
    if n_per_class < 2:
        return estimator
    folds = StratifiedKFold(
        min(_MAX_FOLDS, n_per_class), shuffle=True, random_state=random_state
    )
    return GridSearchCV(estimator, grid, cv=folds, error_score="raise")
