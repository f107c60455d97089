"""All recipes by their names."""

from collections.abc import Callable
from typing import Any

from sklearn_scat.recipes._baselines import daisy, pixels_svm
from sklearn_scat.recipes._copied import (
    daisy_aug,
    pixels_svm_aug,
    rt_affine_aug,
    rt_ols_rbf_aug,
    scat_affine_aug,
    scat_linear_aug,
    scat_local_aug,
    scat_local_features_aug,
    scat_ols_rbf_aug,
    scat_rbf_aug,
)
from sklearn_scat.recipes._linear import pca, pixels, scattering
from sklearn_scat.recipes._local import scat_local, scat_local_features
from sklearn_scat.recipes._lookup import look_up
from sklearn_scat.recipes._networks import (
    cnn,
    frozen_linear,
    parametric_linear,
    parametric_wrn,
    scat_cnn,
    scat_sle,
    scat_wrn,
    scat_wrn_12_2,
    wrn,
    wrn_16_2,
)
from sklearn_scat.recipes._rotation import rt_affine, rt_ols_rbf
from sklearn_scat.recipes._scattering import (
    scat_affine,
    scat_linear,
    scat_ols_rbf,
    scat_rbf,
)
from sklearn_scat.recipes._textures import (
    scat_moments,
    textures_affine,
    textures_multiscale,
)

RECIPES = {
    recipe.__name__: recipe
    for recipe in (
        scattering,
        pixels,
        pca,
        pixels_svm,
        daisy,
        scat_linear,
        scat_rbf,
        scat_local,
        scat_local_features,
        scat_affine,
        scat_ols_rbf,
        rt_affine,
        rt_ols_rbf,
        pixels_svm_aug,
        daisy_aug,
        scat_linear_aug,
        scat_rbf_aug,
        scat_local_aug,
        scat_local_features_aug,
        scat_affine_aug,
        scat_ols_rbf_aug,
        rt_affine_aug,
        rt_ols_rbf_aug,
        textures_affine,
        textures_multiscale,
        scat_moments,
        cnn,
        scat_cnn,
        wrn,
        scat_wrn,
        wrn_16_2,
        scat_wrn_12_2,
        scat_sle,
        parametric_linear,
        frozen_linear,
        parametric_wrn,
    )
}


def find_recipe(name: str) -> Callable[..., Any]:
    """Return a recipe by its name, or by ``module:function`` in the user's own code.

    Raises
    ------
    ValueError
        If there is none.

    Examples
    --------
    >>> from sklearn_scat.recipes import find_recipe
    >>> find_recipe("pca").__name__
    'pca'
    """
    recipe = look_up(name, RECIPES, kind="recipe")
    if not callable(recipe):
        raise ValueError(f"{name} is a {type(recipe).__name__}, not a function.")
    return recipe
