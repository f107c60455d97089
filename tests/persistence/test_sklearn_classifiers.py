"""Which of scikit-learn's classifiers go into bundles, and that the guide says so."""

import copy
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier
from sklearn.gaussian_process import GaussianProcessClassifier, kernels
from sklearn.linear_model import (
    LogisticRegression,
    Perceptron,
    SGDClassifier,
    SGDOneClassSVM,
    SGDRegressor,
)
from sklearn.model_selection import TunedThresholdClassifierCV
from sklearn.multiclass import OutputCodeClassifier
from sklearn.neighbors import (
    KNeighborsClassifier,
    KNeighborsRegressor,
    RadiusNeighborsClassifier,
)
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC, SVR, NuSVC, NuSVR, OneClassSVM
from sklearn.utils import all_estimators

from sklearn_scat import load, save
from sklearn_scat.persistence import BundleError

GUIDE = Path(__file__).parents[2] / "docs" / "user_guide" / "saving.rst"
CLASSIFIERS = dict(all_estimators(type_filter="classifier"))
X = np.abs(np.random.default_rng(0).normal(size=(60, 5)))
Y = np.arange(60) % 3
INNER = LogisticRegression()
TARGETS = {
    "ClassifierChain": np.stack([Y % 2, Y == 0], axis=1),
    "MultiOutputClassifier": np.stack([Y, Y], axis=1),
    "FixedThresholdClassifier": Y % 2,
    "TunedThresholdClassifierCV": Y % 2,
}
# random choices aside, every classifier of the default parameters
SHORT = {"n_estimators": 3, "max_iter": 50, "random_state": 0}


def made(classifier):
    """Return a classifier of the default parameters, of a few steps."""
    if classifier.__name__ in ("StackingClassifier", "VotingClassifier"):
        return classifier([("one", INNER), ("other", SVC())])
    try:
        model = classifier()
    except TypeError:
        return classifier(INNER)
    parameters = model.get_params()
    if "estimator" in parameters and classifier.__name__ == "SelfTrainingClassifier":
        model.set_params(estimator=INNER)
    return model.set_params(**{k: v for k, v in SHORT.items() if k in parameters})


def fitted(model):
    return model.fit(X, TARGETS.get(type(model).__name__, Y))


def is_saved(model, path):
    """Tell whether a model goes into a bundle, out of which it predicts the same."""
    try:
        save(path, model)
    except BundleError as error:
        assert f".{type(model).__name__} holds " in str(error)
        assert not path.exists()
        return False
    loaded = load(path)
    assert type(loaded) is type(model)
    assert repr(loaded) == repr(model)
    assert_array_equal(loaded.predict(X), model.predict(X))
    for method in ("predict_proba", "decision_function"):
        if hasattr(model, method) and getattr(model, "multi_class", "") != "one_vs_one":
            now, before = getattr(loaded, method)(X), getattr(model, method)(X)
            # of other places in memory, sums may be taken in another order
            assert_allclose(now, before, rtol=1e-10, atol=1e-15)
    return True


def named_in_the_guide(opening):
    """Return the classes in a paragraph of the guide."""
    parts = re.split(r"\n\n|\n(?=\*)", GUIDE.read_text(encoding="utf-8"))
    (paragraph,) = (part for part in parts if opening in part)
    return set(re.findall(r":class:`~sklearn\.[\w.]*?(\w+)`", paragraph))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_classifier_is_saved_whole_or_refused_by_name(name, tmp_path):
    saved = is_saved(fitted(made(CLASSIFIERS[name])), tmp_path / "model.scat")
    refused = named_in_the_guide("are refused")
    assert saved == (name not in refused), refused
    unfitted = made(CLASSIFIERS[name])
    save(tmp_path / "unfitted.scat", unfitted)
    assert repr(load(tmp_path / "unfitted.scat")) == repr(unfitted)


def test_guide_names_classifiers_that_there_are():
    assert named_in_the_guide("are refused") <= CLASSIFIERS.keys()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "model",
    [
        *(SGDClassifier(loss=loss) for loss in ("hinge", "log_loss", "modified_huber")),
        *(MLPClassifier(solver=s, max_iter=5) for s in ("adam", "sgd", "lbfgs")),
        *(
            CalibratedClassifierCV(INNER, method=method, ensemble=ensemble)
            for method in ("sigmoid", "isotonic")
            for ensemble in (True, False)
        ),
        KNeighborsClassifier(algorithm="brute"),
        RadiusNeighborsClassifier(5.0, algorithm="brute"),
        AdaBoostClassifier(INNER, n_estimators=2),
        BaggingClassifier(SVC(), n_estimators=2),
        GaussianProcessClassifier(kernels.Matern() + kernels.WhiteKernel()),
        GaussianProcessClassifier(2.0 * kernels.RationalQuadratic() ** 2),
        GaussianProcessClassifier(kernels.DotProduct(), multi_class="one_vs_one"),
        OutputCodeClassifier(INNER, code_size=5, random_state=1),
    ],
    ids=str,
)
def test_common_parameters_go_into_bundles(model, tmp_path):
    assert is_saved(fitted(model), tmp_path / "model.scat")


@pytest.mark.parametrize(
    "model",
    [SGDClassifier(), Perceptron(), SGDRegressor()],
    ids=str,
)
def test_loss_that_is_left_out_is_made_again(model, tmp_path):
    """`partial_fit` goes on where it was."""
    model.set_params(random_state=0).partial_fit(
        X, Y, **({} if isinstance(model, SGDRegressor) else {"classes": [0, 1, 2]})
    )
    save(tmp_path / "model.scat", model)
    loaded = load(tmp_path / "model.scat")
    for one in (model, loaded):
        one.partial_fit(X[::-1], Y[::-1])
    assert_array_equal(loaded.coef_, model.coef_)


