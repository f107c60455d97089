"""Pictures of results: ``XDisplay(result).plot(ax=None)``."""

from sklearn_scat.displays._factors import FactorDisplay
from sklearn_scat.displays._layer_curves import LayerCurveDisplay
from sklearn_scat.displays._spectrum import SpectrumDisplay

__all__ = ["FactorDisplay", "LayerCurveDisplay", "SpectrumDisplay"]
