"""Wavelet scattering networks as scikit-learn estimators."""

from sklearn_scat.transformers import RotoTranslationScattering, ScatteringTransformer

__version__ = "0.1.0.dev0"

__all__ = ["RotoTranslationScattering", "ScatteringTransformer", "__version__"]
