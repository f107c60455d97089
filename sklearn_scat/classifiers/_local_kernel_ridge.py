"""Ridge regression of the classes under a local kernel between maps of images."""

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, ClassVar, Literal, Self

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import LeaveOneOut, check_cv
from sklearn.utils import get_tags
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    assert_all_finite,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
)

from sklearn_scat._compat import fit_context
from sklearn_scat._images import checked_images
from sklearn_scat._parameters import whole
from sklearn_scat.classifiers._left_out import left_out_outputs
from sklearn_scat.classifiers._temperature import fit_temperature, probabilities
from sklearn_scat.local_kernels import LocalKernel, fit_scattering, maps_of

__all__ = ["LocalKernelRidge"]

_IMAGES = 500  # compared at once
_MOST_IMAGES = 10_000  # training images, of which all pairs are compared


class LocalKernelRidge(ClassifierMixin, BaseEstimator):
    r"""Fit ±1 for every class under a kernel that compares patches at near positions.

    The kernel between two images is

    .. math:: k(x, z) = \sum_{p, q} w(p - q)\,
              \exp\Bigl(-\frac{g}{2\sigma^2} \|x_p - z_q\|^2\Bigr),

    where :math:`x_p` is the patch of the image's maps at the position p: all channels,
    of unit norm, on the principal axes of the training patches, each divided by
    :math:`(\lambda_i + \varepsilon \bar\lambda)^{1/2}`, and of unit norm again.
    :math:`\sigma^2` is the mean squared distance of a training patch from their mean,
    and w falls off like a Gaussian. Nothing is learned but these axes, this width and
    the coefficients of the kernels. It is meant for few images: time and memory grow
    with the square of their number.

    Parameters
    ----------
    scattering : transformer or list of transformer, default=None
        Makes maps of images: what it gives is (n, C, h, w), as of
        :class:`~sklearn_scat.ScatteringTransformer` with ``output="maps"``, or rows
        with an ``output_shape_`` (C, P, h, w). It is cloned and fitted. None takes
        the images themselves for maps. With several, the kernel is the mean of those of
        each, divided by their mean on the diagonal. One that ends in
        :class:`~sklearn_scat.LocalKernelFeatures` makes a second layer.
    patch_size : int or tuple of int, default=2
        Side of patches, in samples of the maps. With several, the kernel is the mean of
        those of each side too.
    mirrored : bool, default=False
        Compare mirror images, left to right, too: k is the mean over the four pairs of
        an image or its mirror image with another or its own.
    gamma : float, default=4
        g, how narrow the kernel between patches is.
    spread : int or None, default=1
        How far apart positions may be: w is the binomial window of 2·spread + 1
        positions along each axis, whose standard deviation is
        :math:`\sqrt{\text{spread} / 2}`. 0 compares equal positions alone; None all
        with all, so that position has no part in it.
    floor : float, default=0.1
        :math:`\varepsilon`, what keeps faint axes faint.
    n_components : int, default=256
        Principal axes that are kept.
    boundary : {"cut", "periodic"}, default="cut"
        "cut" takes the patches inside the maps; "periodic" goes on at the opposite
        side, in patches and in w.
    alphas : tuple of float, default=(1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
        Penalties, in units of the mean diagonal of the kernel, of which the left out
        samples choose the one of the least squared error.
    cv : int, splitter or iterable, default=None
        What is left out: None is one image at a time. Whatever it is, all are computed
        from one decomposition.
    image_shape : tuple (H, W) or (C, H, W), default=None
        Shape of one image, for rows of flattened pixels. None takes the shape from the
        array, and rows for squares.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels.
    alpha_ : float
        The penalty that was chosen.
    left_out_errors_ : ndarray of shape (n_alphas,)
        Mean squared errors of samples that are left out.
    temperature_ : float
        What outputs are divided by in `predict_proba`: the likeliest for the samples
        that are left out.
    scatterings_ : list of transformer or None
        The fitted transformers.
    image_shape_ : tuple
        (H, W) or (C, H, W) of images.
    kernels_ : list of list of LocalKernel
        For every transformer, the kernel of each side of patches, with the axes, the
        width and the training patches that it learned.
    dual_coef_ : ndarray of shape (n_samples, n_classes)
        Coefficients of the kernels.
    intercept_ : ndarray of shape (n_classes,)
        Means of the targets.
    n_features_in_ : int
        Pixels (times channels) of one image.
    feature_names_in_ : ndarray of str
        Names of the columns, where `fit` saw some.

    References
    ----------
    J. Mairal, P. Koniusz, Z. Harchaoui and C. Schmid, "Convolutional kernel networks",
    NIPS 2014, equation (1), for the kernel; L. Thiry, M. Arbel, E. Belilovsky and E.
    Oyallon, "The unreasonable effectiveness of patches in deep convolutional kernels
    methods", ICLR 2021, for whitened patches.

    Examples
    --------
    >>> from sklearn_scat import LocalKernelRidge, ScatteringTransformer
    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits(return_X_y=True)
    >>> model = LocalKernelRidge(ScatteringTransformer(J=1))
    >>> model.fit(X[:100], y[:100]).score(X[1000:], y[1000:]) > 0.9
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        "scattering": [None, HasMethods(["fit", "transform"]), list],
        "patch_size": [whole(1), tuple, list],
        "mirrored": ["boolean"],
        "gamma": [Interval(Real, 0, None, closed="neither")],
        "spread": [None, whole(0)],
        "floor": [Interval(Real, 0, None, closed="left")],
        "n_components": [whole(1)],
        "boundary": [StrOptions({"cut", "periodic"})],
        "alphas": ["array-like"],
        "cv": ["cv_object"],
        "image_shape": [None, "array-like"],
    }

    def __init__(
        self,
        scattering: Any = None,
        *,
        patch_size: int | tuple[int, ...] = 2,
        mirrored: bool = False,
        gamma: float = 4.0,
        spread: int | None = 1,
        floor: float = 0.1,
        n_components: int = 256,
        boundary: Literal["cut", "periodic"] = "cut",
        alphas: tuple[float, ...] = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0),
        cv: Any = None,
        image_shape: Sequence[int] | None = None,
    ) -> None:
        self.scattering = scattering
        self.patch_size = patch_size
        self.mirrored = mirrored
        self.gamma = gamma
        self.spread = spread
        self.floor = floor
        self.n_components = n_components
        self.boundary = boundary
        self.alphas = alphas
        self.cv = cv
        self.image_shape = image_shape

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit the patches' axes, the penalty and the coefficients.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Training images, or maps.
        y : array-like of shape (n,)
            Class labels, at least two different ones.

        Returns
        -------
        self : LocalKernelRidge
            The fitted classifier.

        Raises
        ------
        ValueError
            If there is one class, there are more than 10,000 images, a parameter is out
            of range, or `scattering` gives no maps.
        """
        alphas = _positive("alphas", self.alphas, float)
        sizes = _positive("patch_size", self.patch_size, int)
        found = checked_images(self, X, reset=True)
        images, self.image_shape_ = found.as_given(), found.shape
        y = _checked_targets(self, images, y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"{type(self).__name__} needs samples of at least 2 classes; y holds "
                f"1 class, {self.classes_[0]}."
            )
        kernel = self._fit_kernels(images, sizes)
        targets = 2.0 * np.eye(len(self.classes_))[labels] - 1
        self.intercept_ = targets.mean(axis=0)
        self._choose(kernel, targets - self.intercept_, alphas)
        kernel.flat[:: len(kernel) + 1] += self.alpha_
        self.dual_coef_ = scipy.linalg.solve(
            kernel, targets - self.intercept_, assume_a="pos"
        )
        return self

    def decision_function(self, X: ArrayLike) -> NDArray[Any]:
        """Return the fitted outputs.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images, or maps.

        Returns
        -------
        scores : ndarray of shape (n, n_classes) or (n,)
            About 1 for the class and −1 for others; with two classes, that of the
            second.
        """
        scores = self._outputs(X)
        return scores[:, 1] if len(self.classes_) == 2 else scores

    def predict_proba(self, X: ArrayLike) -> NDArray[Any]:
        """Return probabilities of the classes.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images, or maps.

        Returns
        -------
        p : ndarray of shape (n, n_classes)
            The softmax of outputs over `temperature_`; rows sum to 1.
        """
        return probabilities(self._outputs(X), self.temperature_)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the class of the largest output of every image.

        Parameters
        ----------
        X : array-like of shape (n, H·W), (n, H, W), (n, C·H·W) or (n, C, H, W)
            Images, or maps.

        Returns
        -------
        y : ndarray of shape (n,)
            Class labels.
        """
        outputs = self._outputs(X)
        return self.classes_[outputs.argmax(axis=1)]

    def _outputs(self, X):
        """Return the outputs of all classes, (n, n_classes)."""
        check_is_fitted(self)
        images = checked_images(self, X, reset=False).as_given()
        parts = [self._kernel(part) @ self.dual_coef_ for part in _parts(images)]
        return np.concatenate(parts) + self.intercept_

    def _fit_kernels(self, images, sizes):
        """Fit all kernels; return their mean with the training images."""
        several = isinstance(self.scattering, list)
        given = self.scattering if several else [self.scattering]
        self.scatterings_ = [fit_scattering(scattering, images) for scattering in given]
        self.kernels_, total = [], 0.0
        for scattering in self.scatterings_:
            copies = self._copies(scattering, images)
            self.kernels_.append([self._new_kernel(size) for size in sizes])
            total = total + sum(k.fit_kernel(copies) for k in self.kernels_[-1])
        return total / (len(given) * len(sizes))

    def _new_kernel(self, patch_size):
        """Return the kernel of one side of patches, not yet fitted."""
        return LocalKernel(
            patch_size,
            gamma=self.gamma,
            spread=self.spread,
            floor=self.floor,
            n_components=self.n_components,
            boundary=self.boundary,
        )

    def _copies(self, scattering, images):
        """Return the maps of images, and of their mirror images, as a list."""
        blocks = [images, images[..., ::-1]] if self.mirrored else [images]
        return [maps_of(scattering, block) for block in blocks]

    def _kernel(self, images):
        """Return the mean kernel of images with the training images."""
        parts = []
        for scattering, kernels in zip(self.scatterings_, self.kernels_, strict=True):
            copies = self._copies(scattering, images)
            parts += [kernel.kernel(copies) for kernel in kernels]
        return sum(parts) / len(parts)

    def _choose(self, kernel, targets, alphas):
        """Set the penalty, and the temperature, by what is left out."""
        labels = targets.argmax(axis=1)
        folds = _folds(LeaveOneOut() if self.cv is None else self.cv, labels)
        outputs = left_out_outputs(kernel, targets, alphas=alphas, folds=folds)
        seen = np.concatenate([out[np.isin(out, seen)] for out, seen in folds])
        errors = ((outputs - targets[seen]) ** 2).mean(axis=(1, 2))
        best = int(errors.argmin())
        self.alpha_, self.left_out_errors_ = alphas[best], errors
        outputs = outputs[best] + self.intercept_
        self.temperature_ = fit_temperature(outputs, labels[seen])

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        first = self.scattering
        if isinstance(first, list):
            first = first[0] if first else None
        if first is not None:
            tags.input_tags = get_tags(first).input_tags
        return tags


def _folds(cv, y):
    """Return what every fold leaves out, and which of these are its test samples."""
    rows = np.arange(len(y))
    splits = check_cv(cv, y, classifier=True).split(rows[:, None], y)
    return [(np.setdiff1d(rows, train), test) for train, test in splits]


def _checked_targets(estimator, images, y):
    """Return class labels, one for each of a bearable number of images."""
    if y is None:
        raise ValueError(
            f"{type(estimator).__name__} requires y to be passed, but the target y is "
            "None."
        )
    y = column_or_1d(y, warn=True)
    assert_all_finite(y, input_name="y")
    check_classification_targets(y)
    check_consistent_length(images, y)
    if len(images) > _MOST_IMAGES:
        raise ValueError(
            f"{type(estimator).__name__} compares all pairs of images, and takes "
            f"{_MOST_IMAGES} at most; X holds {len(images)}. Take LocalKernelFeatures "
            "and a linear classifier for more."
        )
    return y


def _parts(images):
    """Return images in parts."""
    return [images[i : i + _IMAGES] for i in range(0, len(images), _IMAGES)]


def _positive(name, values, kind):
    """Return a number, or several, above 0 as a list."""
    numbers = list(values) if np.ndim(values) else [values]
    if not numbers or not all(
        isinstance(v, Real if kind is float else Integral) and v > 0 for v in numbers
    ):
        raise ValueError(f"{name}={values!r}; pass positive numbers, at least one.")
    return [kind(v) for v in numbers]
