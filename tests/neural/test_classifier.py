"""Networks as classifiers: the contract of scikit-learn, and training as it should."""

import copy
import pickle
import signal

import joblib
import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import Pipeline
from skorch.callbacks import Callback, EarlyStopping

from sklearn_scat import ImageClassifier, ScatteringTransformer
from sklearn_scat.nn import Hybrid, Scattering2d, SmallCNN, scat_cnn

X, Y = load_digits(return_X_y=True)
X = X.astype(np.float32)
X.flags.writeable = False
X_TEST, Y_TEST = X[1000:1400], Y[1000:1400]
SMALL = {"module__width": 8, "random_state": 0}


@pytest.fixture(scope="module")
def fitted():
    return ImageClassifier(max_epochs=5, module__width=16, random_state=0).fit(
        X[:300], Y[:300]
    )


def test_network_learns_fifty_images_by_heart():
    net = ImageClassifier(max_epochs=15, random_state=0, module__width=16)
    assert net.fit(X[:50], Y[:50]).score(X[:50], Y[:50]) == 1


def test_network_generalizes(fitted):
    assert fitted.score(X_TEST, Y_TEST) > 0.8
    losses = [epoch["train_loss"] for epoch in fitted.history_]
    assert len(losses) == 5
    assert losses[-1] < losses[0] / 2


@pytest.mark.parametrize("augment", [None, ("crop", "rotate"), "strong"])
def test_same_seed_gives_the_same_network(augment):
    net = ImageClassifier(max_epochs=2, augment=augment, module__dropout=0.3, **SMALL)
    one, other = (clone(net).fit(X[:60], Y[:60]) for _ in range(2))
    for name, array in one.weights_.items():
        assert_array_equal(array, other.weights_[name], name)
    another = net.set_params(random_state=1).fit(X[:60], Y[:60])
    assert np.any(another.predict_proba(X[:5]) != one.predict_proba(X[:5]))


def test_state_of_torch_and_numpy_is_left_alone():
    torch.manual_seed(3)
    states = [torch.get_rng_state(), np.random.get_state()[1]]  # noqa: NPY002
    with torch.no_grad():
        net = ImageClassifier(max_epochs=1, augment="strong", **SMALL)
        net.fit(X[:30], Y[:30]).predict(X[:3])
        assert not torch.is_grad_enabled()
    assert_array_equal(torch.get_rng_state(), states[0])
    assert_array_equal(np.random.get_state()[1], states[1])  # noqa: NPY002
    assert torch.get_default_dtype() == torch.float32


@pytest.mark.parametrize(
    "labels", [list("abcdefghij"), range(-50, 50, 10), np.arange(10) / 1.0]
)
def test_labels_of_any_kind_come_back(labels, fitted):
    labels = np.array(labels)
    net = clone(fitted).fit(X[:300], labels[Y[:300]])
    assert_array_equal(net.classes_, np.unique(labels))
    assert_array_equal(net.predict(X_TEST), labels[fitted.predict(X_TEST)])


def test_one_class_is_certain():
    net = ImageClassifier(max_epochs=1, **SMALL).fit(X[:9], ["yes"] * 9)
    assert_array_equal(net.predict_proba(X[:3]), np.ones((3, 1)))
    assert net.predict(X[:3]).tolist() == ["yes"] * 3


def test_two_classes_are_decided_by_one_number():
    few = Y < 2
    net = ImageClassifier(max_epochs=2, **SMALL).fit(X[few], Y[few])
    decisions, probabilities = net.decision_function(X), net.predict_proba(X)
    assert_allclose(decisions, np.log(probabilities[:, 1] / probabilities[:, 0]))
    assert_array_equal(net.predict(X), (decisions > 0).astype(int))


def test_probabilities_agree(fitted):
    probabilities = fitted.predict_proba(X_TEST)
    assert_allclose(probabilities.sum(axis=1), 1)
    assert_allclose(fitted.predict_log_proba(X_TEST), np.log(probabilities))
    largest = fitted.decision_function(X_TEST).argmax(axis=1)
    assert_array_equal(fitted.classes_[largest], fitted.predict(X_TEST))


def test_dtype_and_form_of_images_change_little(fitted):
    expected = fitted.predict_proba(X_TEST)
    forms = (
        X_TEST.astype(float),
        X_TEST.astype(np.uint8),
        X_TEST.reshape(-1, 8, 8),
        torch.tensor(X_TEST).reshape(-1, 1, 8, 8),
    )
    for form in forms:
        assert_allclose(fitted.predict_proba(form), expected, rtol=1e-3, atol=1e-6)


