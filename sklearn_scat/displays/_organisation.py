"""How smooth layers are along an axis, and what a translation along it resembles."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from sklearn_scat.displays._style import COLORS, new_axes, tidy


class VariationDisplay:
    """Total variations over those of random orders, as bars.

    Parameters
    ----------
    variations : mapping of str to RelativeVariation
        Anything with ``ratio`` and ``random``, by name: layers, or orders.

    See Also
    --------
    sklearn_scat.analysis.smoothness : The variations.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.displays import VariationDisplay
    >>> from sklearn_scat.questionnaire import relative_variation
    >>> line = np.arange(8.0)
    >>> variations = {"in order": relative_variation(line)}
    >>> VariationDisplay(variations).ratios[0] < 0.5
    True
    """

    def __init__(self, variations: Any) -> None:
        self.names = list(variations)
        self.ratios = [v.ratio for v in variations.values()]
        self.spreads = [
            np.std(v.random) / np.mean(v.random) if np.mean(v.random) > 0 else 0.0
            for v in variations.values()
        ]

    @classmethod
    def from_estimator(cls, organiser: Any) -> Self:
        """Return the bars of a fitted organiser: before and after.

        Parameters
        ----------
        organiser : LayerOrganiser
            Fitted: anything with ``variation_``, ``variation_before_`` and
            ``random_variations_``.

        Returns
        -------
        display : VariationDisplay
            Not drawn yet.
        """
        display = cls({})
        display.names = ["as they came", "organised"]
        display.ratios = [organiser.variation_before_, organiser.variation_]
        display.spreads = 2 * [float(np.std(organiser.random_variations_))]
        return display

    def plot(self, ax: Any = None) -> Self:
        """Draw the bars, and the spread of random orders about 1.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        display : VariationDisplay
            The display, with the axes as ``ax_`` and the figure as ``figure_``.
        """
        ax = new_axes(ax, size=(1.8 + 0.9 * len(self.names), 3.4))
        places = np.arange(len(self.names))
        ax.bar(places, self.ratios, width=0.6, color=COLORS[0])
        ax.errorbar(
            places, np.ones(len(places)), yerr=self.spreads, fmt="_", color=COLORS[1],
            markersize=22, capsize=4, label="random orders (± std)",
        )  # fmt: skip
        ax.set_xticks(places, self.names)
        ax.set_ylabel("total variation / random orders")
        ax.set_ylim(0, max(1.35, 1.1 * max(self.ratios, default=1)))
        tidy(ax)
        ax.legend(frameon=False, loc="upper right")
        self.ax_, self.figure_ = ax, ax.figure
        return self


class TransportDisplay:
    """Images whose layers are nearest to the translated layers of others.

    Parameters
    ----------
    images : array-like of shape (n, H, W) or (n, C, H, W)
        The samples; three channels are red, green and blue.
    nearest : mapping of int to array-like of shape (n,)
        ``Transport.nearest`` for each length of translation.
    candidates : array-like, default=None
        The images that `nearest` counts, where they are others.

    See Also
    --------
    sklearn_scat.analysis.transport : Finds them.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.displays import TransportDisplay
    >>> TransportDisplay(np.zeros((3, 8, 8)), {1: [1, 2, 0]}).shifts
    [1]
    """

    def __init__(
        self, images: ArrayLike, nearest: Any, *, candidates: ArrayLike | None = None
    ) -> None:
        self.images = _channels_last(images)
        same = candidates is None
        self.candidates = self.images if same else _channels_last(candidates)
        self.nearest = {shift: np.asarray(found) for shift, found in nearest.items()}
        self.shifts = list(self.nearest)

    def plot(
        self, samples: Sequence[int] = (0, 1, 2, 3), *, cmap: str = "gray_r"
    ) -> Self:
        """Draw a row for each sample: its image, then those of its translations.

        Parameters
        ----------
        samples : sequence of int, default=(0, 1, 2, 3)
            Which samples.
        cmap : str, default="gray_r"
            Colours of images of one channel.

        Returns
        -------
        display : TransportDisplay
            The display, with the axes as ``ax_`` and the figure as ``figure_``.
        """
        from matplotlib import pyplot

        n_columns = 1 + len(self.shifts)
        self.figure_, self.ax_ = pyplot.subplots(
            len(samples), n_columns, squeeze=False, layout="constrained",
            figsize=(1.1 * n_columns + 0.3, 1.1 * len(samples) + 0.4),
        )  # fmt: skip
        for row, i in zip(self.ax_, samples, strict=True):
            found = [self.candidates[n[i]] for n in self.nearest.values()]
            for ax, image in zip(row, [self.images[i], *found], strict=True):
                ax.imshow(image, cmap=cmap, interpolation="nearest")
                ax.set(xticks=[], yticks=[])
            row[0].set_ylabel(f"sample {i}", size=8)
        titles = ["image", *(f"v {shift:+d}" for shift in self.shifts)]
        for ax, title in zip(self.ax_[0], titles, strict=True):
            ax.set_title(title, size=9)
        return self


def _channels_last(images):
    images = np.asarray(images)
    if images.ndim == 4:
        images = np.moveaxis(images, 1, -1)
        images = images[..., 0] if images.shape[-1] == 1 else images
    return images
