"""The rows of a matrix, or its columns: their tree, and what it comes from."""

from dataclasses import dataclass, replace

import numpy as np

from sklearn_scat.questionnaire._affinity import (
    cityblock,
    cosine_affinity,
    gaussian_affinity,
    tree_affinity,
)
from sklearn_scat.questionnaire._average import average_tree
from sklearn_scat.questionnaire._binary import binary_tree
from sklearn_scat.questionnaire._correlation import (
    aligned_signs,
    correlation_affinity,
    correlation_distances,
    correlations,
)
from sklearn_scat.questionnaire._diffusion import DiffusionMap, diffusion_map
from sklearn_scat.questionnaire._flexible import flexible_tree
from sklearn_scat.questionnaire._leaves import order_leaves
from sklearn_scat.questionnaire._reversal import Reversal
from sklearn_scat.questionnaire._tree import PartitionTree

AFFINITIES = frozenset({"tree", "correlation", "absolute_correlation"})


@dataclass(frozen=True, eq=False)
class Side:
    """What is known of the rows, or of the columns.

    Parameters
    ----------
    tree : PartitionTree
        Their tree.
    map : DiffusionMap
        The coordinates that it comes from.
    affinity : ndarray of shape (n, n)
        The affinities that these come from.
    signs : ndarray of shape (n,)
        −1 for those to be reversed before they are averaged with others.
    """

    tree: PartitionTree
    map: DiffusionMap
    affinity: np.ndarray
    signs: np.ndarray

    def upright(self, M):
        """Return a matrix whose rows are this side's, the reversed ones turned round.

        They are turned about their mean, so that offsets do not tell them apart.
        """
        return Reversal.of_rows(M, self.signs)(M)

    def listed_by(self, points):
        """Return the same for points in the order they came in."""
        back = np.argsort(points)
        return Side(
            self.tree.taken_from(points),
            DiffusionMap(self.map.coordinates[back], self.map.eigenvalues),
            self.affinity[np.ix_(back, back)],
            self.signs[back],
        )


@dataclass(frozen=True)
class Comparison:
    """How the things of one side are compared, and put into a tree.

    Parameters
    ----------
    by : {"tree", "correlation", "absolute_correlation"}
        Where their affinities come from.
    kind : {"flexible", "binary", "average"}
        The tree's kind.
    eps, alpha, beta : float
        Scale of affinities and joins; weights of the other side's folders.
    """

    by: str
    kind: str
    eps: float
    alpha: float
    beta: float

    def __post_init__(self):
        if self.by not in AFFINITIES:
            raise ValueError(
                f"affinity {self.by!r}; choose one of {sorted(AFFINITIES)}."
            )

    @property
    def absolute(self):
        """Whether what opposes is alike."""
        return self.by == "absolute_correlation"

    def first(self, M, init):
        """Return the side of the rows of M, by themselves."""
        if self.by == "tree":
            return self._grown(_first_affinity(M, init))
        side = self._grown(
            correlation_affinity(M, absolute=self.absolute, eps=self.eps)
        )
        if self.absolute:
            side = replace(side, signs=aligned_signs(correlations(M), side.tree))
        return side

    def next(self, M, before, other):
        """Return the side of the rows of M, by the other's tree on its columns."""
        if self.by != "tree":
            return before if before is not None else self.first(M, None)
        weights = {"alpha": self.alpha, "beta": self.beta, "eps": self.eps}
        return self._grown(tree_affinity(other.upright(M.T), other.tree, **weights))

    def ordered(self, side, M, filled):
        """Return the side of the rows of M, or of M filled, its leaves in order."""
        if self.by == "tree":
            D = cityblock(filled)
        else:
            D = correlation_distances(correlations(M), absolute=self.absolute)
        return replace(side, tree=order_leaves(side.tree, D))

    def _grown(self, A):
        diffusion = diffusion_map(A)
        trees = {
            "flexible": lambda: flexible_tree(diffusion, eps=self.eps),
            "binary": lambda: binary_tree(A),
            "average": lambda: average_tree(A),
        }
        return Side(trees[self.kind](), diffusion, A, np.ones(len(A)))


def _first_affinity(M, init):
    """Return affinities of rows by themselves."""
    if init == "cosine":
        A = cosine_affinity(M)
        between = A[np.triu_indices(len(A), 1)]
        if np.any((between > 0) & (between < 1 - 1e-12)):
            return A
    return gaussian_affinity(M)
