"""Recipes of networks: on pixels, over scattering, over learned scattering.

The networks are those of `sklearn_scat.nn`, whose functions of the same names build
them; a recipe is the classifier around one, with its training. None searches: their
settings are those of the papers, or were chosen by folds of
training images. Images are changed at random as they are learned from: colour images
are mirrored and moved, grey ones turned, slanted and moved a little.
"""

from collections.abc import Sequence
from typing import Any

from sklearn_scat.recipes._scales import network_scale, suitable_scale

_CLASSES = 10  # that a number of epochs is reckoned with


_SEEN = 200_000  # images in all, counted as often as they are learned from


_SEEN_BRIEFLY = 100_000  # by what is to train on a CPU


_EPOCHS = (30, 400)  # fewest and most


_FEW = 500  # images of a class below which the settings for few labels are taken


# Weight decay and batch that L. Brigato et al., "Tune it or don't use it: benchmarking
# data-efficient image classification", ICCV workshops 2021, found for a WRN-16-8.
_FEW_LABELS = {
    "optimizer": "sgd",
    "lr": 4.5e-3,
    "weight_decay": 5.3e-3,
    "batch_size": 10,
    "schedule": "cosine",
}


# S. Zagoruyko and N. Komodakis, "Wide residual networks", BMVC 2016, section 3.
_MANY_LABELS = {
    "optimizer": "sgd",
    "lr": 0.1,
    "weight_decay": 5e-4,
    "batch_size": 128,
    "schedule": "steps",
}


def network(name, image_shape, random_state, **settings):
    """Return the classifier around a network of the package."""
    from sklearn_scat import nn
    from sklearn_scat.neural import ImageClassifier

    changes = "affine" if len(image_shape) == 2 else ("flip", "shift")
    return ImageClassifier(
        getattr(nn, name),
        image_shape=image_shape,
        random_state=random_state,
        **{"augment": changes, **settings},
    )


def of_labels(n_per_class, *, briefly=False, **few):
    """Return the settings for few labels, some of them others, or for many."""
    settings = _FEW_LABELS | few if n_per_class < _FEW else _MANY_LABELS
    return settings | {"max_epochs": epochs(n_per_class, briefly=briefly)}


