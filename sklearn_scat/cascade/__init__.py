"""The scattering cascade: linear operators alternated with a modulus, in torch."""

from sklearn_scat.cascade._grid import Grid
from sklearn_scat.cascade._operators import Coefficients, Wavelet2d, wavelet_operators
from sklearn_scat.cascade._paths import path_name, path_table
from sklearn_scat.cascade._scattering import modulus, scattering

__all__ = [
    "Coefficients",
    "Grid",
    "Wavelet2d",
    "modulus",
    "path_name",
    "path_table",
    "scattering",
    "wavelet_operators",
]