def test_training_takes_a_memory_map_of_bytes(tmp_path, fitted):
    np.save(tmp_path / "X.npy", X[:300].astype(np.uint8))
    rows = np.load(tmp_path / "X.npy", mmap_mode="r")
    net = clone(fitted).fit(rows, Y[:300])
    assert_array_equal(net.predict(X_TEST), fitted.predict(X_TEST))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_none_are_refused(value, fitted):
    bad = X[:20].copy()
    bad[3, 3] = value
    for method in (lambda: clone(fitted).fit(bad, Y[:20]), lambda: fitted.predict(bad)):
        with pytest.raises(ValueError, match=r"NaN|infinity"):
            method()


@pytest.mark.parametrize(
    "duplicate",
    [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))],
    ids=["deepcopy", "pickle"],
)
def test_duplicates_give_the_same_bits(duplicate, fitted):
    double = duplicate(fitted)
    assert_array_equal(double.predict_proba(X_TEST), fitted.predict_proba(X_TEST))


def test_fitted_state_is_plain(fitted):
    assert all(type(array) is np.ndarray for array in fitted.weights_.values())
    values = [value for epoch in fitted.history_ for value in epoch.values()]
    assert {type(value) for value in values} <= {int, float, bool}
    assert b"torch" not in pickle.dumps(fitted)


def test_clone_carries_the_networks_parameters():
    net = ImageClassifier(SmallCNN, module__width=4, optimizer__betas=(0.8, 0.9))
    double = clone(net)
    assert double.get_params() == net.get_params()
    assert double.set_params(module__width=6, lr=0.1).get_params()["module__width"] == 6
    assert net.get_params()["module__width"] == 4
    assert "module__width=4" in repr(net)


def test_network_is_told_classes_shape_and_channels():
    seen = []

    def module(n_classes, shape, in_channels, *, width):
        seen.append((n_classes, shape, in_channels, width))
        return SmallCNN(n_classes, width=width)

    net = ImageClassifier(module, image_shape=(2, 4, 8), max_epochs=1, module__width=4)
    net.fit(X[:20], Y[:20] % 3)
    assert seen == [(3, (4, 8), 2, 4)]


def test_parts_of_a_network_have_parameters_of_their_own():
    net = ImageClassifier(
        Hybrid,
        module__scattering=Scattering2d,
        module__scattering__J=1,
        module__head=SmallCNN,
        module__head__width=4,
        max_epochs=1,
    )
    module = net.fit(X[:20], Y[:20] % 3).to_torch()
    assert module.scattering.grid.J == 1
    assert module.head.conv1.weight.shape == (4, 9, 3, 3)
    assert module.head.classifier.out_features == 3


def test_given_network_is_trained_as_a_copy():
    module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 10))
    before = copy.deepcopy(module.state_dict())
    net = ImageClassifier(module, lr=0, weight_decay=0, max_epochs=1)
    weights = net.fit(X[:20], np.arange(20) % 10).weights_
    assert_array_equal(weights["1.weight"], before["1.weight"])
    net.set_params(lr=0.01).fit(X[:20], np.arange(20) % 10)
    assert np.any(net.weights_["1.weight"] != before["1.weight"].numpy())
    assert_array_equal(module.state_dict()["1.weight"], before["1.weight"])


def test_trained_network_computes_the_scores(fitted):
    with torch.no_grad():
        scores = fitted.to_torch()(torch.tensor(X_TEST).reshape(-1, 1, 8, 8))
    expected = fitted.decision_function(X_TEST)
    assert_allclose(scores.numpy(), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"module__breadth": 3}, r"has no parameter 'breadth'; it has \['dropout'"),
        ({"breadth": 3}, "has no parameter 'breadth'"),
        ({"module": SmallCNN(4), "module__width": 3}, "is a network already"),
        ({"module": SmallCNN(4)}, "wait for a first batch.*pass the class"),
        (
            {"module": SmallCNN, "module__n_classes": 4},
            r"scores of shape \(1, 4\).*should be \(1, 10\)",
        ),
        ({"module": dict}, "made a dict, not a torch module"),
        ({"lr": 1e30, "optimizer": "sgd"}, "not finite after training. Take a lr"),
        ({"batch_size": 0}, "The 'batch_size' parameter"),
        ({"augment": "turn"}, "The 'augment' parameter"),
        ({"augment": ["turn"]}, "'turn'"),
    ],
)
def test_what_cannot_be_is_said(params, message):
    net = ImageClassifier(max_epochs=1, **params)
    with pytest.raises((ValueError, TypeError, KeyError), match=message):
        net.fit(X[:40], Y[:40])


