"""Public places: whose name a class bears, and where its page is."""

import re
import subprocess
import sys

import pytest
from sklearn.base import BaseEstimator

import sklearn_scat
from sklearn_scat import classifiers, transformers
from sklearn_scat._public import settle

ESTIMATORS = [
    value
    for module in (sklearn_scat, classifiers)
    for value in (getattr(module, name) for name in module.__all__)
    if isinstance(value, type) and issubclass(value, BaseEstimator)
]


@pytest.mark.parametrize("kind", ESTIMATORS, ids=lambda kind: kind.__name__)
def test_the_link_of_an_estimator_leads_to_the_page_of_its_public_name(kind):
    link = kind._get_doc_link(object.__new__(kind))
    assert link.endswith(f"/generated/{kind.__module__}.{kind.__name__}.html")
    assert not re.search(r"\._", link)
    assert link.startswith("https://sklearn-scat.github.io/")


def test_a_class_of_ones_own_has_no_page_here():
    class Mine(sklearn_scat.ScatteringTransformer):
        """Of a user."""

    Mine.__module__ = "mine"
    assert Mine()._get_doc_link() == ""


def test_settling_twice_changes_nothing():
    before = transformers.ScatteringTransformer.__module__
    settle("sklearn_scat")
    assert transformers.ScatteringTransformer.__module__ == before == "sklearn_scat"


def test_a_transformer_is_imported_without_what_it_does_not_need():
    code = """
import sys
from sklearn_scat import ScatteringTransformer
late = {"classifiers", "datasets", "predictors", "questionnaire", "recipes"}
assert not {f"sklearn_scat.{name}" for name in late} & set(sys.modules)
import sklearn_scat
from sklearn_scat.questionnaire import Questionnaire
assert Questionnaire.__module__ == "sklearn_scat"
assert sklearn_scat.Questionnaire is Questionnaire
assert "MeanNormSVC" in dir(sklearn_scat)
assert sklearn_scat.MeanNormSVC is sklearn_scat.classifiers.MeanNormSVC
assert not hasattr(sklearn_scat, "no_such_name")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert not done.returncode, done.stderr
