"""Values under a mask are no answers."""

import numpy as np
import pytest

from sklearn_scat import Questionnaire, questionnaire


@pytest.fixture
def masked(rng):
    M = np.ma.masked_array(rng.normal(size=(20, 12)), mask=rng.random((20, 12)) < 0.1)
    M.data[M.mask] = 1e6  # would decide, if anything saw it
    return M


def test_masked_answers_are_missing_ones(masked):
    gaps = masked.filled(np.nan)
    fits = [Questionnaire(missing="ignore").fit(M) for M in (masked, gaps)]
    for name in ("row_tree_", "column_tree_"):
        trees = [getattr(fit, name).partitions for fit in fits]
        np.testing.assert_array_equal(*trees)
    np.testing.assert_array_equal(fits[0].transform(masked), fits[1].transform(gaps))


def test_masked_answers_are_refused_where_none_may_be_missing(masked):
    with pytest.raises(ValueError, match="contains NaN"):
        Questionnaire().fit(masked)


def test_masked_whole_numbers_become_gaps():
    M = np.ma.masked_array([[1, 2], [3, 4]], mask=[[False, True], [False, False]])
    known = questionnaire.folder_means(M.T, questionnaire.dyadic_tree(2))[0]
    np.testing.assert_allclose(known, [[1, 3.5]])


@pytest.mark.parametrize("name", ["cosine_affinity", "gaussian_affinity"])
def test_affinities_see_nothing_under_a_mask(name, masked):
    affinity = getattr(questionnaire, name)
    np.testing.assert_array_equal(affinity(masked), affinity(masked.filled(np.nan)))


def test_trees_see_nothing_under_a_mask(masked):
    orders = [
        questionnaire.organise(M).row_tree for M in (masked, masked.filled(np.nan))
    ]
    np.testing.assert_array_equal(*(tree.partitions for tree in orders))
