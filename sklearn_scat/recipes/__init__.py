"""Recipes: unfitted classifiers of images, with the search of their parameters.

A recipe is a function ``recipe(image_shape, n_per_class, random_state)``: the shape of
one image, (H, W) or (C, H, W), the number of training images of each class, and a seed
for whatever is random. It returns an unfitted estimator of rows of pixels, which
chooses its own parameters by folds of what `fit` is given. Those whose names end in
``_aug`` learn from copies of the images too.
"""

from sklearn_scat._public import settle
from sklearn_scat.recipes._baselines import DaisyTransformer
from sklearn_scat.recipes._image_shape import SmallestSides
from sklearn_scat.recipes._lookup import look_up
from sklearn_scat.recipes._registry import (
    RECIPES,
    cnn,
    daisy,
    daisy_aug,
    find_recipe,
    frozen_linear,
    parametric_linear,
    parametric_wrn,
    pca,
    pixels,
    pixels_svm,
    pixels_svm_aug,
    rt_affine,
    rt_affine_aug,
    rt_ols_rbf,
    rt_ols_rbf_aug,
    scat_affine,
    scat_affine_aug,
    scat_cnn,
    scat_linear,
    scat_linear_aug,
    scat_local,
    scat_local_aug,
    scat_local_features,
    scat_local_features_aug,
    scat_moments,
    scat_ols_rbf,
    scat_ols_rbf_aug,
    scat_rbf,
    scat_rbf_aug,
    scat_sle,
    scat_wrn,
    scat_wrn_12_2,
    scattering,
    textures_affine,
    textures_multiscale,
    wrn,
    wrn_16_2,
)
from sklearn_scat.recipes._regression import (
    REGRESSIONS,
    moments_rbf,
    of_unit_square,
    pixels_ridge,
    values_linear,
    values_rbf,
)
from sklearn_scat.recipes._resizing import at_size, resized_to
from sklearn_scat.recipes._textures import enlarged, texture_recipe, without_order_0

__all__ = [
    "RECIPES",
    "REGRESSIONS",
    "DaisyTransformer",
    "SmallestSides",
    "at_size",
    "cnn",
    "daisy",
    "daisy_aug",
    "enlarged",
    "find_recipe",
    "frozen_linear",
    "look_up",
    "moments_rbf",
    "of_unit_square",
    "parametric_linear",
    "parametric_wrn",
    "pca",
    "pixels",
    "pixels_ridge",
    "pixels_svm",
    "pixels_svm_aug",
    "resized_to",
    "rt_affine",
    "rt_affine_aug",
    "rt_ols_rbf",
    "rt_ols_rbf_aug",
    "scat_affine",
    "scat_affine_aug",
    "scat_cnn",
    "scat_linear",
    "scat_linear_aug",
    "scat_local",
    "scat_local_aug",
    "scat_local_features",
    "scat_local_features_aug",
    "scat_moments",
    "scat_ols_rbf",
    "scat_ols_rbf_aug",
    "scat_rbf",
    "scat_rbf_aug",
    "scat_sle",
    "scat_wrn",
    "scat_wrn_12_2",
    "scattering",
    "texture_recipe",
    "textures_affine",
    "textures_multiscale",
    "values_linear",
    "values_rbf",
    "without_order_0",
    "wrn",
    "wrn_16_2",
]

settle(__name__)
