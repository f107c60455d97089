"""Images from scattering coefficients: what the transform keeps, and generators."""

from sklearn_scat._public import needed, settle

needed("torch", what=__name__)

from sklearn_scat.inversion._generator import ScatteringGenerator
from sklearn_scat.inversion._interpolation import Interpolation, interpolate
from sklearn_scat.inversion._reconstruction import Reconstruction, reconstruct

__all__ = [
    "Interpolation",
    "Reconstruction",
    "ScatteringGenerator",
    "interpolate",
    "reconstruct",
]

settle(__name__)
