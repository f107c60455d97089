"""The scattering cascade: linear operators alternated with a modulus, in torch."""

from sklearn_scat.cascade._engines import (
    choose_engine,
    native_engine,
    scattering_tiles,
)
from sklearn_scat.cascade._grid import Grid
from sklearn_scat.cascade._native_layer import NativeLayer
from sklearn_scat.cascade._operators import Coefficients, Wavelet2d, wavelet_operators
from sklearn_scat.cascade._paths import (
    isotropic_paths,
    path_name,
    path_table,
    rigid_path_table,
    separable_path_table,
)
from sklearn_scat.cascade._rotation import rigid_operators, separable_operators
from sklearn_scat.cascade._scattering import modulus, scattering
from sklearn_scat.cascade._triton import triton_engine

__all__ = [
    "Coefficients",
    "Grid",
    "NativeLayer",
    "Wavelet2d",
    "choose_engine",
    "isotropic_paths",
    "modulus",
    "native_engine",
    "path_name",
    "path_table",
    "rigid_operators",
    "rigid_path_table",
    "scattering",
    "scattering_tiles",
    "separable_operators",
    "separable_path_table",
    "triton_engine",
    "wavelet_operators",
]
