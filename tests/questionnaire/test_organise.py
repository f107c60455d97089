"""A shuffled matrix gets its order back, however it was shuffled."""

import numpy as np
import pytest

from sklearn_scat import Questionnaire
from sklearn_scat.datasets import load_pixel_questionnaire, make_questionnaire
from sklearn_scat.questionnaire import (
    compression_curve,
    cosine_affinity,
    diffusion_map,
    dyadic_tree,
    flexible_tree,
    haar_entropy,
    mixed_holder,
    order_leaves,
    organise,
    random_tree,
    tensor_haar,
    tree_affinity,
)


def true_trees(answers):
    return dyadic_tree(answers.row_positions), dyadic_tree(answers.column_positions)


def learned_trees(M, **parameters):
    found = organise(M, **parameters)
    return found.row_tree, found.column_tree


def random_trees(M, seed=0):
    return tuple(random_tree(n, random_state=seed + i) for i, n in enumerate(M.shape))


def entropy(M, trees):
    return haar_entropy(tensor_haar(M, *trees))


@pytest.mark.parametrize("tree", ["flexible", "binary", "average"])
@pytest.mark.parametrize("kind", ["smooth", "potential"])
@pytest.mark.parametrize("seed", [0, 1])
def test_organise_finds_trees_nearly_as_good_as_the_true_ones(kind, seed, tree):
    answers = make_questionnaire(kind=kind, random_state=seed)
    learned = entropy(answers.data, learned_trees(answers.data, tree=tree))
    assert learned < 1.2 * entropy(answers.data, true_trees(answers))
    assert learned < 0.5 * entropy(answers.data, random_trees(answers.data))


@pytest.mark.parametrize("seed", range(3))
def test_organise_finds_the_trees_of_random_answers(seed):
    answers = make_questionnaire(kind="bernoulli", random_state=seed)
    learned = entropy(answers.data, learned_trees(answers.data))
    assert learned <= 1.02 * entropy(answers.data, true_trees(answers))


def test_organise_starts_from_distances_too():
    answers = make_questionnaire(random_state=0)
    trees = learned_trees(answers.data, init="gaussian")
    true = entropy(answers.data, true_trees(answers))
    assert entropy(answers.data, trees) < 1.2 * true


def test_organised_matrix_needs_few_coefficients():
    answers = make_questionnaire(random_state=0)
    kept = answers.data.size // 20
    errors = [
        compression_curve(tensor_haar(answers.data, *trees))[kept]
        for trees in (learned_trees(answers.data), random_trees(answers.data))
    ]
    assert errors[0] < 0.05 < 0.5 < errors[1]


def test_organised_matrix_is_smoother_in_the_sense_of_holder():
    answers = make_questionnaire(random_state=0)
    learned, random = (
        mixed_holder(tensor_haar(answers.data, *trees), *trees)
        for trees in (learned_trees(answers.data), random_trees(answers.data))
    )
    assert learned.exponent > 0.7 > 0.3 > random.exponent
    assert learned.constant < 0.2 * random.constant


@pytest.mark.parametrize("kind", ["smooth", "potential"])
@pytest.mark.parametrize("tree", ["flexible", "binary", "average"])
def test_organise_finds_the_same_trees_whatever_the_order(kind, tree):
    M = make_questionnaire(40, 30, kind=kind, noise=0.1, random_state=0).data
    found = organise(M, tree=tree)
    for seed in range(4):
        rng = np.random.default_rng(seed)
        rows, columns = rng.permutation(40), rng.permutation(30)
        other = organise(M[np.ix_(rows, columns)], tree=tree)
        assert other.row_tree.taken_from(rows) == found.row_tree
        assert other.column_tree.taken_from(columns) == found.column_tree
        assert np.array_equal(
            other.row_map.coordinates, found.row_map.coordinates[rows]
        )


def test_organise_finds_the_image_plane_and_the_digits():
    pixels = load_pixel_questionnaire(n_images=300, random_state=0)
    inked = pixels.data.std(axis=1) > 1
    M = pixels.data[inked]
    rows, columns = learned_trees(M - M.mean(axis=1, keepdims=True), tree="binary")
    places = pixels.row_positions[inked]
    steps = np.linalg.norm(np.diff(places[rows.order], axis=0), axis=1)
    apart = np.linalg.norm(places - places[:, None], axis=-1)
    assert steps.mean() < 0.8 * apart[apart > 0].mean()
    digits = pixels.target[columns.order]
    assert np.mean(digits[1:] == digits[:-1]) > 0.5  # by chance a tenth


RNG = np.random.default_rng(0)
DEGENERATE = {
    "constant": np.full((6, 4), 2.5),
    "zeros": np.zeros((5, 5)),
    "one entry": np.ones((1, 1)),
    "one row": RNG.standard_normal((1, 7)),
    "one column": RNG.standard_normal((7, 1)),
    "two rows": RNG.standard_normal((2, 3)),
    "duplicated": np.repeat(RNG.standard_normal((4, 8)), 9, axis=0),
    "isolated": np.eye(20),
    "isolated row": np.r_[np.eye(1, 10), np.c_[np.zeros(8), RNG.random((8, 9))]],
    "negative cosines": np.eye(5) - 0.5,
    "bits": RNG.integers(0, 2, (100, 4)).astype(float),
    "nothing known": np.full((4, 3), np.nan),
    "silent row": np.r_[np.full((1, 5), np.nan), RNG.standard_normal((6, 5))],
    "far apart": np.diag(10.0 ** np.arange(12)),
}


