"""Pictures of results: ``XDisplay(result).plot(ax=None)``."""

from sklearn_scat._public import settle
from sklearn_scat.displays._attribution import AttributionDisplay
from sklearn_scat.displays._discs import disc_rings, is_disc
from sklearn_scat.displays._factors import FactorDisplay
from sklearn_scat.displays._filter_bank import FilterBankDisplay
from sklearn_scat.displays._layer_curves import LayerCurveDisplay
from sklearn_scat.displays._matrices import HaarDisplay, MatrixDisplay
from sklearn_scat.displays._neighbor_curves import NeighborCurveDisplay
from sklearn_scat.displays._organisation import TransportDisplay, VariationDisplay
from sklearn_scat.displays._reconstruction import ReconstructionDisplay
from sklearn_scat.displays._rotation import (
    AngleChangeDisplay,
    CircleBankDisplay,
    OrientationMapDisplay,
)
from sklearn_scat.displays._scattering import ScatteringDisplay
from sklearn_scat.displays._score_map import ScoreMapDisplay
from sklearn_scat.displays._spectrum import SpectrumDisplay

__all__ = [
    "AngleChangeDisplay",
    "AttributionDisplay",
    "CircleBankDisplay",
    "FactorDisplay",
    "FilterBankDisplay",
    "HaarDisplay",
    "LayerCurveDisplay",
    "MatrixDisplay",
    "NeighborCurveDisplay",
    "OrientationMapDisplay",
    "ReconstructionDisplay",
    "ScatteringDisplay",
    "ScoreMapDisplay",
    "SpectrumDisplay",
    "TransportDisplay",
    "VariationDisplay",
    "disc_rings",
    "is_disc",
]

settle(__name__)
