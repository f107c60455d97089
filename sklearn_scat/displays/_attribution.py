"""What decided about an image: which paths, and where."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sklearn_scat.displays._discs import check_paths, disc_rings, draw_disc, polar_axes
from sklearn_scat.displays._style import new_axes

_COLORS = "PuOr"  # diverging, and for all kinds of colour vision
_LABEL = "share of the decision"


class AttributionDisplay:
    """The shares of paths and places in the decision about one image.

    Orange speaks for the class that was decided for, violet for the runner-up; the
    scale is the same on both sides of 0.

    Parameters
    ----------
    image : ndarray of shape (H, W) or (C, H, W)
        What was decided about.
    attribution : Attribution
        What :func:`sklearn_scat.attribution.explain` returns.
    index : int, default=0
        Which image of the attribution this is.

    See Also
    --------
    sklearn_scat.attribution.explain : What the shares are.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_scat import PCAAffineClassifier, ScatteringTransformer
    >>> from sklearn_scat.attribution import explain
    >>> from sklearn_scat.displays import AttributionDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> model = make_pipeline(ScatteringTransformer(J=1), PCAAffineClassifier(5))
    >>> why = explain(model.fit(X[:300], y[:300]), X[300:302])
    >>> display = AttributionDisplay(X[301].reshape(8, 8), why, 1)
    >>> display.places.shape
    (8, 8)
    """

    def __init__(self, image: NDArray[Any], attribution: Any, index: int = 0) -> None:
        self.image, self.attribution, self.index = np.asarray(image), attribution, index
        places = attribution.by_place(self.image.shape[-2:])
        self.places = None if places is None else places[index]

    def plot(self, ax: Any = None) -> Self:
        """Draw where the decision was made, over the image.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        display : AttributionDisplay
            The display, with the axes as ``ax_`` and the figure as ``figure_``.

        Raises
        ------
        ValueError
            If the model looks at means of paths alone, which have no places.
        """
        if self.places is None:
            raise ValueError(
                "the model looks at what is pooled over all positions, so that nothing "
                "is said of places; plot_paths() shows paths."
            )
        ax = new_axes(ax, (4.6, 3.8))
        grey = self.image if self.image.ndim == 2 else self.image.mean(axis=0)
        ax.imshow(grey, cmap="gray", interpolation="nearest")
        top = np.abs(self.places).max() or 1.0
        picture = ax.imshow(
            self.places,
            cmap=f"{_COLORS}_r",
            vmin=-top,
            vmax=top,
            # faint where nothing is decided, so that the image shows
            alpha=0.15 + 0.65 * np.abs(self.places) / top,
            interpolation="nearest",
        )
        ax.set_axis_off()
        ax.set_title(self._title())
        ax.figure.colorbar(picture, ax=ax, label=f"{_LABEL}, per pixel", shrink=0.8)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def plot_paths(self, ax: Any = None, *, order: int = 1, part: int = 0) -> Self:
        """Draw the shares of paths on the disc of their frequencies.

        Parameters
        ----------
        ax : matplotlib PolarAxes, default=None
            Where to draw; None makes a figure.
        order : {1, 2}, default=1
            Which paths.
        part : int, default=0
            Of which scattering, where the model has several.

        Returns
        -------
        display : AttributionDisplay
            The display, with the axes as ``ax_`` and the figure as ``figure_``.

        Raises
        ------
        ValueError
            If the paths have no orientations, or there is no such order.
        """
        found = self.attribution.parts[part]
        paths = found.paths
        if paths is None:
            raise ValueError("the model looks at pixels, which have no paths.")
        check_paths(paths)
        if order not in (1, 2) or not (paths["order"] == order).any():
            raise ValueError(f"order must be 1 or 2, and among the paths; got {order}.")
        from matplotlib import cm, colors

        ax = polar_axes(ax)
        shares = found.by_path()[self.index]
        top = np.abs(shares[paths["order"] > 0]).max() or 1.0
        scale = cm.ScalarMappable(colors.Normalize(-top, top), f"{_COLORS}_r")
        draw_disc(
            ax,
            disc_rings(shares, paths, order),
            L=int(paths["theta1"].max()) + 1,
            colors=scale,
        )
        ax.set_title(f"order {order}")
        ax.set_xlabel("direction of the wave; radius: frequency / (3π/4)", fontsize=8)
        ax.figure.colorbar(scale, ax=ax, label=_LABEL, shrink=0.75, pad=0.12)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _title(self):
        """Return what was decided, and what came next."""
        why, i = self.attribution, self.index
        return f"{why.classes[i]}, next {why.runners_up[i]}: {why.decisions[i]:.3g}"
