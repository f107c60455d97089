"""What a representation separates, contracts and keeps: arrays in, results out."""

from typing import TYPE_CHECKING

from sklearn_scat._public import settle
from sklearn_scat.analysis._accuracy import LayerAccuracy, layer_accuracy
from sklearn_scat.analysis._boundary import LocalSupportVectors, local_support_vectors
from sklearn_scat.analysis._contraction import Contraction, contraction
from sklearn_scat.analysis._deformation import random_diffeomorphism
from sklearn_scat.analysis._dimension import IntrinsicDimension, intrinsic_dimension
from sklearn_scat.analysis._features import layer_features
from sklearn_scat.analysis._flattening import Flattening, flattening
from sklearn_scat.analysis._layers import rescale, standardize
from sklearn_scat.analysis._organisation import (
    ModeShares,
    Transport,
    mode_shares,
    smoothness,
    transport,
)
from sklearn_scat.analysis._random_labels import RandomLabels, random_labels
from sklearn_scat.analysis._separation import (
    LipschitzQuantiles,
    Separation,
    lipschitz_quantiles,
    separation,
)
from sklearn_scat.analysis._stability import (
    DilationStability,
    RelativeStability,
    dilation_stability,
    relative_stability,
)
from sklearn_scat.analysis._variability import Variability, variability

if TYPE_CHECKING:
    from sklearn_scat.analysis._operator_norms import OperatorNorms, operator_norms
    from sklearn_scat.analysis._wavelet_distance import wavelet_distance

__all__ = [
    "Contraction",
    "DilationStability",
    "Flattening",
    "IntrinsicDimension",
    "LayerAccuracy",
    "LipschitzQuantiles",
    "LocalSupportVectors",
    "ModeShares",
    "OperatorNorms",
    "RandomLabels",
    "RelativeStability",
    "Separation",
    "Transport",
    "Variability",
    "contraction",
    "dilation_stability",
    "flattening",
    "intrinsic_dimension",
    "layer_accuracy",
    "layer_features",
    "lipschitz_quantiles",
    "local_support_vectors",
    "mode_shares",
    "operator_norms",
    "random_diffeomorphism",
    "random_labels",
    "relative_stability",
    "rescale",
    "separation",
    "smoothness",
    "standardize",
    "transport",
    "variability",
    "wavelet_distance",
]

settle(
    __name__,
    with_torch={
        "OperatorNorms": "_operator_norms",
        "operator_norms": "_operator_norms",
        "wavelet_distance": "_wavelet_distance",
    },
)
