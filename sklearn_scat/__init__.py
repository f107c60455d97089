"""Wavelet scattering networks as scikit-learn estimators."""

from typing import TYPE_CHECKING

from sklearn_scat._public import settle

if TYPE_CHECKING:
    from sklearn_scat._compat import PixelRangeWarning
    from sklearn_scat.augmentation import AugmentedClassifier, DilationAverage
    from sklearn_scat.classifiers import (
        LocalKernelRidge,
        MeanNormRidge,
        MeanNormSVC,
        OrthogonalLeastSquares,
        PCAAffineClassifier,
    )
    from sklearn_scat.datasets import ImageReader
    from sklearn_scat.local_kernels import LocalKernelFeatures
    from sklearn_scat.neural import ImageClassifier
    from sklearn_scat.persistence import inspect, load, save
    from sklearn_scat.predictors import (
        PatchGaussian,
        ScatteringClassifier,
        ScatteringRegressor,
    )
    from sklearn_scat.questionnaire import LayerOrganiser, Questionnaire
    from sklearn_scat.questionnaire import LayerOrganizer as LayerOrganizer
    from sklearn_scat.regions import RegionFeatures, region_features, transform_tiles
    from sklearn_scat.transformers import (
        NormalizedScattering,
        RotoTranslationScattering,
        ScatteringTransformer,
        transform_batches,
    )

__version__ = "0.1.0.dev0"

__all__ = [
    "AugmentedClassifier",
    "DilationAverage",
    "ImageClassifier",
    "ImageReader",
    "LayerOrganiser",
    "LocalKernelFeatures",
    "LocalKernelRidge",
    "MeanNormRidge",
    "MeanNormSVC",
    "NormalizedScattering",
    "OrthogonalLeastSquares",
    "PCAAffineClassifier",
    "PatchGaussian",
    "PixelRangeWarning",
    "Questionnaire",
    "RegionFeatures",
    "RotoTranslationScattering",
    "ScatteringClassifier",
    "ScatteringRegressor",
    "ScatteringTransformer",
    "__version__",
    "inspect",
    "load",
    "region_features",
    "save",
    "transform_batches",
    "transform_tiles",
]

settle(
    __name__,
    late={
        "AugmentedClassifier": "augmentation",
        "DilationAverage": "augmentation",
        "ImageClassifier": "neural",
        "ImageReader": "datasets",
        "LayerOrganiser": "questionnaire",
        "LayerOrganizer": "questionnaire",
        "LocalKernelFeatures": "local_kernels",
        "LocalKernelRidge": "classifiers",
        "MeanNormRidge": "classifiers",
        "MeanNormSVC": "classifiers",
        "NormalizedScattering": "transformers",
        "OrthogonalLeastSquares": "classifiers",
        "PCAAffineClassifier": "classifiers",
        "PatchGaussian": "predictors",
        "PixelRangeWarning": "_compat",
        "Questionnaire": "questionnaire",
        "RegionFeatures": "regions",
        "RotoTranslationScattering": "transformers",
        "ScatteringClassifier": "predictors",
        "ScatteringRegressor": "predictors",
        "ScatteringTransformer": "transformers",
        "inspect": "persistence",
        "load": "persistence",
        "region_features": "regions",
        "save": "persistence",
        "transform_batches": "transformers",
        "transform_tiles": "regions",
    },
)
