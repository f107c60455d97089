"""Every estimator of the public API passes scikit-learn's own checks, all of them."""

import re
from unittest import SkipTest

import pytest
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    check_get_feature_names_out_error,
    check_global_output_transform_pandas,
    check_global_set_output_transform_polars,
    check_inplace_ensure_writeable,
    check_param_validation,
    check_set_output_transform,
    check_set_output_transform_pandas,
    check_set_output_transform_polars,
    check_transformer_get_feature_names_out,
    check_transformer_get_feature_names_out_pandas,
    parametrize_with_checks,
)

import sklearn_scat
from sklearn_scat.classifiers import GramMatrix, SpanCoordinates

EXPORTED = [getattr(sklearn_scat, name) for name in sklearn_scat.__all__]
# L-BFGS of older scikit-learn makes newer SciPy warn
LOGISTIC = LogisticRegression(solver="newton-cholesky")
# Arguments that have no default.
MADE_OF = {
    "AugmentedClassifier": (LOGISTIC,),
    "DilationAverage": (sklearn_scat.ScatteringTransformer(J=0, pooling="mean"),),
}
# What is dear by default does each check with less work.
CHEAP = {
    "ImageClassifier": {"max_epochs": 4, "lr": 0.03},
    "ScatteringClassifier": {"n_folds": 2},
}
# Take files, and pairs of images and labels, rather than tables; have own checks.
NOT_OF_TABLES = {"ImageReader", "RegionFeatures"}
ESTIMATORS = [
    exported(*MADE_OF.get(exported.__name__, ()), **CHEAP.get(exported.__name__, {}))
    for exported in EXPORTED
    if isinstance(exported, type)
    and issubclass(exported, BaseEstimator)
    and exported.__name__ not in NOT_OF_TABLES
]


def unchanged(images, rng):
    """Return one copy of images: themselves."""
    return [images]


# Other parameters, and estimators of the packages beside the top.
VARIANTS = [
    sklearn_scat.AugmentedClassifier(LOGISTIC, "affine", random_state=0),
    sklearn_scat.AugmentedClassifier(LOGISTIC, "shift", test_copies=False),
    sklearn_scat.AugmentedClassifier(DecisionTreeClassifier(random_state=0), unchanged),
    sklearn_scat.LocalKernelRidge(patch_size=(2, 3), cv=2, spread=2),
    sklearn_scat.MeanNormRidge(n_landmarks=7),
    sklearn_scat.MeanNormSVC(gamma=0.1, C=1),
    sklearn_scat.NormalizedScattering(method="renorm"),
    sklearn_scat.NormalizedScattering(method="standard"),
    sklearn_scat.OrthogonalLeastSquares(whiten=False),
    sklearn_scat.OrthogonalLeastSquares(n_features_per_class=1, n_rounds=1),
    sklearn_scat.PatchGaussian(aligned=False, contamination=0.1, reduction="mean"),
    sklearn_scat.PCAAffineClassifier(n_components=1),
    sklearn_scat.PCAAffineClassifier(n_components=0),
    GramMatrix(),
    SpanCoordinates(),
]
TRANSFORMERS = [
    estimator for estimator in ESTIMATORS if get_tags(estimator).transformer_tags
]

# scikit-learn runs these on its own estimators, outside `check_estimator`.
CHECKS_OF_ESTIMATORS = [
    check_dataframe_column_names_consistency,
    check_inplace_ensure_writeable,
    check_param_validation,
]
CHECKS_OF_TRANSFORMERS = [
    check_get_feature_names_out_error,
    check_global_output_transform_pandas,
    check_global_set_output_transform_polars,
    check_set_output_transform,
    check_set_output_transform_pandas,
    check_set_output_transform_polars,
    check_transformer_get_feature_names_out,
    check_transformer_get_feature_names_out_pandas,
]

# The checks send tables of a few columns, which are no images, with the default J;
# some fit with names and transform without, or the reverse. The last warning is one
# of polars to older scikit-learn.
pytestmark = [
    pytest.mark.filterwarnings(f"ignore:{message}")
    for message in (
        ".* features a row are no square image:UserWarning",
        "J=2 needs images:UserWarning",
        "X (has|does not have valid) feature names, but:UserWarning",
        "Support for the dataframe interchange protocol:DeprecationWarning",
    )
]


# Libraries and devices that a machine may lack.
ABSENT = re.compile(r"cupy|dpnp|cuda|xpu|mps|Skipping MPS", re.IGNORECASE)


def run_check(check, *arguments):
    """Run a check, which may leave itself out for want of a library or device alone."""
    try:
        check(*arguments)
    except SkipTest as reason:
        if not ABSENT.search(str(reason)):
            pytest.fail(f"left out: {reason}")
        pytest.skip(str(reason))


def as_lists(parametrize):
    """Give pytest a list where older scikit-learn gives it a generator.

    And ids without the addresses of functions, the same in every process.
    """
    names, values = parametrize.args
    name_of = parametrize.kwargs["ids"]

    def stable(value):
        return re.sub(r"at0x[0-9a-f]+", "", name_of(value))

    return pytest.mark.parametrize(names, list(values), ids=stable)


def by_name(value):
    return getattr(value, "__name__", type(value).__name__)


def test_public_estimators_are_collected():
    assert "ScatteringTransformer" in map(by_name, ESTIMATORS)
    assert "ScatteringTransformer" in map(by_name, TRANSFORMERS)


def test_contract_is_checked_once_an_estimator():
    made = [repr(estimator) for estimator in (*ESTIMATORS, *VARIANTS)]
    assert len(set(made)) == len(made)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=by_name)
def test_estimator_tags_leave_no_check_out(estimator):
    tags = get_tags(estimator)
    assert tags.input_tags.two_d_array
    assert not tags.input_tags.allow_nan
    assert not tags.no_validation
    assert not tags.non_deterministic
    assert not tags._skip_test
    assert tags.requires_fit


def unequal(estimator):
    """Return the checks that an estimator fails, and why."""
    reason = None
    if isinstance(estimator, sklearn_scat.MeanNormSVC):
        reason = "the optimisation stops at tol, as in SVC"
    elif isinstance(estimator, sklearn_scat.ImageClassifier):
        reason = "batches of other images make other steps"
    elif getattr(estimator, "n_landmarks", None):
        reason = "landmarks are drawn among the samples, by their places"
    return {"check_sample_weight_equivalence_on_dense_data": reason} if reason else {}


@as_lists(
    parametrize_with_checks([*ESTIMATORS, *VARIANTS], expected_failed_checks=unequal)
)
def test_estimator_passes_scikit_learn_checks(estimator, check):
    run_check(check, estimator)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=by_name)
@pytest.mark.parametrize("check", CHECKS_OF_ESTIMATORS, ids=by_name)
def test_estimator_passes_check_of_scikit_learn_itself(estimator, check):
    run_check(check, type(estimator).__name__, estimator)


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=by_name)
@pytest.mark.parametrize("check", CHECKS_OF_TRANSFORMERS, ids=by_name)
def test_transformer_passes_check_of_scikit_learn_itself(transformer, check):
    run_check(check, type(transformer).__name__, transformer)
