"""Networks of torch as classifiers of scikit-learn, trained by skorch."""

from collections.abc import Callable, Sequence
from functools import partial
from numbers import Real
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    assert_all_finite,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
)

from sklearn_scat._batches import float_dtype, map_batches, on_device, resolve_device
from sklearn_scat._compat import checked_weights, fit_context
from sklearn_scat._images import channels_first, check_images
from sklearn_scat._parameters import whole
from sklearn_scat._public import needed

_PREFIXES = ("module__", "optimizer__")


_PREDICTED = 256  # images of a batch


class ImageClassifier(ClassifierMixin, BaseEstimator):
    """Classify images by a network of torch.

    The network is trained by skorch. Its parameters are parameters of the classifier,
    so that grids search them, and what is fitted is a dictionary of arrays: copies,
    pickles and bundles of a network that was trained on a GPU work without one.

    Parameters
    ----------
    module : class, function or torch.nn.Module, default=None
        What makes the network: it takes images (B, C, H, W) to scores (B, n_classes).
        None is :class:`sklearn_scat.nn.SmallCNN`. It is given `n_classes`, `shape` (H,
        W) and `in_channels` where it has parameters of these names. A network itself
        is copied, and trained from the weights that it has.
    optimizer : {"adamw", "sgd"} or callable, default="adamw"
        "sgd" has Nesterov's momentum of 0.9. Or a class of torch optimizers.
    lr : float, default=0.003
        Learning rate, the largest of the schedule.
    weight_decay : float, default=0.01
        As the optimizer takes it: decoupled from the gradient by "adamw".
    batch_size : int or "auto", default="auto"
        Images of a training step. "auto" is a tenth of the images, from 8 to 64.
    max_epochs : int, default=30
        How often every image is learned from.
    schedule : {"one_cycle", "cosine", "steps"} or None, default="one_cycle"
        "one_cycle" rises in a fifth of the steps and then falls to 0 [1]_, "cosine"
        falls to 0, "steps" falls to a fifth at 30, 60 and 80 % [2]_. None leaves `lr`
        to the callbacks.
    augment : str, callable or sequence of these, default=None
        Random changes of the training images, on their device, new in every epoch:

        - "flip": half are mirrored, left to right;
        - "shift": moved by up to an eighth of the sides, reflected at the border (also
          by its former name, "crop");
        - "affine": turned up to 12°, slanted up to 0.1, moved up to a pixel (formerly
          "rotate");
        - "strong": turned, slanted, zoomed and moved far, contrast and colours
          changed, a rectangle cut out;
        - a function of a batch (B, C, H, W).

        They are for pixels, not for maps of coefficients.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes in the loss.
    validation_fraction : float, default=None
        Part of the images that is not learned from; `history_` then tells the loss and
        the accuracy on it, for callbacks such as skorch's `EarlyStopping`.
    callbacks : list, default=None
        Of skorch; copies of them are called.
    mixed_precision : bool or "auto", default="auto"
        Train in bfloat16 where that is accurate enough. "auto" does on CUDA devices
        that have it. Predictions never are.
    image_shape : tuple (H, W) or (C, H, W), default=None
        Shape of one image, for rows of flattened pixels. None takes the shape from the
        array, and rows for squares.
    device : str, default="auto"
        "auto" is CUDA where torch finds it, else the CPU; or the name of a device.
    random_state : int, RandomState instance or None, default=None
        Draws weights, batches, dropout and random changes. Torch's own generators are
        left as they were.
    verbose : int, default=0
        Above 0, skorch prints a line for every epoch.
    **module_params : dict
        ``module__width=32`` is the parameter `width` of `module`. If that is a class of
        modules too, its own parameters follow: ``module__head__width``.
        ``optimizer__`` leads to those of the optimizer.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels.
    weights_ : dict of str to ndarray
        The state of the network.
    history_ : list of dict
        Of every epoch: ``train_loss`` in nats, ``dur`` in seconds, and more.
    image_shape_ : tuple
        (H, W) or (C, H, W).
    seed_ : int
        What `random_state` gave.
    n_features_in_ : int
        Pixels (times channels) of one image.
    feature_names_in_ : ndarray of str
        Names of the columns, where `fit` saw some.

    Notes
    -----
    Images are learned from in float32. The generators of torch serve one fit of a
    process at a time, others wait.

    References
    ----------
    .. [1] L. N. Smith and N. Topin, "Super-convergence: very fast training of neural
       networks using large learning rates", 2018.
    .. [2] S. Zagoruyko and N. Komodakis, "Wide residual networks", BMVC 2016.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_scat import ImageClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> net = ImageClassifier(max_epochs=5, module__width=16, random_state=0)
    >>> bool(net.fit(X[:500], y[:500]).score(X[1000:], y[1000:]) > 0.85)
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        "module": [None, callable],
        "optimizer": [StrOptions({"adamw", "sgd"}), callable],
        "lr": [Interval(Real, 0, None, closed="left")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "batch_size": [
            StrOptions({"auto"}),
            whole(1),
        ],
        "max_epochs": [whole(1)],
        "schedule": [None, StrOptions({"one_cycle", "cosine", "steps"})],
        "augment": [
            None,
            StrOptions({"flip", "shift", "affine", "strong", "crop", "rotate"}),
            callable,
            list,
            tuple,
        ],
        "class_weight": [None, dict, StrOptions({"balanced"})],
        "validation_fraction": [None, Interval(Real, 0, 1, closed="neither")],
        "callbacks": [None, list, tuple],
        "mixed_precision": ["boolean", StrOptions({"auto"})],
        "image_shape": [None, "array-like"],
        "device": [str],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        module: Any = None,
        *,
        optimizer: Literal["adamw", "sgd"] | Callable[..., Any] = "adamw",
        lr: float = 3e-3,
        weight_decay: float = 0.01,
        batch_size: int | Literal["auto"] = "auto",
        max_epochs: int = 30,
        schedule: Literal["one_cycle", "cosine", "steps"] | None = "one_cycle",
        augment: Any = None,
        class_weight: Any = None,
        validation_fraction: float | None = None,
        callbacks: Any = None,
        mixed_precision: bool | Literal["auto"] = "auto",
        image_shape: Sequence[int] | None = None,
        device: str = "auto",
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
        **module_params: Any,
    ) -> None:
        self.module = module
        self.optimizer = optimizer
        self.lr = lr
        self.weight_decay = weight_decay
        self.batch_size = batch_size
        self.max_epochs = max_epochs
        self.schedule = schedule
        self.augment = augment
        self.class_weight = class_weight
        self.validation_fraction = validation_fraction
        self.callbacks = callbacks
        self.mixed_precision = mixed_precision
        self.image_shape = image_shape
        self.device = device
        self.random_state = random_state
        self.verbose = verbose
        self.__dict__.update(module_params)

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images, or maps of coefficients.
        y : array-like of shape (n,)
            Class labels.
        sample_weight : array-like of shape (n,), default=None
            Weights of the images in the loss, beside those of their classes; one of
            weight 0 has no part.

        Returns
        -------
        self : ImageClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            If the network does not suit the images or the classes, or its weights do
            not stay finite.
        KeyboardInterrupt
            As it comes; the classifier is then fitted as far as it got.
        """
        for module in ("torch", "skorch"):
            needed(module, what="ImageClassifier")
        from sklearn_scat.neural._image_batches import LabelledImages
        from sklearn_scat.neural._net import train
        from sklearn_scat.neural._network import numpy_state, seeded
        from sklearn_scat.neural._training import first_not_finite, plain_history

        self._check_names()
        rows, shape = check_images(self, X, reset=True)
        weight = checked_weights(sample_weight, rows)
        classes, codes, class_weight = self._check_targets(rows, y, weight)
        seed = int(check_random_state(self.random_state).randint(2**31))
        with seeded(seed, resolve_device(self.device)):
            network = self._build(shape, len(classes))
            images = LabelledImages(rows, codes, channels_first(shape), weight=weight)
            net = self._skorch_net(network, images, class_weight, seed=seed)
            interruption = train(net)
            weights = numpy_state(network)
        bad = first_not_finite(weights)
        if bad and not interruption:
            raise ValueError(
                f"The weights {bad} are not finite after training. Take a lr below "
                f"{self.lr}, or bring the images to smaller values."
            )
        self.classes_, self.image_shape_, self.seed_ = classes, shape, seed
        self.weights_, self.history_ = weights, plain_history(net.history)
        if interruption:
            raise interruption
        return self

    def _skorch_net(self, network, images, class_weight, *, seed):
        """Return the net of skorch that trains a network on images."""
        import torch
        from skorch.helper import predefined_split

        from sklearn_scat.neural import _training as training
        from sklearn_scat.neural._image_batches import ImageBatches
        from sklearn_scat.neural._net import StoppableNet

        train, valid = training.split_images(
            images, fraction=self.validation_fraction, seed=seed
        )
        batch_size = training.resolve_batch_size(self.batch_size, len(train))
        device = resolve_device(self.device)
        half = training.half_precision(self.mixed_precision, device)
        callbacks = training.copied(self.callbacks or [])
        training.check_monitored(callbacks, validated=valid is not None)
        if self.schedule:
            n_steps = self.max_epochs * len(ImageBatches(train, batch_size))
            callbacks.append(("schedule", self._rates(n_steps)))
        return StoppableNet(
            training.TrainedNetwork(network, self.augment, half),
            criterion=torch.nn.CrossEntropyLoss(torch.tensor(class_weight).float()),
            lr=self.lr,
            max_epochs=self.max_epochs,
            batch_size=batch_size,
            iterator_train=partial(ImageBatches, seed=seed),
            iterator_valid=ImageBatches,
            dataset=train,
            train_split=valid and predefined_split(valid),
            classes=list(range(len(class_weight))),
            callbacks=callbacks,
            device=device,
            verbose=self.verbose,
            **training.optimizer_settings(
                self.optimizer,
                weight_decay=self.weight_decay,
                params=self._params_of("optimizer__"),
            ),
        )

    def _rates(self, n_steps):
        """Return what sets the learning rate of every batch."""
        from skorch.callbacks import LRScheduler

        from sklearn_scat.neural._learning_rates import SCHEDULES

        policy = partial(SCHEDULES[self.schedule], n_steps=n_steps)
        return LRScheduler(policy, step_every="batch")

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters, those of the network and the optimizer included.

        Parameters
        ----------
        deep : bool, default=True
            Also those of parameters that are estimators.

        Returns
        -------
        params : dict
            By name, as ``lr`` or ``module__width``.
        """
        own = super().get_params(deep)
        # also names that nothing knows, which fit refuses
        more = vars(self).keys() - own.keys()
        more = [n for n in more if not (n.startswith("_") or n.endswith("_"))]
        return own | {name: getattr(self, name) for name in sorted(more)}

    def set_params(self, **params: Any) -> Self:
        """Set parameters, those of the network and the optimizer included.

        Parameters
        ----------
        **params : dict
            By name, as ``lr`` or ``module__width``.

        Returns
        -------
        self : object
            The classifier.
        """
        prefixed = {k: v for k, v in params.items() if k.startswith(_PREFIXES)}
        super().set_params(**{k: v for k, v in params.items() if k not in prefixed})
        self.__dict__.update(prefixed)
        return self

    def decision_function(self, X: ArrayLike) -> NDArray[Any]:
        """Return the scores of the classes, before the softmax.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images of the fitted shape.

        Returns
        -------
        scores : ndarray of shape (n, n_classes), or (n,) for two classes
            Of two classes, that of the second less that of the first.
        """
        scores = self._scores(X)
        return scores[:, 1] - scores[:, 0] if scores.shape[1] == 2 else scores

    def predict_proba(self, X: ArrayLike) -> NDArray[Any]:
        """Return the probabilities of the classes.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images of the fitted shape.

        Returns
        -------
        probabilities : ndarray of shape (n, n_classes)
            Each row sums to 1.
        """
        return softmax(self._scores(X), axis=1)

    def predict_log_proba(self, X: ArrayLike) -> NDArray[Any]:
        """Return the logarithms of the probabilities of the classes.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images of the fitted shape.

        Returns
        -------
        logarithms : ndarray of shape (n, n_classes)
            In nats.
        """
        return log_softmax(self._scores(X), axis=1)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the class of the largest score.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images of the fitted shape.

        Returns
        -------
        y : ndarray of shape (n,)
            Labels of classes.
        """
        codes = self._scores(X).argmax(axis=1)
        return self.classes_[codes]

    def to_torch(self) -> Any:
        """Return the trained network.

        Returns
        -------
        network : torch.nn.Module
            On the CPU, in float32 and in evaluation mode. A new copy at each call.
        """
        needed("torch", what="ImageClassifier")
        from sklearn_scat.neural._network import load_numpy_state, seeded

        check_is_fitted(self)
        with seeded(self.seed_):  # buffers outside the state may be drawn, too
            network = self._build(self.image_shape_, len(self.classes_))
        return load_numpy_state(network, self.weights_)

    def _scores(self, X):
        """Return the scores of the classes (n, n_classes)."""
        import torch

        check_is_fitted(self)
        rows, shape = check_images(self, X, reset=False)
        device = resolve_device(self.device)
        scores = np.empty((len(rows), len(self.classes_)), float_dtype(rows.dtype))
        network = self.to_torch().to(device, getattr(torch, scores.dtype.name))
        map_batches(
            on_device(network, device),
            rows,
            out=scores,
            batch_size=_PREDICTED,
            shapes=(channels_first(shape), scores.shape[1:]),
            device=device,
        )
        return scores.astype(np.float64)

    def _build(self, image_shape, n_classes):
        """Return a new network, its weights drawn."""
        from sklearn_scat.neural._network import build_network
        from sklearn_scat.nn import SmallCNN

        return build_network(
            SmallCNN if self.module is None else self.module,
            self._params_of("module__"),
            image_shape=channels_first(image_shape),
            n_classes=n_classes,
        )

    def _check_targets(self, rows, y, weight):
        """Return the classes, the code of each image's, and the classes' weights."""
        y = column_or_1d(y, warn=True)
        assert_all_finite(y, input_name="y")
        check_classification_targets(y)
        check_consistent_length(rows, y)
        classes, codes = np.unique(y, return_inverse=True)
        own = compute_class_weight(
            self.class_weight, classes=classes, y=y, sample_weight=weight
        )
        return classes, codes, own

    def _params_of(self, prefix):
        """Return the parameters with a prefix, without it."""
        n = len(prefix)
        return {k[n:]: v for k, v in vars(self).items() if k.startswith(prefix)}

    def _check_names(self):
        """Refuse parameters that neither the classifier nor the network has."""
        for name in self.get_params(deep=False):
            if not (name in self._get_param_names() or name.startswith(_PREFIXES)):
                raise TypeError(
                    f"{type(self).__name__} has no parameter {name!r}. Those of the "
                    f"network begin with 'module__', those of the optimizer with "
                    "'optimizer__'."
                )
