"""The scattering cascade: linear operators alternated with a modulus, in torch."""

from sklearn_scat.cascade._engines import (
    choose_engine,
    native_engine,
    scattering_tiles,
)
from sklearn_scat.cascade._grid import Grid
from sklearn_scat.cascade._lipschitz import lipschitz_bound
from sklearn_scat.cascade._native_layer import NativeLayer
from sklearn_scat.cascade._operators import Coefficients, Wavelet2d, wavelet_operators
from sklearn_scat.cascade._paths import (
    angular_scales,
    isotropic_paths,
    path_name,
    path_table,
    rigid_path_table,
    separable_path_table,
)
from sklearn_scat.cascade._rotation import (
    Lift,
    RotoTranslation,
    SeparableRotation,
    rigid_filters,
    rigid_operators,
    rigid_weights,
    separable_filters,
    separable_operators,
    separable_weights,
)
from sklearn_scat.cascade._scattering import modulus, scattering
from sklearn_scat.cascade._triton import triton_engine

__all__ = [
    "Coefficients",
    "Grid",
    "Lift",
    "NativeLayer",
    "RotoTranslation",
    "SeparableRotation",
    "Wavelet2d",
    "angular_scales",
    "choose_engine",
    "isotropic_paths",
    "lipschitz_bound",
    "modulus",
    "native_engine",
    "path_name",
    "path_table",
    "rigid_filters",
    "rigid_operators",
    "rigid_path_table",
    "rigid_weights",
    "scattering",
    "scattering_tiles",
    "separable_filters",
    "separable_operators",
    "separable_path_table",
    "separable_weights",
    "triton_engine",
    "wavelet_operators",
]
