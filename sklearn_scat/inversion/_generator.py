"""Images from white noise: a decoder of whitened scattering coefficients."""

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    clone,
)
from sklearn.decomposition import PCA
from sklearn.utils import check_array, check_random_state
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.validation import check_is_fitted

from sklearn_scat._compat import fit_context
from sklearn_scat._images import channels_first, check_images
from sklearn_scat._public import needed
from sklearn_scat.inversion._decoder import Decoder
from sklearn_scat.inversion._interpolation import compared
from sklearn_scat.neural._network import load_numpy_state, numpy_state, seeded
from sklearn_scat.transformers import ScatteringTransformer

_ROUNDING = 1e-10  # of the largest variance: components below are noise
_AT_ONCE = 256  # images that the decoder makes in one batch


class ScatteringGenerator(
    ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator
):
    r"""Generate images from white noise, by inverting a scattering transform.

    Scattering coefficients of the training images are reduced to whitened principal
    components, :math:`z = \Lambda^{-1/2} V^\top (S_J x - \mu)`, and a convolutional
    network G learns to undo it,

    .. math:: \min_G \sum_i \|x_i - G(z_i)\|_1 .

    There is no discriminator, and no encoder to learn. :math:`S_J` varies little under
    deformations, so that G makes of the line between two z a deformation from one image
    to the other, as far as the training images tell.

    Parameters
    ----------
    scattering : transformer, default=None
        Unfitted; None is ``ScatteringTransformer(J=2)``.
    n_components : int, default=64
        Largest dimension of z. Fewer where the training images lie in less.
    width : int, default=16
        Channels of the network at the size of the images; twice as many at half of it,
        and so on.
    max_epochs : int, default=30
        Passes over the training images.
    lr : float, default=3e-3
        Learning rate of Adam at first; it falls to 0 along a cosine.
    batch_size : int, default=32
        Images of a step.
    image_shape : tuple (H, W) or (C, H, W), default=None
        Of the rows, where these are flat; None takes squares.
    random_state : int, RandomState instance or None, default=None
        Draws the first weights and the order of the images.
    verbose : int, default=0
        Above 0, print the loss of every pass.

    Attributes
    ----------
    scattering_ : transformer
        Fitted.
    pca_ : PCA
        Whitens its coefficients.
    weights_ : dict of str to ndarray
        Of the network.
    loss_ : ndarray of shape (max_epochs,)
        Mean absolute error of each pass, over the deviation of the pixels.
    mean_, scale_ : float
        Mean and deviation of the pixels.
    range_ : tuple of float
        Smallest and largest pixel that was seen; generated images keep to it.
    image_shape_ : tuple
        (H, W) or (C, H, W).
    n_features_in_ : int
        Pixels (times channels) of one image.

    See Also
    --------
    reconstruct : One image from its coefficients, without training.

    Notes
    -----
    The paper reduces 128×128 images at J = 4 to 512 components, and trains a network of
    five upsampling layers; this one is for small images on a CPU.

    References
    ----------
    .. [1] T. Angles and S. Mallat, "Generative networks as inverse problems with
       scattering transforms", ICLR 2018, section 2.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_scat.inversion import ScatteringGenerator
    >>> X = load_digits().images[:200]
    >>> generator = ScatteringGenerator(max_epochs=2, width=4, random_state=0).fit(X)
    >>> generator.sample(3, random_state=0).shape
    (3, 8, 8)
    >>> generator.transform(X).shape, generator.reconstruct(X).shape
    ((200, 64), (200, 8, 8))
    """

    _parameter_constraints: ClassVar[dict] = {
        "scattering": [None, HasMethods(["fit", "transform"])],
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "width": [Interval(Integral, 1, None, closed="left")],
        "max_epochs": [Interval(Integral, 1, None, closed="left")],
        "lr": [Interval(Real, 0, None, closed="neither")],
        "batch_size": [Interval(Integral, 2, None, closed="left")],
        "image_shape": [None, "array-like"],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        scattering: Any = None,
        *,
        n_components: int = 64,
        width: int = 16,
        max_epochs: int = 30,
        lr: float = 3e-3,
        batch_size: int = 32,
        image_shape: Sequence[int] | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ) -> None:
        self.scattering = scattering
        self.n_components = n_components
        self.width = width
        self.max_epochs = max_epochs
        self.lr = lr
        self.batch_size = batch_size
        self.image_shape = image_shape
        self.random_state = random_state
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Learn the components of images, and the network that undoes them.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Training images, two or more.
        y : None
            Ignored.

        Returns
        -------
        self : ScatteringGenerator
            The fitted generator.

        Raises
        ------
        ValueError
            If there are fewer than two images, or they are no images.
        """
        needed("skorch", what="ScatteringGenerator")
        rows, self.image_shape_ = check_images(self, X, reset=True)
        if len(rows) < 2:
            raise ValueError(
                "Found array with 1 sample(s), n_samples=1, while a minimum of 2 is "
                "required by ScatteringGenerator: one image varies along nothing."
            )
        x = rows.reshape(len(rows), *self.image_shape_)
        self.mean_, self.scale_ = float(rows.mean()), float(rows.std()) or 1.0
        self.range_ = float(rows.min()), float(rows.max())
        given = self.scattering
        scattering = ScatteringTransformer(J=2) if given is None else clone(given)
        if given is None and self.image_shape is None:
            x = X  # so that its J is lowered where a square of few pixels was inferred
        S = np.asarray(scattering.fit_transform(x))
        self.scattering_ = scattering
        self.pca_ = whitening(S.reshape(len(S), -1), self.n_components)
        seed = int(check_random_state(self.random_state).randint(2**31))
        with seeded(seed):
            self._train(self._components(S), (rows - self.mean_) / self.scale_)
        return self

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Return the whitened components z of images.

        Parameters
        ----------
        X : array-like of n images
            As of `fit`.

        Returns
        -------
        z : ndarray of shape (n, d)
            Of mean 0 and covariance I over the training images.
        """
        check_is_fitted(self)
        rows, _ = check_images(self, X, reset=False)
        x = rows.reshape(len(rows), *self.image_shape_)
        return self._components(np.asarray(self.scattering_.transform(x)))

    def generate(self, z: ArrayLike) -> NDArray[Any]:
        """Return the images of vectors.

        Parameters
        ----------
        z : array-like of shape (n, d)
            As of `transform`.

        Returns
        -------
        images : ndarray of shape (n, H, W) or (n, C, H, W)
            In the units of the training images, within their range; float32.

        Raises
        ------
        ValueError
            If z has another number of columns.
        """
        check_is_fitted(self)
        z = check_array(z, dtype=np.float32, input_name="z")
        d = self.pca_.n_components_
        if z.shape[1] != d:
            raise ValueError(
                f"z must have {d} columns, as of transform; got {z.shape}."
            )
        network = load_numpy_state(self._decoder(), self.weights_).eval()
        with torch.no_grad():
            parts = [network(part) for part in torch.from_numpy(z).split(_AT_ONCE)]
        images = torch.cat(parts).numpy() * self.scale_ + self.mean_
        return images.clip(*self.range_).reshape(len(z), *self.image_shape_)

    def inverse_transform(self, z: ArrayLike) -> NDArray[Any]:
        """Return the images of vectors, as `generate`.

        Parameters
        ----------
        z : array-like of shape (n, d)
            As of `transform`.

        Returns
        -------
        images : ndarray of shape (n, H, W) or (n, C, H, W)
            Images.
        """
        return self.generate(z)

    def sample(
        self, n: int, *, random_state: int | np.random.RandomState | None = None
    ) -> NDArray[Any]:
        """Return images of Gaussian white noise.

        Parameters
        ----------
        n : int
            Number of images.
        random_state : int, RandomState instance or None, default=None
            Draws z.

        Returns
        -------
        images : ndarray of shape (n, H, W) or (n, C, H, W)
            Images.
        """
        check_is_fitted(self)
        rng = check_random_state(random_state)
        return self.generate(rng.standard_normal((n, self.pca_.n_components_)))

    def reconstruct(self, X: ArrayLike) -> NDArray[Any]:
        """Return the images that the network makes of the components of images.

        Parameters
        ----------
        X : array-like of n images
            As of `fit`.

        Returns
        -------
        images : ndarray of shape (n, H, W) or (n, C, H, W)
            Images.
        """
        return self.generate(self.transform(X))

    def interpolate(
        self, x: ArrayLike, y: ArrayLike, n: int = 9, *, images: ArrayLike | None = None
    ) -> Any:
        """Return images on the way from one to another, along a line of z.

        Parameters
        ----------
        x, y : array-like of shape (H, W) or (C, H, W)
            The two images. The way begins and ends at their reconstructions.
        n : int, default=9
            Number of images, both ends included.
        images : array-like of m images, default=None
            Real images, to which they are compared; None takes x and y.

        Returns
        -------
        interpolation : Interpolation
            With `blend` of the pixels of x and y.

        Raises
        ------
        ValueError
            If n is below 2, or an image has another shape than the fitted ones.
        """
        ends = np.stack([np.asarray(x), np.asarray(y)]).reshape(2, *self.image_shape_)
        z = self.transform(ends)
        real = ends if images is None else check_images(self, images, reset=False)[0]
        real = real.reshape(-1, *ends.shape[1:])

        def between(weights):
            return self.generate(weights @ z)

        return compared(between, ends, n_steps=n, real=real)

    def _components(self, S):
        """Return the whitened components of coefficients."""
        return self.pca_.transform(S.reshape(len(S), -1))

    def _decoder(self):
        """Return the network, untrained."""
        shape = channels_first(self.image_shape_)
        return Decoder(self.pca_.n_components_, shape, self.width)

    def _train(self, z, rows):
        """Train the network to make standardised rows of pixels from components."""
        from skorch import NeuralNet
        from skorch.callbacks import LRScheduler

        n, batch = len(z), min(self.batch_size, len(z))
        net = NeuralNet(
            self._decoder(),
            criterion=torch.nn.L1Loss,
            optimizer=torch.optim.Adam,
            lr=self.lr,
            max_epochs=self.max_epochs,
            batch_size=batch,
            iterator_train__shuffle=True,
            iterator_train__drop_last=True,  # a batch of one has no deviation
            train_split=None,
            callbacks=[
                LRScheduler(
                    "CosineAnnealingLR",
                    T_max=self.max_epochs * (n // batch),
                    step_every="batch",
                )
            ],
            verbose=self.verbose,
        )
        images = rows.reshape(n, *channels_first(self.image_shape_))
        net.initialize()
        net.notify("on_train_begin", X=z, y=images)
        net.fit_loop(z.astype(np.float32), images.astype(np.float32))
        self.weights_ = numpy_state(net.module_)
        self.loss_ = np.array(net.history[:, "train_loss"])

    @property
    def _n_features_out(self):
        """Dimension of z."""
        return self.pca_.n_components_

    def __sklearn_tags__(self):
        """Say that float32 and float64 are kept, and that `fit` is random."""
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        tags.non_deterministic = False
        return tags


def whitening(S, n_components):
    """Return the fitted PCA of coefficients, without directions of rounding errors."""
    largest = min(n_components, len(S) - 1, S.shape[1])
    with np.errstate(invalid="ignore"):  # shares of no variance
        pca = PCA(largest, whiten=True, svd_solver="full").fit(S)
        variance = pca.explained_variance_
        kept = max(1, int(np.sum(variance > _ROUNDING * variance[0])))
        if kept < largest:
            pca = PCA(kept, whiten=True, svd_solver="full").fit(S)
    return pca
