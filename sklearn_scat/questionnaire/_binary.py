"""Trees from affinities, top down."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sklearn_scat.questionnaire._affinity import tree_affinity
from sklearn_scat.questionnaire._diffusion import diffusion_map
from sklearn_scat.questionnaire._tree import PartitionTree


class _Cut(NamedTuple):
    """Where a sorted coordinate may be cut, and who chooses."""

    balance: float
    rng: np.random.Generator | None

    def position(self, values):
        """Return how many of the sorted values come before the cut."""
        n = len(values)
        least = max(1, int(np.ceil(self.balance * n)))
        least = min(least, n // 2)
        positions = np.arange(least, n - least + 1)
        if self.rng is not None:
            return int(self.rng.choice(positions))
        gaps = values[positions] - values[positions - 1]
        middle = -np.abs(positions - n / 2)  # of equal gaps, the one in the middle
        return int(positions[np.lexsort([middle, gaps])[-1]])


def binary_tree(
    A: ArrayLike,
    *,
    balance: float = 0.4,
    random_state: int | np.random.Generator | None = None,
) -> PartitionTree:
    """Tree on points that cuts every folder in two, top down.

    A folder is ordered by the first diffusion coordinate of its own points and cut at
    the widest gap, or at random; never so that a part has less than the share
    `balance`. Trees of several random cuts differ in where their folders end, and
    denoising averages over them.

    Parameters
    ----------
    A : array-like of shape (n, n)
        Affinities.
    balance : float, default=0.4
        Smallest share of a folder's points on one side, in (0, 0.5].
    random_state : int, numpy.random.Generator or None, default=None
        Seed of random cuts; None cuts at the widest gap.

    Returns
    -------
    tree : PartitionTree
        Children are ordered by the mean of the first diffusion coordinate of all.

    Raises
    ------
    ValueError
        If `balance` is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.questionnaire import binary_tree
    >>> x = np.array([0.0, 10.0, 1.0, 11.0])
    >>> tree = binary_tree(np.exp(-np.abs(x - x[:, None])))
    >>> sorted(sorted(folder.tolist()) for folder in tree.folders(1))
    [[0, 2], [1, 3]]
    """
    if not 0 < balance <= 0.5:
        raise ValueError(f"balance={balance}; pass a share in (0, 0.5].")
    A = np.asarray(A, dtype=np.float64)
    cut = _Cut(
        balance, None if random_state is None else np.random.default_rng(random_state)
    )
    n = len(A)
    scores = diffusion_map(A, n_vectors=1).coordinates[:, 0]
    labels = np.zeros(n, np.intp)
    levels = [labels]
    folders = [np.arange(n)]
    while len(folders) < n:
        folders = [part for folder in folders for part in _halve(A, folder, cut)]
        labels = np.empty(n, np.intp)
        for number, folder in enumerate(folders):
            labels[folder] = number
        levels.append(labels)
    return PartitionTree.from_partitions(levels, scores)


def _halve(A, folder, cut):
    """Return the two parts of a folder, or a single point as it is."""
    if len(folder) == 1:
        return [folder]
    inside = A[np.ix_(folder, folder)]
    values = diffusion_map(inside, n_vectors=1).coordinates[:, 0]
    order = np.argsort(values, kind="stable")
    position = cut.position(values[order])
    return [folder[order[:position]], folder[order[position:]]]


def random_tree_pairs(
    M: ArrayLike,
    trees: Any,
    *,
    n_pairs: int = 8,
    random_state: int | np.random.Generator | None = None,
) -> list[tuple[PartitionTree, PartitionTree]]:
    """Binary trees with random cuts, from the affinities that a pair of trees gives.

    Parameters
    ----------
    M : array-like of shape (n_rows, n_columns)
        The matrix; NaN where an entry is missing.
    trees : (PartitionTree, PartitionTree)
        Trees on its rows and columns.
    n_pairs : int, default=8
        Number of pairs.
    random_state : int, numpy.random.Generator or None, default=None
        Seed of the cuts.

    Returns
    -------
    pairs : list of (PartitionTree, PartitionTree)
        For :func:`denoise`.

    Examples
    --------
    >>> from sklearn_scat.questionnaire import dyadic_tree, random_tree_pairs
    >>> tree = dyadic_tree(4)
    >>> len(random_tree_pairs([[0, 1, 2, 3]] * 4, (tree, tree), n_pairs=3))
    3
    """
    rng = np.random.default_rng(random_state)
    row_tree, column_tree = trees
    rows = tree_affinity(np.transpose(M), column_tree)
    columns = tree_affinity(M, row_tree)
    return [
        (binary_tree(rows, random_state=rng), binary_tree(columns, random_state=rng))
        for _ in range(n_pairs)
    ]
