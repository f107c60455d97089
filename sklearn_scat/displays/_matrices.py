"""A matrix as it came and as it was organised, with its trees."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from sklearn_scat.displays._style import COLORS, new_axes, tidy

_TREE = "0.25"  # grey of the branches
_READABLE = 40  # names beside a matrix


class MatrixDisplay:
    """A matrix before and after, with the trees on its rows and columns.

    Parameters
    ----------
    matrix : array-like of shape (n_rows, n_columns)
        The matrix as it came; NaN are left white.
    row_tree, column_tree : PartitionTree
        Anything with ``order``, ``n_levels`` and ``folders(level)``.
    row_names, column_names : sequence of str, default=None
        Names, written beside matrices of up to 40 rows or columns.

    See Also
    --------
    sklearn_scat.Questionnaire : Makes the trees.

    Examples
    --------
    >>> from sklearn_scat import Questionnaire
    >>> from sklearn_scat.datasets import make_questionnaire
    >>> from sklearn_scat.displays import MatrixDisplay
    >>> M = make_questionnaire(20, 16, random_state=0).data
    >>> display = MatrixDisplay.from_estimator(Questionnaire().fit(M), M)
    >>> display.organised.shape
    (20, 16)
    """

    def __init__(
        self,
        matrix: ArrayLike,
        row_tree: Any,
        column_tree: Any,
        *,
        row_names: Sequence[str] | None = None,
        column_names: Sequence[str] | None = None,
    ) -> None:
        self.row_names, self.column_names = row_names, column_names
        self.matrix = np.asarray(matrix, dtype=float)
        self.row_tree, self.column_tree = row_tree, column_tree
        self.organised = self.matrix[np.ix_(row_tree.order, column_tree.order)]

    @classmethod
    def from_estimator(cls, questionnaire: Any, X: ArrayLike) -> Self:
        """Return the display of a fitted questionnaire.

        Parameters
        ----------
        questionnaire : Questionnaire
            Fitted: anything with ``row_tree_`` and ``column_tree_``.
        X : array-like of shape (n_samples, n_features)
            The matrix that it was fitted on.

        Returns
        -------
        display : MatrixDisplay
            Not drawn yet.
        """
        return cls(X, questionnaire.row_tree_, questionnaire.column_tree_)

    def plot(self, ax: Any = None, *, cmap: str = "cividis") -> Self:
        """Draw the matrix as it came, and organised, with both trees.

        Parameters
        ----------
        ax : sequence of two matplotlib Axes, default=None
            For the two matrices, the trees left out; None makes a figure with all.
        cmap : str, default="cividis"
            Colours, of growing lightness.

        Returns
        -------
        display : MatrixDisplay
            The display, with the axes of the matrices as ``ax_`` and the figure as
            ``figure_``.
        """
        trees = ax is None
        if trees:
            named = self.row_names is not None and len(self.matrix) <= _READABLE
            self.figure_, places = _figure(0.13 * len(self.matrix) if named else 0.0)
            ax = places["before"], places["after"]
            draw_tree(places["columns"], self.column_tree)
            draw_tree(places["rows"], self.row_tree, sideways=True)
        else:
            self.figure_ = ax[0].figure
        known = self.matrix[np.isfinite(self.matrix)]
        low, high = (known.min(), known.max()) if known.size else (0, 1)
        pictures = zip(ax, (self.matrix, self.organised), strict=True)
        for axes, matrix in pictures:
            image = axes.imshow(
                matrix, cmap=cmap, vmin=low, vmax=high, aspect="auto",
                interpolation="nearest",
            )  # fmt: skip
            axes.set(xlabel="column", ylabel="row", xticks=[], yticks=[])
        ax[0].set_title("as it came", size=10)
        ax[1].set_title("" if trees else "organised", size=10)
        ax[1].set_ylabel("")
        ax[1].set_xlabel("column, organised")
        self._write_names(ax)
        bar_at = places["bar"] if trees else None
        self.figure_.colorbar(image, ax=None if trees else ax[1], cax=bar_at)
        self.ax_ = ax
        return self

    def _write_names(self, ax):
        """Write names of rows and columns, as far as they can be read."""
        rows, columns = self.row_tree.order, self.column_tree.order
        orders = [(np.arange(len(rows)), np.arange(len(columns))), (rows, columns)]
        for axes, (row, column) in zip(ax, orders, strict=True):
            if self.row_names is not None and len(row) <= _READABLE:
                names = [self.row_names[i] for i in row]
                axes.set_yticks(range(len(row)), names, size=6)
            if self.column_names is not None and len(column) <= _READABLE:
                names = [self.column_names[j] for j in column]
                axes.set_xticks(range(len(column)), names, size=6, rotation=90)


class HaarDisplay:
    """Haar coefficients of a matrix against the size of their supports.

    A matrix that is smooth in the geometry of the trees has small coefficients on
    small supports: below the line of slope α + ½.

    Parameters
    ----------
    decay : SupportDecay
        What :func:`sklearn_scat.questionnaire.mixed_holder` returns: anything with
        ``support``, ``magnitude``, ``constant`` and ``alpha``.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.displays import HaarDisplay
    >>> from sklearn_scat.questionnaire import dyadic_tree, mixed_holder, tensor_haar
    >>> tree = dyadic_tree(16)
    >>> C = tensor_haar(np.outer(np.arange(16), np.arange(16)), tree, tree)
    >>> len(HaarDisplay(mixed_holder(C, tree, tree)).support)
    225
    """

    def __init__(self, decay: Any) -> None:
        self.decay = decay
        chosen = np.zeros(decay.support.shape, bool)
        chosen[1:, 1:] = True  # those that vary along rows and columns
        self.support = decay.support[chosen]
        self.magnitude = decay.magnitude[chosen]

    def plot(self, ax: Any = None) -> Self:
        """Draw the coefficients, and the bound that holds for all.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        display : HaarDisplay
            The display, with the axes as ``ax_`` and the figure as ``figure_``.
        """
        ax = new_axes(ax, size=(5, 3.8))
        shown = self.magnitude > 1e-6 * self.magnitude.max(initial=0.0)
        ax.loglog(
            self.support[shown], self.magnitude[shown], ".", color=COLORS[0],
            markersize=3, alpha=0.4, rasterized=True, label="coefficients",
        )  # fmt: skip
        ends = np.array([self.support.min(initial=1.0), 1.0])
        alpha = self.decay.alpha
        ax.loglog(
            ends, self.decay.constant * ends ** (alpha + 0.5), "--", color=COLORS[1],
            label=f"c |R|$^{{α+1/2}}$, α = {alpha:g}",
        )  # fmt: skip
        ax.set_xlabel("support |R| (share of the matrix)")
        ax.set_ylabel("|coefficient| / √(entries)")
        tidy(ax)
        ax.legend(frameon=False)
        self.ax_, self.figure_ = ax, ax.figure
        return self


def draw_tree(ax, tree, *, sideways=False):
    """Draw the branches of a tree whose leaves are the ticks of a picture.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw; its frame is taken away.
    tree : PartitionTree
        The tree.
    sideways : bool, default=False
        Root at the right and leaves, from first to last, down the left side; otherwise
        root at the top and leaves along the bottom.
    """
    from matplotlib.collections import LineCollection

    place = np.empty(tree.n_points)
    place[tree.order] = np.arange(tree.n_points)
    height = np.linspace(1, 0, tree.n_levels) if tree.n_levels > 1 else np.ones(1)
    lines = []
    for level in range(tree.n_levels - 1):
        above = [place[folder].mean() for folder in tree.folders(level)]
        for folder in tree.folders(level + 1):
            parent = above[tree.partitions[level, folder[0]]]
            corner = (place[folder].mean(), height[level])
            lines.append(
                [(parent, height[level]), corner, (corner[0], height[level + 1])]
            )
    if sideways:
        lines = [[(y, x) for x, y in line] for line in lines]
    ax.add_collection(LineCollection(lines, colors=_TREE, linewidths=0.5))
    ends = (-0.5, tree.n_points - 0.5)
    if sideways:
        ax.set(xlim=(0, 1.02), ylim=ends[::-1])
    else:
        ax.set(xlim=ends, ylim=(0, 1.02))
    ax.set_axis_off()


def _figure(least_height):
    """Return a figure with places for two matrices, two trees and a bar of colours."""
    from matplotlib import pyplot

    return pyplot.subplot_mosaic(
        [[".", "columns", ".", "."], ["before", "after", "rows", "bar"]],
        width_ratios=[3, 3, 0.9, 0.12],
        height_ratios=[0.9, 3],
        figsize=(8.4, max(4.4, 2 + least_height)),
        layout="constrained",
    )