@pytest.mark.parametrize("tree", ["flexible", "binary", "average"])
@pytest.mark.parametrize("name", DEGENERATE)
def test_organise_ends_on_degenerate_matrices(name, tree):
    M = DEGENERATE[name]
    found = organise(M, tree=tree)
    assert found.row_tree.n_points == M.shape[0]
    assert found.column_tree.n_points == M.shape[1]
    assert np.isfinite(found.row_map.coordinates).all()


def test_duplicated_rows_share_a_folder_before_others_do():
    rows = RNG.standard_normal((5, 12))
    M = np.repeat(rows, 3, axis=0)
    tree = organise(M).row_tree
    pairs = [{0, 1, 2}, {3, 4, 5}, {6, 7, 8}, {9, 10, 11}, {12, 13, 14}]
    finest = [set(folder.tolist()) for folder in tree.folders(tree.n_levels - 2)]
    assert all(any(pair <= folder for folder in finest) for pair in pairs)


def test_organise_stops_when_the_trees_come_back():
    blocks = np.kron(np.eye(2), np.ones((4, 4))) + 0.01 * RNG.standard_normal((8, 8))
    assert organise(blocks, n_iter=50).n_iter < 50


def test_organise_tells_its_progress():
    lines = []
    organise(make_questionnaire(10, 8, random_state=0).data, progress=lines.append)
    assert lines[0].startswith("first tree of 10 rows")
    assert lines[1].startswith("round 1 of 3")


@pytest.mark.parametrize(
    ("M", "message"),
    [
        ([1.0, 2.0], "shape"),
        (np.empty((0, 3)), "shape"),
        ([[1.0, np.inf]], "infinite"),
    ],
)
def test_organise_refuses_what_is_no_matrix(M, message):
    with pytest.raises(ValueError, match=message):
        organise(M)


def test_organise_refuses_no_rounds():
    with pytest.raises(ValueError, match="n_iter=0"):
        organise(np.ones((2, 2)), n_iter=0)


def folders(tree):
    return [
        {frozenset(f.tolist()) for f in tree.folders(i)} for i in range(tree.n_levels)
    ]


def by_hand(M, n_iter, **weights):
    """The rounds, with the public functions they are made of."""
    rows = flexible_tree(diffusion_map(cosine_affinity(M)))
    for _ in range(n_iter):
        columns = flexible_tree(diffusion_map(tree_affinity(M, rows, **weights)))
        rows = flexible_tree(diffusion_map(tree_affinity(M.T, columns, **weights)))
    return folders(rows), folders(columns)


@pytest.mark.parametrize("n_iter", [1, 2, 3])
def test_organise_does_the_rounds_it_is_asked_for(n_iter):
    M = RNG.standard_normal((24, 20))
    found = organise(M, n_iter=n_iter)
    assert found.n_iter == n_iter
    trees = folders(found.row_tree), folders(found.column_tree)
    assert trees == by_hand(M, n_iter, beta=0.0)
    assert trees != by_hand(M, n_iter + 1, beta=0.0)


@pytest.mark.parametrize(
    "weights",
    [{"beta": 1.0}, {"beta": 3.0}, {"alpha": 1.0, "beta": 0.5}, {"alpha": -1}],
)
def test_organise_weighs_folders_as_asked(weights):
    M = np.random.default_rng(3).standard_normal((24, 20))
    found = organise(M, n_iter=1, **weights)
    weights = {"alpha": 0.0, "beta": 0.0} | weights
    A = tree_affinity(M.T, found.column_tree, **weights)
    np.testing.assert_allclose(found.row_affinity, A, atol=1e-12)
    trees = folders(found.row_tree), folders(found.column_tree)
    assert trees == by_hand(M, 1, **weights)
    assert trees != by_hand(M, 1, beta=0.0)


def test_questionnaire_hands_its_parameters_on():
    M = np.random.default_rng(4).standard_normal((20, 16))
    plain = organise(M, n_iter=1)
    for parameters in ({"alpha": 1.5}, {"beta": 2.0}, {"eps": 3.0}, {"tree": "binary"}):
        fitted = Questionnaire(n_iter=1, **parameters).fit(M)
        asked = organise(M, n_iter=1, **parameters)
        assert fitted.row_tree_ == asked.row_tree
        assert fitted.column_tree_ == asked.column_tree
        assert (asked.row_tree, asked.column_tree) != (
            plain.row_tree,
            plain.column_tree,
        )


def test_organised_leaves_are_the_smoothest_that_folders_allow():
    M = make_questionnaire(40, 30, random_state=2).data
    found = organise(M)
    for tree, X in ((found.row_tree, M), (found.column_tree, M.T)):
        D = np.abs(X - X[:, None]).sum(axis=-1)
        best = order_leaves(tree, D).order
        order = tree.order
        assert D[order[:-1], order[1:]].sum() == pytest.approx(
            D[best[:-1], best[1:]].sum()
        )
