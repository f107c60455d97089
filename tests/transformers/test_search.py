"""Transformers inside scikit-learn's own machinery: searches, pipelines, workers."""

from itertools import product

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import (
    GridSearchCV,
    StratifiedKFold,
    cross_val_predict,
    cross_val_score,
)
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sklearn_scat import RotoTranslationScattering, ScatteringTransformer

each = pytest.mark.parametrize(
    "Scattering", [ScatteringTransformer, RotoTranslationScattering]
)
FOLDS = StratifiedKFold(3)


@pytest.fixture(scope="module")
def digits():
    bunch = load_digits()
    return bunch.images[:90].astype(np.float32), bunch.target[:90]


def model_of(scattering, **parameters):
    steps = [("scattering", scattering), ("classifier", RidgeClassifier())]
    return Pipeline(steps, **parameters)


GRID = {
    "scattering__J": np.arange(3),
    "scattering__L": [2, 4],
    "scattering__max_order": [1, 2],
}


@each
def test_search_gives_the_scores_of_fresh_estimators(Scattering, digits):
    X, y = digits
    search = GridSearchCV(model_of(Scattering()), GRID, cv=FOLDS).fit(X, y)
    expected = [
        cross_val_score(model_of(Scattering(J, L, max_order=m)), X, y, cv=FOLDS)
        for J, L, m in product(*GRID.values())
    ]
    columns = [f"split{i}_test_score" for i in range(3)]
    scores = np.stack([search.cv_results_[c] for c in columns], axis=1)
    assert_array_equal(scores, expected)
    assert len(set(scores.mean(axis=1))) > 4  # the parameters do change something
    assert_array_equal(search.cv_results_["param_scattering__J"].min(), 0)


def test_search_refits_what_it_found_best(digits):
    X, y = digits
    grid = {"scattering__J": [0, 1, 2]}
    search = GridSearchCV(model_of(ScatteringTransformer()), grid, cv=FOLDS).fit(X, y)
    best = clone(search.estimator).set_params(**search.best_params_).fit(X, y)
    assert_array_equal(search.predict(X), best.predict(X))
    fitted = search.best_estimator_["scattering"]
    assert fitted.J_ == search.best_params_["scattering__J"]


def test_search_tells_a_J_too_large_from_one_that_ran(digits):
    X, y = digits
    search = GridSearchCV(
        model_of(ScatteringTransformer()),
        {"scattering__J": [1, 4]},
        cv=FOLDS,
        error_score="raise",
    )
    with pytest.raises(ValueError, match="largest J for this size is 3"):
        search.fit(X, y)


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_workers_find_the_same_scores(digits, backend):
    X, y = digits
    grid = {"scattering__J": [1, 2], "scattering__engine": ["auto", "torch"]}

    def search(n_jobs):
        model = model_of(ScatteringTransformer())
        found = GridSearchCV(model, grid, cv=FOLDS, n_jobs=n_jobs).fit(X, y)
        return found.cv_results_["mean_test_score"], found.predict(X)

    expected = search(1)
    with joblib.parallel_config(backend=backend):
        scores, predictions = search(2)
    assert_allclose(scores, expected[0], rtol=1e-6)
    assert_array_equal(predictions, expected[1])


@each
def test_threads_share_one_transformer(Scattering, digits):
    X, _ = digits
    scattering = Scattering().fit(X)
    expected = scattering.transform(X)
    tasks = (joblib.delayed(scattering.transform)(X[i::4]) for i in range(4))
    parts = joblib.Parallel(n_jobs=4, backend="threading")(tasks)
    for i, part in enumerate(parts):
        assert_allclose(part, expected[i::4], rtol=1e-5, atol=1e-5)


@each
def test_rows_and_stacks_score_the_same(Scattering, digits):
    X, y = digits
    model = make_pipeline(Scattering(), StandardScaler(), RidgeClassifier())
    of_stacks = cross_val_score(model, X, y, cv=FOLDS)
    of_rows = cross_val_score(model, X.reshape(len(X), -1), y, cv=FOLDS)
    assert_array_equal(of_stacks, of_rows)
    assert of_stacks.mean() > 0.8


@each
def test_pipeline_with_memory_computes_once(Scattering, digits, tmp_path, monkeypatch):
    X, y = digits
    cached = model_of(Scattering(), memory=joblib.Memory(tmp_path, verbose=0))
    expected = model_of(Scattering()).fit(X, y).predict(X)
    assert_array_equal(clone(cached).fit(X, y).predict(X), expected)

    def fail(*_):
        raise AssertionError("computed again")

    with monkeypatch.context() as patch:
        patch.setattr(Scattering, "fit", fail)
        assert_array_equal(clone(cached).fit(X, y).predict(X), expected)
        with pytest.raises(AssertionError, match="computed again"):
            clone(cached).set_params(scattering__J=1).fit(X, y)


def test_cached_parameters_are_not_mixed_up(digits, tmp_path):
    X, y = digits
    search = GridSearchCV(
        model_of(ScatteringTransformer(), memory=joblib.Memory(tmp_path, verbose=0)),
        {"scattering__J": [1, 2, 3], "classifier__alpha": [0.1, 10.0]},
        cv=FOLDS,
    ).fit(X, y)
    plain = clone(search).set_params(estimator__memory=None).fit(X, y)
    assert_array_equal(
        search.cv_results_["mean_test_score"], plain.cv_results_["mean_test_score"]
    )


def test_out_of_fold_predictions_beat_chance(digits):
    X, y = digits
    model = make_pipeline(
        ScatteringTransformer(pooling="mean", J=1), LinearDiscriminantAnalysis()
    )
    assert np.mean(cross_val_predict(model, X, y, cv=FOLDS) == y) > 0.5


def test_unions_name_every_column(digits):
    X, _ = digits
    rows = X.reshape(len(X), -1)
    union = make_union(
        FunctionTransformer(feature_names_out="one-to-one"),
        ScatteringTransformer(J=1),
        RotoTranslationScattering(J=1),
    ).set_output(transform="pandas")
    table = union.fit_transform(rows)
    names = list(union.get_feature_names_out())
    assert list(table.columns) == names
    assert len(set(names)) == len(names) == table.shape[1]


def test_columns_of_a_table_can_hold_the_image(digits):
    X, _ = digits
    rows = X.reshape(len(X), -1)
    pixels = [f"pixel{i}" for i in range(64)]
    table = pd.DataFrame(rows, columns=pixels).assign(age=1.0)
    columns = make_column_transformer(
        (ScatteringTransformer(), pixels), remainder="passthrough"
    )
    result = columns.fit_transform(table)
    assert_array_equal(result[:, :-1], ScatteringTransformer().fit_transform(rows))
    assert_array_equal(result[:, -1], 1)
