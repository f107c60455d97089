"""Wavelet scattering networks as scikit-learn estimators."""

from sklearn_scat.affine import PCAAffineClassifier
from sklearn_scat.augmentation import AugmentedClassifier
from sklearn_scat.channel_order import LayerOrganizer
from sklearn_scat.dilation import DilationAverage
from sklearn_scat.neural import ImageClassifier
from sklearn_scat.normalization import NormalizedScattering
from sklearn_scat.organization import Questionnaire
from sklearn_scat.persistence import inspect, load, save
from sklearn_scat.selection import OrthogonalLeastSquares
from sklearn_scat.svm import MeanNormSVC
from sklearn_scat.transformers import RotoTranslationScattering, ScatteringTransformer

__version__ = "0.1.0.dev0"

__all__ = [
    "AugmentedClassifier",
    "DilationAverage",
    "ImageClassifier",
    "LayerOrganizer",
    "MeanNormSVC",
    "NormalizedScattering",
    "OrthogonalLeastSquares",
    "PCAAffineClassifier",
    "Questionnaire",
    "RotoTranslationScattering",
    "ScatteringTransformer",
    "__version__",
    "inspect",
    "load",
    "save",
]
