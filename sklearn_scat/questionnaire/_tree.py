"""Trees of nested partitions."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class PartitionTree:
    r"""A tree on n points: partitions that refine one another, from one folder to n.

    Folders of a level are numbered in the order in which a walk through the tree, depth
    first, meets them. The last level is the position of every point in that walk, so
    that sorting the points by it makes every folder of every level an interval.

    Parameters
    ----------
    partitions : array-like of int of shape (n_levels, n)
        ``partitions[l, i]`` is the folder of level l that holds point i. Level 0 has
        one folder, the last level n.

    Attributes
    ----------
    order : ndarray of shape (n,)
        The points as the walk meets them.

    Raises
    ------
    ValueError
        If a level does not refine the one before, or is not numbered along the walk.

    See Also
    --------
    PartitionTree.from_partitions : Numbers the folders itself.

    References
    ----------
    .. [1] R. R. Coifman and M. Gavish, "Harmonic analysis of digital data bases", in
       *Wavelets and Multiscale Analysis*, Birkhäuser, 2011, section 3.

    Examples
    --------
    >>> from sklearn_scat.questionnaire import PartitionTree
    >>> tree = PartitionTree([[0, 0, 0], [0, 1, 0], [1, 2, 0]])
    >>> tree.order.tolist()
    [2, 0, 1]
    >>> tree.folders(1)
    [array([2, 0]), array([1])]
    """

    partitions: np.ndarray

    def __post_init__(self):
        given = np.asarray(self.partitions)
        if given.ndim != 2 or 0 in given.shape:
            raise ValueError(
                f"partitions of shape {given.shape}; expected (n_levels, n), both ≥ 1."
            )
        partitions = np.array(given, dtype=np.intp)
        if given.dtype.kind not in "iu" and not np.array_equal(partitions, given):
            raise ValueError("partitions hold folders' numbers: integers.")
        _check_nested(partitions)
        partitions.setflags(write=False)
        object.__setattr__(self, "partitions", partitions)

    @classmethod
    def from_partitions(
        cls, partitions: ArrayLike, scores: ArrayLike | None = None
    ) -> Self:
        """Return the tree of partitions whose folders have any labels.

        Parameters
        ----------
        partitions : array-like of int of shape (n_levels, n)
            Labels, each level a refinement of the one before. A first level of one
            folder and a last one of n folders are added where they are missing.
        scores : array-like of shape (n,), default=None
            The children of a folder are ordered by their mean score; None keeps them
            in the order of their labels.

        Returns
        -------
        tree : PartitionTree
            The same folders, numbered along the walk.
        """
        labels = np.asarray(partitions)
        n = labels.shape[1]
        points = np.arange(n)
        scores = np.zeros(n) if scores is None else np.asarray(scores, float)
        levels = [_dense(level) for level in labels]
        levels = [np.zeros(n, np.intp), *(x for x in levels if 0 < x.max() < n - 1)]
        if n > 1:
            levels.append(points)
        keys = []
        for level in levels:
            sizes = np.bincount(level)
            keys += [(np.bincount(level, scores) / sizes)[level], level]
        walk = np.lexsort(keys[::-1])
        numbered = np.empty((len(levels), n), np.intp)
        for level, row in zip(levels, numbered, strict=True):
            first = np.r_[False, level[walk][1:] != level[walk][:-1]]
            row[walk] = np.cumsum(first)
        return cls(numbered)

    @property
    def order(self) -> NDArray[Any]:
        """The points as a walk through the tree meets them."""
        return np.argsort(self.partitions[-1], kind="stable")

    @property
    def n_points(self) -> int:
        """Number of points."""
        return self.partitions.shape[1]

    @property
    def n_levels(self) -> int:
        """Number of levels, that of one folder and that of single points included."""
        return self.partitions.shape[0]

    def starts(self, level: int) -> Any:
        """Return where the folders of a level begin in `order`: (n_folders,)."""
        walked = self.partitions[level][self.order]
        return np.flatnonzero(np.diff(walked, prepend=-1))

    def folders(self, level: int) -> Any:
        """Return the points of every folder of a level, as a list of arrays."""
        return np.split(self.order, self.starts(level)[1:])

    def taken_from(self, points: ArrayLike) -> Self:
        """Return the tree for points listed otherwise.

        Parameters
        ----------
        points : array-like of int of shape (n,)
            Point i of this tree is ``points[i]`` of the tree that is returned.

        Returns
        -------
        tree : PartitionTree
            The same folders of the same things.
        """
        partitions = np.empty_like(self.partitions)
        partitions[:, np.asarray(points)] = self.partitions
        return type(self)(partitions)

    def __eq__(self, other):
        if not isinstance(other, PartitionTree):
            return NotImplemented
        return np.array_equal(self.partitions, other.partitions)

    def __hash__(self):
        return hash((self.partitions.shape, self.partitions.tobytes()))


def _dense(labels):
    return np.unique(labels, return_inverse=True)[1].reshape(-1)


def _check_nested(partitions):
    """Refuse what is no tree, or not numbered along its walk."""
    n = partitions.shape[1]
    if partitions[0].any():
        raise ValueError("the first level must be one folder, numbered 0.")
    if not np.array_equal(np.sort(partitions[-1]), np.arange(n)):
        raise ValueError(
            f"the last level must hold each of 0 … {n - 1} once: a point a folder."
        )
    walked = partitions[:, np.argsort(partitions[-1])]
    steps = np.diff(walked, axis=1)
    if np.any((steps != 0) & (steps != 1)) or walked[:, 0].any():
        raise ValueError(
            "folders must be numbered 0, 1, 2, … along the walk; see "
            "PartitionTree.from_partitions."
        )
    if np.any(np.diff(steps, axis=0) < 0):
        level = int(np.flatnonzero((np.diff(steps, axis=0) < 0).any(axis=1))[0]) + 1
        raise ValueError(f"level {level} does not refine level {level - 1}.")


def dyadic_tree(positions: Any) -> PartitionTree:
    """Tree that halves an order, again and again.

    The tree of the truth where points lie along a line; a baseline elsewhere.

    Parameters
    ----------
    positions : int or array-like of shape (n,)
        Number of points, in their own order; or their positions along a line.

    Returns
    -------
    tree : PartitionTree
        Folders of a level differ by at most one point in size.

    Examples
    --------
    >>> from sklearn_scat.questionnaire import dyadic_tree
    >>> dyadic_tree([0.3, 0.1, 0.9, 0.7]).partitions
    array([[0, 0, 0, 0],
           [0, 0, 1, 1],
           [1, 0, 3, 2]])
    """
    positions = np.asarray(positions)
    if positions.ndim == 0:
        positions = np.arange(int(positions))
    n = len(positions)
    if n == 0:
        raise ValueError("a tree needs at least one point; got none.")
    rank = np.empty(n, np.intp)
    rank[np.argsort(positions, kind="stable")] = np.arange(n)
    n_levels = (n - 1).bit_length() + 1
    # folder f of 2^l holds the ranks r with ⌊r·2^l / n⌋ = f
    levels = [(rank << level) // n for level in range(n_levels)]
    return PartitionTree.from_partitions(levels, rank)


def random_tree(
    n_points: int, *, random_state: int | np.random.Generator | None = None
) -> PartitionTree:
    """Dyadic tree on points in random order: a tree that knows nothing.

    Parameters
    ----------
    n_points : int
        Number of points.
    random_state : int, numpy.random.Generator or None, default=None
        Seed of the order.

    Returns
    -------
    tree : PartitionTree
        As :func:`dyadic_tree`.

    Examples
    --------
    >>> from sklearn_scat.questionnaire import random_tree
    >>> random_tree(5, random_state=0).n_levels
    4
    """
    rng = np.random.default_rng(random_state)
    return dyadic_tree(rng.permutation(n_points))
