"""The shape of an image is stated, read off the array, or inferred with care."""

import re
import warnings

import numpy as np
import pytest

from sklearn_scat import ScatteringTransformer


def noise(*shape):
    return np.random.default_rng(0).random(shape, np.float32)


def fitted_shape(X, **parameters):
    scattering = ScatteringTransformer(**{"J": 1} | parameters).fit(X)
    return scattering.image_shape_


@pytest.mark.parametrize("side", [4, 8, 28, 33])
def test_rows_of_a_square_length_are_squares(side):
    assert fitted_shape(noise(2, side**2)) == (side, side)


@pytest.mark.parametrize("shape", [(8, 12), (3, 8, 12), (1, 8, 12), (5, 8, 12)])
def test_shape_is_that_of_the_array(shape):
    assert fitted_shape(noise(2, *shape)) == shape


@pytest.mark.parametrize("shape", [(4, 16), (16, 4), (1, 8, 8), (4, 4, 4)])
@pytest.mark.parametrize("kind", [tuple, list, np.array])
def test_stated_shape_holds_for_rows(shape, kind):
    came = fitted_shape(noise(2, 64), image_shape=kind(shape))
    assert came == shape
    assert all(type(n) is int for n in came)


@pytest.mark.parametrize("side", [8, 32, 96])
def test_rows_that_look_like_colour_are_refused(side):
    message = f"looks like {side}x{side} RGB; pass image_shape=(3, {side}, {side})"
    with pytest.raises(ValueError, match=re.escape(message)):
        fitted_shape(noise(2, 3 * side**2))
    shape = (3, side, side)
    assert fitted_shape(noise(2, 3 * side**2), image_shape=shape) == shape


@pytest.mark.parametrize("n", [2, 3, 5, 12, 3 * 7**2, 300 + 1])
def test_other_rows_are_one_line_with_a_warning(n):
    message = f"{n} features a row .* taken for a 1x{n} image. Pass image_shape"
    with pytest.warns(UserWarning, match=message):
        assert fitted_shape(noise(2, n), J=0) == (1, n)


@pytest.mark.parametrize("shape", [(32, 20, 3), (32, 20, 1), (32, 20, 4)])
def test_channels_last_are_refused(shape):
    message = r"channels last.*X.transpose\(0, 3, 1, 2\).*image_shape="
    with pytest.raises(ValueError, match=message + re.escape(str(shape))):
        fitted_shape(noise(2, *shape))


def test_channels_last_can_be_meant():
    shape = (32, 20, 3)
    assert fitted_shape(noise(2, *shape), image_shape=shape) == shape


@pytest.mark.parametrize("shape", [(3, 20, 3), (1, 20, 4), (4, 20, 3)])
def test_narrow_images_with_channels_first_are_taken(shape):
    assert fitted_shape(noise(2, *shape)) == shape


def test_channels_last_are_refused_after_a_fit():
    scattering = ScatteringTransformer().fit(noise(2, 3, 32, 20))
    with pytest.raises(ValueError, match=r"\(32, 20, 3\).*\(3, 32, 20\).*transpose"):
        scattering.transform(noise(2, 32, 20, 3))


@pytest.mark.parametrize(
    ("fitted", "given"),
    [
        ((8, 16), (8, 99)),
        ((8, 16), (16, 8)),
        ((8, 16), (4, 32)),
        ((3, 8, 16), (8, 16, 3)),
        ((3, 8, 16), (24, 16)),
        ((8, 16), (3, 8, 16)),
        ((4, 8, 8), (2, 8, 16)),
    ],
)
def test_images_of_another_shape_are_refused(fitted, given):
    scattering = ScatteringTransformer().fit(noise(3, *fitted))
    message = f"X has images of shape {given}, but fit saw {fitted}."
    with pytest.raises(ValueError, match=re.escape(message)):
        scattering.transform(noise(3, *given))


@pytest.mark.parametrize("n", [1, 63, 65, 128, 192])
def test_rows_of_another_length_are_refused(n):
    for X in (noise(3, 64), noise(3, 8, 8)):
        scattering = ScatteringTransformer().fit(X)
        with pytest.raises(ValueError, match=f"X has {n} features.*expecting 64"):
            scattering.transform(noise(3, n))


