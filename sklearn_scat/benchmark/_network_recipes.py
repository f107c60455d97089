"""Recipes of networks: on pixels, over scattering, over learned scattering.

None searches: their settings are those of the papers, or were chosen by folds of
training images. Images are changed at random as they are learned from: colour images
are mirrored and moved, grey ones turned, slanted and moved a little.
"""

from sklearn_scat.benchmark._scattering_recipes import suitable_scale

_CLASSES = 10  # that a number of epochs is reckoned with
_SEEN = 200_000  # images in all, counted as often as they are learned from
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
# Rates of S. Gauthier et al., "Parametric scattering networks", CVPR 2022, in its code.
_PARAMETRIC = {
    "optimizer": "sgd",
    "lr": 0.06,
    "weight_decay": 5e-4,
    "schedule": "one_cycle",
    "optimizer__param_groups": [("*scattering*", {"lr": 0.006})],
}


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
    return _network("SmallCNN", image_shape, random_state)


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
    return _network("scat_cnn", image_shape, random_state, module__J=J)


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
    settings = _of_labels(n_per_class)
    return _network("WideResNet", image_shape, random_state, **settings)


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
    settings = _of_labels(n_per_class) | {"module__J": _scale(image_shape)}
    return _network("scat_wrn", image_shape, random_state, **settings)


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
    return _network(
        "scat_sle",
        image_shape,
        random_state,
        module__J=_scale(image_shape),
        module__width=512,
        module__hidden=(512, 512),
        max_epochs=_epochs(n_per_class),
    )


def parametric_linear(image_shape, n_per_class, random_state):
    """Scattering whose wavelets are learned, before a linear layer.

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
    S. Gauthier et al., "Parametric scattering networks", CVPR 2022, section 4.

    Examples
    --------
    >>> from sklearn_scat.benchmark import RECIPES
    >>> RECIPES["parametric_linear"]((3, 32, 32), 10, 0).lr
    0.06
    """
    return _parametric(
        "parametric_linear", image_shape, n_per_class, random_state=random_state
    )


def parametric_wrn(image_shape, n_per_class, random_state):
    """Scattering whose wavelets are learned, before a wide residual network.

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
    S. Gauthier et al., "Parametric scattering networks", CVPR 2022, section 4.

    Examples
    --------
    >>> from sklearn_scat.benchmark import RECIPES
    >>> RECIPES["parametric_wrn"]((3, 32, 32), 10, 0).max_epochs
    400
    """
    return _parametric(
        "parametric_wrn", image_shape, n_per_class, random_state=random_state
    )


NETWORK_RECIPES = {
    recipe.__name__: recipe
    for recipe in (
        cnn,
        scat_cnn,
        wrn,
        scat_wrn,
        scat_sle,
        parametric_linear,
        parametric_wrn,
    )
}


def _network(name, image_shape, random_state, **settings):
    """Return the classifier around a network of the package."""
    from sklearn_scat import ImageClassifier, nn

    return ImageClassifier(
        getattr(nn, name),
        augment="rotate" if len(image_shape) == 2 else ("flip", "crop"),
        image_shape=image_shape,
        random_state=random_state,
        **settings,
    )


def _parametric(name, image_shape, n_per_class, *, random_state):
    """Return the classifier around a network over learned scattering."""
    settings = _PARAMETRIC | {"max_epochs": _epochs(n_per_class)}
    J = _scale(image_shape)
    return _network(name, image_shape, random_state, module__J=J, **settings)


def _of_labels(n_per_class):
    """Return the settings for few labels or for many."""
    settings = _FEW_LABELS if n_per_class < _FEW else _MANY_LABELS
    return settings | {"max_epochs": _epochs(n_per_class)}


def _epochs(n_per_class):
    """Return how often each image is learned from: 400 times to 30 times."""
    fewest, most = _EPOCHS
    return min(most, max(fewest, _SEEN // (_CLASSES * n_per_class)))


def _scale(image_shape):
    """Return J: 2 as published for 32×32 and 96×96, less for tiny images."""
    return min(2, min(image_shape[-2:]).bit_length() - 1)
