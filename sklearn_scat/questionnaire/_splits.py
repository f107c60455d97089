"""A tree's folders, split into one child and the rest until single points are left."""

from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np


@dataclass(frozen=True, eq=False)
class Splits:
    """The functions of a Haar-like basis, the constant apart, coarse to fine.

    Split k divides node k in two. Node 0 holds all points; the last n nodes, from
    n − 1 on, are the single points, in the order in which the points are given.

    Parameters
    ----------
    first, rest : ndarray of int of shape (n - 1,)
        The nodes that a split makes.
    n_first, n_rest : ndarray of int of shape (n - 1,)
        Number of points in them.
    level, folder : ndarray of int of shape (n - 1,)
        The folder that the split belongs to.
    depth : ndarray of int of shape (n - 1,)
        Number of splits above it; never decreases.
    """

    first: np.ndarray
    rest: np.ndarray
    n_first: np.ndarray
    n_rest: np.ndarray
    level: np.ndarray
    folder: np.ndarray
    depth: np.ndarray

    def weights(self):
        """Return the values of the functions on `first` and, negated, on `rest`."""
        a, b = self.n_first, self.n_rest
        return np.sqrt(b / (a * (a + b))), np.sqrt(a / (b * (a + b)))

    def layers(self):
        """Return the splits of every depth as slices: those of one are disjoint."""
        ends = np.flatnonzero(np.diff(self.depth, prepend=-1, append=-1))
        return [slice(int(a), int(b)) for a, b in pairwise(ends)]


class _Node(NamedTuple):
    """The children of a folder from the i-th on."""

    level: int
    folder: int
    children: list  # intervals of the walk, by decreasing size
    i: int
    size: int  # points in children[i:]
    depth: int


def split_folders(tree):
    """Return the splits of a tree: the largest child of each folder first."""
    walk = _Walk(tree)
    n = tree.n_points
    queue = deque([walk.node((0, n), 0, 0)] if n > 1 else [])
    rows: list[tuple[int, ...]] = []
    n_nodes = 1
    while queue:
        node = queue.popleft()
        names = []
        for half in walk.halves(node):
            if isinstance(half, _Node):
                queue.append(half)
                names.append(n_nodes)
                n_nodes += 1
            else:
                names.append(n - 1 + half)
        start, stop = node.children[node.i]
        sizes = stop - start, node.size - (stop - start)
        rows.append((*names, *sizes, node.level, node.folder, node.depth))
    columns = np.array(rows, dtype=np.intp).reshape(-1, 7).T
    return Splits(*columns)


class _Walk:
    """A tree laid out along its walk, where folders are intervals."""

    def __init__(self, tree):
        self.order = tree.order
        self.walked = tree.partitions[:, self.order]
        self.starts = [
            np.append(tree.starts(level), tree.n_points)
            for level in range(tree.n_levels)
        ]

    def node(self, interval, level, depth):
        """Return the children of the folder on an interval, or its only point."""
        start, stop = interval
        if stop - start == 1:
            return int(self.order[start])
        while self.walked[level + 1, start] == self.walked[level + 1, stop - 1]:
            level += 1
        first, last = self.walked[level + 1, [start, stop - 1]]
        bounds = self.starts[level + 1][first : last + 2].tolist()
        children = sorted(pairwise(bounds), key=lambda c: c[0] - c[1])
        folder = int(self.walked[level, start])
        return _Node(level, folder, children, 0, stop - start, depth)

    def halves(self, node):
        """Return what a split makes: the i-th child, and the rest."""
        start, stop = node.children[node.i]
        yield self.node((start, stop), node.level + 1, node.depth + 1)
        if node.i + 2 == len(node.children):
            yield self.node(node.children[-1], node.level + 1, node.depth + 1)
        else:
            size = node.size - (stop - start)
            yield node._replace(i=node.i + 1, size=size, depth=node.depth + 1)
