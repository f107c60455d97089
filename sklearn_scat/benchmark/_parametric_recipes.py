"""Recipes of networks over learned scattering."""

from sklearn_scat.benchmark._network_settings import epochs, network, scale

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


def frozen_linear(image_shape, n_per_class, random_state):
    """Train the linear layer of ``parametric_linear`` alone: its published control.

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


def _parametric(name, image_shape, n_per_class, *, random_state, **settings):
    """Return the classifier around a network over learned scattering."""
    settings = _PARAMETRIC | {"max_epochs": epochs(n_per_class)} | settings
    J = scale(image_shape)
    return network(name, image_shape, random_state, module__J=J, **settings)