@pytest.mark.parametrize("stated", [(3, 8, 8), (8, 9), (4, 4)])
def test_stated_shape_must_fit_the_rows(stated):
    message = f"image_shape={stated} has {np.prod(stated)} values, but X has 64"
    with pytest.raises(ValueError, match=re.escape(message)):
        fitted_shape(noise(2, 64), image_shape=stated)


@pytest.mark.parametrize("stated", [(3, 8, 8), (16, 4), (64, 1)])
def test_stated_shape_must_fit_the_stack(stated):
    message = f"X has images of shape (8, 8), but image_shape={stated}."
    with pytest.raises(ValueError, match=re.escape(message)):
        fitted_shape(noise(2, 8, 8), image_shape=stated)


@pytest.mark.parametrize(
    "stated", [(8,), (1, 1, 8, 8), (0, 64), (-8, -8), (8.0, 8.0), ("8", "8"), ()]
)
@pytest.mark.parametrize("given", [(64,), (8, 8)])
def test_malformed_image_shape_is_refused(stated, given):
    message = r"image_shape must be \(H, W\) or \(C, H, W\) .*; got "
    with pytest.raises(ValueError, match=message + re.escape(repr(stated))):
        fitted_shape(noise(2, *given), image_shape=stated)


@pytest.mark.parametrize("stated", ["88", 8, 8.0])
def test_image_shape_that_is_no_array_is_refused(stated):
    with pytest.raises(ValueError, match="'image_shape' parameter"):
        fitted_shape(noise(2, 64), image_shape=stated)


@pytest.mark.parametrize(
    ("n", "J", "lowered"), [(1, 2, 0), (4, 2, 1), (9, 2, 1), (9, 30, 1), (1, 1, 0)]
)
def test_J_gives_way_to_tiny_inferred_images(n, J, lowered):
    scattering = ScatteringTransformer(J=J)
    with pytest.warns(UserWarning, match=f"J={J} .* lowered to {lowered}; pass image"):
        scattering.fit(noise(2, n))
    assert (scattering.J, scattering.J_) == (J, lowered)
    assert scattering.paths_["j1"].max() == lowered - 1


def test_J_gives_way_to_lists_of_tiny_rows():
    with pytest.warns(UserWarning, match="lowered to 1"):
        assert ScatteringTransformer().fit(noise(2, 9).tolist()).J_ == 1


@pytest.mark.parametrize("n", [1, 4, 9, 16])
def test_J_that_fits_is_kept_in_silence(n):
    largest = int(np.log2(np.sqrt(n)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ScatteringTransformer(J=largest).fit(noise(2, n)).J_ == largest


@pytest.mark.parametrize(
    ("X", "parameters"),
    [
        (noise(2, 3, 3), {}),
        (noise(2, 3, 3).tolist(), {}),
        (noise(2, 1, 3, 3), {}),
        (noise(2, 9), {"image_shape": (3, 3)}),
        (noise(2, 2, 64), {"J": 3, "oversampling": 1}),
        (noise(2, 16), {"J": 3}),
        (noise(2, 64), {"J": 4}),
        (noise(2, 8, 31), {"J": 4}),
        (noise(2, 31, 31), {"J": 5}),
    ],
)
def test_J_beyond_the_image_is_an_error_that_names_the_largest(X, parameters):
    scattering = ScatteringTransformer(**parameters)
    side = min(parameters.get("image_shape", np.shape(X)[-2:]))
    if np.ndim(X) == 2:
        side = int(np.sqrt(np.shape(X)[1]))
    largest = int(np.log2(side))
    message = rf"J={scattering.J} .* largest\s+J for this size is {largest}\."
    with pytest.raises(ValueError, match=message):
        scattering.fit(X)
    assert scattering.set_params(J=largest).fit(X).J_ == largest


@pytest.mark.filterwarnings("ignore:J=2 needs images:UserWarning")
@pytest.mark.filterwarnings("ignore:.* features a row are no square:UserWarning")
@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 9])
@pytest.mark.parametrize("engine", ["auto", "torch"])
def test_tiny_rows_are_averaged(n, engine):
    scattering = ScatteringTransformer(max_order=0, engine=engine)
    S = scattering.fit_transform(np.full((2, n), 3, np.float32))
    # At J = 1 the low-pass filter of the published networks sums to 1 + 1.3e-5.
    np.testing.assert_allclose(S, 3, rtol=2e-5)
