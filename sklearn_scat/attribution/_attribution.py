"""What an explanation is: shares of a decision, by path and place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class PathShares:
    """The shares of the coefficients of one scattering in decisions.

    Parameters
    ----------
    name : str
        Of the step that made the coefficients.
    paths : structured ndarray of shape (P,), or None
        Their paths; None for pixels.
    shares : ndarray of shape (n, C, P, h, w)
        In the units of the decision. Of coefficients that the model does not look at
        they are 0.
    has_places : bool
        Whether (h, w) are positions in the image; what is pooled has none.
    """

    name: str
    paths: Any
    shares: np.ndarray
    has_places: bool

    def by_path(self) -> Any:
        """Return the sums over channels and positions: (n, P)."""
        return self.shares.sum(axis=(1, 3, 4))

    def by_place(self) -> Any:
        """Return the sums over channels and paths: (n, h, w)."""
        return self.shares.sum(axis=(1, 2))


@dataclass(frozen=True)
class Attribution:
    """Decisions, and what each coefficient has contributed to them.

    For every image, ``base + sum of all shares == decision`` up to rounding.

    Parameters
    ----------
    classes : ndarray of shape (n,)
        What was decided for.
    runners_up : ndarray of shape (n,)
        The class that came next.
    decisions : ndarray of shape (n,)
        The decision value of the class minus that of the runner-up; where the model
        gives one value for two classes, this value, counted towards the class.
    bases : ndarray of shape (n,)
        The same at the reference.
    parts : tuple of PathShares
        One for every scattering that the model looks at.

    See Also
    --------
    explain : What makes them.
    """

    classes: np.ndarray
    runners_up: np.ndarray
    decisions: np.ndarray
    bases: np.ndarray
    parts: tuple

    def totals(self) -> Any:
        """Return base and shares summed up, which are the decisions: (n,)."""
        return self.bases + sum(part.by_path().sum(axis=1) for part in self.parts)

    def by_place(self, size: Sequence[int]) -> NDArray[Any] | None:
        """Return where in the image decisions were made.

        Parameters
        ----------
        size : tuple (H, W)
            Of the image, in pixels.

        Returns
        -------
        places : ndarray of shape (n, H, W), or None
            The share of each position spread evenly over its pixels, so that the map
            sums to what the places have decided. None where no part has places.
        """
        maps = [
            _spread(part.by_place(), size) for part in self.parts if part.has_places
        ]
        return sum(maps[1:], start=maps[0]) if maps else None


def _spread(values, size):
    """Return maps (n, h, w) at other sides, each value spread over its own cell."""
    for axis, side in zip((1, 2), size, strict=True):
        values = np.moveaxis(
            np.moveaxis(values, axis, -1) @ _overlap(values.shape[axis], side), -1, axis
        )
    return values


def _overlap(n, side):
    """Return which part of each of n equal cells lies in each of the pixels: (n, side).

    Examples
    --------
    >>> _overlap(2, 3) * 3
    array([[2., 1., 0.],
           [0., 1., 2.]])
    """
    cells, pixels = np.linspace(0, 1, n + 1), np.linspace(0, 1, side + 1)
    begin = np.maximum(cells[:-1, None], pixels[None, :-1])
    end = np.minimum(cells[1:, None], pixels[None, 1:])
    return np.maximum(end - begin, 0) * n
