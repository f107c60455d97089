"""From images to predictions: estimators that choose a recipe by folds."""

from sklearn_scat._public import settle
from sklearn_scat.predictors._classifier import ScatteringClassifier
from sklearn_scat.predictors._patch_gaussian import PatchGaussian
from sklearn_scat.predictors._regressor import ScatteringRegressor

__all__ = ["PatchGaussian", "ScatteringClassifier", "ScatteringRegressor"]

settle(__name__)
