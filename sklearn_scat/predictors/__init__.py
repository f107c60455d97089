"""From images to predictions: estimators that choose a recipe by folds."""

from sklearn_scat._public import settle
from sklearn_scat.predictors._classifier import ScatteringClassifier

__all__ = ["ScatteringClassifier"]

settle(__name__)
