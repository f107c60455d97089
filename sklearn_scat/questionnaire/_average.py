"""Trees from affinities, by average linkage."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from sklearn_scat.questionnaire._diffusion import diffusion_map
from sklearn_scat.questionnaire._tree import PartitionTree

_FARTHEST = 700.0  # −log of the smallest affinity that is told from 0


def average_tree(A: ArrayLike) -> PartitionTree:
    """Tree on points whose folders are those of average linkage, halved in number.

    The two groups with the smallest mean of −log A between them join, until one is
    left [1]_. Of the groups on the way, levels keep n, n/2, n/4, … of them, so that a
    folder has about two to four children, more where many are at one distance.

    Parameters
    ----------
    A : array-like of shape (n, n)
        Symmetric affinities, in [0, 1].

    Returns
    -------
    tree : PartitionTree
        Children are ordered by the mean of the first diffusion coordinate.

    References
    ----------
    .. [1] R. R. Sokal and C. D. Michener, "A statistical method for evaluating
       systematic relationships", *University of Kansas Science Bulletin* 38, 1958.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_scat.questionnaire import average_tree
    >>> x = np.array([0.0, 10.0, 1.0, 11.0])
    >>> tree = average_tree(np.exp(-np.abs(x - x[:, None])))
    >>> sorted(sorted(folder.tolist()) for folder in tree.folders(1))
    [[0, 2], [1, 3]]
    """
    scores = diffusion_map(A, n_vectors=1).coordinates[:, 0]
    n = len(scores)
    levels = [np.zeros(n, np.intp)]
    if n > 1:
        D = -np.log(np.maximum(np.asarray(A, np.float64), np.exp(-_FARTHEST)))
        joins = linkage(squareform(D, checks=False), "average")
        counts = [n >> level for level in range(1, n.bit_length() - 1)]
        levels += [fcluster(joins, count, "maxclust") for count in counts[::-1]]
    return PartitionTree.from_partitions(levels, scores)