def test_parameters_changed_after_fit_are_not_mixed_up(fitted):
    changed = copy.deepcopy(fitted).set_params(module__width=4)
    with pytest.raises(ValueError, match="changed after fit"):
        changed.predict(X[:2])


@pytest.mark.parametrize("change", ["one missing", "one more"])
def test_weights_of_another_network_are_refused(fitted, change):
    """Where shapes agree, names do not."""
    changed = copy.deepcopy(fitted)
    if change == "one missing":
        changed.weights_.popitem()
    else:
        changed.weights_["of another"] = np.zeros(3, np.float32)
    with pytest.raises(ValueError, match="do not fit the network"):
        changed.predict(X[:2])


class Interrupt(Callback):
    """Presses Ctrl-C in the third epoch."""

    def on_batch_begin(self, net, training=False, **kwargs):
        if training and len(net.history) == 3:
            signal.raise_signal(signal.SIGINT)


def test_interruption_leaves_what_was_learned_and_is_raised():
    net = ImageClassifier(max_epochs=9, callbacks=[Interrupt], **SMALL)
    with pytest.raises(KeyboardInterrupt):
        net.fit(X[:300], Y[:300])
    assert len(net.history_) == 2
    assert net.score(X_TEST, Y_TEST) > 0.5


def raise_in_a_helper():
    raise KeyboardInterrupt


class Enough(Callback):
    """Has seen enough after two epochs, and says so in one of several ways."""

    def __init__(self, way):
        self.way = way

    def on_epoch_end(self, net, **kwargs):
        if len(net.history) == 2 and self.way == "one line": raise KeyboardInterrupt  # noqa: E701  # fmt: skip
        if len(net.history) == 2 and self.way == "helper":
            raise_in_a_helper()
        if len(net.history) == 2 and self.way == "no source":
            exec("raise KeyboardInterrupt")


@pytest.mark.parametrize("way", ["one line", "helper", "no source"])
def test_callbacks_end_the_training_however_they_say_so(way):
    net = ImageClassifier(max_epochs=9, callbacks=[Enough(way)], **SMALL)
    assert len(net.fit(X[:100], Y[:100]).history_) == 2


def test_handler_of_interruptions_is_put_back():
    before = signal.getsignal(signal.SIGINT)
    ImageClassifier(max_epochs=1, **SMALL).fit(X[:50], Y[:50])
    assert signal.getsignal(signal.SIGINT) is before


def test_stopping_early_needs_images_to_validate_on():
    net = ImageClassifier(callbacks=[EarlyStopping()], **SMALL)
    with pytest.raises(ValueError, match=r"EarlyStopping.*validation_fraction"):
        net.fit(X[:50], Y[:50])
    watching = EarlyStopping(monitor="train_loss")
    ImageClassifier(callbacks=[watching], max_epochs=2, **SMALL).fit(X[:50], Y[:50])


def test_callbacks_are_called_as_copies_and_stop_early():
    stopping = EarlyStopping(patience=1, threshold=10)
    net = ImageClassifier(
        max_epochs=9, callbacks=[stopping], validation_fraction=0.2, **SMALL
    )
    net.fit(X[:100], Y[:100])
    assert len(net.history_) < 9
    assert {"valid_loss", "valid_acc"} <= net.history_[0].keys()
    assert stopping.misses_ == 0


def test_validation_images_are_not_learned_from():
    seen = []
    net = ImageClassifier(
        max_epochs=1,
        validation_fraction=0.5,
        augment=lambda x: (seen.append(x), x)[1],
        **SMALL,
    )
    net.fit(X[:60], Y[:60])
    assert sum(map(len, seen)) == 30


