"""Networks of torch: scattering as a layer, and what is learned on top of it."""

from sklearn_scat.nn._hybrid import Hybrid
from sklearn_scat.nn._scattering import Scattering2d
from sklearn_scat.nn._small_cnn import SmallCNN

__all__ = ["Hybrid", "Scattering2d", "SmallCNN"]
