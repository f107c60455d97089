"""Recipes of networks: on pixels, over scattering, over learned scattering.

None searches: their settings are those of the papers, or were chosen by folds of
training images. Images are changed at random as they are learned from: colour images
are mirrored and moved, grey ones turned, slanted and moved a little.
"""

from sklearn_scat.benchmark._network_settings import (
    epochs,
    network,
    of_labels,
    scale,
)
from sklearn_scat.benchmark._parametric_recipes import (
    frozen_linear,
    parametric_linear,
    parametric_wrn,
)
from sklearn_scat.benchmark._scattering_recipes import suitable_scale


def cnn(image_shape, n_per_class, random_state):
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
    >>> from sklearn_scat.benchmark import RECIPES
    >>> RECIPES["cnn"]((32, 32), 100, 0).augment
    'rotate'
    """
    return network("SmallCNN", image_shape, random_state)


def scat_cnn(image_shape, n_per_class, random_state):
    """Three convolutions over scattering.

    Parameters
    ----------
    image_shape, n_per_class, random_state
        As for the recipe ``cnn``.

    Returns
    -------
    estimator : ImageClassifier
        Unfitted.

    Examples
    --------
    >>> from sklearn_scat.benchmark import RECIPES
    >>> RECIPES["scat_cnn"]((32, 32), 100, 0).get_params()["module__J"]
    3
    """
    J = suitable_scale(image_shape)
    return network("scat_cnn", image_shape, random_state, module__J=J)


def wrn(image_shape, n_per_class, random_state):
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
    >>> from sklearn_scat.benchmark import RECIPES
    >>> few, many = (RECIPES["wrn"]((3, 32, 32), n, 0) for n in (10, 5000))
    >>> (few.weight_decay, few.batch_size), (many.weight_decay, many.batch_size)
    ((0.0053, 10), (0.0005, 128))
    """
    settings = of_labels(n_per_class)
    return network("WideResNet", image_shape, random_state, **settings)


def scat_wrn(image_shape, n_per_class, random_state):
    """Wide residual network 12-8 over scattering, trained as ``wrn``.

    Parameters
    ----------
    image_shape, n_per_class, random_state
        As for the recipe ``wrn``.

    Returns
    -------
    estimator : ImageClassifier
        Unfitted.

    References
    ----------
    E. Oyallon et al., "Scattering networks for hybrid representation learning", IEEE
    TPAMI 41(9), 2018, section 4.

    Examples
    --------
    >>> from sklearn_scat.benchmark import RECIPES
    >>> RECIPES["scat_wrn"]((3, 32, 32), 100, 0).augment
    ('flip', 'crop')
    """
    settings = of_labels(n_per_class) | {"module__J": scale(image_shape)}
    return network("scat_wrn", image_shape, random_state, **settings)


def wrn_16_2(image_shape, n_per_class, random_state):
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
    >>> from sklearn_scat.benchmark import RECIPES
    >>> RECIPES["wrn_16_2"]((3, 32, 32), 50, 0).max_epochs
    200
    """
    settings = of_labels(n_per_class, briefly=True) | {"module__width": 2}
    if len(image_shape) == 3:
        settings["augment"] = "strong"
    return network("WideResNet", image_shape, random_state, **settings)


def scat_wrn_12_2(image_shape, n_per_class, random_state):
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
    >>> from sklearn_scat.benchmark import RECIPES
    >>> RECIPES["scat_wrn_12_2"]((3, 32, 32), 50, 0).get_params()["module__stem_width"]
    19
    """
    settings = of_labels(n_per_class, briefly=True, lr=0.02) | {
        "module__J": scale(image_shape),
        "module__width": 2,
        "module__stem_width": 19,
    }
    return network("scat_wrn", image_shape, random_state, **settings)


def scat_sle(image_shape, n_per_class, random_state):
    """One perceptron for all positions of scattering, and two more layers.

    Parameters
    ----------
    image_shape, n_per_class, random_state
        As for the recipe ``cnn``.

    Returns
    -------
    estimator : ImageClassifier
        Unfitted.

    References
    ----------
    E. Oyallon, E. Belilovsky and S. Zagoruyko, "Scaling the scattering transform: deep
    hybrid networks", ICCV 2017, section 3, with fewer channels.

    Examples
    --------
    >>> from sklearn_scat.benchmark import RECIPES
    >>> RECIPES["scat_sle"]((3, 32, 32), 100, 0).get_params()["module__width"]
    512
    """
    return network(
        "scat_sle",
        image_shape,
        random_state,
        module__J=scale(image_shape),
        module__width=512,
        module__hidden=(512, 512),
        max_epochs=epochs(n_per_class),
    )


NETWORK_RECIPES = {
    recipe.__name__: recipe
    for recipe in (
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
