"""How smooth an order is: total variation against that of random orders."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True, eq=False)
class RelativeVariation:
    r"""Total variation along an order, and along random orders of the same things.

    Parameters
    ----------
    ratio : float
        The order's variation over the mean of the random ones: below 1 for an order
        that is smoother than chance, about 1 for one that says nothing; 1 where all
        things are equal.
    total : float
        :math:`\sum |x(v + 1) - x(v)|`, over v and all else.
    random : ndarray of shape (n_permutations,)
        The same for random orders.
    """

    ratio: float
    total: float
    random: np.ndarray


def relative_variation(
    x: ArrayLike,
    order: ArrayLike | None = None,
    *,
    circular: bool = False,
    n_permutations: int = 50,
    random_state: int | np.random.Generator | None = 0,
) -> RelativeVariation:
    r"""Total variation of things in an order, over its mean in random orders.

    .. math:: \mathrm{TV}(σ) = \sum_v \|x_{σ(v+1)} - x_{σ(v)}\|_1

    Parameters
    ----------
    x : array-like of shape (n, ...)
        The things along the first axis: channels, rows of a matrix.
    order : array-like of int of shape (n,), default=None
        The order σ; None takes them as they come.
    circular : bool, default=False
        Count the step from the last to the first too.
    n_permutations : int, default=50
        Number of random orders.
    random_state : int, numpy.random.Generator or None, default=0
        Their seed.

    Returns
    -------
    variation : RelativeVariation
        The ratio and what it comes from.

    Raises
    ------
    ValueError
        If there is no random order, or `order` is no order of the n things.

    Examples
    --------
    >>> from sklearn_scat.questionnaire import relative_variation
    >>> relative_variation([[0], [1], [2], [3], [4], [5]]).ratio < 0.6
    True
    """
    x = np.asarray(x, dtype=np.float64)
    return variation_of_steps(
        steps_between(x),
        order,
        circular=circular,
        n_permutations=n_permutations,
        random_state=random_state,
    )


def variation_of_steps(
    steps, order=None, *, circular=False, n_permutations=50, random_state=0
):
    """Total variation of things whose distances are known.

    Parameters
    ----------
    steps : ndarray of shape (n, n)
        The distance of every two (:func:`steps_between`).
    order, circular, n_permutations, random_state
        Of :func:`relative_variation`.

    Returns
    -------
    variation : RelativeVariation
        The ratio and what it comes from.
    """
    n = len(steps)
    order = np.arange(n) if order is None else np.asarray(order)
    if n_permutations < 1:
        raise ValueError(f"n_permutations={n_permutations}; pass 1 or more.")
    if not np.array_equal(np.sort(order), np.arange(n)):
        raise ValueError(f"order is no permutation of 0 … {n - 1}.")
    rng = np.random.default_rng(random_state)
    total = _along(steps, order, circular)
    random = np.array(
        [_along(steps, rng.permutation(n), circular) for _ in range(n_permutations)]
    )
    mean = random.mean()
    return RelativeVariation(float(total / mean) if mean > 0 else 1.0, total, random)


def steps_between(x, *, absolute=False):
    """Return the ℓ1 distance of every two things, once for all orders.

    Parameters
    ----------
    x : ndarray of shape (n, ...)
        The things.
    absolute : bool, default=False
        Centre each, and take the smaller of the distances to another and its negative.

    Returns
    -------
    steps : ndarray of shape (n, n)
        The distances.
    """
    x = x.reshape(len(x), -1)
    if not absolute:
        return np.array([np.abs(x - one).sum(axis=1) for one in x])
    x = x - x.mean(axis=1, keepdims=True)
    same = steps_between(x)
    opposite = np.array([np.abs(x + one).sum(axis=1) for one in x])
    return np.minimum(same, opposite)


def _along(steps, order, circular):
    following = np.roll(order, -1)
    if not circular:
        order, following = order[:-1], following[:-1]
    return float(steps[order, following].sum())
