"""Scattering networks as scikit-learn transformers."""

from sklearn_scat.transformers._roto_translation import RotoTranslationScattering
from sklearn_scat.transformers._scattering import ScatteringTransformer

__all__ = ["RotoTranslationScattering", "ScatteringTransformer"]
