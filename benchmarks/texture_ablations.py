r"""The variants of texture classification behind `recipes.textures_affine`.

Named by their parts: `translation`, `rigid` or `complete` scattering, or `both` of the
first two; the `log` or the `sqrt` of the means; `dilated`, the features being averaged
over four sizes, or `multiscale`, where the classifier learns from the four sizes one by
one and sums its decisions over those of a test image; and `affine` spaces of a
dimension that follows from the number of images, `affine_cv` of one by
cross-validation, or `svm`.

In this folder,

    sklearn-scat bench kth-tips --data DIR \
        --recipes texture_ablations:rigid_log_affine,textures_affine

makes rows of the table in `docs/benchmarks/textures`.
"""

from sklearn_scat.recipes import texture_recipe

translation_log_affine = texture_recipe("translation", "log")
translation_sqrt_affine = texture_recipe("translation", "sqrt")
translation_log_dilated_affine = texture_recipe("translation", "log", copies="dilated")
translation_sqrt_dilated_affine = texture_recipe(
    "translation", "sqrt", copies="dilated"
)
translation_sqrt_multiscale_affine = texture_recipe(
    "translation", "sqrt", copies="multiscale"
)
translation_sqrt_multiscale_affine_cv = texture_recipe(
    "translation", "sqrt", copies="multiscale", classifier="affine_cv"
)
translation_sqrt_multiscale_svm = texture_recipe(
    "translation", "sqrt", copies="multiscale", classifier="svm"
)
rigid_log_affine = texture_recipe("rigid", "log")
rigid_sqrt_affine = texture_recipe("rigid", "sqrt")
rigid_log_dilated_affine = texture_recipe("rigid", "log", copies="dilated")
rigid_sqrt_dilated_affine = texture_recipe("rigid", "sqrt", copies="dilated")
rigid_sqrt_multiscale_affine = texture_recipe("rigid", "sqrt", copies="multiscale")
rigid_sqrt_multiscale_affine_cv = texture_recipe(
    "rigid", "sqrt", copies="multiscale", classifier="affine_cv"
)
rigid_sqrt_multiscale_svm = texture_recipe(
    "rigid", "sqrt", copies="multiscale", classifier="svm"
)
complete_log_affine = texture_recipe("complete", "log")
complete_sqrt_affine = texture_recipe("complete", "sqrt")
complete_sqrt_multiscale_affine = texture_recipe(
    "complete", "sqrt", copies="multiscale"
)
both_sqrt_multiscale_affine = texture_recipe("both", "sqrt", copies="multiscale")
