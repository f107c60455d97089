"""Translation scattering as a scikit-learn transformer."""

import os
from collections.abc import Callable, Sequence
from typing import Any, Literal

from sklearn_scat._parameters import whole
from sklearn_scat.transformers._base import ScatteringBase
from sklearn_scat.transformers._reductions import Reduction


class ScatteringTransformer(ScatteringBase):
    r"""Represent images by their wavelet scattering coefficients.

    A scattering network alternates wavelet transforms with a modulus and averages:
    :math:`S_J x = (x * \varphi_J,\ |x * \psi_{\lambda_1}| * \varphi_J,\
    ||x * \psi_{\lambda_1}| * \psi_{\lambda_2}| * \varphi_J)`. The coefficients vary
    little when the image is shifted by less than :math:`2^J` pixels or slightly
    deformed, and nothing is learned. Colour channels are scattered one by one.

    Parameters
    ----------
    J : int, default=2
        Number of scales: averages are over windows of about :math:`2^J` pixels, at most
        the shorter side of the image.
    L : int, default=8
        Number of orientations in [0, π), as in [1]_.
    max_order : int, default=2
        Largest number of wavelets along a path; 2 in [1]_, where order 3 adds little.
    image_shape : tuple (H, W) or (C, H, W), default=None
        Shape of one image, for rows of flattened pixels. None takes the shape from the
        array, and rows for squares.
    output : {"features", "maps"}, default="features"
        "features" gives rows for classifiers, "maps" gives ``(n, C·P, h, w)`` for
        networks.
    pooling : {None, "mean", "moments"}, default=None
        "mean" averages every map into one value, "moments" takes its mean, minimum,
        maximum and standard deviation, which show small defects too; images may then
        be of several sizes, in a list.
    orientation_pooling : bool, default=False
        Average over the first orientation and keep the others relative to it: L times
        fewer coefficients, nearly invariant to rotation under ``pooling="mean"``, but
        blind to how orientations lie side by side.
    padding : {"reflect", "zero", "periodic"}, default="reflect"
        What continues an image past its sides. "periodic" needs sides that divide by
        :math:`2^J`.
    wavelet : {"morlet"} or callable, default="morlet"
        The family of wavelets: a name, or a function ``wavelet(J, shape, L)`` that
        returns a :class:`~sklearn_scat.filters.FilterBank` on a grid of that shape.
    frame : {"none", "contractive", "tight"}, default="none"
        How the wavelets are normalised, see :func:`sklearn_scat.filters.morlet_bank`.
        "none" leaves them as the family makes them, which gives the coefficients of
        the published networks. ("morlet" is a former name of it.)
    oversampling : int, default=0
        Maps are sampled :math:`2^{\text{oversampling}}` times more densely than the
        critical step, along each axis.
    engine : {"auto", "native", "definition", "torch", "triton"}, default="auto"
        What computes. "auto" takes the native kernel where it applies (float32 on the
        CPU, orders up to 2, no oversampling) and the definition elsewhere: in NumPy on
        the CPU, in torch on other devices. "torch" is the definition in torch
        everywhere. "triton" takes kernels for CUDA devices (float32, orders up to 2;
        the package triton). The results agree to rounding.
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
    J_ : int
        The J in use: less than `J` only where images of under 4 pixels were inferred.
    paths_ : structured ndarray of shape (P,)
        ``order``, ``j1``, ``theta1``, … of every coefficient, −1 where absent; see
        :func:`sklearn_scat.cascade.path_table`.
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
    sklearn_scat.nn.Scattering2d : The same transform as a torch module.

    Notes
    -----
    `fit` needs the shape of the images alone; fitted transformers hold no tensor and
    can be copied, pickled and moved between machines with and without a GPU.

    References
    ----------
    .. [1] J. Bruna and S. Mallat, "Invariant scattering convolution networks",
       IEEE TPAMI 35(8), 2013.
    .. [2] S. Mallat, "Group invariant scattering", CPAM 65(10), 2012.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_scat import ScatteringTransformer
    >>> X, y = load_digits(return_X_y=True)
    >>> scattering = ScatteringTransformer(J=1).fit(X)
    >>> scattering.transform(X).shape
    (1797, 144)
    >>> scattering.output_shape_, scattering.get_feature_names_out()[-1]
    ((1, 9, 4, 4), 's1_j0_t7_y3_x3')
    """

    _parameter_constraints = {  # noqa: RUF012
        **ScatteringBase._parameter_constraints,
        "max_order": [whole(0)],
        "orientation_pooling": ["boolean"],
    }

    def __init__(
        self,
        J: int = 2,
        L: int = 8,
        max_order: int = 2,
        *,
        image_shape: Sequence[int] | None = None,
        output: Literal["features", "maps"] = "features",
        pooling: Literal["mean", "moments"] | None = None,
        orientation_pooling: bool = False,
        padding: Literal["reflect", "zero", "periodic"] = "reflect",
        wavelet: Literal["morlet"] | Callable[..., Any] = "morlet",
        frame: Literal["none", "contractive", "tight"] = "none",
        oversampling: int = 0,
        engine: Literal["auto", "native", "definition", "torch", "triton"] = "auto",
        dtype: Literal["float16"] | None = None,
        missing: Literal["error", "ignore"] = "error",
        cache: str | os.PathLike[str] | None = None,
        device: str = "auto",
        batch_size: int | Literal["auto"] = "auto",
        verbose: int = 0,
    ) -> None:
        self.J = J
        self.L = L
        self.max_order = max_order
        self.image_shape = image_shape
        self.output = output
        self.pooling = pooling
        self.orientation_pooling = orientation_pooling
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

    def _path_table(self):
        """Return the paths of translation scattering."""
        from sklearn_scat.cascade import path_table

        return path_table(self.J_, self.L, self.max_order)

    def _reduction(self):
        """Average over the first orientation where that is asked."""
        from sklearn_scat.cascade import isotropic_paths

        if not self.orientation_pooling:
            return None
        return Reduction(*isotropic_paths(self._path_table(), self.L))

    def _operators(self, W):
        """Return the same operator for every order."""
        return [W] * (self.max_order + 1)

    def _forward(self, like, engine):
        """Return the function of arrays beside another, by Triton if that computes."""
        if engine != "triton":
            return super()._forward(like, engine)
        from sklearn_scat import engines

        grid = self._grid()
        return engines.triton_engine(
            self._bank(grid),
            grid,
            max_order=self.max_order,
            device=str(like.device),
            mean=self._is_pooled_in_cascade,
        )
