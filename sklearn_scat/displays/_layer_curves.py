"""A measurement as a curve over the layers of a network."""

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Any, Self

import numpy as np

from sklearn_scat.displays._style import curve_look, new_axes, tidy

_LABEL_WIDTH = 36  # characters along an axis of 3 inches
COMMON = {("nearest_neighbor", "svm"): "accuracy"}
SHORT = {"nearest_neighbor": "nearest neighbour", "svm": "Gaussian SVM"}


class LayerCurveDisplay:
    """A measurement layer by layer, one curve for each representation.

    Parameters
    ----------
    results : result, or mapping of str to result
        What a measurement of :mod:`sklearn_scat.analysis` returns: anything with
        ``layers`` and quantities whose first axis runs over the layers. Of a mapping
        each result is a curve under its name; all have as many layers.
    quantity : str or sequence of str, default=None
        Which attribute to draw, or several of one unit. None takes what the result
        itself names (``headline``). It may also say how each is called at the axis,
        and its unit: ``axes``, a dictionary of pairs; shares are drawn in percent.

    Raises
    ------
    ValueError
        When a result has no such quantity, or the results differ in their layers.

    See Also
    --------
    sklearn_scat.analysis.contraction : Distances within and between classes.

    Notes
    -----
    A quantity with further axes (one entry for each class, say) is drawn as its mean
    over them, in a band from the smallest to the largest.

    Examples
    --------
    >>> from sklearn_scat.analysis import contraction
    >>> from sklearn_scat.displays import LayerCurveDisplay
    >>> layers = {"first": [[0.0], [2.0], [4.0]], "second": [[0.0], [1.0], [4.0]]}
    >>> display = LayerCurveDisplay(contraction(layers, [0, 0, 1]))
    >>> display.quantity, [curve.tolist() for curve in display.curves.values()]
    (('ratio',), [[0.16666666666666666, 0.07142857142857142]])
    """

    def __init__(
        self, results: Any, *, quantity: str | Sequence[str] | None = None
    ) -> None:
        several = isinstance(results, Mapping)
        self.results = dict(results) if several else {"": results}
        first = next(iter(self.results.values()), None)
        if first is None:
            raise ValueError("results is empty: pass one result at least.")
        quantity = getattr(first, "headline", None) if quantity is None else quantity
        if quantity is None:
            raise ValueError(f"Name the quantity of {type(first).__name__} to draw.")
        self.quantity = (quantity,) if isinstance(quantity, str) else tuple(quantity)
        self.layers = tuple(first.layers)
        self.curves = {}
        for name, result in self.results.items():
            if len(result.layers) != len(self.layers):
                raise ValueError(
                    f"{name!r} has {len(result.layers)} layers, the first result has "
                    f"{len(self.layers)}; they must agree."
                )
            for attribute in self.quantity:
                label = self._label(name, attribute)
                self.curves[label] = _values(result, attribute)

    def _label(self, name, attribute):
        """Name of a curve in the legend: "" where there is only one."""
        parts = [name] if name else []
        if len(self.quantity) > 1:
            parts.append(SHORT.get(attribute, _words(attribute)))
        return ", ".join(parts)

    def plot(self, ax: Any = None) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        display : LayerCurveDisplay
            The display, with the axes as ``ax_`` and the figure as ``figure_``.
        """
        ax = new_axes(ax)
        places = np.arange(1, len(self.layers) + 1)
        what, unit = self._axis()
        factor = 100 if unit.startswith("%") else 1
        for i, (label, values) in enumerate(self.curves.items()):
            flat = factor * values.reshape(len(values), -1)
            look = curve_look(i)
            ax.plot(places, flat.mean(axis=1), label=label or None, **look)
            if flat.shape[1] > 1:
                low, high = flat.min(axis=1), flat.max(axis=1)
                ax.fill_between(places, low, high, color=look["color"], alpha=0.15)
        _mark_layers(ax, self.layers)
        ax.set_xlabel("layer")
        label = f"{what} ({unit})" if unit else what
        ax.set_ylabel(fill(label, _LABEL_WIDTH))
        tidy(ax)
        if any(self.curves):
            ax.legend(frameon=False)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _axis(self):
        """Name and unit of what is drawn."""
        axes = getattr(next(iter(self.results.values())), "axes", {})
        known = [axes.get(name, (_words(name), "")) for name in self.quantity]
        names, units = zip(*known, strict=True)
        return COMMON.get(self.quantity, " or ".join(names)), units[0]


def _words(name):
    return name.replace("_", " ")


def _values(result, attribute):
    """Return a quantity of a result, its first axis over the layers."""
    values = getattr(result, attribute, None)
    if values is None or np.shape(values)[:1] != (len(result.layers),):
        raise ValueError(
            f"{type(result).__name__} has no quantity {attribute!r} with an entry for "
            "each layer."
        )
    return np.asarray(values, dtype=float)


def _mark_layers(ax, layers):
    """Write the layers' names where there is room, else their numbers."""
    n = len(layers)
    if n <= 14 and max(map(len, layers)) * n <= 60:
        ax.set_xticks(range(1, n + 1), layers)
    elif n <= 20:
        ax.set_xticks(range(1, n + 1))
