"""Trees from diffusion coordinates, bottom up."""

from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from sklearn_scat.questionnaire._tree import PartitionTree

_EQUAL = 1e-9  # distances that differ by less, relative to the largest, are equal


def flexible_tree(diffusion: Any, *, eps: float = 1.0) -> PartitionTree:
    r"""Tree on points, joined bottom up as a random walk mixes them.

    At level ℓ folders are compared by their mean distance in
    :math:`λ^t ψ` at time :math:`t = 2^ℓ`. Pairs are taken by increasing distance, up to
    the median m of all. Two folders join if neither has joined another at this level,
    or if :math:`d < (m / \mathrm{eps})\, 2^{1 - s_a s_b}`, with s the number of folders
    that each has taken up; equal ones join always. Each level joins some, so that there
    are at most n; folders that are all at one distance become one.

    Parameters
    ----------
    diffusion : DiffusionMap
        Coordinates of the points.
    eps : float, default=1.0
        Larger values make smaller folders and more levels.

    Returns
    -------
    tree : PartitionTree
        Children are ordered by the mean of their first coordinate.

    References
    ----------
    .. [1] R. R. Coifman and M. Gavish, "Harmonic analysis of digital data bases", in
       *Wavelets and Multiscale Analysis*, Birkhäuser, 2011, section 5.
    .. [2] J. I. Ankenman, "Geometry and analysis of dual networks on questionnaires",
       Yale University, 2014, chapter 2 (flexible trees).

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.questionnaire import diffusion_map, flexible_tree
    >>> x = np.array([0.0, 10.0, 1.0, 11.0])
    >>> tree = flexible_tree(diffusion_map(np.exp(-np.abs(x - x[:, None]))))
    >>> sorted(sorted(folder.tolist()) for folder in tree.folders(1))
    [[0, 2], [1, 3]]
    """
    n = len(diffusion.coordinates)
    labels = np.arange(n)
    levels = [labels]
    while labels.max() > 0:
        points = diffusion.at(2.0 ** (len(levels) - 1))
        labels = _join(_mean_distances(points, labels), eps)[labels]
        levels.append(labels)
    return PartitionTree.from_partitions(levels[::-1], diffusion.coordinates[:, 0])


def _mean_distances(points, labels):
    """Return the mean distance of the points of every two folders."""
    walk = np.argsort(labels, kind="stable")
    points = points[walk]
    starts = np.flatnonzero(np.diff(labels[walk], prepend=-1))
    sizes = np.diff(starts, append=len(labels))
    sums = np.add.reduceat(cdist(points, points), starts, axis=0)
    return np.add.reduceat(sums, starts, axis=1) / np.outer(sizes, sizes)


def _join(D, eps):
    """Return for every folder of a level the number of that of the next."""
    n = len(D)
    i, j = np.triu_indices(n, 1)
    d = D[i, j]
    equal = _EQUAL * d.max()
    if not np.isfinite(equal) or d.max() - d.min() <= equal:
        return np.zeros(n, np.intp)
    median = np.median(d)
    near = np.flatnonzero(d <= median)
    near = near[np.argsort(d[near], kind="stable")]
    groups = _Groups(n, median / eps, equal)
    # what cannot join now cannot later, as groups only grow: most pairs drop out
    # without being looked at one by one
    for chunk in np.array_split(near, max(1, len(near) // (8 * n))):
        joinable = chunk[groups.joinable(i[chunk], j[chunk], d[chunk])]
        for a, b, distance in zip(i[joinable], j[joinable], d[joinable], strict=True):
            if groups.joinable(a, b, distance):
                groups.join(a, b)
    return np.unique(groups.of, return_inverse=True)[1].reshape(-1)


class _Groups:
    """The folders that have joined so far at one level."""

    def __init__(self, n, scale, equal):
        self.of = np.arange(n)  # the group of every folder
        self.size = np.ones(n)  # the number of folders in the group of every folder
        self.scale, self.equal = scale, equal

    def joinable(self, a, b, distance):
        """Return whether two folders' groups, or many pairs', may join."""
        product = self.size[a] * self.size[b]
        close = distance < self.scale * np.exp2(1 - product)
        close |= (product == 1) | (distance <= self.equal)
        return close & (self.of[a] != self.of[b])

    def join(self, a, b):
        """Make the groups of two folders one."""
        both = (self.of == self.of[a]) | (self.of == self.of[b])
        self.of[both] = self.of[a]
        self.size[both] = np.count_nonzero(both)
