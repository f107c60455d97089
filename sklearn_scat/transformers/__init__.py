"""Scattering networks as scikit-learn transformers."""

from sklearn_scat._public import settle
from sklearn_scat.transformers._normalization import NormalizedScattering
from sklearn_scat.transformers._parts import transform_batches
from sklearn_scat.transformers._roto_translation import RotoTranslationScattering
from sklearn_scat.transformers._scattering import ScatteringTransformer

__all__ = [
    "NormalizedScattering",
    "RotoTranslationScattering",
    "ScatteringTransformer",
    "transform_batches",
]

settle(__name__)
