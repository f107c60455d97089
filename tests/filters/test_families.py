"""A family of wavelets is a function of (J, shape, L); a frame normalises any."""

import numpy as np
import pytest
from sklearn.base import clone

from sklearn_scat import RotoTranslationScattering, ScatteringTransformer
from sklearn_scat.cascade import Grid, scattering, wavelet_operators
from sklearn_scat.filters import (
    FAMILIES,
    FilterBank,
    cached_bank,
    littlewood_paley,
    morlet_bank,
)


def shannon(J, shape, L):
    """Return indicator functions of rings and angles, and a Gaussian low-pass."""
    rows, columns = (2 * np.pi * np.fft.fftfreq(n) for n in shape)
    radius = np.hypot(rows[:, None], columns)
    angle = np.mod(np.arctan2(rows[:, None], columns), np.pi)
    rings = [
        (radius > np.pi / 2 ** (j + 1)) & (radius <= np.pi / 2**j) for j in range(J)
    ]
    turns = [np.floor(angle * L / np.pi) == t for t in range(L)]
    psi_hat = np.array([[ring & turn for turn in turns] for ring in rings], float)
    reference = morlet_bank(J, shape, L)
    low = reference.phi_hat_rows, reference.phi_hat_columns
    return FilterBank(psi_hat.reshape(J, L, *shape), *low)


def halved(J, shape, L):
    """Return Morlet wavelets of half the size."""
    bank = morlet_bank(J, shape, L)
    return FilterBank(bank.psi_hat / 2, bank.phi_hat_rows, bank.phi_hat_columns)


@pytest.mark.parametrize("family", [shannon, halved, FAMILIES["morlet"]])
def test_contractive_frame_bounds_any_family(family):
    bank = cached_bank(2, (24, 20), L=4, wavelet=family, frame="contractive")

    assert bank.frame == "contractive"
    assert littlewood_paley(bank).max() <= 1 + 1e-9


def test_estimator_computes_with_the_bank_of_a_function(rng):
    x = rng.normal(size=(3, 16, 20)).astype(np.float32)
    grid = Grid((16, 20), 2)

    S = ScatteringTransformer(L=4, wavelet=shannon, output="maps").fit_transform(x)

    bank = shannon(2, grid.padded, 4)
    expected = scattering(x, wavelet_operators(bank, grid, like=x))
    np.testing.assert_allclose(S, expected, rtol=0, atol=2e-6)


@pytest.mark.parametrize("engine", ["auto", "torch"])
def test_half_the_wavelet_halves_the_coefficients_of_each_order(rng, engine):
    x = rng.normal(size=(3, 256))
    whole = ScatteringTransformer(L=4, pooling="mean", engine=engine).fit(x)
    half = clone(whole).set_params(wavelet=halved).fit(x)

    expected = whole.transform(x) * 0.5 ** whole.paths_["order"]
    np.testing.assert_allclose(half.transform(x), expected, rtol=1e-12)


def test_modules_and_roto_translation_take_a_family(rng):
    import torch

    from sklearn_scat.nn import RotoTranslationScattering2d, Scattering2d

    x = rng.normal(size=(2, 1, 16, 16)).astype(np.float32)
    pairs = [
        (ScatteringTransformer, Scattering2d),
        (RotoTranslationScattering, RotoTranslationScattering2d),
    ]
    for Estimator, Module in pairs:
        S = Estimator(L=4, wavelet=halved, output="maps").fit_transform(x)
        layer = Module(2, (16, 16), L=4, wavelet=halved)(torch.from_numpy(x))
        np.testing.assert_allclose(layer.numpy(), S, rtol=0, atol=2e-6)
        plain = Estimator(L=4, output="maps").fit_transform(x)
        assert np.abs(plain - S).max() > 1e-3


def test_cache_of_features_tells_families_apart(rng, tmp_path):
    x = rng.normal(size=(3, 16, 16))
    model = ScatteringTransformer(L=4, cache=tmp_path)
    results = [
        model.set_params(wavelet=wavelet).fit_transform(x)
        for wavelet in ("morlet", halved, shannon, "morlet", halved)
    ]
    np.testing.assert_array_equal(results[0], results[3])
    np.testing.assert_array_equal(results[1], results[4])
    assert np.abs(results[0] - results[1]).max() > 1e-3
    assert np.abs(results[2] - results[1]).max() > 1e-3


@pytest.mark.parametrize(
    ("wavelet", "message"),
    [
        (lambda J, shape, L: None, "must return a FilterBank.*NoneType"),
        (lambda J, shape, L: morlet_bank(J + 1, shape, L), r"psi_hat of shape \(2, 4,"),
        (
            lambda J, shape, L: FilterBank(
                morlet_bank(J, shape, L).psi_hat + 0j, *np.ones((2, shape[0]))
            ),
            "real psi_hat.*complex128",
        ),
    ],
)
def test_wrong_banks_are_told_in_a_sentence(rng, wavelet, message):
    with pytest.raises(ValueError, match=message):
        ScatteringTransformer(L=4, wavelet=wavelet).fit(rng.normal(size=(1, 16, 16)))


def test_unknown_families_are_refused():
    with pytest.raises(ValueError, match="wavelet"):
        ScatteringTransformer(wavelet="haar").fit(np.zeros((1, 16, 16)))
    with pytest.raises(ValueError, match=r"morlet.*got 'haar'"):
        cached_bank(2, (8, 8), wavelet="haar")


def test_former_name_of_the_frame_gives_the_same_numbers(rng, tmp_path):
    x = rng.normal(size=(2, 16, 16))
    now = ScatteringTransformer(cache=tmp_path).fit(x)
    former = clone(now).set_params(frame="morlet").fit(x)
    assert former._cache_key() == now._cache_key()
    np.testing.assert_array_equal(former.transform(x), now.transform(x))
