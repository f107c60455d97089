"""What every measurement does with its layers."""

import dataclasses

import numpy as np
import pytest

from sklearn_scat import analysis
from sklearn_scat.analysis import rescale

Y = np.tile([0, 1, 2], 12)
FACTORS = {"a": Y, "b": np.repeat(np.arange(12), 3)}
MEASUREMENTS = {
    "contraction": lambda F: analysis.contraction(F, Y),
    "separation": lambda F: analysis.separation(F, Y),
    "lipschitz_quantiles": lambda F: analysis.lipschitz_quantiles(F, np.eye(36)),
    "layer_accuracy": lambda F: analysis.layer_accuracy(F, Y, random_state=0),
    "local_support_vectors": lambda F: analysis.local_support_vectors(F, Y),
    "intrinsic_dimension": lambda F: analysis.intrinsic_dimension(F),
    "variability": lambda F: analysis.variability(F, FACTORS),
    "flattening": lambda F: analysis.flattening(F, Y),
}


@pytest.fixture(params=MEASUREMENTS)
def measure(request):
    return MEASUREMENTS[request.param]


@pytest.fixture
def F(rng):
    return rng.normal(size=(36, 7))


def test_measurements_of_a_layer_do_not_depend_on_the_others(measure, F):
    both = measure({"first": F, "second": F[:, :3]})
    alone = measure(F)
    assert both.layers == ("first", "second") and alone.layers == ("features",)
    for name in both.headline:
        together, single = getattr(both, name), getattr(alone, name)
        assert together.shape[0] == 2 and single.shape[0] == 1
        np.testing.assert_allclose(together[:1], single)


def test_measurements_give_frozen_results(measure, F):
    result = measure(F)
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.layers = ()


def test_measurements_leave_their_input(measure, F):
    before = F.copy()
    F.setflags(write=False)
    measure(F)
    np.testing.assert_array_equal(F, before)


def test_measurements_take_single_precision_and_integers(measure, F):
    first = measure(F.astype(np.float32).astype(np.float64))
    second = measure(F.astype(np.float32))
    for name in first.headline:
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    measure(np.rint(100 * F).astype(int))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_measurements_name_the_layer_that_is_not_finite(measure, F, value):
    broken = F.copy()
    broken[3, 2] = value
    with pytest.raises(ValueError, match=r"F\['second'\]"):
        measure({"first": F, "second": broken})


def test_measurements_refuse_maps_and_no_samples(measure, F):
    with pytest.raises(ValueError, match="dim 3"):
        measure(F.reshape(36, 7, 1))
    with pytest.raises(ValueError, match="0 sample"):
        measure(F[:0])


def test_rescaled_samples_have_mean_squared_distance_one(rng):
    F = {"a": rng.normal(size=(20, 3)) * 50 + 7, "b": rng.normal(size=(20, 1))}
    for values in rescale(F).values():
        apart = np.linalg.norm(values[:, None] - values, axis=2)
        assert np.sum(apart**2) / (20 * 19) == pytest.approx(1)
        np.testing.assert_allclose(values.mean(axis=0), 0, atol=1e-12)


def test_rescaling_undoes_units_and_keeps_isometries(rng):
    F = rng.normal(size=(20, 3))
    turn = np.linalg.qr(rng.normal(size=(5, 3)))[0].T
    np.testing.assert_allclose(
        rescale(3e4 * F @ turn + 1), rescale(F) @ turn, atol=1e-9
    )


def test_rescaling_leaves_constants_alone_and_needs_two_samples():
    np.testing.assert_array_equal(rescale([[2.0], [2.0]]), [[0], [0]])
    with pytest.raises(ValueError, match="minimum of 2"):
        rescale([[2.0]])
