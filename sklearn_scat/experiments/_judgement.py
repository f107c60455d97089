"""What a classifier said of labelled images that it had not learned from."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

_Z = 1.96  # of a normal distribution, whose middle 95 % lie within


@dataclass(frozen=True)
class Judgement:
    """Probabilities of labelled images.

    Parameters
    ----------
    classes : list of str
        Names.
    truth : ndarray of int of shape (n,)
        Indices of the images' own classes.
    p : ndarray of shape (n, n_classes)
        Probabilities, by what had not learned from the image.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.experiments import Judgement
    >>> p = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])
    >>> judgement = Judgement(["a", "b"], np.array([0, 1, 1]), p)
    >>> judgement.confusion().tolist(), judgement.mistakes().tolist()
    ([[1, 0], [1, 1]], [2])
    """

    classes: list
    truth: np.ndarray
    p: np.ndarray

    @classmethod
    def from_predictions(cls, classes: list, predictions: dict) -> Self:
        """Return the judgement of predicted classes and their probabilities.

        The other classes share the rest evenly here, which leaves the order of images
        as it is; without probabilities, those of the predicted classes are 1.

        Parameters
        ----------
        classes : list of str
            Names.
        predictions : dict
            As of :class:`Record`.
        """
        predicted = np.array(predictions["predicted"])
        top = np.array(predictions["probability"] or np.ones(len(predicted)))
        rest = (1 - top[:, None]) / max(1, len(classes) - 1)
        p = np.repeat(rest, len(classes), axis=1)
        p[np.arange(len(predicted)), predicted] = top
        return cls(classes, np.array(predictions["truth"]), p)

    @property
    def predicted(self) -> Any:
        """Indices of the classes of the largest probabilities: (n,)."""
        return self.p.argmax(axis=1)

    @property
    def own(self) -> Any:
        """The probability of each image's own class: (n,)."""
        return self.p[np.arange(len(self.truth)), self.truth]

    @property
    def accuracy(self) -> Any:
        """Share of images whose own class is the most probable."""
        return float(np.mean(self.predicted == self.truth))

    def confusion(self) -> Any:
        """Return counts by own class (rows) and predicted class: (K, K)."""
        counts = np.zeros((len(self.classes), len(self.classes)), int)
        np.add.at(counts, (self.truth, self.predicted), 1)
        return counts

    def mistakes(self) -> Any:
        """Return the images that were judged wrongly, the surest first."""
        wrong = np.flatnonzero(self.predicted != self.truth)
        return wrong[np.argsort(self.own[wrong], kind="stable")]

    def most_typical(self, k: Any) -> Any:
        """Return the image of class k whose own class is most probable, or None."""
        members = np.flatnonzero(self.truth == k)
        return int(members[self.own[members].argmax()]) if len(members) else None

    def most_doubtful(self, k: Any) -> Any:
        """Return the image of class k that two classes are nearest to alike, or None.

        It is that of the smallest margin between the two largest probabilities.
        """
        members = np.flatnonzero(self.truth == k)
        if not len(members):
            return None
        two = np.sort(self.p[members], axis=1)[:, -2:]
        return int(members[(two[:, 1] - two[:, 0]).argmin()])

    def reliability(self, n_bins: int = 10) -> Any:
        """Return how often predictions came true, by how probable they were.

        Parameters
        ----------
        n_bins : int, default=10
            Equal intervals of probability; empty ones are left out.

        Returns
        -------
        bins : list of (float, float, int)
            Mean probability of the predicted class, share that was right, and number.

        References
        ----------
        C. Guo, G. Pleiss, Y. Sun and K. Weinberger, "On calibration of modern neural
        networks", ICML 2017, section 2.
        """
        top, right = self.p.max(axis=1), self.predicted == self.truth
        place = np.minimum((top * n_bins).astype(int), n_bins - 1)
        return [
            (float(top[own].mean()), float(right[own].mean()), int(own.sum()))
            for own in (place == b for b in range(n_bins))
            if own.any()
        ]

    def calibration_error(self, n_bins: int = 10) -> Any:
        """Return the mean distance between probability and share, over images."""
        bins = self.reliability(n_bins)
        total = sum(abs(share - p) * n for p, share, n in bins)
        return total / max(1, len(self.truth))


def wilson_interval(share: Any, n: Any) -> Any:
    """Return the 95 % interval of a share of n.

    References
    ----------
    E. B. Wilson, "Probable inference, the law of succession, and statistical
    inference", Journal of the American Statistical Association 22(158), 1927.

    Examples
    --------
    >>> low, high = wilson_interval(0.5, 100)
    >>> round(low, 3), round(high, 3)
    (0.404, 0.596)
    """
    centre = share + _Z**2 / (2 * n)
    spread = _Z * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    scale = 1 + _Z**2 / n
    return float((centre - spread) / scale), float((centre + spread) / scale)
