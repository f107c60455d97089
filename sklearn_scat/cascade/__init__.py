"""The scattering cascade: linear operators with a modulus between, in any library."""

from sklearn_scat._public import settle
from sklearn_scat.cascade._forms import (
    FORMS,
    Form,
    angular_scales,
    rigid_operators,
    separable_operators,
)
from sklearn_scat.cascade._grid import Grid, continued
from sklearn_scat.cascade._influence import reach
from sklearn_scat.cascade._lipschitz import lipschitz_bound
from sklearn_scat.cascade._operators import (
    Coefficients,
    MeanWavelet2d,
    Wavelet2d,
    wavelet_operators,
)
from sklearn_scat.cascade._paths import (
    complete_path_table,
    isotropic_paths,
    path_name,
    path_table,
    rigid_path_table,
    separable_path_table,
)
from sklearn_scat.cascade._real_operators import RealWavelet2d
from sklearn_scat.cascade._rotation import (
    CompleteRotoTranslation,
    Lift,
    RotoTranslation,
    SeparableRotation,
    rigid_filters,
    separable_filters,
)
from sklearn_scat.cascade._scattering import modulus, scattering, scattering_tiles
from sklearn_scat.cascade._unknown import KnownWavelet2d, fill_unknown

__all__ = [
    "FORMS",
    "Coefficients",
    "CompleteRotoTranslation",
    "Form",
    "Grid",
    "KnownWavelet2d",
    "Lift",
    "MeanWavelet2d",
    "RealWavelet2d",
    "RotoTranslation",
    "SeparableRotation",
    "Wavelet2d",
    "angular_scales",
    "complete_path_table",
    "continued",
    "fill_unknown",
    "isotropic_paths",
    "lipschitz_bound",
    "modulus",
    "path_name",
    "path_table",
    "reach",
    "rigid_filters",
    "rigid_operators",
    "rigid_path_table",
    "scattering",
    "scattering_tiles",
    "separable_filters",
    "separable_operators",
    "separable_path_table",
    "wavelet_operators",
]

settle(__name__)
