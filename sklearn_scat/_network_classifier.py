"""A classifier of images around a network: its parameters, labels and predictions."""

import numpy as np
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    assert_all_finite,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
)

from sklearn_scat._batches import float_dtype, map_batches, on_device, resolve_device
from sklearn_scat._check import check_images

_PREFIXES = ("module__", "optimizer__")
_PREDICTED = 256  # images of a batch


class NetworkClassifier(ClassifierMixin, BaseEstimator):
    """Keep the contract of a classifier around the arrays of a network's state.

    A subclass has the parameters `module`, `image_shape`, `device` and `class_weight`;
    its `fit` sets ``classes_``, ``image_shape_``, ``seed_`` and ``weights_``.
    """

    def get_params(self, deep=True):
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
        more = [name for name in more if not name.startswith("_") | name.endswith("_")]
        return own | {name: getattr(self, name) for name in sorted(more)}

    def set_params(self, **params):
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
        vars(self).update(prefixed)
        return self

    def decision_function(self, X):
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

    def predict_proba(self, X):
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

    def predict_log_proba(self, X):
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

    def predict(self, X):
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

    def to_torch(self):
        """Return the trained network.

        Returns
        -------
        network : torch.nn.Module
            On the CPU, in float32 and in evaluation mode. A new copy at each call.
        """
        from sklearn_scat._network import load_numpy_state, seeded

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
        from sklearn_scat._network import build_network
        from sklearn_scat.nn import SmallCNN

        return build_network(
            SmallCNN if self.module is None else self.module,
            self._params_of("module__"),
            image_shape=channels_first(image_shape),
            n_classes=n_classes,
        )

    def _check_targets(self, rows, y):
        """Return the classes, the code of each image's, and the classes' weights."""
        y = column_or_1d(y, warn=True)
        assert_all_finite(y, input_name="y")
        check_classification_targets(y)
        check_consistent_length(rows, y)
        classes, codes = np.unique(y, return_inverse=True)
        weight = compute_class_weight(self.class_weight, classes=classes, y=y)
        return classes, codes, weight

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


def channels_first(image_shape):
    """Return (C, H, W) for (H, W) or (C, H, W)."""
    return image_shape if len(image_shape) == 3 else (1, *image_shape)
