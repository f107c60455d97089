"""An order on the channels of a layer, where none was given."""

from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from sklearn_scat._array_likes import as_array
from sklearn_scat._compat import check_feature_names_in, fit_context
from sklearn_scat._parameters import whole
from sklearn_scat.questionnaire._affinity import at_neighbor_scales
from sklearn_scat.questionnaire._correlation import (
    correlation_distances,
    correlations,
    gaussian_of_distances,
)
from sklearn_scat.questionnaire._diffusion import diffusion_map
from sklearn_scat.questionnaire._flexible import flexible_tree
from sklearn_scat.questionnaire._leaves import order_leaves
from sklearn_scat.questionnaire._path import short_path
from sklearn_scat.questionnaire._variation import steps_between, variation_of_steps

__all__ = ["LayerOrganiser"]


class LayerOrganiser(TransformerMixin, BaseEstimator):
    r"""Put the channels of a layer in an order along which the layer is smooth.

    The channels of a network come in no order, but what they answer to images gives
    them a geometry: channel v is a question put to each image and position. Two
    channels are near if their answers correlate, :math:`d^2 = 2(1 - ρ)`. The diffusion
    map of a Gaussian of these distances, at the scale of their median in a tree and of
    each channel's neighbours elsewhere, places the channels on a line, on a circle, or
    in a tree [1]_; or they are joined by a short path.

    Parameters
    ----------
    geometry : {"tree", "path", "line", "circle"}, default="tree"
        - "tree": the leaves of a flexible tree, in the order in which neighbours
          are nearest (:func:`~sklearn_scat.questionnaire.order_leaves`);
        - "path": a short path through all channels, from the order of that tree by
          local changes; a tree is not kept. Smoother than its leaves;
        - "line": by the first diffusion coordinate;
        - "circle": by the angle of the first two: for channels that return to where
          they began, as orientations do. It begins with channel 0.
    affinity : {"correlation", "absolute_correlation"}, default="correlation"
        Whether channels that oppose each other, as responses to a filter and to its
        negative do, are far apart, or alike: then \|ρ\| stands for ρ, and the
        variations are those of centred channels, each step the smaller of those with
        either sign.
    n_channels : int, default=None
        Where X comes as rows, channel by channel (as
        :class:`~sklearn_scat.ScatteringTransformer` writes them), the number of
        channels; None takes every column for one.
    n_permutations : int, default=50
        Number of random orders that the order is held against.
    random_state : int, default=0
        Their seed. The order itself does not depend on it.

    Attributes
    ----------
    order_ : ndarray of int of shape (n_channels_,)
        The channels, from first to last.
    variation_ : float
        Total variation along the order, over its mean along random ones:
        below 1 if the order is smoother than chance. On the circle the step from the
        last channel to the first counts.
    variation_before_ : float
        The same for the order in which the channels came.
    random_variations_ : ndarray of shape (n_permutations,)
        The same for the random orders; their mean is 1.
    embedding_ : ndarray of shape (n_channels_, n_vectors)
        Diffusion coordinates of the channels.
    tree_ : PartitionTree
        With ``geometry="tree"`` or "path" only.
    n_channels_ : int
        Number of channels.
    n_features_in_ : int
        Number of values of one sample, channels and positions.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, where X had string names.

    See Also
    --------
    Questionnaire : Organises rows and columns by each other.

    References
    ----------
    .. [1] R. R. Coifman and M. Gavish, "Harmonic analysis of digital data bases", in
       *Wavelets and Multiscale Analysis*, Birkhäuser, 2011.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat import LayerOrganiser
    >>> shuffled = np.random.default_rng(0).permutation(12)
    >>> places = np.random.default_rng(1).uniform(0, 12, 500)
    >>> turn = 2 * np.pi / 12
    >>> X = np.exp(np.cos(turn * (places[:, None] - shuffled)))  # (samples, channels)
    >>> organiser = LayerOrganiser("circle").fit(X)
    >>> steps = np.diff(shuffled[organiser.order_]) % 12
    >>> sorted(set(steps.tolist())) in ([1], [11])
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        "geometry": [StrOptions({"tree", "path", "line", "circle"})],
        "affinity": [StrOptions({"correlation", "absolute_correlation"})],
        "n_channels": [whole(1), None],
        "n_permutations": [whole(1)],
        "random_state": [whole(0)],
    }

    def __init__(
        self,
        geometry: Literal["tree", "path", "line", "circle"] = "tree",
        *,
        affinity: Literal["correlation", "absolute_correlation"] = "correlation",
        n_channels: int | None = None,
        n_permutations: int = 50,
        random_state: int = 0,
    ) -> None:
        self.geometry = geometry
        self.affinity = affinity
        self.n_channels = n_channels
        self.n_permutations = n_permutations
        self.random_state = random_state

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Find the order of the channels.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_channels, ...) or (n_samples, n_features)
            Answers of the channels to samples, at positions or not.
        y : None
            Not used.

        Returns
        -------
        self : LayerOrganiser
            The fitted organiser.

        Raises
        ------
        ValueError
            If rows do not divide into `n_channels`, or X has another number of
            channels.
        """
        rows, shape = self._rows(X, reset=True)
        self.n_channels_ = self._count_channels(shape)
        answers = rows.reshape(len(rows), self.n_channels_, -1).swapaxes(0, 1)
        answers = answers.reshape(self.n_channels_, -1).astype(np.float64)
        absolute = self.affinity == "absolute_correlation"
        distances = correlation_distances(correlations(answers), absolute=absolute)
        tree = self.geometry in ("tree", "path")
        diffusion = diffusion_map(
            gaussian_of_distances(distances)
            if tree
            else at_neighbor_scales(distances**2)
        )
        self.embedding_ = diffusion.coordinates
        if tree:
            self.tree_ = order_leaves(flexible_tree(diffusion), distances)
            self.order_ = self.tree_.order
            if self.geometry == "path":
                self.order_ = short_path(distances, [self.tree_.order])
        else:
            order = _by_angle if self.geometry == "circle" else _by_rank
            self.order_ = order(self.embedding_)
        self._measure(answers)
        return self

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Put the channels in order.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_channels, ...) or (n_samples, n_features)
            As in `fit`.

        Returns
        -------
        X : ndarray of the shape of X
            The same answers, their channels in the order of `order_`.
        """
        check_is_fitted(self)
        return self._take(X, self.order_)

    def inverse_transform(self, X: ArrayLike) -> NDArray[Any]:
        """Put ordered channels back where they were.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_channels, ...) or (n_samples, n_features)
            What `transform` returns.

        Returns
        -------
        X : ndarray of the shape of X
            The channels in the order they came in.
        """
        check_is_fitted(self)
        return self._take(X, np.argsort(self.order_))

    def get_feature_names_out(
        self, input_features: ArrayLike | None = None
    ) -> NDArray[Any]:
        """Names of the values in the new order.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the values as they came; None takes those seen in `fit`, or x0, x1
            and so on.

        Returns
        -------
        names : ndarray of str of shape (n_features_in_,)
            The same names, reordered.
        """
        check_is_fitted(self)
        names = check_feature_names_in(self, input_features)
        return names.reshape(self.n_channels_, -1)[self.order_].reshape(-1)

    def _take(self, X, order):
        rows, shape = self._rows(X, reset=False)
        folded = rows.reshape(len(rows), self.n_channels_, -1)
        return folded[:, order].reshape(len(rows), *shape)

    def _rows(self, X, *, reset):
        """Return one row a sample, and the shape of one sample."""
        X = as_array(X)
        shape = X.shape[1:] if getattr(X, "ndim", 2) > 2 else None
        if shape is not None:
            if 0 in shape:
                raise ValueError(f"X of shape {X.shape} has no values.")
            if not reset and shape[0] != self.n_channels_:
                raise ValueError(
                    f"X of shape {X.shape} has {shape[0]} channels, but fit saw "
                    f"{self.n_channels_}."
                )
            X = X.reshape(len(X), -1)
        X = validate_data(self, X, dtype=[np.float64, np.float32], reset=reset)
        return X, shape or X.shape[1:]

    def _count_channels(self, shape):
        """Return the number of channels of a sample of this shape."""
        wanted = self.n_channels or shape[0]
        if len(shape) > 1 and wanted != shape[0]:
            raise ValueError(
                f"X has {shape[0]} channels a sample, but n_channels={wanted}."
            )
        if shape[0] % wanted:
            raise ValueError(
                f"{shape[0]} values a sample do not divide into n_channels={wanted}."
            )
        return int(wanted)

    def _measure(self, answers):
        """Hold the order against random ones."""
        settings = {
            "circular": self.geometry == "circle",
            "n_permutations": self.n_permutations,
            "random_state": self.random_state,
        }
        steps = steps_between(answers, absolute=self.affinity == "absolute_correlation")
        variation = variation_of_steps(steps, self.order_, **settings)
        mean = variation.random.mean()
        self.variation_ = variation.ratio
        self.variation_before_ = variation_of_steps(steps, **settings).ratio
        self.random_variations_ = (
            variation.random / mean if mean > 0 else np.ones(self.n_permutations)
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _by_rank(embedding):
    order = np.argsort(embedding[:, 0], kind="stable")
    return order if order[0] <= order[-1] else order[::-1]


def _by_angle(embedding):
    if embedding.shape[1] < 2:  # up to three channels: any order is the circle's
        return np.arange(len(embedding))
    order = np.argsort(np.arctan2(embedding[:, 1], embedding[:, 0]), kind="stable")
    order = np.roll(order, -int(np.argmin(order)))
    return order if order[1] <= order[-1] else np.r_[order[0], order[:0:-1]]


LayerOrganizer = LayerOrganiser  # the former spelling