def epochs(n_per_class, *, briefly=False):
    """Return how often each image is learned from: 400 times to 30 times."""
    fewest, most = _EPOCHS
    seen = _SEEN_BRIEFLY if briefly else _SEEN
    return min(most, max(fewest, seen // (_CLASSES * n_per_class)))


def cnn(image_shape: Sequence[int], n_per_class: int, random_state: int) -> Any:
    """Three convolutions on pixels, which train in seconds.

    Parameters
    ----------
    image_shape : tuple (H, W) or (C, H, W)
        Shape of one image.
    n_per_class : int
        Training images of each class.
    random_state : int
        For weights, batches and random changes.

    Returns
    -------
    estimator : ImageClassifier
        Unfitted.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> RECIPES["cnn"]((32, 32), 100, 0).augment
    'affine'
    """
    return network("SmallCNN", image_shape, random_state)


def scat_cnn(image_shape: Sequence[int], n_per_class: int, random_state: int) -> Any:
    """Three convolutions over scattering.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> RECIPES["scat_cnn"]((32, 32), 100, 0).get_params()["module__J"]
    3
    """
    J = suitable_scale(image_shape)
    return network("scat_cnn", image_shape, random_state, module__J=J)


def wrn(image_shape: Sequence[int], n_per_class: int, random_state: int) -> Any:
    """Wide residual network 16-8 on pixels, tuned for few labels where they are.

    Parameters
    ----------
    image_shape, n_per_class, random_state
        As for the recipe ``cnn``. Below 500 images a class: batches of 10 and a weight
        decay of 5.3e-3.

    Returns
    -------
    estimator : ImageClassifier
        Unfitted.

    References
    ----------
    L. Brigato et al., "Tune it or don't use it: benchmarking data-efficient image
    classification", ICCV workshops 2021.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> few, many = (RECIPES["wrn"]((3, 32, 32), n, 0) for n in (10, 5000))
    >>> (few.weight_decay, few.batch_size), (many.weight_decay, many.batch_size)
    ((0.0053, 10), (0.0005, 128))
    """
    settings = of_labels(n_per_class)
    return network("WideResNet", image_shape, random_state, **settings)


def scat_wrn(image_shape: Sequence[int], n_per_class: int, random_state: int) -> Any:
    """Wide residual network 12-8 over scattering, trained as ``wrn``.

    References
    ----------
    E. Oyallon et al., "Scattering networks for hybrid representation learning", IEEE
    TPAMI 41(9), 2018, section 4.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> RECIPES["scat_wrn"]((3, 32, 32), 100, 0).augment
    ('flip', 'shift')
    """
    settings = of_labels(n_per_class) | {"module__J": network_scale(image_shape)}
    return network("scat_wrn", image_shape, random_state, **settings)


def wrn_16_2(image_shape: Sequence[int], n_per_class: int, random_state: int) -> Any:
    """Wide residual network 16-2 on pixels: a ``wrn`` that a CPU trains in minutes.

    Colour images are changed strongly, which did best of six settings on a draw of 100.

    Parameters
    ----------
    image_shape, n_per_class, random_state
        As for the recipe ``wrn``.

    Returns
    -------
    estimator : ImageClassifier
        Unfitted. For RGB images its network has 692,122 weights.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> RECIPES["wrn_16_2"]((3, 32, 32), 50, 0).max_epochs
    200
    """
    settings = of_labels(n_per_class, briefly=True) | {"module__width": 2}
    if len(image_shape) == 3:
        settings["augment"] = "strong"
    return network("WideResNet", image_shape, random_state, **settings)


def scat_wrn_12_2(
    image_shape: Sequence[int], n_per_class: int, random_state: int
) -> Any:
    """Wide residual network 12-2 over scattering, as large as ``wrn_16_2``.

    For few labels it learns at four times the rate, which did best of five settings.

    Parameters
    ----------
    image_shape, n_per_class, random_state
        As for the recipe ``wrn``.

    Returns
    -------
    estimator : ImageClassifier
        Unfitted. For RGB images its network has 691,841 weights.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> RECIPES["scat_wrn_12_2"]((3, 32, 32), 50, 0).get_params()["module__stem_width"]
    19
    """
    settings = of_labels(n_per_class, briefly=True, lr=0.02) | {
        "module__J": network_scale(image_shape),
        "module__width": 2,
        "module__stem_width": 19,
    }
    return network("scat_wrn", image_shape, random_state, **settings)


def scat_sle(image_shape: Sequence[int], n_per_class: int, random_state: int) -> Any:
    """One perceptron for all positions of scattering, and two more layers.

    References
    ----------
    E. Oyallon, E. Belilovsky and S. Zagoruyko, "Scaling the scattering transform: deep
    hybrid networks", ICCV 2017, section 3, with fewer channels.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> RECIPES["scat_sle"]((3, 32, 32), 100, 0).get_params()["module__width"]
    512
    """
    return network(
        "scat_sle",
        image_shape,
        random_state,
        module__J=network_scale(image_shape),
        module__width=512,
        module__hidden=(512, 512),
        max_epochs=epochs(n_per_class),
    )


# Published rates (Gauthier et al., "Parametric scattering networks", 2022): 0.06, and
# 0.006 for wavelets. Without their strong changes of images the losses of a linear
# layer then reach 50 nats, and frequencies overflow: both learn more slowly here.
_PARAMETRIC = {
    "optimizer": "sgd",
    "lr": 0.06,
    "weight_decay": 5e-4,
    "schedule": "one_cycle",
    "optimizer__param_groups": [("*scattering*", {"lr": 0.002})],
}


_LINEAR_RATE = 0.002


def parametric_linear(
    image_shape: Sequence[int], n_per_class: int, random_state: int
) -> Any:
    """Scattering whose wavelets are learned, before a linear layer.

    References
    ----------
    S. Gauthier et al., "Parametric scattering networks", CVPR 2022, section 4.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> RECIPES["parametric_linear"]((3, 32, 32), 10, 0).max_epochs
    400
    """
    return _parametric(
        "parametric_linear",
        image_shape,
        n_per_class,
        random_state=random_state,
        lr=_LINEAR_RATE,
        max_epochs=epochs(n_per_class, briefly=True),
    )


def frozen_linear(
    image_shape: Sequence[int], n_per_class: int, random_state: int
) -> Any:
    """Train the linear layer of ``parametric_linear`` alone: its published control.

    References
    ----------
    S. Gauthier et al., "Parametric scattering networks", CVPR 2022, section 4.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> RECIPES["frozen_linear"]((3, 32, 32), 10, 0).get_params()["module__frozen"]
    True
    """
    return _parametric(
        "parametric_linear",
        image_shape,
        n_per_class,
        random_state=random_state,
        lr=_LINEAR_RATE,
        max_epochs=epochs(n_per_class, briefly=True),
        module__frozen=True,
        optimizer__param_groups=[],
    )


def parametric_wrn(
    image_shape: Sequence[int], n_per_class: int, random_state: int
) -> Any:
    """Scattering whose wavelets are learned, before a wide residual network.

    References
    ----------
    S. Gauthier et al., "Parametric scattering networks", CVPR 2022, section 4.

    Examples
    --------
    >>> from sklearn_scat.recipes import RECIPES
    >>> RECIPES["parametric_wrn"]((3, 32, 32), 10, 0).max_epochs
    400
    """
    return _parametric(
        "parametric_wrn", image_shape, n_per_class, random_state=random_state
    )


def _parametric(name, image_shape, n_per_class, *, random_state, **settings):
    """Return the classifier around a network over learned scattering."""
    settings = _PARAMETRIC | {"max_epochs": epochs(n_per_class)} | settings
    J = network_scale(image_shape)
    return network(name, image_shape, random_state, module__J=J, **settings)
