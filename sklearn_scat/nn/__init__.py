"""Networks of torch: scattering as a layer, and what is learned on top of it."""

from sklearn_scat._public import needed, settle

needed("torch", what=__name__)

from sklearn_scat.nn._alexnet import AlexNet
from sklearn_scat.nn._contrast import LocalContrastNormalization
from sklearn_scat.nn._hierarchical import HierarchicalCNN
from sklearn_scat.nn._hybrid import Hybrid
from sklearn_scat.nn._hybrids import (
    scat_cnn,
    scat_resnet10,
    scat_resnet50,
    scat_sle,
    scat_wrn,
)
from sklearn_scat.nn._local_encoder import SharedLocalEncoder, angular_spectrum
from sklearn_scat.nn._parametric import ScatteringParametric2d
from sklearn_scat.nn._parametric_hybrids import parametric_linear, parametric_wrn
from sklearn_scat.nn._regular_boundary import PartialReLU, RegularBoundaryNet
from sklearn_scat.nn._residual import ResNet, resnet18
from sklearn_scat.nn._roto_translation import RotoTranslationScattering2d
from sklearn_scat.nn._scattering import Scattering2d
from sklearn_scat.nn._small_cnn import SmallCNN
from sklearn_scat.nn._wide_residual import WideResNet

__all__ = [
    "AlexNet",
    "HierarchicalCNN",
    "Hybrid",
    "LocalContrastNormalization",
    "PartialReLU",
    "RegularBoundaryNet",
    "ResNet",
    "RotoTranslationScattering2d",
    "Scattering2d",
    "ScatteringParametric2d",
    "SharedLocalEncoder",
    "SmallCNN",
    "WideResNet",
    "angular_spectrum",
    "parametric_linear",
    "parametric_wrn",
    "resnet18",
    "scat_cnn",
    "scat_resnet10",
    "scat_resnet50",
    "scat_sle",
    "scat_wrn",
]

settle(__name__)