def test_one_class_machines_go_into_bundles(tmp_path):
    assert is_saved(SGDOneClassSVM(random_state=0).fit(X), tmp_path / "model.scat")


def test_threshold_that_was_tuned_is_kept(tmp_path):
    model = TunedThresholdClassifierCV(INNER, store_cv_results=True).fit(X, Y % 2)
    save(tmp_path / "model.scat", model)
    assert load(tmp_path / "model.scat").best_threshold_ == model.best_threshold_


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("RandomForestClassifier", "linear and kernel"),
        ("KNeighborsClassifier", "brute"),
    ],
)
def test_refusal_says_what_does_without(name, advice, tmp_path):
    with pytest.raises(BundleError, match=advice):
        save(tmp_path / "model.scat", fitted(made(CLASSIFIERS[name])))


MACHINES = {
    "SVC": SVC(),
    "NuSVC": NuSVC(nu=0.2),
    "SVR": SVR(),
    "NuSVR": NuSVR(),
    "OneClassSVM": OneClassSVM(),
    "precomputed": SVC(kernel="precomputed"),
    "neighbours": KNeighborsClassifier(algorithm="brute"),
    "neighbours of two targets": KNeighborsClassifier(algorithm="brute"),
    "regression": KNeighborsRegressor(algorithm="brute"),
    "clusters": KMeans(3, random_state=0),
}


def machine(name):
    """Return a fitted machine whose arrays compiled code reads, and rows for it."""
    rows = X @ X.T if name == "precomputed" else X
    target = np.stack([Y, Y], axis=1) if "two" in name else Y
    return clone(MACHINES[name]).fit(rows, target), rows


def other_shapes(array):
    """Yield an array's numbers in shapes that it may not have."""
    yield array[:-1]
    yield np.concatenate([array, array])
    if array.ndim == 2:
        yield array[:, :-1]
        yield np.concatenate([array, array], axis=1)
    if array.dtype.kind == "i":
        for number in (-1, 2**31 - 1):
            changed = array.copy()
            changed.flat[0] = number
            yield changed


READ_BY_COMPILED_CODE = {
    *("support_", "support_vectors_", "_n_support", "_dual_coef_", "_intercept_"),
    *("_fit_X", "_y", "cluster_centers_"),
}


@pytest.mark.parametrize("name", MACHINES)
def test_arrays_that_do_not_fit_each_other_are_refused(name, tmp_path):
    """Compiled code would read past their ends."""
    model, rows = machine(name)
    save(tmp_path / "model.scat", model)
    assert_array_equal(load(tmp_path / "model.scat").predict(rows), model.predict(rows))
    tried = 0
    for attribute in sorted(READ_BY_COMPILED_CODE & vars(model).keys()):
        array = getattr(model, attribute)
        for changed in other_shapes(array):
            if array.size == 0 or may_differ(name, attribute, changed, array):
                continue
            changed_model = copy.copy(model)
            setattr(changed_model, attribute, changed)
            save(tmp_path / "changed.scat", changed_model)
            with pytest.raises(BundleError, match="does not fit the rest"):
                load(tmp_path / "changed.scat")
            tried += 1
    assert tried >= 2


def test_arrays_inside_what_is_no_estimator_are_looked_at(tmp_path):
    """The classifiers of `CalibratedClassifierCV` lie in objects of a class apart."""
    inner = KNeighborsClassifier(algorithm="brute")
    model = CalibratedClassifierCV(inner, cv=2).fit(X, Y)
    save(tmp_path / "model.scat", model)
    assert_array_equal(load(tmp_path / "model.scat").predict(X), model.predict(X))
    neighbours = model.calibrated_classifiers_[1].estimator
    neighbours._fit_X = neighbours._fit_X[:0]
    save(tmp_path / "changed.scat", model)
    with pytest.raises(BundleError, match="does not fit the rest"):
        load(tmp_path / "changed.scat")


def test_neighbours_of_no_images_are_refused(tmp_path):
    """Compiled code divides by their number."""
    model = KNeighborsClassifier(algorithm="brute").fit(X, Y)
    model.n_samples_fit_, model._fit_X, model._y = 0, model._fit_X[:0], model._y[:0]
    save(tmp_path / "changed.scat", model)
    with pytest.raises(BundleError, match="n_samples_fit_ of KNeighborsClassifier"):
        load(tmp_path / "changed.scat")


def may_differ(name, attribute, changed, array):
    """Tell a change after which nothing is read past an end."""
    is_free = {
        "clusters": {"cluster_centers_": len(changed) != len(array)},
        "regression": {"_y": changed.shape == array.shape},
    }.get(name, {})
    only_numbers = changed.shape == array.shape and changed.dtype.kind == "i"
    is_unused = attribute == "support_" and name != "precomputed"
    counts = attribute == "_n_support" and name in ("SVR", "NuSVR", "OneClassSVM")
    return is_free.get(attribute, False) or (only_numbers and (is_unused or counts))


def test_generator_that_stands_past_its_numbers_is_refused(tmp_path):
    state = np.random.RandomState(0)
    numbers = state.get_state(legacy=False)
    save(tmp_path / "model.scat", SVC(random_state=state))
    numbers["state"]["pos"] = 10**6
    state.set_state(numbers)
    save(tmp_path / "changed.scat", SVC(random_state=state))
    assert load(tmp_path / "model.scat").random_state.randint(9) >= 0
    with pytest.raises(BundleError, match="a random generator stands at 1000000"):
        load(tmp_path / "changed.scat")
