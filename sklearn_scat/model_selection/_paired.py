"""Comparison of two methods on the same draws."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.stats
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class PairedComparison:
    """Scores of two methods on the same draws.

    Attributes
    ----------
    test : str
        "t" or "wilcoxon".
    n : int
        Number of draws.
    means, stds : tuple of float
        Mean and sample standard deviation (divisor n − 1) of either method's scores.
    difference, std_difference : float
        Mean and sample standard deviation of first − second.
    interval : tuple of float
        95 % Student confidence interval of the mean difference.
    statistic : float
        Student's t, or the sum of the ranks of the positive differences.
    p_value : float
        Two-sided p-value of "no difference".
    """

    test: str
    n: int
    means: tuple[float, float]
    stds: tuple[float, float]
    difference: float
    std_difference: float
    interval: tuple[float, float]
    statistic: float
    p_value: float


def compare_paired(
    first: ArrayLike,
    second: ArrayLike,
    *,
    test: Literal["t", "wilcoxon"] = "t",
    test_ratio: float = 0.0,
) -> PairedComparison:
    """Compare the scores of two methods on the same draws.

    Parameters
    ----------
    first, second : array-like of shape (n_draws,)
        Scores, entry i of both from draw i; two draws at least.
    test : {"t", "wilcoxon"}, default="t"
        Student's paired test, or Wilcoxon's signed ranks (exact, also with equal
        differences; zero differences are left out).
    test_ratio : float, default=0
        Test images over training images of a draw, for the correction of Student's
        test by Nadeau and Bengio: the variance of the mean is taken for
        (1/n + test_ratio) times that of a difference. 0 takes draws for independent;
        the signed ranks have no correction.

    Returns
    -------
    comparison : PairedComparison
        Means, standard deviations, their difference and its p-value.

    Notes
    -----
    With ``test_ratio=0`` the draws count as independent. Training sets that overlap,
    and one test set for all of them, make that p-value too small: read it as a bound
    from below. The correction is meant for draws of most of the images; where the test
    set is many times the training set it is very cautious.

    References
    ----------
    F. Wilcoxon, "Individual Comparisons by Ranking Methods", Biometrics Bulletin 1(6),
    1945. C. Nadeau and Y. Bengio, "Inference for the Generalization Error", Machine
    Learning 52, 2003, equation (9), for the correction.

    Examples
    --------
    >>> from sklearn_scat.model_selection import compare_paired
    >>> result = compare_paired([0.92, 0.91, 0.94, 0.93], [0.81, 0.79, 0.85, 0.80])
    >>> print(f"{result.difference:.4f} {result.p_value:.4f}")
    0.1125 0.0009
    """
    first, second = np.asarray(first, float), np.asarray(second, float)
    if first.ndim != 1 or first.shape != second.shape or len(first) < 2:
        raise ValueError(
            f"first and second are of shapes {first.shape} and {second.shape}; pass "
            "two lists of scores of the same draws, two draws at least."
        )
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise ValueError(
            "first and second must be finite; leave out draws that failed."
        )
    if test not in ("t", "wilcoxon"):
        raise ValueError(f'test={test!r}; pass "t" or "wilcoxon".')
    if not 0 <= test_ratio < np.inf:
        raise ValueError(f"test_ratio={test_ratio} must be 0 or a positive number.")
    change = first - second
    n, mean, std = len(change), change.mean(), change.std(ddof=1)
    error = std * np.sqrt(1 / n + test_ratio)
    reach = scipy.stats.t.ppf(0.975, n - 1) * error
    statistic, p_value = (
        _student(mean, error, n) if test == "t" else _signed_ranks(change)
    )
    return PairedComparison(
        test=test,
        n=n,
        means=(float(first.mean()), float(second.mean())),
        stds=(float(first.std(ddof=1)), float(second.std(ddof=1))),
        difference=float(mean),
        std_difference=float(std),
        interval=(float(mean - reach), float(mean + reach)),
        statistic=float(statistic),
        p_value=float(p_value),
    )


def _student(mean, error, n):
    if mean == 0:
        return 0.0, 1.0
    if error == 0:  # the same difference in every draw
        return np.copysign(np.inf, mean), 0.0
    statistic = mean / error
    return statistic, 2 * scipy.stats.t.sf(abs(statistic), n - 1)


def _signed_ranks(change):
    """Sum of the ranks of the positive changes, and its exact two-sided p-value."""
    change = change[change != 0]
    doubled = np.rint(2 * scipy.stats.rankdata(np.abs(change))).astype(int)
    chances = np.ones(1)  # of every value of the doubled sum, signs being fair coins
    for rank in doubled:
        with_rank = np.concatenate([np.zeros(rank), chances])
        chances = (np.pad(chances, (0, rank)) + with_rank) / 2
    total = doubled[change > 0].sum()
    tails = chances[: total + 1].sum(), chances[total:].sum()
    return total / 2, min(1.0, 2 * min(tails))
