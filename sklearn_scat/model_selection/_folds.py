"""Training sets that are listed one by one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.model_selection import BaseCrossValidator

from sklearn_scat.model_selection._indices import check_indices, count_samples


class PredefinedFolds(BaseCrossValidator):
    """Training sets that are listed one by one, as those of STL-10 are.

    Parameters
    ----------
    folds : path or sequence of array-like of int
        The training indices of every fold, counted from 0: a text file with one line
        per fold, indices separated by spaces (``fold_indices.txt`` of STL-10 [1]_), or
        the lists themselves.
    test : array-like of int, default=None
        Indices of the test samples of every fold. By default all samples that the
        fold does not list.

    References
    ----------
    .. [1] A. Coates, H. Lee and A. Y. Ng, "An Analysis of Single-Layer Networks in
       Unsupervised Feature Learning", AISTATS 2011, section 4.6.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.model_selection import PredefinedFolds
    >>> folds = PredefinedFolds([[0, 1], [2, 3]], test=[4, 5])
    >>> for train, test in folds.split(np.zeros((6, 1))):
    ...     print(train, test)
    [0 1] [4 5]
    [2 3] [4 5]
    """

    def __init__(self, folds: Any, *, test: ArrayLike | None = None) -> None:
        self.folds = folds
        self.test = test

    def _read(self):
        if not isinstance(self.folds, (str, Path)):
            return [np.asarray(fold) for fold in self.folds]
        folds = []
        with open(self.folds, encoding="ascii", errors="replace") as lines:
            for number, line in enumerate(lines, start=1):
                words = line.split()
                wrong = [w for w in words if not w.isdecimal() or len(w) > 18]
                if wrong:
                    raise ValueError(
                        f"Line {number} of {str(self.folds)!r} holds {wrong[0][:40]!r} "
                        "where an index is due: integers ≥ 0, separated by spaces."
                    )
                if words:
                    folds.append(np.array(words, dtype=np.int64))
        return folds

    def get_n_splits(
        self, X: ArrayLike | None = None, y: ArrayLike | None = None, groups: Any = None
    ) -> int:
        """Return the number of folds.

        Parameters
        ----------
        X, y, groups : object
            Ignored.

        Returns
        -------
        n_splits : int
            Number of lists, or of lines that are not blank.
        """
        return len(self._read())

    def split(
        self, X: ArrayLike, y: ArrayLike | None = None, groups: Any = None
    ) -> Iterator[Any]:
        """Yield the training indices, as listed, and the test indices of every fold.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples; only their number matters.
        y, groups : object
            Ignored.

        Yields
        ------
        train : ndarray
            Training indices of the fold.
        test : ndarray
            Test indices.

        Raises
        ------
        ValueError
            If there is no fold, an index is repeated in a fold, is no sample of X, or
            is in the test set too.
        """
        n_samples = count_samples(X)
        folds = self._read()
        if not folds:
            raise ValueError(f"{self.folds!r} lists no fold.")
        test = (
            None if self.test is None else check_indices(self.test, n_samples, "test")
        )
        folds = [check_indices(f, n_samples, f"fold {i}") for i, f in enumerate(folds)]
        for i, train in enumerate(folds):
            rest = np.setdiff1d(np.arange(n_samples), train) if test is None else test
            both = np.intersect1d(train, rest)
            if len(both):
                raise ValueError(
                    f"Sample {both[0]} is in fold {i} and in the test set."
                )
            yield train, rest


def dealt_folds(y, n_folds, seed):
    """Return (train, test) of shuffled folds to which every class is dealt round."""
    _, labels, counts = np.unique(y, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(y))
    order = order[np.argsort(labels[order], kind="stable")]
    order = order[counts[labels[order]] > 1]
    n_folds = min(n_folds, counts.max())
    fold = np.full(len(y), -1)
    fold[order] = np.arange(len(order)) % n_folds
    return [
        (np.flatnonzero(fold != f), np.flatnonzero(fold == f))
        for f in range(n_folds)
        if np.any(fold == f)
    ]
