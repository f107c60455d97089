"""Scattering coefficients on discs: scale along the radius, orientation around."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sklearn_scat.displays._discs import check_paths, disc_rings, draw_disc, polar_axes
from sklearn_scat.displays._mosaic import draw_mosaic
from sklearn_scat.displays._style import new_axes


class ScatteringDisplay:
    """Coefficients of one image, averaged over positions, on discs of frequencies.

    The radius is the frequency of the first wavelet, which halves from ring to ring,
    and the angle the direction of its wave, so that vertical strokes show left and
    right. On the disc of order 2 each cell is divided again: outwards by the frequency
    of the second wavelet, around by its orientation. As scales increase along a path,
    its innermost ring is empty.

    Parameters
    ----------
    maps : ndarray of shape (P, h, w)
        The coefficients of one channel.
    paths : structured ndarray of shape (P,)
        Of translation scattering: ``order``, ``j1``, ``theta1``, ``j2``, ``theta2``.

    Raises
    ------
    ValueError
        If there are as many maps as paths not, or paths average over orientations.

    References
    ----------
    .. [1] J. Bruna and S. Mallat, "Invariant scattering convolution networks", IEEE
       TPAMI 35(8), 2013, figure 3.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_scat import ScatteringTransformer
    >>> from sklearn_scat.displays import ScatteringDisplay
    >>> X = load_digits().images
    >>> scattering = ScatteringTransformer(J=2).fit(X)
    >>> display = ScatteringDisplay.from_transformer(scattering, X[0])
    >>> display.J, display.L
    (2, 8)
    """

    def __init__(self, maps: NDArray[Any], paths: NDArray[Any]) -> None:
        maps = np.asarray(maps, dtype=float)
        if maps.ndim != 3 or len(maps) != len(paths):
            raise ValueError(
                f"maps must be of shape (P, h, w), a map for each of the {len(paths)} "
                f"paths; got {maps.shape}."
            )
        check_paths(paths)
        self.maps, self.paths = maps, paths
        self.J = int(paths["j1"].max()) + 1
        self.L = int(paths["theta1"].max()) + 1

    @classmethod
    def from_transformer(
        cls, transformer: Any, image: ArrayLike, *, channel: int = 0
    ) -> Self:
        """Display the coefficients of an image.

        Parameters
        ----------
        transformer : ScatteringTransformer
            Fitted: anything with ``transform``, ``paths_`` and ``output_shape_``.
        image : array-like of the fitted image's shape
            The image.
        channel : int, default=0
            Which channel to show.

        Returns
        -------
        display : ScatteringDisplay
            Not drawn yet.
        """
        S = np.asarray(transformer.transform(np.asarray(image)[None]))
        maps = S.reshape(transformer.output_shape_)[channel]
        return cls(maps, transformer.paths_)

    def plot(self, ax: Any = None, *, order: int = 1) -> Self:
        """Draw the disc of one order.

        Parameters
        ----------
        ax : matplotlib PolarAxes, default=None
            Where to draw; None makes a figure.
        order : {1, 2}, default=1
            Which order.

        Returns
        -------
        display : ScatteringDisplay
            The display, with the axes as ``ax_`` and the figure as ``figure_``.

        Raises
        ------
        ValueError
            If the axes are not polar, or there is no such order.
        """
        if order not in (1, 2) or not (self.paths["order"] == order).any():
            raise ValueError(f"order must be 1 or 2, and among the paths; got {order}.")
        from matplotlib import cm, colors

        ax = polar_axes(ax)
        rings = disc_rings(self.maps.mean(axis=(1, 2)), self.paths, order)
        norm = colors.Normalize(0, max(ring.values.max() for ring in rings) or 1)
        scale = cm.ScalarMappable(norm, "viridis")
        draw_disc(ax, rings, L=self.L, colors=scale)
        ax.set_xlabel("direction of the wave; radius: frequency / (3π/4)", fontsize=8)
        label = "mean coefficient (grey levels)"
        ax.figure.colorbar(scale, ax=ax, label=label, shrink=0.75, pad=0.12)
        ax.set_title(f"order {order}")
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def plot_maps(self, ax: Any = None) -> Self:
        """Draw the maps of order 1, scales by rows and orientations by columns.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        display : ScatteringDisplay
            The display, with the axes as ``ax_`` and the figure as ``figure_``.
        """
        ax = new_axes(ax, (1 + 0.9 * self.L, 0.6 + 0.95 * self.J))
        order1 = self.maps[self.paths["order"] == 1]
        picture = draw_mosaic(
            ax,
            order1.reshape(self.J, self.L, *order1.shape[1:]),
            rows=[f"j={j}" for j in range(self.J)],
            columns=range(self.L),
            vmin=min(0, order1.min()),
            cmap="viridis",
        )
        ax.set_xlabel("orientation theta")
        ax.set_ylabel("scale")
        ax.figure.colorbar(picture, ax=ax, label="coefficient (grey levels)")
        self.ax_, self.figure_ = ax, ax.figure
        return self
