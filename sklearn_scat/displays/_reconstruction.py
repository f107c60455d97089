"""Images beside what came back of them."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from sklearn_scat.displays._mosaic import draw_mosaic
from sklearn_scat.displays._style import new_axes


class ReconstructionDisplay:
    """Rows of images: the true ones, and what coefficients give back.

    Parameters
    ----------
    rows : dict of str to ndarray of shape (n, H, W) or (n, C, H, W)
        Images under the names of their rows.
    columns : sequence of str
        The n captions.
    xlabel : str, default="image"
        What the captions say.

    Raises
    ------
    ValueError
        If the rows differ in shape, or in number from the captions.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_scat import ScatteringTransformer
    >>> from sklearn_scat.displays import ReconstructionDisplay
    >>> from sklearn_scat.inversion import reconstruct
    >>> X = load_digits().images[:3]
    >>> scattering = ScatteringTransformer(J=1).fit(X)
    >>> S = scattering.transform(X)
    >>> result = reconstruct(scattering, S, reference=X, max_iter=10)
    >>> list(ReconstructionDisplay.from_reconstruction(result).rows)
    ['image', 'reconstruction']
    """

    def __init__(
        self,
        rows: Mapping[str, ArrayLike],
        columns: Sequence[str],
        *,
        xlabel: str = "image",
    ) -> None:
        shapes = {name: np.shape(images) for name, images in rows.items()}
        if len(set(shapes.values())) != 1:
            raise ValueError(f"The rows differ in shape: {shapes}.")
        (shape,) = set(shapes.values())
        if len(shape) not in (3, 4) or shape[0] != len(columns):
            raise ValueError(
                f"rows must hold {len(columns)} images (n, H, W) or (n, C, H, W), one "
                f"for each caption; got {shape}."
            )
        self.rows, self.columns, self.xlabel = rows, list(columns), xlabel

    @classmethod
    def from_reconstruction(cls, result: Any) -> Self:
        """Display reconstructions under the images, where these are known.

        Parameters
        ----------
        result : Reconstruction
            Of :func:`sklearn_scat.inversion.reconstruct`: anything with ``image``,
            ``reference``, ``psnr`` and ``error``.

        Returns
        -------
        display : ReconstructionDisplay
            Not drawn yet.
        """
        if result.reference is None:
            columns = [f"{error:.1g}" for error in result.error]
            label = "relative error of the coefficients"
            return cls({"reconstruction": result.image}, columns, xlabel=label)
        rows = {"image": result.reference, "reconstruction": result.image}
        columns = [f"{value:.1f}" for value in result.psnr]
        return cls(rows, columns, xlabel="peak signal-to-noise ratio (dB)")

    @classmethod
    def from_interpolation(cls, result: Any) -> Self:
        """Display the images between two, under the blends of their pixels.

        Parameters
        ----------
        result : Interpolation
            Of :func:`sklearn_scat.inversion.interpolate`: anything with ``t``,
            ``image`` and ``blend``.

        Returns
        -------
        display : ReconstructionDisplay
            Not drawn yet.
        """
        rows = {"pixels": result.blend, "scattering": result.image}
        return cls(rows, [f"{t:.2g}" for t in result.t], xlabel="place on the way")

    def plot(self, ax: Any = None) -> Self:
        """Draw the rows.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        display : ReconstructionDisplay
            The display, with the axes as ``ax_`` and the figure as ``figure_``.
        """
        images = np.stack([np.asarray(a, dtype=float) for a in self.rows.values()])
        ax = new_axes(ax, (1.2 + 1.1 * len(self.columns), 0.7 + 1.1 * len(images)))
        true = images[0]  # the range of the first row, which may be exceeded below
        low, high = true.min(), true.max()
        if images.ndim == 5 and images.shape[2] == 3:
            images = np.clip(
                (np.moveaxis(images, 2, -1) - low) / (high - low or 1), 0, 1
            )
        elif images.ndim == 5:
            images = images.mean(axis=2)
        draw_mosaic(
            ax,
            images,
            rows=list(self.rows),
            columns=self.columns,
            cmap="gray",
            vmin=low,
            vmax=high,
        )
        ax.set_xlabel(self.xlabel)
        self.ax_, self.figure_ = ax, ax.figure
        return self
