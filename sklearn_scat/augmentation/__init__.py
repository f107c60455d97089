"""Copies of images: made in training folds, decided by in tests."""

from sklearn_scat._public import settle
from sklearn_scat.augmentation._classifier import AugmentedClassifier
from sklearn_scat.augmentation._dilation import DilationAverage
from sklearn_scat.augmentation._folds import CopiesSplit

__all__ = ["AugmentedClassifier", "CopiesSplit", "DilationAverage"]

settle(__name__)
