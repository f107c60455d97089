"""Images from scattering coefficients: what the transform keeps."""

from sklearn_scat._public import settle
from sklearn_scat.inversion._interpolation import Interpolation, interpolate
from sklearn_scat.inversion._reconstruction import Reconstruction, reconstruct

__all__ = ["Interpolation", "Reconstruction", "interpolate", "reconstruct"]

settle(__name__)
