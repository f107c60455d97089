"""How many samples most of their k nearest neighbours contradict, against k."""

from typing import Any, Self

from sklearn_scat.displays._style import DASHES, new_axes, shades, tidy


class NeighborCurveDisplay:
    """Share of the local support vectors against the number of neighbours.

    Parameters
    ----------
    result : LocalSupportVectors
        What :func:`sklearn_scat.analysis.local_support_vectors` returns: anything with
        ``layers``, ``k`` and ``fraction`` of shape (n_layers, k_max).

    See Also
    --------
    sklearn_scat.analysis.local_support_vectors : The sets.

    Examples
    --------
    >>> from sklearn_scat.analysis import local_support_vectors
    >>> from sklearn_scat.displays import NeighborCurveDisplay
    >>> F = [[0.0], [1.0], [2.1], [10.0], [11.0], [12.1]]
    >>> result = local_support_vectors(F, [0, 0, 1, 1, 1, 1], k_max=2)
    >>> NeighborCurveDisplay(result).curves["features"].round(2).tolist()
    [0.17, 0.17]
    """

    def __init__(self, result: Any) -> None:
        self.result = result
        self.curves = dict(zip(result.layers, result.fraction, strict=True))

    def plot(self, ax: Any = None) -> Self:
        """Draw the curves, dark for the first layer and light for the last.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        display : NeighborCurveDisplay
            The display, with the axes as ``ax_`` and the figure as ``figure_``.
        """
        ax = new_axes(ax)
        colors = shades(len(self.curves))
        for i, (layer, curve) in enumerate(self.curves.items()):
            look = {"color": colors[i], "linestyle": DASHES[i % len(DASHES)]}
            ax.plot(self.result.k, 100 * curve, label=layer, linewidth=1.6, **look)
        ax.set_ylim(bottom=0)
        ax.set_xlabel("neighbours k")
        ax.set_ylabel("local support vectors (% of samples)")
        tidy(ax)
        columns = 1 + (len(self.curves) - 1) // 8
        ax.legend(frameon=False, title="layer", ncols=columns)
        self.ax_, self.figure_ = ax, ax.figure
        return self