@pytest.mark.parametrize("fraction", [None, 0.3])
def test_weights_of_images_do_what_weights_of_their_classes_do(fraction):
    images, y = X[:100], Y[:100] % 2
    settings = {"max_epochs": 2, "validation_fraction": fraction, **SMALL}
    of_class = ImageClassifier(class_weight={0: 3, 1: 1}, **settings).fit(images, y)
    weight = np.where(y == 0, 3.0, 1.0)
    of_image = ImageClassifier(**settings).fit(images, y, sample_weight=weight)
    plain = ImageClassifier(**settings).fit(images, y)
    scores = of_image.decision_function(images)
    assert_allclose(scores, of_class.decision_function(images), rtol=1e-4)
    assert np.abs(plain.decision_function(images) - scores).max() > 0.01


def test_image_of_weight_0_has_no_part():
    images, y = X[:100], Y[:100] % 2
    weight = np.ones(len(y))
    weight[::5] = 0
    network = ImageClassifier(max_epochs=2, batch_size=16, **SMALL)
    fitted = clone(network).fit(images, y, sample_weight=weight)
    without = clone(network).fit(images[weight > 0], y[weight > 0])
    assert_allclose(
        fitted.decision_function(images), without.decision_function(images), rtol=1e-4
    )


def test_class_weights_move_the_decision():
    rng = np.random.default_rng(0)
    noise, labels = rng.normal(size=(200, 4)), np.arange(200) % 2
    net = ImageClassifier(class_weight={0: 100, 1: 1}, max_epochs=5, **SMALL)
    assert np.mean(net.fit(noise, labels).predict(noise) == 0) > 0.8


@pytest.mark.parametrize("schedule", ["one_cycle", "cosine", "steps", None])
def test_rate_follows_the_schedule(schedule):
    rates = []

    class Watch(Callback):
        def on_batch_end(self, net, **kwargs):
            rates.append(net.optimizer_.param_groups[0]["lr"])

    net = ImageClassifier(
        schedule=schedule,
        callbacks=[("watch", Watch())],
        max_epochs=4,
        lr=0.01,
        **SMALL,
    )
    net.fit(X[:80], Y[:80])
    assert len(rates) == 40
    assert max(rates) == pytest.approx(0.01)
    assert (rates[-1] < 0.001) == (schedule is not None)


def test_features_computed_once_are_a_step_of_a_searched_pipeline():
    pipeline = Pipeline(
        [
            ("scattering", ScatteringTransformer(output="maps")),
            ("net", ImageClassifier(max_epochs=1, **SMALL)),
        ]
    )
    grid = {
        "scattering__J": [1, 2],
        "net__module__width": [4, 8],
        "net__lr": [1e-3, 1e-2],
    }
    search = GridSearchCV(pipeline, grid, cv=StratifiedKFold(2), error_score="raise")
    search.fit(X[:60], Y[:60])
    assert len(set(search.cv_results_["mean_test_score"])) > 2
    net = search.best_estimator_["net"]
    assert net.image_shape_[0] == len(search.best_estimator_["scattering"].paths_)


def test_scattering_inside_the_network_is_searched():
    net = ImageClassifier(scat_cnn, max_epochs=2, augment="crop", **SMALL)
    search = GridSearchCV(net, {"module__J": [1, 2]}, cv=2, error_score="raise")
    assert search.fit(X[:60], Y[:60]).score(X_TEST, Y_TEST) > 0.2


def test_same_features_inside_and_before_give_the_same_network():
    settings = {"max_epochs": 2, **SMALL}
    inside = ImageClassifier(scat_cnn, module__J=1, **settings).fit(X[:60], Y[:60])
    maps = ScatteringTransformer(J=1, output="maps").fit_transform(X)
    head = ImageClassifier(image_shape=(9, 4, 4), **settings).fit(maps[:60], Y[:60])
    assert_allclose(
        head.predict_proba(maps[:60]),
        inside.predict_proba(X[:60]),
        rtol=1e-2,
        atol=1e-4,
    )


def test_pipeline_with_a_network_survives_joblib(tmp_path):
    pipeline = Pipeline(
        [
            ("scattering", ScatteringTransformer(J=1, output="maps")),
            ("net", ImageClassifier(max_epochs=1, **SMALL)),
        ]
    ).fit(X[:60], Y[:60])
    joblib.dump(pipeline, tmp_path / "model")
    loaded = joblib.load(tmp_path / "model")
    assert_array_equal(loaded.predict_proba(X_TEST), pipeline.predict_proba(X_TEST))


def test_half_precision_trains(fitted):
    net = clone(fitted).set_params(mixed_precision=True).fit(X[:300], Y[:300])
    assert net.score(X_TEST, Y_TEST) > 0.8
    assert net.weights_["conv1.weight"].dtype == np.float32
