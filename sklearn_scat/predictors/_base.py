"""What estimators that choose a recipe share: the door, the folds, the choice."""

import os
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from sklearn_scat._compat import checked_weights
from sklearn_scat._images import checked_images
from sklearn_scat._parameters import whole
from sklearn_scat._progress import Progress
from sklearn_scat.classifiers._temperature import spread_out
from sklearn_scat.predictors._comparison import (
    best_of,
    keep_features,
    reason_of,
    sharing,
    table_of,
)
from sklearn_scat.predictors._features import (
    feature_rows,
    nearest_distances,
    projected,
    usual_distance,
)
from sklearn_scat.predictors._samples import distinct_samples
from sklearn_scat.predictors._weighting import takes_weights
from sklearn_scat.transformers._sizes import range_of, warn_of_range

_MOST_LANDMARKS = 500  # training images that distances are measured to


class RecipeChooser(BaseEstimator):
    """Choose among recipes by folds, and decide by the best."""

    _parameter_constraints: ClassVar[dict] = {
        "recipe": [str, "array-like"],
        "n_folds": [whole(2)],
        "image_shape": [None, "array-like"],
        "cache": [None, str, os.PathLike],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        recipe: str = "auto",
        *,
        n_folds: int = 5,
        image_shape: Sequence[int] | None = None,
        cache: Any = None,
        random_state: int = 0,
        verbose: int = 0,
    ) -> None:
        self.recipe = recipe
        self.n_folds = n_folds
        self.image_shape = image_shape
        self.cache = cache
        self.random_state = random_state
        self.verbose = verbose

    def _samples(self, found, targets, sample_weight):
        """Return distinct samples of checked images, and where each is among them.

        Sets what is learned of their shapes and values.
        """
        images = found.as_given()
        self.image_shape_, self._are_alike = found.shape, found.are_alike
        self.pixel_range_ = range_of(found)
        sides = np.array([group.shape[-2:] for group in found.groups])
        self.size_range_ = tuple(
            tuple(map(int, end)) for end in (sides.min(axis=0), sides.max(axis=0))
        )
        weight = checked_weights(sample_weight, np.empty((found.n, 1)))
        return distinct_samples(images, targets, weight)

    def _seed(self):
        return int(check_random_state(self.random_state).randint(2**31))

    def _choose(self, task, comparison, suitable):
        """Compare what suits, and fit the best to all samples; return its outcome."""
        is_auto = isinstance(self.recipe, str) and self.recipe == "auto"
        names = suitable() if is_auto else np.atleast_1d(self.recipe).tolist()
        candidates = [c for name in names for c in task.build(name)]
        if comparison.samples.weight is not None:
            candidates = [c for c in candidates if takes_weights(c.estimator)]
        if not candidates:
            raise ValueError(
                f"None of {', '.join(names)} takes weights of samples, or images that "
                "come several times. Leave out sample_weight, or take recipe='auto'."
            )
        outcomes = self._outcomes(candidates, comparison)
        best = best_of(outcomes)
        copied = task.copied(best.candidate.recipe) if is_auto else None
        if copied and len(best.scores):
            outcomes += self._outcomes(_same(best, task.build(copied)), comparison)
            best = best_of(outcomes)
        self.recipe_, self.reason_ = best.candidate.recipe, reason_of(best, outcomes)
        self.cv_results_ = table_of(outcomes)
        self.estimator_ = comparison.fitted(best.candidate)
        some = spread_out(len(comparison.samples.targets), _MOST_LANDMARKS)
        rows = feature_rows(self.estimator_, comparison.samples.images_of(some))
        self.landmarks_ = projected(rows)
        self.nearest_distance_ = usual_distance(self.landmarks_)
        keep_features(self.estimator_, self.cache)
        return best

    def training_distances(self, X: ArrayLike) -> NDArray[Any]:
        """Return how far images are from the nearest training image.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images.

        Returns
        -------
        distances : ndarray of shape (n,)
            Distances between features, as a random projection keeps them, to the
            nearest of `landmarks_`, in units of `nearest_distance_`: about 1 or less
            for images like those of training, well above 1 for others.

        References
        ----------
        W. B. Johnson and J. Lindenstrauss, "Extensions of Lipschitz mappings into a
        Hilbert space", Contemporary Mathematics 26, 1984, for the projection.
        """
        nearest = nearest_distances(projected(self._features(X)), self.landmarks_)
        return nearest / self.nearest_distance_

    def _features(self, X):
        """Return the features of images, as the chosen recipe sees them: (n, p)."""
        return feature_rows(self.estimator_, self._images(X))

    def _outcomes(self, candidates, comparison):
        """Return the outcome of every candidate, and tell the progress."""
        name = type(self).__name__
        tell = (
            Progress(name, len(candidates), unit="candidates") if self.verbose else None
        )
        outcomes = []
        for group in sharing(candidates):
            outcomes += comparison.outcomes(group)
            if tell:
                tell(len(outcomes))
        return outcomes

    def _images(self, X):
        """Return images in the form that the fitted recipe takes."""
        check_is_fitted(self)
        several = not self._are_alike
        found = checked_images(self, X, reset=False, several=several)
        warn_of_range(self, found)
        images = found.as_given()
        if several:
            return list(images)
        return images.reshape(len(images), -1)


def _same(best, candidates):
    """Return the candidates of a recipe at the parameters of another outcome."""
    same = [c for c in candidates if c.params == best.candidate.params]
    return same or candidates[:1]
