"""Shuffled channels get their order back; the measure says how smooth it is."""

import numpy as np
import pytest

from sklearn_scat import LayerOrganiser, ScatteringTransformer
from sklearn_scat.datasets import load_digits_images, make_textures
from sklearn_scat.questionnaire import relative_variation


@pytest.fixture(scope="module")
def theta_maps():
    """First-order scattering of images, channels by angle: (n, L, J, h, w)."""
    images, _ = make_textures(32, image_shape=(32, 32), random_state=0, rotate=True)
    scattering = ScatteringTransformer(
        J=2, L=12, max_order=1, padding="periodic", output="maps"
    )
    maps = scattering.fit_transform(images)[:, 1:]
    return maps.reshape(32, 2, 12, 8, 8).swapaxes(1, 2)


@pytest.mark.parametrize("seed", range(10))
def test_circle_recovers_shuffled_angles(theta_maps, seed):
    angles = np.random.default_rng(seed).permutation(12)
    organiser = LayerOrganiser("circle").fit(theta_maps[:, angles])
    steps = np.diff(angles[organiser.order_]) % 12
    assert set(steps.tolist()) in ({1}, {11})
    assert organiser.variation_ < 0.8
    assert organiser.variation_ < organiser.variation_before_


def test_circle_does_not_depend_on_the_order_of_channels(theta_maps):
    angles = np.random.default_rng(0).permutation(12)
    direct = LayerOrganiser("circle").fit(theta_maps).order_
    shuffled = angles[LayerOrganiser("circle").fit(theta_maps[:, angles]).order_]
    turned = np.roll(shuffled, -int(np.argmin(shuffled)))
    assert turned.tolist() in (direct.tolist(), [0, *direct[:0:-1].tolist()])


def bumps(n_channels, seed=0):
    """Channels that answer to places on a line, each around its own."""
    rng = np.random.default_rng(seed)
    centres = rng.permutation(n_channels)
    places = rng.uniform(0, n_channels, (300, 1))
    return np.exp(-((places - centres) ** 2) / 8), centres


@pytest.mark.parametrize("geometry", ["line", "tree"])
def test_line_and_tree_put_neighbours_side_by_side(geometry):
    X, centres = bumps(20)
    organiser = LayerOrganiser(geometry).fit(X)
    steps = np.abs(np.diff(centres[organiser.order_]))
    assert steps.mean() < 2.5  # 7 by chance
    assert organiser.variation_ < 0.5


def test_transform_reorders_channels_and_is_inverted(theta_maps):
    organiser = LayerOrganiser("line").fit(theta_maps)
    ordered = organiser.transform(theta_maps)
    np.testing.assert_array_equal(ordered, theta_maps[:, organiser.order_])
    np.testing.assert_array_equal(organiser.inverse_transform(ordered), theta_maps)


def test_rows_and_maps_of_channels_give_the_same_order():
    X = load_digits_images(scale=1, pad=0).images[:50]
    scattering = ScatteringTransformer(J=2, L=4)
    rows = scattering.fit_transform(X)
    n_channels = len(scattering.paths_)
    maps = rows.reshape(50, n_channels, -1)
    by_rows = LayerOrganiser(n_channels=n_channels).fit(rows)
    by_maps = LayerOrganiser().fit(maps)
    assert np.array_equal(by_rows.order_, by_maps.order_)
    ordered = by_maps.transform(maps).reshape(50, -1)
    np.testing.assert_array_equal(by_rows.transform(rows), ordered)


def test_names_follow_the_values():
    X, _ = bumps(6)
    organiser = LayerOrganiser(n_channels=3).fit(X)
    columns = np.arange(6)[None].astype(float)
    names = organiser.get_feature_names_out([f"v{i}" for i in range(6)])
    assert [f"v{int(i)}" for i in organiser.transform(columns)[0]] == names.tolist()


def test_random_orders_have_relative_variation_one():
    X, _ = bumps(12)
    organiser = LayerOrganiser(n_permutations=80).fit(X)
    assert organiser.random_variations_.shape == (80,)
    assert organiser.random_variations_.mean() == pytest.approx(1)


@pytest.mark.parametrize("geometry", ["tree", "line", "circle"])
@pytest.mark.parametrize(
    "X",
    [np.ones((5, 6)), np.arange(6.0)[None], np.eye(4), np.ones((3, 1, 2))],
    ids=["equal", "one sample", "unlike", "one channel"],
)
def test_degenerate_channels_get_some_order(X, geometry):
    organiser = LayerOrganiser(geometry).fit(X)
    assert sorted(organiser.order_) == list(range(X.shape[1]))
    assert np.isfinite(organiser.variation_)


def test_torch_tensors_come_in(theta_maps):
    import torch

    organiser = LayerOrganiser("circle").fit(torch.tensor(theta_maps))
    assert np.array_equal(
        organiser.order_, LayerOrganiser("circle").fit(theta_maps).order_
    )


@pytest.mark.parametrize(
    ("parameters", "shape", "message"),
    [
        ({"n_channels": 4}, (3, 6), "6 values a sample do not divide"),
        ({"n_channels": 4}, (3, 2, 5), "2 channels a sample, but n_channels=4"),
        ({}, (3, 2, 0), "has no values"),
    ],
)
def test_channels_that_do_not_fit_are_refused(parameters, shape, message):
    with pytest.raises(ValueError, match=message):
        LayerOrganiser(**parameters).fit(np.ones(shape))


def test_other_channels_than_those_of_fit_are_refused():
    organiser = LayerOrganiser().fit(np.random.default_rng(0).random((9, 4, 3)))
    with pytest.raises(ValueError, match="has 3 channels, but fit saw 4"):
        organiser.transform(np.ones((2, 3, 4)))


@pytest.mark.parametrize("geometry", ["tree", "line", "circle"])
def test_variation_on_the_circle_alone_counts_the_closing_step(geometry):
    X, _ = bumps(9)
    organiser = LayerOrganiser(geometry, n_permutations=7).fit(X)
    found = relative_variation(
        X.T, organiser.order_, circular=geometry == "circle", n_permutations=7
    )
    other = relative_variation(
        X.T, organiser.order_, circular=geometry != "circle", n_permutations=7
    )
    assert organiser.variation_ == pytest.approx(found.ratio)
    assert organiser.variation_ != pytest.approx(other.ratio)


@pytest.mark.parametrize("geometry", ["tree", "line", "circle"])
def test_means_and_units_of_channels_do_not_matter_to_their_order(geometry):
    X, _ = bumps(15)
    rng = np.random.default_rng(0)
    other = X * rng.uniform(0.5, 2, 15) + rng.uniform(-9, 9, 15)
    orders = [LayerOrganiser(geometry).fit(M).order_.tolist() for M in (X, other)]
    assert orders[0] == orders[1]
