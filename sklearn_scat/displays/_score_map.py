"""Where an image is odd, over the image."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sklearn_scat.displays._style import new_axes


class ScoreMapDisplay:
    """An image, and over it in colour how far each place is from what is usual.

    Parameters
    ----------
    image : ndarray of shape (H, W) or (3, H, W)
        What is shown beneath, in grey: the mean of channels.
    scores : ndarray of shape (H, W)
        At every pixel, larger where it is odder.
    threshold : float, default=None
        From where on a place is marked, by a contour.

    Raises
    ------
    ValueError
        If the scores are not of the image's sides.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat import PatchGaussian
    >>> from sklearn_scat.displays import ScoreMapDisplay
    >>> good = np.random.default_rng(0).normal(size=(40, 32, 32))
    >>> detector = PatchGaussian().fit(good)
    >>> bad = good[0].copy()
    >>> bad[8:16, 8:16] += 5
    >>> display = ScoreMapDisplay.from_estimator(detector, bad)
    >>> bool(display.scores.max() > display.threshold)
    True
    """

    def __init__(
        self,
        image: NDArray[Any],
        scores: NDArray[Any],
        *,
        threshold: float | None = None,
    ) -> None:
        image, scores = np.asarray(image, dtype=float), np.asarray(scores, dtype=float)
        if image.ndim not in (2, 3) or image.shape[-2:] != scores.shape:
            raise ValueError(
                "image must be (H, W) or (C, H, W), and scores (H, W) of the same "
                f"sides; got {image.shape} and {scores.shape}."
            )
        self.image, self.scores, self.threshold = image, scores, threshold

    @classmethod
    def from_estimator(cls, detector: Any, image: ArrayLike) -> Self:
        """Display where a detector finds an image odd.

        Parameters
        ----------
        detector : PatchGaussian
            Fitted: anything with ``score_map``, ``offset_`` and ``reduction``.
        image : array-like of the fitted image's shape
            The image.

        Returns
        -------
        display : ScoreMapDisplay
            Not drawn yet. Its threshold is that of the detector, where an image is as
            odd as its oddest place.
        """
        image = np.asarray(image)
        (scores,) = detector.score_map(image[None])
        threshold = -detector.offset_ if detector.reduction == "max" else None
        return cls(image, scores, threshold=threshold)

    def plot(self, ax: Any = None, *, vmax: float | None = None) -> Self:
        """Draw the image and the scores.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure.
        vmax : float, default=None
            The score of the strongest colour; None takes the largest, or the threshold
            if that is larger, so that usual images stay pale.

        Returns
        -------
        display : ScoreMapDisplay
            The display, with the axes as ``ax_`` and the figure as ``figure_``.
        """
        ax = new_axes(ax, (4.6, 3.8))
        grey = self.image if self.image.ndim == 2 else self.image.mean(axis=0)
        ax.imshow(grey, cmap="gray")
        if vmax is None:
            vmax = max(self.scores.max(), self.threshold or 0)
        vmin = self.scores.min()
        share = np.clip((self.scores - vmin) / ((vmax - vmin) or 1), 0, 1)
        look = {"cmap": "inferno", "vmin": vmin, "vmax": vmax}
        picture = ax.imshow(self.scores, alpha=0.75 * share, **look)
        if self.threshold is not None and self.scores.max() > self.threshold:
            ax.contour(self.scores, [self.threshold], colors="#56B4E9", linewidths=1.6)
        ax.set_xticks([])
        ax.set_yticks([])
        label = "distance (standard deviations)"
        ax.figure.colorbar(picture, ax=ax, label=label)
        self.ax_, self.figure_ = ax, ax.figure
        return self
