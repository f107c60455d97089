"""Small training sets with the same number of samples of every class."""

from collections.abc import Iterator
from numbers import Integral
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from sklearn.model_selection import BaseCrossValidator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_consistent_length, column_or_1d

from sklearn_scat.model_selection._indices import check_indices

_SEEDS = 2**31 - 1


class BalancedSubsetSplit(BaseCrossValidator):
    """Draw small training sets with the same number of samples of every class.

    Repeat i draws with the seed `random_state` + i, so that any repeat can be drawn
    alone, methods given the same seeds learn from the same subsets, and the subsets of
    one seed are nested: that of 100 samples lies in that of 500. The draw is that of
    the published small-sample protocol for CIFAR-10 [1]_: the first n_total / n_classes
    entries of ``RandomState(seed).permutation(class size)`` are positions in every
    class's list of samples. Splits whose seeds lie closer than `n_repeats` share draws.

    Parameters
    ----------
    n_total : int
        Size of the training sets, all classes together.
    n_repeats : int, default=10
        Number of draws.
    random_state : int, RandomState instance or None, default=None
        Seed of the first draw. An instance or None gives unrelated seeds, new ones in
        every call of `split`.
    test : array-like of int, default=None
        Indices of the test samples, which are never drawn for training. By default all
        samples that were not drawn are tested.
    stratify : {"balanced", "proportional"}, default="balanced"
        "balanced" takes as many samples of each class, and `n_total` must be a multiple
        of the number of classes. "proportional" keeps the proportions of the pool as
        closely as whole numbers allow, with one sample of each class at least.

    References
    ----------
    .. [1] S. Gauthier, B. Thérien, L. Alsène-Racicot, M. Chaudhary, I. Rish,
       E. Belilovsky, M. Eickenberg and G. Wolf, "Parametric Scattering Networks",
       CVPR 2022.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.model_selection import BalancedSubsetSplit
    >>> y = np.repeat(["cat", "dog"], 50)
    >>> split = BalancedSubsetSplit(6, n_repeats=3, random_state=0)
    >>> for train, test in split.split(np.zeros((100, 1)), y):
    ...     print(y[train], len(test))
    ['cat' 'cat' 'cat' 'dog' 'dog' 'dog'] 94
    ['cat' 'cat' 'cat' 'dog' 'dog' 'dog'] 94
    ['cat' 'cat' 'cat' 'dog' 'dog' 'dog'] 94
    """

    def __init__(
        self,
        n_total: int,
        n_repeats: int = 10,
        random_state: int | np.random.RandomState | None = None,
        *,
        test: ArrayLike | None = None,
        stratify: Literal["balanced", "proportional"] = "balanced",
    ) -> None:
        for name, value in (("n_total", n_total), ("n_repeats", n_repeats)):
            if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
                raise ValueError(f"{name}={value!r}; pass an integer ≥ 1.")
        if stratify not in ("balanced", "proportional"):
            raise ValueError(
                f'stratify={stratify!r}; pass "balanced" or "proportional".'
            )
        self.n_total = n_total
        self.n_repeats = n_repeats
        self.random_state = random_state
        self.test = test
        self.stratify = stratify

    def get_n_splits(
        self, X: ArrayLike | None = None, y: ArrayLike | None = None, groups: Any = None
    ) -> int:
        """Return the number of draws.

        Parameters
        ----------
        X, y, groups : object
            Ignored.

        Returns
        -------
        n_splits : int
            `n_repeats`.
        """
        return self.n_repeats

    def split(self, X: ArrayLike, y: ArrayLike, groups: Any = None) -> Iterator[Any]:
        """Yield the training and test indices of every draw, both increasing.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples; only their number matters.
        y : array-like of shape (n_samples,)
            Class labels.
        groups : object
            Ignored.

        Yields
        ------
        train : ndarray of shape (n_total,)
            Indices of the drawn samples.
        test : ndarray
            Indices of the test samples.

        Raises
        ------
        ValueError
            If a class has no or too few samples outside the test set, or `n_total`
            cannot be shared out among the classes.
        """
        check_consistent_length(X, y)
        y = column_or_1d(y)
        test = None if self.test is None else check_indices(self.test, len(y), "test")
        in_pool = np.ones(len(y), bool)
        in_pool[[] if test is None else test] = False
        classes, labels = np.unique(y, return_inverse=True)
        pools = [np.flatnonzero(in_pool & (labels == k)) for k in range(len(classes))]
        shares = self._shares(classes, np.array([len(pool) for pool in pools]))
        for seed in self._seeds():
            drawn = [
                pool[np.random.RandomState(seed).permutation(len(pool))[:share]]
                for pool, share in zip(pools, shares, strict=True)
            ]
            train = np.sort(np.concatenate(drawn))
            rest = np.setdiff1d(np.arange(len(y)), train) if test is None else test
            yield train, rest

    def _seeds(self):
        if isinstance(self.random_state, Integral):
            return self.random_state + np.arange(self.n_repeats)
        return check_random_state(self.random_state).randint(
            _SEEDS, size=self.n_repeats
        )

    def _shares(self, classes, sizes):
        """Return the number of samples to draw from each class."""
        n_classes = len(classes)
        if self.n_total < n_classes:
            raise ValueError(
                f"n_total={self.n_total} is less than one sample for each of the "
                f"{n_classes} classes; pass {n_classes} or more."
            )
        if self.stratify == "balanced":
            shares = np.full(n_classes, self.n_total // n_classes)
            if self.n_total % n_classes:
                below = n_classes * shares[0]
                raise ValueError(
                    f"n_total={self.n_total} is not a multiple of the {n_classes} "
                    f"classes; pass {below}, {below + n_classes}, or "
                    'stratify="proportional".'
                )
        else:
            shares = _apportion(self.n_total, sizes)
        short = np.flatnonzero(sizes < np.maximum(shares, 1))
        if len(short):
            k = short[0]
            where = "" if self.test is None else " outside the test set"
            raise ValueError(
                f"n_total={self.n_total} asks for {max(shares[k], 1)} samples of class "
                f"{classes[k]}, which has {sizes[k]}{where}."
            )
        return shares


def _apportion(n_total, sizes):
    """Whole shares of `n_total` in proportion to `sizes`, each at least one.

    Largest remainders, after one sample for each class.
    """
    quotas = np.maximum(n_total * sizes / max(sizes.sum(), 1), 1)
    while quotas.sum() > n_total * (1 + 1e-12):
        # what the classes held up at one received is taken from the others
        above = quotas > 1
        target = n_total - np.sum(~above)
        quotas[above] = np.maximum(quotas[above] * target / quotas[above].sum(), 1)
    shares = np.floor(quotas + 1e-9).astype(int)
    order = np.argsort(shares - quotas, kind="stable")
    shares[order[: n_total - shares.sum()]] += 1
    return shares
