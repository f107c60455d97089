"""Networks as scikit-learn classifiers of images, under skorch."""

from sklearn_scat._public import settle
from sklearn_scat.neural._classifier import ImageClassifier

__all__ = ["ImageClassifier"]

settle(__name__)
