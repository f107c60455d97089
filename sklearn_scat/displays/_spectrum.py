"""How the variance within classes spreads over directions, layer by layer."""

from collections.abc import Sequence
from typing import Any, Self

from sklearn_scat.displays._style import DASHES, new_axes, shades, tidy


class SpectrumDisplay:
    """Share of the variance within classes in its first directions.

    Parameters
    ----------
    result : Contraction
        What :func:`sklearn_scat.analysis.contraction` returns: anything with
        ``layers`` and ``cumulated`` of shape (n_layers, n_classes, r).
    layers : sequence of str, default=None
        Which layers; None takes all.

    Raises
    ------
    ValueError
        When a layer is unknown.

    See Also
    --------
    sklearn_scat.analysis.contraction : The spectra of classes.

    Notes
    -----
    Each curve is the mean over the classes. A curve further to the left is a layer in
    which classes vary along fewer directions.

    Examples
    --------
    >>> from sklearn_scat.analysis import contraction
    >>> from sklearn_scat.displays import SpectrumDisplay
    >>> F = [[0.0, 0.0], [2.0, 1.0], [5.0, 5.0], [6.0, 7.0]]
    >>> SpectrumDisplay(contraction(F, [0, 0, 1, 1])).curves["features"].tolist()
    [1.0, 1.0]
    """

    def __init__(self, result: Any, *, layers: Sequence[str] | None = None) -> None:
        names = tuple(result.layers)
        chosen = names if layers is None else tuple(layers)
        for layer in chosen:
            if layer not in names:
                listed = ", ".join(map(repr, names))
                raise ValueError(f"There is no layer {layer!r}. The layers: {listed}.")
        mean = result.cumulated.mean(axis=1)
        self.result = result
        self.curves = {layer: mean[names.index(layer)] for layer in chosen}

    def plot(self, ax: Any = None) -> Self:
        """Draw the curves, dark for the first layer and light for the last.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        display : SpectrumDisplay
            The display, with the axes as ``ax_`` and the figure as ``figure_``.
        """
        ax = new_axes(ax)
        colors = shades(len(self.curves))
        for i, (layer, curve) in enumerate(self.curves.items()):
            look = {"color": colors[i], "linestyle": DASHES[i % len(DASHES)]}
            places = range(1, len(curve) + 1)
            ax.plot(places, 100 * curve, label=layer, linewidth=1.6, **look)
        ax.set_xscale("log")
        ax.set_xticks(*_powers_of_two(max(map(len, self.curves.values()))))
        ax.minorticks_off()
        ax.set_ylim(0, 102)
        ax.set_xlabel("principal components of a class")
        ax.set_ylabel("variance within classes (%)")
        tidy(ax)
        columns = 1 + (len(self.curves) - 1) // 8
        ax.legend(frameon=False, title="layer", ncols=columns, loc="lower right")
        self.ax_, self.figure_ = ax, ax.figure
        return self


def _powers_of_two(n):
    """Places and texts of ticks from 1 to n."""
    ticks = [2**i for i in range(n.bit_length())]
    return ticks, [str(tick) for tick in ticks]
