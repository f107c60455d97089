"""Roto-translation scattering as a scikit-learn transformer."""

import os
from collections.abc import Callable, Sequence
from typing import Any, Literal

from sklearn.utils._param_validation import StrOptions

from sklearn_scat._parameters import whole
from sklearn_scat.transformers._base import ScatteringBase


class RotoTranslationScattering(ScatteringBase):
    r"""Represent images by scattering coefficients that also know about rotation.

    The second layer filters the first one jointly along position and orientation, so
    that it keeps how orientations lie relative to each other. The rigid form averages
    over all orientations: it is invariant to rotation as well as to translation, and
    still tells apart textures that the average over rotated copies would confuse.

    Parameters
    ----------
    J : int, default=2
        Number of scales: averages are over windows of about :math:`2^J` pixels.
    L : int, default=8
        Number of orientations in [0, π).
    K : int, default=None
        Number of angular scales. None takes :math:`\lfloor\log_2 2L\rfloor - 1` in the
        rigid form, as in [1]_, and :math:`\lfloor\log_2 L\rfloor - 1`, or less where
        :math:`2^K` does not divide L, in the separable one, as in [2]_.
    form : {"rigid", "complete", "separable"}, default="rigid"
        "rigid" convolves on the group of rigid motions, with angles relative to the
        first, and averages over the first. "complete" also keeps how the averages of
        the first layer vary along the angle, as the authors' code of [1]_ does: J·K
        paths more, which have no `j2`. "separable" keeps absolute angles, and averages
        over none; it needs an L that divides by 4.
    max_order : {0, 1, 2}, default=2
        Largest number of wavelets along a path.
    image_shape : tuple (H, W) or (C, H, W), default=None
        Shape of one image, for rows of flattened pixels. None takes the shape from the
        array, and rows for squares.
    output : {"features", "maps"}, default="features"
        "features" gives rows for classifiers, "maps" gives ``(n, C·P, h, w)``.
    pooling : {None, "mean", "moments"}, default=None
        "mean" averages every map into one value; images may then be of several sizes,
        in a list.
    padding : {"reflect", "zero", "periodic"}, default="reflect"
        What continues an image past its sides.
    wavelet : {"morlet"} or callable, default="morlet"
        The family of wavelets: a name, or a function ``wavelet(J, shape, L)`` that
        returns a :class:`~sklearn_scat.filters.FilterBank` on a grid of that shape.
    frame : {"none", "contractive", "tight"}, default="none"
        How the wavelets are normalised, in space and along angles.
    oversampling : int, default=0
        log2 of the density of samples over the critical one.
    engine : {"auto", "native", "definition", "torch"}, default="auto"
        What computes. "auto" takes the native kernel where it applies (float32 on the
        CPU, no oversampling) and the definition elsewhere: in NumPy on the CPU, in
        torch on other devices. "torch" is the definition in torch everywhere. The
        results agree to rounding.
    dtype : {None, "float16"}, default=None
        "float16" stores coefficients, in the result and in the cache, in half the
        memory. They are computed in float32 and rounded: by a share of at most
        :math:`2^{-11}` (0.05 %), and by :math:`3 \cdot 10^{-8}` where they are below
        :math:`6 \cdot 10^{-5}`. None is float64 for float64 images, else float32.
    missing : {"error", "ignore"}, default="error"
        "ignore" takes NaN, and what a masked array masks, for unknown pixels: averages
        are over known ones, see :class:`~sklearn_scat.cascade.KnownWavelet2d`. Images
        with such pixels are computed by the definition, all others as ever.
    cache : path-like, default=None
        A directory that keeps the coefficients of every image that is transformed, by
        the image's bytes and the parameters that change them, so that folds and
        candidates of a search compute them once. See
        :mod:`sklearn_scat.feature_cache`.
    device : str, default="auto"
        Where NumPy's arrays are computed. "auto" is CUDA where torch is installed and
        finds it, else the CPU; or the name of a device, for which torch is needed.
    batch_size : int or "auto", default="auto"
        Images computed at once. It bounds memory and does not change the result.
    verbose : int, default=0
        Above 0, `transform` reports its progress on standard error.

    Attributes
    ----------
    image_shape_ : tuple
        (H, W) or (C, H, W); the smallest sides where images differ in size.
    J_, K_ : int
        The J and the K in use.
    paths_ : structured ndarray of shape (P,)
        See :func:`sklearn_scat.cascade.rigid_path_table`,
        :func:`sklearn_scat.cascade.complete_path_table` and
        :func:`sklearn_scat.cascade.separable_path_table`.
    output_shape_ : tuple (C, P, h, w)
        Channels, paths and sides of the maps of one image.
    lipschitz_bound_ : float
        B with :math:`\|Sx - Sy\| \le B \|x - y\|`, Euclidean norms of features and of
        pixels; see :func:`sklearn_scat.cascade.lipschitz_bound`. Computed when asked.
    pixel_range_ : tuple of float
        The smallest and the largest value of a sample of the images; `transform` warns
        of quite another scale by :class:`~sklearn_scat.PixelRangeWarning`.
    library_ : str
        The library of the arrays that `fit` saw, as "numpy" or "torch": under
        scikit-learn's array API dispatch `transform` takes the same, and computes where
        they lie, whatever `device` says.
    n_features_in_ : int
        Pixels (times channels) of one image.
    feature_names_in_ : ndarray of str
        Names of the columns, where `fit` saw some.

    See Also
    --------
    ScatteringTransformer : Translation scattering.

    References
    ----------
    .. [1] L. Sifre and S. Mallat, "Rotation, scaling and deformation invariant
       scattering for texture discrimination", CVPR 2013.
    .. [2] E. Oyallon and S. Mallat, "Deep roto-translation scattering for object
       classification", CVPR 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat import RotoTranslationScattering
    >>> x = np.random.default_rng(0).normal(size=(1, 32, 32))
    >>> S = RotoTranslationScattering(J=3, pooling="mean", padding="periodic").fit(x)
    >>> rotated = np.roll(np.rot90(x, axes=(1, 2)), 1, axis=1)
    >>> bool(np.abs(S.transform(rotated) - S.transform(x)).max() < 1e-2)
    True
    """

    _parameter_constraints = {  # noqa: RUF012
        **ScatteringBase._parameter_constraints,
        "K": [None, whole(0)],
        "form": [StrOptions({"rigid", "complete", "separable"})],
        "max_order": [whole(0, 2)],
        "engine": [StrOptions({"auto", "native", "definition", "torch"})],
    }

    def __init__(
        self,
        J: int = 2,
        L: int = 8,
        K: int | None = None,
        *,
        form: Literal["rigid", "complete", "separable"] = "rigid",
        max_order: int = 2,
        image_shape: Sequence[int] | None = None,
        output: Literal["features", "maps"] = "features",
        pooling: Literal["mean", "moments"] | None = None,
        padding: Literal["reflect", "zero", "periodic"] = "reflect",
        wavelet: Literal["morlet"] | Callable[..., Any] = "morlet",
        frame: Literal["none", "contractive", "tight"] = "none",
        oversampling: int = 0,
        engine: Literal["auto", "native", "definition", "torch"] = "auto",
        dtype: Literal["float16"] | None = None,
        missing: Literal["error", "ignore"] = "error",
        cache: str | os.PathLike[str] | None = None,
        device: str = "auto",
        batch_size: int | Literal["auto"] = "auto",
        verbose: int = 0,
    ) -> None:
        self.J, self.L, self.K = J, L, K
        self.form = form
        self.max_order = max_order
        self.image_shape = image_shape
        self.output = output
        self.pooling = pooling
        self.padding = padding
        self.wavelet = wavelet
        self.frame = frame
        self.oversampling = oversampling
        self.engine = engine
        self.dtype = dtype
        self.missing = missing
        self.cache = cache
        self.device = device
        self.batch_size = batch_size
        self.verbose = verbose

    def _build(self):
        """Settle the number of angular scales, then the rest."""
        self.K_ = self._angular_scales()
        self._circle()
        super()._build()

    def _angular_scales(self):
        """Return K, or its default."""
        return self._form().scales(int(self.L), self.K)

    def _form(self):
        """Return what makes the form."""
        from sklearn_scat.cascade import FORMS

        return FORMS[self.form]

    def _circle(self):
        """Return the angular filters."""
        return self._form().circle(self.L, self.K_, frame=self.frame)

    def _path_table(self):
        """Return the paths of the form."""
        table = self._form().path_table
        return table(self.J_, int(self.L), self.K_, max_order=int(self.max_order))

    def _gains(self):
        """Return by how much the angular filters stretch."""
        return self._form().gains(self._circle(), max_order=int(self.max_order))

    def _operators(self, W):
        """Return the operators of the form."""
        circle, max_order = self._circle(), int(self.max_order)
        return self._form().operators(W, circle, max_order=max_order)

    @property
    def _is_pooled_in_cascade(self):
        """Whether no map is computed; moduli of averages are taken of maps."""
        return self.form != "complete" and super()._is_pooled_in_cascade

    def _native(self):
        """Return the function of a batch by the native kernel, with angular filters."""
        from sklearn_scat import engines

        circle = self._circle()
        rotating = super()._native(engines.WEIGHTS[self.form](circle))
        paths = self._path_table()
        is_angular = (paths["order"] == 2) & (paths["j2"] < 0)
        if not is_angular.any():
            return rotating
        grid = self._grid()
        of_first = engines.native_engine(self._bank(grid), grid, max_order=1)
        return engines.with_angular_paths(
            rotating, of_first, circle, is_angular=is_angular
        )
