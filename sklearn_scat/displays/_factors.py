"""Which factors features vary with, and the shape of an effect."""

from typing import Any, Self

import numpy as np

from sklearn_scat.displays._style import COLORS, HATCHES, new_axes, shades, tidy


class FactorDisplay:
    """Shares of the variance that factors explain, as bars for each layer.

    Parameters
    ----------
    result : Variability
        What :func:`sklearn_scat.analysis.variability` returns: anything with
        ``layers``, ``factors``, ``share``, ``residual``, ``levels`` and ``effects``.

    See Also
    --------
    sklearn_scat.analysis.variability : The shares.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.analysis import variability
    >>> from sklearn_scat.displays import FactorDisplay
    >>> factors = {"a": np.repeat([0, 1], 3), "b": np.tile([0, 1, 2], 2)}
    >>> F = np.column_stack([factors["a"], factors["b"]])
    >>> FactorDisplay(variability(F, factors)).shares["a"].round(3)
    array([0.273])
    """

    def __init__(self, result: Any) -> None:
        self.result = result
        columns = np.column_stack([result.share, result.residual])
        names = (*result.factors, "residual")
        self.shares = dict(zip(names, columns.T, strict=True))

    def plot(self, ax: Any = None) -> Self:
        """Draw one bar for each layer, divided among the factors.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        display : FactorDisplay
            The display, with the axes as ``ax_`` and the figure as ``figure_``.
        """
        ax = new_axes(ax)
        layers = self.result.layers
        below = np.zeros(len(layers))
        for i, (name, share) in enumerate(self.shares.items()):
            rest = i == len(self.shares) - 1
            ax.bar(
                range(len(layers)),
                100 * share,
                bottom=below,
                label=name,
                color="0.85" if rest else COLORS[i % len(COLORS)],
                hatch="" if rest else HATCHES[i % len(HATCHES)],
                edgecolor="white",
                width=0.7,
            )
            below = below + 100 * share
        ax.set_xticks(range(len(layers)), layers)
        ax.set_ylim(0, 100)
        ax.set_xlabel("representation")
        ax.set_ylabel("variance explained (%)")
        tidy(ax)
        ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def plot_effect(
        self, factor: str, *, layer: str | None = None, ax: Any = None
    ) -> Self:
        """Draw how the mean of the features moves with a factor, in two dimensions.

        The two axes are the first principal components of the effect. A rotation
        through a full turn makes a closed curve.

        Parameters
        ----------
        factor : str
            Which factor.
        layer : str, default=None
            Which layer; None takes the last.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        display : FactorDisplay
            The display, with the axes as ``ax_`` and the figure as ``figure_``.

        Raises
        ------
        ValueError
            When there is no such factor or layer.
        """
        layer = self.result.layers[-1] if layer is None else layer
        _refuse_unknown(layer, self.result.layers, "layer")
        _refuse_unknown(factor, self.result.factors, "factor")
        effect = self.result.effects[layer][factor]
        left, values, _ = np.linalg.svd(effect, full_matrices=False)
        points = np.pad(left * values, ((0, 0), (0, 2)))[:, :2]
        energy = np.pad(values**2, (0, 2))[:2] / max((values**2).sum(), 1e-300)
        ax = new_axes(ax, size=(4.6, 4.2))
        ax.plot(*points.T, color="0.7", linewidth=1, zorder=1)
        ax.scatter(*points.T, color=shades(len(points)), s=28, zorder=2)
        texts = [_text(level) for level in self.result.levels[factor]]
        for place, text in _labels(points, texts):
            ax.annotate(text, place, (4, 4), textcoords="offset points", size=8)
        for i, label in enumerate((ax.set_xlabel, ax.set_ylabel)):
            label(f"component {i + 1} ({100 * energy[i]:.0f} % of the effect)")
        ax.set_title(f"{factor}, {layer}", size=10)
        ax.set_aspect("equal", adjustable="datalim")
        tidy(ax)
        self.ax_, self.figure_ = ax, ax.figure
        return self


def _refuse_unknown(name, known, what):
    if name not in known:
        listed = ", ".join(map(repr, known))
        raise ValueError(f"There is no {what} {name!r}. Take one of {listed}.")


def _labels(points, texts):
    """Yield some places, eight at most, and the texts of all points near them."""
    reach = 0.05 * np.ptp(points, axis=0).max()
    written = np.zeros(len(points), dtype=bool)
    for i in range(0, len(points), max(1, -(-len(points) // 8))):
        near = np.linalg.norm(points - points[i], axis=1) <= reach
        if not written[i]:
            yield points[i], ", ".join(np.array(texts)[near][:4])
        written |= near


def _text(level):
    """Write a level in few letters."""
    if isinstance(level, (float, np.floating)):
        return f"{level:.3g}"
    if isinstance(level, np.ndarray):
        return ", ".join(_text(value) for value in level)
    return str(level)
