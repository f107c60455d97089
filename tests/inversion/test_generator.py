"""Images that a decoder makes of whitened scattering coefficients."""

import numpy as np
import pytest
import torch
from sklearn.utils.estimator_checks import parametrize_with_checks

import sklearn_scat
from sklearn_scat import ScatteringTransformer
from sklearn_scat.datasets import load_digits_images
from sklearn_scat.displays import ReconstructionDisplay
from sklearn_scat.inversion import ScatteringGenerator
from sklearn_scat.inversion._decoder import Decoder
from sklearn_scat.inversion._generator import whitening
from sklearn_scat.inversion._sharpness import as_sharp, gradient_energy, nearest


@parametrize_with_checks([ScatteringGenerator(max_epochs=1, width=1)])
@pytest.mark.filterwarnings("ignore:.* features a row are no square image:UserWarning")
@pytest.mark.filterwarnings("ignore:J=2 needs images:UserWarning")
def test_generator_is_an_estimator(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def digits():
    """Digits in [0, 16]: (200, 16, 16)."""
    return load_digits_images().images[:200].reshape(200, 16, 2, 16, 2).mean((2, 4))


@pytest.fixture(scope="module")
def generator(digits):
    scattering = ScatteringTransformer(J=2, L=4)
    return ScatteringGenerator(
        scattering, n_components=20, width=8, max_epochs=20, lr=1e-2, random_state=0
    ).fit(digits)


def test_components_are_white_over_the_training_images(generator, digits):
    z = generator.transform(digits)
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(np.cov(z.T), np.eye(20), atol=1e-3)
    rows = digits.reshape(200, -1)
    np.testing.assert_array_equal(generator.transform(rows), z)


def test_training_brings_images_nearer_than_their_mean(generator, digits):
    made = generator.reconstruct(digits)
    error = np.abs(made - digits).mean()
    assert error < np.abs(digits - digits.mean(axis=0)).mean() / 2
    assert generator.loss_[-1] < generator.loss_[0] / 2
    assert len(generator.loss_) == 20
    np.testing.assert_array_equal(
        generator.inverse_transform(generator.transform(digits)), made
    )


def test_samples_are_images_of_white_noise(generator, digits):
    samples = generator.sample(40, random_state=3)
    z = np.random.RandomState(3).standard_normal((40, 20))
    np.testing.assert_array_equal(samples, generator.generate(z))
    assert samples.shape == (40, 16, 16)
    assert digits.min() <= samples.min() <= samples.max() <= digits.max()
    # as varied as the images, pixel by pixel, and other than these
    assert samples.std(axis=0).mean() > digits.std(axis=0).mean() / 2
    assert nearest(samples, digits).min() > 0


def test_interpolation_is_along_a_line_of_components(generator, digits):
    way = generator.interpolate(digits[0], digits[1], 5, images=digits)

    z = generator.transform(digits[:2])
    middle = generator.generate(z.mean(axis=0, keepdims=True))
    np.testing.assert_allclose(way.image[2], middle[0], atol=1e-3)
    np.testing.assert_allclose(
        way.image[[0, 4]], generator.reconstruct(digits[:2]), atol=1e-3
    )
    np.testing.assert_allclose(way.blend[1], 0.75 * digits[0] + 0.25 * digits[1])
    assert len(ReconstructionDisplay.from_interpolation(way).rows) == 2


def test_same_seed_same_network_and_torch_is_left_alone(digits):
    def fitted(seed):
        made = ScatteringGenerator(max_epochs=1, width=2, random_state=seed)
        return made.fit(digits[:20])

    torch.manual_seed(5)
    before = torch.get_rng_state()
    one, two, other = fitted(0), fitted(0), fitted(1)
    assert torch.equal(torch.get_rng_state(), before)
    for name, weights in one.weights_.items():
        np.testing.assert_array_equal(weights, two.weights_[name])
    assert not np.array_equal(
        one.weights_["last.weight"], other.weights_["last.weight"]
    )


def test_colours_and_odd_sides(rng):
    X = rng.random((6, 3, 9, 20))
    generator = ScatteringGenerator(max_epochs=1, width=2).fit(X)
    assert generator.sample(2).shape == (2, 3, 9, 20)
    assert generator.transform(X).shape == (6, 5)  # six images span five directions
    flat = ScatteringGenerator(max_epochs=1, width=2, image_shape=(3, 9, 20))
    assert flat.fit(X.reshape(6, -1)).sample(1).shape == (1, 3, 9, 20)


def test_saved_generator_makes_the_same_images(generator, tmp_path):
    path = tmp_path / "generator.skops"
    sklearn_scat.save(path, generator)
    z = np.eye(20)
    np.testing.assert_array_equal(
        sklearn_scat.load(path).generate(z), generator.generate(z)
    )


def test_decoder_doubles_its_maps_up_to_the_image():
    decoder = Decoder(5, (1, 28, 28), 4)
    assert decoder.sizes == [(7, 7), (14, 14), (28, 28)]
    assert [block[0].out_channels for block in decoder.blocks] == [16, 8, 4]
    assert decoder(torch.zeros(2, 5)).shape == (2, 1, 28, 28)


def test_whitening_leaves_out_what_does_not_vary(rng):
    S = rng.random((10, 3)) @ rng.random((3, 8))
    assert whitening(S, 6).n_components_ == 3
    assert whitening(S, 2).n_components_ == 2
    assert whitening(np.ones((4, 8)), 6).n_components_ == 1


def test_wrong_vectors_are_refused(generator):
    with pytest.raises(ValueError, match=r"z must have 20 columns.*\(3, 19\)"):
        generator.generate(np.ones((3, 19)))
    with pytest.raises(ValueError, match="one image varies along nothing"):
        ScatteringGenerator().fit(np.ones((1, 16, 16)))


def test_sharpness_of_images_apart_and_of_their_blend():
    x = np.zeros((2, 12, 12))
    x[0, 2:5, 2:5], x[1, 7:10, 7:10] = 1, 1
    energy = gradient_energy(x)
    np.testing.assert_allclose(energy, 12)  # a square of 3 × 3 has 12 sides
    blend = x.mean(axis=0, keepdims=True)
    np.testing.assert_allclose(gradient_energy(blend), energy.mean() / 2)
    # brought to the energy of the images, a blend is further from both
    sharp = as_sharp(blend, energy[:1])
    np.testing.assert_allclose(gradient_energy(sharp), energy[:1])
    assert sharp.mean() == pytest.approx(blend.mean())
    assert nearest(sharp, x)[0] > nearest(blend, x)[0]
    np.testing.assert_array_equal(as_sharp(np.ones((1, 4, 4)), energy[:1]), 1)
